"""Article bodies that a page carries outside its visible text: JSON-LD and script state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

from lxml import html

MAX_SCRIPT = 3_000_000  # characters; larger scripts are applications, not articles
MIN_PARAGRAPH = 60  # characters of a string in script state that can be a paragraph
MIN_BODY = 400  # characters that make script state worth reading at all
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<\s*(?:/\s*(?:p|div|li|h[1-6]|blockquote|ul|ol|tr)|br\s*/?)\s*>", re.IGNORECASE)
_ASSIGNED = re.compile(r"""(?:window\.[\w$.]+|self\.__next_f\.push|var\s+[\w$]+)\s*[=(]\s*(?=[\[{"])""")
_URL_OR_CODE = re.compile(r"^(?:https?:|data:|/|\.|#|\{|\[|function|@|<svg)|[{};]\s|=>")
_BODY_KEYS = re.compile(r"body|content|text|paragraph|article|value|html|children", re.IGNORECASE)


def plain(markup: str) -> str:
    """Text of a fragment of HTML, one paragraph a line. Plain text comes back as it was, entities resolved."""
    if "&lt;" in markup:
        markup = unescape(markup)
    if "<" in markup:
        markup = _TAG.sub("", _BREAK.sub("\n", markup))
    return unescape(markup).replace("\r", "\n").strip()


def json_ld_body(tree: html.HtmlElement) -> str:
    """The longest articleBody of the page's JSON-LD, as plain text; "" where there is none."""
    best = ""
    for script in tree.iter("script"):
        text = script.text
        if not text or "articleBody" not in text or len(text) > MAX_SCRIPT or "json" not in (script.get("type") or ""):
            continue
        for key, value in _strings(_loads(text)):
            if key == "articleBody" and len(value) > len(best):
                best = value
    return plain(best)


def state_body(tree: html.HtmlElement) -> list[str]:
    """Paragraphs of prose in the state that scripts carry (``__NEXT_DATA__`` and its like), in their order.

    Read only where the page itself shows next to no prose. The script with most prose wins; repeated paragraphs
    count once.
    """
    best: list[str] = []
    for script in tree.iter("script"):
        text = script.text
        if not text or not MIN_BODY < len(text) <= MAX_SCRIPT or "ld+json" in (script.get("type") or ""):
            continue
        start = text.lstrip()[:1]
        if start not in ("{", "["):
            match = _ASSIGNED.search(text)
            if match is None:
                continue
            text = text[match.end() :]
        found = _paragraphs(_loads(text))
        if sum(map(len, found)) > max(MIN_BODY, sum(map(len, best))):
            best = found
    return best


def _paragraphs(value: object) -> list[str]:
    found: dict[str, None] = {}
    for key, string in _strings(value):
        if len(string) < MIN_PARAGRAPH or not _BODY_KEYS.search(key):
            continue
        for line in plain(string).split("\n"):
            text = line.strip()
            if len(text) >= MIN_PARAGRAPH and text.count(" ") * 12 >= len(text) and not _URL_OR_CODE.search(text[:200]):
                found[text] = None
    return list(found)


def _loads(text: str) -> object:
    """The JSON value at the start of a script; None where there is none."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _strings(value: object) -> Iterator[tuple[str, str]]:
    """All strings of a JSON value in document order, each with the nearest key above it."""
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        key, item = stack.pop()
        if isinstance(item, str):
            yield key, item
        elif isinstance(item, dict):
            stack.extend((k, v) for k, v in reversed(item.items()))
        elif isinstance(item, list):
            stack.extend((key, v) for v in reversed(item))
