"""requirements.lock pins what constraints.txt pins, each file by its hash, and names no package host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([a-z0-9][\w.-]*)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, set()).add(version)
    return found


def test_the_hashed_lock_pins_what_the_constraints_pin() -> None:
    locked, constrained = pins("requirements.lock"), pins("constraints.txt")
    assert locked.items() <= constrained.items()


def test_every_dependency_of_the_wheel_is_in_the_hashed_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    names = {
        re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in [*project["dependencies"], *extras]
    }
    assert names <= pins("requirements.lock").keys()


def test_every_pin_has_hashes_and_no_line_names_a_host() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
