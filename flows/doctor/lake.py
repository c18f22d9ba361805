"""The lake: its journal, its partitions, ids, dates, lineage, and who can read its state."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cleaning.schema.arrow import SCHEMA_VERSION, TABLES
from flows.doctor.findings import Finding, ok, problem, warning
from flows.lake.store import JOURNAL, PREPARING, Lake, LakeError
from spiders.archive.warc_reader import read_page
from spiders.system.private_files import private_folder

# Rows whose raw record is looked up: enough to notice a replaced file, within seconds.
LINEAGE_SAMPLE = 50
# The clocks of two machines may differ by this much.
CLOCK_SLACK = timedelta(hours=1)
# Wait this long for a running writer before giving up on a fix.
LOCK_SECONDS = 10.0


def check_state(root: Path) -> Iterator[Finding]:
    """Whether other users can read the state."""
    state = root / "state"
    if state.stat().st_mode & 0o077:
        yield problem(
            "permissions", f"{state} is open to other users", f"chmod 700 {state}", partial(private_folder, state)
        )
    else:
        yield ok("permissions", f"{state} is closed to other users")


def check_journal(root: Path) -> Iterator[Finding]:
    """Whether a writer that died left a commit unfinished."""
    left = [name for name in (JOURNAL, PREPARING) if (root / name).exists()]
    for name in left:
        try:
            json.loads((root / name).read_text(encoding="utf-8"))
        except ValueError:
            yield warning(
                "journal", f"{name} is not whole; what it named can be read off the files that the commit staged",
                "leave it there: the next writer finishes it, or --fix does", partial(_finish, root),
            )  # fmt: skip
            return
    if left:
        yield warning(
            "journal", f"{', '.join(left)}: a writer died; readers see whole files all the same",
            "the next writer finishes it, or --fix does", partial(_finish, root),
        )  # fmt: skip
    else:
        yield ok("journal", "no unfinished commit")


def _finish(root: Path) -> None:
    with Lake(root).write_lock(timeout=LOCK_SECONDS):
        pass  # taking the lock finishes what was left


def check_partitions(root: Path) -> Iterator[Finding]:
    """Read each Parquet file to its last byte; check schemas, folder names, and files that belong to nothing."""
    count = rows = 0
    bad = False
    for name in TABLES:
        for folder in sorted((root / name).glob("*")):
            if folder.is_dir() and not _is_date(folder.name.removeprefix("date=")):
                bad = True
                yield problem("partitions", f"{folder} names no date, and breaks every read", "move that folder away")
                continue
            for file in sorted(folder.glob("*.parquet")):
                count += 1
                try:
                    rows += _read(file)
                except (pa.ArrowException, OSError, LakeError) as error:
                    bad = True
                    yield problem("partitions", f"{file}: {error}", _RESTORE)
    if not bad:
        yield ok("partitions", f"{count} files, {rows} rows read")
    orphans = [file for name in (*TABLES, "index") for file in (root / name).rglob(".*.tmp")]
    if orphans and not (root / JOURNAL).exists():
        yield warning(
            "orphans", f"{len(orphans)} temporary files of writers that died, e.g. {orphans[0]}",
            "remove them while nothing writes", partial(_remove, root, orphans),
        )  # fmt: skip


_RESTORE = "restore it from a copy; or move it away, and publish the raw archive of its days into a new lake"


def _read(file: Path) -> int:
    with pq.ParquetFile(file) as parquet:
        version = (parquet.schema_arrow.metadata or {}).get(b"newsmill.schema_version", b"none").decode()
        if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise LakeError(f"schema version {version}, this release reads {SCHEMA_VERSION}")
        return sum(batch.num_rows for batch in parquet.iter_batches())


def _remove(root: Path, files: list[Path]) -> None:
    with Lake(root).write_lock(timeout=LOCK_SECONDS):
        for file in files:
            file.unlink(missing_ok=True)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_rows(root: Path, now: datetime) -> Iterator[Finding]:
    """Duplicate ids, and dates in the future."""
    if not any((root / "articles").glob("date=*/*.parquet")):
        yield ok("rows", "no articles yet")
        return
    files = str(root / "articles" / "date=*" / "*.parquet")
    latest = (now + CLOCK_SLACK).astimezone(UTC)
    with duckdb.connect() as db:
        db.execute("set timezone = 'UTC'")
        found = db.execute(
            "select count(*), count(distinct article_id), count(*) filter (fetched_at > ?), "
            "count(*) filter (published_at > fetched_at) from read_parquet(?, hive_partitioning = false)",
            [latest, files],
        ).fetchone()
    assert found is not None
    articles, ids, ahead, late = found
    if articles != ids:
        yield problem(
            "rows", f"{articles - ids} article ids stand twice", "newsmill reclean brings each back to one row"
        )
    if ahead:
        yield problem("clock", f"{ahead} articles were fetched after {latest:%Y-%m-%d %H:%M} UTC: the future", _CLOCK)
    if late:
        yield problem(
            "rows", f"{late} articles are published after they were fetched", "newsmill reclean corrects their dates"
        )
    if articles == ids and not late:
        yield ok("rows", f"{articles} articles, each id once, none dated after its fetch")


_CLOCK = "set the machine's clock (timedatectl); crawl times of that day stay as they are"


def check_lineage(root: Path) -> Iterator[Finding]:
    """Whether the raw records of a random sample of articles can be read, if their files still exist."""
    rows: list[tuple[str, int, str]] = []
    if any((root / "articles").glob("date=*/*.parquet")):
        files = str(root / "articles" / "date=*" / "*.parquet")
        with duckdb.connect() as db:
            rows = db.execute(
                "select raw_file, raw_offset, url from read_parquet(?, hive_partitioning = false)", [files]
            ).fetchall()
    chosen = random.sample(rows, min(LINEAGE_SAMPLE, len(rows)))
    away = [row for row in chosen if not (root / row[0]).exists()]
    broken = [row for row in chosen if row not in away and not _resolves(root, row[0], row[1])]
    if broken:
        name, offset, url = broken[0]
        yield problem(
            "lineage", f"{len(broken)} of {len(chosen)} sampled articles lack their record: {url}: {name}, {offset}",
            "restore that file from a copy; the article itself is whole",
        )  # fmt: skip
    if away:
        yield warning(
            "lineage", f"raw files of {len(away)} of {len(chosen)} sampled articles are elsewhere, e.g. {away[0][0]}",
            "bring them back before newsmill reclean or inspect --raw",
        )  # fmt: skip
    if not broken and not away:
        yield ok("lineage", f"{len(chosen)} sampled articles lead to their raw records")


def _resolves(root: Path, raw_file: str, raw_offset: int) -> bool:
    try:
        read_page(root, raw_file, raw_offset)
    except (LookupError, OSError):
        return False
    return True
