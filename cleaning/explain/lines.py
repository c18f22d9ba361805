"""The lines of a page as a reader sees them, and the fate of each: kept, removed by a rule, or never extracted.

A cleaned page does not record which line of the document a paragraph came from: extraction joins, splits and respaces
lines. So the result's pieces (kept paragraphs, removed lines) are looked up in the page by their
words: first as a whole line, then as part of a line, then as several lines that one piece spans.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cleaning.blocks import segment
from cleaning.blocks.page import PLACE, PSEUDO
from cleaning.lines import lines_of
from cleaning.page import PageError, parse
from cleaning.records import Article, Cleaned, RawPage, RawText, Removal
from cleaning.text import key, squash

# leading words by which candidates that contain a text are found
GRAM = 3


class LineStatus(StrEnum):
    """The fate of a stretch of the page's text."""

    KEPT = "kept"
    REMOVED = "removed"
    TITLE = "title"  # became the headline, which has its own column
    LEFT = "left"  # never extracted


@dataclass(frozen=True, slots=True)
class Stretch:
    """A line of the page, or part of one, with a single fate."""

    text: str
    fate: LineStatus = LineStatus.LEFT
    removal: Removal | None = None  # if it was removed
    paragraph: int | None = None  # if it was kept: index among the paragraphs of the article


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of the page."""

    stretches: tuple[Stretch, ...]
    kind: str = ""  # paragraph, heading … as in cleaning/blocks; pseudo: only in JSON-LD or script state
    hidden: bool = False  # the page itself hides it

    @property
    def fate(self) -> LineStatus:
        """The fate of the line: that of its kept part if it has one, otherwise that of its removed part."""
        fates = {stretch.fate for stretch in self.stretches}
        return next((fate for fate in LineStatus if fate in fates), LineStatus.LEFT)


@dataclass(frozen=True, slots=True)
class Account:
    """The fate of every line of a page."""

    lines: tuple[PageLine, ...]
    elsewhere: tuple[Stretch, ...] = ()  # extracted, but no line of the page contains it in these words
    unreadable: str = ""  # why the page has no lines; empty if it was read


@dataclass(frozen=True, slots=True)
class _Text:
    """A line or a piece in the form in which the two are compared."""

    stretch: Stretch
    words: tuple[str, ...]
    key: str

    @property
    def gram(self) -> tuple[str, ...]:
        return self.words[:GRAM]

    def holds(self, other: _Text) -> bool:
        return f" {other.key} " in f" {self.key} "


def _text(stretch: Stretch) -> _Text:
    words = key(stretch.text)
    return _Text(stretch, tuple(words.split()), words or stretch.text)


def account(page: RawPage | RawText, cleaned: Cleaned) -> Account:
    """Every line of a page in order, each with its fate. Pages that cannot be parsed have no lines."""
    try:
        lines = _lines(page)
    except PageError as error:
        return Account((), tuple(piece.stretch for piece in _pieces(cleaned)), error.detail)
    texts = [_text(line.stretches[0]) for line in lines]
    pieces = _pieces(cleaned)
    found = _whole(texts, pieces)
    _parts(texts, pieces, found)
    _several(texts, pieces, found)
    held: dict[int, list[Stretch]] = defaultdict(list)
    for number in sorted(found):
        for place in found[number]:
            held[place].append(pieces[number].stretch)
    title = key(cleaned.result.title or "")
    elsewhere = [piece.stretch for n, piece in enumerate(pieces) if n not in found]
    done: list[PageLine] = []
    for number, line in enumerate(lines):
        whole = line.stretches[0]
        if number in held:
            stretches, lost = _cut(whole, held[number])
            elsewhere += lost
        else:
            is_title = bool(title) and texts[number].key == title and line.kind in ("heading", "")
            stretches = (replace(whole, fate=LineStatus.TITLE) if is_title else whole,)
        done.append(replace(line, stretches=stretches))
    return Account(tuple(done), tuple(elsewhere))


def _lines(page: RawPage | RawText) -> list[PageLine]:
    if isinstance(page, RawText):
        return [PageLine((Stretch(line.text),)) for line in lines_of(page.text)]
    found = segment(parse(page.body, page.content_type).tree)
    lines = []
    for n, text in enumerate(found.texts):
        element = found.runs.element[n]
        hidden = element >= 0 and bool(found.elements.place[element] & PLACE["hidden"])
        lines.append(PageLine((Stretch(text),), PSEUDO if element < 0 else found.kind(n), hidden))
    return lines


def _pieces(cleaned: Cleaned) -> list[_Text]:
    """What was extracted: first the kept paragraphs, then the removed lines."""
    paragraphs = cleaned.result.text.split("\n\n") if isinstance(cleaned.result, Article) else []
    kept = [Stretch(text, LineStatus.KEPT, paragraph=n) for n, text in enumerate(paragraphs) if text]
    gone = [Stretch(r.text, LineStatus.REMOVED, removal=r) for r in cleaned.removals]
    return [_text(stretch) for stretch in kept + gone]


def _whole(lines: Sequence[_Text], pieces: Sequence[_Text]) -> dict[int, list[int]]:
    """Match pieces that are a whole line to that line.

    The same words may occur on a page several times (a headline in the menu, in a list, above the text). Words that
    occur once are certain; other pieces take the copy nearest to the piece before.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        places[line.key].append(number)
    sure = {n: places[p.key][0] for n, p in enumerate(pieces) if len(places.get(p.key, ())) == 1}
    found: dict[int, list[int]] = {}
    for fate in (LineStatus.KEPT, LineStatus.REMOVED):
        mine = [n for n, piece in enumerate(pieces) if piece.stretch.fate is fate]
        last = next((sure[n] for n in mine if n in sure), 0)
        for number in mine:
            free = places.get(pieces[number].key)
            if not free:
                continue
            at = bisect_left(free, last)
            if at == len(free) or (at and last - free[at - 1] < free[at] - last):
                at -= 1
            last = free.pop(at)
            found[number] = [last]
    return found


