"""Compares a lake with the truth of the sample web: every difference, by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path

from cleaning.urls import canonical_url
from flows.lake.store import Lake
from flows.sample.server import Logged
from flows.sample.truth import ArticleTruth, Truth
from spiders.frontier.frontier import Frontier

# The measure that public evaluations of text extraction use: multisets of words, case-folded.
WORD = re.compile(r"\w+")
# Share of pages whose text must match the truth word for word; the rest may differ in a line.
EXACT_SHARE = 0.95

Row = Mapping[str, object]
Pair = Callable[[Row, ArticleTruth], tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared: how many there are, how many are right, and the differences."""

    name: str
    total: int
    right: int
    wrong: tuple[str, ...] = ()
    least: int | None = None  # how many must be right; all if None

    @property
    def holds(self) -> bool:
        """Whether enough are right."""
        return self.right >= (self.total if self.least is None else self.least)


def word_f1(one: str, other: str) -> float:
    """Harmonic mean of word precision and recall, 0 to 1; 1 if both are empty."""
    a, b = Counter(WORD.findall(one.lower())), Counter(WORD.findall(other.lower()))
    if not a and not b:
        return 1.0
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values()))


def compare(root: Path, truth: Truth, requests: Iterable[Logged], frontier: Frontier) -> list[Check]:
    """All comparisons of a lake with the truth of one day.

    Args:
        root: the lake.
        truth: of the sample web that the lake was made from.
        requests: the server's own log.
        frontier: the lake's.
    """
    lake = Lake(root)
    articles = {str(r["canonical_url"]): r for r in lake.read("articles").to_pylist()}
    duplicates = {str(r["canonical_url"]): r for r in lake.read("duplicates").to_pylist()}
    rejected = {str(r["canonical_url"]): str(r["reason"]) for r in lake.read("rejected").to_pylist()}
    rows = articles | duplicates
    return [
        _rows(articles, duplicates, truth),
        _copies(articles, duplicates, truth),
        *_texts(rows, truth),
        _values("titles", rows, truth, lambda row, a: (row["title"], a.title)),
        _values("authors", rows, truth, lambda row, a: (tuple(_list(row["authors"])), a.authors)),
        _values("dates", rows, truth, lambda row, a: (row["published_at"], a.published)),
        _values("languages", rows, truth, lambda row, a: (row["language"], a.language)),
        _rejections(rejected, truth),
        _outcomes(frontier, truth),
        _requests(requests, truth),
    ]


def _rows(articles: Mapping[str, object], duplicates: Mapping[str, object], truth: Truth) -> Check:
    """Every story once: of an article and its copies, one is in `articles`, the others in `duplicates`."""
    wrong = [f"extra: {url}" for url in sorted(articles.keys() - truth.articles.keys())]
    for url in truth.originals:
        family = {url, *(c.url for c in truth.copies.values() if c.original == url)}
        rows = family & articles.keys()
        if len(rows) != 1:
            wrong.append(f"{len(rows)} rows of one story: {url}")
    wrong += [f"in both tables: {url}" for url in sorted(articles.keys() & duplicates.keys())]
    return Check("articles, each once", len(truth.originals), len(truth.originals) - len(wrong), tuple(wrong))


def _copies(articles: Mapping[str, Row], duplicates: Mapping[str, Row], truth: Truth) -> Check:
    """Every copy found: the pages of one story are in one cluster."""
    rows = {**articles, **duplicates}
    wrong = []
    for copy in truth.copies.values():
        if copy.url not in rows or copy.original not in rows:
            wrong.append(f"missing: {copy.url}")
        elif rows[copy.url]["cluster_id"] != rows[copy.original]["cluster_id"]:
            wrong.append(f"not found ({copy.how}): {copy.url}")
    wrong += [f"no copy: {url}" for url in sorted(duplicates.keys() - _of_families(truth))]
    return Check("copies, each found", len(truth.copies), len(truth.copies) - len(wrong), tuple(wrong))


def _of_families(truth: Truth) -> set[str]:
    return {c.url for c in truth.copies.values()} | {c.original for c in truth.copies.values()}


def _texts(rows: Mapping[str, Row], truth: Truth) -> list[Check]:
    exact, wrong, leaking = 0, [], []
    for url, article in truth.articles.items():
        text = str(rows[url]["text"]) if url in rows else ""
        score = word_f1(text, article.text)
        if score == 1.0:
            exact += 1
        else:
            wrong.append(f"F1 {score:.3f}: {url}")
        held = [line for line in truth.boilerplate[article.source] if line in text]
        leaking += [f"{line!r}: {url}" for line in held]
    total = len(truth.articles)
    return [
        Check("texts, word for word", total, exact, tuple(wrong), least=ceil(EXACT_SHARE * total)),
        Check("texts free of boilerplate", total, total - len(leaking), tuple(leaking)),
    ]


def _values(name: str, rows: Mapping[str, Row], truth: Truth, pair: Pair) -> Check:
    wrong = []
    for url, article in truth.articles.items():
        if url not in rows:
            wrong.append(f"missing: {url}")
            continue
        got, expected = pair(rows[url], article)
        if got != expected:
            wrong.append(f"{_as_text(got)} for {_as_text(expected)}: {url}")
    return Check(name, len(truth.articles), len(truth.articles) - len(wrong), tuple(wrong))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)


def _rejections(rejected: Mapping[str, str], truth: Truth) -> Check:
    wrong = [
        f"{rejected.get(url, 'not rejected')} for {reason.value}: {url}"
        for url, reason in truth.rejected.items()
        if rejected.get(url) != reason.value
    ]
    return Check("pages that are no article", len(truth.rejected), len(truth.rejected) - len(wrong), tuple(wrong))


def _outcomes(frontier: Frontier, truth: Truth) -> Check:
    """Each URL has one outcome, and a right one."""
    got = {canonical_url(url): outcome for url, outcome in frontier.outcomes().items()}
    wrong = [
        f"{got.get(canonical_url(url), 'none')} for {' or '.join(sorted(right))}: {url}"
        for url, right in truth.outcomes.items()
        if got.get(canonical_url(url)) not in right
    ]
    return Check("URLs, one right outcome each", len(truth.outcomes), len(truth.outcomes) - len(wrong), tuple(wrong))


def _requests(requests: Iterable[Logged], truth: Truth) -> Check:
    """No request that robots.txt or the address guard forbids, according to the server's own log."""
    asked = {f"http://{r.host}:{truth.port}{r.path}" for r in requests}
    wrong = sorted(asked & truth.forbidden)
    return Check("URLs never to be asked for", len(truth.forbidden), len(truth.forbidden) - len(wrong), tuple(wrong))
