"""Removes boilerplate lines from a text, by rules and by the form of the text; every removal is accounted for.

Promise: the kept pieces and the removals together are exactly the lines that came in.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cleaning.boilerplate import structure
from cleaning.boilerplate.rules import MAX_LINE_CHARS, Matchers, Rule, Scope
from cleaning.boilerplate.structure import RemovedLine
from cleaning.lines import LINK_SHARE, Line
from cleaning.records import Removal

# a heading-block that would remove more of the text than this is the article's own heading
MAX_BLOCK_SHARE = 0.4
# below this boilerplate probability the model is so sure of a line that its form alone does not remove it: half of the
# paragraphs that occur twice on known pages occur twice in their known texts
SURE_TEXT = 0.15
# id suffixes of rules whose lines are in boxes with a heading of their own
BOXES = ("/newsletter", "/support")
# a tail may start only after this share of the words
TAIL_FROM = 0.4


@dataclass(frozen=True, slots=True)
class Stripped:
    """A text after its boilerplate was removed."""

    kept: tuple[Line, ...]
    removals: tuple[Removal, ...]
    last: int = 0  # index of the last kept line among the input lines


def _block_end(lines: Sequence[Line], start: int, *, markup: bool) -> int:
    """One past the last line of the list under a heading: up to the next prose.

    On a page the list consists of links; a list of plain items below "Recommended" is the article's own.
    """
    end = start + 1
    while end < len(lines) and not lines[end].is_prose and (not markup or lines[end].link_density >= LINK_SHARE):
        end += 1
    return end


def _by_rule(lines: Sequence[Line], matcher: Matchers, gone: Container[int], *, markup: bool) -> dict[int, RemovedLine]:
    """What the rules remove: lines that match, and what their scope adds to them."""
    taken: dict[int, RemovedLine] = {}
    total = sum(line.words for line in lines) or 1
    before = 0
    for number, line in enumerate(lines):
        read, before = before, before + line.words
        if number in taken or len(line.text) > MAX_LINE_CHARS:
            continue
        rule = _rule_of(lines, number, matcher, gone)
        if rule is None:
            continue
        removed = taken[number] = RemovedLine(rule.id, rule.why)
        if rule.scope is Scope.CAPTION:
            above = number - 1
            if above >= 0 and above not in taken and line.adjacent and structure.looks_like_caption(lines[above]):
                taken[above] = removed
        elif rule.scope is Scope.HEADING_BLOCK or (rule.scope is Scope.TAIL and read >= TAIL_FROM * total):
            for other in _below(lines, number, rule.scope, total, markup=markup):
                taken.setdefault(other, removed)
    return taken


def _rule_of(lines: Sequence[Line], number: int, matcher: Matchers, gone: Container[int]) -> Rule | None:
    """The rule that removes a line. A line that is already removed is only looked up by name, which costs hardly
    anything: unless it follows a heading that stays, since it may reveal what that heading is."""
    line = lines[number]
    below_heading = number > 0 and lines[number - 1].kind == "heading" and number - 1 not in gone
    return matcher.match(line.text, line.key) if below_heading or number not in gone else matcher.named(line.key)


def _below(lines: Sequence[Line], number: int, scope: Scope, total: int, *, markup: bool) -> Iterator[int]:
    """Lines that a rule removes below the one that it matches: none if they hold too many of the ``total`` words."""
    end = _block_end(lines, number, markup=markup) if scope is Scope.HEADING_BLOCK else len(lines)
    if sum(line.words for line in lines[number + 1 : end]) / total > MAX_BLOCK_SHARE:
        return
    for other in range(number + 1, end):
        # on a page the model has read the comments: prose that it keeps after them is the article continuing
        if not markup or not lines[other].is_prose:
            yield other


def _headings_of_boxes(lines: Sequence[Line], gone: Mapping[int, RemovedLine]) -> dict[int, RemovedLine]:
    """Headings directly above a line that asks readers to subscribe, follow or pay: the headings of that box."""
    return {
        number: gone[number + 1]
        for number, line in enumerate(lines[:-1])
        if line.kind == "heading"
        and number not in gone
        and number + 1 in gone
        and gone[number + 1].rule.endswith(BOXES)
    }


def _sentences(line: Line, matcher: Matchers) -> tuple[str, list[tuple[str, Rule]]]:
    """A line without the parts that sentence rules remove, and those parts."""
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
    matcher: Matchers,
    *,
    title: str,
    authors: Sequence[str] = (),
    markup: bool,
    taken: Mapping[int, RemovedLine] | None = None,
    extra: Callable[[Sequence[Line]], dict[int, RemovedLine]] | None = None,
) -> Stripped:
    """Remove boilerplate from the lines of one text.

    Args:
        lines: one page's lines, in order.
        matcher: rules for its language.
        title: its headline; empty if unknown.
        authors: names from the page's metadata.
        markup: whether the lines come from a page; without markup, the form of the text must carry more of the
        decision.
        taken: lines that extraction removes, by index. A rule that removes the same line replaces the reason.
        extra: decides about lines that the site repeats; called with the remaining lines.
    """
    model = dict(taken or {})
    gone = _by_rule(lines, matcher, model, markup=markup)
    gone |= _headings_of_boxes(lines, gone)

    def left() -> tuple[list[int], list[Line]]:
        numbers = [n for n in range(len(lines)) if n not in model and n not in gone]
        return numbers, [lines[n] for n in numbers]

    numbers, rest = left()
    for place, what in (structure.find(rest, title=title) | structure.bylines(rest, authors)).items():
        if what is structure.TITLE or rest[place].doubt >= SURE_TEXT:
            gone.setdefault(numbers[place], what)
    for decide in (structure.lone_headlines if not markup else None, extra):
        if decide is not None:
            numbers, rest = left()
            for place, what in decide(rest).items():
                gone.setdefault(numbers[place], what)
    return _apply(lines, matcher, gone, model)


def _apply(
    lines: Sequence[Line], matcher: Matchers, gone: Mapping[int, RemovedLine], model: Mapping[int, RemovedLine]
) -> Stripped:
    """Divide lines into kept and removed. Where both a rule and the model remove a line, the rule is the reason."""
    kept: list[Line] = []
    removals: list[Removal] = []
    last = 0
    for number, line in enumerate(lines):
        guess = model.get(number)
        cause = gone.get(number) or guess
        if cause is not None:
            probability = guess.probability if guess else cause.probability
            removals.append(Removal(number, line.text, cause.rule, cause.why, probability))
            continue
        last = number
        text, parts = _sentences(line, matcher)
        removals += [Removal(number, part, rule.id, rule.why) for part, rule in parts if part]
        if text:
            kept.append(line if not parts else Line(text, line.kind, line.link_density, line.doubt, line.adjacent))
    return Stripped(tuple(kept), tuple(removals), last)


def is_truncated(stripped: Stripped, text: str) -> bool:
    """Whether a text breaks off: it ends in dots, or a paywall notice or a read-more followed its last paragraph."""
    if text.rstrip().endswith(("…", "...", "[…]", "[...]")):
        return True
    notices = [removal.position for removal in stripped.removals if removal.rule.endswith("/paywall-notice")]
    return bool(notices) and max(notices) >= stripped.last
