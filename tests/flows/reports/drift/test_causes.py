"""Every outcome and rejection that can befall a whole site points to a cause, and each cause says what to do."""

from __future__ import annotations

import pytest

from cleaning.records import Reason
from flows.reports.drift.causes import Evidence, causes, likely_cause
from spiders.frontier.outcomes import MEANING, SUCCESS, Outcome

# Single pages meet these, whole sites do not; or they are newsmill's own.
NO_CAUSE_OUTCOMES = SUCCESS | {Outcome.GONE, Outcome.BAD_URL, Outcome.INTERNAL_ERROR}
NO_CAUSE_REASONS = {Reason.GALLERY, Reason.VIDEO, Reason.LIVE_TICKER, Reason.OTHER_LANGUAGE}


@pytest.mark.parametrize("outcome", sorted({*MEANING, "http-403", "http-404", "http-503"} - NO_CAUSE_OUTCOMES))
def test_every_outcome_has_a_cause(outcome: str) -> None:
    assert likely_cause([(Evidence.OUTCOME, outcome)]) is not None


@pytest.mark.parametrize("reason", sorted(set(Reason) - NO_CAUSE_REASONS))
def test_every_reason_for_a_rejection_has_a_cause(reason: str) -> None:
    assert likely_cause([(Evidence.REASON, reason)]) is not None


@pytest.mark.parametrize("name", sorted(causes()))
def test_every_cause_says_what_it_is_and_what_to_do(name: str) -> None:
    assert causes()[name].says
    assert causes()[name].remedy


@pytest.mark.parametrize(
    ("evidence", "cause"),
    [
        ([(Evidence.OUTCOME, "robots")], "robots-closed"),
        ([(Evidence.OUTCOME, "http-403")], "blocked"),
        ([(Evidence.OUTCOME, "tls-error")], "certificate"),
        ([(Evidence.OUTCOME, "http-502")], "site-down"),
        ([(Evidence.SIGNAL, "fill:authors")], "layout-changed"),
        ([(Evidence.SIGNAL, "rejections"), (Evidence.REASON, "consent-wall")], "consent-wall"),
        ([(Evidence.SIGNAL, "yield-low"), (Evidence.SIGNAL, "paywalled")], "paywall"),
        ([(Evidence.SIGNAL, "yield-low")], "silent"),
        ([], None),
    ],
)
def test_evidence_names_the_most_telling_cause(evidence: list[tuple[Evidence, str]], cause: str | None) -> None:
    found = likely_cause(evidence)
    assert (found.name if found else None) == cause
