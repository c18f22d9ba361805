"""News prose in four languages, drawn from vocabulary/*.toml with a seed: posts share phrases as real reports do."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent / "vocabulary"
LANGUAGES = ("en", "de", "fr", "es")


@cache
def parts(language: str) -> dict[str, Any]:
    """The vocabulary of a language."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


class Prose:
    """Draws titles, sentences and captions of one post; ``theme`` keeps a post about its own few things."""

    def __init__(self, language: str, random: Random) -> None:
        self.words = parts(language)
        self.random = random
        self._last: dict[str, list[str]] = {}

    def _draw(self, name: str) -> str:
        """One of a list, and not one of the two drawn before it."""
        choice = self.random.choice([one for one in self.words[name] if one not in self._last.get(name, [])])
        self._last[name] = [*self._last.get(name, []), choice][-2:]
        return str(choice)

    def name(self) -> str:
        """A person."""
        return f"{self.random.choice(self.words['first'])} {self.random.choice(self.words['last'])}"

    def fill(self, pattern: str) -> str:
        """A pattern with every slot filled; its first letter in upper case."""
        values = {name: self._draw(name) for name in ("place", "adjective", "verb", "happens", "unit", "when", "role")}
        values["place2"], values["adjective2"] = self._draw("place"), self._draw("adjective")
        values["verb2"], values["body"] = self._draw("verb"), self._draw("body")
        values["body2"], values["Body"] = self._draw("body"), values["body"][0].upper() + values["body"][1:]
        values["name"] = self.name()
        for end in ("", "2"):
            noun = self._draw("noun")
            article, found, bare = noun.partition(" ")
            # German nouns carry their article, which stands before the adjective
            german = bool(found) and article in ("die", "das")
            values[f"article{end}"], values[f"noun{end}"] = (article, bare) if german else ("", noun)
        values["number"], values["number2"] = (str(self.random.randint(112, 9890)) for _ in range(2))
        values["small"], values["day"] = str(self.random.randint(13, 97)), str(self.random.randint(2, 28))
        values["month"] = self._draw("months")
        text = re.sub(r"\{(\w+)\}", lambda slot: values[slot[1]], pattern)
        return text[0].upper() + text[1:]

    def title(self) -> str:
        """A headline."""
        return self.fill(self._draw("titles"))

    def line(self, kind: str) -> str:
        """One of the patterns of a kind (heading, item, caption, comment), filled."""
        return self.fill(self._draw(kind))

    def paragraph(self, sentences: int) -> str:
        """A paragraph of so many sentences."""
        return " ".join(self.line("sentences") for _ in range(sentences))
