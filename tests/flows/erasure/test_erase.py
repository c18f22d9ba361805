"""What was erased is nowhere: not in tables, index, raw archive, frontier and logs; and it does not come back."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest

from cleaning.records import Hints
from cleaning.urls import article_id, canonical_url
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.index_rebuild import rebuild
from flows.duplicates.rewrites_refresh import STATE
from flows.erasure import erase as erasing
from flows.erasure.erase import LOG, PENDING, erase, finish_pending
from flows.erasure.plan import EraseRequestError, plan_erasure
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from spiders.archive.warc_reader import Exchange, WarcWriter, read_page
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome, default_path
from tests.flows.archive import START, Page, story

pytestmark = pytest.mark.slow

ERASED = 20
NAME = "Petronella Quistgaard"


def body(page: Page, author: str) -> bytes:
    byline = f"<meta name=author content='{author}'></head>".encode()
    return page.body.replace(b"</head>", byline)


class World:
    """A lake with its frontier and its log, filled through the same doors as by a crawl."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs = 0
        Lake(root)

    def fetch(self, pages: list[tuple[Page, str]]) -> None:
        """Archive pages, record them in the frontier and the log, and publish them."""
        self.runs += 1
        run = f"run-{self.runs}"
        writer, frontier = WarcWriter(self.root, run), Frontier(default_path(self.root))
        log = self.root / "state" / "logs" / f"{run}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        for page, author in pages:
            hints = Hints(title=f"Headline of {page.path}", published=page.published, authors=(author,))
            canonical = canonical_url(page.url)
            offer = DiscoveredUrl("post", page.url, canonical, urlsplit(page.url).netloc, hints)
            task = frontier.enter(run, [offer]).get(("post", canonical))
            if task is None:
                continue
            headers = ((b"Content-Type", b"text/html"),)
            exchange = Exchange(page.url, page.fetched, 200, "OK", headers, body(page, author), hints=hints)
            written = writer.response("post", exchange)
            frontier.finish(
                run,
                [
                    FinishedTask(
                        task,
                        Outcome.FETCHED,
                        page.fetched.timestamp(),
                        raw_file=written.raw_file,
                        raw_offset=written.raw_offset,
                        body_digest=written.digest,
                    )
                ],
            )
            with log.open("a", encoding="utf-8") as stream:
                stream.write(f"fetched {page.url} {hints.title} by {author}\n")
        writer.close()
        frontier.close()
        self.publish()

    def publish(self) -> None:
        frontier = Frontier(default_path(self.root))
        decide = FingerprintIndex(self.root).decide
        publish_raw(Lake(self.root), Publishing(sources={}, decide=decide, workers=0, frontier=frontier.engine))
        frontier.close()

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Every file below the root as it is, and unpacked where it is packed."""
        for file in sorted(self.root.rglob("*")):
            if file.is_file():
                name = file.relative_to(self.root).as_posix()
                yield name, file.read_bytes()
                if file.suffix == ".gz":
                    yield name, gzip.decompress(file.read_bytes())
                if file.suffix == ".parquet":
                    yield name, json.dumps(pq.read_table(file).to_pylist(), default=str).encode()

    def holding(self, *words: str) -> list[tuple[str, str]]:
        return [(name, word) for name, content in self.bytes() for word in words if word.encode() in content]


def page_of(number: int, *, host: str = "post.example", **changes: object) -> Page:
    published = START - timedelta(days=number % 3, hours=5)
    return replace(Page(f"story-{number}-{host}", story(number), published, host=host), **changes)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Twenty articles that will go, each with a copy and an earlier text; and ten that stay."""
    made = World(tmp_path / "lake")
    first = [(page_of(n), f"{NAME} {n}") for n in range(ERASED)]
    stays = [(page_of(n), "Ada Quill") for n in range(100, 110)]
    made.fetch([*first, *stays])
    copies = [(page_of(n, host="mirror.example", path=f"copy-{n}"), f"{NAME} {n}") for n in range(ERASED)]
    later = START + timedelta(hours=2)
    changed = [
        (page_of(n, paragraphs=(*story(n), f"Correction {n}-zwölf: the lamp is green."), fetched=later), f"{NAME} {n}")
        for n in range(ERASED)
    ]
    made.fetch([*copies, *changed])
    return made


def keys() -> list[str]:
    return [page_of(n).url for n in range(ERASED)]


def traces() -> list[str]:
    """Words of the texts, names, titles and addresses of what goes."""
    words = [NAME, "Correction 3-zw", "zwölf: the lamp"]
    for n in range(ERASED):
        words += [f"In ward {n}-0 they voted {n * 7} to", f"story-{n}-post.example", f"mirror.example/copy-{n}"]
    return words


def test_twenty_articles_with_copies_and_revisions_leave_no_byte(world: World) -> None:
    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    before = {name: len(lake.read(name)) for name in ("articles", "duplicates", "revisions")}
    assert before == {"articles": ERASED + 10, "duplicates": ERASED, "revisions": ERASED}
    assert world.holding(*traces())
    sizes = {p: p.stat().st_size for p in world.root.glob("raw/*/*/*.gz")}
    rows = lake.read("articles").to_pylist()
    others = [row for row in rows if row["authors"] == ["Ada Quill"]]

    plan = plan_erasure(lake, frontier.engine, keys())
    assert {row.table for row in plan.rows} == {"articles", "duplicates", "revisions"}
    assert len(plan.rows) == 3 * ERASED
    assert len(plan.records) == 3 * ERASED
    report = erase(lake, frontier.engine, plan, reason="asked for by letter 12")
    frontier.close()

    assert report.left == []
    assert report.records == 6 * ERASED
    assert world.holding(*traces()) == []
    assert lake.read("articles").to_pylist() == others
    assert {p: p.stat().st_size for p in world.root.glob("raw/*/*/*.gz")} == sizes
    for row in others:
        assert read_page(world.root, row["raw_file"], row["raw_offset"]).url == row["url"]
    (told,) = [json.loads(line) for line in (world.root / LOG).read_text().splitlines()]
    assert told["reason"] == "asked for by letter 12"
    assert article_id(canonical_url(keys()[0])) in told["article_ids"]
    assert not (world.root / PENDING).exists()


