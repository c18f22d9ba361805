"""docs/architecture.md and the tree agree; the layers hold; the house has no file that its picture lacks."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("cleaning", "spiders", "flows")
# Beyond it, docs/architecture.md asks for a room of its own.
MOST_MODULES = 16
ENTRY = re.compile(r"^\* `((?:cleaning|spiders|flows)/[\w/]+\.py)`: (.+)$", re.MULTILINE)


@cache
def modules() -> dict[str, str]:
    """Path → first sentence of its docstring, for every module but empty package files."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
            found[path.relative_to(ROOT).as_posix()] = " ".join(first.split())
    return found


def test_the_picture_of_the_tree_names_every_module_with_its_own_first_sentence() -> None:
    told = dict(ENTRY.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    assert told == modules()


def test_every_module_says_what_it_is_for() -> None:
    assert [path for path, sentence in modules().items() if not sentence] == []


def test_no_further_code_package_stands_at_the_top() -> None:
    tops = {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert tops == set(PACKAGES)


def test_no_folder_holds_more_modules_than_an_eye_takes_in() -> None:
    folders = Counter(Path(path).parent for path in modules() if not path.endswith("__init__.py"))
    assert {str(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_tests_mirror_the_packages() -> None:
    for package in PACKAGES:
        assert list((ROOT / "tests" / package).rglob("test_*.py")), f"tests/{package} is empty"
