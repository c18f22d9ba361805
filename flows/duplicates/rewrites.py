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

from cleaning.duplicates.rewrites import SURE_SCORE, WINDOW_DAYS, find_rewrites, find_terms, join_terms
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import join, sample
from cleaning.records import Relation, Rewrite
from cleaning.schema.arrow import to_table
from flows.lake.parquet_reader import read_parquet
from flows.lake.store import partition

_COLUMNS = ["article_id", "source", "host", "published_date", "text"]


def day_rewrites(root: Path, day: date, least: float = SURE_SCORE) -> Mapping[str, pa.Table | None]:
    """The ``rewrites`` partition of one day: its articles that may be rewrites of one of the same day or the week
    before.

    Args:
        root: the lake's root folder.
        day: publication date of the later article.
        least: minimum score of a link.

    Returns:
        Path relative to the root → rows, ready for a commit; None if there are none, which removes old ones.
    """
    articles = _week(root, day)
    target = partition("rewrites", day)
    if articles is None:
        return {target: None}
    sampled = join([sample(batch.column("text")) for batch in articles.to_batches()])
    hosts = host_hashes(articles.column("host").to_pylist())
    dropped = site_lines(sampled.lines, hosts, sampled.text)
    parts, line = [], 0
    for batch in articles.to_batches():
        terms, lines = find_terms(batch.column("text"), dropped[line:])
        parts.append(terms)
        line += lines
    days = np.asarray(articles.column("published_date").cast(pa.int32())).astype(np.int64)
    found = find_rewrites(join_terms(parts), days, least)
    ids: list[str] = articles.column("article_id").to_pylist()
    sources: list[str] = articles.column("source").to_pylist()
    today = (day - date(1970, 1, 1)).days
    rows = []
    for k, (a, b) in enumerate(zip(found.a.tolist(), found.b.tolist(), strict=True)):
        # articles are in order of day, then id, so b is the later one
        if days[b] == today:
            relation = Relation.FOLLOW_UP if found.follows[k] else Relation.REWRITE
            score, names, words = (min(float(x[k]), 1.0) for x in (found.score, found.names, found.words))
            rows.append(Rewrite(ids[b], ids[a], score, names, words, sources[b], day, relation.value))
    return {target: to_table(Rewrite, rows) if rows else None}


def _week(root: Path, day: date) -> pa.Table | None:
    """Articles of the day and the week before, in order of day, then article_id; None if the day has none."""
    days = [day - timedelta(days=k) for k in range(WINDOW_DAYS, -1, -1)]
    parts = [_articles(root, d) for d in days]
    if not len(parts[-1]):
        return None
    return pa.concat_tables([p for part in parts for p in part])


def _articles(root: Path, day: date) -> Sequence[pa.Table]:
    files = sorted((root / "articles" / f"date={day}").glob("part-*.parquet"))
    tables = [read_parquet(f, _COLUMNS) for f in files]
    return [pa.concat_tables(tables).sort_by("article_id")] if tables else []
