"""Commands start with what they need: the overview loads no command, cleaning a page no network and no renderer."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.cli.app import app
from flows.cli.command_table import COMMANDS

CALL = """
import sys
from flows.cli.app import main

sys.argv = ["newsmill", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
PAGE = "<html><head><title>A harbour</title></head><body><article><h1>A harbour</h1>" + "".join(
    f"<p>The ferry number {n} left the harbour of the town in the morning, and came back in the evening with fish.</p>"
    for n in range(12)
)


def modules(*arguments: str) -> tuple[str, set[str]]:
    """What the command printed, and the modules that it had loaded in the end."""
    call = [sys.executable, "-c", CALL, *arguments]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    return done.stdout, {*done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_overview_says_of_each_command_what_its_help_begins_with(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    first = " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())
    assert COMMANDS[name].summary == first.replace("**", "").replace("`", "")
    assert command.name == name


def test_the_overview_loads_no_command() -> None:
    printed, loaded = modules("--help")
    assert all(f"  {name} " in printed for name in COMMANDS)
    assert {name for name in loaded if name.startswith("flows.cli.") and "shared" not in name} == {
        "flows.cli.app",
        "flows.cli.command_table",
    }
    assert {"rich", "pydantic", "numpy"} & loaded == set()


def test_cleaning_a_page_loads_what_that_page_needs(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE + "</article></body></html>")
    printed, loaded = modules("clean", str(tmp_path / "page.html"))
    assert "The ferry number 3" in printed
    assert {"rich", "pydantic", "pyarrow", "requests", "tldextract", "scrapy", "charset_normalizer"} & loaded == set()


def test_a_misspelt_command_gets_the_right_one_named() -> None:
    done = subprocess.run([sys.executable, "-c", CALL, "publsh"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'publish'" in done.stderr
