"""The tables that follow from the links of a day: ``passages`` and ``edges``; and a week's ``originality``.

They are made from the tables alone, by the day, so they depend on no order and can be made anew at any time. What they
return is for the lake to commit.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.duplicates.links.passages import find_passages
from cleaning.duplicates.links.sources import (
    CopiedArticle,
    PublishedText,
    is_credited,
    originality,
    own_share,
    source_edges,
)
from cleaning.records import Edge, Originality, Passage, Relation
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake, partition

_COPY = ["article_id", "source", "authors", "text", "agency", "duplicate_of", "relation", "lag_seconds"]
_SHARES = ["containment", "containment_of_canonical", "added_share"]
_ARTICLE = ["article_id", "source", "host", "site_name", "text", "agency"]
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class DayLinks:
    """The files of one day, and the other days whose articles they were made from."""

    files: Mapping[str, pa.Table | None]
    days: list[date]


def day_links(lake: Lake, day: date, article_days: Mapping[str, date]) -> DayLinks:
    """The ``passages`` and ``edges`` of one day.

    Args:
        lake: only read.
        day: publication date of the copies, and of the later articles of rewrites.
        article_days: the day of every article that a link of this day leads to or from: see :func:`linked_days`.
    """
    copies = lake.read("duplicates", [day], [*_COPY, *_SHARES]).to_pylist()
    linked = lake.read("rewrites", [day], ["article_id", "rewrite_of", "relation"]).to_pylist()
    wanted = {r["duplicate_of"] for r in copies} | {r[n] for r in linked for n in ("article_id", "rewrite_of")}
    days = sorted({article_days[i] for i in wanted if i in article_days})
    articles = dict(_articles(lake, days, wanted))
    passages: list[Passage] = []
    taken: list[CopiedArticle] = []
    for row in copies:
        article = articles.get(row["duplicate_of"])
        if article is not None:
            passages += _passages(row, article, row["relation"], day)
            taken.append(_copied(row, article))
    for row in linked:
        later, earlier = articles.get(row["article_id"]), articles.get(row["rewrite_of"])
        if later is not None and earlier is not None:
            passages += _passages(later, earlier, row["relation"] or Relation.REWRITE.value, day)
    edges = source_edges(taken, day)
    files = {
        partition("passages", day): to_table(Passage, passages) if passages else None,
        partition("edges", day): to_table(Edge, edges) if edges else None,
    }
    return DayLinks(files, days)


def linked_days(lake: Lake, days: Sequence[date]) -> dict[str, date]:
    """The day of every article that a copy, a rewrite or a follow-up of these days is linked to, or is.

    The days around are looked through first, since most links lead to the same week: the rest of the lake is read only
    where an article is not among them.

    Args:
        lake: only read.
        days: in order.
    """
    missing: set[str] = set()
    for table, names in (("duplicates", ["duplicate_of"]), ("rewrites", ["article_id", "rewrite_of"])):
        rows = lake.read(table, days, names)
        missing.update(*(rows.column(n).to_pylist() for n in names))
    found: dict[str, date] = {}
    for day in sorted(lake.dates("articles") if missing else (), key=lambda one: (_distance(one, days), one)):
        ids = lake.read("articles", [day], ["article_id"]).column("article_id")
        here = ids.filter(pc.is_in(ids, pa.array(sorted(missing), pa.string()))).to_pylist()
        found |= dict.fromkeys(here, day)
        missing.difference_update(here)
        if not missing:
            break
    return found


def _distance(day: date, days: Sequence[date]) -> int:
    """Days to the nearest of some days, which are in order."""
    place = bisect(days, day)
    return min(abs((one - day).days) for one in days[max(place - 1, 0) : place + 1])


def week_originality(lake: Lake, monday: date) -> Mapping[str, pa.Table | None]:
    """The ``originality`` partition of the week that begins on a Monday."""
    days = [monday + timedelta(days=k) for k in range(_WEEK_DAYS)]
    texts = [
        PublishedText(r["source"], r["word_count"], None, r["agency"])
        for r in lake.read("articles", days, ["source", "word_count", "agency"]).to_pylist()
    ]
    names = ["article_id", "source", "word_count", "agency", "relation", "containment"]
    copies: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lake.read("duplicates", days, names).to_pylist():
        copies[row["article_id"]].append(row)
    for rows in copies.values():
        added = own_share(rows[0]["relation"], [r["containment"] for r in rows])
        texts.append(PublishedText(rows[0]["source"], rows[0]["word_count"], added, rows[0]["agency"]))
    found = originality(texts, monday)
    return {partition("originality", monday): to_table(Originality, found) if found else None}


def _articles(lake: Lake, days: list[date], wanted: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    ids = pa.array(sorted(wanted), pa.string())
    for day in days:
        rows = lake.read("articles", [day], _ARTICLE)
        for row in rows.filter(pc.is_in(rows.column("article_id"), ids)).to_pylist():
            yield row["article_id"], row


def _passages(row: dict[str, Any], other: dict[str, Any], relation: str, day: date) -> Iterator[Passage]:
    for p in find_passages(row["text"], other["text"]):
        yield Passage(
            row["article_id"],
            other["article_id"],
            p.start,
            p.length,
            p.other_start,
            p.other_length,
            p.words,
            relation,
            row["source"],
            day,
        )


def _copied(row: dict[str, Any], article: dict[str, Any]) -> CopiedArticle:
    return CopiedArticle(
        article["source"],
        row["source"],
        row["lag_seconds"],
        row["containment_of_canonical"],
        row["added_share"],
        is_credited(
            row["agency"],
            row["authors"],
            row["text"],
            of=article["agency"],
            names=[name for name in (article["site_name"], article["host"]) if name],
        ),
        article["agency"],
    )
