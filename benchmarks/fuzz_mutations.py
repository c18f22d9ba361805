"""Ways to spoil a page: each takes bytes of HTML and gives worse ones. Seeded: the same seed, the same pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TypeAlias

from cleaning.records import RawPage

Mutator: TypeAlias = Callable[[Random, bytes], bytes]

NESTABLE = (
    "div", "span", "b", "a", "p", "ul", "table", "blockquote", "font", "section", "svg", "math", "select", "button",
    "object", "form", "h1", "li", "td",
)  # fmt: skip
# names that pages may state; Python knows most of them as codecs, some of which fail in endpoints of their own
CHARSETS = (
    "utf-16", "utf-32", "utf-7", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "base64",
    "rot13", "hex", "zlib", "mbcs", "x-user-defined", "iso-2022-jp", "hz", "cp65001", "utf-8-sig", "koi8-r",
    "windows-1251", "big5", "euc-jp", "shift_jis", "none", "",
)  # fmt: skip
BYTES = (
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf5\x80\x80\x80",
    b"\x80" * 50,
    b"\xef\xbb\xbf",
)
DATES = (
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-00-00", "+275760-09-13", "2026-02-30T25:61:61Z",
    "2026-01-01T00:00:00+99:99", "1e999", "-1", "99999999999999999999", "2026-W99-9", "\u0661\u0662/\u0663/2026", "now",
    "12:00", "2026-07-20T08:15:00.123456789123456789Z", "T", "\x00", "2026-07-20T24:00:00Z", "20 Jul " * 5000,
)  # fmt: skip
ADDRESSES = (
    "http://[::1", "http://a:99999/", "http://a:b/", "//", "javascript:alert(1)", "data:text/html,x", "http://\u2100/",
    "http://xn--/", "http://" + "a." * 5000, "http://ex ample/%zz%", "\\\\host\\x", "http://user:pass@h/", "?", "#", "",
    "http://\u200b.localhost/", "https://h/" + "%25" * 50_000,
)  # fmt: skip
TEXTS = (
    "a" * 200_000 + "!", "By " + "Ann Lee and " * 20_000, " \t" * 200_000, "\u00a0" * 100_000, "2026-01-01 " * 30_000,
    "http://" * 30_000, '"' * 100_000, "\u202e\u2066" * 20_000, "e" + "\u0301" * 100_000, "\u4e2d" * 100_000,
    "\U0001f600" * 50_000, "\ufdfa" * 20_000, ". " * 100_000, "Read more: " * 20_000, "(" * 50_000,
    "1,000.00 " * 30_000, "<" * 100_000, "&" * 100_000, "Photo: " * 30_000, "\u0e01" * 100_000, "A.B." * 50_000,
    "- " * 100_000,
)  # fmt: skip


def _at(rng: Random, body: bytes, what: bytes) -> bytes:
    """Put something in, at a tag or anywhere."""
    place = rng.randrange(len(body) + 1)
    if rng.random() < 0.7:
        place = max(body.find(b"<", place), 0)
    return body[:place] + what + body[place:]


def cut(rng: Random, body: bytes) -> bytes:
    """End anywhere, or lose a piece from the middle."""
    first, second = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
    return body[:first] if rng.random() < 0.5 else body[:first] + body[second:]


def nest(rng: Random, body: bytes) -> bytes:
    """Up to 10,000 elements inside each other, of one tag or of two that libxml2 closes for each other."""
    tags = rng.sample(NESTABLE, rng.choice((1, 1, 2)))
    return _at(rng, body, "".join(f"<{tag}>" for tag in tags).encode() * rng.choice((50, 300, 390, 2_000, 10_000)))


def break_encoding(rng: Random, body: bytes) -> bytes:
    """Bytes that are no UTF-8, here and there."""
    for _ in range(rng.randrange(1, 60)):
        body = _at(rng, body, rng.choice(BYTES))
    return body


def mix_charsets(rng: Random, body: bytes) -> bytes:
    """Half of the page in another character set, and a statement that fits neither."""
    half = rng.randrange(len(body) + 1)
    text = body[half:].decode("utf-8", "replace")
    body = body[:half] + text.encode(rng.choice(("utf-16", "cp1251", "shift_jis", "utf-32", "utf-7")), "replace")
    return f"<meta charset={rng.choice(CHARSETS)}>".encode() + body


def state_charset(rng: Random, body: bytes) -> bytes:
    """A character set that no page should state, and a byte that makes it matter."""
    return f'<html><meta charset="{rng.choice(CHARSETS)}">'.encode() + break_encoding(rng, body)


def huge_attribute(rng: Random, body: bytes) -> bytes:
    """One attribute of a megabyte, or 20,000 attributes."""
    name = rng.choice(("class", "style", "href", "id", "content", "datetime", "itemprop", "onclick", "data-x"))
    if rng.random() < 0.3:
        return _at(rng, body, b"<div " + b" ".join(b"a%d=%d" % (n, n) for n in range(20_000)) + b">")
    value = rng.choice(("x", "article body ", "related-", "display:none;", "/%41")) * rng.choice((1_000, 80_000))
    return _at(rng, body, f'<{rng.choice(("div", "a", "meta", "time", "p", "img"))} {name}="{value}">'.encode())


def nuls(rng: Random, body: bytes) -> bytes:
    """NUL and other control bytes."""
    for _ in range(rng.randrange(1, 40)):
        body = _at(rng, body, rng.choice((b"\x00", b"\x00" * 1000, b"\x0b\x0c\x1b", b"\x7f\x80\x9f", b"\x1a")))
    return body


def entities(rng: Random, body: bytes) -> bytes:
    """Entities that grow (the billion laughs), that stand for no character, or that never end."""
    laughs = b"<!DOCTYPE html [<!ENTITY a 'ha'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    bad = b"&#0;&#1;&#12;&#x1f;&#xFFFE;&#65535"
    bad += b"&#x110000;&#xD800;&#99999999999999;&#x;&;&amp;amp;&notanentity;&lt;script&gt;"
    choice = rng.randrange(3)
    if choice == 0:
        return laughs + b"]><p>&j;</p>" + body
    return _at(rng, body, bad * rng.choice((1, 2_000)) if choice == 1 else b"&amp;" * 50_000)


def duplicate(rng: Random, body: bytes) -> bytes:
    """A tag of the page, many times; or the page in itself."""
    if rng.random() < 0.3:
        return _at(rng, body, body[: rng.randrange(len(body) + 1)][:300_000])
    start = body.find(b"<", rng.randrange(len(body) + 1))
    end = body.find(b">", start)
    return _at(rng, body, (body[start : end + 1] or b"<body>")[:500] * rng.choice((2, 100, 3_000)))


def unclose(rng: Random, body: bytes) -> bytes:
    """Quotation marks and tags that never end."""
    for _ in range(rng.randrange(1, 20)):
        place = body.find(rng.choice((b'"', b">", b"</")), rng.randrange(len(body) + 1))
        if place >= 0:
            body = body[:place] + body[place + 1 :]
    return _at(
        rng, body, rng.choice((b'<a href="', b"<p class='", b"<", b"</", b"<title>", b"<textarea>", b"<script>"))
    )


def siblings(rng: Random, body: bytes) -> bytes:
    """Up to 100,000 neighbours, alike or each different."""
    count = rng.choice((1_000, 10_000, 30_000, 100_000))
    one = rng.choice(
        ("<p>%d</p>", "<li><a href='/%d'>Story of the day</a></li>", "<br>%d", "<meta name=author content='Ann %d'>",
         "<time datetime=2026-01-01>%d</time>", "<p>The council met again for the %dth time, said the mayor.</p>",
         "<h1>Title %d</h1>", "<td>%d</td>", "<a rel=author>Ann %d</a>", "<span>%d</span>",
         "<div class=byline>By %d</div>",
         "<script type='application/ld+json'>{\"@type\": \"Person\", \"name\": \"%d\"}</script>")
    )  # fmt: skip
    return _at(rng, body, "".join(one % n for n in range(count)).encode())


def paragraphs(rng: Random, body: bytes) -> bytes:
    """Thousands of paragraphs of prose, each different, each holding words of the others: bait for quadratic loops."""
    words = ("the", "council", "of", "harbour", "and", "quay", "will", "rebuild", "a", "wall", "for", "ferries")
    made = [
        f"<p>{' '.join(rng.choices(words, k=rng.randrange(9, 40)))} {n}.</p>"
        for n in range(rng.choice((500, 3_000, 10_000)))
    ]
    return _at(rng, body, "".join(made).encode())


def comments(rng: Random, body: bytes) -> bytes:
    """Comments, CDATA and declarations: unclosed, nested, wrongly closed."""
    some = (
        b"<!--",
        b"-->",
        b"<!-->",
        b"--!>",
        b"<![CDATA[",
        b"]]>",
        b"<!--[if IE]>",
        b"<?php ",
        b"<?xml version='1.0'?>",
    )
    for _ in range(rng.randrange(1, 12)):
        body = _at(rng, body, rng.choice((*some, b"<!DOCTYPE x SYSTEM 'file:///x'>", b"<!" * 5_000)))
    return body


def flip(rng: Random, body: bytes) -> bytes:
    """Random bytes changed: 1 in 10,000 to 1 in 50."""
    spoiled = bytearray(body)
    for _ in range(max(1, int(len(body) * rng.choice((0.0001, 0.001, 0.02))))):
        if spoiled:
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
    return bytes(spoiled)


def json_ld(rng: Random, body: bytes) -> bytes:
    """JSON-LD that is cut, nested deep, or has values of the wrong kind everywhere."""
    odd: tuple[object, ...] = (
        None, 5, 1e308, True, [], {}, [[]], [None, 1, {"@type": []}], {"name": {"name": [1]}}, "\ud800", "x" * 100_000,
        {"@value": None}, {"@id": "#1"}, [{"@type": "Person", "name": None}], *DATES, *ADDRESSES,
    )  # fmt: skip
    keys = (
        "headline", "author", "datePublished", "dateModified", "articleBody", "articleSection", "keywords", "image",
        "publisher", "inLanguage", "url", "isAccessibleForFree", "mainEntityOfPage", "hasPart", "description", "name",
        "@id", "@type", "@graph", "creator", "isPartOf", "wordCount",
    )  # fmt: skip
    node: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Quay rebuilt"}
    for key in rng.sample(keys, rng.randrange(1, len(keys))):
        node[key] = rng.choice(odd)
    text = json.dumps(rng.choice((node, [node], {"@graph": [node, {"@graph": node}]})))
    depth = rng.choice((100, 900, 100_000))
    deep = rng.choice(('{"@graph":[', "[", '{"author":', '{"mainEntity":{"hasPart":'))
    text = rng.choice(
        (text, text, text, text[: rng.randrange(len(text))], deep * depth, deep * depth + text, "9" * 100_000,
         f'{{"@type": "NewsArticle", "articleBody": "{"words " * 50_000}"}}', text.replace('"', "'"), f"/*x*/{text};")
    )  # fmt: skip
    return _at(rng, body, f'<script type="application/ld+json">{text}</script>'.encode("utf-8", "surrogatepass"))


def head(rng: Random, body: bytes) -> bytes:
    """Dates, addresses and languages in the head that mean nothing."""
    made = []
    for _ in range(rng.randrange(1, 8)):
        name = rng.choice(
            ("article:published_time", "article:modified_time", "date", "og:url", "og:image", "author", "og:title",
             "robots", "tdm-reservation", "keywords", "og:locale", "description", "article:author", "news_keywords")
        )  # fmt: skip
        made.append(f'<meta property="{name}" name="{name}" content="{rng.choice((*DATES, *ADDRESSES, *TEXTS))}">')
    made.append(f'<link rel="{rng.choice(("canonical", "amphtml", "alternate"))}" href="{rng.choice(ADDRESSES)}">')
    made.append(f"<base href='{rng.choice(ADDRESSES)}'><time datetime='{rng.choice(DATES)}'>{rng.choice(DATES)}</time>")
    language = rng.choice(("x" * 5_000, "zz-ZZ", "", "\u0627", "en_US.UTF-8"))
    return f'<html lang="{language}">{"".join(made)}'.encode("utf-8", "replace") + body


def long_text(rng: Random, body: bytes) -> bytes:
    """A line that never ends, of what patterns repeat over."""
    tag = rng.choice(("p", "h1", "title", "a", "figcaption", "time", "li", "span class=byline", "td", "script", "pre"))
    text = rng.choice(TEXTS) + rng.choice(("", "x", "!"))
    return _at(rng, body, f"<{tag}>{text}</{tag.split()[0]}>".encode("utf-8", "replace"))


MUTATORS: tuple[Mutator, ...] = (
    cut, nest, break_encoding, mix_charsets, state_charset, huge_attribute, nuls, entities, duplicate, unclose,
    siblings, paragraphs, comments, flip, json_ld, json_ld, head, head, long_text,
)  # fmt: skip


def mutate(page: RawPage, seed: str) -> tuple[RawPage, list[str]]:
    """A page with one to three faults, sometimes also under a strange address or media type; and the faults' names."""
    rng = Random(seed)
    body = page.body
    names = []
    for mutator in rng.sample(MUTATORS, rng.choice((1, 1, 2, 3))):
        body = mutator(rng, body)
        names.append(mutator.__name__)
    if rng.random() < 0.1:
        charset = rng.choice(CHARSETS)
        page = replace(page, content_type=f"text/html; charset={charset}")
        names.append(f"header {charset}")
    if rng.random() < 0.1:
        page = replace(page, url=rng.choice(ADDRESSES))
        names.append("address")
    return replace(page, body=body), names
