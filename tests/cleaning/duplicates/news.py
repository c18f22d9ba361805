"""Articles made of words from a vocabulary, the same for the same seed, and what copies do to them."""

from __future__ import annotations

import random

_SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "du", "pa", "le", "go", "fi", "wu", "ha")
VOCABULARY = [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES]


def article(seed: int, sentences: int = 12, words: int = 14) -> str:
    """Sentences, one a line, a third of them with a figure and a name."""
    draw = random.Random(seed)
    lines = []
    for _ in range(sentences):
        line = [draw.choice(VOCABULARY) for _ in range(words)]
        if draw.random() < 0.33:
            line[3] = str(draw.randrange(10, 99_999))
            line[5] = draw.choice(VOCABULARY).capitalize()
        lines.append(" ".join(line).capitalize() + ".")
    return "\n".join(lines)


def edited(text: str, share: float, seed: int = 0) -> str:
    """The text with this share of its words replaced."""
    draw = random.Random(seed)
    return "\n".join(
        " ".join(draw.choice(VOCABULARY) if draw.random() < share else w for w in line.split(" "))
        for line in text.split("\n")
    )


def cut(text: str, share: float) -> str:
    """The first lines of the text, so many of them."""
    lines = text.split("\n")
    return "\n".join(lines[: max(1, round(len(lines) * share))])


def report(seed: int) -> str:
    """A market report: the same sentences every day, other figures."""
    draw = random.Random(seed)

    def figure() -> str:
        return f"{draw.randrange(100, 9_999)}.{draw.randrange(10, 99)}"

    return (
        f"Shares on the main market finished lower on the day with the benchmark index down {figure()} percent "
        f"at {figure()}. The broader index gained {figure()} percent to {figure()} while the technology gauge fell "
        f"{figure()} points to {figure()}. Volume was {figure()} million shares compared with a thirty day average of "
        f"{figure()} million in the period before. Oil settled at {figure()} dollars a barrel and gold at {figure()} "
        f"dollars an ounce as traders waited for the report. The yield on the ten year note was at {figure()} percent "
        f"and trading resumes at the usual hour on the next day."
    )
