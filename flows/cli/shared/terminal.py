"""A console that lets nothing through that would steer a terminal: titles, addresses and errors are other people's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# C0 but for tab and line feed, DEL, C1: what begins an escape sequence (ECMA-48, 5.3). And what turns the direction of
# the rest of a line (Unicode UAX 9, 2), by which an address can pass for another.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text with U+FFFD in place of each character that would steer a terminal."""
    return _STEERING.sub("\ufffd", text)


class PlainConsole(Console):
    """rich's console; its own colours and cursor movements stay, those within texts do not."""

    def on_broken_pipe(self) -> None:
        """Leave a closed pipe to errors.complain: rich would exit with 1, which says that something failed."""
        raise BrokenPipeError

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of a renderable, with plain texts; what rich itself marks as control stays."""
        for segment in super().render(renderable, options):
            if segment.control is None and _STEERING.search(segment.text):
                yield Segment(plain(segment.text), segment.style)
            else:
                yield segment
