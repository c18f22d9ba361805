"""How a URL's visit ends: the closed list of outcomes, with the meaning of each and whether it is transient."""

from __future__ import annotations

import re
from enum import StrEnum

_HTTP = re.compile(r"http-([1-5]\d\d)")


class Outcome(StrEnum):
    """The end of one visit to one URL; an HTTP error is ``http-NNN`` (:func:`http_outcome`) besides these."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    REVISION = "revision"
    MOVED = "moved"
    GONE = "gone"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    CRAWL_DELAY = "crawl-delay"
    OPTED_OUT = "opted-out"
    OFF_SITE = "off-site"
    BLOCKED_ADDRESS = "blocked-address"
    BAD_URL = "bad-url"
    NOT_HTML = "not-html"
    TOO_LARGE = "too-large"
    REDIRECT_LOOP = "redirect-loop"
    TIMEOUT = "timeout"
    CONNECTION_ERROR = "connection-error"
    DNS_ERROR = "dns-error"
    TLS_ERROR = "tls-error"
    TRUNCATED = "truncated"
    BAD_RESPONSE = "bad-response"
    RETRIES_EXHAUSTED = "retries-exhausted"
    INTERNAL_ERROR = "internal-error"


MEANING: dict[str, str] = {
    Outcome.FETCHED: "The page was read for the first time and is in the raw archive.",
    Outcome.UNCHANGED: "Read before; the server says 304, or the body is the same, byte for byte.",
    Outcome.REVISION: "Read before; the body differs, and the new one is in the raw archive.",
    Outcome.MOVED: "Redirects to a URL that has an outcome of its own.",
    Outcome.GONE: "Read before; answers 404 or 410 now.",
    Outcome.ROBOTS: "robots.txt forbids it; never requested.",
    Outcome.ROBOTS_UNREACHABLE: "robots.txt answers 5xx or not at all, which forbids the host (RFC 9309, 2.3.1.4).",
    Outcome.CRAWL_DELAY: "robots.txt asks for more than 120 s between requests; the host is left out.",
    Outcome.OPTED_OUT: "The response reserves archiving or text and data mining, and the source is set to obey.",
    Outcome.OFF_SITE: "The URL, or where it redirects to, is on no host that the catalogue names.",
    Outcome.BLOCKED_ADDRESS: "The host is, or resolves to, an address that is not public; never connected.",
    Outcome.BAD_URL: "A URL that must not be fetched: other scheme, port, credentials in it, too long, malformed.",
    Outcome.NOT_HTML: "The response is not a page: another content type.",
    Outcome.TOO_LARGE: "More bytes than limits.max_bytes, packed or not, or than 256 kB of headers; cut off there.",
    Outcome.REDIRECT_LOOP: "Redirects in a circle, or more than five times.",
    Outcome.TIMEOUT: "Not complete within politeness.timeout_seconds.",
    Outcome.CONNECTION_ERROR: "Connection refused, reset or lost before an answer, or cut at a header line over 16 kB.",
    Outcome.DNS_ERROR: "The host has no address.",
    Outcome.TLS_ERROR: "The certificate or the handshake failed.",
    Outcome.TRUNCATED: "Fewer bytes arrived than were declared.",
    Outcome.BAD_RESPONSE: "Not HTTP, a status that is not a number from 100 to 599, or a body not packed as it says.",
    Outcome.RETRIES_EXHAUSTED: "Every attempt failed, for different transient reasons; the detail lists them.",
    Outcome.INTERNAL_ERROR: "An internal error of newsmill; the detail holds the traceback. Please report it.",
}

KEPT = frozenset({Outcome.FETCHED, Outcome.REVISION})
"""Outcomes that put a response into the raw archive."""

SUCCESS = KEPT | {Outcome.UNCHANGED, Outcome.MOVED}
"""Outcomes that are not failures."""

PASSING = frozenset(
    {
        Outcome.ROBOTS_UNREACHABLE,
        Outcome.TIMEOUT,
        Outcome.CONNECTION_ERROR,
        Outcome.DNS_ERROR,
        Outcome.TRUNCATED,
        Outcome.BAD_RESPONSE,
        Outcome.RETRIES_EXHAUSTED,
    }
)
"""Transient failures: retried within the run, and enqueued again for later ones."""

# 408 and 425 ask for another attempt by definition (RFC 9110, RFC 8470), 429 by RFC 6585; of the 5xx, 501 and 505
# say that the server will never do it.
PASSING_STATUS = frozenset({408, 425, 429, *range(500, 600)} - {501, 505})


# A client treats any other number as a broken answer (RFC 9110, 15).
STATUSES = range(100, 600)


def http_outcome(status: int) -> str:
    """The outcome of a final HTTP status that is neither 2xx, 304 nor a redirect: ``http-404``."""
    return f"http-{status}" if status in STATUSES else Outcome.BAD_RESPONSE


def is_outcome(word: str) -> bool:
    """Whether a word is on the closed list."""
    return word in MEANING or _HTTP.fullmatch(word) is not None


def is_passing(outcome: str) -> bool:
    """Whether a failure is transient."""
    match = _HTTP.fullmatch(outcome)
    return outcome in PASSING or (match is not None and int(match[1]) in PASSING_STATUS)


def meaning(outcome: str) -> str:
    """One sentence for a person, also for a word that another release left in the frontier."""
    match = _HTTP.fullmatch(outcome)
    if match:
        return f"The server answered {match[1]}."
    return MEANING.get(outcome, "Not an outcome of this release; --retry fetches the URL again.")
