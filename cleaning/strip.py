"""Takes boilerplate lines out of a text: the rules, and what the form of the text tells; each removal is accounted for.

Promise: the kept pieces and the removals together are the lines that came in, nothing else and nothing less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cleaning import structure
from cleaning.boilerplate import Matcher, Rule, Scope
from cleaning.lines import Line
from cleaning.records import Removal
from cleaning.structure import Taken

# a heading-block that would take more of the text than this is the article's own heading
MAX_BLOCK_SHARE = 0.4
# a tail starts after this share of the words
TAIL_FROM = 0.4


@dataclass(frozen=True, slots=True)
class Stripped:
    """A text after its boilerplate went."""

    kept: tuple[Line, ...]
    removals: tuple[Removal, ...]


def _block_end(lines: Sequence[Line], start: int) -> int:
    """One past the last line that belongs to a list under a heading: up to the next prose."""
    end = start + 1
    while end < len(lines) and not lines[end].is_prose:
        end += 1
    return end


def _by_rule(lines: Sequence[Line], matcher: Matcher) -> dict[int, Taken]:
    taken: dict[int, Taken] = {}
    total = sum(line.words for line in lines) or 1
    before = 0
    for number, line in enumerate(lines):
        seen, before = before, before + line.words
        if number in taken:
            continue
        rule = matcher.match(line.text)
        if rule is None:
            continue
        taken[number] = Taken(rule.id, rule.why)
        if rule.scope is Scope.CAPTION:
            above = number - 1
            if above >= 0 and above not in taken and line.adjacent and structure.looks_like_caption(lines[above]):
                taken[above] = Taken(rule.id, rule.why)
            continue
        if rule.scope not in (Scope.HEADING_BLOCK, Scope.TAIL):
            continue
        end = _block_end(lines, number) if rule.scope is Scope.HEADING_BLOCK else len(lines)
        share = sum(line.words for line in lines[number + 1 : end]) / total
        if share > MAX_BLOCK_SHARE or (rule.scope is Scope.TAIL and seen < TAIL_FROM * total):
            continue
        for other in range(number + 1, end):
            taken.setdefault(other, Taken(rule.id, rule.why))
    return taken


def _sentences(line: Line, matcher: Matcher) -> tuple[str, list[tuple[str, Rule]]]:
    """A line without the parts that sentence rules take, and those parts."""
    hits = matcher.sentences(line.text)
    if not hits:
        return line.text, []
    kept, gone, at = [], [], 0
    for start, end, rule in hits:
        kept.append(line.text[at:start])
        gone.append((line.text[start:end].strip(), rule))
        at = end
    kept.append(line.text[at:])
    return " ".join(" ".join(kept).split()), gone


def strip(
    lines: Sequence[Line],
    matcher: Matcher,
    *,
    title: str,
    markup: bool,
    extra: Callable[[Sequence[Line]], dict[int, Taken]] | None = None,
) -> Stripped:
    """Take boilerplate out of the lines of one text.

    Args:
        lines: of one page, in order.
        matcher: rules for its language.
        title: its headline; empty where unknown.
        markup: whether the lines come from a page; without markup the form of the text has to tell more.
        extra: decisions from elsewhere, e.g. what the site repeats; asked before the rules.
    """
    taken: dict[int, Taken] = dict(extra(lines)) if extra else {}
    for number, what in structure.find(lines, title=title, markup=markup).items():
        taken.setdefault(number, what)
    for number, what in _by_rule(lines, matcher).items():
        taken.setdefault(number, what)
    if not markup:
        rest = [n for n in range(len(lines)) if n not in taken]
        for number, what in structure.lone_headlines([lines[n] for n in rest]).items():
            taken.setdefault(rest[number], what)
    kept: list[Line] = []
    removals: list[Removal] = []
    for number, line in enumerate(lines):
        what_or_none = taken.get(number)
        if what_or_none is not None:
            removals.append(Removal(number, line.text, what_or_none.rule, what_or_none.why, what_or_none.probability))
            continue
        text, gone = _sentences(line, matcher)
        removals += [Removal(number, part, rule.id, rule.why) for part, rule in gone if part]
        if text:
            kept.append(line if not gone else Line(text, line.kind, line.link_density, line.adjacent))
    return Stripped(tuple(kept), tuple(removals))
