"""Dates that a page shows its readers but states nowhere else, most likely first.

The first short piece of text with a date is the dateline: on 530 pages without any better statement it is right five
times in six where a date is known. Elements whose names mention dates come next, and htmldate's quick reading last. Its
extensive search loads the calendars of 200 languages, which takes seconds, and ends by guessing from copyright
years: it found 8 more of 318 known dates, 31 more wrong ones, and a date on 141 more pages that have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import chain

from lxml import html

from cleaning.metadata.date_parsing import ParsedDate, parse, parse_words
from cleaning.text import squash

# longer pieces of text are sentences; "Pressemitteilung vom 25. Januar 2022 | Berlin" is not one
MAX_DATELINE = 50
MAX_MARKED = 150  # characters in an element that is named for its date: it may include the authors
MAX_RAW = 400  # characters before white space is squeezed
YEAR = r"(?:19|20)\d\d"
WRITTEN = re.compile(
    rf"""(?<!\d)(?:
        \d{{1,2}}(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de\s+|of\s+)?[^\W\d_]{{3,}}\.?,?[\s-]+(?:del?\s+)?{YEAR}
        | [^\W\d_]{{3,}}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{YEAR}
        | {YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}
        | \d{{1,2}}[-/.]\d{{1,2}}[-/.]{YEAR}
        | {YEAR}[年년]\s*\d{{1,2}}[月월]\s*\d{{1,2}}[日일]?
    )(?!\d)""",
    re.VERBOSE,
)
MARKED = re.compile(r"date|datum|time|publi|posted|byline|fecha|meta|author|autor|info|stamp|created", re.IGNORECASE)
ELSEWHERE = re.compile(r"comment|footer|related|sidebar|widget|updat|modif", re.IGNORECASE)
UNREAD = frozenset(("script", "style", "noscript", "template", "svg", "title", "option", "footer", "select", "head"))


def visible_dates(
    tree: html.HtmlElement, url: str, fetched: datetime, assumed: tzinfo, language: str | None
) -> Iterator[ParsedDate]:
    """Days that the page shows, most likely first; times are not read.

    Args:
        tree: is not changed.
        url: of the page.
        fetched: htmldate considers no later day.
        assumed: zone of the source.
        language: as stated by the page, in the form of :func:`cleaning.language.primary`.
    """
    for text in chain(_datelines(tree), _marked(tree)):
        for found in WRITTEN.finditer(text):
            instant = parse_words(found[0], language=language, assumed=assumed)
            if instant is not None:
                yield instant
    instant = _by_htmldate(tree, url, fetched, assumed)
    if instant is not None:
        yield instant


def _datelines(tree: html.HtmlElement) -> Iterator[str]:
    """Short pieces of text, in page order."""
    for element in tree.iter():
        for text in (element.text if element.tag not in UNREAD else None, element.tail):
            if text and 8 <= len(text) <= MAX_RAW and len(line := squash(text)) <= MAX_DATELINE:
                yield line


def _marked(tree: html.HtmlElement) -> Iterator[str]:
    """Texts of the elements that are named for a date."""
    for element in tree.iter():
        names = " ".join(value for name in ("class", "id", "itemprop") if (value := element.get(name)))
        if MARKED.search(names) and not ELSEWHERE.search(names):
            text = squash(element.text_content()[: 2 * MAX_MARKED])
            if len(text) <= MAX_MARKED:
                yield text


def _by_htmldate(tree: html.HtmlElement, url: str, fetched: datetime, assumed: tzinfo) -> ParsedDate | None:
    """https://htmldate.readthedocs.io, without its extensive search."""
    import htmldate  # noqa: PLC0415  loaded for the few pages whose dates nothing else gives

    try:
        found = htmldate.find_date(
            tree,
            url=url,
            original_date=True,
            extensive_search=False,
            max_date=fetched.strftime("%Y-%m-%d"),
            deferred_url_extractor=True,
        )
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        return None
    return parse(found, assumed=assumed)
