"""The address guard at the place where a name becomes an address: what a crawl connects to was checked there."""

from __future__ import annotations

import ipaddress
from typing import Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.base import ReactorBase

from spiders.fetching.address_guard import LOOPBACK, NOTHING, Refused, is_local_name, is_public, literal_address
from spiders.frontier.outcomes import Outcome


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, but it refuses every address that is not public and remembers what it refused, by host.

    It is created before the spider, which sets ``allowance``.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.allowance = NOTHING
        self.refused: dict[str, str] = {}

    def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:
        """The checked address of a name. Fails with Refused."""
        address = literal_address(name)
        if address is not None:
            return defer.execute(self._checked, str(address), name)
        if is_local_name(name):
            if self.allowance.ports:
                return defer.succeed(LOOPBACK)
            return defer.execute(self._refuse, name, f"{name} is loopback")
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, answer: str, name: str) -> str:
        if is_public(ipaddress.ip_address(answer)):
            return answer
        return self._refuse(name, f"{name} resolves to {answer}, which is not public")

    def _refuse(self, name: str, detail: str) -> str:
        self.refused[name] = detail
        raise Refused(Outcome.BLOCKED_ADDRESS, detail)
