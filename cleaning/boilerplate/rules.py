"""Boilerplate rules as data: loads cleaning/rules/*.toml and finds which lines they remove.

A file contains the rules of one language (``any.toml``: of all); each rule carries its reason and its own tests.
Literal lines are looked up in one table, and patterns form one compiled alternation per scope, so that a line costs one
look-up and one match.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from cleaning.text import key

PACKAGE = Path(str(resources.files("cleaning")))
RULES_DIR = PACKAGE / "rules"
# What decides about a page besides the rules: thresholds and words, signals, the model, the readers of metadata.
BESIDE = ("*.toml", "rights/*.toml", "blocks/*.npz", "metadata/*.py")
# rules in these files apply to every page: widgets speak English on sites in any language
EVERYWHERE = ("any", "en")
# a line that is entirely boilerplate is short; longer lines are not even matched
MAX_LINE_CHARS = 400


class Scope(StrEnum):
    """How much a rule removes when it matches."""

    LINE = "line"  # the line, which must match as a whole
    PREFIX = "prefix"  # the line, which must start with the match and have at most max_words
    MENTION = (
        "mention"  # the line, which must contain one of the words and the pattern anywhere, and have at most max_words
    )
    CAPTION = "caption"  # the line, and the line directly above if that looks like a caption
    HEADING_BLOCK = "heading-block"  # the line, and what follows up to the next paragraph of prose
    TAIL = "tail"  # the line and everything after it; only near the end of a text
    SENTENCE = "sentence"  # only the matching part of a line


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule from a rules file."""

    id: str  # LANGUAGE/NAME
    scope: Scope
    why: str
    lines: tuple[str, ...]  # literal lines, compared by their words
    patterns: tuple[str, ...]  # regular expressions, case-insensitive
    words: tuple[str, ...]  # for mention: parts of words, lower case; searching for them is cheaper than a pattern
    max_words: int  # for prefix and mention: longer lines are prose
    must_remove: tuple[str, ...]
    must_keep: tuple[str, ...]


class RuleError(ValueError):
    """A rules file that cannot be used; the message names file, rule and remedy."""


