"""Newsmill's duplicates beside public tools, in one run: quality per class, documents per CPU-second, peak memory.

    python benchmarks/duplicates.py SET.parquet                 # newsmill and what is installed of the others
    python benchmarks/duplicates.py SET.parquet --only newsmill --only rensa --only rensa-wide
    python benchmarks/duplicates.py SET.parquet --index ROOT    # add the set's first 10,000 articles to an index

SET has the columns id, host, day, text, and the labels cls, story, src, src2: `story` is the true cluster; `src` and
`src2` say what a document was made from (-1: nothing). Classes starting with hn are hard negatives; aggregate holds
two stories and must glue neither; spun and llm are rewrites. Make larger sets with benchmarks/duplicate_sets.py.

Every tool gets the texts folded as newsmill folds them, without the lines that their host repeats on four pages, and
runs in a process of its own; its CPU time is from texts in memory to clusters, this removal included and imports not.
Figures of one run on one machine compare with each other and with no other run.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# As a script, this folder would come first, and its cleaning.py would hide the package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

PEERS = ("datasketch", "rensa", "rensa-wide", "text_dedup")
LEXICAL = ("exact", "format", "headline", "boiler", "boiler_heavy", "trunc", "lead", "drop", "edit", "ocr", "aggregate")
# Words; of n-grams of 3 to 9 words these gave rensa its best F1 (3 at a threshold of .5: P .41, since reports match).
GRAM = 5
PERMUTATIONS, THRESHOLD = 128, 0.5


@dataclass(frozen=True, slots=True)
class RensaSetting:
    """How rensa is run."""

    permutations: int
    threshold: float
    bands: int


# "rensa" is sure of its pairs (P 1.0, F1 .826 on the labelled set of 20,000). "rensa-wide" has the best F1 that was
# found (.890), with 770 documents in a false pair: of 30 settings of 3 to 9 words, 128 to 512 permutations, 16 to 128
# bands and thresholds of .3 to .8. Next were 64 bands (.888), a threshold of .42 (.879) and 6 words at .35 (.878).
RENSA = {
    "rensa": RensaSetting(PERMUTATIONS, THRESHOLD, bands=32),
    "rensa-wide": RensaSetting(256, 0.4, bands=128),
}
BATCH_ARTICLES = 10_000


def without_site_lines(table: pa.Table) -> list[str]:
    """The texts as newsmill folds them, without the lines that stand on four pages of their host.

    Texts that a host has twice are one page, as in newsmill. The folding is newsmill's own too, since that of Python's
    library takes ten times as long.
    """
    from cleaning.duplicates.fold import fold
    from cleaning.duplicates.site_lines import SITE_LINE_PAGES

    texts = []
    for piece in fold(table.column("text")):
        data, starts = piece.data.tobytes(), piece.starts.tolist()
        texts += [data[a:b].decode() for a, b in itertools.pairwise(starts)]
    hosts: list[str] = table.column("host").to_pylist()
    pages = Counter((h, line) for h, t in set(zip(hosts, texts, strict=True)) for line in set(t.split("\n")))
    return [
        "\n".join(line for line in t.split("\n") if pages[h, line] < SITE_LINE_PAGES)
        for h, t in zip(hosts, texts, strict=True)
    ]


def shingles(text: str) -> list[str]:
    """Word 5-grams."""
    words = text.split()
    return [" ".join(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1))]


def joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Connected components: the smallest number of each."""
    from cleaning.duplicates.clusters import components

    rows = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    found: list[int] = components(count, rows[:, 0], rows[:, 1]).tolist()
    return found


