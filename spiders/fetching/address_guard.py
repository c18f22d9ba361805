"""Which addresses may be reached at all: checked on the URL, on every redirect, and on DNS answers.

The resolver gives Twisted the very address that was checked, so a name that changes its answer between two look-ups
(DNS rebinding) gains nothing. Names under ``.localhost`` never reach DNS (RFC 6761, 6.3), and are refused unless a
loopback port was allowed explicitly.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from spiders.catalogue import Source
from spiders.frontier.outcomes import Outcome

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 9110, 4.1 asks servers to support at least 8,000 octets; news sites use less than half of this, crawler traps
# more.
MAX_URL_LENGTH = 2_083
LOOPBACK = "127.0.0.1"
WEB_PORTS = {"http": 80, "https": 443}
# Public by registry, but answered by the machine's own cloud: Azure's WireServer (learn.microsoft.com, 168.63.129.16).
_PLATFORM = frozenset({ipaddress.ip_address("168.63.129.16")})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_ALLOWANCE = re.compile(r"127\.0\.0\.1:(\d{1,5})")
_HOST = re.compile(r"[a-z0-9_.-]+")


class Refused(Exception):
    """A URL that is not fetched; ``outcome`` gives the reason in one word, the message in full."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Allowance:
    """Loopback ports from which ``.localhost`` names may be fetched; none unless the operator says so."""

    ports: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``127.0.0.1:8377[,127.0.0.1:8378]``. Raises ValueError."""
        ports = set()
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _ALLOWANCE.fullmatch(part)
            if not match or not 0 < int(match[1]) < 65536:
                raise ValueError(f"allow={part}: write 127.0.0.1:PORT; nothing else can be allowed")
            ports.add(int(match[1]))
        return cls(frozenset(ports))


NOTHING = Allowance()


def is_public(address: Address) -> bool:
    """Whether an address is on the public Internet, seen through any wrapping (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(inner is not None and not is_public(inner) for inner in wrapped):
            return False
        if address in _NAT64:
            return True
    return address.is_global and not address.is_multicast and not address.is_reserved and address not in _PLATFORM


def literal_address(host: str) -> Address | None:
    """The address that a host spells in any form that a system library accepts: dotted, short, decimal, octal, hex,
    IPv6."""
    host = unicodedata.normalize("NFKC", host).strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9a-fA-FxX.]+", host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_local_name(host: str) -> bool:
    """Whether a name is under ``.localhost``."""
    host = host.rstrip(".").lower()
    return host == "localhost" or host.endswith(".localhost")


def host_key(parts: SplitResult) -> str:
    """The host, with its port if that is not the scheme's default: the unit of politeness and robots.txt."""
    host = (parts.hostname or "").rstrip(".")
    port = parts.port
    return host if port is None or port == WEB_PORTS.get(parts.scheme) else f"{host}:{port}"


def check_url(url: str, source: Source, allowance: Allowance = NOTHING) -> str:
    """The host key of a URL that may be fetched for a source. Raises Refused."""
    if len(url) > MAX_URL_LENGTH:
        raise Refused(Outcome.BAD_URL, f"{len(url)} characters; the limit is {MAX_URL_LENGTH}")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused(Outcome.BAD_URL, "contains a space, a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(Outcome.BAD_URL, str(error)) from error
    if parts.scheme not in WEB_PORTS:
        raise Refused(Outcome.BAD_URL, f"scheme {parts.scheme!r}; only http and https are fetched")
    if parts.username is not None or parts.password is not None:
        raise Refused(Outcome.BAD_URL, "contains a user name or password")
    host = (parts.hostname or "").rstrip(".")
    _check_host(host, source)
    if is_local_name(host):
        if (port or WEB_PORTS[parts.scheme]) not in allowance.ports:
            raise Refused(Outcome.BLOCKED_ADDRESS, f"{host}: loopback port not allowed; say allow=127.0.0.1:PORT")
    elif port is not None and port not in WEB_PORTS.values():
        raise Refused(Outcome.BAD_URL, f"port {port}; only 80 and 443 are fetched")
    return host_key(parts)


def _check_host(host: str, source: Source) -> None:
    address = literal_address(host)
    if address is not None and not is_public(address):
        raise Refused(Outcome.BLOCKED_ADDRESS, f"{host} is {address}, which is not public")
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Refused(Outcome.BAD_URL, f"host {host!r}: {error}") from error
    if address is None and not _HOST.fullmatch(ascii_host):
        raise Refused(Outcome.BAD_URL, f"host {host!r} is not a host name")
    if address is not None or not source.owns(ascii_host):
        raise Refused(Outcome.OFF_SITE, f"{host} is not a host of {source.name}; add it to extra_hosts if it should be")
