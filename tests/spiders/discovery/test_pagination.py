"""The next page of a list, by the numbers in addresses."""

from __future__ import annotations

import pytest

from spiders.discovery.pagination import next_page, numbered, page_number

HOME = "https://post.example"


@pytest.mark.parametrize(
    ("url", "number"),
    [
        (f"{HOME}/news/", 1),
        (f"{HOME}/news/page/2/", 2),
        (f"{HOME}/news/page3/", 3),
        (f"{HOME}/news/?paged=4", 4),
        (f"{HOME}/news?page=5", 5),
    ],
)
def test_the_page_number_is_told_from_the_rest_of_the_address(url: str, number: int) -> None:
    assert page_number(url) == (f"{HOME}/news", number)


def test_the_next_page_is_the_same_list_one_number_on() -> None:
    links = [f"{HOME}/", f"{HOME}/sport/page/2/", f"{HOME}/news/page/9/", f"{HOME}/news/page/2/", "http://[bad"]
    assert next_page(f"{HOME}/news/", links) == f"{HOME}/news/page/2/"
    assert next_page(f"{HOME}/news/page/2/", links) is None
    assert next_page(f"{HOME}/news/?sort=new&page=2", [f"{HOME}/news/?sort=new&page=3"]) is not None


def test_a_page_of_a_query_is_counted_on() -> None:
    assert numbered(f"{HOME}/feed/", "paged") == f"{HOME}/feed/?paged=2"
    assert numbered(f"{HOME}/feed/?paged=2", "paged") == f"{HOME}/feed/?paged=3"
    assert numbered(f"{HOME}/feed/?paged=9999", "paged") is None
    assert numbered(f"{HOME}/feed/?paged=²", "paged") is None
