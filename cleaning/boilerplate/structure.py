"""What the form of a text reveals without any word list: repeated headline, pull quote, headline of another story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cleaning.lines import Line
from cleaning.text import key

# a headline needs at least this many words for its repetition in the text to be recognised
MIN_TITLE_WORDS = 3
# a shorter quotation may occur twice on purpose
MIN_QUOTE_WORDS = 9
MAX_QUOTE_WORDS = 80  # no layout sets apart more than a short paragraph
MAX_BYLINE_WORDS = 30
MAX_BYLINE_EXTRA = 12  # "By …, political correspondent, published on 12 May 2024 at 14:30"
# a sentence of at least five words before a byline is a standfirst; before a bar and a credit it is a caption
LEADS_IN = re.compile(r"(?:\S+\s+){4,}?\S*[.!?…][\"”»’']?(?=\s+[^\W\d_])")
MAX_CAPTION_WORDS = 40
HEADLINE_WORDS = (7, 20)
NEIGHBOUR_WORDS = 25  # words of a prose paragraph above and below a lone headline
QUOTED = re.compile(r"^\W{0,2}[\"“”„«»‘’'「『‹]")
WORD = re.compile(r"[^\W\d_][\w'’-]*")
# words that a guide's subheading starts with, and a news headline rarely does
GUIDE_START = re.compile(
    r"^(?:how|why|what|when|where|who|which|the|a|an|is|are|do|does|can|should|step|tip|best|top|\d)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """Why a line is removed."""

    rule: str
    why: str
    probability: float | None = None


TITLE = RemovedLine("structure/title", "The headline again: it has a column of its own.")
PULL_QUOTE = RemovedLine("structure/pull-quote", "A quotation set apart that the text holds as well; one copy stays.")
REPEATED = RemovedLine("structure/repeated", "The same paragraph a second time.")
BYLINE = RemovedLine("structure/byline", "Names the authors: they have a column of their own.")
LONE_HEADLINE = RemovedLine("structure/lone-headline", "The headline of another story, alone between two paragraphs.")


def looks_like_caption(line: Line) -> bool:
    """Whether a line can be the caption that belongs to the credit below it."""
    return line.words <= MAX_CAPTION_WORDS and (line.kind == "caption" or not line.ends_sentence)


def title_like(line: Line) -> bool:
    """Whether a line can be the headline of the text that it opens."""
    return MIN_TITLE_WORDS <= line.words <= 30 and not line.text.endswith((".", ":", ";", ","))


def bylines(lines: Sequence[Line], authors: Sequence[str]) -> dict[int, RemovedLine]:
    """Short lines with the authors' names and next to nothing else: ``By Jane Doe, 12 May 2024``.

    A sentence that ends in a byline (``The harbour can do more. A comment by Jane Doe``) is not among them.
    """
    names = [f" {key(author)} " for author in authors if len(author.split()) > 1]
    found: dict[int, RemovedLine] = {}
    for number, line in enumerate(lines):
        if line.words > MAX_BYLINE_WORDS or not names:
            continue
        rest = f" {line.key} "
        for name in names:
            rest = rest.replace(name, " ")
        left = rest.split()
        named = len(line.key.split()) - len(left)
        lead = LEADS_IN.match(line.text)
        if lead and not any(name in f" {key(lead[0])} " for name in names):
            continue
        if named and len(left) <= MAX_BYLINE_EXTRA and (not line.ends_sentence or len(left) <= 2):
            found[number] = BYLINE
    return found


def find(lines: Sequence[Line], *, title: str) -> dict[int, RemovedLine]:
    """Lines removed because of their form, by index."""
    taken: dict[int, RemovedLine] = {}
    wanted = key(title)
    seen: dict[str, int] = {}
    for number, line in enumerate(lines):
        if wanted and line.key == wanted and (line.words >= MIN_TITLE_WORDS or line.kind == "heading"):
            taken[number] = TITLE
        elif line.words >= MIN_QUOTE_WORDS and line.key in seen:
            taken[number] = REPEATED
        else:
            seen.setdefault(line.key, number)
    padded = [f" {line.key} " for line in lines]
    for number, line in enumerate(lines):
        if number in taken or not MIN_QUOTE_WORDS <= line.words <= MAX_QUOTE_WORDS:
            continue
        # a key point that the text repeats is not a quotation: it stays
        if line.kind != "quote" and not QUOTED.match(line.text):
            continue
        words = padded[number]
        if any(len(text) > len(words) and words in text and other not in taken for other, text in enumerate(padded)):
            taken[number] = PULL_QUOTE
    return taken


def _title_case(words: Sequence[str]) -> bool:
    """Whether practically every word is capitalised, as in American headlines."""
    long = [word for word in words if len(word) > 3]
    return len(long) >= 4 and all(word[0].isupper() for word in long)


def _shared(words: set[str], line: Line) -> float:
    return len(words & set(line.key.split())) / len(words) if words else 0.0


def lone_headlines(lines: Sequence[Line]) -> dict[int, RemovedLine]:
    """Headlines of other stories between two paragraphs of prose, in a text without markup.

    A subheading looks alike, but stays, because of what distinguishes it: it comes in series, has few words, and leads
    into the paragraph below; a related headline stands alone, is Title Case while the text's other short lines are not,
    and shares its words with the text above rather than with what follows.
    """
    short = [n for n, line in enumerate(lines) if line.words < NEIGHBOUR_WORDS and not line.ends_sentence]
    found: dict[int, RemovedLine] = {}
    for number in short:
        if not 0 < number < len(lines) - 1:
            continue
        line, above, below = lines[number], lines[number - 1], lines[number + 1]
        words = WORD.findall(line.text)
        if (
            not HEADLINE_WORDS[0] <= len(words) <= HEADLINE_WORDS[1]
            or not _title_case(words)
            or GUIDE_START.match(line.text)
        ):
            continue
        if min(above.words, below.words) < NEIGHBOUR_WORDS or line.text.endswith(("?", ":")):
            continue
        telling = {word for word in line.key.split() if len(word) > 3}
        if _shared(telling, below) > _shared(telling, above):
            continue
        found[number] = LONE_HEADLINE
    # more than two are a series: then they are the text's own subheadings
    return found if len(found) <= 2 and len(short) <= len(found) + 2 else {}
