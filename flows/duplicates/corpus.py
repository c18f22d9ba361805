"""De-duplicates files of texts, or the whole of a lake by date range, at once: the answer that no order changes.

Texts are read in batches and only sketches are kept, some 4 KB per document while it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd  # noqa: F401  pyarrow imports it with its first array; here, it is not counted in cpu_seconds
import pyarrow as pa
import pyarrow.compute as pc

from cleaning.duplicates.days import UNDATED
from cleaning.duplicates.links.series import Series, find_series
from cleaning.duplicates.rewrites import FOLLOW_UP_SCORE, SURE_SCORE, Rewrites, find_rewrites
from cleaning.duplicates.site_lines import host_hashes, site_lines
from cleaning.duplicates.sketches import join, reorder, sample, sketch
from cleaning.duplicates.terms import find_terms, join_terms
from cleaning.duplicates.verify import containment, relations
from cleaning.duplicates.whole import Grouping, group
from cleaning.duplicates.words import Flags, Hashes, Ints
from cleaning.records import Relation
from flows.duplicates.corpus_reader import Batch, DedupError, file_batches, lake_batches
from flows.lake.store import write_parquet

CLUSTERS, LINKS, SERIES = "clusters.parquet", "links.parquet", "series.parquet"
FOLLOW_UPS = "follow_ups.parquet"
_TABLES = ("articles", "duplicates")
# Reads all documents, for the first time or again.
_Batches = Callable[[bool], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class DedupReport:
    """What was found, and where it was written."""

    documents: int
    clusters: int  # stories: documents that copy no other
    duplicates: int
    aggregates: int
    rewrites: int
    follow_ups: int
    series: int  # forms of which there are several reports
    links: int  # pairs of any relation
    cpu_seconds: float
    clusters_file: Path
    links_file: Path
    series_file: Path
    follow_ups_file: Path


def dedup_files(
    paths: Sequence[Path],
    out: Path,
    *,
    window_days: int | None = None,
    rewrite_score: float | None = SURE_SCORE,
    follow_up_score: float | None = FOLLOW_UP_SCORE,
) -> DedupReport:
    """Find the copies in files of any origin.

    Args:
        paths: Parquet, or JSON lines (.jsonl, .ndjson, .json), with columns ``id`` and ``text``, and of these what
            there is: ``host`` or ``url`` (what a host repeats on four pages does not count), ``day`` (a number) or
            ``date`` (a date, a time, or ISO text).
        out: folder for ``clusters.parquet`` (id, cluster_id, is_canonical), ``links.parquet`` (a, b, relation, score,
            lag_days, added_share, cut_share; a is the later one), ``follow_ups.parquet`` (a, b, score, lag_days) and
            ``series.parquet`` (id, template_id, previous, period_days).
        window_days: documents dated further apart are not compared; None compares all.
        rewrite_score: lowest score of a link between possible rewrites; None looks for none, nor for follow-ups.
        follow_up_score: lowest score of a follow-up; None finds only those that share as much as rewrites do.

    Raises:
        DedupError: for a file of another kind, without the columns, or with an id that is there already.
    """
    if not paths:
        raise DedupError("no file was given; name one or more Parquet or JSON lines files")
    return _dedup(lambda first: file_batches(paths, warn=first), out, window_days, rewrite_score, follow_up_score)


def dedup_lake(
    root: Path,
    out: Path,
    *,
    start: date | None = None,
    end: date | None = None,
    window_days: int | None = 90,
    rewrite_score: float | None = SURE_SCORE,
    follow_up_score: float | None = FOLLOW_UP_SCORE,
) -> DedupReport:
    """The order-free answer for a lake: which articles and copies published from ``start`` to ``end`` are one story.

    The lake is not changed, since its cluster_ids are permanent; compare them with the clusters written here.

    Args:
        root: of the lake.
        out: folder for the four files.
        start, end: first and last date of publication; None is open.
        window_days, rewrite_score, follow_up_score: as for :func:`dedup_files`.

    Raises:
        DedupError: if there is no article in the range.
    """
    files = [
        file
        for table in _TABLES
        for file in sorted((root / table).glob("date=*/part-*.parquet"))
        if (start is None or file.parent.name[5:] >= start.isoformat())
        and (end is None or file.parent.name[5:] <= end.isoformat())
    ]
    if not files:
        raise DedupError(
            f"{root}: no articles from {start or 'the first'} to {end or 'the last day'}; publish some first"
        )
    return _dedup(lambda _: lake_batches(files), out, window_days, rewrite_score, follow_up_score)


def _dedup(
    batches: _Batches,
    out: Path,
    window_days: int | None,
    rewrite_score: float | None,
    follow_up_score: float | None,
) -> DedupReport:
    started = time.process_time()
    found = _group(batches, window_days)
    ids, grouping, order = found.ids, found.grouping, found.order
    canonical = grouping.story  # documents are in order of publication, so the smallest is the first
    ordered_ids = ids.take(pa.array(order))
    cluster_ids = ordered_ids.take(pa.array(canonical))
    is_canonical = canonical == np.arange(len(order))
    series = find_series(grouping.forms, canonical, grouping.aggregate, np.arange(len(order)))
    rewrites = None
    if rewrite_score is not None:
        rewrites = _rewrites(batches, found, is_canonical & ~grouping.aggregate, rewrite_score, follow_up_score)
        template = np.full(len(order), -1)
        template[series.article] = series.template
        rewrites = rewrites.without_series(template, rewrite_score)
    clusters = pa.table({"id": ordered_ids, "cluster_id": cluster_ids, "is_canonical": pa.array(is_canonical)})
    days, hosts = found.days[order], found.hosts[order]
    alike = None if rewrites is None or rewrite_score is None else rewrites.take(rewrites.score >= rewrite_score)
    links = _links(ordered_ids, found.text[order], days, hosts, grouping, alike)
    write_parquet(out / CLUSTERS, clusters)
    write_parquet(out / LINKS, links)
    write_parquet(out / SERIES, _series_rows(ordered_ids, days, series))
    follow_ups = _follow_ups(ordered_ids, days, rewrites)
    write_parquet(out / FOLLOW_UPS, follow_ups)
    return DedupReport(
        len(order),
        int(is_canonical.sum()),
        int(len(order) - is_canonical.sum()),
        int(grouping.aggregate.sum()),
        0 if rewrites is None else int((~rewrites.follows).sum()),
        len(follow_ups),
        int((series.previous < 0).sum()),
        len(links),
        time.process_time() - started,
        out / CLUSTERS,
        out / LINKS,
        out / SERIES,
        out / FOLLOW_UPS,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Stories of all documents; ids, days, hosts and text hashes are as read, stories are numbered in ``order``."""

    ids: pa.Array
    days: Ints
    hosts: Hashes
    text: Hashes
    grouping: Grouping
    order: Ints
    rows: _Rows