def _list(table: Mapping[str, object], name: str, where: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RuleError(f"{where}: {name} must be a list of strings")
    return tuple(value)


def _rule(table: Mapping[str, object], language: str, path: Path) -> Rule:
    where = f"{path.name}, rule {table.get('id', '?')!r}"
    unknown = set(table) - {"id", "scope", "why", "lines", "words", "patterns", "max_words", "must_remove", "must_keep"}
    if unknown:
        raise RuleError(f"{where}: unknown key {sorted(unknown)[0]!r}; remove it or correct its spelling")
    name, why, scope, most = table.get("id"), table.get("why"), table.get("scope"), table.get("max_words", 25)
    if not isinstance(name, str) or not name:
        raise RuleError(f"{where}: needs an id")
    if not isinstance(why, str) or not why:
        raise RuleError(f"{where}: say why in one sentence")
    if not isinstance(scope, str) or scope not in set(Scope):
        raise RuleError(f"{where}: scope is one of {', '.join(Scope)}")
    if not isinstance(most, int):
        raise RuleError(f"{where}: max_words is a number")
    lines, patterns = _list(table, "lines", where), _list(table, "patterns", where)
    if not lines and not patterns:
        raise RuleError(f"{where}: needs lines or patterns")
    words = _list(table, "words", where)
    if (scope == Scope.MENTION) != bool(words) or (words and (lines or not patterns)):
        raise RuleError(f"{where}: scope mention, and no other, needs words and patterns, and has no lines")
    for pattern in patterns:
        try:
            if re.compile(pattern).groups:
                raise RuleError(f"{where}: write (?:…) instead of (…) in {pattern!r}")
        except re.error as error:
            raise RuleError(f"{where}: pattern {pattern!r} is not a regular expression: {error}") from error
    remove, keep = _list(table, "must_remove", where), _list(table, "must_keep", where)
    if not remove or not keep:
        raise RuleError(f"{where}: needs must_remove and must_keep, its own tests")
    return Rule(f"{language}/{name}", Scope(scope), why, lines, patterns, words, most, remove, keep)


class Matcher:
    """The rules for one language, compiled."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._literal: dict[str, Rule] = {}
        groups: dict[Scope, list[str]] = {}
        self._by_group: dict[str, Rule] = {}
        self._mentions: list[Rule] = []
        for number, rule in enumerate(self.rules):
            if rule.scope is Scope.MENTION:
                self._mentions.append(rule)
                continue
            for line in rule.lines:
                if rule.scope is not Scope.SENTENCE and rule.scope is not Scope.PREFIX:
                    self._literal.setdefault(key(line), rule)
            patterns = list(rule.patterns)
            if rule.scope in (Scope.SENTENCE, Scope.PREFIX):
                patterns += [re.escape(line) for line in rule.lines]
            if patterns:
                kind = (
                    Scope.SENTENCE
                    if rule.scope is Scope.SENTENCE
                    else Scope.PREFIX
                    if rule.scope is Scope.PREFIX
                    else Scope.LINE
                )
                groups.setdefault(kind, []).append(f"(?P<r{number}>{'|'.join(patterns)})")
                self._by_group[f"r{number}"] = rule
        self._whole = _compile(groups.get(Scope.LINE), r"\W*(?:%s)\W*")
        self._prefix = _compile(groups.get(Scope.PREFIX), r"\W*(?:%s)")
        self._sentence = _compile(groups.get(Scope.SENTENCE), "(?:%s)")

    def named(self, words: str) -> Rule | None:
        """The rule that lists a line, given by its words (:func:`cleaning.text.key`), as a literal."""
        return self._literal.get(words)

    def match(self, line: str, words: str | None = None) -> Rule | None:
        """The rule that removes this line (and perhaps its neighbours); None if it stays.

        Args:
            line: squashed.
            words: its :func:`cleaning.text.key`, if the caller has it.
        """
        if len(line) > MAX_LINE_CHARS:
            return None
        found = self._literal.get(key(line) if words is None else words)
        if found is not None:
            return found
        if self._whole is not None and (hit := self._whole.fullmatch(line)):
            return self._by_group[hit.lastgroup or ""]
        if self._prefix is not None and (hit := self._prefix.match(line)):
            rule = self._by_group[hit.lastgroup or ""]
            if len(line.split()) <= rule.max_words:
                return rule
        return self._mention(line) if self._mentions else None

    def _mention(self, line: str) -> Rule | None:
        lower = line.lower()
        for rule in self._mentions:
            spoken = any(word in lower for word in rule.words)
            if spoken and _mention_pattern(rule.patterns).search(line) and len(line.split()) <= rule.max_words:
                return rule
        return None

    def sentences(self, line: str) -> list[tuple[int, int, Rule]]:
        """The parts of a line that sentence rules remove: start, end, rule."""
        if self._sentence is None:
            return []
        return [
            (hit.start(), hit.end(), self._by_group[hit.lastgroup or ""])
            for hit in self._sentence.finditer(line)
            if hit.end() > hit.start()
        ]


@cache
def _mention_pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Compiled when a line first has one of the rule's words."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def _compile(parts: list[str] | None, frame: str) -> re.Pattern[str] | None:
    return re.compile(frame % "|".join(parts), re.IGNORECASE) if parts else None


class Matchers:
    """The rules for one text: those of its language first, then those that apply everywhere.

    One :class:`Matcher` per file, compiled once per process however many languages share it.
    """

    def __init__(self, parts: Iterable[Matcher]) -> None:
        self.parts = tuple(parts)

    def named(self, words: str) -> Rule | None:
        """Same as :meth:`Matcher.named`."""
        return next((rule for part in self.parts if (rule := part.named(words)) is not None), None)

    def match(self, line: str, words: str | None = None) -> Rule | None:
        """Same as :meth:`Matcher.match`."""
        if len(line) > MAX_LINE_CHARS:
            return None
        found = key(line) if words is None else words
        return next((rule for part in self.parts if (rule := part.match(line, found)) is not None), None)

    def sentences(self, line: str) -> list[tuple[int, int, Rule]]:
        """Same as :meth:`Matcher.sentences`, without overlaps, by position."""
        found: list[tuple[int, int, Rule]] = []
        for hit in sorted((hit for part in self.parts for hit in part.sentences(line)), key=lambda hit: hit[:2]):
            if not found or hit[0] >= found[-1][1]:
                found.append(hit)
        return found


class RuleFiles(Mapping[str, tuple[Rule, ...]]):
    """The rules of a folder by language; a file is read when its language is first asked for.

    Reading and checking all of them takes as long as cleaning ten pages, and a text needs those of one language.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        self._read: dict[str, tuple[Rule, ...]] = {}

    def __getitem__(self, language: str) -> tuple[Rule, ...]:
        if language not in self._read:
            self._read[language] = read_rules(self._files[language])
        return self._read[language]

    def __contains__(self, language: object) -> bool:
        return language in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class RuleSet:
    """All rules, by language."""

    def __init__(self, rules: Mapping[str, tuple[Rule, ...]], version: str) -> None:
        self.by_language = rules
        self.version = version
        self._matchers: dict[str, Matcher] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have rules of their own."""
        return tuple(sorted(name for name in self.by_language if name != "any"))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, by file and its order there."""
        return tuple(rule for name in sorted(self.by_language) for rule in self.by_language[name])

    def matcher(self, language: str | None) -> Matchers:
        """The compiled rules for a text in this language; for an unknown language, those that apply everywhere."""
        own = [language] if language and language in self.by_language else []
        names = dict.fromkeys((*own, *(name for name in EVERYWHERE if name in self.by_language)))
        for name in names:
            if name not in self._matchers:
                self._matchers[name] = Matcher(self.by_language[name])
        return Matchers(self._matchers[name] for name in names)


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of one file.

    Raises:
        RuleError: the file is not TOML, or a rule is incomplete.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name} is not TOML: {error}") from error
    rules = tuple(_rule(table, path.stem, path) for table in data.get("rule", []))
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"{path.name}: two rules are called {name!r}; give one of them another id")
    return rules


@cache
def load_rules(folder: Path = RULES_DIR) -> RuleSet:
    """The rules of a folder, one file per language, each read when it is first needed.

    Args:
        folder: TOML files named after their language; the shipped rules by default. Read once per process.

    Returns:
        The rules, whose ``version`` is the first 12 hex digits of the SHA-256 of all rules, of the thresholds, signals
        and the model next to them, and of the readers of metadata: it changes whenever a page may come out differently.
        Asking it for a language raises RuleError where that file is not TOML, or a rule is incomplete; the message
        names file, rule and remedy.
    """
    digest = hashlib.sha256()
    beside = [path for pattern in BESIDE for path in PACKAGE.glob(pattern)]
    data = [*folder.glob("*.toml"), *beside]
    for path in sorted(data, key=lambda p: p.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return RuleSet(RuleFiles(folder), digest.hexdigest()[:12])
