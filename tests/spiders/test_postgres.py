"""The frontier on PostgreSQL keeps the same promises as on SQLite."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cleaning.records import Hints
from spiders.discovery.endpoints import Endpoint, Endpoints, ListingFault
from spiders.fetching.host_budget import HostBudget
from spiders.fetching.robots import RobotsFile, RobotsStore, RobotsVerdict
from spiders.frontier.bookkeeping.coverage_records import CoverageRecords
from spiders.frontier.bookkeeping.gone_pages import gone_pages
from spiders.frontier.endpoint_kinds import Kind, kind_bits, kinds_of
from spiders.frontier.frontier import DiscoveredUrl, FinishedTask, Frontier, Outcome

JULY = datetime(2026, 7, 1, tzinfo=UTC)
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def run(command: list[str], user: str | None) -> None:
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this test's own, as it is refused to root by PostgreSQL itself."""
    folder = tmp_path_factory.mktemp("postgres")
    user = "postgres" if os.getuid() == 0 else None
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
        for parent in folder.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o011)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data, binaries = folder / "data", BINARIES[-1].parent
    run([str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-N"], user)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run([str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-w", "-l", str(folder / "log"), "start"], user)
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    run([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], user)


@pytest.mark.postgres
@pytest.mark.skipif(not BINARIES, reason="no PostgreSQL server installed (Debian: postgresql)")
def test_the_frontier_works_on_postgresql(server: str) -> None:
    frontier = Frontier(server)
    url = "https://post.example/a"
    offers = [
        DiscoveredUrl("post", url, url, "post.example"),
        DiscoveredUrl("post", f"{url}b", f"{url}b", "post.example"),
    ]
    assert frontier.enqueue("r1", offers) == 2
    listed = [replace(one, hints=Hints(modified=JULY), listed_by=kind_bits([Kind.FEED])) for one in offers]
    assert frontier.enqueue("r1", listed) == 0
    assert frontier.articles("post", 5) == [f"{url}b", url]
    assert len(frontier.enter("r1", [replace(one, listed_by=kind_bits([Kind.IMPORT])) for one in offers])) == 2
    assert len(next(CoverageRecords(frontier.engine).uncounted())) == 2
    assert gone_pages(frontier.engine) == []
    lease = frontier.leases.begin("r1")
    first, second = frontier.claim(lease, "post", "post.example", 5)
    assert (kinds_of(first.listed_by), first.hints.modified) == ({Kind.FEED, Kind.IMPORT}, JULY)
    assert frontier.claim(lease, "post", "post.example", 5) == []
    now = time.time()
    frontier.finish(
        "r1",
        [FinishedTask(first, Outcome.FETCHED, now, etag='"1"', due_at=now - 1), FinishedTask(second, "http-404", now)],
    )
    assert frontier.counts("r1")["post"].outcomes == {"fetched": 1, "http-404": 1}
    assert frontier.wake(["post"]) == 1
    assert frontier.retry("post") == 1
    assert frontier.follow("r1", lease, first, f"{url}c", f"{url}c", "post.example") is not None
    frontier.leases.end(lease)
    assert len(frontier.claim(frontier.leases.begin("r2"), "post", "post.example", 5)) == 3
    budget = HostBudget(frontier.engine, frontier.leases.begin("r3"))
    assert budget.take("post.example", delay=1, hold=5, exclusive=True) == 0
    budget.give("post.example", time.time(), strikes=0)
    budget.block("post.example", time.time() + 60, "answered 429", 1)
    assert set(budget.blocked()) == {"post.example"}
    way = Endpoint("post", url, Kind.FEED, 1.0, 1.0, 1.0)
    Endpoints(frontier.engine).save(way)
    assert Endpoints(frontier.engine).load("post") == {url: way}
    fault = ListingFault("post", url, "http-503", "answered 503")
    for _ in range(2):
        Endpoints(frontier.engine).note_fault("r1", fault)
    assert Endpoints(frontier.engine).faults("r1") == {"post": [fault]}
    file = RobotsFile("https://post.example", RobotsVerdict.RULES, 1.0, b"User-agent: *\n")
    RobotsStore(frontier.engine).save(file)
    assert RobotsStore(frontier.engine).load(file.origin) == file
    frontier.close()
