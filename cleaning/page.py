"""From the bytes of a response to one parsed tree: media type, character set, limits.

Each page is parsed once; extraction, metadata and blocks all read the same tree.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np
from lxml import etree, html

from cleaning import limits
from cleaning.attributes import bounded_attributes
from cleaning.records import Reason

# enough for the head's declarations; WHATWG (html, "prescan a byte stream") reads 1024, real pages place them later
PRESCAN_BYTES = 4096
# for bytes that declare nothing; a larger sample adds time, not certainty
SAMPLE_BYTES = 32_768
META_CHARSET = re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]+?encoding\s*=\s*["']([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|article|div|p|meta|title|script|section|main|h1|table|span|a)\b",
    re.IGNORECASE,
)
HTML_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "application/xml",
    "text/xml",
    "text/plain",
    "application/octet-stream",
)
# the WHATWG Encoding Standard reads these labels as their Windows supersets
WHATWG_LABELS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "utf8": "utf-8", "unicode": "utf-8", "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip
# Python lists these as text encodings too; no page is written in them, and some fail on bytes they cannot read
NO_CHARSETS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7")
MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x00\x18ftyp",
    b"\x00\x00\x00\x20ftyp",
)
# control characters that no XML tree may contain, as bytes of UTF-8: everything below space but tab, line feed, form
# feed, return
CONTROL_BYTES = bytes([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F])
# form feed is white space in HTML, but lxml raises when text that contains it is moved, as drop_tree does
TO_SPACE = bytes.maketrans(b"\x0c", b" ")
# the same characters, and U+FFFE and U+FFFF, as references: libxml2 from 2.14 on puts them into the tree
NO_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])(?![0-9a-f]));?",
    re.IGNORECASE,
)
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# an entity that is not one of HTML's is left as text; a DTD that defines its own could blow up, so it is disabled
# before parsing; searched from its second character on, since one rare byte is found several times faster than a string
ENTITY = re.compile(rb"!(?<=<!)(?:ENTITY|entity)")
INTERNAL_DTD = re.compile(rb"<!DOCTYPE[^>\[]*\[.*?\]\s*>|<!ENTITY[^>]*>", re.IGNORECASE | re.DOTALL)


# the same as lxml.html's own look-up except for forms, which nobody asks for; that one is Python and runs once per
# element
ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
# in C, level by level: a walk in Python takes five times as long
TOO_DEEP = etree.XPath("boolean(/" + "/".join(["*"] * (limits.MAX_DEPTH + 1)) + ")")
COUNT = etree.XPath("count(//*)")
# An article that a script shows from a template, as on Blogger's pages, stands once more beside it for readers without
# scripts. Other fallbacks are counters' pictures, menus and pleas to switch scripts on.
FALLBACKS = etree.XPath("//body//script[@type='text/template']/following-sibling::*[1][self::noscript]")
SHOWN = etree.XPath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
# in characters; a fallback that begins like text which is shown anyway repeats it
OPENING = 60


class PageError(Exception):
    """A page that cannot be read, with the named reason and the evidence."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page as one tree."""

    tree: html.HtmlElement
    encoding: str
    flags: tuple[str, ...] = ()  # wrong-charset: the declared character set is not the one the bytes use


def decode(body: bytes, content_type: str | None) -> tuple[str, str, bool]:
    """Bytes as text, the encoding used, and whether that differs from the declared one.

    Order: byte order mark; UTF-8 if the bytes are valid UTF-8 with multi-byte sequences (other charsets practically
    never produce that by chance); the HTTP header; the page's own declaration; detection by charset_normalizer;
    windows-1252.
    """
    for mark, encoding in zip(BOMS, ("utf-8", "utf-16-le", "utf-16-be"), strict=True):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding, False
    stated = _declared(body, content_type)
    text = body.decode("utf-8", "replace")
    # a page truncated by a limit, or with one broken byte pair in 50 kB, is still UTF-8
    if text.count("\ufffd") * 2000 < len(text) or (stated[:1] == ["utf-8"] and "\ufffd" not in text[:-1]):
        return text, "utf-8", bool(stated) and stated[0] != "utf-8"
    for name in stated:
        if name == "utf-8":
            continue
        try:
            return body.decode(name), name, False
        except UnicodeDecodeError:
            text = body.decode(name, "replace")
            if text.count("\ufffd") * 200 < len(text):
                return text, name, False
    from charset_normalizer import from_bytes  # noqa: PLC0415  few pages need it, and it loads for .05 s

    best = from_bytes(body[:SAMPLE_BYTES]).best()
    name = best.encoding if best is not None else "cp1252"
    return body.decode(name, "replace"), name, bool(stated) and name not in stated


def _codec(label: str) -> str | None:
    """The Python codec of a label as browsers read it (WHATWG Encoding Standard); None for an unknown one."""
    label = label.strip().lower()
    label = WHATWG_LABELS.get(label, label)
    try:
        name = codecs.lookup(label).name if codecs.lookup(label)._is_text_encoding else None
    except LookupError:
        return None
    return None if name in NO_CHARSETS else name


