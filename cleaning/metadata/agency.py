"""Which news agency a text credits: in its dateline, its author field, or its credits.

A mention is no credit: "told Reuters" says who asked, and "REUTERS/Jane Doe" whose picture it is. Agencies and forms
are data (``agencies.toml``), with their tests inside.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

AGENCIES = resources.files("cleaning") / "agencies.toml"

# A dateline stands at the head of a text: headline and place names before it take less than this.
OPENING_CHARACTERS = 300
# Credits stand in the first lines or the last; in between a line that ends with a name is a quotation's.
HEAD_LINES, FOOT_LINES = 2, 4
# A credit is short; a longer line that holds one is a paragraph, and only its end counts.
CREDIT_CHARACTERS = 240
PLACES = ("opening", "author", "credit")


class _Agency:
    """An agency, and its patterns by place, strongest first.

    A text names one or two of fifty agencies, and compiling the patterns of all takes as long as cleaning thirty pages:
    each is compiled when it is first asked for.
    """

    def __init__(self, name: str, expressions: dict[str, list[str]]) -> None:
        self.name = name
        self._expressions = expressions
        self._compiled: dict[str, tuple[re.Pattern[str], ...]] = {}

    def patterns(self, place: str) -> tuple[re.Pattern[str], ...]:
        """Those of one of PLACES."""
        if place not in self._compiled:
            self._compiled[place] = tuple(re.compile(p, re.MULTILINE) for p in self._expressions[place])
        return self._compiled[place]


@dataclass(frozen=True, slots=True)
class _Rules:
    agencies: tuple[_Agency, ...]
    signs: tuple[tuple[str, int], ...]  # what a credit cannot do without, and the number of the agency
    pictures: re.Pattern[str]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data = tomllib.loads(AGENCIES.read_text(encoding="utf-8"))
    forms = {place: [p for f in data["form"] if f["where"] == place for p in f["patterns"]] for place in PLACES}
    agencies = []
    for agency in data["agency"]:
        names = _alternatives(agency["names"])
        own = agency.get("patterns", [])
        by_place = {
            place: [p.replace("NAMES", names) for p in forms[place]] + (own if place != "author" else [])
            for place in PLACES
        }
        agencies.append(_Agency(agency["name"], by_place))
    signs = [(s, k) for k, a in enumerate(data["agency"]) for s in (*a["names"], *a.get("signs", ()))]
    return _Rules(tuple(agencies), tuple(signs), re.compile(data["pictures"]["pattern"]))


def _alternatives(names: Sequence[str]) -> str:
    """Names as an expression, the longest first, that matches none of them inside a longer word."""
    escaped = (re.escape(n) for n in sorted(names, key=len, reverse=True))
    return "|".join(rf"(?<!\w){n}(?!\w)" if n.isascii() else n for n in escaped)


def find_agency(text: str, authors: Sequence[str] = (), removed: Sequence[str] = ()) -> str | None:
    """The agency that a text credits; None where it credits none.

    Args:
        text: paragraphs.
        authors: as credited.
        removed: lines that cleaning took out of the page: credits are often among them.
    """
    rules = _rules()
    short = [r for r in removed if len(r) <= CREDIT_CHARACTERS]
    places = (
        ("opening", [text[:OPENING_CHARACTERS]]),
        ("author", authors),
        ("credit", _credits(text)),
        ("credit", short),
    )
    # most texts name no agency, and a search for plain words costs less than an expression
    everything = "\n".join(one for _, texts in places for one in texts)
    there = [rules.agencies[k] for k in sorted({k for sign, k in rules.signs if sign in everything})]
    named = (_first(there, place, texts, rules.pictures) for place, texts in places if there)
    return next((name for name in named if name), None)


def _credits(text: str) -> list[str]:
    """Lines of the foot and head that may be credits; of a long one the end."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [line.strip()[-CREDIT_CHARACTERS:] for line in [*lines[-FOOT_LINES:][::-1], *lines[:HEAD_LINES]]]


def _first(agencies: Sequence[_Agency], place: str, texts: Iterable[str], pictures: re.Pattern[str]) -> str | None:
    """The agency with the strongest pattern in the first of the texts that has any; of several the one named first."""
    for text in texts:
        if place == "credit" and pictures.search(text):
            continue
        found = [
            (k, match.start(), agency.name)
            for agency in agencies
            for k, pattern in enumerate(agency.patterns(place))
            if (match := pattern.search(text))
        ]
        if found:
            return min(found)[2]
    return None
