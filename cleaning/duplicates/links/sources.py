"""What sources take from one another: edges of a day, and how much of a source's week is its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median_low

from cleaning.records import Edge, Originality, Relation


@dataclass(frozen=True, slots=True)
class CopiedArticle:
    """One copy and the article that it copies; shares are those of ``duplicates``."""

    from_source: str
    to_source: str
    lag_seconds: int | None
    kept: float
    added: float
    is_credited: bool
    agency: str | None  # of the article


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A text of a source's week."""

    source: str
    words: int
    added: float | None  # share that no earlier text has; None for an article
    agency: str | None


def is_credited(agency: str | None, authors: Sequence[str], text: str, *, of: str | None, names: Iterable[str]) -> bool:
    """Whether a copy says where it has its text from.

    Args:
        agency, authors, text: of the copy.
        of: the agency that the article credits.
        names: of the article's source: its site's name and its host.
    """
    if of is not None and agency == of:
        return True
    said = " ".join([*authors, text]).casefold()
    return any(name and name.casefold() in said for name in names)


def source_edges(copies: Iterable[CopiedArticle], day: date) -> list[Edge]:
    """The edges of one day; what a source takes from itself is none."""
    pairs: dict[tuple[str, str], list[CopiedArticle]] = defaultdict(list)
    for copy in copies:
        if copy.from_source != copy.to_source:
            pairs[copy.from_source, copy.to_source].append(copy)
    edges = []
    for (origin, target), taken in sorted(pairs.items()):
        lags = [c.lag_seconds for c in taken if c.lag_seconds is not None]
        kept = fmean(c.kept for c in taken)
        edges.append(
            Edge(
                origin,
                target,
                len(taken),
                median_low(lags) if lags else None,
                kept,
                1 - kept,
                fmean(c.added for c in taken),
                sum(c.is_credited for c in taken),
                # most copies say, or none does
                Counter(c.agency for c in taken).most_common(1)[0][0],
                day,
            )
        )
    return edges


def originality(texts: Iterable[PublishedText], monday: date) -> list[Originality]:
    """How much of what each source published in a week is its own.

    What an agency wrote is not the source's own, whether or not the agency is in the lake.
    """
    by_source: dict[str, list[PublishedText]] = defaultdict(list)
    for text in texts:
        by_source[text.source].append(text)
    rows = []
    for source, mine in sorted(by_source.items()):
        words = sum(t.words for t in mine)
        own = sum(t.words * t.added if t.added is not None else t.words * (t.agency is None) for t in mine)
        rows.append(
            Originality(
                source,
                len(mine),
                sum(t.added is not None for t in mine),
                sum(t.agency is not None for t in mine),
                words,
                round(own),
                own / words if words else 0.0,
                monday,
            )
        )
    return rows


def own_share(relation: str, containments: Sequence[float]) -> float:
    """Share of a copy that its articles do not hold; the parts of a round-up are disjoint.

    Args:
        relation: of the copy, as in ``duplicates``.
        containments: share of the copy that each of its articles holds.
    """
    held = sum(containments) if relation == Relation.AGGREGATE else max(containments)
    return min(max(1.0 - held, 0.0), 1.0)
