"""Measures the crawler against generated sites on loopback.

python benchmarks/crawl.py throughput   pages per CPU-second against a bare Scrapy spider
python benchmarks/crawl.py faults       20 hosts, 5,000 URLs, faults of every kind: what came, and what the log says
python benchmarks/crawl.py kills        crawls killed with SIGKILL at random moments and resumed
python benchmarks/crawl.py sitemap      a sitemap of 50,000 entries: time and memory against kept parsers
python benchmarks/crawl.py memory       a queue of 200,000 URLs: the most memory that a crawl takes
python benchmarks/crawl.py again        bytes of a second crawl of an unchanged web
python benchmarks/crawl.py ingest       a foreign archive of a folder's pages, against cleaning alone (--corpus DIR)
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from spiders.archive.warc_reader import read_pages  # noqa: E402
from spiders.frontier.frontier import Counts, Frontier, default_path  # noqa: E402
from spiders.frontier.tables import leases  # noqa: E402

BARE = """
import scrapy
from scrapy.resolver import dnscache


class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {
        "CONCURRENT_REQUESTS": 32, "CONCURRENT_ITEMS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 2, "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "ERROR", "ROBOTSTXT_OBEY": False, "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False,
    }

    async def start(self):
        for host in range(int(self.hosts)):
            dnscache[f"h{host:02d}.localhost"] = "127.0.0.1"
        for page in range(int(self.pages)):
            for host in range(int(self.hosts)):
                path = f"/2026/07/{1 + page % 28:02d}/story-number-{page}-of-host-{host}"
                yield scrapy.Request(f"http://h{host:02d}.localhost:{self.port}{path}")

    def parse(self, response):
        yield {"url": response.url, "size": len(response.body)}