def _starts(texts: Iterable[tuple[int, _Text]]) -> dict[tuple[str, ...], list[int]]:
    starts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, text in texts:
        if text.words:
            starts[text.gram].append(number)
    return starts


def _inside(text: _Text, starts: dict[tuple[str, ...], list[int]]) -> Iterable[int]:
    """Entries whose first words occur somewhere in ``text``, without duplicates, in the order of the text."""
    seen: set[int] = set()
    for at in range(len(text.words)):
        for size in range(1, GRAM + 1):
            for number in starts.get(text.words[at : at + size], ()):
                if number not in seen:
                    seen.add(number)
                    yield number


def _parts(lines: Sequence[_Text], pieces: Sequence[_Text], found: dict[int, list[int]]) -> None:
    """Match pieces that are part of a line: a sentence that a rule removed, or text on one side of a line break."""
    taken = {line for places in found.values() for line in places}
    starts = _starts((n, piece) for n, piece in enumerate(pieces) if n not in found)
    for number, line in enumerate(lines):
        if number in taken or not starts:
            continue
        for n in _inside(line, starts):
            if n not in found and line.holds(pieces[n]):
                found[n] = [number]


def _several(lines: Sequence[_Text], pieces: Sequence[_Text], found: dict[int, list[int]]) -> None:
    """Match pieces that span several lines: list items, table cells, text around a nested block."""
    taken = {line for places in found.values() for line in places}
    free = [(n, line) for n, line in enumerate(lines) if n not in taken]
    starts = _starts((n, line) for n, line in free if len(line.words) >= GRAM)
    short = _starts((n, line) for n, line in free if len(line.words) < GRAM)
    for number, piece in enumerate(pieces):
        if number in found:
            continue
        places = {n for n in _inside(piece, starts) if n not in taken and piece.holds(lines[n])}
        # one or two words occur everywhere: they count only next to a certain line
        near = {n for n in _inside(piece, short) if n not in taken and piece.holds(lines[n])} if places else set()
        grown = [n for n in near if {n - 1, n + 1} & (places | near)]
        if places:
            found[number] = sorted(places.union(grown))
            taken.update(found[number])


def _cut(line: Stretch, held: Sequence[Stretch]) -> tuple[tuple[Stretch, ...], list[Stretch]]:
    """A line as stretches of one fate each, and the pieces whose letters are not found in it.

    If no piece is found by its letters (they differ in quotation marks, say), the first piece gets the whole line.
    """
    if len(held) == 1 and len(squash(held[0].text)) >= len(squash(line.text)):
        return (replace(held[0], text=line.text),), []
    cuts: list[tuple[int, int, Stretch]] = []
    lost: list[Stretch] = []
    after: dict[str, int] = {}
    for piece in held:
        start = line.text.find(piece.text, after.get(piece.text, 0))
        end = start + len(piece.text)
        if start < 0 or any(start < other_end and at < end for at, other_end, _ in cuts):
            lost.append(piece)
            continue
        cuts.append((start, end, piece))
        after[piece.text] = end
    if not cuts:
        return (replace(held[0], text=line.text),), lost[1:]
    stretches: list[Stretch] = []
    at = 0
    for start, end, piece in sorted(cuts, key=lambda cut: cut[0]):
        if between := line.text[at:start].strip():
            stretches.append(Stretch(between))
        stretches.append(piece)
        at = end
    if rest := line.text[at:].strip():
        stretches.append(Stretch(rest))
    return tuple(stretches), lost
