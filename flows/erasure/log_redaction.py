"""Overwrites addresses, titles and names in the logs of a lake, in place: a process may be writing to one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

# Where logs and the notes of runs lie; the frontier and the server's database have ways of their own.
FOLDERS = ("state/logs", "state/runs", "state/deployments")
FILLER = b"x"


def redact(root: Path, needles: Sequence[bytes]) -> int:
    """Overwrite each occurrence with as many ``x``; returns how many.

    Args:
        root: the lake.
        needles: UTF-8, longest first; also looked for as JSON writes them.
    """
    places = 0
    forms = list(dict.fromkeys([*needles, *(_as_json(needle) for needle in needles)]))
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file():
                places += _redact_file(file, forms)
    return places


def _redact_file(file: Path, needles: Sequence[bytes]) -> int:
    content = file.read_bytes()
    places = 0
    with file.open("r+b") as stream:
        for needle in needles:
            at = content.find(needle)
            while at >= 0:
                stream.seek(at)
                stream.write(FILLER * len(needle))
                places += 1
                at = content.find(needle, at + len(needle))
            content = content.replace(needle, FILLER * len(needle))
        if places:
            stream.flush()
            os.fsync(stream.fileno())
    return places


def _as_json(needle: bytes) -> bytes:
    return needle.decode("utf-8").encode("ascii", "backslashreplace")
