"""Faults that a test switches on while the sample web runs: sites that fail, lag, or break the connection."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from enum import StrEnum

ROBOTS = "/robots.txt"


class Break(StrEnum):
    """Ways in which a connection ends before its response does."""

    RESET = "reset"  # the peer's TCP reset, before any byte
    HALF_BODY = "half-body"  # content-length promises the whole body; half of it arrives


@dataclass(slots=True)
class Fault:
    """What happens to matching requests; `times` counts down, None is forever."""

    host: str | None = None  # None: every host
    path: str | None = None  # None: every path but robots.txt
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    breaks: Break | None = None
    seconds: float = 0.0  # wait before responding
    times: int | None = None
    share: float = 1.0  # of the addresses, chosen by seed
    seed: int = 0

    def befalls(self, host: str, path: str) -> bool:
        """Whether a request for this address is hit."""
        if self.times == 0 or self.host not in {None, host}:
            return False
        if path != self.path if self.path is not None else path == ROBOTS:
            return False
        digest = hashlib.sha256(f"{self.seed} {host}{path}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.share * 2**64


class Faults:
    """The active faults; safe to change from a thread other than the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Activate a fault, ahead of those already active."""
        with self._lock:
            self._faults.insert(0, fault)

    def burst(self, host: str, status: int, times: int, path: str | None = None) -> None:
        """The next `times` requests to a host (or to one path of it) get `status`."""
        self.add(Fault(host, path, status, times=times))

    def always(self, host: str, status: int, path: str | None = None) -> None:
        """Every request to a host (or to one path of it) gets `status`."""
        self.add(Fault(host, path, status))

    def too_many(self, host: str, times: int, retry_after: int | None = None) -> None:
        """The next `times` requests get 429, without Retry-After unless one is given."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        self.add(Fault(host, None, 429, headers, times=times))

    def robots(self, host: str, status: int = 503) -> None:
        """A host's robots.txt answers `status` (RFC 9309: 5xx means that everything is disallowed)."""
        self.add(Fault(host, ROBOTS, status))

    def random(
        self, share: float, seed: int, status: int = 500, host: str | None = None, times: int | None = None
    ) -> None:
        """A share of all addresses fails: the same addresses for the same seed."""
        self.add(Fault(host, None, status, share=share, seed=seed, times=times))

    def latency(self, seconds: float, host: str | None = None) -> None:
        """Every response of a host (None: of all hosts) is delayed by this much."""
        self.add(Fault(host, seconds=seconds))

    def breaking(self, host: str, how: Break, path: str | None = None, times: int | None = None) -> None:
        """Connections to a host break."""
        self.add(Fault(host, path, breaks=how, times=times))

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults.clear()

    def strike(self, host: str, path: str) -> list[Fault]:
        """The faults that hit this request, newest first; counts them down."""
        with self._lock:
            struck = [f for f in self._faults if f.befalls(host, path)]
            for fault in struck:
                if fault.times is not None:
                    fault.times -= 1
            return struck


def reset(connection: socket.socket) -> None:
    """Make closing a connection send a TCP reset: SO_LINGER with a time of zero (POSIX)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
