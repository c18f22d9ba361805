"""Files that only their owner may read: the state of a lake holds what a run was asked for, and the server's key."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, or close one that is open to others.

    What lies in it is then out of others' reach whatever its own mode is. A folder of another user stays as it is:
    `newsmill doctor` names it.
    """
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    stands = path.stat()
    if stands.st_mode & 0o077 and stands.st_uid == os.geteuid():
        path.chmod(FOLDER_MODE)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read at any moment, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def close_to_others(path: Path) -> None:
    """Take a file's permissions for group and others away, where it is there and has some."""
    if path.exists() and path.stat().st_mode & 0o077:
        path.chmod(FILE_MODE)
