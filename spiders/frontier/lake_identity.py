"""Which lake a frontier belongs to: one frontier that two lakes use is silently incomplete.

A URL is fetched once a frontier, so what one lake has, the other would never get. A lake has an id in its state, and a
frontier notes the first one that uses it.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import Engine, select

from spiders.frontier.database import upsert
from spiders.frontier.tables import lakes
from spiders.system.private_files import private_folder, write_private

# The frontier has one row of this.
_KEY = "lake"


class WrongLakeError(RuntimeError):
    """The frontier belongs to another lake; the message says what to do."""


def lake_id(lake: Path) -> str:
    """A lake's id, made at its first use; it moves with the lake's folder, and a copy of the lake has it too."""
    file = lake / "state" / "lake-id"
    if not file.exists() or not file.read_text(encoding="utf-8").strip():
        private_folder(file.parent)
        write_private(file, f"{uuid.uuid4()}\n")
    return file.read_text(encoding="utf-8").strip()


def hold_to_lake(engine: Engine, lake: Path) -> None:
    """Note the lake in its frontier, or see that it is the one that stands there.

    Args:
        engine: of the frontier.
        lake: root folder of the lake.

    Raises:
        WrongLakeError: when the frontier belongs to another lake.
    """
    identity = lake_id(lake)
    with engine.connect().execution_options(reading=True) as db:
        known = db.execute(select(lakes.c.lake_id, lakes.c.root)).first()
    if known is None:
        row = upsert(engine, lakes).values(key=_KEY, lake_id=identity, root=str(lake.resolve()))
        with engine.begin() as db:
            db.execute(row.on_conflict_do_nothing())
            known = db.execute(select(lakes.c.lake_id, lakes.c.root)).first()
    if known is not None and known.lake_id != identity:
        raise WrongLakeError(
            f"{lake}: this frontier belongs to another lake ({known.root}), and would leave out all that was fetched "
            "for it; set NEWSMILL_FRONTIER to a database of this lake's own, or unset it. If this is that lake, whose "
            f"state was lost: write {known.lake_id} into {lake / 'state' / 'lake-id'}"
        )