def run_datasketch(texts: list[str]) -> list[int]:
    """MinHashLSH of datasketch, candidates checked by their signatures."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    signatures: list[MinHash] = []
    pairs: list[tuple[int, int]] = []
    for i, text in enumerate(texts):
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([s.encode() for s in shingles(text)])
        pairs += [(int(j), i) for j in lsh.query(signature) if signatures[j].jaccard(signature) >= THRESHOLD]
        lsh.insert(i, signature)
        signatures.append(signature)
    return joined(len(texts), pairs)


def run_rensa(texts: list[str], setting: RensaSetting) -> list[int]:
    """RMinHash and RMinHashLSH of rensa (Rust), candidates checked by their signatures."""
    from rensa import RMinHash, RMinHashLSH

    threshold, permutations = setting.threshold, setting.permutations
    lsh = RMinHashLSH(threshold=threshold, num_perm=permutations, num_bands=setting.bands)
    signatures: list[RMinHash] = []
    pairs: list[tuple[int, int]] = []
    for i, text in enumerate(texts):
        signature = RMinHash(num_perm=permutations, seed=42)
        signature.update(shingles(text))
        pairs += [(j, i) for j in lsh.query(signature) if signatures[j].jaccard(signature) >= threshold]
        lsh.insert(i, signature)
        signatures.append(signature)
    return joined(len(texts), pairs)


def run_text_dedup(texts: list[str]) -> list[int]:
    """The functions of text-dedup's minhash script, without its worker processes: signatures, bands, union-find."""
    from text_dedup.minhash import RNG, embed_func
    from text_dedup.utils import optimal_param
    from text_dedup.utils.hashfunc import sha1_hash

    bands, rows = optimal_param(THRESHOLD, PERMUTATIONS, false_positive_weight=0.5, false_negative_weight=0.5)
    modulo, max_hash = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    permutations = (
        RNG.randint(1, modulo, size=(PERMUTATIONS,), dtype=np.uint64),
        RNG.randint(0, modulo, size=(PERMUTATIONS,), dtype=np.uint64),
    )
    tables: list[dict[bytes, int]] = [{} for _ in range(bands)]
    pairs = []
    for i, text in enumerate(texts):
        found = embed_func(
            text,
            i,
            num_perm=PERMUTATIONS,
            ngram_size=GRAM,
            min_length=1,
            hashranges=[(k * rows, (k + 1) * rows) for k in range(bands)],
            permutations=permutations,
            hash_func=lambda data: sha1_hash(data, d=32),
            dtype=np.uint64,
            max_hash=max_hash,
            modulo_prime=modulo,
        )
        for table, key in zip(tables, found["__signatures__"], strict=True):
            first = table.setdefault(key, i)
            if first != i:
                pairs.append((first, i))
    return joined(len(texts), pairs)


def measure_newsmill(set_path: Path, out: Path, rewrite_score: float | None) -> dict[str, float]:
    """Text to clusters in memory, its own removal of site lines included; then from file to files, for the score."""
    from cleaning.duplicates.site_lines import host_hashes, site_lines
    from cleaning.duplicates.sketches import sample, sketch
    from cleaning.duplicates.whole import group
    from flows.duplicates.corpus import dedup_files

    if rewrite_score is None:
        table = pq.read_table(set_path, columns=["text", "host", "day"])
        hosts, days = table.column("host").to_pylist(), table.column("day").to_numpy().astype(np.int64)
        started = time.process_time()
        sampled = sample(table.column("text"))
        host = host_hashes(hosts)
        dropped = site_lines(sampled.lines, host, sampled.text)
        group(sketch(sampled, dropped), days, host, None, lambda docs: sampled.texts(docs, dropped))
        seconds = time.process_time() - started
        del table, sampled
    report = dedup_files([set_path], out, rewrite_score=rewrite_score)
    return {"seconds": report.cpu_seconds if rewrite_score is not None else seconds, "files": report.cpu_seconds}


def _package(tool: str) -> str:
    return tool.partition("-")[0]


