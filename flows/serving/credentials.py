"""The key of the standing server: made at its first start, kept where only its owner may read it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from spiders.private_files import close_to_others, private_folder, write_private

# Prefect compares the whole string; the part before the colon is the user name of HTTP's basic authentication.
USER = "newsmill"
KEY_BYTES = 32  # 256 bits: not to be guessed
# Prefect's own settings of the same: what an operator has set there counts.
SERVER_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
CLIENT_VARIABLE = "PREFECT_API_AUTH_STRING"


def key_file(lake: Path) -> Path:
    """Where a lake's key lies."""
    return lake / "state" / "server-key"


def server_key(lake: Path) -> str:
    """The auth string ``user:password`` of a lake's server: what is set in the environment, or the lake's own.

    The lake's own is made when there is none yet.
    """
    given = os.environ.get(SERVER_VARIABLE) or os.environ.get(CLIENT_VARIABLE)
    if given:
        return given
    file = key_file(lake)
    if file.exists():
        close_to_others(file)
        written = file.read_text(encoding="utf-8").strip()
        if written:  # an empty one is what a full disk leaves
            return written
    private_folder(file.parent)
    write_private(file, f"{USER}:{secrets.token_urlsafe(KEY_BYTES)}\n")
    return file.read_text(encoding="utf-8").strip()