def as_utf8(body: bytes, content_type: str | None) -> tuple[bytes, str, bool]:
    """The page in UTF-8 without control characters, its original encoding, and whether that differs from the declared
    one."""
    text = None
    if not body.startswith(BOMS):
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            text = None
    if text is not None and (text.isascii() or ("\ufffe" not in text and "\uffff" not in text)):
        # the common case: the bytes are used as they are
        declared = _declared(body, content_type)
        name = "utf-8" if not text.isascii() else declared[0] if declared else "ascii"
        clean = _without_controls(body)
        return clean, name, name == "utf-8" and declared[:1] not in ([], ["utf-8"])
    text, encoding, wrong = decode(body, content_type)
    text = text.replace("\ufffe", "").replace("\uffff", "")
    return _without_controls(text.encode("utf-8", "ignore")), encoding, wrong


def _without_controls(data: bytes) -> bytes:
    """UTF-8 without control characters; nearly every page has none, and counting is faster than copying."""
    codes, count = np.frombuffer(data, np.uint8), np.count_nonzero
    low = count(codes < ord(" "))
    if low == sum(count(codes == ord(c)) for c in "\n\t\r") and not count(codes == 0x7F):
        return data
    return data.translate(TO_SPACE, CONTROL_BYTES)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Encodings that the header and the page's own declarations name, without unknown ones."""
    head = body[:PRESCAN_BYTES]
    names = [_codec(found[1]) for found in [HEADER_CHARSET.search(content_type or "")] if found]
    names += [
        _codec(found[1].decode("ascii")) for found in (META_CHARSET.search(head), XML_CHARSET.search(head)) if found
    ]
    return [name for name in names if name]


def check_type(body: bytes, content_type: str | None) -> None:
    """Reject anything that is not HTML.

    Raises:
        PageError: empty, not-html or too-large.
    """
    if not body or body.isspace():
        raise PageError(Reason.EMPTY, "the response has no body")
    if len(body) > limits.MAX_BYTES:
        raise PageError(Reason.TOO_LARGE, f"{len(body):,} bytes, the limit is {limits.MAX_BYTES:,}")
    media = (content_type or "").split(";")[0].strip().lower()
    head = body[:PRESCAN_BYTES]
    if media and media not in HTML_TYPES:
        raise PageError(Reason.NOT_HTML, f"content type {media}")
    if head.startswith(MAGIC):
        raise PageError(Reason.NOT_HTML, f"starts like a binary file: {head[:8]!r}")
    if head.lstrip()[:1] in (b"{", b"[") and not MARKUP.search(head):
        raise PageError(Reason.NOT_HTML, "starts like JSON")
    sparse = head.replace(b"\x00", b"") if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else head
    if not MARKUP.search(sparse) and not MARKUP.search(body[: 16 * PRESCAN_BYTES]):
        raise PageError(Reason.NOT_HTML, "no HTML tag at its start")


def parse(body: bytes, content_type: str | None = None) -> Parsed:
    """Parse a page into one tree, within limits.

    Raises:
        PageError: empty, not-html, too-large, too-deep or unreadable.
    """
    check_type(body, content_type)
    data, encoding, wrong = as_utf8(body, content_type)
    if ENTITY.search(data):
        data = INTERNAL_DTD.sub(b"", data)
    data = bounded_attributes(NO_REFERENCE.sub(b" ", data))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    parser.set_element_class_lookup(ELEMENTS)
    try:
        tree = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise PageError(Reason.UNREADABLE, f"the parser gives up: {str(error)[:200]}") from error
    _check_shape(tree)
    _show_fallbacks(tree)
    return Parsed(tree, encoding, ("wrong-charset",) if wrong else ())


def _show_fallbacks(tree: html.HtmlElement) -> None:
    """Make text of what readers without scripts are shown in place of a template, as newsmill is one of them."""
    fallbacks = FALLBACKS(tree)
    if not isinstance(fallbacks, list) or not fallbacks:
        return
    texts = SHOWN(tree)
    shown = " ".join(" ".join(map(str, texts)).split()) if isinstance(texts, list) else ""
    for fallback in fallbacks:
        if isinstance(fallback, etree._Element):
            text = " ".join("".join(map(str, fallback.itertext())).split())
            if text[:OPENING] not in shown:
                fallback.tag = "div"


def _check_shape(tree: html.HtmlElement) -> None:
    """Reject trees that would exhaust recursion or time."""
    if TOO_DEEP(tree):
        raise PageError(Reason.TOO_DEEP, f"elements nested more than {limits.MAX_DEPTH} deep")
    count = COUNT(tree)
    if isinstance(count, float) and count > limits.MAX_ELEMENTS:
        raise PageError(Reason.TOO_LARGE, f"{count:,.0f} elements, the limit is {limits.MAX_ELEMENTS:,}")
