"""Draws one story: who published it first, who copied it, when, and how much of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import duckdb

from cleaning.records import Relation

# Colours of Okabe and Ito (2008), distinguishable with any kind of colour vision.
_COLOURS = {
    "article": "#000000",
    Relation.EXACT: "#0072b2",
    Relation.NEAR: "#009e73",
    Relation.CONTAINED: "#e69f00",
    Relation.AGGREGATE: "#cc79a7",
}
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 1000, 210, 300, 84, 30
_TITLE_CHARACTERS = 90


class UnknownClusterError(LookupError):
    """There is no such story in the lake; the message says how to find one."""


@dataclass(frozen=True, slots=True)
class _Member:
    article_id: str
    source: str
    title: str
    when: datetime  # publication time, or fetch time if that is unknown
    is_dated: bool
    relation: str  # "article" for the article itself
    containment: float
    cut_share: float
    added_share: float


def draw_cluster(root: Path, cluster_id: str) -> str:
    """The story as SVG: one row per text in order of publication, time running left to right.

    Args:
        root: the lake's root folder.
        cluster_id: as in ``articles`` and ``duplicates``.

    Raises:
        UnknownClusterError: no article or copy has this cluster_id.
    """
    members = _members(root, cluster_id)
    if not members:
        raise UnknownClusterError(
            f"{cluster_id}: no article or copy in {root} has this cluster_id; take one from the column cluster_id of "
            "articles, or of duplicates"
        )
    return _svg(cluster_id, members)


def _members(root: Path, cluster_id: str) -> list[_Member]:
    """The story's article, its copies and the round-ups that contain it, in order of publication."""
    parts = []
    if any((root / "articles").glob("date=*/part-*.parquet")):
        parts.append(
            "SELECT article_id, source, title, published_at, fetched_at, 'article' AS relation, 1.0 AS containment,"
            " 0.0 AS cut_share, 0.0 AS added_share FROM read_parquet($articles) WHERE cluster_id = $cluster"
        )
    if any((root / "duplicates").glob("date=*/part-*.parquet")):
        parts.append(
            "SELECT article_id, source, title, published_at, fetched_at, relation, containment, cut_share, added_share"
            " FROM read_parquet($duplicates) WHERE cluster_id = $cluster OR duplicate_of = $cluster"
        )
    if not parts:
        return []
    query = " UNION ALL ".join(parts)
    given = {table: str(root / table / "*/part-*.parquet") for table in ("articles", "duplicates")}
    params = {"cluster": cluster_id} | {k: v for k, v in given.items() if f"${k}" in query}
    with duckdb.connect() as connection:
        rows = connection.execute("SET TimeZone = 'UTC'").execute(query, params).fetchall()
    members = [_Member(r[0], r[1], r[2], r[3] or r[4], r[3] is not None, r[5], r[6], r[7], r[8]) for r in rows]
    return sorted(members, key=lambda m: (m.when, m.article_id))


def _span(start: datetime, end: datetime) -> str:
    seconds = (end - start).total_seconds()
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 2 * 86_400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"


def _svg(cluster_id: str, members: Sequence[_Member]) -> str:
    start, end = members[0].when, members[-1].when
    length = max((end - start).total_seconds(), 1.0)

    def x(when: datetime) -> float:
        return _LEFT + (when - start).total_seconds() / length * (_WIDTH - _LEFT - _RIGHT)

    rows = {m.article_id: _TOP + _ROW * k for k, m in enumerate(members)}
    height = _TOP + _ROW * len(members) + 40
    article = next((m for m in members if m.relation == "article"), members[0])
    title = article.title[:_TITLE_CHARACTERS] + ("…" if len(article.title) > _TITLE_CHARACTERS else "")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="46" fill="#555555">story {escape(cluster_id)}: {len(members)} texts in {_span(start, end)}, '
        f"first {start:%Y-%m-%d %H:%M} UTC</text>",
        *_legend(),
    ]
    from_x, from_y = x(article.when), rows[article.article_id]
    for m in members:
        at_x, at_y = x(m.when), rows[m.article_id]
        colour = _COLOURS.get(m.relation, "#555555")
        if m is not article:
            lines.append(
                f'<path d="M{from_x:.1f},{from_y} C{from_x:.1f},{at_y} {from_x:.1f},{at_y} {at_x:.1f},{at_y}" '
                f'fill="none" stroke="{colour}" stroke-width="1.5" opacity="0.6"/>'
            )
        hollow = "" if m.is_dated else ' fill-opacity="0.25"'
        lines += [
            f'<text x="{_LEFT - 14}" y="{at_y + 4}" text-anchor="end">{escape(m.source)}</text>',
            f'<circle cx="{at_x:.1f}" cy="{at_y}" r="6" fill="{colour}" stroke="{colour}"{hollow}>'
            f"<title>{escape(m.title)} ({m.article_id})</title></circle>",
            f'<text x="{at_x + 12:.1f}" y="{at_y + 4}">{escape(_note(m, article))}</text>',
        ]
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _legend() -> Iterable[str]:
    for k, (name, colour) in enumerate(_COLOURS.items()):
        at = 22 + 110 * k
        yield f'<circle cx="{at}" cy="62" r="5" fill="{colour}"/><text x="{at + 10}" y="66">{name}</text>'


def _note(member: _Member, article: _Member) -> str:
    """How the text relates to the article: when it appeared, and what was cut or added."""
    if member is article:
        return f"{member.when:%m-%d %H:%M}  the article"
    lag = member.when - article.when
    sign = "−" if lag < timedelta(0) else "+"
    parts = [f"{sign}{_span(min(member.when, article.when), max(member.when, article.when))}  {member.relation}"]
    if member.relation == Relation.AGGREGATE:
        parts.append(f"holds {1 - member.cut_share:.0%} of it")
    else:
        shares = ((member.cut_share, "cut"), (member.added_share, "added"))
        parts += [f"{share:.0%} {what}" for share, what in shares if share >= 0.005]
    return ", ".join(parts) + ("" if member.is_dated else ", by fetch time")
