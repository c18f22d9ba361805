"""What benchmarks/cleaning.py counts: pages that are lost, rejected pages, and what site memory gains."""

import gzip
import json
from functools import partial
from pathlib import Path

import pytest

from benchmarks.cleaning_scores import Answer, Scores
from benchmarks.cleaning_templates import gains_of, print_gains
from benchmarks.fold_models import FILE, stored_model
from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.pipeline import clean
from cleaning.records import Cleaned, RawPage, SourceFacts
from tests.cleaning.pages import FETCHED

ROW = {"id": "1", "text": "one two three four", "with": ["one two"], "without": ["share this"], "title": "Ferry: hens"}
SUPPORT = "The Valley is owned by its readers and prints what the council would rather not see."


def test_a_page_is_worse_where_it_is_lost_here_and_readable_there() -> None:
    ours, peer = Scores(), Scores()
    peer.add(ROW, Answer("one two three four share this", seconds=0.04))
    ours.add(ROW, Answer("five", "ferry hens", seconds=0.01))
    assert ours.worse_than(peer) == ["1"]
    figures = ours.figures(peer)
    assert (figures["f1"], figures["lost"], figures["worse"], figures["title"]) == (0, 1, 1, 1)
    assert figures["speed"] == pytest.approx(4)
    assert peer.figures(peer)["kept"] == 1


def test_a_rejected_page_scores_with_what_was_printed_of_it() -> None:
    scores = Scores()
    scores.add(ROW, Answer(rejected="empty: no text was found"))
    scores.add(ROW | {"id": "2"}, Answer(str(ROW["text"]), rejected="too-short: 4 words, the least is 25"))
    figures = scores.figures(scores)
    assert (figures["f1"], figures["rejected"]) == (0.5, 2)
    assert "speed" not in figures


def test_a_model_that_was_not_kept_is_none(tmp_path: Path) -> None:
    assert stored_model(0, 5, None) is None
    assert stored_model(0, 5, tmp_path) is None
    assert FILE.format(fold=0, folds=5) == "fold-0-of-5.npz"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


def run(rules: RuleSet, row: dict[str, object], body: bytes, templates: SiteTemplates | None) -> Cleaned:
    return clean(RawPage(str(row["url"]), "x", body, FETCHED, "", "", 0), SourceFacts("x"), rules, templates)


def test_site_memory_gains_on_a_host_of_five_pages_and_no_page_loses_its_own_text(
    tmp_path: Path, rules: RuleSet, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    for number in range(5):
        own = [f"In week {number} the {word} of the harbour was told to wait until {number + 4} boats had left, said the master." for word in ("pilot", "cook", "mate", "clerk")]  # fmt: skip # noqa: E501
        title = f"Story number {number} about the harbour wall"
        body = "".join(f"<p>{text}</p>" for text in (*own[:2], SUPPORT, *own[2:]))
        (tmp_path / f"{number}.gz").write_bytes(
            gzip.compress(f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{body}</article>".encode())
        )
        rows.append({"id": f"p{number}", "html": f"{number}.gz", "text": "\n".join(own)})
        rows[-1]["url"] = f"https://example.com/{number}"
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = gains_of(tmp_path, partial(run, rules))
    assert [gain.taken for gain in found["example.com"]] == [(SUPPORT,)] * 5
    assert all(gain.by_site[1] > gain.without[1] and not gain.lost for gain in found["example.com"])
    assert print_gains("corpus", found) == 0
    told = capsys.readouterr().out
    assert "5 pages lose 5 lines; 0 lose text of their own" in told
    assert "example.com" in told
