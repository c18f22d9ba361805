"""The training of the block model (benchmarks/train_blocks.py), on a corpus written here."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks import block_forest
from benchmarks.block_data import Sample, read_corpus
from benchmarks.block_forest import export, train, write
from benchmarks.block_labels import align
from benchmarks.block_scores import word_scores
from cleaning.blocks.model import from_arrays
from cleaning.blocks.tokens import tokenise
from tests.cleaning.blocks.pages import PARAGRAPHS, news_page


def test_gold_words_are_spent_once_and_the_longer_block_has_them() -> None:
    sentence = "The second week was no better than the first one, she said."
    paragraph = f"{sentence} Nobody on the pier had thought it possible."
    share = align(tokenise([sentence, paragraph, "Read more"]), paragraph)
    assert share.tolist() == pytest.approx([0, 1, 0])


def test_a_short_block_counts_only_in_its_place() -> None:
    blocks = ["News", PARAGRAPHS[0], "The vote", PARAGRAPHS[1], "News", PARAGRAPHS[2]]
    gold = "\n".join((PARAGRAPHS[0], "The vote", PARAGRAPHS[1], "News", PARAGRAPHS[2]))
    assert align(tokenise(blocks), gold).tolist() == pytest.approx([0, 1, 1, 1, 1, 1])


def test_word_scores_are_those_of_bags_of_words() -> None:
    assert word_scores("a b b c", "b b d") == pytest.approx((4 / 7, 1 / 2, 2 / 3))
    assert word_scores("", "") == (1, 1, 1)
    assert word_scores("a", "") == (0, 0, 0)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("corpus")
    rng = random.Random(5)
    rows = []
    for number in range(24):
        order = rng.sample(PARAGRAPHS, len(PARAGRAPHS))
        page = news_page()
        for place, paragraph in enumerate(PARAGRAPHS):
            page = page.replace(f"<p>{paragraph}</p>", f"<p>@{place}</p>")
        for place, paragraph in enumerate(order):
            page = page.replace(f"<p>@{place}</p>", f"<p>{paragraph} {rng.random()}</p>")
        (folder / f"{number}.gz").write_bytes(gzip.compress(page.encode()))
        gold = "\n".join(order) if number % 3 else None
        row: dict[str, object] = {"id": str(number), "html": f"{number}.gz", "text": gold, "with": [order[0]]}
        row |= {"url": f"https://site{number % 8}.example/{number}", "without": ["Sign up for our newsletter"]}
        rows.append(row)
    (folder / "index.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return list(read_corpus(folder, news=True))


def test_pages_of_one_domain_share_a_fold(samples: list[Sample]) -> None:
    folds = {s.row["id"]: s.fold(5) for s in samples}
    assert folds["0"] == folds["8"] == folds["16"]
    assert len(set(folds.values())) > 1


def test_snippets_say_what_must_stay_and_what_must_go(samples: list[Sample]) -> None:
    sample = samples[0]
    assert sample.label is None
    assert sample.page.texts[int(np.flatnonzero(sample.must_go)[0])].startswith("Sign up for our newsletter")
    assert sample.must_stay.sum() == 1


def test_the_arrays_give_what_lightgbm_gives_and_training_again_gives_the_same_file(
    samples: list[Sample], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(block_forest, "TREES", 60)
    monkeypatch.setitem(block_forest.PARAMETERS, "min_data_in_leaf", 5)
    trained = train(samples)
    arrays = export(trained)
    model = from_arrays(arrays)
    for sample in samples[:4]:
        matrix = block_forest.features_of(sample, trained.together_features)
        expected = np.asarray(trained.together.predict(matrix, raw_score=True))
        got = model.together.raw(sample.alone | sample.together)
        alive = expected > -2
        assert alive.any()
        assert got[alive] == pytest.approx(expected[alive], abs=0.02)
        assert ((got > 0) == (expected > 0)).all()
    write(tmp_path / "one.npz", arrays)
    write(tmp_path / "two.npz", export(train(samples)))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
