"""Path patterns match as RFC 9309 says, and cover pages whether they are paths or addresses."""

from __future__ import annotations

import time

import pytest

from cleaning.rights.path_patterns import covers, matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/anything", True),
        ("/fish", "/fish.html", True),
        ("/fish", "/Fish", False),
        ("/fish*", "/fishheads/yummy.html?id=1", True),
        ("/*.php$", "/folder/file.php", True),
        ("/*.php$", "/file.php?x=1", False),
        ("/fish*.php", "/fishheads/catfish.php?id=1", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*", "/", True),
        ("/*/x$", "/x", False),
    ],
)
def test_a_pattern_matches_as_the_standard_shows(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_a_hostile_pattern_costs_no_time() -> None:
    began = time.process_time()
    matches("/" + "a*" * 20_000 + "$", "/" + "a" * 50_000 + "b")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/news/*", True),
        ("news/", True),
        ("*.html$", True),
        ("https://post.example/news/", True),
        ("https://POST.example", True),
        ("https://other.example/news/", False),
        ("https://post.example/sport/", False),
        ("http://[", False),
    ],
)
def test_a_pattern_covers_a_page_by_its_path_or_by_its_address(pattern: str, expected: bool) -> None:
    assert covers(pattern, "https://post.example/news/ferry.html") is expected
