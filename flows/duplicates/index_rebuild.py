"""Rebuilds the fingerprint index from the tables: decisions stay, sketches are taken from the texts.

For an index that was lost or damaged, or that another version wrote. Lines of sites are counted over all days first,
then each day is sketched without them; memory is that of one day and of the ids of all copies.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from cleaning.duplicates.pairs import level_sizes
from cleaning.duplicates.site_lines import host_hashes
from cleaning.duplicates.sketches import Sample, sample, sketch
from cleaning.duplicates.texts import packed
from cleaning.duplicates.words import Flags
from cleaning.records import Relation
from flows.duplicates import index_files as files
from flows.duplicates.detector import VERSION_SHARE, WINDOW_DAYS, short_line_keys, stand_on_sites
from flows.duplicates.index_files import Document, IndexEntry
from flows.duplicates.index_search import Search
from flows.lake.store import Lake

_TEXT_COLUMNS = ["article_id", "text_hash", "published_at", "host", "text"]
_DECISION_COLUMNS = [
    "article_id",
    "cluster_id",
    "duplicate_of",
    "relation",
    "containment",
    "containment_of_canonical",
    "jaccard",
    "lag_seconds",
]


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What the new index holds."""

    days: int
    documents: int
    changed: list[str]  # files that are not as they were


@dataclass(frozen=True, slots=True)
class _Day:
    """The documents of a day in order of article_id, each once, and what was decided of the copies among them."""

    day: date
    texts: pa.Table
    decided: Mapping[str, list[dict[str, object]]]  # article_id → its rows of duplicates


def rebuild(lake: Lake, window_days: int = WINDOW_DAYS) -> RebuildReport:
    """Make ``index/fingerprints``, ``site_lines``, ``documents`` and ``keys`` again.

    Holds the lake's write lock throughout. A killed rebuild leaves an index that is old in part; the next one does
    it all again.

    Args:
        lake: whose tables are read.
        window_days: a site's lines are counted over this many days before and after.
    """
    changed: list[str] = []
    documents = 0
    keys: dict[str, list[pa.Table]] = defaultdict(list)
    with lake.write_lock():
        days = sorted({*lake.dates("articles"), *lake.dates("duplicates")})
        stale = set(files.days(lake.root)) - set(days)
        kinds = ("fingerprints", "site_lines", "documents", "words")
        changed += lake.commit({files.path(kind, day): None for day in sorted(stale) for kind in kinds})
        before = {day: _digest(lake, day) for day in days}
        # all lines before the first sketch: a site's lines are counted on later days too
        for one in _days(lake, days):
            lines = _line_entries(one)
            path = files.path("site_lines", one.day)
            lake.commit({path: files.day_files(None, one.day, set(), lines)[path]})
        near = {day: [d for d in days if d != day and abs(d - day) <= timedelta(days=window_days)] for day in days}
        article_hosts = _article_hosts(lake, days)
        own = {one.day: _own(lake, one, near[one.day], article_hosts) for one in _days(lake, days)}
        for day in days:
            path = files.path("site_lines", day)
            lake.commit({path: files.lines_of(lake.root, day, own[day])})
            changed += [path] if _digest(lake, day) != before[day] else []
        article_days = _article_days(lake, days)
        for one in _days(lake, days):
            entries = _entries(lake, one, near[one.day], article_days, own[one.day])
            changed += lake.commit(files.day_files(None, one.day, set(), entries))
            ids, hashes = (one.texts.column(name).to_pylist() for name in ("article_id", "text_hash"))
            keys[f"{one.day:%Y-%m}"].append(files.keys_table(ids, hashes, [one.day] * len(ids)))
            documents += len(ids)
        months = {f.name[6:] for f in (lake.root / "index" / "keys").glob("month=*")} | set(keys)
        changed += lake.commit(
            {files.keys_path(m): files.sorted_keys(keys[m]) if m in keys else None for m in sorted(months)}
        )
    return RebuildReport(len(days), documents, sorted(set(changed)))


def _days(lake: Lake, days: list[date]) -> Iterator[_Day]:
    for day in days:
        copies = lake.read("duplicates", [day], [*_TEXT_COLUMNS, *_DECISION_COLUMNS[1:]])
        decided: dict[str, list[dict[str, object]]] = defaultdict(list)
        for row in copies.select(_DECISION_COLUMNS).to_pylist():
            decided[row["article_id"]].append(row)
        both = pa.concat_tables(
            [t.select(_TEXT_COLUMNS).replace_schema_metadata() for t in (lake.read("articles", [day]), copies)]
        )
        ordered = both.sort_by("article_id")
        ids = ordered.column("article_id").to_pylist()
        # a round-up has a row for each article that it holds
        new = [k == 0 or ids[k] != ids[k - 1] for k in range(len(ids))]
        yield _Day(day, ordered.filter(pa.array(new, pa.bool_())), decided)


def _article_days(lake: Lake, days: list[date]) -> dict[str, date]:
    """The day of each article that has a copy."""
    wanted: set[str] = set()
    for day in days:
        wanted.update(lake.read("duplicates", [day], ["cluster_id"]).column("cluster_id").to_pylist())
    found: dict[str, date] = {}
    for day in days:
        ids = lake.read("articles", [day], ["article_id"]).column("article_id").to_pylist()
        found |= {i: day for i in ids if i in wanted}
    return found


