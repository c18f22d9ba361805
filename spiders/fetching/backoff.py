"""How long to wait: Retry-After, backoff, throttle. Pure; :mod:`spiders.fetching.rate_limiter` does the waiting."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

# Wait after a 429 or 503 without Retry-After, or a broken connection; doubled each time.
BACKOFF_SECONDS = 2.0
# A longer wait helps nobody within a run; the next run starts afresh.
BACKOFF_MAX_SECONDS = 300.0
# A Retry-After is believed up to a day: beyond that the header is a mistake, such as a date next year.
RETRY_AFTER_MAX_SECONDS = 86_400.0
# The longest Crawl-delay that is obeyed: 720 requests a day still follow a newspaper. Above it the host is left out,
# since asking more often than it wishes is no choice of ours.
CRAWL_DELAY_MAX_SECONDS = 120.0
# The slowest pace the throttle chooses by itself, as Scrapy's AUTOTHROTTLE_MAX_DELAY.
THROTTLE_MAX_SECONDS = 60.0


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or HTTP date (RFC 9110, 10.2.3); None if there is none.

    ``now`` is in seconds since 1970. Capped at a day; a date in the past is 0.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = moment.timestamp() - now
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_SECONDS)


def backoff_seconds(strikes: int, base: float = BACKOFF_SECONDS) -> float:
    """The wait after the n-th refusal in a row: base, twice that, four times that, … capped."""
    return float(min(base * 2.0 ** min(max(strikes - 1, 0), 30), BACKOFF_MAX_SECONDS))


def throttled_delay(delay: float, latency: float, least: float, status: int) -> float:
    """The delay after a response whose first byte took ``latency`` seconds.

    Scrapy's AutoThrottle with a target of one concurrent request (docs.scrapy.org, "Throttling algorithm"): halfway to
    the latency, or all the way if that is slower, never below ``least``; an error page never makes it faster.
    """
    new = min(max((delay + latency) / 2.0, latency, least), max(THROTTLE_MAX_SECONDS, least))
    return delay if status != 200 and new < delay else new
