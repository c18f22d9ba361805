"""Reads whatever a discovery address serves: the format is decided by the bytes, not by what was declared. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from spiders.discovery.feeds import read_feed, read_json_feed
from spiders.discovery.listing import Fault, Listing
from spiders.discovery.post_lists import read_posts
from spiders.discovery.sitemaps import read_sitemap, read_text_sitemap, unpack

# Enough for an XML declaration, a stylesheet, a long comment and the root element.
_HEAD = 4_096
_SITEMAP = re.compile(rb"<([a-z0-9]+:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<([a-z0-9]+:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(!doctype html|html|head|body)[\s>]", re.IGNORECASE)
_POSTS = re.compile(rb"\[\s*[{\]]")
_LISTED = re.compile(rb"<([a-z0-9]+:)?loc[\s>]", re.IGNORECASE)


def read_listing(body: bytes, url: str) -> Listing:
    """Read a feed or sitemap, whichever it turns out to be; a broken one yields what can be salvaged and a named
    fault."""
    head = unpack(body, _HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        return Listing(fault=Fault.TRUNCATED if body.startswith(b"\x1f\x8b") else Fault.EMPTY)
    if _HTML.search(head) and not _SITEMAP.search(head) and not _FEED.search(head):
        return Listing(fault=Fault.HTML, detail=_title(head))
    reader = _reader(head)
    if reader is not None:
        try:
            return reader(body, url)
        except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
            # The libraries that read feeds raise these for some broken ones; a listing costs its source no other.
            return Listing(fault=Fault.MALFORMED, detail=f"{type(error).__name__}: {error}"[:200])
    return Listing(fault=Fault.UNKNOWN, detail=repr(head[:60]))


def _reader(head: bytes) -> Callable[[bytes, str], Listing] | None:
    if _SITEMAP.search(head):
        return read_sitemap
    if _FEED.search(head):
        return lambda body, url: read_feed(_whole(body), url)
    if _POSTS.match(head):
        return lambda body, url: read_posts(_whole(body), url)
    if head.startswith(b"{"):
        return lambda body, url: read_json_feed(_whole(body), url)
    if head.startswith((b"http://", b"https://")):
        return lambda body, url: read_text_sitemap(_whole(body), url)
    # The root element is cut off or misspelt, yet there are entries.
    return read_sitemap if _LISTED.search(head) else None


def _whole(body: bytes) -> bytes:
    return unpack(body, 10_000_000) if body.startswith(b"\x1f\x8b") else body


def _title(head: bytes) -> str | None:
    match = re.search(rb"<title[^>]*>([^<]{1,100})", head, re.IGNORECASE)
    return match[1].decode("utf-8", "replace").strip() if match else None
