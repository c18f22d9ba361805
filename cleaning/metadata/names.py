"""Names of persons in credits: ``By Anna Martel, Lea Wagner and Jane Doe, staff writer`` are three."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from cleaning.text import key, squash

NAMES = resources.files("cleaning") / "names.toml"
BY = re.compile(
    r"^\W*(?:(?:written|posted|published|reviewed|edited|authored|story|words|text|words and photos|post)\s*by|by|von|"
    r"par|por|door|(?-i:di|de|av|af|od)|autor(?:a|en|in|innen)?|authors?|author\s+name|text|texte?o?|redaktion|"
    r"kommentar von|ein gastbeitrag von|от|автор|yazan|作者|記者|记者|기자)"
    r"(?:\s*[:：]\s*|\s+|(?=(?-i:[A-ZÄÖÜÉ][a-zäöüé])))",
    re.IGNORECASE,
)
AND = re.compile(r"\s*(?:;|\||/|\s&\s|\s(?:and|und|et|og|och|ja|en)\s|\s(?:y|e|i)\s(?=[A-ZÁÉÍÓÚŁŚŻ]))\s*")
COMMA = re.compile(r"\s*,\s*")
NO_NAME = re.compile(
    r"https?:|www\.|@|\.(?:com|org|net|de|fr|ch|at)\b|[{}<>\[\]=©#:]|(?<![A-Za-z])\d{2}|\bi?stock|^[^(]*\)|\bphotos?\b|\bimages?\b|foto:|bild:|\bgetty\b|updated|published",
    re.IGNORECASE,
)
URL = re.compile(r"\s*(?:https?:|www\.|/|@)")
INITIALS = re.compile(r"\s*\([^)]{1,12}\)\s*$")  # "Elena Oberholzer (obe)"
ROLE = re.compile(
    r"(?:\s*[,|]|\s+[–—-])\s*(?:ph\.?\s?d|m\.?d|mba|rdn?|ms|ma|msc|dvm|(?:(?:senior|staff|chief|deputy|political|sports?)\s)*(?:reporter|"
    r"correspondent|editor|writer|contributor|columnist|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:in)?|founder|ceo|analyst))\b.*$"
    r"|\s+(?:기자|記者|记者)$",
    re.IGNORECASE,
)
MAX_NAME_WORDS = 6
MAX_NAME_CHARS = 60


def clean_name(name: str, *, site: bool = False) -> str | None:
    """One name in its final form; None if it is not a name. A site may be named after its host: ``ORF.at``."""
    name = INITIALS.sub("", squash(name))
    name = ROLE.sub("", BY.sub("", name)).strip(" ,.;:|-–—•·\"'*/")
    if (
        not name
        or (not site and NO_NAME.search(name))
        or len(name) > MAX_NAME_CHARS
        or len(name.split()) > MAX_NAME_WORDS
    ):
        return None
    return None if is_no_name(name) or not re.search(r"[^\W\d_]", name) else name


def is_no_name(name: str) -> bool:
    """Whether a credit names nobody: a placeholder, or a word that no person is called (cleaning/names.toml)."""
    words = key(name)
    placeholders, no_names = _no_names()
    return words in placeholders or not no_names.isdisjoint(words.split())


@cache
def _no_names() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    return frozenset(map(key, data["placeholder"]["names"])), frozenset(map(key, data["word"]["names"]))


def names_of(value: str) -> Iterator[str]:
    """The names of a byline: ``A, B and C`` are three, ``Doe, Jane`` is one."""
    if URL.match(value):
        return
    for piece in AND.split(ROLE.sub("", BY.sub("", squash(value)))):
        parts = [part for part in COMMA.split(piece) if part]
        if len(parts) > 1 and all(len(part.split()) >= 2 for part in parts[:-1]):
            # a one-word last part is a place or an agency: "Anna Martel, Lea Wagner, Nairobi"
            parts = [part for part in parts if len(part.split()) >= 2]
        elif len(parts) == 2 and all(len(part.split()) == 1 for part in parts):
            parts = [f"{parts[1]} {parts[0]}"]
        for part in parts:
            name = clean_name(part)
            if name:
                yield name


def looks_like_name(text: str) -> bool:
    """Whether a text has the form of a person's name: two to four words, capitals first. Not so in every script."""
    words = text.split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "da", "di", "la", "el", "bin") for word in words
    )
