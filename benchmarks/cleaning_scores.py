"""Scores of cleaned pages against their corpus: text, snippets, metadata, time; and the tables that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from benchmarks.block_scores import word_scores
from cleaning.text import WORD, key, squash

WHOLE = 0.99  # word F1 from which a page is as good as perfect
LOST, READABLE = 0.5, 0.8  # a page under the one is lost; it is a shame where the peer has more than the other
# names of the columns, digits after the point
COLUMNS = {
    "f1": 4, "f1c": 4, "precision": 4, "recall": 4, "f1_99": 4, "lost": 0, "worse": 0, "kept": 4, "snippet_f1": 4,
    "title": 4, "authors": 4, "date": 4, "rejected": 0, "ms": 1, "p50": 1, "p99": 1, "max": 1, "speed": 2,
}  # fmt: skip
LEGEND = f"""
f1, precision, recall: of words, mean over pages; f1c: with the characters of unspaced scripts as words; a rejected
page counts with the text that is printed of it, without authors and date. f1_99: share of pages from F1 {WHOLE}; lost:
pages under {LOST}; worse: of these, those where trafilatura has {READABLE} or more; kept: share of boilerplate snippets
that stayed; ms … max: CPU a page; speed: trafilatura's time as a multiple."""


@dataclass(slots=True)
class Answer:
    """What one tool said of one page."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""  # YYYY-MM-DD
    seconds: float | None = None  # of CPU; None where it was not measured
    rejected: str = ""  # reason and detail; "" for an article


@dataclass(slots=True)
class Scores:
    """Figures of one tool on one corpus."""

    f1: dict[str, float] = field(default_factory=dict)  # by page
    f1c: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    title: list[float] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    date: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    hit: int = 0
    wanted: int = 0
    kept: int = 0
    unwanted: int = 0
    rejected: dict[str, str] = field(default_factory=dict)  # page -> why

    def add(self, row: Mapping[str, object], answer: Answer) -> None:
        """Score one page."""
        name = str(row["id"])
        if answer.seconds is not None:
            self.seconds.append(answer.seconds)
        if answer.rejected:
            self.rejected[name] = answer.rejected
        if isinstance(row["text"], str):
            self.f1[name], precision, recall = word_scores(answer.text, row["text"])
            self.f1c.append(word_scores(answer.text, row["text"], WORD)[0])
            self.precision.append(precision)
            self.recall.append(recall)
        flat = squash(answer.text)
        stay, go = ([squash(str(x)) for x in _list(row.get(name))] for name in ("with", "without"))
        self.wanted, self.unwanted = self.wanted + len(stay), self.unwanted + len(go)
        self.hit += sum(x in flat for x in stay)
        self.kept += sum(x in flat for x in go)
        if row.get("title"):
            self.title.append(key(answer.title) == key(str(row["title"])))
        gold = {key(str(name)) for name in _list(row.get("authors"))}
        if gold:
            mine = {key(name) for name in answer.authors}
            self.authors.append(2 * len(gold & mine) / (len(gold) + len(mine)))
        if row.get("date"):
            self.date.append(answer.date == str(row["date"])[:10])

    def worse_than(self, peer: Scores) -> list[str]:
        """Pages that are lost here and readable there."""
        return [name for name, f1 in self.f1.items() if f1 < LOST and peer.f1[name] >= READABLE]

    def figures(self, peer: Scores) -> dict[str, float]:
        """Every figure that the corpus can tell; shares 0 to 1, times in milliseconds of CPU a page."""
        lists = {"f1c": self.f1c, "precision": self.precision, "recall": self.recall}
        lists |= {"title": self.title, "authors": self.authors, "date": self.date}
        found: dict[str, float] = {name: fmean(values) for name, values in lists.items() if values}
        if self.f1:
            scores = self.f1.values()
            found |= {"f1": fmean(scores), "f1_99": fmean(value >= WHOLE for value in scores)}
            found |= {"lost": sum(value < LOST for value in scores), "worse": len(self.worse_than(peer))}
        if self.unwanted:
            found["kept"] = self.kept / self.unwanted
            found["snippet_f1"] = 2 * self.hit / (self.hit + self.wanted + self.kept)
        if self.seconds:
            ms = sorted(1000 * value for value in self.seconds)
            found |= {"ms": fmean(ms), "p50": median(ms), "p99": ms[int(0.99 * len(ms))], "max": ms[-1]}
            found["speed"] = sum(peer.seconds) / sum(self.seconds)
        return found | {"rejected": len(self.rejected)}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def print_figures(corpus: str, figures: Mapping[str, Mapping[str, float]]) -> None:
    """One table a corpus."""
    print(f"\n{corpus:22}" + "".join(f"{name:>11}" for name in COLUMNS))
    for tool, found in figures.items():
        cells = (f"{found[n]:11.{digits}f}" if n in found else f"{'–':>11}" for n, digits in COLUMNS.items())
        print(f"{tool:22}" + "".join(cells))


def print_troubles(corpus: str, scores: Mapping[str, Scores], peer: Scores) -> None:
    """Pages that are lost where the peer reads them, and pages with a known text that are rejected, by name."""
    for tool, score in scores.items():
        for name in score.worse_than(peer):
            print(f"{corpus}/{name}: F1 {score.f1[name]:.2f} of {tool}, {peer.f1[name]:.2f} of trafilatura")
        for name, why in score.rejected.items():
            if name in score.f1:
                print(f"{corpus}/{name}: rejected by {tool}, {why}; trafilatura has F1 {peer.f1[name]:.2f}")
