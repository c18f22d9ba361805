"""Words and the normal form of texts: what counts as a word, and when two texts are the same."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from functools import cache, lru_cache

# Scripts that put no spaces between words (Thai, Lao, Myanmar, Khmer, Kana, Han): each character counts as a word.
# Ranges from the Unicode block list (Unicode 15.1, Blocks.txt).
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
# every ASCII character that is part of no word, as a space: splitting there finds the same words in a third of the time
BREAKS = {code: " " for code in range(128) if not chr(code).isalnum()}
# in characters; texts up to this length, such as headlines, are worth caching
SHORT = 200
# soft hyphen, zero-width space / joiners / marks, word joiner, byte order mark: invisible, and copied by accident
INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# what XML, Parquet readers and terminals cannot represent: C0 and C1 controls except tab and line ends, and lone
# surrogates
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
UNSEEN = re.compile(CONTROL.pattern[:-1] + INVISIBLE.pattern[1:])
# where nonspacing marks of scripts beyond the Basic Multilingual Plane are; emoji come after them
RARE = re.compile("[\U00010000-\U0001efff]")


def words(text: str) -> list[str]:
    """The words of a text in order: runs of letters and digits; single characters in scripts without spaces."""
    return WORD.findall(text)


def word_count(text: str) -> int:
    """Number of :func:`words`."""
    return len(WORD.findall(text))


def squash(text: str) -> str:
    """A text as one line: without controls and invisible characters, each run of white space one space, none at the
    ends."""
    # isprintable() is False for all of them, and is known in no time; split() and \s agree on white space
    if not text.isprintable():
        text = UNSEEN.sub("", text)
    return " ".join(text.split())


class _Marks(dict[int, int | None]):
    """Table that deletes every nonspacing mark (Unicode category Mn), filled as characters are met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = found = None if unicodedata.category(chr(code)) == "Mn" else code
        return found


_marks = _Marks()


@cache
def _common_marks() -> re.Pattern[str]:
    """The marks up to U+FFFF: a pattern of these takes a twentieth of the time of all marks, a fifth of the table's."""
    category = unicodedata.category
    # none stands below U+0300, nor among the syllables of Hangul and Chinese, half of the plane
    ranges = (range(0x300, 0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0x10000))
    marks = (char for codes in ranges for char in map(chr, codes) if category(char) == "Mn")
    return re.compile(f"[{''.join(marks)}]+")


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    return text.translate(_marks) if RARE.search(text) else _common_marks().sub("", text)


def normalise(text: str) -> str:
    """The form in which two texts are compared: entities, NFKC, accents, case, invisible characters, white space.

    Accents are dropped because copies lose them (café, cafe); the text itself keeps them.
    """
    if "&" in text:
        text = html.unescape(text)
    # the only non-printable characters in an article's text are its line ends
    if not text.isprintable() and not (text := text.replace("\n", " ")).isprintable():
        text = INVISIBLE.sub("", CONTROL.sub(" ", text))
    if not text.isascii():
        text = _without_accents(text)
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split())


def text_hash(text: str) -> str:
    """The first 128 bits of the SHA-256 of the normalised text, as 32 hex digits: equal for texts that differ only in
    form."""
    return hashlib.sha256(normalise(text).encode("utf-8", "replace")).digest()[:16].hex()


def key(text: str) -> str:
    """A line reduced to its words, for look-ups: normalised, without punctuation."""
    return _known_key(text) if len(text) <= SHORT else _key(text)


def _key(text: str) -> str:
    text = normalise(text)
    return " ".join(text.translate(BREAKS).split() if text.isascii() else WORD.findall(text))


# titles and names are compared with each other many times per page
_known_key = lru_cache(maxsize=1024)(_key)
