"""Makes an archive of real pages with planted copies: what benchmarks/end_to_end.py is run on.

    python benchmarks/end_to_end_archive.py OUT.warc.gz CORPUS... [--records 2972] [--copies 500]

Each CORPUS is a folder with `index.jsonl` (per line: id, url, html = path of the gzipped page). A planted copy is the
same page at an address of another host that names that address as its own, with a line about its origin before its
last paragraph; the file OUT.warc.gz.copies.json maps the address of each copy to that of its page.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SEED = 20261124
CAPTURED = datetime(2026, 11, 20, 6, tzinfo=UTC)
# Words of a page, tags aside, that a copy of it is planted for: shorter ones are stubs that nobody republishes.
MIN_WORDS = 250
_TAG = re.compile(rb"<[^>]*>")
_SCRIPT = re.compile(rb"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_OWN_ADDRESS = re.compile(
    rb"<(?:link\b[^>]*\brel\s*=\s*[\"']?canonical|meta\b[^>]*\bproperty\s*=\s*[\"']?og:url)\b[^>]*>", re.IGNORECASE
)
_PARAGRAPH = re.compile(rb"<p\b[^>]*>", re.IGNORECASE)


def pages(folders: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of each page, each address once; a page that shares its address gets one of its own."""
    seen: set[str] = set()
    for folder in folders:
        for line in (folder / "index.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n"):
            record = json.loads(line)
            body = gzip.decompress((folder / record["html"]).read_bytes())
            url = str(record["url"])
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                continue
            if url in seen or parts.path in ("", "/"):
                digest = hashlib.sha256(f"{folder.name}/{record['id']}".encode()).hexdigest()[:12]
                url = f"{parts.scheme}://{parts.netloc}/page-{digest}"
            if url not in seen:
                seen.add(url)
                yield url, body


def copied(body: bytes, host: str, url: str) -> bytes:
    """A page as another site republishes it."""
    body = _OWN_ADDRESS.sub(b"", body)
    link = b'<link rel="canonical" href="%s">' % url.encode()
    body = re.sub(rb"(<head\b[^>]*>)", lambda m: m[1] + link, body, count=1, flags=re.IGNORECASE)
    note = b"<p>This report appeared first at %s, which allows %s to carry it.</p>" % (
        host.encode(), urlsplit(url).netloc.encode(),
    )  # fmt: skip
    starts = [found.start() for found in _PARAGRAPH.finditer(body)]
    return body[: starts[-1]] + note + body[starts[-1] :] if starts else body


def main() -> None:
    """Write the archive."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("corpora", type=Path, nargs="+")
    arguments.add_argument("--records", type=int, default=2_972)
    arguments.add_argument("--copies", type=int, default=500)
    told = arguments.parse_args()
    chance = random.Random(SEED)
    every = list(pages(told.corpora))
    chance.shuffle(every)
    every = every[: told.records - told.copies]
    long = [p for p in every if len(_TAG.sub(b" ", _SCRIPT.sub(b" ", p[1])).split()) >= MIN_WORDS]
    planted: dict[str, str] = {}
    records = [(url, body, CAPTURED + timedelta(seconds=n)) for n, (url, body) in enumerate(every)]
    for number, (url, body) in enumerate(chance.sample(long, min(told.copies, len(long)))):
        copy = f"https://mirror-{number % 20}.example.com/copy/{number}"
        planted[copy] = url
        moment = CAPTURED + timedelta(seconds=len(every) + number)
        records.append((copy, copied(body, urlsplit(url).hostname or "", copy), moment))
    chance.shuffle(records)
    with told.out.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for url, body, moment in records:
            head = StatusAndHeaders(
                "200 OK",
                [("Content-Type", "text/html"), ("Content-Length", str(len(body)))],
                protocol="HTTP/1.1",
            )
            date = {"WARC-Date": moment.isoformat().replace("+00:00", "Z")}
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=head, warc_headers_dict=date
                )
            )
    Path(f"{told.out}.copies.json").write_text(json.dumps(planted, indent=0), encoding="utf-8")
    print(f"{len(records)} records, {len(planted)} of them copies, {told.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
