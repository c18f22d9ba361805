"""The versions of one URL: which texts it has had, in which order, and which of them is its current row.

Independent of order: any number of fetches, merged in any order and grouping, give the same versions. A text that
reappears keeps the row of its first fetch, so that fetching again changes no byte.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from cleaning.records import Article, Removal, RemovalRow, Revision


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
    """The distinct texts of one URL in order of their first fetch, numbered from 1; the newest is last.

    Two texts are one version if their text_hash is equal, or if they differ only in lines that one of the two had
    removed (a rule or a site template was learnt between the fetches): then the publisher changed nothing, and the
    first fetch stays the row.
    """
    distinct: list[Text] = []
    for text in sorted(texts, key=lambda t: t.order):
        if not any(_is_same(text, known) for known in distinct):
            distinct.append(text)
    return [replace(t, row=replace(t.row, revision=n)) for n, t in enumerate(distinct, start=1)]


def _is_same(a: Text, b: Text) -> bool:
    if a.row.text_hash == b.row.text_hash:
        return True
    gone = {r.text for r in (*a.removals, *b.removals)}
    return bool(gone) and _lines_without(a.row.text, gone) == _lines_without(b.row.text, gone)


def _lines_without(text: str, gone: set[str]) -> list[str]:
    return [line for line in text.split("\n\n") if line not in gone]


def as_article(row: Article) -> Article:
    """The row with only the columns of ``articles``."""
    return Article(**{f.name: getattr(row, f.name) for f in fields(Article)})


def as_revisions(versions: Sequence[Text], cluster_id: str) -> list[Revision]:
    """The rows of ``revisions``: all versions but the newest, in the newest one's story."""
    return [
        Revision(
            **{f.name: getattr(earlier.row, f.name) for f in fields(Article) if f.name != "cluster_id"},
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
