"""What other programs may import, and the one place of the version."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata

import cleaning


def test_three_functions_clean_a_page_with_nothing_else_imported() -> None:
    body = "<html><body><article><h1>Ferry late</h1>" + "<p>The ferry was late by an hour on Monday.</p>" * 9
    page = cleaning.RawPage(
        url="https://example.org/2026/ferry",
        source="example",
        body=body.encode(),
        fetched_at=datetime(2026, 7, 1, tzinfo=UTC),
        run_id="",
        raw_file="",
        raw_offset=0,
    )
    cleaned = cleaning.clean(page, cleaning.SourceFacts(name="example"), cleaning.load_rules())
    assert isinstance(cleaned, cleaning.Cleaned)


def test_every_public_name_is_there() -> None:
    for name in cleaning.__all__:
        assert getattr(cleaning, name)


def test_importing_the_package_loads_no_model_and_no_extractor() -> None:
    code = "import cleaning, sys; assert not {'trafilatura', 'numpy', 'lxml'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_version_of_the_installation_is_that_of_the_package() -> None:
    assert metadata.version("newsmill") == cleaning.__version__
