"""One table a corpus with the figures that the field publishes, and paired differences with their intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path

from benchmarks.published_scores import PageScore, figures, paired

Pages = Mapping[str, PageScore]  # of one tool, by page id


def print_published(corpus: str, tools: Mapping[str, Pages], peer: str) -> None:
    """A row a tool, each figure with its ±; below it each tool's word F1 against the peer's."""
    names = list(figures([next(iter(tools[peer].values()))]))
    print(f"\n{corpus}, {len(tools[peer])} pages\n{'':22}" + "".join(f"{name:>16}" for name in names))
    for tool, pages in tools.items():
        cells = (
            f"{value:.3f}" if isnan(spread) else f"{value:.3f} ± {spread:.3f}"
            for value, spread in figures(list(pages.values())).values()
        )
        print(f"{tool:22}" + "".join(f"{cell:>16}" for cell in cells))
    for tool, pages in tools.items():
        if tool != peer:
            print_difference(f"{tool} − {peer}", words_of(tools[peer]), words_of(pages))


def words_of(pages: Pages) -> dict[str, float]:
    """Word F1 by page."""
    return {page: score.words for page, score in pages.items()}


def print_difference(title: str, before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Mean difference of word F1 with its interval; a gain within it is called none."""
    shared = [page for page in after if page in before]
    change, low, high = paired([before[page] for page in shared], [after[page] for page in shared])
    verdict = "" if low > 0 or high < 0 else ", none: 0 lies within"
    print(f"  {title}: {change:+.4f} [{low:+.4f}, {high:+.4f}]{verdict}")


def save(path: Path, found: Mapping[str, Mapping[str, Pages]]) -> None:
    """Word F1 of each page, for a later run with ``--against``."""
    plain = {corpus: {tool: words_of(pages) for tool, pages in tools.items()} for corpus, tools in found.items()}
    path.write_text(json.dumps(plain), encoding="utf-8")


def compare(path: Path, found: Mapping[str, Mapping[str, Pages]], tools: Sequence[str]) -> None:
    """Differences to a saved run, tool by tool."""
    earlier: dict[str, dict[str, dict[str, float]]] = json.loads(path.read_text(encoding="utf-8"))
    for corpus, pages in found.items():
        for tool in tools:
            if tool in pages and tool in earlier.get(corpus, {}):
                print_difference(
                    f"{corpus}: {tool} − {tool} of {path.name}", earlier[corpus][tool], words_of(pages[tool])
                )
