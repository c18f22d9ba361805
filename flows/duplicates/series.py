"""The rows of ``series`` that a batch adds: its articles that are reports of a form the lake has, or of a new one.

What was committed stays: a report joins the form of the earliest report that it is like. The first report of a form
gets its row when the second one is committed, on its own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaning.duplicates.links.series import find_series
from cleaning.duplicates.pairs import Pairs
from cleaning.duplicates.words import Flags, Ints
from cleaning.records import SeriesMember
from cleaning.schema.arrow import to_table
from flows.lake.parquet_reader import read_parquet


def series_rows(
    root: Path,
    forms: Pairs,
    article: Ints,
    aggregate: Flags,
    rank: Ints,
    ids: Sequence[str],
    days: Sequence[date],
    fresh: int,
) -> pa.Table:
    """Rows of ``series`` to add to a lake.

    Args:
        root: of the lake.
        forms: pairs of documents that are two reports of one form.
        article: of each document, the article that it is a copy of; itself for an article.
        aggregate: which documents are round-ups.
        rank: of each document, its place in order of publication.
        ids, days: of each document.
        fresh: the first so many documents are decided anew: their rows are given though the lake has some.
    """
    if not len(forms):
        return to_table(SeriesMember, [])
    concerned = np.unique(article[np.concatenate([forms.a, forms.b])]).tolist()
    known = _templates(root, {ids[k] for k in concerned}, {days[k] for k in concerned})
    number = {ids[k]: k for k in range(len(ids))}
    template = np.full(len(ids), -1)
    for k in concerned:
        # a form whose first report lies outside of what was looked at is named by a report that is at hand
        template[k] = number.get(known.get(ids[k], ""), -1)
    found = find_series(forms, article, aggregate, rank, template)
    rows = []
    for members in np.split(np.arange(len(found)), np.flatnonzero(found.previous < 0)[1:]):
        named = [known[ids[k]] for k in found.article[members].tolist() if ids[k] in known]
        name = named[0] if named else ids[int(found.template[members[0]])]
        for k, before in zip(found.article[members].tolist(), found.previous[members].tolist(), strict=True):
            if k < fresh or ids[k] not in known:
                gap = None if before < 0 else (days[k] - days[before]).days
                rows.append(SeriesMember(ids[k], name, ids[before] if before >= 0 else None, gap, days[k]))
    return to_table(SeriesMember, rows)


def _templates(root: Path, ids: set[str], days: set[date]) -> dict[str, str]:
    """The form of each of these articles that has one."""
    found: dict[str, str] = {}
    wanted = pa.array(sorted(ids), pa.string())
    for day in sorted(days):
        for file in sorted((root / "series" / f"date={day}").glob("part-*.parquet")):
            rows = read_parquet(file, ["article_id", "template_id"])
            rows = rows.filter(pc.is_in(rows.column("article_id"), wanted))
            found |= dict(zip(*(rows.column(n).to_pylist() for n in rows.column_names), strict=True))
    return found