def one(tool: str, set_path: Path, out: Path, rewrite_score: float | None) -> None:
    """Run one tool in this process; print its CPU seconds and peak memory as JSON."""
    if tool == "newsmill":
        spent = measure_newsmill(set_path, out, rewrite_score)
    else:
        runs: dict[str, Callable[[list[str]], list[int]]] = {
            "datasketch": run_datasketch,
            "text_dedup": run_text_dedup,
            **{name: partial(run_rensa, setting=setting) for name, setting in RENSA.items()},
        }
        importlib.import_module(_package(tool))
        table = pq.read_table(set_path, columns=["id", "text", "host"])
        ids = table.column("id").to_numpy()
        started = time.process_time()
        clusters = runs[tool](without_site_lines(table))
        spent = {"seconds": time.process_time() - started}
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"id": ids, "cluster_id": ids[np.array(clusters)]}), out / "clusters.parquet")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(spent | {"peak_mb": peak}))


def score(set_path: Path, out: Path) -> dict[str, float]:
    """Pair precision, mean recall over the lexical classes, recall of each class, adjusted Rand index, B³."""
    docs = pd.read_parquet(set_path).set_index("id", drop=False)
    got = pd.read_parquet(out / "clusters.parquet").set_index("id")["cluster_id"].reindex(docs.index)
    links: set[tuple[int, int]] = set()
    if (out / "links.parquet").exists():
        rows = pd.read_parquet(out / "links.parquet")
        links = {(min(p), max(p)) for p in zip(rows["a"], rows["b"], strict=True)}
    story, cls = docs["story"].to_dict(), docs["cls"].to_dict()
    made_from = zip(docs.index, docs["src"], docs["src2"], strict=True)
    sources = {i: [s for s in (a, b) if s in story] for i, a, b in made_from}
    true = {i: {story[s] for s in sources[i]} if cls[i] == "aggregate" else {story[i]} for i in docs.index}
    together = set(links)
    for members in got.groupby(got).groups.values():
        together.update((min(p), max(p)) for p in itertools.combinations(members, 2))
    wrong = [p for p in together if not true[p[0]] & true[p[1]]]
    cluster = got.to_dict()
    hits: dict[str, list[bool]] = {}
    for i in docs.index:
        for s in sources[i]:
            hits.setdefault(cls[i], []).append(cluster[s] == cluster[i] or (min(s, i), max(s, i)) in links)
    recall = {c: float(np.mean(h)) for c, h in hits.items()}
    lexical = [recall[c] for c in LEXICAL if c in recall]
    precision, mean = 1 - len(wrong) / max(1, len(together)), float(np.mean(lexical))
    kept = docs[~docs["cls"].isin(["aggregate", "llm"])]
    gold, found = pd.factorize(kept["story"])[0], pd.factorize(got.loc[kept.index])[0]
    return {
        "P": precision,
        "R": mean,
        "F1": 2 * precision * mean / (precision + mean),
        "worst class": min(lexical),
        "spun": recall.get("spun", float("nan")),
        "llm": recall.get("llm", float("nan")),
        "ARI": _adjusted_rand(gold, found),
        "B3": _b_cubed(gold, found),
        "false docs": len({i for p in wrong for i in p}),
    }


def _adjusted_rand(gold: np.ndarray, found: np.ndarray) -> float:
    """Hubert and Arabie 1985."""

    def pairs(values: pd.Series) -> float:
        counts = values.value_counts().to_numpy().astype(float)
        return float((counts * (counts - 1) / 2).sum())

    both = pairs(pd.Series(gold.astype(np.int64) * (found.max() + 1) + found))
    left, right = pairs(pd.Series(gold)), pairs(pd.Series(found))
    expected = left * right / (len(gold) * (len(gold) - 1) / 2)
    return (both - expected) / ((left + right) / 2 - expected)


def _b_cubed(gold: np.ndarray, found: np.ndarray) -> float:
    """Bagga and Baldwin 1998."""
    _, inverse, counts = np.unique(
        gold.astype(np.int64) * (found.max() + 1) + found, return_inverse=True, return_counts=True
    )
    shared = counts[inverse]
    p, r = (shared / np.bincount(found)[found]).mean(), (shared / np.bincount(gold)[gold]).mean()
    return float(2 * p * r / (p + r))


