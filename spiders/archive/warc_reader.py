"""Reads the raw archive: whole files, from an offset on, or the record that a row's lineage names."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from cleaning.records import Hints, RawPage
from spiders.archive.warc_writer import Exchange, WarcWriter, Written, payload_digest
from spiders.hint_names import with_names

__all__ = ["Exchange", "WarcWriter", "Written", "payload_digest", "read_page", "read_pages"]

logger = logging.getLogger(__name__)


def read_pages(path: Path, *, root: Path, start: int = 0) -> Iterator[RawPage]:
    """The responses of an archive file from byte ``start`` on, in order; stops cleanly after the last complete record.

    A page's ``raw_file`` is relative to ``root``, or the absolute path if the file lies elsewhere.
    """
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    size = path.stat().st_size
    if start >= size:
        return
    with path.open("rb") as stream:
        stream.seek(start)
        records = iter(ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True))
        while True:
            try:
                record = next(records)
                page = _page(record, name)
            except StopIteration:
                return
            except OSError as error:
                # A killed crawl leaves a truncated last record; that URL is still in the queue.
                logger.warning("%s is truncated after its last complete record: %s", name, error)
                return
            if page is not None:
                yield page


def read_page(root: Path, raw_file: str, raw_offset: int) -> RawPage:
    """The response at an offset, as named by a row's lineage. Raises LookupError if there is none."""
    path = root / raw_file
    for page in read_pages(path, root=root, start=raw_offset):
        if page.raw_offset == raw_offset:
            return page
        break
    raise LookupError(f"{path} has no complete response at byte {raw_offset}; the file was truncated or replaced")


def _page(record: WarcRecord, name: str) -> RawPage | None:
    headers = record.headers
    http = record.http_headers
    body = record.reader.read()
    if http is None or len(body) < _announced(http.get("Content-Length")):
        return None
    return RawPage(
        url=(headers.get("WARC-Target-URI") or "").strip("<>"),
        source=headers.get("Newsmill-Source") or "",
        body=body,
        fetched_at=_moment(headers.get("WARC-Date")) or datetime.fromtimestamp(0, UTC),
        run_id=headers.get("Newsmill-Run-Id") or "",
        raw_file=name,
        raw_offset=record.stream_pos,
        status=http.status_code or 200,
        content_type=http.get("Content-Type"),
        robots_tag=_joined(http, "x-robots-tag"),
        tdm_reservation=_joined(http, "tdm-reservation"),
        hints=with_names(
            Hints(
                title=headers.get("Newsmill-Hint-Title"),
                published=_moment(headers.get("Newsmill-Hint-Published")),
                modified=_moment(headers.get("Newsmill-Hint-Modified")),
                via=headers.get("Newsmill-Hint-Via"),
            ),
            headers.get("Newsmill-Hint-Names"),
        ),
    )


def _announced(length: str | None) -> int:
    return int(length) if length and length.isdigit() else 0


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _joined(http: HeaderMap, name: str) -> str | None:
    """A header that may occur several times, as one list (RFC 9110, 5.3)."""
    return ", ".join(http.get_multiple(name)) or None
