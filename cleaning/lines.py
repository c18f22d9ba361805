"""The lines of a text, and what their form alone reveals: prose, headline, caption."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from cleaning.text import key, squash, word_count

# end of a sentence, including closing quotation marks and brackets (Latin, Devanagari, Arabic, CJK)
SENTENCE_END = re.compile(r"[.!?…。！？؟۔।»:;]\W{0,3}$")
FULL_STOP = re.compile(r"[.…。।۔]\W{0,3}$")
# from this many words on, a line is prose whatever its end; the longest of 2,000 headlines in the corpora has 24
PROSE_WORDS = 26
# from this many words on, a line that ends like a sentence is prose
SENTENCE_WORDS = 8
# share of its characters inside links from which a line is a link
LINK_SHARE = 0.5


@dataclass(frozen=True)
class Line:
    """One line (paragraph, heading, list item) of an extracted text."""

    text: str  # squashed
    kind: str = ""  # paragraph, heading, list-item, quote, table, caption, other, pseudo; empty if there was no markup
    link_density: float = 0.0  # share of its characters inside links, 0 to 1
    doubt: float = 1.0  # the block model's boilerplate probability; 1 if no model was consulted
    adjacent: bool = False  # directly below the previous line, without a blank line
    counted: int | None = field(default=None, repr=False, compare=False)  # number of words, if its creator knows it

    @cached_property
    def key(self) -> str:
        """Its words, for look-ups."""
        return key(self.text)

    @cached_property
    def words(self) -> int:
        """Number of words."""
        return word_count(self.text) if self.counted is None else self.counted

    @cached_property
    def ends_sentence(self) -> bool:
        """Whether it ends like a sentence."""
        return SENTENCE_END.search(self.text) is not None

    @cached_property
    def is_prose(self) -> bool:
        """Whether it reads like a paragraph of an article, rather than a headline, label or link."""
        if self.link_density > 0.6:
            return False
        return self.words >= PROSE_WORDS or (self.words >= SENTENCE_WORDS and FULL_STOP.search(self.text) is not None)


@dataclass(frozen=True, slots=True)
class Teasers:
    """Lines of a page that begin as other stories of its site do."""

    stories: int = 0
    words: int = 0


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text; empty ones only mark the next as set apart."""
    found: list[Line] = []
    blank = True
    for raw in text.splitlines():
        line = squash(raw)
        if line:
            found.append(Line(line, adjacent=not blank))
        blank = not line
    return found


def join(lines: Iterable[str]) -> str:
    """Paragraphs as one text, a blank line between them."""
    return "\n\n".join(lines)
