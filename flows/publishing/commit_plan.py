"""Turns one batch of cleaned pages into the files of one commit.

Whatever the order and grouping of the pages, each URL ends with the same versions; which article of a story is
canonical is decided once, when the story is first committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

import pyarrow as pa

from cleaning.records import Alias, Article, Cleaned, Rejection
from cleaning.schema.arrow import to_table
from cleaning.urls import article_id, canonical_url
from flows.lake.index import Lineage, Published, PublishedAs, Version, known_versions
from flows.lake.partitions import key_of, put_rows, rows_of
from flows.lake.store import Lake
from flows.lake.tombstones import erased_ids
from flows.publishing.commit_files import Files, published_files, rights_files, table_files, version_files
from flows.publishing.revisions import Text
from flows.publishing.unpublished import Record
from flows.publishing.url_histories import UrlHistory, dependants, open_dossiers, reopen


class DuplicateDecisions(Protocol):
    """Which articles of a batch are copies, and the index files to commit along with that."""

    @property
    def duplicates(self) -> pa.Table: ...  # noqa: D102
    @property
    def rewrites(self) -> pa.Table: ...  # noqa: D102
    @property
    def aliases(self) -> pa.Table: ...  # noqa: D102
    @property
    def series(self) -> pa.Table: ...  # noqa: D102
    @property
    def decided_anew(self) -> Mapping[date, set[str]]: ...  # noqa: D102
    @property
    def partitions(self) -> Mapping[str, pa.Table]: ...  # noqa: D102


class Decide(Protocol):
    """Decides which articles are copies, e.g. ``FingerprintIndex.decide``."""

    def __call__(self, batch: pa.Table, *, again: Collection[str] = ()) -> DuplicateDecisions:
        """Decide on a batch.

        Args:
            batch: rows with the schema of ``articles``.
            again: article_ids to forget first; those also in the batch are decided as if new.
        """


Keep = Callable[[Record, date], bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one commit, and the fate of each record."""

    files: Files
    fates: list[Published]


def plan_commit(
    lake: Lake,
    cleaned: Sequence[tuple[Record, Cleaned]],
    decide: Decide,
    keep: Keep,
    stamp: Callable[[str], str],
    anew: Mapping[Lineage, Published] | None = None,
) -> Batch:
    """Work out one commit; writes nothing.

    Args:
        lake: only read, under its write lock.
        cleaned: the pages of the batch.
        decide: decides which articles are copies.
        keep: whether an article published on a given day is wanted; a backfill wants only those in its range.
        stamp: from a source to the cleaning version of its pages.
        anew: the batch's records that were published before, with their fate then: their rows are replaced by what
        cleaning makes of them now.
    """
    earlier = anew or {}
    gone, cleaned = _part_erased(lake, cleaned)
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
    known = known_versions(lake.root, [*urls, *(p.article_id for p in earlier.values())])
    histories = open_dossiers(lake, [text for _, text in inside], known, earlier)
    of_changed = dependants(lake, histories, earlier)
    to_reopen = [i for i in of_changed if i not in histories]
    known |= known_versions(lake.root, to_reopen)
    histories |= reopen(lake, to_reopen, known)
    ended = [identity for identity, d in histories.items() if not d.texts]
    decisions = _deduplicate(histories, decide, {*ended, *of_changed})
    rejections = _rejections([j for _, j in rejected], known, earlier)
    came_to: list[tuple[Record, Article | Rejection, PublishedAs]] = [
        *((r, t.row, _fate(t, histories.get(t.row.article_id), earlier.get(r.lineage))) for r, t in inside),
        *((r, article, PublishedAs.OUTSIDE_RANGE) for r, article in outside),
        *((r, j, PublishedAs.REJECTED if _new(j, rejections) else PublishedAs.UNCHANGED) for r, j in rejected),
    ]
    fates = [_published(record, result, fate, stamp(record.source)) for record, result, fate in came_to]
    fates += [_erased(record, identity, stamp(record.source)) for record, identity in gone]
    heirs = [*rows_of("aliases", decisions.aliases), *_heirs(histories, of_changed, ended)]
    files: Files = {
        **table_files(lake, histories.values(), rejections, known, earlier),
        **put_rows(lake, "rewrites", rows_of("rewrites", decisions.rewrites)),
        **put_rows(lake, "aliases", heirs),
        **put_rows(lake, "series", rows_of("series", decisions.series), decisions.decided_anew),
        **version_files(lake, histories, rejections, known, earlier),
        **rights_files(lake, cleaned),
        **published_files(lake, fates),
        **decisions.partitions,
    }
    return Batch(files, fates)


