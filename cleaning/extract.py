"""The body of a page: the block model with trafilatura as its second opinion, as lines in order.

Facts of the source (XPaths of an era) narrow the choice; they never widen it to what no one else would take for text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from lxml import html

from cleaning.blocks import Judgement, Page, judge, second_opinion, segment, unsure
from cleaning.lines import Line
from cleaning.records import Era
from cleaning.structure import Taken

TRAFILATURA = f"trafilatura-{version('trafilatura')}"
EXTRACTOR = f"blocks+{TRAFILATURA}"
# below a body that the source's own XPath names, only what is practically sure to be boilerplate goes
SURE_BOILERPLATE = 0.9
PRUNED = Taken("source/prune", "The source's own facts say that this element is never text.")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The candidate region of a page: its lines, and which of them the model takes out."""

    lines: tuple[Line, ...]
    taken: dict[int, Taken]  # by index into lines
    extractor: str
    expected_f1: float  # word F1 that the page guard expects of the choice, 0 to 1
    flags: tuple[str, ...] = ()


def era_of(eras: tuple[Era, ...], published: date) -> Era | None:
    """The first era that a publication date falls into: from start up to but not including end."""
    for era in eras:
        if (era.start is None or era.start <= published) and (era.end is None or published < era.end):
            return era
    return None


def _find(tree: html.HtmlElement, paths: tuple[str, ...]) -> list[html.HtmlElement]:
    """Elements of all XPaths; the catalogue has checked their syntax."""
    return [found for path in paths for found in tree.xpath(path) if isinstance(found, html.HtmlElement)]


def _below(page: Page, roots: list[html.HtmlElement]) -> set[int]:
    """Indexes of the blocks that stand in or below any of these elements."""
    wanted = set(roots)
    inside: set[int] = set()
    for number, element in enumerate(page.elements.node):
        parent = page.elements.parent[number]
        if parent in inside or element in wanted:
            inside.add(number)
    return {n for n, element in enumerate(page.runs.element) if element in inside}


def _judge(tree: html.HtmlElement, page: Page, *, fast: bool) -> Judgement:
    """The model alone where a fast answer was asked for and it is sure, else with trafilatura's; the tree is used
    up."""
    if fast:
        alone = judge(page, None)
        if not unsure(alone):
            return alone
    return judge(page, second_opinion(tree, page))


def extract(tree: html.HtmlElement, era: Era | None = None, *, fast: bool = False) -> Extraction:
    """The body of a page as lines. Drops elements from the tree: read metadata before it."""
    page = segment(tree)
    body = _below(page, _find(tree, era.body)) if era and era.body else None
    pruned = _below(page, _find(tree, era.prune)) if era and era.prune else set()
    judgement = _judge(tree, page, fast=fast)
    lines: list[Line] = []
    taken: dict[int, Taken] = {}
    embedded = False
    for verdict in judgement.verdicts:
        block = verdict.block
        if body and block.index not in body:
            continue
        number = len(lines)
        lines.append(Line(block.text, block.kind, block.link_density))
        keep = verdict.probability < SURE_BOILERPLATE if body else verdict.keep
        if block.index in pruned:
            taken[number] = PRUNED
        elif not keep:
            why = f"The block model takes it for boilerplate (probability {verdict.probability:.2f})."
            taken[number] = Taken("model/boilerplate", why, round(verdict.probability, 4))
        embedded |= keep and block.kind == "pseudo"
    flags = ("json-ld-rescue",) * embedded + ("second-opinion",) * (judgement.origin == "trafilatura")
    extractor = TRAFILATURA if judgement.origin == "trafilatura" else EXTRACTOR if judgement.asked else "blocks"
    return Extraction(tuple(lines), taken, extractor, judgement.expected_f1, flags)