def _group(batches: _Batches, window_days: int | None) -> _Found:
    samples, ids, hosts, days = [], [], [], []
    for batch in batches(True):
        samples.append(sample(batch.texts))
        ids.append(batch.ids)
        hosts.append(host_hashes(batch.hosts))
        days.append(batch.days)
    all_ids = _one_type(ids)
    if len(pc.unique(all_ids)) < len(all_ids):
        counts = pc.value_counts(all_ids).to_pylist()
        twice = next(c["values"] for c in counts if c["counts"] > 1)
        raise DedupError(f"id {twice} stands there twice; an id must name one document over all files")
    all_hosts, all_days = np.concatenate(hosts), np.concatenate(days)
    sampled = join(samples)
    samples.clear()
    dropped = site_lines(sampled.lines, all_hosts, sampled.text)
    # a document without a known host has no site
    dropped &= all_hosts[sampled.lines.doc] != 0
    sketches, text = sketch(sampled, dropped), sampled.text
    lines = np.bincount(sampled.lines.doc, minlength=len(text))
    by_id = np.empty(len(all_ids), dtype=np.int64)
    by_id[np.asarray(pc.sort_indices(all_ids))] = np.arange(len(all_ids))
    order = np.lexsort((by_id, all_days))
    sketches = reorder(sketches, order)
    grouping = group(
        sketches, all_days[order], all_hosts[order], window_days, lambda docs: sampled.texts(order[docs], dropped)
    )
    return _Found(all_ids, all_days, all_hosts, text, grouping, order, _Rows(batches, dropped, lines))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Reads the texts of some documents again, without the lines that are their site's."""

    batches: _Batches
    dropped: Flags  # per line: it is its site's
    lines: Ints  # of each document, as read

    def read(self, wanted: Flags) -> Iterator[tuple[pa.Array, Flags]]:
        """The wanted texts, and for each of their lines whether it is dropped; documents are in the order read."""
        dropped = self.dropped[np.repeat(wanted, self.lines)]
        first = line = 0
        for batch in self.batches(False):
            rows = np.flatnonzero(wanted[first : first + len(batch.texts)])
            count = int(self.lines[first + rows].sum())
            yield batch.texts.take(pa.array(rows)), dropped[line : line + count]
            first += len(batch.texts)
            line += count


