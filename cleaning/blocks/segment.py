"""Cuts the page tree into blocks: one walk, no recursion, linear in the size of the page."""

from __future__ import annotations

from lxml import etree, html

from cleaning.blocks.embedded import head_texts, json_ld_body, state_body
from cleaning.blocks.page import PLACE, Elements, Page, Runs
from cleaning.blocks.words.vocabulary import class_mask


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# elements whose text browsers do not show, or whose text is never prose
SKIPPED = _tags(
    """
    script style noscript template svg iframe object embed title base math canvas audio video select option textarea
    input link meta map progress datalist rp rt
    """
)
INLINE = _tags(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s samp small span
    strike strong sub sup time tt u var wbr img picture source ruby rb center-inline amp-img
    """
)
STRONG = frozenset(("b", "strong", "em", "i"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th"))
_PLACE_OF = {
    "p": "p", "li": "li", "table": "table", "figcaption": "caption", "caption": "caption", "blockquote": "quote",
    "header": "header", "footer": "footer", "aside": "aside", "nav": "nav", "article": "article", "main": "main",
    "form": "form", "button": "button", "figure": "figure", "pre": "pre", "dl": "dl", "details": "details",
    "section": "section", "address": "address",
} | dict.fromkeys(HEADINGS, "heading")  # fmt: skip
_TAG_PLACE = {tag: PLACE[name] for tag, name in _PLACE_OF.items()}
_ROLE_PLACE = {
    "navigation": PLACE["nav"], "banner": PLACE["header"], "contentinfo": PLACE["footer"], "main": PLACE["main"],
    "complementary": PLACE["aside"], "dialog": PLACE["form"], "heading": PLACE["heading"], "search": PLACE["form"],
}  # fmt: skip
# what a tag means to the walk, inline elements first; unlisted tags are blocks
_LINK, _STRONG, _INLINE, _BREAK, _SKIP, _BLOCK = range(6)
_KIND = (
    dict.fromkeys(SKIPPED, _SKIP) | dict.fromkeys(INLINE, _INLINE) | dict.fromkeys(STRONG, _STRONG)
    | {"a": _LINK, "br": _BREAK}
)  # fmt: skip
SHORT_CELL = 100  # in characters; shorter cells in one row belong to a table of data, not of layout
WORTH_STATE = 600  # characters of prose on the page below which script state is searched for the body
PROSE = 80  # characters from which a block without links counts as prose


class _Walk:
    """State of the walk: the elements seen, which of them is open, and the run of text being read."""

    def __init__(self) -> None:
        self.nodes: list[html.HtmlElement] = []
        self.tags: list[str] = []
        self.parents: list[int] = []
        self.firsts: list[int] = []
        self.ends: list[int] = []
        self.runs = Runs()
        self.current = -1
        self.row = -1  # element of the last block's table row, if that block was a short cell
        self.kinds: list[int] = []  # of the elements around the current text, outermost first
        self.opened = [0] * (_INLINE + 1)  # inline elements around the current text, by kind
        self.breaks = 0  # line breaks since the last text
        self.parts: list[str] = []
        self.linked = self.links = self.strong = self.inline = 0

    def reset(self) -> None:
        """Begin a new run of text."""
        self.parts = []
        self.linked = self.links = self.strong = self.inline = 0

    def start(self, el: html.HtmlElement) -> bool:
        """Enter an element; whether its content is to be read."""
        tag = el.tag
        kind = _KIND.get(tag, _BLOCK)
        self.kinds.append(kind)
        if kind == _BLOCK:
            self.open_block(el, tag)
        elif kind <= _INLINE:
            self.opened[kind] += 1
            if kind == _LINK:
                self.links += 1
            if names := el.get("class"):
                self.inline |= class_mask(names)
        return kind != _SKIP

    def end(self) -> bool:
        """Leave the innermost element; whether it was a block element."""
        kind = self.kinds.pop()
        if kind == _BLOCK:
            self.close_block()
            return True
        if kind <= _INLINE:
            self.opened[kind] -= 1
        elif kind == _BREAK:
            self.breaks += 1
            if self.breaks > 1:
                self.flush()
            else:
                self.parts.append("\n")
        return False

    def read(self, text: str) -> None:
        """Add text to the run."""
        if text.isspace():
            if self.parts:
                self.parts.append(" ")
            return
        self.parts.append(text)
        self.breaks = 0
        link, strong, _ = self.opened
        if link:
            self.linked += len(text.strip())
        if strong:
            self.strong += len(text.strip())

    def open_block(self, el: html.HtmlElement, tag: str) -> None:
        """Begin a block element: the run of text before it ends."""
        if self.parts:
            self.flush()
        else:
            self.links = self.inline = 0  # they come from empty links and icons, which belong to no text
        self.parents.append(self.current)
        self.current = len(self.nodes)
        self.nodes.append(el)
        self.tags.append(tag)
        self.firsts.append(len(self.runs.text))
        self.ends.append(-1)

    def close_block(self) -> None:
        """End the innermost block element, and the run of text in it."""
        current = self.current
        if not self.parts:
            self.links = self.inline = 0
        elif self.tags[current] in CELLS:
            self.end_cell()
        else:
            self.flush()
        self.ends[current] = len(self.runs.text)
        self.current = self.parents[current]

    def flush(self) -> None:
        """End the run of text: it becomes a block, unless it is empty."""
        if not self.parts:
            return
        text = " ".join("".join(self.parts).split())
        if text:
            runs = self.runs
            runs.text.append(text)
            runs.element.append(self.current)
            runs.linked.append(min(self.linked, len(text)))
            runs.links.append(self.links)
            runs.strong.append(min(self.strong, len(text)))
            runs.inline.append(self.inline)
            self.row = -1
        self.reset()

    def end_cell(self) -> None:
        """End a table cell: short cells in one row become one block."""
        text = " ".join("".join(self.parts).split())
        row = self.parents[self.current]
        runs = self.runs
        if text and row == self.row and len(text) < SHORT_CELL and len(runs.text) > self.firsts[row]:
            runs.text[-1] = f"{runs.text[-1]} {text}"
            runs.linked[-1] += min(self.linked, len(text))
            runs.links[-1] += self.links
            runs.strong[-1] += min(self.strong, len(text))
            runs.inline[-1] |= self.inline
            runs.element[-1] = row
            self.reset()
            return
        self.flush()
        if text and len(text) < SHORT_CELL:
            self.row = row


def segment(tree: html.HtmlElement, *, max_blocks: int = 20_000) -> Page:
    """The blocks of a parsed page, in document order. The tree is not changed.

    Blocks after ``max_blocks`` are not read: the pages of the development corpora have at most 6,000, and every later
    step is linear in their number. JSON-LD and script state are read from the tree, so call this before scripts are
    dropped.
    """
    walk = _walk(tree, max_blocks)
    elements, empty = _elements(walk)
    return _with_pseudo_blocks(tree, walk.runs, elements, empty)


def _walk(tree: html.HtmlElement, max_blocks: int) -> _Walk:
    """Read a page's tree up to so many blocks."""
    walk = _Walk()
    blocks = walk.runs.text
    start, end, read = walk.start, walk.end, walk.read
    context = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, el in context:
        if event == "start":
            if not start(el):
                context.skip_subtree()
                continue
            text = el.text
        else:
            if event == "end" and end() and len(blocks) >= max_blocks:
                break
            text = el.tail
        if text:
            read(text)
    walk.flush()
    walk.ends[:] = [end if end >= 0 else len(blocks) for end in walk.ends]  # still open where the walk stopped
    return walk


def _elements(walk: _Walk) -> tuple[Elements, list[html.HtmlElement]]:
    """The elements that contain blocks, with what is known about them; and the outermost of those that contain none."""
    kept = [met for met, (first, end) in enumerate(zip(walk.firsts, walk.ends, strict=True)) if first != end]
    number = [-1] * (
        len(walk.nodes) + 1
    )  # index of each element among those that contain blocks; the last entry stands for none
    for n, met in enumerate(kept):
        number[met] = n
    empty = [
        el for el, n, above in zip(walk.nodes, number[:-1], walk.parents, strict=True) if n < 0 and number[above] >= 0
    ]
    e = Elements(
        node=[walk.nodes[met] for met in kept],
        parent=[number[walk.parents[met]] for met in kept],
        tag=[walk.tags[met] for met in kept],
        first=[walk.firsts[met] for met in kept],
        end=[walk.ends[met] for met in kept],
    )
    shapes: dict[tuple[str, str], int] = {}
    tag_place, role_place = _TAG_PLACE.get, _ROLE_PLACE.get
    for el, tag, parent in zip(e.node, e.tag, e.parent, strict=True):
        # one by one: a list of all attributes takes time quadratic in their number, which the page controls
        get, place = el.get, tag_place(tag, 0)
        names = get("class") or ""
        if ident := get("id"):
            names = f"{names} {ident}"
        mask = class_mask(names) if names else 0
        if role := get("role"):
            place |= role_place(role, 0)
        style = get("style")
        if (style and "display:none" in style.replace(" ", "").lower()) or get("hidden") is not None:
            place |= PLACE["hidden"]
        e.names.append(names)
        e.mask.append(mask)
        e.shape.append(shapes.setdefault((tag, names), len(shapes)))
        if parent >= 0:
            mask |= e.far[parent]
            place |= e.place[parent]
        e.far.append(mask)
        e.place.append(place)
        e.depth.append(e.depth[parent] + 1 if parent >= 0 else 0)
    walk.runs.element = [number[met] for met in walk.runs.element]
    return e, empty


def _with_pseudo_blocks(tree: html.HtmlElement, runs: Runs, elements: Elements, empty: list[html.HtmlElement]) -> Page:
    """Add texts that exist only in JSON-LD or in script state."""
    body = json_ld_body(tree)
    title, description = head_texts(tree)
    page = Page(runs, elements, title, description, body, empty)
    prose = sum(len(t) - n for t, n in zip(runs.text, runs.linked, strict=True) if len(t) - n >= PROSE)
    paragraphs: list[str] = []
    if prose < max(WORTH_STATE, len(body) // 2):
        state = state_body(tree) if prose < WORTH_STATE else []
        paragraphs = max((body.split("\n"), state), key=lambda texts: sum(map(len, texts)))
    for paragraph in paragraphs:
        if text := " ".join(paragraph.split()):
            runs.text.append(text)
            runs.element.append(-1)
            runs.linked.append(0)
            runs.links.append(0)
            runs.strong.append(0)
            runs.inline.append(0)
    return page
