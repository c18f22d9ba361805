"""Article bodies that a page carries outside its visible text: JSON-LD, script state, the head."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape

from lxml import html

from cleaning.blocks.script_state import CALLED, called_strings

_HEAD_NAMES = frozenset(("og:title", "description", "og:description"))
MAX_SCRIPT = 3_000_000  # in characters; larger scripts are applications, not articles
MIN_PARAGRAPH = 60  # minimum characters of a string in script state that can be a paragraph
MIN_BODY = 400  # minimum characters that make script state worth reading at all
_TAG = re.compile(r"<[^<>]{0,2000}>")
_FIGURE = re.compile(r"<(figure|figcaption|script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_PLACEHOLDER = re.compile(r"\$\$[A-Z_]+\$\$|\[/?[a-z_]+\b[^\]]{0,200}\]")  # macros that a template failed to replace
_BREAK = re.compile(r"<\s*(?:/\s*(?:p|div|li|h[1-6]|blockquote|ul|ol|tr)|br\s*/?)\s*>", re.IGNORECASE)
_ASSIGNED = re.compile(r"""(?:window\.[\w$.]+|self\.__next_f\.push|var\s+[\w$]+)\s*[=(]\s*(?=[\[{"])""")
_ROW = re.compile(r"(?:^|\n)[0-9a-f]{1,4}:(?=[T\[{\"I])")
_ROW_TEXT = re.compile(r"^T[0-9a-f]+,")
_URL_OR_CODE = re.compile(r"\\?\":|^(?:https?:|data:|/|\.|#|\{|\[|function|@|<svg)|[{};]\s|=>")
_BODY_KEYS = re.compile(r"body|content|text|paragraph|article|value|html|children", re.IGNORECASE)


def plain(markup: str) -> str:
    """Text of an HTML fragment, one paragraph per line. Plain text is returned unchanged, with entities resolved."""
    if "&lt;" in markup:
        markup = unescape(markup)
    if "<" in markup:
        markup = _TAG.sub("", _BREAK.sub("\n", _FIGURE.sub("\n", markup)))
    return _PLACEHOLDER.sub("", unescape(markup)).replace("\r", "\n").strip()


def head_texts(tree: html.HtmlElement) -> tuple[str, str]:
    """Title and description as the head states them: og:title if there is one, otherwise the title element."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in _HEAD_NAMES and (content := meta.get("content")):
            found.setdefault(name, content)
    if "og:title" not in found:
        element = next(tree.iter("title"), None)
        found["og:title"] = (element.text or "") if element is not None else ""
    return found["og:title"], found.get("description") or found.get("og:description") or ""


def json_ld_body(tree: html.HtmlElement) -> str:
    """The longest articleBody in the page's JSON-LD, as plain text; "" if there is none."""
    best = ""
    for script in tree.iter("script"):
        if "json" not in (script.get("type") or ""):
            continue
        text = script.text
        if not text or "articleBody" not in text or len(text) > MAX_SCRIPT:
            continue
        for key, value in _strings(_loads(text)):
            if key == "articleBody" and len(value) > len(best):
                best = value
    return plain(best)


def state_body(tree: html.HtmlElement) -> list[str]:
    """Paragraphs of prose in the state that scripts carry (``__NEXT_DATA__``, ``__NUXT__``, …), in order.

    Read only if the page itself shows next to no prose. The script with the most prose wins; repeated paragraphs count
    once. The pieces of a React Server Components stream (``self.__next_f.push``) are one text.
    """
    best: list[str] = []
    stream: list[str] = []
    for script in tree.iter("script"):
        text = script.text
        if not text or len(text) > MAX_SCRIPT or "ld+json" in (script.get("type") or ""):
            continue
        if CALLED.search(text):
            best = max(best, _paragraphs(called_strings(text)), key=_size)
            continue
        if text.lstrip()[:1] not in ("{", "["):
            match = _ASSIGNED.search(text)
            if match is None:
                continue
            value = _loads(text[match.end() :])
            if "__next_f" in match.group():
                stream.extend(piece for _, piece in _strings(value))
                continue
        elif len(text) < MIN_BODY:
            continue
        else:
            value = _loads(text)
        best = max(best, _paragraphs(_strings(value)), key=_size)
    best = max(best, _paragraphs(_rows("".join(stream))), key=_size)
    return best if _size(best) >= MIN_BODY else []


def _size(paragraphs: list[str]) -> int:
    return sum(map(len, paragraphs))


def _rows(stream: str) -> Iterator[tuple[str, str]]:
    """Strings of a React Server Components stream: rows ``ID:JSON`` and ``ID:Tlength,text``, or bare markup."""
    for row in _ROW.split(stream):
        if row.startswith(("[", "{", '"')):
            yield from _strings(_loads(row))
        else:
            yield "text", _ROW_TEXT.sub("", row)


def _paragraphs(strings: Iterable[tuple[str, str]]) -> list[str]:
    found: dict[str, None] = {}
    for key, string in strings:
        if len(string) < MIN_PARAGRAPH or not _BODY_KEYS.search(key):
            continue
        for line in plain(string).split("\n"):
            text = line.strip()
            wordy = text.count(" ") * 12 >= len(text) or not text.isascii()
            if len(text) >= MIN_PARAGRAPH and wordy and not _URL_OR_CODE.search(text[:200]):
                found[text] = None
    return list(found)


def _loads(text: str) -> object:
    """The JSON value at the start of a script; None if there is none."""
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
