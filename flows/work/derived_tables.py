"""The tables that are made from other tables: brought in step by whatever commits articles."""

from __future__ import annotations

from sqlalchemy import Engine

from flows.coverage.refresh import refresh_coverage
from flows.duplicates.reuse_refresh import refresh_reuse
from flows.duplicates.rewrites_refresh import refresh_rewrites
from flows.lake.store import Lake


def refresh_derived_tables(lake: Lake, frontier: Engine) -> list[str]:
    """Make ``rewrites``, what is made from them (``passages``, ``edges``, ``originality``), and ``coverage`` again,
    where what they are made from has changed.

    A call that finds nothing new reads no row of a table; one that was killed is made up for by the next.

    Args:
        lake: each table takes its write lock for itself.
        frontier: of the lake; ``coverage`` counts what it lists.

    Returns:
        The paths that changed.

    Raises:
        LakeError: as for :meth:`Lake.write_lock`.
    """
    return [*refresh_rewrites(lake), *refresh_reuse(lake), *refresh_coverage(lake, frontier)]
