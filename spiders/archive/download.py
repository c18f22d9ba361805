"""Downloads archives given by address: whole files, streamed in pieces, resuming where a download broke off.

The operator names these addresses (Common Crawl's path lists, say), so they need not be on a catalogue host; only http
and https, and only public addresses unless loopback was allowed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from spiders.archive.pinned_connection import DownloadError, open_pinned

__all__ = ["DownloadError", "addresses", "download", "is_address"]

PIECE = 1 << 20
TIMEOUT_SECONDS = 60.0
# Common Crawl and the Internet Archive roll at 1 GB; some archives of a whole site are ten times that.
ARCHIVE_MAX = 50_000_000_000
# What the lake itself needs to go on: a batch, its journal, the frontier.
DISK_RESERVE = 1_000_000_000


def is_address(pattern: str) -> bool:
    """Whether a name is an address rather than a path."""
    return pattern.startswith(("http://", "https://"))


def addresses(patterns: Iterable[str]) -> list[str]:
    """The addresses among names and in list files (``@LIST``: one per line), without duplicates, in order."""
    found: dict[str, None] = {}
    for pattern in patterns:
        lines = Path(pattern[1:]).read_text(encoding="utf-8").split() if pattern.startswith("@") else [pattern]
        found |= dict.fromkeys(line for line in lines if is_address(line))
    return list(found)


def download(url: str, folder: Path, agent: str, *, loopback: bool = False) -> Path:
    """Download an archive into ``folder``, under a name derived from its address. Raises DownloadError."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", urlsplit(url).path.rpartition("/")[2])[-100:]
    # Archives of the same name may lie in different folders of the web.
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{name}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        have = part.stat().st_size if part.exists() else 0
        if not _fetch(url, part, have, agent, loopback):
            # What lies there is no beginning of what is served now.
            part.unlink()
            _fetch(url, part, 0, agent, loopback)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        return part.rename(path)
    except DownloadError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        raise DownloadError(f"{url}: {error or type(error).__name__}; call again") from error


def _fetch(url: str, part: Path, have: int, agent: str, loopback: bool) -> bool:
    """Append to ``part`` what is missing of an archive; whether ``part`` is whole now."""
    headers = {"User-Agent": agent, "Accept-Encoding": "identity", "Connection": "close"} | (
        {"Range": f"bytes={have}-"} if have else {}
    )
    with closing(open_pinned(url, headers, loopback=loopback, timeout=TIMEOUT_SECONDS)) as response:
        if response.status == 416 and have:
            # Killed between the last byte and the renaming: nothing is missing.
            return response.headers.get("Content-Range", "").strip() == f"bytes */{have}"
        if response.status not in (200, 206):
            raise DownloadError(f"{url}: answered {response.status} {response.reason}")
        resumes = response.status == 206
        if resumes and not response.headers.get("Content-Range", f"bytes {have}-").startswith(f"bytes {have}-"):
            return False
        size = have if resumes else 0
        _check_room(url, part, size + (response.length or 0), response.length or 0)
        with part.open("ab" if resumes else "wb") as stream:
            while piece := response.read(PIECE):
                stream.write(piece)
                size += len(piece)
                if size > ARCHIVE_MAX:
                    raise DownloadError(f"{url}: more than {ARCHIVE_MAX:,} bytes; no archive is so large")
        if response.length:
            raise DownloadError(f"{url}: {response.length} bytes are missing; call again to resume")
        return True


def _check_room(url: str, part: Path, whole: int, missing: int) -> None:
    if whole > ARCHIVE_MAX:
        raise DownloadError(f"{url}: {whole:,} bytes; no archive is larger than {ARCHIVE_MAX:,}")
    free = shutil.disk_usage(part.parent).free
    if missing + DISK_RESERVE > free:
        raise DownloadError(
            f"{url}: {missing:,} bytes, and {part.parent} has {free:,} free; make room, then call again"
        )
