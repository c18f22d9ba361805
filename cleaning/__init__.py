"""Turns news pages into clean articles: pure functions, no network, no clock, no disk writes.

newsmill is an application. Only the names in ``__all__`` here are for other programs to import, and keep their shape
within a minor version: :func:`clean`, :func:`clean_text`, :func:`load_rules`, and the records that they take and
return.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaning.boilerplate.rules import load_rules
    from cleaning.pipeline import clean, clean_text
    from cleaning.records import Article, Cleaned, RawPage, RawText, Rejection, SourceFacts

# The only place of the version: pyproject.toml reads it from here.
__version__ = "0.1.0"

# Imported on first use: of cleaning, a crawl process needs only the canonical form of URLs, not the models.
_HOMES = {
    "clean": "cleaning.pipeline",
    "clean_text": "cleaning.pipeline",
    "load_rules": "cleaning.boilerplate.rules",
    "Article": "cleaning.records",
    "Cleaned": "cleaning.records",
    "RawPage": "cleaning.records",
    "RawText": "cleaning.records",
    "Rejection": "cleaning.records",
    "SourceFacts": "cleaning.records",
}

__all__ = [
    "Article",
    "Cleaned",
    "RawPage",
    "RawText",
    "Rejection",
    "SourceFacts",
    "__version__",
    "clean",
    "clean_text",
    "load_rules",
]


def __getattr__(name: str) -> object:
    """One of the names above, from the module that defines it."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cleaning' has no attribute {name!r}")
