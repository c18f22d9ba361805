"""The rejection of a page that cleaning never finished: it took too long, or its worker process died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaning.records import RawPage, RawText, Reason, Rejection
from cleaning.rejection import reject

if TYPE_CHECKING:
    from flows.publishing.unpublished import Record


def unprocessed(page: Record | RawPage | RawText, reason: Reason, detail: str, rules_version: str) -> Rejection:
    """The row of `rejected` for a page that could not be processed."""
    return reject(page, reason, detail, rules_version)
