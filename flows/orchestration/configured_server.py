"""Whether a Prefect server is configured, without importing Prefect: that alone would cost seconds at every call.

Looked up where Prefect looks, in its order: https://docs.prefect.io/v3/concepts/settings-and-profiles
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VARIABLE = "PREFECT_API_URL"
_LINE = re.compile(rf"\s*(?:export\s+)?{VARIABLE}\s*=\s*(['\"]?)(?P<value>[^'\"#\s]+)\1")


def configured_server(folder: Path, environment: Mapping[str, str] | None = None) -> str | None:
    """The address of the API that Prefect would use: a variable, a file in the folder, or the active profile.

    Args:
        folder: the working folder.
        environment: variables; those of this process if None.

    Returns:
        None where Prefect would start a temporary server.
    """
    given = os.environ if environment is None else environment
    if VARIABLE in given:
        return given[VARIABLE] or None
    return (
        _in_dotenv(folder / ".env")
        or _in(_toml(folder / "prefect.toml"))
        or _in(_table(_table(_toml(folder / "pyproject.toml"), "tool"), "prefect"))
        or _in_profile(given)
    )


def _in_profile(given: Mapping[str, str]) -> str | None:
    home = Path(given.get("PREFECT_HOME") or Path.home() / ".prefect").expanduser()
    read = _toml(Path(given.get("PREFECT_PROFILES_PATH") or home / "profiles.toml"))
    active = given.get("PREFECT_PROFILE") or read.get("active")
    url = _table(_table(read, "profiles"), str(active)).get(VARIABLE)
    return str(url) if url else None


def _in(settings: Mapping[str, Any]) -> str | None:
    url = _table(settings, "api").get("url")
    return str(url) if url else None


def _in_dotenv(file: Path) -> str | None:
    if not file.is_file():
        return None
    found = [m["value"] for line in file.read_text("utf-8", "replace").splitlines() if (m := _LINE.match(line))]
    return found[-1] if found else None


def _toml(file: Path) -> dict[str, Any]:
    """A file's content; empty where it is missing or broken: Prefect itself reports a broken one when it is used."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = of.get(name)
    return table if isinstance(table, dict) else {}
