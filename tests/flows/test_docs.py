"""What README and docs tell people to type works: every command exists with its options, and every snippet runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
import yaml

from cleaning.records import Article, Revision
from cleaning.schema.arrow import to_table
from flows.cli.app import app
from flows.lake.partitions import rows_of
from flows.lake.store import Lake, partition
from tests.flows.archive import Page, story, write_archive
from tests.flows.conftest import Crawled

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
# What a reader puts in: the value that the sample web has for it.
FILLED = {"NAME": "metro-courier", "SOURCE": "metro-courier", "some-pages/": "pages", "PAGE": "pages/0.html"}
# Sources of the shipped catalogue stand in the docs; the tests have those of the sample web.
SOURCE = "metro-courier"
# They do not end by themselves, set up a machine, or would send to an address: what they name must be there.
NOT_RUN = re.compile(
    r"newsmill (serve|init|demo|alerts (setup|test))\b"
    r"|make |pipx? |uv |docker |git |cd |export |prefect |\.venv/bin/|\.ci/"
)


@dataclass(frozen=True, slots=True)
class Snippet:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets() -> Iterator[Snippet]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            yield Snippet(page, text.count("\n", 0, found.start()) + 2, found[1], found[2])


def commands() -> Iterator[Snippet]:
    """The command lines in fenced blocks; what a block shows of output begins with none of these words."""
    for block in snippets():
        if block.language not in ("", "sh", "bash", "shell", "console"):
            continue
        for number, line in enumerate(block.text.replace("\\\n", "  ").split("\n")):
            command = line.removeprefix("$ ").split("  #")[0].strip()
            if re.match(r"(newsmill|make|prefect|export|\.venv/bin/newsmill) ", command):
                yield Snippet(block.page, block.line + number, "sh", command.removeprefix(".venv/bin/"))


def mentions() -> Iterator[Snippet]:
    """Every command of newsmill that a page mentions, in blocks or in the middle of a sentence."""
    yield from (c for c in commands() if c.text.startswith("newsmill "))
    for page in PAGES:
        for number, line in enumerate(FENCE.sub("", page.read_text(encoding="utf-8")).split("\n"), 1):
            for found in SPAN.finditer(line):
                if found[1].startswith("newsmill "):
                    yield Snippet(page, number, "sh", found[1])


@cache
def command_line() -> Any:
    """What `newsmill` understands."""
    return typer.main.get_command(app)


def fault_of(command: str) -> str | None:
    """What is wrong with a command line of newsmill: an unknown command or option."""
    words = shlex.split(command.partition("|")[0], comments=True)[1:]
    known = command_line()
    for word in words:
        commands = getattr(known, "commands", None)  # of a group
        if commands is not None and not word.startswith("-"):
            if word == "…":
                return None
            if word not in commands:
                return f"no command {word}"
            known = commands[word]
            continue
        option = word.partition("=")[0]
        if option.startswith("-") and option != "--help":
            options = {o for p in known.params for o in (*p.opts, *p.secondary_opts)}
            if option not in options:
                return f"{known.name} has no option {option}"
    return None


PYTHON = [s for s in snippets() if s.language in ("python", "py")]
SQL = [s for s in snippets() if s.language == "sql"]
COMMANDS = list(commands())
MENTIONS = list(mentions())


def test_the_pages_have_commands_and_snippets_to_run() -> None:
    # when the pages change their form, nothing would be collected, and every test below would pass
    assert len(PYTHON) >= 2
    assert len(SQL) >= 1
    assert len(COMMANDS) >= 10
    assert len(MENTIONS) > len(COMMANDS)


@pytest.mark.parametrize("snippet", MENTIONS, ids=lambda s: f"{s}-{s.text}")
def test_a_command_that_is_mentioned_exists_with_its_options(snippet: Snippet) -> None:
    assert fault_of(snippet.text) is None


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert fault_of("newsmill crawl") == "no command crawl"
    assert fault_of("newsmill run --backwards") == "run has no option --backwards"
    assert fault_of("newsmill sources list --enabled") is None


@pytest.mark.parametrize("snippet", [s for s in snippets() if s.language == "toml"], ids=str)
def test_toml_in_the_pages_is_toml(snippet: Snippet) -> None:
    assert tomllib.loads(snippet.text)


@pytest.mark.parametrize("snippet", [c for c in COMMANDS if c.text.startswith("make ")], ids=str)
def test_what_make_is_asked_for_is_there(snippet: Snippet) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in snippet.text.split()[1:] if "=" not in word and not word.startswith("-")]
    assert [t for t in targets if not re.search(rf"^{re.escape(t)}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("snippet", [c for c in COMMANDS if c.text.startswith("prefect deployment run")], ids=str)
def test_a_deployment_that_is_run_by_name_is_deployed(snippet: Snippet) -> None:
    text = next((ROOT / name).read_text() for name in ("prefect.yaml", "flows/prefect.yaml") if (ROOT / name).exists())
    names = {f"{re.split('[:.]', d['entrypoint'])[-1]}/{d['name']}" for d in yaml.safe_load(text)["deployments"]}
    assert shlex.split(snippet.text)[3] in names


def _add_revision(lake: Lake) -> None:
    """An earlier text of one article: a first run has none, and the pages ask about them."""
    article = rows_of("articles", lake.read("articles", lake.dates("articles")[:1]))[0]
    earlier = {f.name: getattr(article, f.name) for f in fields(Article)} | {"text": "An earlier text."}
    row = Revision(**earlier, superseded_at=article.fetched_at)
    with lake.write_lock():
        lake.commit({partition("revisions", row.published_date): to_table(Revision, [row])})


@pytest.fixture(scope="module")
def project(
    crawled: Crawled, engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A folder as a reader has it after a first run: a lake in data/, pages, an archive; and its settings."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(crawled.lake, folder / "data")
    _add_revision(Lake(folder / "data"))
    (folder / "pages").mkdir()
    for n in range(2):
        (folder / "pages" / f"{n}.html").write_bytes(Page(f"p{n}", story(n)).body)
    write_archive(folder / "archives", "r1", [Page("p1", story(1))])
    packed = next((folder / "archives").rglob("*.warc.gz"))
    for name in ("CC-NEWS-20261101.warc.gz", "archives/one.warc.gz"):
        shutil.copy(packed, folder / name)
    (folder / "list-of-paths.txt").write_text("archives/one.warc.gz\n")
    settings = {
        "NEWSMILL_SOURCES_DIR": str(crawled.sources),
        "NEWSMILL_ALLOW": ",".join(crawled.allow),
        "NEWSMILL_CONTACT": "you@example.org",
        "NEWSMILL_PUBLISH_WORKERS": "0",
    }
    return folder, {**os.environ, **engine, **settings}


@pytest.mark.parametrize("snippet", PYTHON, ids=str)
def test_a_snippet_of_python_runs_on_a_lake_as_it_stands(
    snippet: Snippet, project: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = project
    done = subprocess.run(
        [sys.executable, "-c", snippet.text], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("snippet", SQL, ids=str)
def test_a_snippet_of_sql_gives_rows(
    snippet: Snippet, project: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project[0])
    with duckdb.connect() as db:
        assert db.sql(snippet.text).fetchall()


def filled(command: str) -> list[str]:
    """A command with the sample web's values in the place of a reader's own."""
    words = shlex.split(command, comments=True)
    return [
        SOURCE if before in ("-s", "--source") else FILLED.get(word, word)
        for before, word in zip(["", *words], words, strict=False)
    ]


RUN = [c for c in COMMANDS if not NOT_RUN.match(c.text)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("snippet", RUN, ids=lambda s: f"{s}-{s.text}")
def test_a_command_of_a_page_ends_well(snippet: Snippet, project: tuple[Path, dict[str, str]]) -> None:
    folder, environment = project
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *filled(snippet.text)[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 is an answer too (a source that is down, a failed check), a traceback or a misspelt option is none
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
