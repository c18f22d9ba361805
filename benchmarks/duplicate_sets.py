"""Sets of any size whose labels stay true, made from a labelled set; and fingerprint indexes of any size.

Labels: a labelled set is repeated under a renaming of its words, one for each repeat. Consonants turn into consonants,
vowels into vowels and digits into digits by a rotation, in words of five letters or more and in figures; host names
get the number of the repeat. A renaming is a bijection, so whatever two documents of one repeat have in common they
still have, to the letter; while documents of two repeats share no more than the short words of the language.
So every label is as true in the large set as it was in the small one.

    python -m benchmarks.duplicate_sets texts SET.parquet 200000 OUT.parquet
    python -m benchmarks.duplicate_sets index ROOT 1000000 --days 90
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

# As a script, this folder would come first, and its cleaning.py would hide the package.
if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from cleaning.duplicates.pairs import level_sizes
from cleaning.duplicates.sketches import FULL_GRAMS, LEVELS
from flows.duplicates import index_files as files
from flows.lake.store import Lake

_VOWELS, _CONSONANTS, _DIGITS = "aeiou", "bcdfghjklmnpqrstvwxyz", "0123456789"
_LONG = re.compile(rb"[A-Za-z]{5,}|[0-9]+")
FIRST_DAY = date(2026, 1, 1)


def _renaming(repeat: int) -> bytes:
    table = bytearray(range(256))
    for letters, step in ((_VOWELS, repeat), (_CONSONANTS, repeat // len(_VOWELS) + 1), (_DIGITS, repeat)):
        for i, letter in enumerate(letters):
            other = letters[(i + step) % len(letters)]
            table[ord(letter)] = ord(other)
            table[ord(letter.upper())] = ord(other.upper())
    return bytes(table)


def renamed(text: str, repeat: int) -> str:
    """The text with its long words and figures renamed; repeats 1 to 104 are all different."""
    table = _renaming(repeat)
    return _LONG.sub(lambda m: m.group().translate(table), text.encode()).decode()


def repeated_set(base: pa.Table, count: int) -> Iterator[pa.Table]:
    """The labelled set again and again under other words, up to ``count`` rows; ids and stories are numbered on."""
    size = len(base)
    for repeat in range(-(-count // size)):
        rows = base.slice(0, min(size, count - repeat * size))
        columns = {name: rows.column(name) for name in rows.column_names}
        if repeat:
            for name in ("text", "title"):
                columns[name] = pa.array([renamed(t, repeat) for t in rows.column(name).to_pylist()], pa.string())
            for name in ("id", "story", "src", "src2"):
                number = rows.column(name).to_numpy()
                columns[name] = pa.array(np.where(number < 0, number, number + repeat * size))
            columns["host"] = pa.array([f"r{repeat}.{h}" for h in rows.column("host").to_pylist()])
            columns["url"] = pa.array(
                [u.replace("://", f"://r{repeat}.", 1) for u in rows.column("url").to_pylist()], pa.string()
            )
        yield pa.table(columns)


def _sketches(
    count: int, phrases: npt.NDArray[np.uint32], random: np.random.Generator
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Sketches as articles have them: words log-normal with a median of 300, one gram in eight a set phrase (Zipf)."""
    words = np.clip(random.lognormal(np.log(300), 0.8, count), 40, 6000).astype(np.int64)
    level = sum((words > FULL_GRAMS << k).astype(np.uint8) for k in range(LEVELS - 1))
    size = np.maximum(words >> level, 1)
    bounds = np.append(0, np.cumsum(size))
    grams = random.integers(0, 1 << 32, bounds[-1], dtype=np.uint64).astype(np.uint32)
    common = random.random(len(grams)) < 1 / 8
    rank = np.minimum(random.zipf(1.3, int(common.sum())), len(phrases)) - 1
    grams[common] = phrases[rank]
    grams >>= np.repeat(level, size)
    return grams, bounds, np.asarray(level, dtype=np.uint8)


