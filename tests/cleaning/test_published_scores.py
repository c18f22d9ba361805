"""The figures that the field publishes, against values worked out by hand from their definitions."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import pytest

from benchmarks.cleaning_peers import ask_peer, installed_peers
from benchmarks.cleaning_published import compare, print_published, save
from benchmarks.published_scores import figures, paired, rouge_lsum, score_page


def test_shingles_keep_case_and_count_repetitions() -> None:
    score = score_page("a b c d e", "a b c d E")
    assert (score.precision, score.recall, score.exact) == (0.5, 0.5, 0)
    twice = score_page("a b c d a b c d", "a b c d")
    assert (twice.precision, twice.recall) == (1 / 5, 1)


def test_a_text_shorter_than_a_shingle_is_one_and_no_text_is_none() -> None:
    assert score_page("one two", "one two").exact == 1
    assert score_page("one two", "one two").precision == 1
    empty = score_page("", "one two")
    assert isnan(empty.precision)
    assert empty.recall == 0


def test_f1_is_that_of_the_two_means_and_empty_answers_are_left_out_of_precision() -> None:
    found = figures([score_page("", "a b c d"), score_page("a b c d", "a b c d")])
    assert found["shingle P"][0] == 1
    assert found["shingle R"][0] == 0.5
    assert found["shingle F1"][0] == pytest.approx(2 / 3)
    assert found["exact"][0] == 0.5


def test_rouge_takes_for_each_gold_line_what_any_line_of_the_answer_holds_in_order() -> None:
    # Lin 2004, 3.2: union of w1 w2 and w1 w3 w5 is 4 of 5 words; the answer has 10 words
    assert rouge_lsum("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5") == pytest.approx(8 / 15)
    assert rouge_lsum("b a", "a b") == 0.5
    assert rouge_lsum("", "") == 1
    assert rouge_lsum("a", "") == 0


def test_a_paired_interval_holds_the_mean_and_is_a_point_where_all_pages_change_alike() -> None:
    assert paired([0.1, 0.5, 0.2], [0.2, 0.6, 0.3]) == pytest.approx((0.1, 0.1, 0.1))
    change, low, high = paired([0.0] * 20, [0.0] * 10 + [1.0] * 10)
    assert low < change == 0.5 < high


def test_a_gain_within_its_interval_is_called_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gold = "one two three four five"
    bad, good = score_page("six", gold), score_page(gold, gold)
    tools = {"peer": {"1": bad, "2": good}, "ours": {"1": good, "2": bad}, "best": {"1": good, "2": good}}
    print_published("corpus", tools, "peer")
    told = capsys.readouterr().out
    assert "ours − peer: +0.0000 [-1.0000, +1.0000], none" in told
    save(tmp_path / "run.json", {"corpus": tools})
    assert json.loads((tmp_path / "run.json").read_text())["corpus"]["best"] == {"1": 1, "2": 1}
    compare(tmp_path / "run.json", {"corpus": {"best": {"1": bad, "2": bad}}}, ("best",))
    assert "best − best of run.json: -1.0000" in capsys.readouterr().out


def test_an_installed_peer_is_asked_and_one_that_fails_has_no_text() -> None:
    text = "The ferry has sailed since May, and it carries two hundred hens and a piano that nobody can play. " * 3
    peers = installed_peers()
    assert text.strip() in ask_peer(peers["jusText"], f"<html><body><p>{text}</p></body></html>".encode())

    def broken(body: bytes) -> str:
        raise RuntimeError(body)

    assert ask_peer(broken, b"<p>") == ""
