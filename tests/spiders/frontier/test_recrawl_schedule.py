"""When to look again, and what says no."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiders.frontier.recrawl_schedule import (
    ARTICLE_AGE_MAX,
    DAY,
    HOUR,
    is_sampled,
    next_article_visit,
    next_attempt,
    next_endpoint_visit,
    next_gone_visit,
)

NOW = 1_000_000_000.0


def test_a_fresh_article_is_looked_at_soon_and_an_old_one_never() -> None:
    due, interval = next_article_visit(NOW, NOW - HOUR, interval=None, changed=False)
    assert (due, interval) == (NOW + HOUR, HOUR)
    assert next_article_visit(NOW, NOW - 30 * DAY, interval=None, changed=False)[0] is None


def test_what_changed_is_looked_at_sooner_and_what_did_not_later() -> None:
    born = NOW - DAY
    assert next_article_visit(NOW, born, interval=4 * HOUR, changed=True) == (NOW + 2 * HOUR, 2 * HOUR)
    assert next_article_visit(NOW, born, interval=4 * HOUR, changed=False) == (NOW + 8 * HOUR, 8 * HOUR)


@given(st.floats(0, 3 * ARTICLE_AGE_MAX), st.none() | st.floats(0, 10 * DAY), st.booleans())
def test_no_visit_is_due_in_the_past_or_after_a_week(age: float, interval: float | None, changed: bool) -> None:
    due, step = next_article_visit(NOW, NOW - age, interval=interval, changed=changed)
    assert step is not None
    assert due is None or NOW + HOUR <= due <= NOW - age + ARTICLE_AGE_MAX


def test_a_lively_feed_is_always_due_a_quiet_one_seldom_and_none_never() -> None:
    assert next_endpoint_visit(NOW, NOW - 600) == NOW
    assert next_endpoint_visit(NOW, NOW - 8 * HOUR) == NOW + 2 * HOUR
    assert next_endpoint_visit(NOW, NOW - 1_000 * DAY) == NOW + DAY
    assert next_endpoint_visit(NOW, NOW, failures=1) == NOW
    assert next_endpoint_visit(NOW, NOW, failures=500) == NOW + DAY


def test_a_passing_failure_is_tried_by_five_runs_ever_later() -> None:
    assert [next_attempt(NOW, n) for n in (1, 2, 3)] == [NOW + HOUR, NOW + 2 * HOUR, NOW + 4 * HOUR]
    assert next_attempt(NOW, 5) is None


def test_a_page_that_is_gone_is_asked_again_for_two_months() -> None:
    due = [next_gone_visit(NOW, visits) for visits in range(8)]
    assert [(moment - NOW) / DAY for moment in due if moment] == [1, 2, 4, 8, 16, 32]


def test_a_sampled_article_is_looked_at_whenever_its_age_has_doubled() -> None:
    assert next_article_visit(NOW, NOW - 30 * DAY, interval=None, changed=False, sampled=True)[0] == NOW + 30 * DAY
    assert next_article_visit(NOW, NOW - HOUR, interval=None, changed=False, sampled=True)[0] == NOW + HOUR


def test_the_sample_is_as_large_as_asked_for_and_grows_without_losing_anybody() -> None:
    urls = [f"https://post.example/{number}" for number in range(2_000)]
    few, many = ({url for url in urls if is_sampled(url, share)} for share in (0.05, 0.2))
    assert few < many
    assert 60 <= len(few) <= 140
    assert not any(is_sampled(url, 0.0) for url in urls)
    assert all(is_sampled(url, 1.0) for url in urls)