def fill_index(root: Path, articles: int, days: int, seed: int = 1) -> None:
    """An index of ``articles`` documents, evenly over ``days`` days from 2026-01-01, written as the lake writes it."""
    random = np.random.default_rng(seed)
    phrases = random.integers(0, 1 << 32, 1_000_000, dtype=np.uint64).astype(np.uint32)
    lake = Lake(root)
    months: dict[str, list[pa.Table]] = {}
    for k, chunk in enumerate(np.array_split(np.arange(articles), days)):
        day, count = FIRST_DAY + timedelta(days=k), len(chunk)
        grams, bounds, level = _sketches(count, phrases, random)
        ids = np.sort(random.integers(0, 1 << 63, (count, 2), dtype=np.uint64), axis=0)
        hashes = random.integers(0, 1 << 63, (count, 2), dtype=np.uint64)
        written = {
            files.path("fingerprints", day): _postings(
                grams, np.repeat(np.arange(count), np.diff(bounds)), files.FINGERPRINTS
            ),
            files.path("site_lines", day): _postings(
                random.integers(0, 1 << 32, count * 14, dtype=np.uint64).astype(np.uint32),
                np.repeat(np.arange(count), 14),
                files.SITE_LINES,
            ),
            files.path("documents", day): _documents(ids, hashes, grams, bounds, level, day),
        }
        months.setdefault(f"{day:%Y-%m}", []).append(
            pa.table(
                {"article": ids[:, 0], "text": hashes[:, 0], "date": pa.array([day] * count, pa.date32())},
                schema=files.KEYS,
            )
        )
        with lake.write_lock():
            lake.commit(written)
    with lake.write_lock():
        order = [("text", "ascending"), ("article", "ascending")]
        lake.commit({files.keys_path(m): pa.concat_tables(t).sort_by(order) for m, t in months.items()})


def _postings(keys: npt.NDArray[np.uint32], docs: npt.NDArray[np.int64], schema: pa.Schema) -> pa.Table:
    both = np.unique((keys.astype(np.uint64) << np.uint64(32)) | docs.astype(np.uint64), sorted=True)
    return pa.Table.from_arrays(
        [pa.array((both >> np.uint64(32)).astype(np.uint32)), pa.array(both.astype(np.uint32))], schema=schema
    )


def _documents(
    ids: npt.NDArray[np.uint64],
    hashes: npt.NDArray[np.uint64],
    grams: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    level: npt.NDArray[np.uint8],
    day: date,
) -> pa.Table:
    count = len(level)
    sizes, figures = level_sizes(grams, bounds)
    noon = np.datetime64(day) + np.timedelta64(12, "h")
    published = pa.array(np.full(count, noon, dtype="datetime64[us]")).cast(pa.timestamp("us", tz="UTC"))
    columns: dict[str, pa.Array] = {
        "doc": pa.array(np.arange(count), pa.uint32()),
        "article_id": pa.array([f"{a:016x}{b:016x}" for a, b in ids.tolist()]),
        "text_hash": pa.array([f"{a:016x}{b:016x}" for a, b in hashes.tolist()]),
        "published_at": published,
        "words": pa.array((np.diff(bounds) << level).astype(np.int32)),
        "level": pa.array(level),
    }
    columns |= {f"size_{k}": pa.array(sizes[k], pa.int32()) for k in range(LEVELS)}
    columns |= {f"figures_{k}": pa.array(figures[k], pa.int32()) for k in range(LEVELS)}
    arrays = [
        columns.get(f.name, pa.array([[]] * count if pa.types.is_list(f.type) else [None] * count, f.type))
        for f in files.DOCUMENTS
    ]
    return pa.Table.from_arrays(arrays, schema=files.DOCUMENTS)


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    texts = kinds.add_parser("texts")
    texts.add_argument("base", type=Path)
    texts.add_argument("count", type=int)
    texts.add_argument("out", type=Path)
    index = kinds.add_parser("index")
    index.add_argument("root", type=Path)
    index.add_argument("articles", type=int)
    index.add_argument("--days", type=int, default=90)
    given = parser.parse_args()
    if given.kind == "index":
        fill_index(given.root, given.articles, given.days)
        return
    writer: pq.ParquetWriter | None = None
    for table in repeated_set(pq.read_table(given.base), given.count):
        writer = writer or pq.ParquetWriter(given.out, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    main()
