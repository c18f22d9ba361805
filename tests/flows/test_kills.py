"""`kill -9` at any moment of publishing: nothing lost, nothing doubled, no lock left, the same bytes in the end."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from flows.duplicates.detector import FingerprintIndex
from flows.lake.store import Lake
from flows.publishing.publisher import Publishing, publish_raw
from tests.flows.archive import START, Page, story, write_archive

pytestmark = pytest.mark.slow

KILLS = 12
# Few pages a commit, so that there are many moments between commits, and within them.
BATCH_PAGES = 4


def publish(root: Path) -> None:
    how = Publishing(sources={}, decide=FingerprintIndex(root).decide, workers=0, batch_pages=BATCH_PAGES)
    publish_raw(Lake(root), how)


def content(root: Path) -> dict[str, str]:
    """Tables and index, byte for byte, and anything else that was left beside them."""
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.suffix != ".lock" and p.name != "lake.holder.json"
    }


def archive(root: Path) -> None:
    """Articles of several days, copies of one another, further texts of known URLs, and pages that are no article."""
    pages = [Page(f"p{n}", story(n), published=START - timedelta(days=n % 4, minutes=n)) for n in range(20)]
    copies = [Page(f"c{n}", story(n), published=START - timedelta(hours=1)) for n in range(0, 20, 4)]
    changed = [Page(f"p{n}", story(50 + n), START, START + timedelta(days=1)) for n in range(0, 20, 5)]
    gone = [Page(f"gone{n}", ("Not found.",), status=404) for n in range(3)]
    write_archive(root, "r1", [*pages, *gone])
    write_archive(root, "r2", [*copies, *changed])


def test_killed_at_random_moments_and_called_again_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    archive(tmp_path / "raw-only")
    shutil.copytree(tmp_path / "raw-only", tmp_path / "alone")
    # A fresh process for each call, forked from one that has the imports done: 20 ms in place of 4 s.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.flows.test_kills"])
    warm = processes.Process(target=time.time)
    warm.start()
    warm.join()
    started = time.monotonic()
    alone = processes.Process(target=publish, args=(tmp_path / "alone",))
    alone.start()
    alone.join()
    seconds = time.monotonic() - started
    expected = content(tmp_path / "alone")
    assert alone.exitcode == 0
    assert Lake(tmp_path / "alone").read("articles").num_rows > 15

    chance = random.Random(20261121)
    kills = interrupted = 0
    while kills < KILLS:
        root = tmp_path / f"killed-{interrupted}"
        interrupted += 1
        shutil.copytree(tmp_path / "raw-only", root)
        while True:
            process = processes.Process(target=publish, args=(root,))
            process.start()
            process.join(chance.uniform(0, seconds) if kills < KILLS else None)
            if process.exitcode is not None:
                assert process.exitcode == 0
                break
            process.kill()
            process.join()
            kills += 1
        assert content(root) == expected
