"""The versions of one URL: what it has said, in which order, and which of them is its current row.

A version is a text with its headline, authors and date of publication: a changed headline is a revision, text or not.
Independent of order: any number of fetches, merged in any order and grouping, give the same versions. A version that
reappears keeps the row of its first fetch, so that fetching again changes no byte.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from cleaning.records import Article, Confidence, Removal, RemovalRow, Revision
from cleaning.text import key

# flag of a revision whose text changed while the page's date of modification did not
SILENT_EDIT = "silent-edit"
# A sitemap's date of publication moves with every modification, and dates of low confidence are readings.
OTHERS_DATES = frozenset({"sitemap"})


@dataclass(frozen=True, slots=True)
class Text:
    """One version of an article: its row, and what was removed from it."""

    row: Article  # an Article, a Duplicate, or a Revision read back
    removals: tuple[Removal, ...]

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Sort key: by first fetch; the lineage breaks ties."""
        return self.row.fetched_at, self.row.raw_file, self.row.raw_offset


def merge(texts: Iterable[Text]) -> list[Text]:
    """The distinct versions of one URL in order of their first fetch, numbered from 1; the newest is last.

    Two fetches are one version if neither text nor statements differ (:func:`changes`): then the publisher changed
    nothing, and the first fetch stays the row. Each version says what it changed, and whether it did so silently.
    """
    distinct: list[Text] = []
    for text in sorted(texts, key=lambda t: t.order):
        if all(changes(known, text) for known in distinct):
            distinct.append(text)
    versions = [replace(t, row=replace(t.row, revision=n)) for n, t in enumerate(distinct, start=1)]
    return [_marked(before, after) for before, after in zip([None, *versions], versions, strict=False)]


def changes(before: Text, after: Text) -> tuple[str, ...]:
    """What differs between two fetches of a URL: ``text``, ``title``, ``authors``, ``published_at``; empty for nothing.

    Texts that differ only in lines that one of the two had removed are the same: a rule or a site template was learnt
    between the fetches. Statements are compared only between rows of the same rules, which read a page alike.
    """
    found = [] if _is_same_text(before, after) else ["text"]
    one, other = before.row, after.row
    if one.rules_version == other.rules_version:
        if key(one.title) != key(other.title):
            found.append("title")
        if [*map(key, one.authors)] != [*map(key, other.authors)]:
            found.append("authors")
        if _states_date(one) and one.date_source == other.date_source and one.published_at != other.published_at:
            found.append("published_at")
    return tuple(found)


def _states_date(row: Article) -> bool:
    return row.date_confidence in (Confidence.HIGH, Confidence.MEDIUM) and row.date_source not in OTHERS_DATES


def _marked(before: Text | None, after: Text) -> Text:
    """A version with what it changed against the one before it, and the flag of a silent edit."""
    changed = changes(before, after) if before else ()
    silent = before is not None and "text" in changed and not _dates_change(before.row, after.row)
    flags = tuple(flag for flag in after.row.flags if flag != SILENT_EDIT) + (SILENT_EDIT,) * silent
    return replace(after, row=replace(after.row, changed=changed, flags=flags))


def _dates_change(before: Article, after: Article) -> bool:
    """Whether the date of modification moved. One that was not known before tells of a change only if it is later than
    that fetch: a page may be read before the sitemap that dates it."""
    stated = after.modified_at
    if before.modified_at is None and stated is not None:
        return stated > before.fetched_at
    return stated != before.modified_at


def _is_same_text(a: Text, b: Text) -> bool:
    if a.row.text_hash == b.row.text_hash:
        return True
    gone = {r.text for r in (*a.removals, *b.removals)}
    return bool(gone) and _lines_without(a.row.text, gone) == _lines_without(b.row.text, gone)


def _lines_without(text: str, gone: set[str]) -> list[str]:
    return [line for line in text.split("\n\n") if line not in gone]


def as_article(row: Article) -> Article:
    """The row with only the columns of ``articles``."""
    return Article(**{f.name: getattr(row, f.name) for f in fields(Article)})


# columns of an earlier version that are the newest one's, or that only the newest has
_OF_THE_NEWEST = frozenset({"cluster_id", "gone_at"})


def as_revisions(versions: Sequence[Text], cluster_id: str) -> list[Revision]:
    """The rows of ``revisions``: all versions but the newest, in the newest one's story."""
    return [
        Revision(
            **{f.name: getattr(earlier.row, f.name) for f in fields(Article) if f.name not in _OF_THE_NEWEST},
            cluster_id=cluster_id,
            superseded_at=later.row.fetched_at,
        )
        for earlier, later in itertools.pairwise(versions)
    ]


def removal_rows(version: Text) -> list[RemovalRow]:
    """The rows of ``removals`` for one version."""
    return [
        RemovalRow(
            article_id=version.row.article_id,
            revision=version.row.revision,
            position=r.position,
            text=r.text,
            rule=r.rule,
            probability=r.probability,
            source=version.row.source,
            published_date=version.row.published_date,
        )
        for r in version.removals
    ]
