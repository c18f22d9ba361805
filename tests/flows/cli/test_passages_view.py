"""`newsmill inspect --cluster`: a copy beside its article, with what both have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.cli.reading.inspect import _marked, _print_passages
from flows.lake.lookup import find
from tests.cleaning.duplicates.news import article as news
from tests.flows.duplicates.test_detector import made
from tests.flows.duplicates.test_reuse import published


def test_article_and_copy_stand_side_by_side_from_either_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = replace(made(1, news(1)), source="wire")
    copy = replace(made(2, f"{news(3, sentences=2)}\n{original.text}", day=1), source="paper")
    published(tmp_path, original, copy)
    for identity in (original.article_id, copy.article_id):
        found = find(tmp_path, identity)
        assert found is not None
        _print_passages(tmp_path, found)
        printed = capsys.readouterr().out
        assert "passages: 1, " in printed
        assert "wire" in printed
        assert "paper" in printed


def test_only_what_is_shared_is_marked() -> None:
    marked = _marked("one two three", [(4, 7)])
    assert [(marked.plain[s.start : s.end], s.style) for s in marked.spans] == [("two", "bold reverse")]
