"""Sitemaps, sitemap indexes and Google's news extension (sitemaps.org, 0.9), streamed. Pure.

Uses lxml's incremental parser, because it continues after a fault, and never resolves an entity or loads a DTD.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from spiders.discovery.feeds import iso_moment, join
from spiders.discovery.listing import Child, Fault, Listing, ListingEntry

# The protocol's own limits: 50 MB unpacked, 50,000 entries.
MAX_BYTES = 52_428_800
ENTRIES_MAX = 50_000
_PIECE = 1 << 16
# How publishing systems name the sitemaps of what is no post: WordPress, Yoast, All in One SEO and Rank Math, Ghost,
# Google XML Sitemaps. Each lists lists, or pages outside the news; the posts are in other files of the same index.
_NO_POSTS = re.compile(
    r"/(?:wp-sitemap-(?:taxonomies|users|posts-page)-[\w-]*\d+|(?:category|post_tag|tag|author|page|post_format)-sitemap\d*"
    r"|sitemap-(?:tags?|authors?|categor(?:y|ies)|pages?|tax-[\w-]+|pt-page-[\w-]+|authors-[\w-]+))\.xml(?:\.gz)?$",
    re.IGNORECASE,
)


def read_sitemap(body: bytes, url: str) -> Listing:
    """Read a sitemap or an index, gzipped or not, complete or broken."""
    source = _Capped(body)
    entries: list[ListingEntry] = []
    children: list[Child] = []
    fault, detail = None, None
    parser = etree.iterparse(
        source,
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for kind, fields in _items(parser):
            link = fields.get("loc")
            if not link:
                continue
            if kind == "sitemap":
                children.append(Child(join(url, link), iso_moment(fields.get("lastmod"))))
            else:
                entries.append(_entry(join(url, link), fields))
            if len(entries) + len(children) >= ENTRIES_MAX:
                break
    except etree.XMLSyntaxError as error:
        fault, detail = Fault.MALFORMED, str(error)[:200]
    errors = [one for one in parser.error_log if one.level >= etree.ErrorLevels.ERROR]
    if errors and fault is None:
        fault, detail = Fault.MALFORMED, f"line {errors[0].line}: {errors[0].message}"[:200]
    if source.fault is not None:
        fault, detail = source.fault, source.detail
    if not entries and not children and fault is None:
        fault = Fault.EMPTY
    return Listing(tuple(entries), tuple(children), fault=fault, detail=detail)


def lists_no_posts(url: str) -> bool:
    """Whether a sitemap, by its name, lists taxonomies, authors or pages outside the news."""
    try:
        return _NO_POSTS.search(urlsplit(url).path) is not None
    except ValueError:  # no address: the guard names it
        return False


def read_text_sitemap(body: bytes, url: str) -> Listing:
    """Read a sitemap with one address per line."""
    lines = (line.strip() for line in body.decode("utf-8-sig", "replace").splitlines())
    links = [line for line in lines if line.startswith(("http://", "https://"))][:ENTRIES_MAX]
    return Listing(tuple(ListingEntry(join(url, link)) for link in links), fault=None if links else Fault.EMPTY)


def unpack(body: bytes, limit: int) -> bytes:
    """The first ``limit`` bytes of a body, gzipped or not; for detecting the format."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:limit]
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, limit)
    except zlib.error:
        return b""


class _Capped(io.RawIOBase):
    """A body as a stream, decompressed as it is read, up to the protocol's limit; a truncated one yields what it
    has."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if body.startswith(b"\x1f\x8b") else None
        self._stream = io.BytesIO(body)
        self._packed = b""
        self._left = MAX_BYTES
        self.fault: Fault | None = None
        self.detail: str | None = None

    def read(self, size: int = -1) -> bytes:
        wanted = _PIECE if size < 0 else min(size, _PIECE)
        piece = self._next(min(wanted, max(self._left, 1)))
        if piece and self._left <= 0:
            self.fault, self.detail = Fault.TOO_LARGE, f"more than {MAX_BYTES} bytes unpacked"
            self._stream = io.BytesIO()
            return b""
        self._left -= len(piece)
        return piece

    def _next(self, wanted: int) -> bytes:
        if self._unpacker is None:
            return self._stream.read(wanted)
        piece = b""
        while not piece and not self._unpacker.eof and self.fault is None:
            packed = self._packed or self._stream.read(_PIECE)
            try:
                piece = self._unpacker.decompress(packed, wanted)
            except zlib.error as error:
                self.fault, self.detail = Fault.TRUNCATED, str(error)
            self._packed = self._unpacker.unconsumed_tail
            if not packed and not piece and not self._unpacker.eof:
                self.fault, self.detail = Fault.TRUNCATED, "the compressed data ends early"
        return piece


def _items(parser: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """("url" or "sitemap", its elements' texts by local name), in order; memory stays that of one entry."""
    fields: dict[str, str] = {}
    for _event, element in parser:
        tag = element.tag
        if not isinstance(tag, str):
            continue
        name = tag.rpartition("}")[2].lower()
        if name in ("url", "sitemap"):
            yield name, fields
            fields = {}
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
        elif name in ("loc", "lastmod", "publication_date", "title", "keywords"):
            space = tag.rpartition("}")[0].lower()
            # <image:loc> and <video:title> describe the page's media, not the page.
            if element.text and "image" not in space and "video" not in space:
                fields.setdefault(name, element.text.strip())


def _entry(url: str, fields: dict[str, str]) -> ListingEntry:
    published: datetime | None = iso_moment(fields.get("publication_date"))
    keywords = tuple(word for piece in fields.get("keywords", "").split(",") if (word := piece.strip()))
    return ListingEntry(url, fields.get("title"), published, iso_moment(fields.get("lastmod")), tags=keywords)


def children_with_posts(index: Listing) -> list[Child]:
    """The sitemaps of an index without those of tags, authors and pages; all of them where nothing else is left."""
    return [child for child in index.children if not lists_no_posts(child.url)] or list(index.children)
