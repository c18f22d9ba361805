"""Reads a user's own files — HTML, WARC, text, JSONL, folders of them — as pages to clean.

A folder with an `index.jsonl` (per line: id, url, html = path of the page) is read as a corpus.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cleaning.records import RawPage, RawText, SourceFacts

HTML = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
WARC = (".warc", ".warc.gz")
TEXT = (".txt", ".txt.gz")
JSONL = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
KNOWN = HTML + WARC + TEXT + JSONL


@dataclass(frozen=True, slots=True)
class Input:
    """One item to clean, the name that its result carries, and what is known of its source."""

    id: str
    page: RawPage | RawText
    source: SourceFacts


class InputError(ValueError):
    """A path with nothing to clean; the message names it and what is accepted."""


def read_inputs(paths: list[Path]) -> Iterator[Input]:
    """Everything under the paths, in the given order, folders sorted by name.

    Raises InputError for a path that does not exist or has an unknown type; inside a folder, files of other types are
    skipped.
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        if path.is_dir():
            yield from _folder(path)
        elif path.name.lower().endswith(KNOWN):
            yield from _file(path)
        else:
            raise InputError(f"{path}: not one of {' '.join(KNOWN)}; rename it, or give a folder")


def _folder(folder: Path) -> Iterator[Input]:
    index = folder / "index.jsonl"
    if index.is_file():
        yield from _corpus(folder, index)
        return
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name.lower().endswith(KNOWN))
    if not found:
        raise InputError(f"{folder}: no file ending in {' '.join(KNOWN)} and no index.jsonl")
    for path in found:
        yield from _file(path)


def _file(path: Path) -> Iterator[Input]:
    name = path.name.lower()
    if name.endswith(WARC):
        from spiders.archive.warc_reader import read_pages

        for page in read_pages(path, root=path.parent):
            yield Input(page.url, page, SourceFacts(name=page.source or _host(page.url)))
    elif name.endswith(JSONL):
        yield from _jsonl(path)
    elif name.endswith(TEXT):
        text = RawText(
            text=_bytes(path).decode("utf-8", errors="replace"),
            source=path.stem,
            fetched_at=_changed(path),
            raw_file=str(path),
        )
        yield Input(path.name, text, SourceFacts(name=path.stem))
    else:
        url = path.resolve().as_uri()
        yield Input(path.name, _page(url, path, path.stem), SourceFacts(name=path.stem))


def _corpus(folder: Path, index: Path) -> Iterator[Input]:
    for number, record in _lines(index):
        try:
            key, url, html = str(record["id"]), str(record["url"]), folder / str(record["html"])
        except KeyError as missing:
            raise InputError(f"{index}:{number}: a corpus line needs id, url and html; {missing} is missing") from None
        if not html.is_file():
            raise InputError(f"{index}:{number}: {html}: no such file; correct html, or take the line out")
        host = _host(url)
        yield Input(key, _page(url, html, host), SourceFacts(name=host))


def _jsonl(path: Path) -> Iterator[Input]:
    changed = _changed(path)
    for number, record in _lines(path):
        key = str(record.get("id") or record.get("url") or f"{path.name}:{number}")
        url = record.get("url")
        host = _host(str(url)) if url else path.stem
        if isinstance(record.get("html"), str):
            body = str(record["html"]).encode("utf-8")
            page: RawPage | RawText = RawPage(
                url=str(url or path.resolve().as_uri()),
                source=host,
                body=body,
                fetched_at=changed,
                run_id="",
                raw_file=str(path),
                raw_offset=number,
                content_type="text/html; charset=utf-8",
            )
        elif isinstance(record.get("text"), str):
            authors = record.get("authors") or ()
            page = RawText(
                text=str(record["text"]),
                source=host,
                fetched_at=changed,
                raw_file=str(path),
                raw_offset=number,
                url=str(url) if url else None,
                title=str(record["title"]) if record.get("title") else None,
                authors=tuple(str(a) for a in authors) if isinstance(authors, list) else (),
                published=_moment(record.get("date") or record.get("published_at")),
                language=str(record["language"]) if record.get("language") else None,
            )
        else:
            raise InputError(f"{path}:{number}: a line needs `html` or `text`, as a string")
        yield Input(key, page, SourceFacts(name=host))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    # not splitlines(): a text may contain U+2028 as is, which does not end a line of JSON Lines
    try:
        text = _bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; convert it: iconv -t utf-8") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{number}: not JSON ({error})") from None
        if not isinstance(record, dict):
            raise InputError(f"{path}:{number}: a line must be a JSON object")
        yield number, record


def _page(url: str, path: Path, source: str) -> RawPage:
    changed = _changed(path)
    return RawPage(
        url=url,
        source=source,
        body=_bytes(path),
        fetched_at=changed,
        run_id="",
        raw_file=str(path),
        raw_offset=0,
    )


def _bytes(path: Path) -> bytes:
    if not path.name.lower().endswith(".gz"):
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: broken gzip ({error}); fetch it again, or unpack it and give the rest") from None


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.") or "unknown"


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
