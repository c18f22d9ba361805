"""How well cleaned texts fit a corpus: word F1, precision, recall, snippets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from benchmarks.block_data import Sample

_COLUMNS = (("F1", 8), ("P", 8), ("R", 8), (">=.99", 7), ("lost", 6), ("kept%", 7), ("snF1", 7))
_WORD = re.compile(r"\w+")


def word_scores(text: str, gold: str, word: re.Pattern[str] = _WORD) -> tuple[float, float, float]:
    r"""F1, precision and recall of the bags of lower-cased words, each 0 to 1.

    Words are ``\w+``, as WCXB counts them; with :data:`cleaning.text.WORD` the characters of scripts without spaces are
    words of their own, where otherwise a whole clause is one.
    """
    a, b = Counter(word.findall(text.lower())), Counter(word.findall(gold.lower()))
    if not a or not b:
        return (1.0, 1.0, 1.0) if not a and not b else (0.0, 0.0, 0.0)
    shared = (a & b).total()
    precision, recall = shared / a.total(), shared / b.total()
    return (2 * precision * recall / (precision + recall) if shared else 0.0), precision, recall


def _squash(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def print_table(title: str, samples: Sequence[Sample], texts: Mapping[str, str]) -> None:
    """One line a corpus. ``kept%``: of boilerplate snippets; ``snF1``: F1 of snippets; ``lost``: pages under .5."""
    print(
        f"\n{title}\n{'corpus':14}{'pages':>6}{'F1':>8}{'P':>8}{'R':>8}{'>=.99':>7}{'lost':>6}{'kept%':>7}{'snF1':>7}"
    )
    for corpus in dict.fromkeys(s.corpus for s in samples):
        own = [s for s in samples if s.corpus == corpus]
        scores = [word_scores(texts[s.key], s.row["text"]) for s in own if isinstance(s.row["text"], str)]
        hit = wanted = kept = unwanted = 0
        for s in own:
            flat = _squash(texts[s.key])
            stay, go = (s.row.get(name) or [] for name in ("with", "without"))
            wanted, unwanted = wanted + len(stay), unwanted + len(go)  # type: ignore[arg-type]
            hit += sum(_squash(x) in flat for x in stay)  # type: ignore[attr-defined]
            kept += sum(_squash(x) in flat for x in go)  # type: ignore[attr-defined]
        line = f"{corpus:14}{len(own):6}"
        if scores:
            line += "".join(f"{fmean(s[k] for s in scores):8.4f}" for k in range(3))
            line += f"{fmean(s[0] >= 0.99 for s in scores):7.3f}{sum(s[0] < 0.5 for s in scores):6}"
        else:
            line += " " * 37
        if unwanted:
            line += f"{100 * kept / unwanted:7.2f}{2 * hit / (hit + wanted + kept):7.4f}"
        print(line, flush=True)