"""
READERS = {
    "newsmill": "n = len(read_sitemap(body, 'https://news.example/s').entries)",
    "scrapy": "n = sum(1 for _ in Sitemap(body))",
    "nothing": "n = 0",
}
SITEMAP_PROGRAM = """
import resource, sys, time
sys.path.insert(0, {root!r})
from scrapy.utils.sitemap import Sitemap
from spiders.discovery.sitemaps import read_sitemap
body = open({path!r}, "rb").read()
begun = time.process_time()
{code}
print(n, round(time.process_time() - begun, 2), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


class Bench:
    """A folder, a server, and crawls of it."""

    def __init__(self, folder: Path, port: int, hosts: int) -> None:
        self.folder = folder
        self.lake = folder / "lake"
        self.sources = folder / "sources"
        self.port = port
        self.hosts = hosts
        self.runs = 0

    def write_sources(self, delay: float, concurrency: int = 1, timeout: float = 5.0) -> None:
        """Catalogue files for all hosts."""
        self.sources.mkdir(exist_ok=True)
        for number in range(self.hosts):
            base = f"http://h{number:02d}.localhost:{self.port}"
            (self.sources / f"h{number:02d}.toml").write_text(
                f'name = "h{number:02d}"\ntitle = "Host {number}"\nhome = "{base}/"\nenabled = true\n'
                f'hosts = ["h{number:02d}.localhost"]\nfeeds = ["{base}/rss"]\n'
                f"[politeness]\ndelay_seconds = {delay}\nconcurrency = {concurrency}\ntimeout_seconds = {timeout}\n"
            )

    def start(self) -> subprocess.Popen[bytes]:
        """Start a crawl."""
        self.runs += 1
        number = self.runs
        command = [
            *(sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"lake={self.lake}"),
            *("-a", f"sources_dir={self.sources}", "-a", f"run_id=run-{number:04d}"),
            *("-a", f"allow=127.0.0.1:{self.port}", "-s", "LOG_LEVEL=ERROR", "-s", "NEWSMILL_BACKOFF_SECONDS=0.2"),
        ]
        # With compiled modules, as an installation has them: a start is a second shorter.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    def crawl(self) -> tuple[float, float, float]:
        """Wall seconds, CPU seconds and the most memory in MB of a whole crawl."""
        return measured(self.start())

    def counts(self) -> dict[str, Counts]:
        """What the frontier says, per source."""
        return Frontier(default_path(self.lake)).counts()

    def archived(self) -> Counter[str]:
        """How often each URL is in the raw archive."""
        found: Counter[str] = Counter()
        for file in sorted(self.lake.glob("raw/*/*/*.warc.gz")):
            found.update(page.url for page in read_pages(file, root=self.lake))
        return found


def measured(process: subprocess.Popen[bytes]) -> tuple[float, float, float]:
    """Wall and CPU seconds and peak MB of one process that was just started."""
    begun = time.perf_counter()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the crawl ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


@contextmanager
def bench(*arguments: str, hosts: int) -> Iterator[Bench]:
    """A server with a folder for one measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, str(ROOT / "benchmarks" / "crawl_server.py"), "--hosts", str(hosts), *arguments]
        server = subprocess.Popen([*command, "--log", str(folder / "log.jsonl")], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            yield Bench(folder, int(server.stdout.readline()), hosts)
        finally:
            server.kill()
            server.wait()


def read_log(made: Bench) -> dict[str, list[dict[str, object]]]:
    """The server's log by host, in time."""
    by_host: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in (made.folder / "log.jsonl").read_text().splitlines():
        entry = json.loads(line)
        by_host[entry["host"]].append(entry)
    return by_host


def throughput(options: argparse.Namespace) -> None:
    """Bare Scrapy and newsmill, alternating, on the same server; what both pay to start is taken off."""
    hosts, pages = 50, options.pages or 30
    with bench("--pages", str(pages), "--kilobytes", "50", hosts=hosts) as made:
        made.write_sources(delay=0.0, concurrency=2, timeout=60.0)
        script = made.folder / "bare.py"
        script.write_text(BARE)
        idle = Bench(made.folder, made.port, 1)
        idle.sources = made.folder / "one"
        idle.write_sources(delay=0.0)
        path = idle.sources / "h00.toml"
        one = "robots_sitemaps = false\n[limits]\nmax_urls = 1\n[politeness]"
        path.write_text(path.read_text().replace("[politeness]", one))
        for number in range(options.repeats):
            made.lake, idle.lake = made.folder / f"lake{number}", made.folder / f"one{number}"
            bare_start, bare = _bare(made, script, 0), _bare(made, script, pages)
            ours_start = idle.crawl()[1]
            wall, cpu, peak = made.crawl()
            fetched = sum(count.fetched for count in made.counts().values())
            assert fetched == hosts * pages, fetched
            print(
                f"bare {fetched / (bare - bare_start):.0f} pages/CPU-s, newsmill {fetched / (cpu - ours_start):.0f}, "
                f"ratio {(bare - bare_start) / (cpu - ours_start):.2f}; newsmill {wall:.1f} s wall, {peak:.0f} MB",
                flush=True,
            )


def _bare(made: Bench, script: Path, pages: int) -> float:
    """CPU seconds of the bare spider."""
    command = [sys.executable, "-m", "scrapy", "runspider", str(script), "-a", f"port={made.port}"]
    command += ["-a", f"hosts={made.hosts}", "-a", f"pages={pages}"]
    log = made.folder / "bare.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=made.folder, env={**os.environ, "SCRAPY_SETTINGS_MODULE": ""}, stderr=errors
        )
        cpu = measured(process)[1]
    assert "ERROR" not in log.read_text(), log.read_text()[:2_000]
    return cpu


def faults(options: argparse.Namespace) -> None:
    """Everything that a patient reader could have got, once; and nothing impolite in the log."""
    hosts, pages, delay = 20, options.pages or 250, 0.02
    with bench("--pages", str(pages), "--faults", hosts=hosts) as made:
        made.write_sources(delay=delay, timeout=2.0)
        wall, cpu, peak = made.crawl()
        outcomes: Counter[str] = Counter()
        for count in made.counts().values():
            outcomes.update(count.outcomes)
        archived = made.archived()
        log = read_log(made)
    whole = sum(pages for _ in range(hosts))
    missing = whole - len([url for url in archived if "/story-" in url])
    early = hasty = forbidden = 0
    for entries in log.values():
        early += sum(b["time"] - a["time"] < delay for a, b in pairwise(entries))  # type: ignore[operator]
        for index, entry in enumerate(entries):
            if entry["status"] == 429 and "after" in str(entry["fault"]):
                hasty += sum(0 < e["time"] - entry["time"] < 1.0 for e in entries[index + 1 :])  # type: ignore[operator]
            forbidden += str(entry["path"]).startswith("/members/")
    requests = sum(len(entries) for entries in log.values())
    faulty = Counter(str(entry["fault"]) for entries in log.values() for entry in entries if entry["fault"])
    print(f"{hosts} hosts, {whole} articles, {requests} requests, {sum(faulty.values())} faulty: {dict(faulty)}")
    print(f"outcomes: {dict(outcomes)}; {wall:.0f} s wall, {cpu:.0f} s CPU, {peak:.0f} MB")
    print(f"articles missing: {missing}; fetched more than once: {sum(n > 1 for n in archived.values())}")
    print(f"requests before the host's delay: {early}; within Retry-After: {hasty}; forbidden by robots: {forbidden}")


