"""Makes the row of a page that is not an article, whoever found that out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from cleaning.records import Reason, Rejection
from cleaning.urls import canonical_url, host_of


class Fetched(Protocol):
    """What a rejection keeps of a page: see :class:`cleaning.records.RawPage`."""

    @property
    def url(self) -> str | None: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def fetched_at(self) -> datetime: ...  # noqa: D102
    @property
    def run_id(self) -> str: ...  # noqa: D102
    @property
    def raw_file(self) -> str: ...  # noqa: D102
    @property
    def raw_offset(self) -> int: ...  # noqa: D102


def reject(
    page: Fetched,
    reason: Reason,
    detail: str,
    rules_version: str,
    *,
    canonical: str | None = None,
    title: str | None = None,
    words: int = 0,
) -> Rejection:
    """The row of ``rejected`` for a page, a text or a raw record.

    Args:
        page: where it came from.
        reason: why it is not an article.
        detail: the evidence, for a person.
        rules_version: of the rules that judged it.
        canonical: canonical URL as the page states it; that of its own URL if None.
        title: headline; None if unknown.
        words: words of the text that was found, 0 if none was looked for.
    """
    canonical = canonical or canonical_url(page.url or "")
    return Rejection(
        url=page.url or "",
        canonical_url=canonical,
        source=page.source,
        host=host_of(canonical),
        reason=reason,
        detail=detail,
        title=title or None,
        word_count=words,
        fetched_at=page.fetched_at,
        fetched_date=page.fetched_at.astimezone(UTC).date(),
        rules_version=rules_version,
        run_id=page.run_id,
        raw_file=page.raw_file,
        raw_offset=page.raw_offset,
    )
