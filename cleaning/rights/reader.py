"""Reads every signal about a page, and decides which uses are left: of all that was said, the most restrictive wins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaning.records import RawPage, Signal
from cleaning.rights.page_signals import Declared, Found, absolute_links, of_headers, of_page, of_rsl
from cleaning.rights.site_signals import RSL, of_feed, of_statement
from cleaning.rights.vocabulary import Use

# Terms and lists may be long; the hash is of the whole.
TEXT_CHARS = 2_000
# Catalogue entries that name no licence.
UNKNOWN = "unknown"


def read_signals(page: RawPage, declared: Declared) -> tuple[Signal, ...]:
    """The signals about a page in the order in which they stand: response, page, feed, site. Each once.

    Args:
        page: with its headers and the statements of its site, as the archive holds them.
        declared: what the page declares.
    """
    terms = {one.url: one.text for one in page.statements if one.kind == RSL}
    found = [(page.url, one) for one in (*of_headers(_headers(page), page.status), *of_page(declared, page.url))]
    if page.hints.license:
        found += [(page.url, one) for one in of_feed(page.hints.license, page.url)]
    for statement in page.statements:
        found += [(statement.url, one) for one in of_statement(statement, page.url)]
    signals = (_signal(page, read, place) for place, one in found for read in _with_terms(page.url, one, terms))
    return tuple(dict.fromkeys(signals))


def allowed_uses(signals: Iterable[Signal]) -> tuple[str, ...]:
    """The uses that no signal reserves, in the order of :class:`~cleaning.rights.vocabulary.Use`."""
    forbidden = {use for signal in signals for use in signal.forbids}
    return tuple(use.value for use in Use if use.value not in forbidden)


def license_of(catalogue: str, signals: Iterable[Signal]) -> str | None:
    """The licence of a row: the catalogue's where it knows one, else the first that the page names, else None."""
    if catalogue and catalogue != UNKNOWN:
        return catalogue
    return next((signal.text for signal in signals if signal.name == "license"), None)


def reservation_of(signals: Iterable[Signal]) -> str | None:
    """The first signal that reserves training, in words for a person; None if none does."""
    for signal in signals:
        if Use.TRAIN.value in signal.forbids:
            return f"{signal.name} ({signal.where}): {signal.text[:200]}"
    return None


def _headers(page: RawPage) -> Iterator[tuple[str, str]]:
    """The response's headers about rights; the two that have fields of their own where the archive gave no others."""
    given = {name for name, _ in page.headers}
    yield from page.headers
    for name, value in (("x-robots-tag", page.robots_tag), ("tdm-reservation", page.tdm_reservation)):
        if value is not None and name not in given:
            yield name, value


def _with_terms(url: str, found: Found, terms: dict[str, str]) -> Iterator[Found]:
    """A signal; in place of a link to RSL terms that were read, what the terms say."""
    link = absolute_links(url, [(found.text, "")])[0][0] if found.name == "rsl-license" else ""
    if link not in terms:
        yield found
        return
    for read in of_rsl(terms[link], url, found.where):
        yield replace(read, text=f"{link} {read.text}")


def _signal(page: RawPage, found: Found, url: str) -> Signal:
    seen = next((one.fetched_at for one in page.statements if one.url == url), page.fetched_at)
    digest = hashlib.sha256(found.text.encode("utf-8", "replace")).hexdigest()[:32]
    uses = tuple(use.value for use in Use if use in found.forbids)
    return Signal(found.name, found.where, url, seen, found.text[:TEXT_CHARS], digest, uses)
