"""Licences in feeds are found by entry, and an entry without one has the feed's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiders.discovery.feed_licenses import licenses_of
from spiders.discovery.feeds import read_feed

RSS = b"""<rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl"><channel><title>Post</title>
<item><title>Ferry</title><link>https://post.example/a</link>
 <rsl:content url="https://post.example/a"><rsl:license>
 <rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license></rsl:content></item>
<item><title>Bridge</title><link>https://post.example/b</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/"/>
<entry><title>Ferry</title><link href="https://post.example/a"/></entry>
<entry><title>Bridge</title><link href="https://post.example/b"/>
 <link rel="license" href="https://post.example/own"/></entry></feed>"""


def test_terms_of_an_entry_reach_its_hints() -> None:
    ferry, bridge = read_feed(RSS, "https://post.example/rss").entries
    assert "ai-train" in (ferry.hints("rss").license or "")
    assert bridge.license is None


def test_an_entry_without_a_licence_has_the_feeds() -> None:
    ferry, bridge = read_feed(ATOM, "https://post.example/atom").entries
    assert ferry.license == "https://creativecommons.org/licenses/by/4.0/"
    assert bridge.license == "https://post.example/own"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(body: bytes) -> None:
    licenses_of(body + b'"license"')