def _part_erased(
    lake: Lake, cleaned: Sequence[tuple[Record, Cleaned]]
) -> tuple[list[tuple[Record, str]], list[tuple[Record, Cleaned]]]:
    """The records of articles that were erased, with their identities; and the others, with their pages."""
    tombstones = erased_ids(lake)
    gone: list[tuple[Record, str]] = []
    stays: list[tuple[Record, Cleaned]] = []
    for record, page in cleaned:
        identities = {_identity(page.result), article_id(canonical_url(record.url))} & tombstones
        if identities:
            gone.append((record, min(identities)))
        else:
            stays.append((record, page))
    return gone, stays


def _identity(result: Article | Rejection) -> str:
    return result.article_id if isinstance(result, Article) else article_id(result.canonical_url)


def _erased(record: Record, identity: str, cleaned_with: str) -> Published:
    """The fate of a record that came back after its article was erased: without its address."""
    return Published(
        raw_file=record.raw_file,
        raw_offset=record.raw_offset,
        run_id=record.run_id,
        source=record.source,
        url="",
        fetched_at=record.fetched_at,
        article_id=identity,
        fate=PublishedAs.ERASED,
        reason=None,
        published_date=None,
        cleaned_with=cleaned_with,
    )


def _deduplicate(histories: Mapping[str, UrlHistory], decide: Decide, again: Collection[str]) -> DuplicateDecisions:
    """Decide whether each changed URL is a copy, in an order that does not depend on the order of the pages."""
    heads = [replace(d.head, cluster_id=d.head.article_id) for d in histories.values() if d.texts]
    heads.sort(key=_order)
    decisions = decide(to_table(Article, heads), again=again)
    for copy in rows_of("duplicates", decisions.duplicates):
        histories[copy.article_id].copies.append(copy)
    return decisions


def _heirs(histories: Mapping[str, UrlHistory], stories: Mapping[str, str], ended: Collection[str]) -> list[Alias]:
    """Maps each withdrawn article's cluster to that of its earliest surviving copy (written to ``aliases``)."""
    heirs: dict[str, Alias] = {}
    left = [(histories[copy], story) for copy, story in stories.items() if story in ended and histories[copy].texts]
    for history, story in sorted(left, key=lambda pair: _order(pair[0].head)):
        now = history.copies[0].cluster_id if history.copies else history.head.article_id
        heirs.setdefault(story, Alias(story, now, history.head.published_date))
    return list(heirs.values())


def _order(article: Article) -> tuple[datetime, str]:
    return article.published_at or article.fetched_at, article.article_id


def _rejections(
    rejected: Iterable[Rejection], known: Mapping[str, list[Version]], anew: Collection[Lineage]
) -> dict[str, Rejection]:
    """Rejections to write, by key: for each URL and reason the first fetch, unless it is already stored."""
    chosen: dict[str, Rejection] = {}
    for rejection in sorted(rejected, key=lambda j: (j.fetched_at, j.raw_file, j.raw_offset)):
        of_url = known.get(article_id(rejection.canonical_url), [])
        stored = [v for v in of_url if v.key == rejection.reason and v.lineage not in anew]
        order = rejection.fetched_at, rejection.raw_file, rejection.raw_offset
        if all(order < v.order for v in stored):
            chosen.setdefault(key_of("rejected", rejection), rejection)
    return chosen


def _new(rejection: Rejection, rejections: Mapping[str, Rejection]) -> bool:
    return rejections.get(key_of("rejected", rejection)) is rejection


def _fate(text: Text, history: UrlHistory | None, earlier: Published | None) -> PublishedAs:
    """The fate of one fetch. A fetch counts as news only if its own row is in the lake now."""
    rows = [t.order for t in history.texts] if history else []
    if history is None or text.order not in rows:
        return PublishedAs.UNCHANGED
    known = (
        len(rows) > 1 and earlier.fate not in (PublishedAs.ARTICLE, PublishedAs.DUPLICATE)
        if earlier
        else bool(history.before)
    )
    if known or text.order != rows[-1]:
        return PublishedAs.REVISION
    return PublishedAs.DUPLICATE if history.copies else PublishedAs.ARTICLE


def _published(record: Record, result: Article | Rejection, fate: PublishedAs, cleaned_with: str) -> Published:
    return Published(
        raw_file=record.raw_file,
        raw_offset=record.raw_offset,
        run_id=record.run_id,
        source=record.source,
        url=record.url,
        fetched_at=record.fetched_at,
        article_id=_identity(result),
        fate=fate,
        reason=None if isinstance(result, Article) else result.reason,
        published_date=result.published_date if isinstance(result, Article) else None,
        cleaned_with=cleaned_with,
    )
