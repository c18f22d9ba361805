"""`kill -9` at any moment of any work: done again, it ends as if nothing had been; 0 lost, 0 doubled, no lock left.

``NEWSMILL_KILLS=60 pytest tests/faults/test_kills_everywhere.py`` kills each kind of work 60 times.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from cleaning.records import LayoutVersion, SourceFacts
from flows.config import Settings
from flows.doctor.examination import examine
from flows.duplicates.corpus import dedup_lake
from flows.duplicates.detector import FingerprintIndex
from flows.duplicates.index_rebuild import rebuild
from flows.lake.journal import PREPARING
from flows.lake.snapshot import take_snapshot
from flows.lake.store import Lake, partition
from flows.publishing.publisher import Publishing, publish_raw
from flows.publishing.recleaner import reclean
from spiders.archive.warc_reader import read_page
from spiders.catalogue import Source
from spiders.frontier.frontier import Frontier
from spiders.frontier.lake_identity import hold_to_lake
from spiders.frontier.tables import urls, visits
from spiders.ingest import Selection, ingest
from tests.faults.conftest import Attack
from tests.faults.killing import KILLS, Killing, content, processes, rows_by_url
from tests.faults.test_archives_of_others import record
from tests.flows.archive import START, Page, story, write_archive

POST = "the-harbor-post"
# Few pages a commit, so that there are many moments between commits, and within them.
BATCH_PAGES = 3
CUT = SourceFacts(POST, eras=(LayoutVersion(None, None, None, ("h1",)),))


def publish(root: Path) -> None:
    """Publish, with a commit for every few pages."""
    publish_raw(Lake(root), Publishing({}, FingerprintIndex(root).decide, workers=0, batch_pages=BATCH_PAGES))


def clean_again(root: Path) -> None:
    """Clean again with other facts of the source."""
    sources = {POST: CUT}
    reclean(Lake(root), Publishing(sources, FingerprintIndex(root).decide, workers=0, batch_pages=BATCH_PAGES))


def rebuild_index(root: Path) -> None:
    """Make the fingerprint index anew."""
    rebuild(Lake(root))


def find_copies(root: Path) -> None:
    """What ``newsmill dedup --all`` does."""
    dedup_lake(root, root / "result")


def link_tables(root: Path) -> None:
    """What ``newsmill snapshot`` does, in a folder that an earlier call has not made yet."""
    if not (root / "snapshot").exists():
        take_snapshot(Lake(root), root / "snapshot")


def mend(root: Path) -> None:
    """What ``newsmill doctor --fix`` does."""
    for finding in list(examine(root, root / "sources", Settings(lake=root))):
        if finding.fix is not None:
            finding.fix()


def take_archive(root: Path) -> None:
    """What ``newsmill backfill --warc`` does with a file, before it publishes."""
    source = Source.model_validate(
        {"name": "post", "title": "Post", "home": "https://post.example/", "hosts": ["post.example"]}
    )
    frontier = Frontier(root / "state" / "ledger.sqlite")
    try:
        ingest([root / "a.warc.gz"], Selection({"post": source}), lake=root, frontier=frontier, run_id="r1")
    finally:
        frontier.close()


# Each kill is followed by the whole work, and the machine may be busy.
pytestmark = pytest.mark.timeout(300 + 60 * KILLS)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return processes("tests.faults.test_kills_everywhere")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with articles of several days, copies, further texts of known URLs, and pages that are no article."""
    root = tmp_path_factory.mktemp("raw")
    pages = [Page(f"p{n}", story(n), published=START - timedelta(days=n % 4, minutes=n)) for n in range(9)]
    copies = [Page(f"c{n}", story(n), published=START - timedelta(hours=1)) for n in range(0, 9, 4)]
    changed = [Page(f"p{n}", story(50 + n), START, START + timedelta(days=1)) for n in range(0, 9, 5)]
    write_archive(root, "r1", [*pages, Page("gone", ("Not found.",), status=404)])
    write_archive(root, "r2", [*copies, *changed])
    (root / "sources").mkdir()
    (root / "sources" / "post.toml").write_text(
        'name = "post"\ntitle = "Post"\nhome = "https://post.example/"\nhosts = ["post.example"]\n'
    )
    frontier = Frontier(root / "state" / "ledger.sqlite")
    hold_to_lake(frontier.engine, root)
    frontier.close()
    return root


