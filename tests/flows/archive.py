"""Raw archives made by hand: pages with the text they must give, written as a crawl writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from cleaning.records import Alias, Article, Duplicate, Hints, Rewrite, SeriesMember
from cleaning.schema.arrow import columns, to_table
from flows.lake.store import Lake
from spiders.archive.warc_reader import Exchange, WarcWriter

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = (
    "The ferry to the northern islands was kept in port on Tuesday after engineers found a crack in its shaft, "
    "the operator said. Passengers were taken by bus to the southern quay, where a smaller vessel made the crossing at "
    "noon and again in the evening."
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a site; ``path`` is its identity."""

    path: str
    paragraphs: tuple[str, ...]
    published: datetime = START - timedelta(hours=3)
    fetched: datetime = START
    host: str = "the-harbor-post.localhost"
    status: int = 200

    @property
    def url(self) -> str:
        return f"http://{self.host}/{self.path}"

    @property
    def body(self) -> bytes:
        text = "".join(f"<p>{p}</p>" for p in self.paragraphs)
        head = (
            f"<title>Headline of {self.path}</title><link rel=canonical href='{self.url}'>"
            f"<meta property='article:published_time' content='{self.published.isoformat()}'>"
            f"<meta property='og:type' content='article'>"
        )
        return (
            f"<!doctype html><html lang=en><head>{head}</head><body><main><article>"
            f"<h1>Headline of {self.path}</h1>{text}</article></main></body></html>"
        ).encode()


def story(number: int) -> tuple[str, ...]:
    """Paragraphs that no other number shares."""
    return tuple(
        f"In ward {number}-{i} they voted {number * 7 + i} to {number} for lamp scheme {number * 31 + i}. {WORDS}"
        for i in range(3)
    )


def write_archive(root: Path, run_id: str, pages: Iterable[Page], *, source: str = "the-harbor-post") -> None:
    """Append pages to the raw archive of a lake."""
    writer = WarcWriter(root, run_id)
    for page in pages:
        writer.response(
            source,
            Exchange(
                url=page.url,
                fetched_at=page.fetched,
                status=page.status,
                reason="OK",
                headers=((b"Content-Type", b"text/html; charset=utf-8"),),
                body=page.body,
                hints=Hints(published=page.published),
            ),
        )
    writer.close()


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of :class:`ExactIndex`."""

    duplicates: pa.Table
    rewrites: pa.Table = field(default_factory=lambda: to_table(Rewrite, []))
    aliases: pa.Table = field(default_factory=lambda: to_table(Alias, []))
    series: pa.Table = field(default_factory=lambda: to_table(SeriesMember, []))
    decided_anew: Mapping[date, set[str]] = field(default_factory=dict)
    partitions: Mapping[str, pa.Table] = field(default_factory=dict)


class ExactIndex:
    """Exact copies only, looked up in the tables themselves: the least that publishing asks of an index."""

    def __init__(self, root: Path) -> None:
        self._lake = Lake(root)

    def decide(self, batch: pa.Table, *, again: Collection[str] = ()) -> Decided:
        stored = self._lake.read("articles", columns=["text_hash", "article_id"])
        pairs = zip(stored["text_hash"].to_pylist(), stored["article_id"].to_pylist(), strict=True)
        first = {text: identity for text, identity in pairs if identity not in again}
        copies = []
        for row in batch.to_pylist():
            original = first.setdefault(row["text_hash"], row["article_id"])
            if original != row["article_id"]:
                own = {name: row[name] for name in columns(Article)}
                copies.append(Duplicate(**{**own, "cluster_id": original, "duplicate_of": original}))
        return Decided(to_table(Duplicate, copies))
