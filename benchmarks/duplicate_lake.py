"""Newsmill's duplicates by the day in a lake and all at once in a file: versions, copies and reports of one form.

    python -m benchmarks.duplicate_lake SET.parquet [--families FAMILIES.py] [--stories 60] [--kills 30]

SET is a labelled set (id, host, text, cls): its unique articles are what the classes are made of.

* versions: each story has 2 to 8 versions under addresses of its own on one host, an hour apart; each adds a paragraph
  and updates the first one. A last one stands elsewhere, wrapped, and so does the first.
* verbatim: each story is printed elsewhere with its own dateline, telephone and copyright line.
* forms: the reports of FAMILIES.py (see benchmarks.duplicate_families) with their copies.

Everything is published over ten days, a batch for every four hours, and compared with what a file of all gives: the
same texts must be together, whichever of them is the article. Then it is done again by processes that are killed at
random (SIGKILL), and the bytes of all files must be the same.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaning.records import Article
from cleaning.schema.arrow import schema
from cleaning.text import text_hash
from flows.duplicates.corpus import CLUSTERS, dedup_files
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.lake.partitions import put_rows, rows_of
from flows.lake.store import Lake

DAYS, START = 10, date(2026, 3, 2)
VERSIONS = range(2, 9)
_TOWNS = ("Ashford", "Brookhaven", "Calverton", "Dunmore", "Elkridge", "Fallbrook", "Glenwood", "Harlow")
BATCH_HOURS = 4
# A story needs so many lines to be written through eight times.
_LINES = 10


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the set."""

    id: str
    story: str
    kind: str
    host: str
    text: str
    at: datetime


def at(day: int, hour: int) -> datetime:
    """A time of the ten days."""
    return datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=day % DAYS, hours=hour)


def bodies(labelled: Path, count: int) -> list[list[str]]:
    """The sentences of unique articles long enough to be written through."""
    table = pq.read_table(labelled, columns=["text", "cls"])
    rows = table.filter(pc.equal(table.column("cls"), "single")).column("text").to_pylist()
    found = []
    for text in rows:
        sentences = [s.strip() + "." for s in text.replace("\n", ". ").split(". ") if len(s.split()) >= 5]
        if len(sentences) >= _LINES:
            found.append(sentences)
        if len(found) == count:
            return found
    raise SystemExit(f"{labelled}: {len(found)} texts of {_LINES} sentences or more, {count} are needed")