@pytest.fixture(scope="module")
def published(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published") / "lake"
    shutil.copytree(raw, root)
    publish(root)
    assert Lake(root).read("articles").num_rows >= 9
    return root


def tables(root: Path) -> dict[str, str]:
    """Tables and index, byte for byte, and whatever else was left in the lake."""
    return {name: digest for name, digest in content(root).items() if not name.startswith(("state/ledger", "raw/"))}


@pytest.mark.attack("publish", "kill")
def test_publish(context: ForkServerContext, raw: Path, tmp_path: Path, attack: Attack) -> None:
    Killing(raw, publish, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("reclean", "kill")
def test_reclean(context: ForkServerContext, published: Path, tmp_path: Path, attack: Attack) -> None:
    Killing(published, clean_again, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("dedup --rebuild-index", "kill")
def test_rebuild(context: ForkServerContext, published: Path, tmp_path: Path, attack: Attack) -> None:
    given = tmp_path / "given"
    shutil.copytree(published, given)
    for folder in ("fingerprints", "site_lines"):
        shutil.rmtree(given / "index" / folder, ignore_errors=True)
    Killing(given, rebuild_index, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("dedup --all", "kill")
def test_dedup(context: ForkServerContext, published: Path, tmp_path: Path, attack: Attack) -> None:
    Killing(published, find_copies, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("snapshot", "kill")
def test_snapshot(context: ForkServerContext, published: Path, tmp_path: Path, attack: Attack) -> None:
    Killing(published, link_tables, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("doctor --fix", "kill")
def test_doctor(context: ForkServerContext, published: Path, tmp_path: Path, attack: Attack) -> None:
    """A lake in which a writer and a crawl died: half a commit, files of nothing, claimed URLs, an open folder."""
    given = tmp_path / "given"
    shutil.copytree(published, given)
    day = partition("articles", START.date())
    for number in range(40):
        left = given / day.replace("part-0", f".part-{number}").replace(".parquet", ".parquet.tmp")
        left.write_bytes(b"half")
    (given / PREPARING).write_text(json.dumps({"temporary": [day.replace("part-0.parquet", ".part-1.parquet.tmp")]}))
    (given / "state").chmod(0o755)
    Killing(given, mend, tables).attack(context, tmp_path, attack)


@pytest.mark.attack("ingest of an archive", "kill")
def test_ingest(context: ForkServerContext, tmp_path: Path, attack: Attack) -> None:
    """No batch is lost, and none counts twice, wherever the kill came.

    The raw archive may hold a record again that was written before the kill and noted after it: no visit leads to the
    first, and no row is made of it.
    """
    given = tmp_path / "given"
    given.mkdir()
    bodies = ("".join(f"<p>{part}</p>" for part in story(n)) if n % 30 == 0 else "<p>Words.</p>" for n in range(450))
    packing_badly = (f"<html><!--{Random(n).randbytes(2_000).hex()}-->{body}</html>" for n, body in enumerate(bodies))
    records = (record(f"/{n}", body=body.encode()) for n, body in enumerate(packing_badly))
    (given / "a.warc.gz").write_bytes(b"".join(gzip.compress(one) for one in records))
    Killing(given, take_archive, _taken).attack(context, tmp_path, attack)


def _taken(root: Path) -> dict[str, object]:
    """Outcomes, the records that visits lead to, and the rows that are published of all records."""
    frontier = Frontier(root / "state" / "ledger.sqlite")
    outcomes = frontier.outcomes()
    with frontier.engine.connect() as db:
        places = db.execute(select(urls.c.url, visits.c.raw_file, visits.c.raw_offset).join(visits)).all()
    frontier.close()
    records = Counter(f"record of {url}" for url, file, offset in places if read_page(root, file, offset).url == url)
    publish_raw(Lake(root), Publishing({}, FingerprintIndex(root).decide, workers=0))
    return {**outcomes, **records, **rows_by_url(root)}
