"""The language of a text, judged by the text itself: its function words, its script, and finally an identifier."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

from cleaning.text import squash, words

DATA = resources.files("cleaning") / "languages.toml"
# characters of text that are judged: beyond this only the time changes, not the answer
SAMPLE = 800
# with fewer letters the answer would be a guess, so none is given
MIN_LETTERS = 40
# normalised probability below which no language is claimed
MIN_PROBABILITY = 0.7
# The page's own statement is right if at least so many words, and such a share of them, are function words of that
# language, and so many times as many as of any other: of 2,041 pages this accepted 1,864, all correct, and it would
# have accepted no other language for any of them. It takes a tenth of the identifier's time.
MIN_FUNCTION_WORDS = 10
MIN_FUNCTION_SHARE = 0.15
MIN_LEAD = 1.4
LETTERS = re.compile(r"[^\W\d_]")
SCRIPTS = (
    # a script used by practically one written language on the web decides the matter (Unicode Scripts.txt)
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("my", re.compile("[\u1000-\u109f]")),
)
# close relatives that the identifier confuses at random; one name per pair is enough for a filter
SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}


@cache
def _identifier() -> Any:
    # unpacking its model takes as long as ten pages, and most pages are judged by their function words
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def identifiable() -> frozenset[str]:
    """The languages that :func:`language_of` can tell by a text alone, as primary subtags."""
    names = {*_identifier().nb_classes, *(language for language, _ in SCRIPTS)} - {"zxx"}
    return frozenset(SAME.get(name, name) for name in names)


def primary(tag: str | None) -> str | None:
    """The primary subtag of a BCP 47 tag (``de`` of ``de-AT``), with one name for variants; None if there is none."""
    found = re.match(r"\s*([A-Za-z]{2,3})(?:[-_].*)?\s*$", tag or "")
    if not found:
        return None
    code = found[1].lower()
    return SAME.get(code, code)


@cache
def _function_words() -> dict[str, tuple[str, ...]]:
    """Function word → the languages that use it."""
    found: dict[str, tuple[str, ...]] = {}
    for language, listed in tomllib.loads(DATA.read_text(encoding="utf-8"))["words"].items():
        for word in listed.split():
            found[word] = (*found.get(word, ()), language)
    return found


def _confirms(sample: str, stated: str) -> bool:
    """Whether the function words of a text are those of the stated language."""
    table = _function_words()
    found = words(sample.lower())
    hits = Counter(chain.from_iterable(table.get(word, ()) for word in found))
    own = hits.pop(stated, 0)
    others = max(hits.values(), default=0)
    return own >= max(MIN_FUNCTION_WORDS, MIN_FUNCTION_SHARE * len(found), MIN_LEAD * others)


def language_of(text: str, stated: str | None = None) -> str | None:
    """BCP 47 primary subtag of a text; None if it is too short or too mixed to tell.

    Args:
        text: only its beginning is read.
        stated: what its page states, in the form of :func:`primary`; believed only if the text agrees.
    """
    sample = squash(text[: 2 * SAMPLE])[:SAMPLE]
    if stated is not None and _confirms(sample, stated):
        return stated
    letters = len(LETTERS.findall(sample))
    if letters == 0:
        return None
    for code, script in SCRIPTS:
        found = len(script.findall(sample))
        # Kana are a third of Japanese text; Han alone is Chinese
        if found >= (0.1 if code == "ja" else 0.4) * letters and found >= 8:
            return code
    if letters < MIN_LETTERS:
        return None
    code, probability = _identifier().classify(sample)
    return SAME.get(code, str(code)) if float(probability) >= MIN_PROBABILITY else None
