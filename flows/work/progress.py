"""Who in this process is told of progress: a terminal that draws bars.

Loads nothing of the work, so that a command can ask to be told before it decides how Arrow is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.publishing.batches import PublishProgress
    from spiders.ingest import IngestProgress

# Called after each page of every publishing, and after each part of an archive that is read.
publishing: list[Callable[[PublishProgress], None]] = []
ingesting: list[Callable[[IngestProgress], None]] = []
