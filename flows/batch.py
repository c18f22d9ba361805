"""One batch of cleaned pages becomes the files of one commit.

Whatever order and grouping the pages come in, each URL ends with the same versions; which article of
a story is the canonical one is decided once, when the story is first committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import pyarrow as pa

from cleaning.records import Article, Cleaned, Duplicate, Rejection, Removal, Revision
from cleaning.schemas import to_table
from cleaning.urls import article_id
from flows.index import (
    Fate,
    Published,
    Version,
    changed_versions,
    known_versions,
    published_path,
    published_rows,
    versions_path,
)
from flows.lake import Lake
from flows.partitions import key_of, put_rows, read_rows, rows_of
from flows.pending import Record, date_of
from flows.versions import Text, as_article, as_revisions, merge, removal_rows


class Decisions(Protocol):
    """Which articles of a batch are copies, and the index files to commit with that."""

    @property
    def duplicates(self) -> pa.Table: ...  # noqa: D102
    @property
    def rewrites(self) -> pa.Table: ...  # noqa: D102
    @property
    def aliases(self) -> pa.Table: ...  # noqa: D102
    @property
    def partitions(self) -> Mapping[str, pa.Table]: ...  # noqa: D102


Keep = Callable[[Record, date], bool]
Decide = Callable[[pa.Table], Decisions]
Files = dict[str, pa.Table | None]


@dataclass(slots=True)
class Dossier:
    """All that the lake and the batch know of one URL that changed."""

    before: list[Version]
    texts: list[Text]  # merged, oldest first
    copies: list[Duplicate]  # rows of duplicates, one for each article it copies; empty: it is an article

    @property
    def head(self) -> Article:
        """The newest text, as a row of articles."""
        return as_article(self.texts[-1].row)

    @property
    def revisions(self) -> list[Revision]:
        """The rows of ``revisions``: in the story that the newest text belongs to."""
        story = self.copies[0].cluster_id if self.copies else self.head.article_id
        return as_revisions(self.texts, story)

    @property
    def versions(self) -> list[Version]:
        """Rows of the index for what stands after the commit."""
        table = "duplicates" if self.copies else "articles"
        return [_version(table, self.head), *(_version("revisions", r) for r in self.revisions)]


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one commit, and what became of each record."""

    files: Files
    fates: list[Published]


def plan_commit(lake: Lake, cleaned: Sequence[tuple[Record, Cleaned]], decide: Decide, keep: Keep) -> Batch:
    """Work out one commit; writes nothing.

    Args:
        lake: read, under its turn.
        cleaned: the pages of the batch.
        decide: which new articles are copies, e.g. ``FingerprintIndex.decide``.
        keep: whether an article published on a day is wanted; a backfill wants those of its range only.
    """
    inside: list[tuple[Record, Text]] = []
    outside: list[tuple[Record, Article]] = []
    rejected: list[tuple[Record, Rejection]] = []
    for record, page in cleaned:
        if isinstance(page.result, Rejection):
            rejected.append((record, page.result))
        elif keep(record, page.result.published_date):
            inside.append((record, Text(page.result, page.removals)))
        else:
            outside.append((record, page.result))
    urls = [*(t.row.article_id for _, t in inside), *(article_id(j.canonical_url) for _, j in rejected)]
    known = known_versions(lake.root, urls)
    dossiers = _dossiers(lake, [text for _, text in inside], known)
    decisions = _deduplicate(dossiers, decide)
    rejections = _rejections([j for _, j in rejected], known)
    fates = [
        *(_published(r, t.row, _fate(t, dossiers.get(t.row.article_id))) for r, t in inside),
        *(_published(r, article, Fate.OUTSIDE_RANGE) for r, article in outside),
        *(_published(r, j, Fate.REJECTED if _new(j, rejections) else Fate.UNCHANGED) for r, j in rejected),
    ]
    files: Files = {
        **_table_files(lake, dossiers.values(), decisions, rejections, known),
        **_version_files(lake, dossiers, rejections, known),
        **_published_files(lake, fates),
        **decisions.partitions,
    }
    return Batch(files, fates)


