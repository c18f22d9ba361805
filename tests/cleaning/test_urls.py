"""One story, one URL, one id."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.urls import article_id, canonical_url, credible_canonical, host_of

SAME = "https://example.com/news/storm-hits-harbour"


@pytest.mark.parametrize(
    "variant",
    [
        "http://www.example.com/news/storm-hits-harbour/",
        "HTTPS://EXAMPLE.com:443/news/storm-hits-harbour#comments",
        "https://m.example.com/news/storm-hits-harbour?utm_source=x&utm_medium=y&fbclid=1",
        "https://amp.example.com/news/storm-hits-harbour",
        "https://example.com/news/storm-hits-harbour/amp/",
        "https://example.com/amp/news/storm-hits-harbour?amp=1",
        "https://example.com/news/../news/./storm%2Dhits%2dharbour",
        "https://www.example.com/news//storm-hits-harbour?outputType=amp",
        "https://example-com.cdn.ampproject.org/c/s/example.com/news/storm-hits-harbour",
        "https://www.google.com/amp/s/www.example.com/news/storm-hits-harbour",
        " https://example.com/news/storm-hits-harbour?ref=rss ",
    ],
)
def test_variants_of_one_address_become_one(variant: str) -> None:
    assert canonical_url(variant) == SAME


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.com/?p=12", "https://example.com/?p=13"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://news.example.com/a", "https://sport.example.com/a"),
        ("https://example.com/a?page=2", "https://example.com/a"),
        ("http://post.localhost:8001/a", "http://post.localhost:8002/a"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
    ],
)
def test_different_stories_stay_different(first: str, second: str) -> None:
    assert canonical_url(first) != canonical_url(second)


def test_parameters_that_mean_something_stay_in_a_fixed_order() -> None:
    assert canonical_url("https://e.org/s?b=2&a=1&gclid=9&b=2") == "https://e.org/s?a=1&b=2"


def test_a_site_with_a_port_keeps_scheme_and_port() -> None:
    assert canonical_url("http://the-post.localhost:8377/a/?utm_x=1") == "http://the-post.localhost:8377/a"
    assert host_of("http://www.the-post.localhost:8377/a") == "the-post.localhost"


def test_what_is_no_web_address_comes_back() -> None:
    assert canonical_url(" /some/file name.html ") == "/some/file name.html"
    assert host_of("file.html") == ""
    assert canonical_url("http://[broken") == "http://[broken"


@pytest.mark.parametrize("host", ["www.com", "m.me", "amp.dev", "mobile.de"])
def test_a_label_that_is_the_registered_name_itself_stays(host: str) -> None:
    assert host_of(f"https://{host}/a") == host


def test_ids_are_128_bits_of_the_canonical_url() -> None:
    assert article_id(SAME) == article_id(canonical_url("http://www.example.com/news/storm-hits-harbour/?fbclid=2"))
    assert len(article_id(SAME)) == 32
    assert article_id(SAME) != article_id(SAME + "s")


@pytest.mark.parametrize(
    ("page", "stated", "expected"),
    [
        ("https://example.com/a?x=1", "https://www.example.com/a", "https://example.com/a"),
        ("https://example.com/a", "/b?utm_source=1", "https://example.com/b"),
        ("https://example.com/a", "https://elsewhere.org/a", None),  # another site
        ("https://example.com/a", "https://example.com/", None),  # every page points at the front page
        ("https://example.com/a", "", None),
        ("https://example.com/a", "javascript:void(0)", None),
        ("https://de.example.com/a", "https://www.example.com/a", "https://example.com/a"),
        ("page.html", "https://example.com/a", "https://example.com/a"),  # a file has no address of its own
    ],
)
def test_a_stated_canonical_is_believed_on_the_same_site_only(page: str, stated: str, expected: str | None) -> None:
    assert credible_canonical(page, stated) == expected


HOSTS = st.sampled_from(["example.com", "WWW.Example.co.uk", "m.post.localhost:8080", "пример.рф", "amp.m.www.a.org"])
PATHS = st.text(string.ascii_letters + string.digits + "/.-_~%?&=+:@!$'(),;#äñ 漢", max_size=40)


@settings(deadline=None)
@given(HOSTS, PATHS, st.sampled_from(["http", "https", "HTTP"]))
def test_the_canonical_form_is_stable(host: str, path: str, scheme: str) -> None:
    once = canonical_url(f"{scheme}://{host}/{path}")
    assert canonical_url(once) == once


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_string_breaks_it(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once
    host_of(text)
    credible_canonical("https://example.com/a", text)
