"""Makes a release: a folder with Parquet files, their manifest and their documents, whole or not at all."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaning.rights.vocabulary import Use
from flows.lake.store import Lake, parquet_stream
from flows.releases import documents
from flows.releases.croissant import croissant
from flows.releases.datasheet import datasheet
from flows.releases.documents import Edition, ReleasedFile
from flows.releases.levels import LEVELS, ReleasedTable, count_nulls, null_shares, tables_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class ReleaseError(ValueError):
    """A release that cannot be made as asked; the message says what to change."""


def release(
    lake: Lake,
    out: Path,
    name: str,
    *,
    level: str = "full",
    start: date | None = None,
    end: date | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Make an edition.

    Args:
        lake: its write lock is held, so that all tables are of one moment.
        out: the folder that the release's folder is made in.
        name: of the edition and its folder.
        level: full, derived (no texts: counts and hashes) or ids (addresses, hashes, offsets).
        start: first day of publication, inclusive; None is open.
        end: last day, inclusive; None is open.
        clock: UTC.

    Returns:
        The release's folder.

    Raises:
        ReleaseError: for a name that exists or is no name, a level that is unknown, or days without an article.
    """
    if level not in LEVELS:
        raise ReleaseError(f"{level}: no such level; say one of {', '.join(LEVELS)}")
    if not NAME.fullmatch(name):
        raise ReleaseError(f"{name}: write letters, digits, dots, hyphens and underscores")
    folder = out / name
    if folder.exists():
        raise ReleaseError(f"{folder} exists, and an edition does not change: choose another name")
    out.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=out))
    try:
        with lake.write_lock():
            days = lake.dates("articles", start, end)
            if not days:
                raise ReleaseError(f"{lake.root} has no article of these days; name others with --from and --to")
            files = tuple(_write(staging, table) for table in tables_of(lake, level, start, end))
            edition = _describe(lake, name, level, days, files, clock())
        for file, text in (
            ("manifest.json", documents.manifest(edition)),
            ("croissant.json", croissant(edition)),
            ("DATASHEET.md", datasheet(edition)),
            ("DICTIONARY.md", documents.dictionary(edition)),
            ("CITATION.cff", documents.citation(edition)),
            ("README.md", documents.readme(edition)),
        ):
            (staging / file).write_text(text, encoding="utf-8")
        staging.chmod(0o755)
        staging.replace(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _write(staging: Path, table: ReleasedTable) -> ReleasedFile:
    file = staging / "data" / f"{table.name}.parquet"
    file.parent.mkdir(exist_ok=True)
    rows, nulls = 0, Counter[str]()
    with parquet_stream(file, table.columns) as writer:
        for some in table.rows:
            writer.write_table(some)
            rows += len(some)
            nulls.update(count_nulls(some))
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    path = file.relative_to(staging).as_posix()
    size = file.stat().st_size
    return ReleasedFile(
        table.name, path, table.doc, table.columns, rows, size, digest.hexdigest(), null_shares(nulls, rows)
    )


def _describe(
    lake: Lake, name: str, level: str, days: list[date], files: tuple[ReleasedFile, ...], now: datetime
) -> Edition:
    edition = Edition(name, level, days[0], days[-1], now, files, missing_days=_missing(days))
    for rows in lake.stream("articles", days, ["source", "license", "rights", "rules_version", "extractor"]):
        edition.sources.update(_values(rows, "source"))
        edition.licenses.update(license or "" for license in _values(rows, "license"))
        edition.rules.update(_values(rows, "rules_version"))
        edition.extractors.update(_values(rows, "extractor"))
        for uses in _values(rows, "rights"):
            edition.reserved.update(
                ["unknown"] if uses is None else [use.value for use in Use if use.value not in uses]
            )
    for rows in lake.stream("rejected", lake.dates("rejected", days[0], days[-1]), ["reason"]):
        edition.rejected.update(_values(rows, "reason"))
    return edition


def _values(rows: pa.Table, name: str) -> list[Any]:
    return list(rows.column(name).to_pylist())


def _missing(days: list[date]) -> tuple[date, ...]:
    every = (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1))
    return tuple(day for day in every if day not in set(days))