def _kill_one(made: Bench, dice: random.Random) -> bool:
    """Start a crawl, and kill it at a random moment of its work; False where it was through before."""
    process = made.start()
    query = select(leases.c.id).where(leases.c.pid == process.pid)
    database = Frontier(default_path(made.lake))
    # The seconds of importing are no moment to kill at: its lease is the first thing that it writes.
    while process.poll() is None:
        with database.engine.connect().execution_options(reading=True) as db:
            if db.execute(query).first() is not None:
                break
        time.sleep(0.02)
    database.close()
    time.sleep(dice.uniform(0.0, 2.0))
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


def kills(options: argparse.Namespace) -> None:
    """SIGKILL at random moments of crawls that share one frontier, until enough were killed; then one to the end."""
    hosts, pages = 10, options.pages or 600
    dice = random.Random(options.seed)
    with bench("--pages", str(pages), hosts=hosts) as made:
        made.write_sources(delay=0.05)
        begun = time.perf_counter()
        with ThreadPoolExecutor(options.together) as pool:
            killed = sum(pool.map(lambda _: _kill_one(made, dice), range(options.kills)))
        done = sum(count.fetched for count in made.counts().values())
        made.write_sources(delay=0.0, concurrency=4)
        made.crawl()
        counts = made.counts()
        archived = made.archived()
        paths = [str(entry["path"]) for entries in read_log(made).values() for entry in entries]
        asked = Counter(path for path in paths if "/story-" in path)
    outcomes: Counter[str] = Counter()
    for count in counts.values():
        outcomes.update(count.outcomes)
    twice = sum(n - 1 for n in archived.values())
    repeated = sum(n - 1 for n in asked.values())
    seconds = time.perf_counter() - begun
    print(
        f"{killed} kills, {options.together} crawls at a time; {done} of {hosts * pages} URLs done by the last of them"
    )
    print(f"{seconds:.0f} s in all")
    print(f"outcomes: {dict(outcomes)}; lost: {hosts * pages - len(archived)}")
    print(f"asked for again: {repeated} ({repeated / max(killed, 1):.1f} a kill); archived twice: {twice}")


def sitemap(options: argparse.Namespace) -> None:
    """50,000 entries through our reader, Scrapy's and feedparser-grade XML reading."""
    entries = "".join(
        f"<url><loc>https://news.example/2026/07/{1 + n % 28:02d}/story-number-{n}</loc>"
        f"<lastmod>2026-07-{1 + n % 28:02d}T10:00:00Z</lastmod></url>\n"
        for n in range(50_000)
    )
    body = f'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>'
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "sitemap.xml"
        path.write_text(body)
        for reader, code in READERS.items():
            program = SITEMAP_PROGRAM.format(root=str(ROOT), path=str(path), code=code)
            told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            count, seconds, peak = told.stdout.split()
            print(f"{reader:10} {count:>6} entries  {seconds:>5} s CPU  {peak:>4} MB peak of the process")


