"""Reads the raw archive: whole files, from an offset on, or the record that a row's lineage names."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cleaning.records import Hints, RawPage, Statement
from spiders.archive.lenient_reader import RawRecord, blocks, http_of, moment_of
from spiders.archive.warc_writer import Exchange, WarcWriter, Written, payload_digest
from spiders.fetching.opt_out import rights_headers
from spiders.hint_names import with_names

__all__ = ["Exchange", "WarcWriter", "Written", "payload_digest", "read_page", "read_pages"]

logger = logging.getLogger(__name__)

# Longer numbers are no length, and Python refuses to read those of more than 4,300 digits.
_DIGITS_MAX = 18
# Statements are shared by the pages of an origin that lie side by side; a robots.txt may be half a megabyte.
_STATEMENTS_KEPT = 16


def read_pages(path: Path, *, root: Path, start: int = 0) -> Iterator[RawPage]:
    """The responses of an archive file from byte ``start`` on, in order.

    A record that is damaged or cut is passed over, with a line in the log, and the next one looked for: no bit of a
    file costs more than the record it is in. ``raw_file`` of a page is relative to ``root``, or the whole path if the
    file lies elsewhere.
    """
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    packed = True if path.name.endswith(".gz") else None
    for record in blocks(path, start, packed=packed):
        if record.fault is not None:
            # What a killed crawl leaves is one of these at the end: its URL is still in the queue.
            logger.warning("%s: no whole record at byte %d (%s)", name, record.offset, record.fault)
        elif record.head.get("warc-type") == "response":
            page = _page(record, name, path)
            if page is not None:
                yield page


def read_page(root: Path, raw_file: str, raw_offset: int) -> RawPage:
    """The response that lies at an offset, as a row's lineage names it. Raises LookupError where there is none."""
    path = root / raw_file
    record = next(blocks(path, raw_offset, packed=True if raw_file.endswith(".gz") else None), None)
    if record is not None and record.fault is None and record.offset == raw_offset:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
        page = _page(record, name, path) if record.head.get("warc-type") == "response" else None
        if page is not None:
            return page
    raise LookupError(f"{path} holds no complete response at byte {raw_offset}; the file was cut or replaced")


def _page(record: RawRecord, name: str, path: Path) -> RawPage | None:
    head, parsed = record.head, http_of(record.content)
    if parsed is None:
        return None
    status, headers, body = parsed
    announced = _joined(headers, b"content-length") or ""
    if announced.isdigit() and len(announced) <= _DIGITS_MAX and len(body) < int(announced):
        return None
    return RawPage(
        url=head.get("warc-target-uri", "").strip("<>"),
        source=head.get("newsmill-source", ""),
        body=body,
        fetched_at=moment_of(head.get("warc-date", "")) or datetime.fromtimestamp(0, UTC),
        run_id=head.get("newsmill-run-id", ""),
        raw_file=name,
        raw_offset=record.offset,
        status=status,
        content_type=_joined(headers, b"content-type"),
        robots_tag=_joined(headers, b"x-robots-tag"),
        tdm_reservation=_joined(headers, b"tdm-reservation"),
        hints=with_names(
            Hints(
                title=head.get("newsmill-hint-title"),
                published=_hinted(head.get("newsmill-hint-published")),
                modified=_hinted(head.get("newsmill-hint-modified")),
                via=head.get("newsmill-hint-via"),
            ),
            head.get("newsmill-hint-names"),
        ),
        headers=rights_headers(headers),
        statements=_statements(path, head.get("newsmill-statements", "")),
    )


def _statements(path: Path, offsets: str) -> tuple[Statement, ...]:
    """The statements of a page's site, which lie in the same file; one that is damaged is named in the log."""
    found = []
    for offset in offsets.split():
        if offset.isdigit() and len(offset) <= _DIGITS_MAX:
            statement = _statement(path, int(offset))
            if statement is None:
                logger.warning("%s: no whole statement at byte %s", path, offset)
            else:
                found.append(statement)
    return tuple(found)


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _statement(path: Path, offset: int) -> Statement | None:
    record = next(blocks(path, offset, packed=True if path.name.endswith(".gz") else None), None)
    if record is None or record.fault is not None or record.offset != offset:
        return None
    kind, read = record.head.get("newsmill-statement"), moment_of(record.head.get("warc-date", ""))
    if kind is None or read is None:
        return None
    return Statement(kind, record.head.get("warc-target-uri", ""), read, record.content.decode("utf-8", "replace"))


def _joined(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """A header that may stand several times, as one list (RFC 9110, 5.3)."""
    return ", ".join(value.decode("latin-1") for key, value in headers if key.lower() == name) or None


def _hinted(text: str | None) -> datetime | None:
    """The moment that a hint tells; None where it is none."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
