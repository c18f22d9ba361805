"""Everything the lake and a batch know about each URL that the batch changes: its versions before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow.compute as pc

from cleaning.records import Article, Duplicate, Removal, Revision
from flows.lake.index import Lineage, Version, version_key
from flows.lake.parquet_reader import read_matching
from flows.lake.partitions import read_rows
from flows.lake.store import Lake
from flows.publishing.revisions import Text, as_article, as_revisions, merge


@dataclass(slots=True)
class UrlHistory:
    """The history of one URL that changes."""

    before: list[Version]  # excluding rejections
    texts: list[Text]  # merged, oldest first; empty: the URL no longer has an article
    copies: list[Duplicate]  # rows of duplicates, one per article it copies; empty: it is an article itself

    @property
    def head(self) -> Article:
        """The newest text, as a row of articles."""
        return as_article(self.texts[-1].row)

    @property
    def revisions(self) -> list[Revision]:
        """The rows of ``revisions``, in the story of the newest text."""
        if not self.texts:
            return []
        story = self.copies[0].cluster_id if self.copies else self.head.article_id
        return as_revisions(self.texts, story)

    @property
    def versions(self) -> list[Version]:
        """The index rows of what exists after the commit."""
        if not self.texts:
            return []
        table = "duplicates" if self.copies else "articles"
        return [version_of(table, self.head), *(version_of("revisions", r) for r in self.revisions)]


def open_dossiers(
    lake: Lake, fetched: Iterable[Text], known: Mapping[str, Sequence[Version]], anew: Collection[Lineage] = ()
) -> dict[str, UrlHistory]:
    """The URLs whose versions a batch changes, by article_id.

    Args:
        lake: only read.
        fetched: the articles of the batch.
        known: all versions of these URLs, and of those that the records of ``anew`` belonged to.
        anew: records cleaned again: their stored rows are replaced by the batch's, if it has any.
    """
    by_url: dict[str, list[Text]] = defaultdict(list)
    for text in fetched:
        by_url[text.row.article_id].append(text)
    before = {i: [v for v in known.get(i, ()) if v.table != "rejected"] for i in {*by_url, *known}}
    stays = {i: [v for v in versions if v.lineage not in anew] for i, versions in before.items()}
    replaced = {i for i, versions in before.items() if len(stays[i]) < len(versions)}
    suspects = {i for i, texts in by_url.items() if stays[i] and _may_change(texts, stays[i])} | replaced
    present = read_texts(lake, [v for i in suspects for v in stays[i]])
    histories: dict[str, UrlHistory] = {}
    for identity in {**by_url, **dict.fromkeys(sorted(replaced))}:
        if before[identity] and identity not in suspects:
            continue
        merged = merge([*present.get(identity, []), *by_url.get(identity, [])])
        if identity not in replaced and [t.order for t in merged] == sorted(v.order for v in before[identity]):
            continue
        histories[identity] = UrlHistory(before[identity], merged, [])
    return histories


def dependants(lake: Lake, histories: Mapping[str, UrlHistory], anew: Collection[Lineage]) -> dict[str, str]:
    """The copies of articles whose text was changed by cleaning again: article_id → the story it counts towards.

    Either their share of the article is different now, or the article no longer is one. A revision of the article does
    not affect them: they copy what it was.
    """
    changed = [
        identity
        for identity, history in histories.items()
        for v in history.before
        if v.table == "articles" and v.lineage in anew and (not history.texts or history.head.text_hash != v.text_hash)
    ]
    files = [str(f) for f in sorted((lake.root / "duplicates").glob("date=*/part-*.parquet"))]
    if not changed or not files:
        return {}
    matching = pc.field("duplicate_of").isin(changed)
    copies = read_matching(files, matching, columns=["article_id", "cluster_id"])
    return dict(zip(*(copies.column(name).to_pylist() for name in ("article_id", "cluster_id")), strict=True))


def reopen(lake: Lake, ids: Iterable[str], known: Mapping[str, Sequence[Version]]) -> dict[str, UrlHistory]:
    """Histories of URLs whose texts stay as they are, so that what they copy can be decided afresh."""
    versions = {i: [v for v in known[i] if v.table != "rejected"] for i in ids}
    texts = read_texts(lake, [v for of in versions.values() for v in of])
    return {i: UrlHistory(of, merge(texts[i]), []) for i, of in versions.items()}


def _may_change(texts: Iterable[Text], stored: Iterable[Version]) -> bool:
    """Whether a version is new, or was fetched before the one that is its row."""
    first = {v.key: v.order for v in stored}
    return any((found := first.get(version_key(t.row))) is None or t.order < found for t in texts)


def read_texts(lake: Lake, versions: Iterable[Version]) -> dict[str, list[Text]]:
    """The stored rows and removals of these versions, by article_id."""
    places: dict[tuple[str, date], set[str]] = defaultdict(set)
    days: dict[date, set[str]] = defaultdict(set)
    wanted: set[Lineage] = set()
    for version in versions:
        places[version.table, version.day].add(version.article_id)
        days[version.day].add(version.article_id)
        wanted.add(version.lineage)
    removals: dict[tuple[str, int], list[Removal]] = defaultdict(list)
    for day, ids in days.items():
        for row in read_rows(lake, "removals", day, ids):
            removal = Removal(row.position, row.text, row.rule, "", row.probability)
            removals[row.article_id, row.revision].append(removal)
    texts: dict[str, list[Text]] = defaultdict(list)
    for (table, day), ids in places.items():
        for row in read_rows(lake, table, day, ids):
            if (row.raw_file, row.raw_offset) in wanted:
                texts[row.article_id].append(Text(row, tuple(removals[row.article_id, row.revision])))
    return texts


def version_of(table: str, row: Article) -> Version:
    """The index row for a table row."""
    return Version(
        article_id=row.article_id,
        table=table,
        key=version_key(row),
        revision=row.revision,
        day=row.published_date,
        fetched_at=row.fetched_at,
        raw_file=row.raw_file,
        raw_offset=row.raw_offset,
    )
