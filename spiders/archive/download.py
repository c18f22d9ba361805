"""Downloads archives given by address: whole files, streamed in pieces, resuming where a download broke off.

The operator names these addresses (Common Crawl's path lists, say), so they need not be on a catalogue host; only http
and https, and only public addresses unless loopback was allowed.
"""

from __future__ import annotations

import hashlib
import re
import socket
import urllib.request
from collections.abc import Iterable
from http.client import HTTPResponse
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from spiders.fetching.address_guard import is_public

PIECE = 1 << 20
TIMEOUT_SECONDS = 60.0


class DownloadError(OSError):
    """An archive that could not be downloaded; call again to resume."""


def is_address(pattern: str) -> bool:
    """Whether a name is an address rather than a path."""
    return pattern.startswith(("http://", "https://"))


def addresses(patterns: Iterable[str]) -> list[str]:
    """The addresses among names and in list files (``@LIST``: one per line), without duplicates, in order."""
    found: dict[str, None] = {}
    for pattern in patterns:
        lines = Path(pattern[1:]).read_text(encoding="utf-8").split() if pattern.startswith("@") else [pattern]
        found |= dict.fromkeys(line for line in lines if is_address(line))
    return list(found)


def download(url: str, folder: Path, agent: str, *, loopback: bool = False) -> Path:
    """Download an archive into ``folder``, under a name derived from its address. Raises DownloadError."""
    parts = urlsplit(url)
    _check(parts.hostname or "", loopback)
    name = re.sub(r"[^A-Za-z0-9._-]", "_", parts.path.rpartition("/")[2])[-100:]
    # Archives of the same name may lie in different folders of the web.
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{name}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": agent, "Range": f"bytes={have}-"})  # noqa: S310
    try:
        with cast("HTTPResponse", urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)) as response:  # noqa: S310
            _check(urlsplit(response.geturl()).hostname or "", loopback)
            with part.open("ab" if response.status == 206 else "wb") as stream:
                while piece := response.read(PIECE):
                    stream.write(piece)
            if response.length:
                raise DownloadError(f"{url}: {response.length} bytes are missing; call again to resume")
    except OSError as error:
        raise error if isinstance(error, DownloadError) else DownloadError(f"{url}: {error}; call again") from error
    return part.rename(path)


def _check(host: str, loopback: bool) -> None:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise DownloadError(f"{host} does not resolve: {error}") from error
    for address in map(ip_address, map(str, found)):
        if not is_public(address) and not (loopback and address.is_loopback):
            raise DownloadError(f"{host} is {address}, which is not public")
