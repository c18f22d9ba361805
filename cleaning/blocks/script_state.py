"""Strings in state that a script computes: ``window.__NUXT__=(function(a,b){return{…body:a…}}("…"))``.

Nuxt 2 writes a page's state as a call whose arguments are the values that it repeats, so it is JavaScript and not JSON.
Nothing is run: the script is cut into tokens, and a name that stands for a value is looked up among the arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

CALLED = re.compile(r"""(?:window\.)?__NUXT__\s*=\s*\(?function\s*\((?P<names>[\w$,\s]*)\)\s*(?=\{)""")
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_$][\w$]*)|(?P<mark>[{}\[\]():,])"""
)
# A token is a few bytes, and scripts are at most 3,000,000 characters; more of them are data and no text.
MAX_TOKENS = 400_000
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_OPEN, _CLOSE = "([{", ")]}"

Token = tuple[str, str]  # kind, text


def called_strings(script: str) -> Iterator[tuple[str, str]]:
    """All strings of the state, in order, each with its property's name; nothing for a script of another form."""
    called = CALLED.search(script)
    if called is None:
        return
    found = islice(_TOKEN.finditer(script, called.end()), MAX_TOKENS)
    tokens: list[Token] = [(token.lastgroup or "", token[0]) for token in found]
    end = _end(tokens, 0)
    names = [name.strip() for name in called["names"].split(",")]
    values = dict(zip(names, _arguments(tokens[end:]), strict=False))
    body = tokens[:end]
    for before, mark, (kind, text) in zip(body, body[1:], body[2:], strict=False):
        if mark != ("mark", ":") or before[0] not in ("name", "string"):
            continue
        value = text if kind == "string" else values.get(text) if kind == "name" else None
        if value:
            yield _unquoted(before[1]) if before[0] == "string" else before[1], _unquoted(value)


def _end(tokens: list[Token], start: int) -> int:
    """The index after the bracket that closes the one at ``start``."""
    depth = 0
    for number in range(start, len(tokens)):
        kind, text = tokens[number]
        if kind == "mark":
            depth += (text in _OPEN) - (text in _CLOSE)
            if depth == 0:
                return number + 1
    return len(tokens)


def _arguments(tokens: list[Token]) -> Iterator[str | None]:
    """The arguments of the call that follows: each string as written, None for a value of another kind."""
    start = next((number for number, token in enumerate(tokens) if token == ("mark", "(")), len(tokens))
    depth, value = 0, None
    for kind, text in tokens[start:]:
        if kind == "mark" and text in _OPEN:
            depth += 1
        elif kind == "mark" and text in _CLOSE:
            depth -= 1
        elif depth == 1 and kind == "string":
            value = text
        if depth == 0 or (depth == 1 and (kind, text) == ("mark", ",")):
            yield value
            value = None
            if depth == 0:
                return


def _unquoted(literal: str) -> str:
    """The text of a string literal; empty for one that cannot be read."""
    inner = _HEX.sub(r"\\u00\1", literal[1:-1]).replace("\\'", "'")
    if literal[0] == "'":
        inner = re.sub(r'(?<!\\)"', r"\"", inner)
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return ""
