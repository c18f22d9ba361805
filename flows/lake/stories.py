"""The largest stories of a range of days: who published each first, who copied, rewrote and followed it, how fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cleaning.records import Relation
from flows.lake.store import Lake

_TEXT = ["article_id", "source", "title", "published_at", "fetched_at", "cluster_id", "agency"]
# Copies and follow-ups of a story come after its article: so many days past the range are looked through.
LATER_DAYS = 7


@dataclass(frozen=True, slots=True)
class Story:
    """One story of the range."""

    cluster_id: str
    title: str
    first_source: str
    first_at: datetime  # of the earliest text; its fetch where it is not dated
    agency: str | None
    sources: int
    copies: int
    rewrites: int
    follow_ups: int
    hours: tuple[float, ...]  # of each text after the first, ascending; 0 for the first

    @property
    def texts(self) -> int:
        """Article and copies."""
        return self.copies + 1


def largest_stories(root: Path, start: date, end: date, limit: int, *, series: bool = False) -> list[Story]:
    """The stories with the most sources, then texts, whose article is of the range.

    Args:
        root: of the lake.
        start, end: first and last publication day of the articles.
        limit: at most so many.
        series: count reports of a recurring form too.
    """
    lake = Lake(root)
    days = [start + timedelta(days=k) for k in range((end - start).days + 1)]
    later = [*days, *(end + timedelta(days=k) for k in range(1, LATER_DAYS + 1))]
    articles = {r["article_id"]: r for r in lake.read("articles", days, _TEXT).to_pylist()}
    if not series:
        left_out = set(lake.read("series", days, ["article_id"]).column("article_id").to_pylist())
        articles = {i: r for i, r in articles.items() if i not in left_out}
    members: dict[str, dict[str, dict[str, Any]]] = {i: {i: r} for i, r in articles.items()}
    for row in lake.read("duplicates", later, [*_TEXT, "relation", "duplicate_of"]).to_pylist():
        if row["duplicate_of"] in members and row["relation"] != Relation.AGGREGATE:
            members[row["duplicate_of"]][row["article_id"]] = row
    linked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in lake.read("rewrites", later, ["article_id", "rewrite_of", "relation"]).to_pylist():
        linked[row["rewrite_of"]][row["relation"] or Relation.REWRITE.value].add(row["article_id"])
    stories = [_story(articles[i], list(texts.values()), linked[i]) for i, texts in members.items()]
    order = sorted(stories, key=lambda s: (-s.sources, -s.texts - s.rewrites - s.follow_ups, s.first_at, s.cluster_id))
    return order[:limit]


def _when(row: dict[str, Any]) -> datetime:
    at: datetime = row["published_at"] or row["fetched_at"]
    return at


def _story(article: dict[str, Any], texts: Sequence[dict[str, Any]], linked: dict[str, set[str]]) -> Story:
    first = min(texts, key=lambda r: (_when(r), r["article_id"]))
    agencies = [r["agency"] for r in (article, *texts) if r["agency"]]
    return Story(
        article["cluster_id"],
        article["title"],
        first["source"],
        _when(first),
        agencies[0] if agencies else None,
        len({r["source"] for r in texts}),
        len(texts) - 1,
        len(linked[Relation.REWRITE.value]),
        len(linked[Relation.FOLLOW_UP.value]),
        tuple(sorted((_when(r) - _when(first)).total_seconds() / 3600 for r in texts)),
    )
