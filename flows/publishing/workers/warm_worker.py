"""Imported once by the process from which workers are forked: loads rules, models and tables, which all then share."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from cleaning.boilerplate.rules import load_rules
from cleaning.language import language_of
from cleaning.metadata.date_parsing import parse
from cleaning.pipeline import clean
from cleaning.records import RawPage, SourceFacts

# Long enough for the block model to judge, and for its language, which the page does not state, to be identified.
PAGE = f"<html><body><article><h1>Lorem</h1>{'<p>Lorem ipsum dolor sit amet consectetur.</p>' * 9}</article>"


def warm_up() -> None:
    """Clean a page that needs everything: half a second that is then no page's own."""
    said = RawPage("https://example.org/", "", PAGE.encode(), datetime(2026, 1, 1, tzinfo=UTC), "", "", 0)
    clean(said, SourceFacts(""), load_rules())
    language_of(PAGE)
    parse("3 January 2026")


warm_up()
# What is there now stays: the collector need not look at it again, nor touch (and so copy) it in a forked process.
gc.collect()
gc.freeze()
