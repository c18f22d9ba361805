"""The standing server's key: generated at its first start, readable only by its owner."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from spiders.system.private_files import close_to_others, private_folder, write_private

# Prefect compares the whole string; the part before the colon is the user name of HTTP's basic authentication.
USER = "newsmill"
KEY_BYTES = 32  # 256 bits: cannot be guessed
# Prefect's own settings for the key: if an operator has set one, it is used.
SERVER_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
CLIENT_VARIABLE = "PREFECT_API_AUTH_STRING"


def key_file(lake: Path) -> Path:
    """Path of a lake's key file."""
    return lake / "state" / "server-key"


def server_key(lake: Path) -> str:
    """The auth string ``user:password`` of a lake's server: from the environment, else the lake's own key.

    The lake's key is generated if it does not exist yet.
    """
    given = os.environ.get(SERVER_VARIABLE) or os.environ.get(CLIENT_VARIABLE)
    if given:
        return given
    file = key_file(lake)
    if file.exists():
        close_to_others(file)
        written = file.read_text(encoding="utf-8").strip()
        if written:  # a full disk leaves an empty file
            return written
    private_folder(file.parent)
    write_private(file, f"{USER}:{secrets.token_urlsafe(KEY_BYTES)}\n")
    return file.read_text(encoding="utf-8").strip()
