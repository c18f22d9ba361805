"""What a process does that cleans the user's own files."""

from __future__ import annotations

import time
from dataclasses import replace

from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.pipeline import clean, clean_text
from cleaning.records import Cleaned, RawPage
from flows.cli.cleaning.clean_inputs import Input


def clean_one(item: Input, templates: SiteTemplates | None, fast: bool) -> Cleaned:
    """Clean one input in this process; returns it with the CPU seconds it took."""
    rules = load_rules()
    started = time.process_time()
    if isinstance(item.page, RawPage):
        cleaned = clean(item.page, item.source, rules, templates, fast=fast)
    else:
        cleaned = clean_text(item.page, item.source, rules, templates)
    return replace(cleaned, seconds=time.process_time() - started)
