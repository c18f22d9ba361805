"""`newsmill clean`: every kind of input, every format, and what it says when the input is wrong."""

from __future__ import annotations

import gzip
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol

import pandas as pd
import pytest

from flows.cli.app import main

# Every call starts a pool of cleaning processes: three to five CPU-seconds.
pytestmark = pytest.mark.slow

PARAGRAPHS = [
    "The ferry to Hallow Island left forty minutes late on Tuesday because a seal had fallen asleep on the ramp.",
    "“We tried music first,” said the harbour master, Ines Valdoro. “Then we tried different music. He liked both.”",
    "Passengers were given soup. By the time the animal slid back into the water, two of the three pots were empty.",
    "The company said that it had changed nothing in its timetable, which is robust, but would look at the ramp.",
    "Hallow has 312 inhabitants and one ferry, which carries the post, the doctor and, on Thursdays, the bread.",
]
PAGE = """<html lang="en"><head><title>Seal delays ferry | The Hallow Echo</title>
<link rel="canonical" href="https://hallow-echo.example/2026/07/seal"/>
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Seal delays ferry",
 "author": {"@type": "Person", "name": "Ada Quill"}, "datePublished": "2026-07-08T09:30:00+02:00"}</script></head>
<body><header><a href="#main">Skip to main content</a></header><main id="main"><article><h1>Seal delays ferry</h1>
BODY<p>Please enter your comment!</p><p>Please enter your name here</p></article></main></body></html>""".replace(
    "BODY", "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
)
TEXT = "\n\n".join(PARAGRAPHS)


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


class Newsmill(Protocol):
    def __call__(self, *words: str | Path) -> Done: ...