def _dossiers(lake: Lake, fetched: Iterable[Text], known: Mapping[str, list[Version]]) -> dict[str, Dossier]:
    """The URLs whose versions change through this batch."""
    by_url: dict[str, list[Text]] = defaultdict(list)
    for text in fetched:
        by_url[text.row.article_id].append(text)
    stored = {identity: [v for v in known.get(identity, []) if v.table != "rejected"] for identity in by_url}
    suspects = {i for i, texts in by_url.items() if stored[i] and _may_change(texts, stored[i])}
    present = _read_texts(lake, [v for i in suspects for v in stored[i]])
    dossiers: dict[str, Dossier] = {}
    for identity, texts in by_url.items():
        if stored[identity] and identity not in suspects:
            continue
        old = present.get(identity, [])
        merged = merge([*old, *texts])
        if [t.order for t in merged] == sorted(v.order for v in stored[identity]):
            continue
        dossiers[identity] = Dossier(stored[identity], merged, [])
    return dossiers


def _may_change(texts: Iterable[Text], stored: Iterable[Version]) -> bool:
    """Whether a text is new, or was fetched before the one that is its row."""
    first = {v.key: v.order for v in stored}
    return any(t.row.text_hash not in first or t.order < first[t.row.text_hash] for t in texts)


def _read_texts(lake: Lake, versions: Iterable[Version]) -> dict[str, list[Text]]:
    """The stored rows and removals of these versions, by article_id."""
    places: dict[tuple[str, date], set[str]] = defaultdict(set)
    days: dict[date, set[str]] = defaultdict(set)
    for version in versions:
        places[version.table, version.day].add(version.article_id)
        days[version.day].add(version.article_id)
    removals: dict[tuple[str, int], list[Removal]] = defaultdict(list)
    for day, ids in days.items():
        for row in read_rows(lake, "removals", day, ids):
            removal = Removal(row.position, row.text, row.rule, "", row.probability)
            removals[row.article_id, row.revision].append(removal)
    texts: dict[str, list[Text]] = defaultdict(list)
    for (table, day), ids in places.items():
        for row in read_rows(lake, table, day, ids):
            texts[row.article_id].append(Text(row, tuple(removals[row.article_id, row.revision])))
    return texts


def _deduplicate(dossiers: Mapping[str, Dossier], decide: Decide) -> Decisions:
    """Say of each URL that changed whether it is a copy; in an order that does not depend on that of the pages."""
    heads = [replace(d.head, cluster_id=d.head.article_id) for d in dossiers.values()]
    heads.sort(key=lambda a: (a.published_at or a.fetched_at, a.article_id))
    decisions = decide(to_table(Article, heads))
    for copy in rows_of("duplicates", decisions.duplicates):
        dossiers[copy.article_id].copies.append(copy)
    return decisions


def _rejections(rejected: Iterable[Rejection], known: Mapping[str, list[Version]]) -> dict[str, Rejection]:
    """Rejections to write, by key: of each URL and reason the first fetch, unless that is there already."""
    chosen: dict[str, Rejection] = {}
    for rejection in sorted(rejected, key=lambda j: (j.fetched_at, j.raw_file, j.raw_offset)):
        stored = [v for v in known.get(article_id(rejection.canonical_url), []) if v.key == rejection.reason]
        order = rejection.fetched_at, rejection.raw_file, rejection.raw_offset
        if all(order < v.order for v in stored):
            chosen.setdefault(key_of("rejected", rejection), rejection)
    return chosen


def _new(rejection: Rejection, rejections: Mapping[str, Rejection]) -> bool:
    return rejections.get(key_of("rejected", rejection)) is rejection


def _fate(text: Text, dossier: Dossier | None) -> Fate:
    """What one fetch came to. A fetch is news only where its own row stands in the lake now."""
    rows = [t.order for t in dossier.texts] if dossier else []
    if dossier is None or text.order not in rows:
        return Fate.UNCHANGED
    if dossier.before or text.order != rows[-1]:
        return Fate.REVISION
    return Fate.DUPLICATE if dossier.copies else Fate.ARTICLE


