"""The body of a page: the block model, with trafilatura as its second opinion, as lines in order.

Facts of the source (XPaths of a layout version) narrow the choice; they never widen it to what nothing else takes for
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from lxml import html

from cleaning.blocks import Block, Judgement, Page, Verdict, correct, judge, second_opinion, segment, settle, unsure
from cleaning.boilerplate.structure import RemovedLine
from cleaning.lines import Line
from cleaning.quality import TIME_OF_DAY
from cleaning.records import LayoutVersion

TRAFILATURA = f"trafilatura-{version('trafilatura')}"
EXTRACTOR = f"blocks+{TRAFILATURA}"
# in a body that the source's own XPath names, only what is practically certain to be boilerplate is removed
SURE_BOILERPLATE = 0.9
# share of its characters inside links from which a block is one link (a bullet or a date may stand beside it), and
# number of words from which that link is a headline
ONE_LINK = 0.8
HEADLINE_WORDS = 4
MAX_TIME_CHARS = 60
# a list item or table row with a higher boilerplate probability is removed
SURE_LIST = 0.97
# a plain item: at most this share of its characters inside links, at least this many words
MAX_ITEM_LINKS = 0.05
MIN_ITEM_WORDS = 3
# comments are lists too: if the model keeps one of them, those around it are not the article's items
COMMENTS = re.compile("comment|kommentar|disqus|respond|replies", re.IGNORECASE)
PRUNED = RemovedLine("source/prune", "The source's own facts say that this element is never text.")


@dataclass(frozen=True, slots=True)
class Seen:
    """Evidence from the whole page for the verdict, whether extracted or not."""

    captions: int
    caption_words: int
    headline_links: int  # number of blocks that are links of several words
    link_words: int  # in them
    times: int  # number of blocks that are a time of day


@dataclass(frozen=True, slots=True)
class Extraction:
    """The candidate region of a page: its lines, and which of them the model removes."""

    lines: tuple[Line, ...]
    taken: dict[int, RemovedLine]  # by index into lines
    extractor: str
    seen: Seen
    confidence: float  # word F1 to expect of the choice, calibrated, 0 to 1
    flags: tuple[str, ...] = ()


def era_of(eras: tuple[LayoutVersion, ...], published: date) -> LayoutVersion | None:
    """The first layout version that covers a publication date: from start up to but not including end."""
    for era in eras:
        if (era.start is None or era.start <= published) and (era.end is None or published < era.end):
            return era
    return None


def _find(tree: html.HtmlElement, paths: tuple[str, ...]) -> list[html.HtmlElement]:
    """Elements matching any of the XPaths; the catalogue has checked their syntax."""
    return [found for path in paths for found in tree.xpath(path) if isinstance(found, html.HtmlElement)]


def _below(page: Page, roots: list[html.HtmlElement]) -> set[int]:
    """Indexes of the blocks in or below any of these elements."""
    wanted = set(roots)
    inside: set[int] = set()
    for number, element in enumerate(page.elements.node):
        parent = page.elements.parent[number]
        if parent in inside or element in wanted:
            inside.add(number)
    return {n for n, element in enumerate(page.runs.element) if element in inside}


def _judge(tree: html.HtmlElement, page: Page, *, fast: bool) -> Judgement:
    """The model alone if it is sure (sooner in fast mode); else with trafilatura's answer, which uses up the tree."""
    alone = judge(page, None)
    if not unsure(alone, fast=fast):
        return correct(alone, alone)
    return correct(settle(alone, judge(page, second_opinion(tree, page))), alone)


def _stays_between(verdicts: Sequence[Verdict]) -> set[int]:
    """Positions of plain lists and tables that the model would remove from between two lines that it keeps.

    There they belong to the article: on 500 known pages this is right for lists and four times in five for tables, and
    wrong as often as right for anything else.
    """
    stays: set[int] = set()
    run: list[int] = []
    before: Block | None = None
    for place, verdict in enumerate(verdicts):
        if not verdict.keep:
            run.append(place)
            continue
        if before is not None:
            plain = [n for n in run if _is_plain(verdicts[n])]
            # a box may be placed in the middle of a list that has begun
            begun = before.kind == "list-item" or before.text.endswith(":")
            if len(plain) == len(run):
                stays.update(plain)
            else:
                stays.update(n for n in plain if begun and verdicts[n].block.kind == "list-item")
                stays.update(_rows(verdicts, plain))
        run, before = [], verdict.block
    return stays


def _rows(verdicts: Sequence[Verdict], plain: Sequence[int]) -> Iterator[int]:
    """Those positions that are rows of a table with several rows, which may have a box before or after it."""
    rows = [n for n in plain if verdicts[n].block.kind == "table"]
    chosen = set(rows)
    for n in rows:
        if n - 1 in chosen or n + 1 in chosen:
            yield n


def _is_plain(verdict: Verdict) -> bool:
    """Whether a block can be an item of a list, or a row of a table, that belongs to the article."""
    block = verdict.block
    if block.kind not in ("table", "list-item") or verdict.probability >= SURE_LIST or verdict.override:
        return False
    if block.link_density >= MAX_ITEM_LINKS or COMMENTS.search(block.path):
        return False
    line = Line(block.text, block.kind, block.link_density)
    return block.kind == "table" or (line.words >= MIN_ITEM_WORDS and line.ends_sentence)


def _seen(page: Page) -> Seen:
    captions = caption_words = links = link_words = times = 0
    for number, (text, kind, linked) in enumerate(zip(page.texts, page.kinds, page.runs.linked, strict=True)):
        if kind == "caption":
            captions += 1
            caption_words += page.words(number)
        elif linked > ONE_LINK * len(text):
            words = page.words(number)
            if words >= HEADLINE_WORDS:
                links += 1
                link_words += words
        elif len(text) <= MAX_TIME_CHARS and TIME_OF_DAY.match(text):
            times += 1
    return Seen(captions, caption_words, links, link_words, times)


def extract(tree: html.HtmlElement, era: LayoutVersion | None = None, *, fast: bool = False) -> Extraction:
    """The body of a page as lines. Drops elements from the tree: read the metadata before calling it."""
    page = segment(tree)
    body = _below(page, _find(tree, era.body)) if era and era.body else None
    pruned = _below(page, _find(tree, era.prune)) if era and era.prune else set()
    judgement = _judge(tree, page, fast=fast)
    seen = _seen(page)
    lines: list[Line] = []
    taken: dict[int, RemovedLine] = {}
    embedded = False
    stays = _stays_between(judgement.verdicts)
    for place, verdict in enumerate(judgement.verdicts):
        block = verdict.block
        if body and block.index not in body:
            continue
        number = len(lines)
        words = page.words(block.index)
        lines.append(Line(block.text, block.kind, block.link_density, verdict.probability, counted=words))
        by = verdict.override
        keep = verdict.probability < SURE_BOILERPLATE if body else verdict.keep or place in stays
        if block.index in pruned:
            taken[number] = PRUNED
        elif not keep and by is not None:
            taken[number] = RemovedLine(by.rule, by.why)
        elif not keep:
            why = f"The block model takes it for boilerplate (probability {verdict.probability:.2f})."
            taken[number] = RemovedLine("model/boilerplate", why, round(verdict.probability, 4))
        embedded |= keep and block.kind == "pseudo"
    flags = ("json-ld-rescue",) * embedded + ("second-opinion",) * (judgement.origin == "trafilatura")
    extractor = TRAFILATURA if judgement.origin == "trafilatura" else EXTRACTOR if judgement.asked else "blocks"
    return Extraction(tuple(lines), taken, extractor, seen, judgement.confidence, flags)