def compare(set_path: Path, tools: list[str]) -> pd.DataFrame:
    """A row for each tool."""
    rows = {}
    count = pq.ParquetFile(set_path).metadata.num_rows
    for tool in tools:
        name, _, rewrites = tool.partition("+")
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, str(set_path), "--one", name, "--out", folder]
            command += ["--rewrites", rewrites] if rewrites else []
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{tool} failed:\n{done.stderr}")
            spent = json.loads(done.stdout.splitlines()[-1])
            rows[tool] = score(set_path, Path(folder)) | {
                "docs/CPU-s": round(count / spent["seconds"]),
                "file to file": round(count / spent["files"]) if "files" in spent else float("nan"),
                "peak MB": round(spent["peak_mb"]),
            }
        print(f"{tool}: {spent['seconds']:.1f} s of CPU", file=sys.stderr)
    return pd.DataFrame(rows).T


def add_to_index(set_path: Path, root: Path) -> None:
    """CPU time to decide on 10,000 new articles of the day after the last one in an index, and to store them."""
    from cleaning.records import Article
    from cleaning.schema.arrow import schema
    from cleaning.text import text_hash
    from flows.duplicates.detector import FingerprintIndex
    from flows.duplicates.index_files import days
    from flows.lake.store import Lake

    table = pq.read_table(set_path).slice(0, BATCH_ARTICLES)
    count, day = len(table), days(root)[-1] + timedelta(days=1)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    values: dict[str, list[object]] = {
        "article_id": [f"{n:032x}" for n in range(count)],
        "text": table.column("text").to_pylist(),
        "text_hash": [text_hash(t) for t in table.column("text").to_pylist()],
        "host": table.column("host").to_pylist(),
        "published_at": [noon + timedelta(seconds=n) for n in range(count)],
        "fetched_at": [noon] * count,
        "published_date": [day] * count,
    }
    plain: dict[pa.DataType, object] = {pa.string(): "", pa.bool_(): False, pa.list_(pa.string()): []}
    columns = [
        pa.array(values.get(f.name, [None if f.nullable else plain.get(f.type, 0)] * count), f.type)
        for f in schema(Article)
    ]
    batch = pa.Table.from_arrays(columns, schema=schema(Article))
    size = sum(f.stat().st_size for f in (root / "index").rglob("*.parquet"))
    stored = sum(pq.ParquetFile(f).metadata.num_rows for f in (root / "index" / "documents").rglob("*.parquet"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.process_time()
    decisions = FingerprintIndex(root).decide(batch)
    decided = time.process_time()
    with tempfile.TemporaryDirectory() as folder:  # the index itself stays as it is, for the next run
        lake = Lake(folder)
        with lake.write_lock():
            lake.commit(decisions.partitions)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:,} articles into {stored:,}: {done - started:.2f} s of CPU, of which the store {done - decided:.2f}; "
        f"peak memory {peak:.0f} MB, {peak - before:.0f} more than before; {len(decisions.duplicates):,} copies; "
        f"{size / stored:.0f} bytes of index an article"
    )


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--only", action="append", help="newsmill, newsmill+0.95 (with rewrites), datasketch, rensa …")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rewrites", type=float, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one, given.set, given.out, given.rewrites)
    elif given.index:
        add_to_index(given.set, given.index)
    else:
        installed = [p for p in PEERS if importlib.util.find_spec(_package(p))]
        tools = given.only or ["newsmill", "newsmill+0.95", "newsmill+0.8", *installed]
        print(compare(given.set, tools).to_string(float_format=lambda v: f"{v:.4f}" if v < 2 else f"{v:,.0f}"))


if __name__ == "__main__":
    main()