def _table_files(
    lake: Lake,
    dossiers: Iterable[Dossier],
    decisions: Decisions,
    rejections: Mapping[str, Rejection],
    known: Mapping[str, list[Version]],
) -> Files:
    listed = list(dossiers)
    gone: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for dossier in listed:
        for version in dossier.before:
            gone[version.table][version.day].add(version.article_id)
            gone["removals"][version.day].add(version.article_id)
    for key, rejection in rejections.items():
        for version in known.get(article_id(rejection.canonical_url), []):
            if version.key == rejection.reason:
                gone["rejected"][version.day].add(key)
    articles = [replace(d.head, cluster_id=d.head.article_id) for d in listed if not d.copies]
    texts = [t for d in listed for t in d.texts]
    return {
        **put_rows(lake, "articles", articles, gone["articles"]),
        **put_rows(lake, "duplicates", [c for d in listed for c in d.copies], gone["duplicates"]),
        **put_rows(lake, "revisions", [r for d in listed for r in d.revisions], gone["revisions"]),
        **put_rows(lake, "removals", [r for t in texts for r in removal_rows(t)], gone["removals"]),
        **put_rows(lake, "rewrites", rows_of("rewrites", decisions.rewrites)),
        **put_rows(lake, "aliases", rows_of("aliases", decisions.aliases)),
        **put_rows(lake, "rejected", rejections.values(), gone["rejected"]),
    }


def _version_files(
    lake: Lake,
    dossiers: Mapping[str, Dossier],
    rejections: Mapping[str, Rejection],
    known: Mapping[str, list[Version]],
) -> Files:
    before: dict[str, list[Version]] = {}
    after: dict[str, list[Version]] = {}
    for identity in {*dossiers, *(article_id(j.canonical_url) for j in rejections.values())}:
        before[identity] = known.get(identity, [])
        after[identity] = list(before[identity])
    for identity, dossier in dossiers.items():
        after[identity] = [v for v in after[identity] if v.table == "rejected"] + dossier.versions
    for rejection in rejections.values():
        identity = article_id(rejection.canonical_url)
        after[identity] = [v for v in after[identity] if v.key != rejection.reason] + [_rejected_version(rejection)]
    paths = {versions_path(v.day) for vs in (*before.values(), *after.values()) for v in vs}
    return dict(changed_versions({p: lake.read_file(p) for p in paths}, before, after))


def _published_files(lake: Lake, fates: Iterable[Published]) -> Files:
    by_day: dict[str, list[Published]] = defaultdict(list)
    for fate in fates:
        by_day[date_of(fate.raw_file)].append(fate)
    files: Files = {}
    for day, rows in by_day.items():
        path = published_path(day)
        present = lake.read_file(path)
        new = {(r.raw_file, r.raw_offset): r for r in rows}
        old = published_rows(present)
        merged = {**{(r.raw_file, r.raw_offset): r for r in old}, **new}
        files[path] = to_table(Published, [merged[k] for k in sorted(merged)])
    return files


def _published(record: Record, result: Article | Rejection, fate: Fate) -> Published:
    return Published(
        raw_file=record.raw_file,
        raw_offset=record.raw_offset,
        run_id=record.run_id,
        source=record.source,
        url=record.url,
        fetched_at=record.fetched_at,
        article_id=result.article_id if isinstance(result, Article) else article_id(result.canonical_url),
        fate=fate,
        reason=None if isinstance(result, Article) else result.reason,
        published_date=result.published_date if isinstance(result, Article) else None,
    )


def _version(table: str, row: Article) -> Version:
    return Version(
        article_id=row.article_id,
        table=table,
        key=row.text_hash,
        revision=row.revision,
        day=row.published_date,
        fetched_at=row.fetched_at,
        raw_file=row.raw_file,
        raw_offset=row.raw_offset,
    )


def _rejected_version(rejection: Rejection) -> Version:
    return Version(
        article_id=article_id(rejection.canonical_url),
        table="rejected",
        key=rejection.reason,
        revision=0,
        day=rejection.fetched_date,
        fetched_at=rejection.fetched_at,
        raw_file=rejection.raw_file,
        raw_offset=rejection.raw_offset,
    )
