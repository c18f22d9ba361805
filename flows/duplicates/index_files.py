"""The files of the fingerprint index: what a row of each is, and how a day's files are rewritten.

All are partitions like those of the tables, committed with them, and can be rebuilt from them:

* ``index/fingerprints/date=D/``: (gram, doc), a row per sampled 3-gram of a document, ascending
* ``index/site_lines/date=D/``: (line, doc), a row per line of a document, ascending
* ``index/documents/date=D/``: a row per document; ``doc`` is its number within its day
* ``index/words/date=D/``: (words, host), a row per document in order of ``doc``: its text as codes, two bytes a word
* ``index/keys/month=M/``: (text, article, date), a row per document: few columns, for look-ups over all time
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from cleaning.duplicates.words import Flags, Ints
from flows.lake.parquet_reader import partition_days, read_parquet

# Sorted numbers as differences of few bits: 3.8 bytes per gram with its document where the
# writer's default takes 8.4. Read by the lake's writer from a field's metadata.
_DELTA = {"newsmill.encoding": "DELTA_BINARY_PACKED"}
# A posting file has some 600,000 rows a day of 10,000 articles; one row group is read whole in any case.
_POSTING_META = {"newsmill.row_group_rows": str(1 << 20)}


def _posting_schema(key: str) -> pa.Schema:
    fields = [pa.field(name, pa.uint32(), nullable=False, metadata=_DELTA) for name in (key, "doc")]
    return pa.schema(fields, metadata=_POSTING_META)


FINGERPRINTS = _posting_schema("gram")
SITE_LINES = _posting_schema("line")
KEYS = pa.schema(
    [
        pa.field("article", pa.uint64(), nullable=False),  # first 64 bits of article_id
        pa.field("text", pa.uint64(), nullable=False),  # first 64 bits of text_hash
        pa.field("date", pa.date32(), nullable=False),
    ],
    metadata=_POSTING_META,
)
# Small row groups: of a day a few documents are looked at.
WORDS_ROW_GROUP = 256
WORDS = pa.schema(
    [
        pa.field("words", pa.binary(), nullable=False),  # cleaning.duplicates.texts.packed; empty where not known
        pa.field("host", pa.uint64(), nullable=False),  # hash of the host, 0 where not known
    ],
    metadata={"newsmill.row_group_rows": str(WORDS_ROW_GROUP)},
)
_LIST_F32 = pa.list_(pa.float32())
DOCUMENTS = pa.schema(
    [
        pa.field("doc", pa.uint32(), nullable=False),
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("text_hash", pa.string(), nullable=False),
        pa.field("published_at", pa.timestamp("us", tz="UTC")),
        pa.field("words", pa.int32(), nullable=False),
        pa.field("level", pa.uint8(), nullable=False),  # 1 of 2**level grams is kept
        *(pa.field(f"size_{k}", pa.int32(), nullable=False) for k in range(4)),  # grams at each level
        *(pa.field(f"figures_{k}", pa.int32(), nullable=False) for k in range(4)),  # of these, with a figure
        # what was decided: null and empty lists for an article
        pa.field("relation", pa.string()),
        pa.field("cluster_id", pa.string()),
        pa.field("cluster_date", pa.date32()),
        pa.field("duplicate_of", pa.list_(pa.string()), nullable=False),
        pa.field("containment", _LIST_F32, nullable=False),
        pa.field("containment_of_canonical", _LIST_F32, nullable=False),
        pa.field("jaccard", _LIST_F32, nullable=False),
        pa.field("lag_seconds", pa.list_(pa.int64()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Document:
    """A row of ``index/documents``, but for its number."""

    article_id: str
    text_hash: str
    published_at: datetime | None
    words: int
    level: int
    sizes: tuple[int, ...]
    figures: tuple[int, ...]
    relation: str | None = None
    cluster_id: str | None = None
    cluster_date: date | None = None
    duplicate_of: tuple[str, ...] = ()
    containment: tuple[float, ...] = ()
    containment_of_canonical: tuple[float, ...] = ()
    jaccard: tuple[float, ...] = ()
    lag_seconds: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What is put into the index for one document."""

    day: date
    document: Document
    grams: npt.NDArray[np.uint32]
    lines: npt.NDArray[np.uint32]
    words: bytes = b""
    host: int = 0


def path(kind: str, day: date) -> str:
    """Path of a day's file of ``fingerprints``, ``site_lines``, ``documents`` or ``words`` below the lake's root."""
    return f"index/{kind}/date={day}/part-0.parquet"


def keys_path(month: str) -> str:
    """Path of the file of keys for a month (YYYY-MM)."""
    return f"index/keys/month={month}/part-0.parquet"


def days(root: Path) -> list[date]:
    """The days that the index has, in order."""
    return partition_days(root / "index" / "documents")


def _read(root: Path | None, name: str, schema: pa.Schema) -> pa.Table:
    if root is None or not (root / name).exists():
        return schema.empty_table()
    return read_parquet(root / name).select(schema.names).cast(schema)


def document_row(number: int, document: Document) -> dict[str, object]:
    """The row of a document as Arrow takes it."""
    row: dict[str, object] = {name: getattr(document, name) for name in DOCUMENTS.names if hasattr(document, name)}
    row |= {f"size_{k}": n for k, n in enumerate(document.sizes)}
    row |= {f"figures_{k}": n for k, n in enumerate(document.figures)}
    return row | {"doc": number}


