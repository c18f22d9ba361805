"""Pages of a corpus as training samples: blocks, features, second opinion, labels and weights."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from tldextract import TLDExtract

from benchmarks.block_labels import align, holders
from cleaning.blocks.agreement import compare
from cleaning.blocks.features import describe
from cleaning.blocks.measures import Columns
from cleaning.blocks.opinion import second_opinion
from cleaning.blocks.page import Page
from cleaning.blocks.segment import segment
from cleaning.blocks.tokens import tokenise
from cleaning.page import PageError, parse

_DOMAIN = TLDExtract(suffix_list_urls=(), cache_dir=None)
PAGE_WEIGHT = (
    300.0  # all blocks of a page weigh about as much as its body, so that long pages do not outvote short ones
)
SHORT_PAGE = 50  # words below which a body counts as this long
UNKNOWN_BODY = 600  # words assumed of the body of a page that has only snippets


@dataclass(eq=False)
class Sample:
    """A page of a corpus, ready to learn from."""

    corpus: str
    row: dict[str, object]
    page: Page
    extracted: str  # the second opinion
    alone: Columns
    together: Columns
    words: NDArray[np.float64]
    label: NDArray[np.float64] | None  # share of each block that the gold text holds; None without a gold text
    must_stay: NDArray[np.bool_]  # blocks with a snippet of the text
    must_go: NDArray[np.bool_]  # blocks that are a snippet of boilerplate
    weight: NDArray[np.float64]
    is_news: bool

    @property
    def key(self) -> str:
        """Corpus and id."""
        return f"{self.corpus}/{self.row['id']}"

    def fold(self, folds: int) -> int:
        """Fold of the page."""
        return fold_of(self.row, folds)


def fold_of(row: Mapping[str, object], folds: int) -> int:
    """Fold of a page: all pages of a registered domain share one, in all corpora."""
    url = str(row.get("url") or row["id"])
    if url.startswith("hard::"):  # pages whose address is known by their file name only
        url = "http://" + url.removeprefix("hard::").split("-")[0]
    domain = _DOMAIN(url).top_domain_under_public_suffix or urlsplit(url).hostname or url
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % folds


def read_corpus(folder: Path, *, news: bool) -> Iterator[Sample]:
    """All pages of a corpus that can be parsed."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            try:
                tree = parse(gzip.decompress((folder / row["html"]).read_bytes())).tree
            except PageError as error:
                print(f"{folder.name}/{row['id']}: left out, {error}")
                continue
            page = segment(tree)
            extracted = second_opinion(tree, page)
            page.elements.node.clear()
            page.empty.clear()
            if len(page):
                yield _sample(folder.name, row, page, extracted, news)
            else:
                print(f"{folder.name}/{row['id']}: left out, no text")


def _sample(corpus: str, row: dict[str, object], page: Page, extracted: str, news: bool) -> Sample:
    tokens = tokenise(page.texts)
    alone = describe(page, tokens)
    words = tokens.count.astype(np.float64)
    gold = row["text"]
    label = align(tokens, gold) if isinstance(gold, str) else None
    stay, go = holders(page, row.get("with"), row.get("without"))
    body = max(float((label * words).sum()), SHORT_PAGE) if label is not None else UNKNOWN_BODY
    weight = np.minimum((words + 1) / body, 1.0) * PAGE_WEIGHT
    return Sample(
        corpus, row, page, extracted, alone, compare(page, tokens, extracted), words, label, stay, go, weight, news
    )
