"""What users get wrong: each mistake ends with an exit code, a line or two that name the remedy, and no traceback."""

from __future__ import annotations

import gzip
import importlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest

from flows.cli.app import main
from flows.cli.shared.errors import SELF_EXPLAINING
from spiders.frontier.frontier import Frontier, default_path
from spiders.frontier.outcomes import Outcome
from spiders.frontier.records import DiscoveredUrl

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
SOURCE = 'name = "mine"\ntitle = "Mine"\nhome = "http://mine.localhost/"\nhosts = ["mine.localhost"]\nenabled = {on}\n'


@dataclass(frozen=True)
class Mistake:
    """Words of the command, what stderr must say of the remedy, files and variables that it meets."""

    words: str
    remedy: str
    files: dict[str, bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    code: int = 1


def catalogue(on: str = "true") -> dict[str, bytes]:
    return {"sources/mine.toml": SOURCE.format(on=on).encode()}


LAKE = {"data/state/empty": b"", "data/articles/empty": b""}
MINE = "--sources-dir sources"

MISTAKES = {
    # words that are off
    "an unknown command": Mistake("crawl", "No such command", code=2),
    "an unknown option": Mistake("run --sorce x", "No such option", code=2),
    "an option without its value": Mistake("run --lake", "requires an argument", code=2),
    "a number that is none": Mistake("failures --limit many", "not a valid int", code=2),
    "a number that is too small": Mistake("failures --limit 0", "not in the range x>=1", code=2),
    "a format that is none": Mistake("clean page.html --format csv", "text", {"page.html": b"<p>x"}, code=2),
    "a day that is none": Mistake("backfill --from 8.7.2026 --to 2026-07-09", "YYYY-MM-DD", code=2),
    "a day that no month has": Mistake("backfill --from 2026-02-30 --to 2026-03-01", "YYYY-MM-DD", code=2),
    "no days": Mistake("backfill", "--from YYYY-MM-DD"),
    "a range the wrong way round": Mistake("backfill --from 2026-07-09 --to 2026-07-08", "swap"),
    "a range in the future": Mistake(
        f"backfill --plan --from {TOMORROW} --to {TOMORROW}", "the last possible day is today"
    ),
    "a range that ends in the future": Mistake(f"backfill --plan --from 2026-07-01 --to {TOMORROW}", "--to"),
    "a range to clean again the wrong way round": Mistake("reclean --plan --from 2026-07-09 --to 2026-07-08", "swap"),
    "an archive's language without an archive": Mistake(
        "backfill --from 2026-07-01 --to 2026-07-02 --language de", "--warc"
    ),
    "an address to allow that is none": Mistake(f"run --allow foo {MINE}", "127.0.0.1:PORT", catalogue()),
    "an address to allow that is not loopback": Mistake(f"run --allow 10.0.0.1:80 {MINE}", "127.0.0.1", catalogue()),
    "an outcome that is none": Mistake("failures --reason missing", "http-NNN", LAKE),
    # sources
    "an address that is none": Mistake(f"sources add notaurl {MINE}", "https://", catalogue()),
    "an address without its scheme": Mistake(f"sources add example.org {MINE}", "https://example.org", catalogue()),
    "a source that is unknown": Mistake(f"run --source nobody {MINE}", "sources list", catalogue()),
    "a source to check that is unknown": Mistake(f"sources check nobody {MINE}", "sources list", catalogue()),
    "a source to start with that is unknown": Mistake("init --source nobody", "sources list"),
    "no source that is on": Mistake(f"run {MINE}", "enabled = true", catalogue("false")),
    "a catalogue that is not there": Mistake("run --sources-dir nowhere", "newsmill init"),
    "a catalogue that is empty": Mistake("sources list --sources-dir empty", "sources add", {"empty/readme": b""}),
    "a source with a key that is misspelt": Mistake(
        f"sources list {MINE}", "spelling", {"sources/mine.toml": SOURCE.format(on="true").encode() + b"feed = []\n"}
    ),
    "a source that is not TOML": Mistake(f"sources list {MINE}", "line", {"sources/mine.toml": b"name = \n"}),
    "publishing without a catalogue": Mistake("publish --sources-dir nowhere", "--sources-dir", LAKE),
    "nobody to reach": Mistake("run --source nasa", "NEWSMILL_CONTACT"),
    # lakes
    "a lake that is a file": Mistake(f"run --lake file {MINE}", "--lake", {"file": b"", **catalogue()}),
    "a lake below a file": Mistake("failures --lake file/lake", "--lake", {"file": b""}),
    "a lake in an object store": Mistake("run --lake s3://bucket/lake", "local folder"),
    "failures of no lake": Mistake("failures --lake nowhere", "--lake"),
    "failures of a lake into which nothing was crawled": Mistake("failures", "newsmill run", LAKE),
    "an article of no lake": Mistake("inspect 0123 --lake nowhere", "--lake"),
    "an article that is not in the lake": Mistake("inspect http://a.example/1", "newsmill failures", LAKE),
    "cleaning no lake again": Mistake("reclean --plan --lake nowhere", "--lake"),
    "an index of no lake": Mistake("dedup --rebuild-index --lake nowhere", "--lake"),
    "duplicates of no lake": Mistake("dedup --all --out result --lake nowhere", "--lake"),
    "a frontier that is no database": Mistake(
        "failures", "state/ledger.sqlite", {**LAKE, "data/state/ledger.sqlite": b"no database at all" * 99}
    ),
    # whether the data is whole
    "a report on no lake": Mistake("report --lake nowhere", "--lake"),
    "a report on days to come": Mistake(f"report --from {TOMORROW}", "swap", LAKE),
    "a report in place of a folder": Mistake("report --out data", "data/report.html", LAKE),
    "a report without a catalogue": Mistake("report --sources-dir nowhere", "newsmill init", LAKE),
    "alerts of no lake": Mistake("alerts --lake nowhere", "--lake"),
    "alerts of a lake into which nothing was crawled": Mistake("alerts --check", "newsmill run", LAKE),
    "mail without a server": Mistake("alerts setup --email me@example.org", "--smtp", LAKE),
    "a mail server that is none": Mistake(
        "alerts setup --email me@example.org --smtp mail.example.org", "smtp://HOST:PORT", LAKE
    ),
    "a webhook that is none": Mistake("alerts setup --webhook hook", "https://", LAKE),
    "a service that is none": Mistake("alerts setup --apprise carrier://pigeon", "caronc/apprise", LAKE),
    "a test message to nobody": Mistake("alerts test", "newsmill alerts setup", LAKE),
    "gaps of no lake": Mistake("gaps --lake nowhere", "--lake"),
    "gaps of a range the wrong way round": Mistake("gaps --from 2026-07-09 --to 2026-07-08", "swap", LAKE),
    "gaps without a catalogue": Mistake("gaps --sources-dir nowhere", "newsmill init", LAKE),
    "failures without a catalogue": Mistake("failures --sources-dir nowhere", "newsmill init", LAKE),
    "stories of no lake": Mistake("stories --lake nowhere", "--lake"),
    "stories of days without any": Mistake("stories --from 2026-07-01 --to 2026-07-02", "other days", LAKE),
    "stories of a range the wrong way round": Mistake("stories --from 2026-07-09 --to 2026-07-08", "swap", LAKE),
    # what leaves the lake
    "an export without a file": Mistake("export", "--out", LAKE, code=2),
    "an export of no lake": Mistake("export -o july.csv --lake nowhere", "--lake"),
    "an export of a range the wrong way round": Mistake(
        "export -o july.csv --from 2026-07-09 --to 2026-07-08", "swap", LAKE
    ),
    "an export in a format that is none": Mistake("export -o july.docx", "xlsx", LAKE),
    "an export in place of a folder": Mistake("export -o data -f csv", "--out", LAKE),
    "an export of a table that is none": Mistake("export -o july.csv --table texts", "articles", LAKE),
    "an export of a column that is none": Mistake("export -o july.csv --columns headline", "title", LAKE),
    "an export for a use that is none": Mistake("export -o july.csv --for training", "train-ai", LAKE),
    "a release without a name": Mistake("release", "--name", LAKE, code=2),
    "a release of no lake": Mistake("release --name july --lake nowhere", "--lake"),
    "a release of days without an article": Mistake("release --name july", "--from", LAKE),
    "a release at a level that is none": Mistake("release --name july --level tokens", "derived", LAKE),
    "a release whose name is a path": Mistake("release --name no/where", "hyphens", LAKE),
    "a release whose name is taken": Mistake(
        "release --name july", "another name", {**LAKE, "releases/july/readme": b""}
    ),
    "ids that are not there": Mistake("rehydrate nowhere.parquet -o articles.parquet", "articles.parquet", LAKE),
    "ids that are no Parquet": Mistake(
        "rehydrate ids.parquet -o articles.parquet", "articles.parquet", {**LAKE, "ids.parquet": b"text"}
    ),
    "ids of no lake": Mistake("rehydrate ids.parquet -o articles.parquet --lake nowhere", "--lake"),
    "a snapshot of no lake": Mistake("snapshot today --lake nowhere", "--lake"),
    "a snapshot over another": Mistake("snapshot today", "new folder", {**LAKE, "today/readme": b""}),
    "a snapshot inside a table": Mistake("snapshot data/articles/today", "choose another", LAKE),
    "an erasure of nothing": Mistake("erase", "--author", LAKE),
    "an erasure in no lake": Mistake("erase 0123 --lake nowhere", "--lake"),
    "an erasure of what is not there": Mistake("erase http://a.example/1", "newsmill inspect", LAKE),
    "a migration of no lake": Mistake("lake migrate --lake nowhere", "--lake"),
    # files to clean and to compare
    "a file that is not there": Mistake("clean nowhere.html", "no such file"),
    "a file of another kind": Mistake("clean page.pdf", "rename", {"page.pdf": b"%PDF"}),
    "a folder with nothing in it": Mistake("clean empty", "index.jsonl", {"empty/readme": b""}),
    "a broken gzip": Mistake("clean page.html.gz", "fetch it again", {"page.html.gz": gzip.compress(b"x" * 999)[:-9]}),
    "a gzip that is none": Mistake("clean page.html.gz", "fetch it again", {"page.html.gz": b"<p>plain"}),
    "lines that are not JSON": Mistake("clean pages.jsonl", "pages.jsonl:1", {"pages.jsonl": b"{broken\n"}),
    "lines in another encoding": Mistake("clean pages.jsonl", "iconv", {"pages.jsonl": b'{"text": "\xe9"}\n'}),
    "lines without a text": Mistake("clean pages.jsonl", "`html` or `text`", {"pages.jsonl": b"{}\n"}),
    "a corpus whose page is missing": Mistake(
        "clean corpus",
        "take the line out",
        {"corpus/index.jsonl": b'{"id": 1, "url": "http://a/", "html": "1.html"}\n'},
    ),
    "Parquet to the terminal": Mistake("clean page.html -f parquet", "--out", {"page.html": b"<p>x"}),
    "an output whose folder is missing": Mistake(
        "clean page.txt --out no/where.txt", "check the path", {"page.txt": b"A text."}
    ),
    "two ways to compare": Mistake("dedup a.jsonl --all --out result", "not both", {"a.jsonl": b""}),
    "a result without a place": Mistake("dedup a.jsonl", "--out", {"a.jsonl": b""}),
    "a corpus that is not there": Mistake("dedup nowhere.parquet --out result", "no such file"),
    "a corpus that is no Parquet": Mistake("dedup a.parquet --out result", "write it again", {"a.parquet": b"text"}),
    "a corpus of another kind": Mistake("dedup a.csv --out result", ".parquet", {"a.csv": b"id,text\n"}),
    "a corpus without a column": Mistake("dedup a.jsonl --out result", "rename", {"a.jsonl": b'{"key": 1}\n'}),
    # settings
    "a settings file that is not TOML": Mistake("config", "correct that line", {"newsmill.toml": b"lake = \n"}),
    "a setting that is misspelt": Mistake("config", "newsmill config", {"newsmill.toml": b'lkae = "data"\n'}),
    "a setting of the wrong kind": Mistake("run", "valid integer", {"newsmill.toml": b'wave_days = "many"\n'}),
    "a variable of the wrong kind": Mistake(
        "run", "environment: NEWSMILL_CRAWL_PROCESSES", environment={"NEWSMILL_CRAWL_PROCESSES": "-1"}
    ),
    "a settings file that is not there": Mistake(
        "config", "correct it, or unset it", environment={"NEWSMILL_CONFIG": "gone.toml"}
    ),
    "a database that is none": Mistake("failures", "SQLAlchemy URL", environment={"NEWSMILL_FRONTIER": "my database"}),
    "a project folder that is a file": Mistake("init file", "name a folder", {"file": b""}),
}


def test_a_hundred_mistakes_are_tried() -> None:
    assert len(MISTAKES) >= 100


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held.getsockname()[1]


Newsmill = Callable[[str], tuple[int, str]]


@pytest.fixture
def newsmill(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Newsmill:
    """The command in this process and an empty folder: exit code and stderr."""
    for variable in ("NEWSMILL_LAKE", "NEWSMILL_SOURCES_DIR", "NEWSMILL_CONTACT", "NEWSMILL_ALLOW"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)

    def call(words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["newsmill", *words.split()])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capfd.readouterr().err

    return call


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_a_line_or_two_with_its_remedy(
    mistake: Mistake, newsmill: Newsmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in mistake.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for variable, value in mistake.environment.items():
        monkeypatch.setenv(variable, value)
    code, told = newsmill(mistake.words)
    assert code == mistake.code, told
    assert "Traceback" not in told
    flat = " ".join(told.replace("│", " ").split())
    assert mistake.remedy in flat
    if code == 1:  # the words of the command itself are told in click's box, with its usage
        assert len(told.strip().splitlines()) <= 2, told


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_that_is_in_use_is_told_before_anything_starts(
    command: str, newsmill: Newsmill, busy_port: int, tmp_path: Path
) -> None:
    code, told = newsmill(f"{command} --port {busy_port} --lake lake")
    assert code == 1
    assert f"--port {busy_port + 1}" in told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


READERS = [
    "failures",
    "gaps",
    "inspect 0123",
    "stories",
    "report",
    "alerts",
    "alerts --check",
    "alerts test",
    "status",
    "doctor",
    "reclean --plan",
    "publish",
    "dedup --all --out result",
    "export -o july.csv",
    "release --name july",
    "rehydrate ids.parquet -o articles.parquet",
    "snapshot today",
    "erase 0123",
    "lake migrate",
]


@pytest.mark.parametrize("words", READERS)
def test_a_command_that_reads_a_lake_makes_none(words: str, newsmill: Newsmill, tmp_path: Path) -> None:
    assert newsmill(words)[0] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_prefect_that_cannot_be_reached_is_told_with_what_to_do(
    newsmill: Newsmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {**catalogue(), **LAKE}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "publish", *MINE.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "unset PREFECT_API_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr


@pytest.mark.usefixtures("engine")
def test_when_every_source_fails_the_last_word_says_which_and_where_to_look(newsmill: Newsmill, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:  # nothing will answer there
        address = f"127.0.0.1:{held.getsockname()[1]}"
    (tmp_path / "sources").mkdir()
    source = SOURCE.format(on="true").replace("mine.localhost/", f"mine.localhost:{address.rpartition(':')[2]}/")
    (tmp_path / "sources" / "mine.toml").write_text(source + "[politeness]\ndelay_seconds = 0\n")
    code, told = newsmill(f"run --allow {address} {MINE}")
    assert code == 1
    assert "Traceback" not in told
    assert "newsmill: all 1 sources failed:" in told
    assert "newsmill failures --lake data" in told.strip().splitlines()[-1]
    assert len(told.strip().splitlines()) <= 6, told


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    """`newsmill failures | head -1`: the exit status of a program that a closed pipe ends."""
    frontier = Frontier(default_path(tmp_path))
    urls = [f"https://mine.example/{number}/{'x' * 99}" for number in range(2_000)]
    offers = [DiscoveredUrl("mine", url, url, "mine.example", outcome=Outcome.OFF_SITE) for url in urls]
    frontier.enqueue("r1", offers)
    frontier.close()
    command = [sys.executable, "-m", "flows.cli", "failures", "--lake", str(tmp_path), "--limit", "2000"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=PIPE, stderr=PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read().decode()
        assert running.wait(60) in (0, 141), told
    assert told == ""


@pytest.mark.parametrize(("module", "name"), sorted(SELF_EXPLAINING))
def test_every_error_that_explains_itself_is_where_the_commands_look_for_it(module: str, name: str) -> None:
    assert issubclass(getattr(importlib.import_module(module), name), Exception)