def memory(options: argparse.Namespace) -> None:
    """A queue of 200,000 URLs, all waiting at once, that is then drawn from for a while."""
    wanted, hosts, pages = 200_000, 20, options.pages or 12_000
    if hosts * pages < wanted:
        raise SystemExit(f"--pages {pages} on {hosts} hosts never make {wanted} URLs")
    with bench("--pages", str(pages), hosts=hosts) as made:
        # Slower than it lists, so that the queue fills; far faster than any site is crawled.
        made.write_sources(delay=0.1)
        process = made.start()
        waiting = 0
        while waiting < wanted and process.poll() is None:
            time.sleep(2.0)
            waiting = sum(count.pending for count in made.counts().values())
        time.sleep(options.seconds)
        process.send_signal(signal.SIGINT)
        _, _, usage = os.wait4(process.pid, 0)
        fetched = sum(count.fetched for count in made.counts().values())
    print(
        f"{waiting} URLs waiting at once, {fetched} fetched up to {options.seconds:.0f} s later; "
        f"peak {usage.ru_maxrss / 1024:.0f} MB"
    )


def again(options: argparse.Namespace) -> None:
    """A second crawl of a web that did not change: once as it is due, once with every page asked for."""
    hosts, pages = 10, options.pages or 100
    with bench("--pages", str(pages), "--kilobytes", "50", hosts=hosts) as made:
        made.write_sources(delay=0.0, concurrency=2)
        told = []
        log = made.folder / "log.jsonl"
        for _ in range(2):
            before = len(log.read_text().splitlines())
            made.crawl()
            entries = [json.loads(line) for line in log.read_text().splitlines()[before:]]
            told.append((len(entries), sum(entry["bytes"] for entry in entries)))
    for name, (requests, size) in zip(("first", "second"), told, strict=True):
        print(f"{name} crawl: {requests} requests, {size / 1e6:.3f} MB of bodies")
    print(f"the second costs {told[1][1] / told[0][1]:.2%} of the first")


def ingest(options: argparse.Namespace) -> None:
    """Build a foreign archive from HTML pages, take it in, and compare with cleaning the same pages."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    from cleaning.boilerplate.rules import load_rules
    from cleaning.pipeline import clean
    from cleaning.records import RawPage
    from spiders.catalogue import Source
    from spiders.ingest import Selection
    from spiders.ingest import ingest as take_in

    pages = []
    for path in sorted(options.corpus.rglob("*.htm*")):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        pages.append(body)
        if len(pages) >= 1_000:
            break
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "foreign.warc.gz"
        with archive.open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for number, body in enumerate(pages):
                headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                url = f"https://news.example/2026/07/{1 + number % 28:02d}/story-{number}"
                record = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=headers)
                writer.write_record(record)
        source = Source.model_validate(
            {"name": "news", "title": "News", "home": "https://news.example/", "hosts": ["news.example"]}
        )
        frontier = Frontier(default_path(folder / "lake"))
        begun = time.process_time()
        [told] = take_in([archive], Selection({"news": source}), lake=folder / "lake", frontier=frontier, run_id="r1")
        taking = time.process_time() - begun
        before = {file: file.stat().st_size for file in (folder / "lake").glob("raw/*/*/*")}
        take_in([archive], Selection({"news": source}), lake=folder / "lake", frontier=frontier, run_id="r2")
        same = before == {file: file.stat().st_size for file in (folder / "lake").glob("raw/*/*/*")}
        rules = load_rules()
        when = datetime.now(UTC)
        begun = time.process_time()
        for number, body in enumerate(pages[: options.clean]):
            clean(RawPage(f"https://news.example/{number}", "news", body, when, "r", "f", 0), source.facts(), rules)
        cleaning = (time.process_time() - begun) / options.clean
    each = taking / len(pages)
    print(f"{len(pages)} pages, {told.taken} taken in, {each * 1e3:.2f} ms each; cleaning {cleaning * 1e3:.1f} ms each")
    print(f"taking in and cleaning, against cleaning alone: {cleaning / (cleaning + each):.3f} of its speed")
    print(f"the second time nothing changes: {same}")


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measurements = {f.__name__: f for f in (throughput, faults, kills, sitemap, memory, again, ingest)}
    parser.add_argument("what", choices=measurements)
    parser.add_argument("--pages", type=int, help="a host; the measurement's own by default")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--together", type=int, default=4, help="crawls at a time that are to be killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--corpus", type=Path, help="folder of HTML pages")
    parser.add_argument("--clean", type=int, default=200, help="pages to clean for the comparison")
    options = parser.parse_args()
    measurements[options.what](options)


if __name__ == "__main__":
    main()