@pytest.fixture
def newsmill(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Newsmill:
    """The command in this process: importing the parsers costs more than all that is tested here."""

    def call(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["newsmill", "clean", *map(str, words), "--workers", "1"])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page, the same page gzipped, a text, and JSONL of both kinds."""
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (tmp_path / "c.txt").write_text(f"Seal delays ferry\n\n{TEXT}\n\nPlease enter your comment!\n", encoding="utf-8")
    lines = [
        {"id": "d1", "url": "https://hallow-echo.example/2026/07/seal", "html": PAGE},
        {"id": "d2", "url": "https://hallow-echo.example/2026/07/seal", "title": "Seal delays ferry", "text": TEXT},
        {"id": "d3", "url": "https://hallow-echo.example/none", "html": "<html><body></body></html>"},
    ]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return tmp_path


def test_a_folder_comes_out_as_jsonl_with_one_line_each(newsmill: Newsmill, folder: Path) -> None:
    done = newsmill(folder, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    lines = {line["id"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert list(lines) == ["a.html", "b.html.gz", "c.txt", "d1", "d2", "d3"]
    for name in ("a.html", "b.html.gz", "c.txt", "d1", "d2"):
        assert lines[name]["text"] == TEXT, name
        assert lines[name]["title"] == "Seal delays ferry"
        assert lines[name]["language"] == "en"
        assert lines[name]["seconds"] > 0
        assert "rejected" not in lines[name]
    assert lines["a.html"]["authors"] == ["Ada Quill"]
    assert lines["a.html"]["date"] == "2026-07-08T09:30:00+02:00"
    assert lines["a.html"]["url"].startswith("file:")
    assert {"text": "Please enter your comment!", "rule": "en/comment-form"} in lines["c.txt"]["removed"]
    assert lines["d3"]["rejected"]["reason"] == "empty"
    assert lines["d3"]["text"] == ""


def test_a_rejected_page_says_why_and_still_shows_what_was_found(newsmill: Newsmill, tmp_path: Path) -> None:
    page = tmp_path / "short.html"
    page.write_text("<html lang=en><body><article><h1>Notice</h1><p>The office is closed on Monday.</p></article>")
    line = json.loads(newsmill(page, "--format", "jsonl").stdout)
    assert line["rejected"] == {"reason": "too-short", "detail": "6 words, the least is 25"}
    assert line["text"] == "The office is closed on Monday."
    assert "closed" not in newsmill(page, "--format", "text").stdout


@pytest.mark.parametrize("kind", ["html", "text"])
def test_site_memory_takes_out_what_a_site_repeats_and_nothing_of_an_article_alone(
    newsmill: Newsmill, tmp_path: Path, kind: str
) -> None:
    notice = "Readers of the Echo keep it alive with their old umbrellas."
    for number in range(5):
        own = [f"Story {number}: {p.replace('ferry', f'ferry number {number}')}" for p in PARAGRAPHS]
        body = "".join(f"<p>{p}</p>" for p in [*own, notice])
        url = f"https://hallow-echo.example/{number}"
        html = f"<html><body><article><h1>Story {number}</h1>{body}</article>"
        line = {"id": str(number), "url": url, kind: html if kind == "html" else "\n\n".join([*own, notice])}
        with (tmp_path / "site.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    without = [json.loads(line) for line in newsmill(tmp_path, "--format", "jsonl").stdout.splitlines()]
    assert all(notice in line["text"] for line in without)
    known = [json.loads(line) for line in newsmill(tmp_path, "--format", "jsonl", "--site-memory").stdout.splitlines()]
    for before, after in zip(without, known, strict=True):
        assert after["text"] == before["text"].replace(f"\n\n{notice}", "")
        assert {"text": notice, "rule": "template/site-line"} in after["removed"]


def test_text_format_prints_headline_and_paragraphs(newsmill: Newsmill, folder: Path) -> None:
    done = newsmill(folder / "a.html")
    assert done.stdout == f"Seal delays ferry\n\n{TEXT}\n\n"


def test_parquet_has_the_columns_of_the_contract(newsmill: Newsmill, folder: Path) -> None:
    done = newsmill(folder, "--format", "parquet", "--out", folder / "out.parquet")
    assert done.returncode == 0, done.stderr
    articles = pd.read_parquet(folder / "out.parquet")
    assert list(articles["text"]) == [TEXT] * 5
    assert articles["published_at"].iloc[0] == datetime(2026, 7, 8, 7, 30, tzinfo=UTC)


def test_explain_names_the_rule_of_each_removed_line(newsmill: Newsmill, folder: Path) -> None:
    done = newsmill(folder / "c.txt", "--explain")
    assert "en/comment-form" in done.stderr
    assert "Please enter your comment!" in done.stderr


def test_a_warc_is_read_record_by_record(newsmill: Newsmill, tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with (tmp_path / "crawl.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in (1, 2):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            url = f"https://hallow-echo.example/{number}"
            page = PAGE.replace("/2026/07/seal", f"/{number}").encode()
            writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(page), http_headers=headers))
    done = newsmill(tmp_path / "crawl.warc.gz", "--format", "jsonl")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [TEXT, TEXT]


def test_a_line_separator_within_a_text_ends_no_line_of_jsonl(newsmill: Newsmill, tmp_path: Path) -> None:
    lines = [{"id": n, "text": f"The ferry was late again.\u2028{TEXT}", "title": "Ferry\x85late"} for n in "ab"]
    rows = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (tmp_path / "texts.jsonl").write_text(rows, encoding="utf-8")
    done = newsmill(tmp_path / "texts.jsonl", "--format", "jsonl")
    assert [json.loads(line)["id"] for line in done.stdout.split("\n") if line] == ["a", "b"]


def test_a_corpus_folder_is_read_by_its_index(newsmill: Newsmill, tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "x.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    line = {"id": "x", "url": "https://hallow-echo.example/2026/07/seal", "html": "html/x.html.gz"}
    (tmp_path / "index.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    done = newsmill(tmp_path, "--format", "jsonl")
    (only,) = map(json.loads, done.stdout.splitlines())
    assert (only["id"], only["url"], only["text"]) == ("x", line["url"], TEXT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.html"], "no such file or folder"),
        (["picture.png"], "not one of"),
        (["empty"], "no file ending in"),
        (["bad.jsonl"], "bad.jsonl:1: not JSON"),
        (["fieldless.jsonl"], "needs `html` or `text`"),
        (["page.html", "--format", "parquet"], "--out"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    newsmill: Newsmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jsonl").write_text("{nonsense\n", encoding="utf-8")
    (tmp_path / "fieldless.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = newsmill(*words)
    assert done.returncode == 1
    assert said in done.stderr.replace("\n", " ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_explain_shows_the_doubtful_page_first_with_its_confidence(newsmill: Newsmill, tmp_path: Path) -> None:
    asides = "".join(f"<div><b>{n}</b> {p[:60]} <a href=/{n}>{p[60:]}</a></div>" for n, p in enumerate(PARAGRAPHS))
    (tmp_path / "a-sure.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b-doubtful.html").write_text(PAGE.replace("</main>", f"{asides}</main>"), encoding="utf-8")
    done = newsmill(tmp_path / "a-sure.html", tmp_path / "b-doubtful.html", "--explain", "--format", "jsonl")
    sure, doubtful = (json.loads(line)["text_confidence"] for line in done.stdout.splitlines())
    assert 0 < doubtful < sure <= 1
    assert f"b-doubtful.html, text confidence {doubtful:.2f}" in " ".join(done.stderr.split())
    assert done.stderr.index("b-doubtful.html") < done.stderr.index("a-sure.html")
