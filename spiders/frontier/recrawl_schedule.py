"""When to visit again: an article that may have changed, a feed, a URL that failed. Pure and deterministic."""

from __future__ import annotations

import hashlib

HOUR = 3600.0
DAY = 24 * HOUR

# Corrections and updates come within the first days; Common Crawl and news studies see few changes after a week.
ARTICLE_AGE_MAX = 7 * DAY
ARTICLE_INTERVAL_MIN = HOUR
ARTICLE_INTERVAL_MAX = 2 * DAY
# A feed that has been quiet for a while is read again after a quarter of that time: a lively one in every run, a
# dormant one daily, and none is ever given up.
WAY_QUIET_SHARE = 0.25
WAY_INTERVAL_MIN = 300.0
WAY_INTERVAL_MAX = DAY
# A URL that failed for a transient reason is retried by later runs: after an hour, two, four, … five times in all.
FAILURE_INTERVAL = HOUR
FAILURE_INTERVAL_MAX = DAY
FAILURES_MAX = 5


# A page that is gone is asked again after a day, which confirms it, then after two, four, … 32: withdrawn texts come
# back within weeks or not at all.
GONE_INTERVAL = DAY
GONE_VISITS_MAX = 6
# Digits of the hash that chooses the sample: shares are exact to one in four thousand million.
SAMPLE_DIGITS = 8


def is_sampled(canonical: str, share: float) -> bool:
    """Whether a URL is one of the ``share`` (0 to 1) of its source's that are visited at any age.

    The same URLs each time, chosen by the hash of their canonical form.
    """
    digits = hashlib.sha256(canonical.encode()).hexdigest()[:SAMPLE_DIGITS]
    return int(digits, 16) < share * float(16**SAMPLE_DIGITS)


def next_gone_visit(now: float, gone_visits: int) -> float | None:
    """When to look whether a page that is gone is back; None after the last of these visits.

    ``gone_visits``: how many visits in a row had found it gone before this one.
    """
    return now + GONE_INTERVAL * 2.0**gone_visits if gone_visits < GONE_VISITS_MAX else None


def next_article_visit(
    now: float, born: float, *, interval: float | None, changed: bool, sampled: bool = False
) -> tuple[float | None, float | None]:
    """(due_at, interval) after a visit that got an answer; seconds since 1970, seconds.

    ``born``: publication time if known, otherwise when the URL was first seen. An article that changed is visited again
    twice as soon as before, one that did not half as often; None if it is too old to be visited again. A ``sampled``
    one is visited at any age, each time that has doubled.
    """
    if interval is None:
        step = max(ARTICLE_INTERVAL_MIN, (now - born) / 2)
    else:
        step = interval / 2 if changed else interval * 2
    step = min(max(step, ARTICLE_INTERVAL_MIN), ARTICLE_INTERVAL_MAX)
    due = now + step
    if due - born <= ARTICLE_AGE_MAX:
        return due, step
    return (now + max(step, now - born) if sampled else None), step


def next_endpoint_visit(now: float, changed_at: float, failures: int = 0) -> float:
    """When to read a feed or sitemap again: after a quarter of the time that it has been quiet, or with backoff.

    An interval below five minutes counts as due at once: a run that asks so soon has its reason.
    """
    step = WAY_INTERVAL_MIN * 2.0 ** min(failures - 2, 20) if failures else (now - changed_at) * WAY_QUIET_SHARE
    return now if step < WAY_INTERVAL_MIN else now + min(step, WAY_INTERVAL_MAX)


def next_attempt(now: float, failures: int) -> float | None:
    """When a later run retries a transient failure; None after the fifth, when only ``failures --retry`` helps."""
    if failures >= FAILURES_MAX:
        return None
    return now + min(FAILURE_INTERVAL * 2.0 ** (failures - 1), FAILURE_INTERVAL_MAX)
