"""The second opinion: trafilatura's text of a page, computed on what is left after menus and empty boxes are dropped.

Most of a news page's elements contain no prose: menus, link lists, empty boxes, scripts. Without them trafilatura's
fast mode takes a third of the time, and its answer is as good as evidence (docs/cleaning.md).
"""

from __future__ import annotations

import logging

import numpy as np
from lxml import etree, html

from cleaning.blocks.measures import prose_of
from cleaning.blocks.page import Page

# never text; table cells are kept, since their number is the table's shape
_DROPPED = (
    "script", "style", "svg", "noscript", "template", "iframe", "object", "embed", "canvas", "video", "audio", "select",
    "option", "button", "input", "textarea",
)  # fmt: skip
_SHAPED = frozenset(("html", "body", "td", "th", "tr"))
_MENU_LINKS = 0.5  # share of characters in links from which a run of blocks without prose is a menu
# trafilatura warns about every page that it finds short; the caller sees the empty answer
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def second_opinion(tree: html.HtmlElement, page: Page) -> str:
    """Trafilatura's text, without comments; "" if it finds none. ``tree`` must be the one that ``page`` was cut from.

    The tree loses whatever is not text: read anything else that is wanted from it first.
    """
    import trafilatura  # noqa: PLC0415  a third of a second, and more than half of the pages are not asked about

    _shrink(tree, page)
    try:
        document = trafilatura.bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError, etree.LxmlError):
        return ""
    return str(getattr(document, "text", None) or "")


def _shrink(tree: html.HtmlElement, page: Page) -> None:
    """Drop elements without any block, and those that are lists of links."""
    e = page.elements
    first, end = np.array(e.first, np.int64), np.array(e.end, np.int64)
    prose, linked, chars = prose_of(page)
    bare = (prose[end] - prose[first]) == 0
    menu = bare & (end - first >= 2) & (linked[end] - linked[first] > _MENU_LINKS * (chars[end] - chars[first]))
    gone = [False] * len(e.parent)
    dead = menu.tolist()
    for n, parent in enumerate(e.parent):
        if parent >= 0 and gone[parent]:
            gone[n] = True
        elif dead[n] and parent >= 0 and e.tag[n] not in _SHAPED:
            gone[n] = True
            e.node[n].drop_tree()
    for node in page.empty:
        if node.tag not in _SHAPED and node.getparent() is not None:
            node.drop_tree()
    etree.strip_elements(tree, *_DROPPED, with_tail=False)
