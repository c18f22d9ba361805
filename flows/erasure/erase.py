"""Carries out an erasure: tables and index in one commit, then the raw records, the frontier and the logs.

Whatever is still to do stands in ``state/erasing.json`` before the first byte changes, so that a call that was killed
is finished by the next; that file holds hashes and positions, and is removed with the last step.
"""

from __future__ import annotations

import getpass
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from cleaning.schema.arrow import TABLES
from flows.duplicates import index_files
from flows.erasure.log_redaction import redact
from flows.erasure.plan import ErasePlan, are_named, keys_in, needles
from flows.lake.parquet_reader import is_day, read_parquet
from flows.lake.store import Lake, partition
from flows.lake.tombstones import with_tombstones
from flows.publishing.gone_marks import MARKS
from spiders.archive.record_eraser import EraseError, erase_record
from spiders.frontier.bookkeeping import erasure as frontier_rows
from spiders.system.whole_file import write_whole

PENDING = "state/erasing.json"  # what an erasure that was killed has left to do
LOG = "state/erasures.jsonl"  # every erasure: when, by whom, why, and how much; no text, name or address
# Files whose rows are numbered, or refer to one another: they are made anew together.
_FINGERPRINT_KINDS = ("documents", "fingerprints", "site_lines", "words")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class EraseReport:
    """The result of an erasure.

    Attributes:
        articles: identities that were erased.
        tables: table → rows removed.
        records: raw records overwritten, their requests included.
        frontier: rows of the frontier deleted.
        log_places: places in logs that were overwritten.
        left: what could not be erased, and why.
    """

    articles: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    records: int = 0
    frontier: int = 0
    log_places: int = 0
    left: list[str] = field(default_factory=list)


def erase(
    lake: Lake,
    frontier: Engine,
    plan: ErasePlan,
    *,
    reason: str,
    clock: Callable[[], datetime] = _now,
) -> EraseReport:
    """Erase what a plan names, and log the act.

    Args:
        lake: held for the whole call.
        frontier: of the lake.
        plan: from :func:`flows.erasure.plan.plan_erasure`.
        reason: goes into the log; write no name there.
        clock: UTC.

    Raises:
        LakeError: as for :meth:`Lake.write_lock`.
    """
    now = clock()
    with lake.write_lock():
        write_whole(lake.root / PENDING, json.dumps(_pending(plan, reason)))
        report = EraseReport(articles=len(plan.identities), tables={t: n for t, n in plan.tables.items() if n})
        lake.commit(_files(lake, plan, now))
        _erase_records(lake.root, sorted(plan.records), now, report)
        frontier_rows.erase(frontier, plan.frontier, plan.identities, plan.addresses, now.timestamp())
        report.frontier = len(plan.frontier)
        report.log_places = redact(lake.root, needles(plan))
        _log(lake.root, now, reason, sorted(plan.identities), report)
        (lake.root / PENDING).unlink()
    return report


def finish_pending(lake: Lake, frontier: Engine, clock: Callable[[], datetime] = _now) -> bool:
    """Finish an erasure that was killed, as far as hashes and positions lead: rows, records and tombstones.

    Its addresses and names are known to nobody any more, so its logs are left to a repeated request.

    Returns:
        Whether there was one.
    """
    file = lake.root / PENDING
    if not file.exists():
        return False
    now = clock()
    with lake.write_lock():
        pending = json.loads(file.read_text(encoding="utf-8"))
        plan = ErasePlan(
            identities=set(pending["identities"]),
            records={(name, offset) for name, offset in pending["records"]},
            frontier=set(pending["frontier"]),
        )
        report = EraseReport(articles=len(plan.identities))
        lake.commit(_files(lake, plan, now))
        _erase_records(lake.root, sorted(plan.records), now, report)
        frontier_rows.erase(frontier, plan.frontier, plan.identities, (), now.timestamp())
        report.frontier = len(plan.frontier)
        _log(lake.root, now, pending["reason"], sorted(plan.identities), report)
        file.unlink()
    return True


def _pending(plan: ErasePlan, reason: str) -> dict[str, object]:
    return {
        "identities": sorted(plan.identities),
        "records": sorted(plan.records),
        "frontier": sorted(plan.frontier),
        "reason": reason,
    }


def _files(lake: Lake, plan: ErasePlan, now: datetime) -> dict[str, pa.Table | None]:
    """Every file of tables and index that names one of the articles, without those rows; and the tombstones."""
    files: dict[str, pa.Table | None] = {}
    for table in TABLES:
        for day in lake.dates(table):
            if any(pc.any(keys_in(part, plan)).as_py() for part in lake.parts(table, day)):
                rows = lake.read(table, [day])
                files[partition(table, day)] = rows.filter(pc.invert(are_named(rows, plan)))
    files |= _index_files(lake, plan)
    return files | with_tombstones(lake, plan.identities, now)


def _index_files(lake: Lake, plan: ErasePlan) -> dict[str, pa.Table | None]:
    files: dict[str, pa.Table | None] = {}
    index = lake.root / "index"
    for file in sorted((*index.glob("*/*/part-*.parquet"), lake.root / MARKS)):
        kind = file.relative_to(index).parts[0]
        if kind in (*_FINGERPRINT_KINDS, "keys", "templates") or not file.exists():
            continue
        named = keys_in(file, plan)
        if pc.any(named).as_py():
            files[file.relative_to(lake.root).as_posix()] = read_parquet(file).filter(pc.invert(named))
    days = _indexed_days(lake, plan)
    for day in sorted(set(days.values())):
        gone = {identity for identity, of in days.items() if of == day}
        files |= index_files.day_files(lake.root, day, gone, [])
    return files | index_files.key_files(lake.root, days, [])


def _indexed_days(lake: Lake, plan: ErasePlan) -> dict[str, date]:
    """The day of each article in the fingerprint index."""
    found: dict[str, date] = {}
    for file in sorted((lake.root / "index" / "documents").glob("date=*/part-0.parquet")):
        day = file.parent.name.removeprefix("date=")
        if is_day(day):
            ids = read_parquet(file, ["article_id"]).column(0).to_pylist()
            found |= {identity: date.fromisoformat(day) for identity in ids if identity in plan.identities}
    return found


def _erase_records(root: Path, records: Iterable[tuple[str, int]], now: datetime, report: EraseReport) -> None:
    by_file: dict[str, list[int]] = defaultdict(list)
    for raw_file, offset in records:
        by_file[raw_file].append(offset)
    for raw_file, offsets in by_file.items():
        path = root / raw_file
        if not path.exists():
            continue
        for offset in offsets:
            try:
                report.records += erase_record(path, offset, now)
            except EraseError as error:
                report.left.append(str(error))


def _log(root: Path, now: datetime, reason: str, identities: list[str], report: EraseReport) -> None:
    line = {
        "at": now.isoformat(),
        "by": _user(),
        "reason": reason,
        "article_ids": identities,
        **asdict(report),
    }
    with (root / LOG).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return str(os.getuid())
