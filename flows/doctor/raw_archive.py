"""Checks the raw archive: reads every file to its end."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from flows.doctor.findings import Finding, ok, warning

# A file that a crawl is writing ends in the middle of a record.
AT_WORK_SECONDS = 600
CHUNK = 2**20


def check_archive(root: Path) -> Iterator[Finding]:
    """Unpack each file: an ordinary reader loses every record after a defect."""
    files = sorted((root / "raw").glob("**/*.warc.gz"))
    broken = []
    for file in files:
        if time.time() - file.stat().st_mtime < AT_WORK_SECONDS:
            continue
        fault = _fault(file)
        if fault:
            broken.append(file)
            yield warning(
                "raw archive", f"{file.relative_to(root)}: {fault}",
                "restore it from a copy if there is one; articles that were published from it are whole",
            )  # fmt: skip
    if not broken:
        yield ok("raw archive", f"{len(files)} files, each readable to its end")


def _fault(file: Path) -> str:
    try:
        with gzip.open(file, "rb") as stream:
            while stream.read(CHUNK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return str(error) or type(error).__name__
    return "" if file.stat().st_size else "empty"
