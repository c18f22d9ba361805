"""News pages into clean articles: pure functions, no network, no clock, no disk writes.

newsmill is an application. Of its modules only what stands in ``__all__`` here is for other programs to import, and
keeps its shape within a minor version: :func:`clean`, :func:`clean_text`, :func:`load_rules`, and the records that they
take and give.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaning.boilerplate.rules import load_rules
    from cleaning.pipeline import clean, clean_text
    from cleaning.records import Article, Cleaned, RawPage, RawText, Rejection, SourceFacts

# The one place of the version: pyproject.toml reads it here.
__version__ = "0.1.0"

# Loaded when they are asked for: a crawl process needs of cleaning only how URLs are written, not the models.
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
