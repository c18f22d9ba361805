"""The rejection of a page that cleaning never finished: it took too long, or its worker process died."""

from __future__ import annotations

from datetime import UTC

from cleaning.records import RawPage, RawText, Reason, Rejection
from cleaning.urls import canonical_url, host_of
from flows.publishing.unpublished import Record


def unprocessed(page: Record | RawPage | RawText, reason: Reason, detail: str, rules_version: str) -> Rejection:
    """The row of `rejected` for a page that could not be processed."""
    url = page.url or ""
    canonical = canonical_url(url)
    return Rejection(
        url=url,
        canonical_url=canonical,
        source=page.source,
        host=host_of(canonical),
        reason=reason,
        detail=detail,
        title=None,
        word_count=0,
        fetched_at=page.fetched_at,
        fetched_date=page.fetched_at.astimezone(UTC).date(),
        rules_version=rules_version,
        run_id=page.run_id,
        raw_file=page.raw_file,
        raw_offset=page.raw_offset,
    )
