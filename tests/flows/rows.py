"""Rows and lakes made by hand, for the tests of flows/."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from cleaning.records import Article
from cleaning.schema.arrow import to_table
from flows.lake.store import Lake

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def article(
    number: int, *, text: str = "A harbour.", published: datetime | None = NOON, source: str = "post"
) -> Article:
    """A row that fits the schema; ``number`` makes its identity."""
    url = f"https://example.org/{number}"
    return Article(
        article_id=hashlib.sha256(url.encode()).hexdigest()[:32],
        revision=1,
        url=url,
        canonical_url=url,
        source=source,
        host="example.org",
        title=f"Headline {number}",
        authors=("Ada Quill",),
        published_at=published,
        modified_at=None,
        fetched_at=NOON + timedelta(hours=1),
        published_offset=None,
        published_date=(published or NOON).date(),
        date_source="json-ld",
        date_confidence="high",
        language="en",
        section=None,
        tags=(),
        description=None,
        image_url=None,
        site_name=None,
        text=text,
        word_count=2,
        text_hash=hashlib.sha256(text.encode()).hexdigest()[:32],
        cluster_id=hashlib.sha256(url.encode()).hexdigest()[:32],
        is_paywalled=False,
        is_truncated=False,
        training_opt_out=False,
        flags=(),
        extractor="trafilatura-2.3.1",
        rules_version="0" * 12,
        run_id="r",
        raw_file="raw/source=post/date=2026-11-20/r-00000.warc.gz",
        raw_offset=number,
    )


def articles(*numbers: int) -> pa.Table:
    return to_table(Article, [article(n) for n in numbers])


def put(lake: Lake, files: dict[str, pa.Table | None]) -> list[str]:
    with lake.write_lock():
        return lake.commit(files)


def tree(root: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder, the lock and its holder aside: its hash and when it was last written."""
    return {
        p.relative_to(root).as_posix(): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.suffix != ".lock" and p.name != "lake.holder.json"
    }