def _one_type(arrays: Sequence[pa.Array]) -> pa.Array:
    """Ids of all batches as one array: of their own type where that is one, else of text."""
    if len({a.type for a in arrays}) > 1:
        arrays = [a.cast(pa.string()) for a in arrays]
    return pa.chunked_array(arrays).combine_chunks() if len(arrays) > 1 else arrays[0]


def _rewrites(batches: _Batches, found: _Found, wanted: Flags, least: float, least_follow_up: float | None) -> Rewrites:
    """Links between articles, by a second reading of the texts of those only. Numbers are those of the order."""
    rank = np.empty(len(found.order), dtype=np.int64)
    rank[found.order] = np.arange(len(rank))
    article = wanted[rank]  # as read
    parts = [find_terms(texts, dropped)[0] for texts, dropped in found.rows.read(article)]
    articles = np.flatnonzero(article)
    terms = join_terms(parts)
    parts.clear()
    links = find_rewrites(terms, found.days[articles], least, least_follow_up)
    a, b = rank[articles[links.a]], rank[articles[links.b]]
    return replace(links, a=np.minimum(a, b), b=np.maximum(a, b))


def _links(
    ids: pa.Array, text: Hashes, days: Ints, hosts: Hashes, grouping: Grouping, rewrites: Rewrites | None
) -> pa.Table:
    """Every verified pair of copies, round-ups with their articles, and possible rewrites; a is the later document."""
    pairs = grouping.pairs
    of_a, of_b = containment(pairs)
    kinds = np.array([r.value for r in relations(pairs)], dtype=object)
    kinds[(hosts[pairs.a] == hosts[pairs.b]) & (hosts[pairs.a] != 0)] = Relation.VERSION.value
    kinds[text[pairs.a] == text[pairs.b]] = Relation.EXACT.value
    held = grouping.aggregate[pairs.a] != grouping.aggregate[pairs.b]
    kinds[held] = Relation.AGGREGATE.value
    # the round-up comes first; of other pairs the later
    swap = np.where(held, grouping.aggregate[pairs.b], True)
    later, earlier = np.where(swap, pairs.b, pairs.a), np.where(swap, pairs.a, pairs.b)
    score = np.maximum(of_a, of_b)
    added, cut = 1 - np.where(swap, of_b, of_a), 1 - np.where(swap, of_a, of_b)
    if rewrites is not None:
        later, earlier = np.append(later, rewrites.b), np.append(earlier, rewrites.a)
        score = np.append(score, rewrites.score)
        kinds = np.append(kinds, np.where(rewrites.follows, Relation.FOLLOW_UP.value, Relation.REWRITE.value))
        unknown = np.full(len(rewrites.a), np.nan)
        added, cut = np.append(added, unknown), np.append(cut, unknown)
    by = np.lexsort((earlier, later))
    later, earlier = later[by], earlier[by]
    return pa.table(
        {
            "a": ids.take(pa.array(later)),
            "b": ids.take(pa.array(earlier)),
            "relation": pa.array(kinds[by], pa.string()),
            "score": pa.array(np.minimum(score[by], 1.0), pa.float32()),
            "lag_days": _lag_days(days, later, earlier),
            "added_share": pa.array(added[by], pa.float32(), from_pandas=True),
            "cut_share": pa.array(cut[by], pa.float32(), from_pandas=True),
        }
    )


def _follow_ups(ids: pa.Array, days: Ints, found: Rewrites | None) -> pa.Table:
    """Every pair of which the later is the next step of the earlier's story."""
    none = np.zeros(0, dtype=np.int64)
    a, b, score = (none, none, none) if found is None else (found.b, found.a, found.follow_up_score)
    rows = none if found is None else np.flatnonzero(found.follows)
    rows = rows[np.lexsort((b[rows], a[rows]))]
    return pa.table(
        {
            "a": ids.take(pa.array(a[rows])),
            "b": ids.take(pa.array(b[rows])),
            "score": pa.array(score[rows], pa.float32()),
            "lag_days": _lag_days(days, a[rows], b[rows]),
        }
    )


def _lag_days(days: Ints, later: Ints, earlier: Ints) -> pa.Array:
    """Days from the earlier document of each pair to the later; null where one is not dated or not there (-1)."""
    unknown = (earlier < 0) | (days[later] >= UNDATED) | (days[earlier] >= UNDATED)
    return pa.array(np.where(unknown, 0, days[later] - days[earlier]), pa.int32(), mask=unknown)


def _series_rows(ids: pa.Array, days: Ints, series: Series) -> pa.Table:
    previous = pa.array(series.previous, mask=series.previous < 0)
    return pa.table(
        {
            "id": ids.take(pa.array(series.article)),
            "template_id": ids.take(pa.array(series.template)),
            "previous": ids.take(previous),
            "period_days": _lag_days(days, series.article, series.previous),
        }
    )
