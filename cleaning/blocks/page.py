"""A page as arrays: its blocks, the elements that contain them, and what is known about both."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
from lxml import html
from numpy.typing import NDArray

from cleaning.blocks.tokens import Tokens
from cleaning.text import word_count

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int32]

# where a block is: bits that an element passes down to everything below it
PLACES = (
    "p", "heading", "li", "table", "caption", "quote", "header", "footer", "aside", "nav", "article", "main", "form",
    "button", "figure", "hidden", "pre", "dl", "details", "section", "a", "address",
)  # fmt: skip
PLACE = {name: 1 << n for n, name in enumerate(PLACES)}
PSEUDO = "pseudo"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of inline text of the page, split at block elements and double line breaks."""

    index: int  # position on the page, from 0
    text: str  # white space collapsed
    tag: str  # innermost block element, e.g. p; "" for pseudo-blocks
    kind: str  # paragraph, heading, list-item, quote, table, caption, other, pseudo
    link_density: float  # share of the characters inside links, 0 to 1
    page: Page = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        """Tags and first class from the root, e.g. html/body/div.story/p; "" for pseudo-blocks."""
        element = self.page.runs.element[self.index]
        return self.page.path(element) if element >= 0 else ""


@dataclass(slots=True, eq=False)
class Elements:
    """The block elements of a page that contain blocks, in document order; column lists of equal length."""

    node: list[html.HtmlElement] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)  # -1 for the root
    tag: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # class and id, joined by a space
    mask: list[int] = field(default_factory=list)  # word groups that its class and id name
    far: list[int] = field(default_factory=list)  # the same, of all ancestors and itself
    place: list[int] = field(default_factory=list)  # bits of PLACES, of all ancestors and itself
    shape: list[int] = field(default_factory=list)  # number of the pair tag, class
    depth: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)  # first block below it
    end: list[int] = field(default_factory=list)  # one past the last block below it


@dataclass(slots=True, eq=False)
class Runs:
    """The blocks of a page in document order; column lists of equal length, extended by the walk."""

    text: list[str] = field(default_factory=list)
    element: list[int] = field(default_factory=list)  # innermost block element; -1 for pseudo-blocks
    linked: list[int] = field(default_factory=list)  # characters inside links
    links: list[int] = field(default_factory=list)  # number of links
    strong: list[int] = field(default_factory=list)  # characters in bold or italics
    inline: list[int] = field(default_factory=list)  # word groups named by inline elements around the text


_KINDS = (
    ("caption", "caption"), ("figure", "caption"), ("heading", "heading"), ("table", "table"), ("li", "list-item"),
    ("quote", "quote"), ("p", "paragraph"),
)  # fmt: skip


@cache
def _kind(place: int) -> str:
    return next((kind for name, kind in _KINDS if place & PLACE[name]), "other")


@dataclass(eq=False)
class Page:
    """Blocks of a page and their elements; ``dom_blocks`` come from the document, pseudo-blocks follow them."""

    runs: Runs
    elements: Elements
    title: str = ""  # from the head, including og:title; "" if there is none
    description: str = ""  # from the head
    json_ld: str = ""  # articleBody, the longest one; "" if there is none
    empty: list[html.HtmlElement] = field(default_factory=list)  # outermost elements without any block
    tokens: Tokens | None = None  # filled when first judged
    columns: dict[str, Floats] | None = None  # features, filled when first judged
    paths: dict[int, str] = field(default_factory=dict)  # paths of elements, as far as they were requested

    def __len__(self) -> int:
        return len(self.runs.text)

    @property
    def texts(self) -> list[str]:
        """Texts of the blocks, in page order."""
        return self.runs.text

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks as objects; made on demand, since the model reads the arrays."""
        return [self.block(n) for n in range(len(self))]

    def block(self, n: int) -> Block:
        """The n-th block."""
        element = self.runs.element[n]
        text = self.runs.text[n]
        if element < 0:
            return Block(n, text, "", PSEUDO, 0.0, self)
        density = min(1.0, self.runs.linked[n] / max(1, len(text)))
        return Block(n, text, self.elements.tag[element], self.kind(n), density, self)

    @cached_property
    def _counted(self) -> list[int]:
        return self.tokens.count.tolist() if self.tokens is not None else [word_count(text) for text in self.texts]

    def words(self, n: int) -> int:
        """Number of words in the n-th block, as :func:`cleaning.text.word_count` counts; call it after the
        judgement."""
        # the model's words are the same except for the underscore, which joins two of them
        text = self.runs.text[n]
        return word_count(text) if "_" in text else self._counted[n]

    def kind(self, n: int) -> str:
        """The kind of the n-th block, by the elements around it."""
        return self.kinds[n]

    @cached_property
    def kinds(self) -> list[str]:
        """:meth:`kind` of every block."""
        places = self.elements.place
        return [_kind(places[element]) if element >= 0 else PSEUDO for element in self.runs.element]

    def path(self, element: int) -> str:
        """Tags from the root to an element, each with the first word of its class."""
        todo: list[int] = []
        while element >= 0 and element not in self.paths:
            todo.append(element)
            element = self.elements.parent[element]
        path = self.paths[element] if element >= 0 else ""
        for below in reversed(todo):
            name = self.elements.names[below].split(maxsplit=1)
            step = self.elements.tag[below] + (f".{name[0]}" if name else "")
            path = self.paths[below] = f"{path}/{step}" if path else step
        return path