def _documents(old: pa.Table, keep: Ints, entries: Sequence[IndexEntry]) -> tuple[pa.Table, Ints, Ints]:
    """The day's documents in order of article_id, and the new number of each kept and each added one."""
    kept = old.take(pa.array(keep))
    rows = [document_row(0, e.document) for e in entries]
    added = pa.Table.from_pylist(rows, schema=DOCUMENTS)
    both = pa.concat_tables([kept, added]).combine_chunks()
    order = np.asarray(pa.compute.sort_indices(both.column("article_id")))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    documents = both.take(pa.array(order)).set_column(
        0, DOCUMENTS.field("doc"), pa.array(np.arange(len(order)), pa.uint32())
    )
    return documents.cast(DOCUMENTS), number[: len(keep)], number[len(keep) :]


def _postings(
    old: pa.Table, schema: pa.Schema, renumber: Ints, keys: Sequence[npt.NDArray[np.uint32]], numbers: Ints
) -> pa.Table:
    """The day's postings after some documents left (renumber is -1) and others came."""
    old_key, old_doc = (old.column(name).to_numpy() for name in schema.names)
    doc = renumber[old_doc]
    stays = doc >= 0
    counts = [len(k) for k in keys]
    all_keys = np.concatenate([old_key[stays], *keys]).astype(np.uint64)
    all_docs = np.concatenate([doc[stays], np.repeat(numbers, counts)]).astype(np.uint64)
    both = np.sort((all_keys << np.uint64(32)) | all_docs)
    columns = [(both >> np.uint64(32)).astype(np.uint32), both.astype(np.uint32)]
    return pa.Table.from_arrays([pa.array(c) for c in columns], schema=schema)


def day_files(root: Path | None, day: date, gone: set[str], entries: Sequence[IndexEntry]) -> dict[str, pa.Table]:
    """The four files of a day, without the documents of ``gone`` and with those of ``entries``.

    Of a root that is None they hold only the latter.
    """
    old = _read(root, path("documents", day), DOCUMENTS)
    leaves = gone | {e.document.article_id for e in entries}
    keep = np.array([i for i, a in enumerate(old.column("article_id").to_pylist()) if a not in leaves], dtype=np.int64)
    documents, kept_numbers, numbers = _documents(old, keep, entries)
    renumber = np.full(len(old), -1)
    renumber[keep] = kept_numbers
    files = {path("documents", day): documents}
    for kind, schema, keys in (
        ("fingerprints", FINGERPRINTS, [e.grams for e in entries]),
        ("site_lines", SITE_LINES, [e.lines for e in entries]),
    ):
        old_postings = _read(root, path(kind, day), schema)
        files[path(kind, day)] = _postings(old_postings, schema, renumber, keys, numbers)
    files[path("words", day)] = _words(root, day, len(old), keep, entries, np.concatenate([kept_numbers, numbers]))
    return files


def lines_of(root: Path, day: date, wanted: Flags) -> pa.Table:
    """The day's lines, of some documents only."""
    stored = _read(root, path("site_lines", day), SITE_LINES)
    return stored.filter(pa.array(wanted[stored.column("doc").to_numpy()]))


def _words(
    root: Path | None, day: date, count: int, keep: Ints, entries: Sequence[IndexEntry], numbers: Ints
) -> pa.Table:
    """The day's texts, in order of their documents' numbers."""
    old = _read(root, path("words", day), WORDS)
    if len(old) != count:  # an index of a version that kept none
        old = pa.table({"words": pa.array([b""] * count, pa.binary()), "host": np.zeros(count, np.uint64)})
    hosts = np.array([e.host for e in entries], dtype=np.uint64)
    added = pa.table({"words": pa.array([e.words for e in entries], pa.binary()), "host": hosts})
    both = pa.concat_tables([old.cast(WORDS).take(pa.array(keep)), added.cast(WORDS)]).combine_chunks()
    return both.take(pa.array(np.argsort(numbers)))


def first_64_bits(hex_digits: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The first 16 of at least 16 hex digits as a number, for each string."""
    return np.array([int(h[:16], 16) for h in hex_digits], dtype=np.uint64)


def key_files(root: Path, gone: dict[str, date], entries: Sequence[IndexEntry]) -> dict[str, pa.Table]:
    """The files of keys that change: ``gone`` maps each document that leaves or changes to its day."""
    months = {f"{d:%Y-%m}" for d in gone.values()} | {f"{e.day:%Y-%m}" for e in entries}
    leaving = first_64_bits(list(gone))
    files = {}
    for month in sorted(months):
        mine = [e for e in entries if f"{e.day:%Y-%m}" == month]
        old = _read(root, keys_path(month), KEYS)
        stays = ~np.isin(old.column("article").to_numpy(), leaving)
        added = keys_table(
            [e.document.article_id for e in mine], [e.document.text_hash for e in mine], [e.day for e in mine]
        )
        files[keys_path(month)] = sorted_keys([old.filter(pa.array(stays)), added])
    return files


def keys_table(ids: Sequence[str], text_hashes: Sequence[str], days: Sequence[date]) -> pa.Table:
    """Rows of ``index/keys``, one for each document."""
    columns = {"article": first_64_bits(ids), "text": first_64_bits(text_hashes), "date": pa.array(days, pa.date32())}
    return pa.table(columns, schema=KEYS)


def sorted_keys(tables: Sequence[pa.Table]) -> pa.Table:
    """The content of a file of keys."""
    return pa.concat_tables(tables).sort_by([("text", "ascending"), ("article", "ascending")])


def with_decision(document: Document, **decided: object) -> Document:
    """The document with what was decided of it."""
    return replace(document, **decided)  # type: ignore[arg-type]