def versions(stories: list[list[str]], count: int) -> list[Text]:
    """Each story in so many versions on one host, and copies of the first and last one elsewhere."""
    texts = []
    for k, sentences in enumerate(stories):
        story, draw = f"v{count}/{k:03d}", random.Random(f"{count}/{k}")
        first = len(sentences) - max(1, len(sentences) // 16) * (count - 1)
        wrote = []
        for v in range(count):
            body = sentences[: max(3, first + v * max(1, len(sentences) // 16))]
            lead = (
                body[0] if not v else f"{body[0][:-1]}, updated with {draw.choice(_TOWNS)} and {draw.randint(3, 99)}."
            )
            wrote.append("\n".join([lead, *body[1:]]))
            host = f"paper{k % 6}.example"
            texts.append(Text(f"{story}-{v}", story, "version", host, wrote[-1], at(k, 8 + v)))
        for name, text in (("early", wrote[0]), ("late", wrote[-1])):
            wrapped = f"Home > News > {draw.choice(_TOWNS)}\n{text}\nThis article first appeared on a partner site."
            texts.append(Text(f"{story}-{name}", story, "elsewhere", f"{name}{k % 5}.example", wrapped, at(k, 22)))
    return texts


def verbatim(stories: list[list[str]]) -> list[Text]:
    """Each story twice: as it was, and elsewhere with a dateline, telephone and copyright line of its own."""
    texts = []
    for k, sentences in enumerate(stories):
        draw = random.Random(f"verbatim/{k}")
        story, body = f"verbatim/{k:03d}", "\n".join(sentences)
        lead = f"{draw.choice(_TOWNS).upper()}, March {draw.randint(1, 28)} - "
        telephone = f"555 {draw.randint(100, 999)} {draw.randint(1000, 9999)}"
        foot = f"(c) 2026 {draw.choice(_TOWNS)} Courier. Newsroom: {telephone}."
        texts.append(Text(story, story, "original", f"wire{k % 4}.example", body, at(k, 9)))
        texts.append(
            Text(f"{story}-copy", story, "verbatim", f"local{k % 7}.example", f"{lead}{body}\n{foot}", at(k, 15))
        )
    return texts


def forms(script: Path, folder: Path) -> list[Text]:
    """The reports of the generator and their copies."""
    out = folder / "forms.parquet"
    command = [sys.executable, str(script), "write", str(out), "--n", "12", "--hosts", "many"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows = pq.read_table(out).to_pylist()
    first = min(date.fromisoformat(r["date"]) for r in rows)
    return [
        Text(r["id"], r["story"], r["kind"], r["host"], r["text"], at((date.fromisoformat(r["date"]) - first).days, 6))
        for r in rows
    ]


def article_table(texts: list[Text]) -> pa.Table:
    """The texts as rows of ``articles``."""
    values: dict[str, list[Any]] = {
        "article_id": [t.id for t in texts],
        "cluster_id": [t.id for t in texts],
        "text": [t.text for t in texts],
        "text_hash": [text_hash(t.text) for t in texts],
        "host": [t.host for t in texts],
        "source": [t.host for t in texts],
        "published_at": [t.at for t in texts],
        "fetched_at": [t.at + timedelta(hours=1) for t in texts],
        "published_date": [t.at.date() for t in texts],
        "word_count": [len(t.text.split()) for t in texts],
    }
    plain: dict[pa.DataType, object] = {pa.string(): "", pa.bool_(): False, pa.list_(pa.string()): []}
    columns = [
        pa.array(values.get(f.name, [None if f.nullable else plain.get(f.type, 0)] * len(texts)), f.type)
        for f in schema(Article)
    ]
    return pa.Table.from_arrays(columns, schema=schema(Article))


def publish(root: Path, texts: list[Text]) -> None:
    """Commit the texts, those of four hours at a time; then what follows from the links."""
    lake = Lake(root)
    batches: dict[tuple[date, int], list[Text]] = defaultdict(list)
    for text in texts:
        batches[text.at.date(), text.at.hour // BATCH_HOURS].append(text)
    for _, batch in sorted(batches.items()):
        table = article_table(batch)
        with lake.write_lock():
            decided = FingerprintIndex(root).decide(table)
            rows = {r.article_id: r for r in rows_of("articles", table)}
            lake.commit(
                {
                    **put_rows(lake, "articles", [rows[i] for i in decided.canonical]),
                    **put_rows(lake, "duplicates", rows_of("duplicates", decided.duplicates)),
                    **put_rows(lake, "series", rows_of("series", decided.series), decided.decided_anew),
                    **put_rows(lake, "aliases", rows_of("aliases", decided.aliases)),
                    **decided.partitions,
                }
            )
    refresh_reuse(lake)


def lake_stories(root: Path) -> dict[str, str]:
    """The story of each text; stories that an alias joins are one."""
    lake = Lake(root)
    same = {r["cluster_id"]: r["same_as"] for r in lake.read("aliases").to_pylist()}
    found = {r["article_id"]: r["article_id"] for r in lake.read("articles", columns=["article_id"]).to_pylist()}
    for row in lake.read("duplicates", columns=["article_id", "cluster_id"]).to_pylist():
        found[row["article_id"]] = row["cluster_id"]
    while joined := {i: same[story] for i, story in found.items() if story in same}:
        found |= joined
    return found


def shares(texts: list[Text], story: dict[str, str], name: str) -> str:
    """Of each kind the share that is with the first text of its true story; and how many stories were merged."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.story, text.id)
    lines = []
    for group in sorted({(t.story.split("/")[0] if t.kind in ("version", "elsewhere") else t.kind) for t in texts}):
        mine = [t for t in texts if t.id != first[t.story]]
        mine = [t for t in mine if group in (t.kind, t.story.split("/")[0])]
        for kind in sorted({t.kind for t in mine}):
            of = [t for t in mine if t.kind == kind]
            found = sum(story[t.id] == story[first[t.story]] for t in of)
            lines.append(f"  {name:<5} {group:<10} {kind:<10} {found:>5} of {len(of):>5}  {found / len(of):.3f}")
    true_of: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        true_of[story[text.id]].add(text.story)
    merged = sum(len(s) for s in true_of.values() if len(s) > 1)
    return "\n".join([*lines, f"  {name:<5} true stories merged with another: {merged} of {len(first)}"])


def same_groups(texts: list[Text], one: dict[str, str], other: dict[str, str]) -> tuple[int, int]:
    """Of the pairs of texts that either puts together, how many both do."""

    def pairs(story: dict[str, str]) -> set[tuple[str, str]]:
        members: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            members[story[text.id]].append(text.id)
        return {(a, b) for ids in members.values() for a in ids for b in ids if a < b}

    first, second = pairs(one), pairs(other)
    return len(first & second), len(first | second)


def digest(root: Path) -> dict[str, bytes]:
    """All tables and index files."""
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*.parquet"))}


def killed(set_file: Path, root: Path, kills: int, seconds: float) -> int:
    """Publish in processes of their own, each killed after a random part of the time that it takes; the kills."""
    done, draw = 0, random.Random(kills)
    while True:
        command = [sys.executable, "-m", "benchmarks.duplicate_lake", str(set_file), "--publish", str(root)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()  # imported, about to write
        if done == kills:
            if process.wait():
                raise SystemExit("the last run failed")
            return done
        time.sleep(draw.uniform(0, seconds))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            done += 1
        elif process.returncode:
            raise SystemExit(f"a run failed by itself after {done} kills")
        else:
            shutil.rmtree(root)  # it was faster than the kill: begin again
        process.wait()


def write_set(texts: list[Text], file: Path) -> None:
    """The texts as a file for ``newsmill dedup``."""
    columns = {name: [getattr(t, name) for t in texts] for name in ("id", "story", "kind", "host", "text", "at")}
    pq.write_table(pa.table({**columns, "date": [t.at.isoformat() for t in texts]}), file)


def read_set(file: Path) -> list[Text]:
    """The texts that :func:`write_set` wrote."""
    names = ["id", "story", "kind", "host", "text", "at"]
    return [Text(**row) for row in pq.read_table(file, columns=names).to_pylist()]


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--families", type=Path)
    parser.add_argument("--stories", type=int, default=60)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--publish", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.publish:
        texts = read_set(given.set)
        print("ready", flush=True)
        publish(given.publish, texts)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn = bodies(given.set, given.stories * (len(VERSIONS) + 1))
        parts = [drawn[k * given.stories : (k + 1) * given.stories] for k in range(len(VERSIONS) + 1)]
        texts = [t for count, part in zip(VERSIONS, parts, strict=False) for t in versions(part, count)]
        texts += verbatim(parts[-1]) + (forms(given.families, folder) if given.families else [])
        texts = [replace(t, id=hashlib.sha256(t.id.encode()).hexdigest()[:32]) for t in texts]
        file = folder / "set.parquet"
        write_set(texts, file)
        dedup_files([file], folder / "out", rewrite_score=None)
        table = pq.read_table(folder / "out" / CLUSTERS).to_pydict()
        of_file = dict(zip(table["id"], table["cluster_id"], strict=True))
        started = time.monotonic()
        publish(folder / "lake", texts)
        seconds = time.monotonic() - started
        of_lake = lake_stories(folder / "lake")
        print(f"{len(texts):,} texts, {DAYS} days\n{shares(texts, of_file, 'file')}\n{shares(texts, of_lake, 'lake')}")
        both, either = same_groups(texts, of_file, of_lake)
        print(f"pairs together in file and lake: {both:,} of {either:,}", flush=True)
        if given.kills:
            done = killed(file, folder / "killed", given.kills, seconds)
            same = digest(folder / "killed") == digest(folder / "lake")
            print(f"killed {done} times: {'the same bytes' if same else 'OTHER BYTES'} in all files")


if __name__ == "__main__":
    main()
