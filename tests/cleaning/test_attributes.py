"""Attributes: what a page made to cost time costs. tests/faults/test_hostile_listings.py has the other attacks."""

from __future__ import annotations

import time

from cleaning.attributes import ATTRIBUTES_MAX, bounded_attributes


def test_tags_hidden_in_one_another_are_read_a_few_times_and_then_the_page_ends() -> None:
    nest = b"<p " * (ATTRIBUTES_MAX - 1) + b">"
    begun = time.process_time()
    cut = bounded_attributes(b"<p>words</p>" + nest * 400)
    assert time.process_time() - begun < 2
    assert b"<p>words</p>" <= cut < b"<p>words</p>" + nest * 400
    alone = nest + b"words " * 40_000
    assert bounded_attributes(alone) == alone
