"""HTTP outside the crawl, with the crawl's guard: each name is resolved once, checked, and that very address connected.

Redirects are followed here and not by a library, so that each is checked before it is asked: no private address, no
other scheme, and none from https to http.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from spiders.fetching.address_guard import is_public

REDIRECTS = frozenset({301, 302, 303, 307, 308})
REDIRECT_LIMIT = 5
PORTS = {"http": 80, "https": 443}


class DownloadError(OSError):
    """An archive that could not be downloaded; call again to resume where it stopped."""


class _Pinned(HTTPConnection):
    """A connection to an address that was checked, whatever the name says by now."""

    def __init__(self, parts: SplitResult, port: int, address: str, timeout: float) -> None:
        super().__init__(parts.hostname or "", port, timeout=timeout)
        self.default_port = PORTS[parts.scheme]
        self._address = address
        self._context = ssl.create_default_context() if parts.scheme == "https" else None

    def connect(self) -> None:
        sock = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(sock, server_hostname=self.host) if self._context else sock


def open_pinned(url: str, headers: dict[str, str], *, loopback: bool, timeout: float) -> HTTPResponse:
    """GET an address through at most five redirects; the response, of any status, to be closed by the caller.

    Raises DownloadError for an address that may not be asked, OSError and HTTPException for one that does not answer.
    """
    scheme = ""
    for _ in range(REDIRECT_LIMIT + 1):
        parts, port = _parsed(url)
        if scheme == "https" and parts.scheme != "https":
            raise DownloadError(f"{url}: a redirect from https to http is not followed")
        scheme = parts.scheme
        connection = _Pinned(parts, port, _resolve(parts.hostname or "", port, loopback), timeout)
        try:
            connection.request("GET", _target(parts), headers=headers)
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or not location:
            return response
        response.close()
        connection.close()
        url = urljoin(url, location)
    raise DownloadError(f"{url}: more than {REDIRECT_LIMIT} redirects")


def _parsed(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DownloadError(f"{url}: no address: {error}") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise DownloadError(f"{url}: only http and https are fetched")
    if parts.username is not None or parts.password is not None:
        raise DownloadError(f"{url}: holds a user name or password")
    return parts, port or PORTS[parts.scheme]


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _resolve(host: str, port: int, loopback: bool) -> str:
    """One address of a name; every one of them must be allowed."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise DownloadError(f"{host} does not resolve: {error}") from error
    for text in found:
        address = ip_address(text.partition("%")[0])
        if not is_public(address) and not (loopback and address.is_loopback):
            raise DownloadError(f"{host} is {address}, which is not public")
    return found[0]
