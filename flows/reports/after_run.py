"""After a daily run: sources are judged, and what opened or ended is logged and sent to those who want to know."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb
from sqlalchemy import Engine

from flows.lake.journal import LakeError
from flows.reports.drift.watch import watch
from flows.reports.notifications import notify_changes
from spiders.catalogue import read_catalogue

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


def alert_after_run(root: Path, sources_dir: Path, engine: Engine, log: Log) -> None:
    """Judge every source that was crawled, and tell what opened and what ended.

    What was crawled and published stands whatever becomes of this: files that cannot be read are logged.

    Args:
        root: the lake's root folder.
        sources_dir: the catalogue; sources whose file is broken are not judged.
        engine: the frontier's.
        log: of the run.
    """
    try:
        changes = watch(root, read_catalogue(sources_dir)[0], engine)
    except (duckdb.Error, LakeError) as error:
        log.warning("no source could be judged: %s; look with: newsmill doctor --lake %s", error, root)
        return
    for alert in changes.opened:
        log.warning("alert: %s: %s (%s); next: %s", alert.source, alert.says, alert.detail, alert.remedy)
    for alert in changes.ended:
        log.info("over: %s: %s (since %s)", alert.source, alert.says, alert.since)
    notify_changes(root, changes)
