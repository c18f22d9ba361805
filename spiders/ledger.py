"""The ledger: what became of every URL."""

from __future__ import annotations

from spiders.outcomes import Outcome, http_outcome

__all__ = ["Outcome", "http_outcome"]
