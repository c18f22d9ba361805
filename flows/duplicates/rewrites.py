"""Finds possible rewrites among the articles of a lake: a day's articles against those of the week before.

It runs as a separate pass, once a day's articles are there, since only a week of news shows how rare a name is; so its
cost is that of reading one week, and its answer does not depend on any order. What it returns is for the lake to
commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from cleaning.duplicates.rewrites import SURE_SCORE, WINDOW_DAYS, Rewrites, find_rewrites
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import join, sample
from cleaning.duplicates.terms import Terms, find_terms, join_terms, with_documents
from cleaning.duplicates.words import Flags, Ints
from cleaning.records import Relation, Rewrite
from cleaning.schema.arrow import to_table
from flows.lake.parquet_reader import read_parquet
from flows.lake.store import partition

_COLUMNS = ["article_id", "source", "host", "text"]


class RewriteWindow:
    """The articles of a lake by day, read and tokenised once while a window of a week slides over them.

    Ask for days in ascending order: what no later window needs is forgotten, so that two weeks are held at most.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._days: dict[date, _Day | None] = {}

    def rewrites(self, day: date, least: float = SURE_SCORE) -> Mapping[str, pa.Table | None]:
        """The ``rewrites`` partition of one day: its articles that may be rewrites of one of the same day or the week
        before.

        Args:
            day: publication date of the later article.
            least: minimum score of a rewrite.

        Returns:
            Path relative to the root → rows, ready for a commit; None if there are none, which removes old ones.
        """
        target = partition("rewrites", day)
        week = [day - timedelta(days=k) for k in range(WINDOW_DAYS, -1, -1)]
        self._days = {one: known for one, known in self._days.items() if one >= week[0]}
        found = [self._read(one) for one in week]
        if found[-1] is None:
            return {target: None}
        parts = [one for one in found if one is not None]
        if sum(len(one.ids) for one in parts) < 2:
            return {target: None}
        sampled = join([one.sampled for one in parts])
        hosts = np.concatenate([one.hosts for one in parts])
        dropped = site_lines(sampled.lines, hosts, sampled.text)
        terms, line = [], 0
        for one in parts:
            terms.append(one.terms(dropped[line : line + one.lines]))
            line += one.lines
        days = np.concatenate([np.full(len(one.ids), _number(one.day), dtype=np.int64) for one in parts])
        # the day is the last of its week; its articles are compared with all, the others with them alone
        later_from = len(days) - len(parts[-1].ids)
        links = find_rewrites(join_terms(terms), days, least, later_from=later_from)
        return {target: _table(links.without_series(_templates(parts), least), least, parts, days, day)}

    def _read(self, day: date) -> _Day | None:
        if day not in self._days:
            self._days[day] = _read_day(self._root, day)
        return self._days[day]


class _Day:
    """The articles of one day, by article_id."""

    def __init__(self, day: date, articles: pa.Table, forms: dict[str, str]) -> None:
        self.day = day
        self.forms = forms  # of each article that is a report of a form
        self.ids: list[str] = articles.column("article_id").to_pylist()
        self.sources: list[str] = articles.column("source").to_pylist()
        self.hosts = host_hashes(articles.column("host").to_pylist())
        self._texts = articles.column("text").combine_chunks()
        self.sampled = sample(self._texts)
        self._dropped: Flags | None = None
        self._terms: Terms | None = None

    @property
    def lines(self) -> int:
        """Number of lines of all its texts."""
        return len(self.sampled.lines.doc)

    def terms(self, dropped: Flags) -> Terms:
        """Names and words of its texts without the lines that are dropped; anew for texts where those are others."""
        if self._terms is None or self._dropped is None:
            self._terms, _ = find_terms(self._texts, dropped)
        elif not np.array_equal(dropped, self._dropped):
            of_line = self.sampled.lines.doc
            docs = np.unique(of_line[dropped != self._dropped]).astype(np.int64)
            part, _ = find_terms(self._texts.take(pa.array(docs)), dropped[np.isin(of_line, docs)])
            self._terms = with_documents(self._terms, docs, part)
        self._dropped = dropped.copy()
        return self._terms


def day_rewrites(root: Path, day: date, least: float = SURE_SCORE) -> Mapping[str, pa.Table | None]:
    """:meth:`RewriteWindow.rewrites` of a single day of a lake."""
    return RewriteWindow(root).rewrites(day, least)


def _table(found: Rewrites, least: float, parts: Sequence[_Day], days: Ints, day: date) -> pa.Table | None:
    """The links whose later article is of a day, as rows."""
    ids = [i for one in parts for i in one.ids]
    sources = [s for one in parts for s in one.sources]
    rows = []
    for k, (a, b) in enumerate(zip(found.a.tolist(), found.b.tolist(), strict=True)):
        # articles are in order of day, then id, so b is the later one
        if days[b] == _number(day):
            relation = Relation.FOLLOW_UP if found.follows[k] else Relation.REWRITE
            of_pair = found.score if found.score[k] >= least else found.follow_up_score
            score, names, words = (min(float(x[k]), 1.0) for x in (of_pair, found.names, found.words))
            rows.append(Rewrite(ids[b], ids[a], score, names, words, sources[b], day, relation.value))
    return to_table(Rewrite, rows) if rows else None


def _templates(parts: Sequence[_Day]) -> Ints:
    """The form of each article as a number, -1 where it has none."""
    numbers: dict[str, int] = {}
    forms = [one.forms.get(i, "") for one in parts for i in one.ids]
    return np.array([numbers.setdefault(form, len(numbers)) if form else -1 for form in forms], dtype=np.int64)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _read_day(root: Path, day: date) -> _Day | None:
    files = sorted((root / "articles" / f"date={day}").glob("part-*.parquet"))
    tables = [read_parquet(file, _COLUMNS) for file in files]
    if not tables:
        return None
    forms: dict[str, str] = {}
    for file in sorted((root / "series" / f"date={day}").glob("part-*.parquet")):
        rows = read_parquet(file, ["article_id", "template_id"])
        forms |= dict(zip(*(rows.column(n).to_pylist() for n in rows.column_names), strict=True))
    return _Day(day, pa.concat_tables(tables).sort_by("article_id"), forms)
