"""Findings: the results of a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. PROBLEM sets the exit code, for monitors."""

    OK = "ok"
    WARNING = "warning"  # works today; look at it
    PROBLEM = "problem"  # something is lost, refused or stuck


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check."""

    check: str  # what was looked at
    severity: Severity
    detail: str
    remedy: str = ""  # what to do; empty for OK
    fix: Callable[[], object] | None = None  # does it, if that is safe: nothing is lost


def ok(check: str, detail: str) -> Finding:
    """Nothing is wrong."""
    return Finding(check, Severity.OK, detail)


def warning(check: str, detail: str, remedy: str, fix: Callable[[], object] | None = None) -> Finding:
    """Works for now, but needs attention."""
    return Finding(check, Severity.WARNING, detail, remedy, fix)


def problem(check: str, detail: str, remedy: str, fix: Callable[[], object] | None = None) -> Finding:
    """Something is lost, refused or stuck."""
    return Finding(check, Severity.PROBLEM, detail, remedy, fix)