def test_a_page_that_was_marked_as_gone_leaves_no_mark(world: World) -> None:
    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    for day in (1, 2):
        frontier.wake(["post"], recrawl_all=True)
        tasks = frontier.claim(frontier.leases.begin(f"gone-{day}"), "post", "post.example", 100)
        then = (START + timedelta(days=day)).timestamp()
        frontier.finish(f"gone-{day}", [FinishedTask(task, Outcome.GONE, then) for task in tasks])
    world.publish()
    assert all(row["gone_at"] for row in lake.read("articles").to_pylist())
    assert world.holding(*traces())
    erase(lake, frontier.engine, plan_erasure(lake, frontier.engine, keys()), reason="")
    frontier.close()
    assert world.holding(*traces()) == []
    world.publish()
    assert [row["gone_at"] is None for row in lake.read("articles").to_pylist()] == [False] * 10


def test_it_does_not_come_back_by_crawl_backfill_or_rebuild(world: World) -> None:
    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    erase(lake, frontier.engine, plan_erasure(lake, frontier.engine, keys()), reason="")
    offer = DiscoveredUrl("post", keys()[0], canonical_url(keys()[0]), "post.example", Hints(title="Headline"))
    assert frontier.enqueue("run-9", [offer]) == 0
    assert frontier.enter("run-9", [offer]) == {}
    frontier.close()
    # An archive of others, or a copy of the raw archive that was restored, holds the pages still.
    writer = WarcWriter(world.root, "restored")
    for n in range(ERASED):
        page = page_of(n)
        headers = ((b"Content-Type", b"text/html"),)
        writer.response("post", Exchange(page.url, page.fetched, 200, "OK", headers, body(page, NAME)))
    writer.close()
    world.publish()
    rebuild(lake)
    assert len(lake.read("articles")) == 10
    tables = [(n, w) for n, w in world.holding(*traces()) if not n.startswith("raw/")]
    assert tables == []


def test_an_author_is_found_whatever_the_case_and_others_stay(world: World) -> None:
    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    plan = plan_erasure(lake, frontier.engine, [], author=f"{NAME.upper()} 3")
    frontier.close()
    assert {row.url for row in plan.rows} == {page_of(3).url, "http://mirror.example/copy-3"}
    with pytest.raises(EraseRequestError, match="Nobody Known"):
        plan_erasure(lake, frontier.engine, [], author="Nobody Known")


def test_a_preview_changes_nothing(world: World) -> None:
    before = dict(world.bytes())
    frontier = Frontier(default_path(world.root))
    plan_erasure(Lake(world.root), frontier.engine, keys())
    frontier.close()
    after = dict(world.bytes())
    assert {n: c for n, c in after.items() if "ledger" not in n} == {
        n: c for n, c in before.items() if "ledger" not in n
    }


@pytest.mark.parametrize("step", ["_erase_records", "redact", "_log"])
def test_an_erasure_that_was_killed_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    plan = plan_erasure(lake, frontier.engine, keys())
    with monkeypatch.context() as patched:
        patched.setattr(erasing, step, die)
        with pytest.raises(Killed):
            erase(lake, frontier.engine, plan, reason="x")
    assert (world.root / PENDING).exists()
    assert finish_pending(lake, frontier.engine)
    assert not finish_pending(lake, frontier.engine)
    frontier.close()
    found = [(n, w) for n, w in world.holding(*traces()) if not n.startswith("state/logs")]
    assert found == []
    assert len((world.root / LOG).read_text().splitlines()) == 1


def test_a_user_without_a_name_can_erase(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)
    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    erase(lake, frontier.engine, plan_erasure(lake, frontier.engine, keys()[:1]), reason="x")
    frontier.close()
    assert not (world.root / PENDING).exists()
    [line] = (world.root / LOG).read_text().splitlines()
    assert json.loads(line)["by"] == str(os.getuid())


def test_possible_rewrites_are_named_and_stay_unless_asked_for(world: World) -> None:
    from cleaning.records import Rewrite
    from cleaning.schema.arrow import to_table
    from flows.lake.store import partition

    lake, frontier = Lake(world.root), Frontier(default_path(world.root))
    one, other = (article_id(canonical_url(page_of(n).url)) for n in (1, 100))
    day = next(r["published_date"] for r in lake.read("articles").to_pylist() if r["article_id"] == other)
    link = to_table(Rewrite, [Rewrite(other, one, 0.9, 0.9, 0.9, "post", day)])
    with lake.write_lock():
        lake.commit({partition("rewrites", day): link})
    plan = plan_erasure(lake, frontier.engine, [page_of(1).url])
    assert plan.rewrites == {other}
    assert other not in plan.identities
    plan = plan_erasure(lake, frontier.engine, [page_of(1).url], with_rewrites=True)
    assert other in plan.identities
    erase(lake, frontier.engine, plan, reason="")
    frontier.close()
    assert len(lake.read("rewrites")) == 0
    assert not (world.root / STATE).exists()
