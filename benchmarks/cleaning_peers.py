"""Other extractors of main text, those of them that are installed; each takes the bytes of a page."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from lxml import html

from cleaning.page import as_utf8

Extract = Callable[[bytes], str]
_BLANK = re.compile(r"\n\s*\n+")


def _readability(body: bytes) -> str:
    summary = importlib.import_module("readability").Document(as_utf8(body, None)[0].decode()).summary()
    blocks = html.fromstring(summary).xpath("//p | //li | //h2 | //h3 | //h4 | //pre | //blockquote[not(.//p)]")
    return "\n".join(block.text_content().strip() for block in blocks)


def _justext(body: bytes) -> str:
    justext: Any = importlib.import_module("justext")
    # the language is guessed by nobody there: English is its default, and what its own benchmark uses
    found = justext.justext(as_utf8(body, None)[0], justext.get_stoplist("English"), encoding="utf-8")
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


def _resiliparse(body: bytes) -> str:
    module: Any = importlib.import_module("resiliparse.extract.html2text")
    text = as_utf8(body, None)[0].decode()
    return str(module.extract_plain_text(text, main_content=True, alt_texts=False, links=False))


def _newspaper(body: bytes) -> str:
    module: Any = importlib.import_module("newspaper")
    article = module.Article("https://example.org/", language="en")
    article.download(input_html=as_utf8(body, None)[0].decode())
    article.parse()
    return _BLANK.sub("\n", article.text)


# package that must be there, by the name that the table shows
_PEERS: dict[str, tuple[str, Extract]] = {
    "readability-lxml": ("readability", _readability),
    "jusText": ("justext", _justext),
    "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
    "newspaper4k": ("newspaper", _newspaper),
}


def installed_peers() -> dict[str, Extract]:
    """The peers that can be imported here, by name."""
    found: dict[str, Extract] = {}
    for name, (package, extract) in _PEERS.items():
        try:
            importlib.import_module(package)
        except ImportError:
            continue
        found[name] = extract
    return found


def ask_peer(extract: Extract, body: bytes) -> str:
    """Its text of a page; "" where it fails, which is what its user would have."""
    try:
        return extract(body) or ""
    except Exception:
        return ""
