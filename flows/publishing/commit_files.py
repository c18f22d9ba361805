"""The files of one commit: tables, versions, and the fate of each record, after a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date

import pyarrow as pa

from cleaning.records import Article, Cleaned, Rejection, RightsRow, Signal
from cleaning.schema.arrow import to_table
from cleaning.urls import article_id
from flows.lake.index import (
    Lineage,
    Published,
    Version,
    changed_versions,
    published_path,
    published_rows,
    versions_path,
)
from flows.lake.partitions import key_of, put_rows, rows_of
from flows.lake.store import Lake
from flows.publishing.gone_marks import marks
from flows.publishing.revisions import removal_rows
from flows.publishing.unpublished import Record, date_of
from flows.publishing.url_histories import UrlHistory

Files = dict[str, pa.Table | None]


def table_files(
    lake: Lake,
    histories: Iterable[UrlHistory],
    rejections: Mapping[str, Rejection],
    known: Mapping[str, Sequence[Version]],
    anew: Collection[Lineage],
) -> Files:
    """The partitions of articles, duplicates, revisions, removals and rejected after a batch.

    Args:
        lake: only read.
        histories: the URLs that change.
        rejections: rows of ``rejected`` to write.
        known: all versions so far of all these URLs.
        anew: records cleaned again; their earlier rejections are removed.
    """
    listed = list(histories)
    gone: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for history in listed:
        for version in history.before:
            gone[version.table][version.day].add(version.article_id)
            gone["removals"][version.day].add(version.article_id)
    for key, rejection in rejections.items():
        for version in known.get(article_id(rejection.canonical_url), []):
            if version.key == rejection.reason:
                gone["rejected"][version.day].add(key)
    for day, keys in _overruled(lake, known, anew).items():
        gone["rejected"][day] |= keys
    marked = marks(lake)
    articles = [
        replace(d.head, cluster_id=d.head.article_id, gone_at=marked.get(d.head.article_id))
        for d in listed
        if d.texts and not d.copies
    ]
    copies = [replace(c, gone_at=marked.get(c.article_id)) for d in listed for c in d.copies]
    texts = [t for d in listed for t in d.texts]
    return {
        **put_rows(lake, "articles", articles, gone["articles"]),
        **put_rows(lake, "duplicates", copies, gone["duplicates"]),
        **put_rows(lake, "revisions", [r for d in listed for r in d.revisions], gone["revisions"]),
        **put_rows(lake, "removals", [r for t in texts for r in removal_rows(t)], gone["removals"]),
        **put_rows(lake, "rejected", rejections.values(), gone["rejected"]),
    }


def rights_files(lake: Lake, cleaned: Iterable[tuple[Record, Cleaned]]) -> Files:
    """The partitions of ``rights`` after a batch: for each record the signals that were read with it, and no others."""
    rows: list[RightsRow] = []
    gone: dict[date, set[str]] = defaultdict(set)
    for record, page in cleaned:
        day = record.fetched_at.astimezone(UTC).date()
        gone[day].add(f"{record.raw_file} {record.raw_offset}")
        rows += [_rights_row(record, page.result, day, *numbered) for numbered in enumerate(page.signals)]
    return put_rows(lake, "rights", rows, gone)


def _rights_row(record: Record, result: Article | Rejection, day: date, position: int, signal: Signal) -> RightsRow:
    return RightsRow(
        article_id=result.article_id if isinstance(result, Article) else article_id(result.canonical_url),
        url=result.url,
        source=record.source,
        fetched_at=record.fetched_at,
        position=position,
        signal=signal.name,
        where=signal.where,
        statement_url=signal.url,
        seen_at=signal.seen_at,
        text=signal.text,
        text_hash=signal.text_hash,
        forbids=signal.forbids,
        raw_file=record.raw_file,
        raw_offset=record.raw_offset,
        fetched_date=day,
    )


def _is_overruled(version: Version, anew: Collection[Lineage]) -> bool:
    return version.table == "rejected" and version.lineage in anew


def _overruled(lake: Lake, known: Mapping[str, Sequence[Version]], anew: Collection[Lineage]) -> dict[date, set[str]]:
    """The keys of rejections whose records were cleaned again, by day."""
    days = {v.day for versions in known.values() for v in versions if _is_overruled(v, anew)}
    keys: dict[date, set[str]] = {}
    for day in days:
        rows = rows_of("rejected", lake.read("rejected", [day]))
        keys[day] = {key_of("rejected", row) for row in rows if (row.raw_file, row.raw_offset) in anew}
    return keys


def version_files(
    lake: Lake,
    histories: Mapping[str, UrlHistory],
    rejections: Mapping[str, Rejection],
    known: Mapping[str, Sequence[Version]],
    anew: Collection[Lineage],
) -> Files:
    """The files of ``index/versions`` after a batch; arguments as in :func:`table_files`."""
    before: dict[str, list[Version]] = {}
    after: dict[str, list[Version]] = {}
    overruled = [i for i, versions in known.items() if any(_is_overruled(v, anew) for v in versions)]
    for identity in {*histories, *overruled, *(article_id(j.canonical_url) for j in rejections.values())}:
        before[identity] = list(known.get(identity, ()))
        after[identity] = [v for v in before[identity] if not _is_overruled(v, anew)]
    for identity, history in histories.items():
        after[identity] = [v for v in after[identity] if v.table == "rejected"] + history.versions
    for rejection in rejections.values():
        identity = article_id(rejection.canonical_url)
        after[identity] = [v for v in after[identity] if v.key != rejection.reason] + [_rejected_version(rejection)]
    paths = {versions_path(v.day) for vs in (*before.values(), *after.values()) for v in vs}
    return dict(changed_versions({p: lake.read_file(p) for p in paths}, before, after))


def published_files(lake: Lake, fates: Iterable[Published]) -> Files:
    """The files of ``index/published`` after a batch: the fate of each record."""
    by_day: dict[str, list[Published]] = defaultdict(list)
    for fate in fates:
        by_day[date_of(fate.raw_file)].append(fate)
    files: Files = {}
    for day, rows in by_day.items():
        path = published_path(day)
        present = lake.read_file(path)
        merged = {r.lineage: r for r in [*published_rows(present), *rows]}
        files[path] = to_table(Published, [merged[k] for k in sorted(merged)])
    return files


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
