"""Site templates stored in the lake: counts of repeated lines by day, looked up for the lines of a batch.

A batch is first cleaned without them; then its own lines and those of the surrounding days are counted together, and
only the pages with a line that their site repeats are cleaned again. The counts are committed in the same journal as
the tables, so the result of publishing does not depend on how often it is killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.records import Article, Cleaned
from cleaning.text import key
from flows.lake.parquet_reader import read_matching
from flows.lake.store import Lake
from flows.publishing.edited_lines import lines_of
from flows.publishing.unpublished import Record, date_of

# Sites change their templates now and then, and a repeated line is repeated every day.
WINDOW_DAYS = 30
# A row of index/templates/date=YYYY-MM-DD/part-0.parquet: the stories of a host that have a line, or that title.
SCHEMA = pa.schema(
    [
        pa.field("host", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("hash", pa.string(), nullable=False),
        pa.field("stories", pa.list_(pa.string()), nullable=False),
    ]
)

Pairs = Sequence[tuple[Record, Cleaned]]
Sites = dict[str, SiteTemplates]  # by host
NO_EDITS: Mapping[Record, frozenset[str]] = {}


def learn(cleaned: Pairs, edits: Mapping[Record, frozenset[str]] = NO_EDITS) -> dict[str, Sites]:
    """The counts of a batch alone: fetch date (YYYY-MM-DD) → host → counts.

    Args:
        cleaned: the batch.
        edits: normal forms of lines that are no part of a template, by record (:mod:`flows.publishing.edited_lines`).
    """
    learnt: dict[str, Sites] = {}
    for record, page in cleaned:
        if isinstance(page.result, Article):
            article = page.result
            sites = learnt.setdefault(date_of(record.raw_file), {})
            site = sites.setdefault(article.host, SiteTemplates(article.host))
            edited = edits.get(record, frozenset())
            lines = [line for line in lines_of(article, page.removals) if key(line) not in edited]
            site.learn(article.canonical_url, article.title, lines)
            site.mark(edited)
    return learnt


def recall(root: Path, learnt: Mapping[str, Sites]) -> Sites:
    """The counts of a batch's lines, plus those of the same lines on the surrounding days.

    Args:
        root: the lake's root folder.
        learnt: as returned by :func:`learn`.
    """
    sites: Sites = {}
    for own in learnt.values():
        for host, site in own.items():
            sites.setdefault(host, SiteTemplates(host)).merge(site)
    files = _files_around(root, [date.fromisoformat(day) for day in learnt])
    if files:
        hashes = pa.array(sorted({h for site in sites.values() for h in (*site.lines, *site.begins)}), pa.string())
        hosts = pa.array(sorted(sites), pa.string())
        known = pc.field("hash").isin(hashes) & pc.field("host").isin(hosts)
        stored = read_matching(files, known, schema=SCHEMA)
        for host, site in SiteTemplates.from_rows(stored.to_pylist()).items():
            sites[host].merge(site)
    return sites


def days_of(cleaned: Pairs) -> list[date]:
    """The fetch dates of a batch."""
    return sorted({date.fromisoformat(date_of(record.raw_file)) for record, _ in cleaned})


def state(root: Path, days: Iterable[date]) -> tuple[tuple[str, int, int, int], ...]:
    """What cleaning with site templates reads of a lake, told apart from what it read earlier.

    A commit replaces files, and edits none: those of :func:`recall`, and the versions by which
    :mod:`flows.publishing.edited_lines` finds the earlier texts of an article.
    """
    versions = sorted(map(str, (root / "index" / "versions").glob("month=*/part-0.parquet")))
    found = []
    for file in (*_files_around(root, days), *versions):
        try:
            of = Path(file).stat()
        except FileNotFoundError:  # a commit removed it since it was listed
            continue
        found.append((file, of.st_ino, of.st_mtime_ns, of.st_size))
    return tuple(found)


def suspects(cleaned: Pairs, sites: Sites) -> dict[Record, SiteTemplates]:
    """The pages whose text contains a line that other stories of the site have too, each with the counts of its
    lines."""
    found: dict[Record, SiteTemplates] = {}
    for record, page in cleaned:
        if not isinstance(page.result, Article):
            continue
        site = sites[page.result.host]
        if site.may_concern(page.result.canonical_url, map(key, page.result.text.split("\n\n"))):
            found[record] = site.of_lines(map(key, lines_of(page.result, page.removals)))
    return found


def memory_files(lake: Lake, learnt: Mapping[str, Sites]) -> dict[str, pa.Table | None]:
    """The files of ``index/templates`` after a batch."""
    files: dict[str, pa.Table | None] = {}
    for day, own in learnt.items():
        path = f"index/templates/date={day}/part-0.parquet"
        present = lake.read_file(path)
        sites = SiteTemplates.from_rows(present.to_pylist()) if present is not None else {}
        for host, site in own.items():
            sites.setdefault(host, SiteTemplates(host)).merge(site)
        rows = [row for host in sorted(sites) for row in sites[host].rows()]
        files[path] = pa.Table.from_pylist(rows, schema=SCHEMA)
    return files


def _files_around(root: Path, days: Iterable[date]) -> list[str]:
    near = {day + timedelta(days=n) for day in days for n in range(-WINDOW_DAYS, WINDOW_DAYS + 1)}
    files = (root / f"index/templates/date={day}/part-0.parquet" for day in sorted(near))
    return [str(file) for file in files if file.exists()]