def _lines(sampled: Sample, keys: np.ndarray, count: int) -> list[np.ndarray]:
    """The distinct line keys of each document."""
    bounds = np.searchsorted(sampled.lines.doc, np.arange(count + 1))
    return [np.unique(keys[bounds[i] : bounds[i + 1]]) for i in range(count)]


def _line_entries(one: _Day) -> list[IndexEntry]:
    """The lines of a day's documents, without their sketches."""
    sampled = sample(one.texts.column("text"))
    lines = _lines(sampled, short_line_keys(sampled, one.texts.column("host").to_pylist()), len(one.texts))
    none = np.zeros(0, dtype=np.uint32)
    ids: list[str] = one.texts.column("article_id").to_pylist()
    return [
        IndexEntry(one.day, Document(i, "", None, 0, 0, (0,) * 4, (0,) * 4), none, mine)
        for i, mine in zip(ids, lines, strict=True)
    ]


def _on_sites(lake: Lake, one: _Day, sampled: Sample, near: list[date]) -> tuple[Flags, Flags]:
    keys = short_line_keys(sampled, one.texts.column("host").to_pylist())
    hashes: list[str] = one.texts.column("text_hash").to_pylist()
    with duckdb.connect() as connection:
        return stand_on_sites(sampled, keys, hashes, near, [], Search(connection, lake.root))


def _digest(lake: Lake, day: date) -> str:
    """Tells whether a day's lines have changed; empty where it has none."""
    file = lake.root / files.path("site_lines", day)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def _own(lake: Lake, one: _Day, near: list[date], article_hosts: Mapping[str, str]) -> Flags:
    """Which documents of a day count as pages of their site: they have lines of their own and are no versions."""
    own = _on_sites(lake, one, sample(one.texts.column("text")), near)[1]
    for k, (identity, host) in enumerate(
        zip(one.texts.column("article_id").to_pylist(), one.texts.column("host").to_pylist(), strict=True)
    ):
        for row in one.decided.get(identity, ())[:1]:
            held = (float(str(row[name])) for name in ("containment", "containment_of_canonical"))
            nearly = max(held) >= VERSION_SHARE
            whole = row["relation"] != Relation.AGGREGATE
            own[k] &= not (whole and nearly and article_hosts.get(str(row["cluster_id"])) == host)
    return own


def _article_hosts(lake: Lake, days: list[date]) -> dict[str, str]:
    """The host of each article that has a copy."""
    wanted: set[str] = set()
    for day in days:
        wanted.update(lake.read("duplicates", [day], ["cluster_id"]).column("cluster_id").to_pylist())
    found: dict[str, str] = {}
    for day in days:
        read = lake.read("articles", [day], ["article_id", "host"])
        ids, hosts = (read.column(n).to_pylist() for n in ("article_id", "host"))
        found |= {i: h for i, h in zip(ids, hosts, strict=True) if i in wanted}
    return found


def _entries(lake: Lake, one: _Day, near: list[date], article_days: Mapping[str, date], own: Flags) -> list[IndexEntry]:
    """What the index is to hold of a day's documents."""
    sampled = sample(one.texts.column("text"))
    hosts: list[str] = one.texts.column("host").to_pylist()
    keys, host_keys = short_line_keys(sampled, hosts), host_hashes(hosts)
    hashes: list[str] = one.texts.column("text_hash").to_pylist()
    dropped, _ = _on_sites(lake, one, sampled, near)
    codes = packed(sampled.texts(np.arange(len(one.texts)), dropped))
    sketches = sketch(sampled, dropped)
    sizes, figures = level_sizes(sketches.grams, sketches.bounds)
    lines = _lines(sampled, keys, len(one.texts))
    entries = []
    for k, (identity, published) in enumerate(
        zip(one.texts.column("article_id").to_pylist(), one.texts.column("published_at").to_pylist(), strict=True)
    ):
        document = Document(
            identity,
            hashes[k],
            published,
            int(sketches.words[k]),
            int(sketches.level[k]),
            tuple(sizes[:, k].tolist()),
            tuple(figures[:, k].tolist()),
        )
        if identity in one.decided:
            document = _decided(document, one.decided[identity], article_days)
        grams = sketches.grams[sketches.bounds[k] : sketches.bounds[k + 1]]
        mine = lines[k] if own[k] else lines[k][:0]
        entries.append(IndexEntry(one.day, document, grams, mine, codes[k], int(host_keys[k])))
    return entries


def _decided(document: Document, rows: list[dict[str, object]], article_days: Mapping[str, date]) -> Document:
    """The document with what its rows of ``duplicates`` say."""
    rows = sorted(rows, key=lambda r: str(r["duplicate_of"]))
    whole = rows[0]["relation"] != Relation.AGGREGATE
    cluster = str(rows[0]["cluster_id"])
    return files.with_decision(
        document,
        relation=rows[0]["relation"],
        cluster_id=cluster if whole else None,
        cluster_date=article_days.get(cluster) if whole else None,
        **{name: tuple(r[name] for r in rows) for name in _DECISION_COLUMNS[2:] if name != "relation"},
    )
