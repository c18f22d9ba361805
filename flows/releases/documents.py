"""What a release is made of, and its manifest, dictionary and citation."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from cleaning import __version__
from cleaning.schema.arrow import SCHEMA_VERSION, TABLES, columns
from cleaning.schema.dictionary import type_name


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """A table's file in a release."""

    table: str
    path: str  # below the release's folder
    doc: str
    columns: pa.Schema
    rows: int
    bytes: int
    sha256: str
    nulls: dict[str, float]  # column → share


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that the documents say.

    Attributes:
        name: of the release.
        level: full, derived or ids.
        start: first day; None where the lake is empty.
        end: last day.
        made_at: UTC.
        files: one a table.
        sources: source → articles.
        licenses: licence → articles; empty text where none is known.
        reserved: use → articles that reserve it; use "unknown" where signals were not recorded.
        rules: rules_version → articles.
        extractors: extractor → articles.
        rejected: reason → pages of these days.
        missing_days: days in the range without any article.
    """

    name: str
    level: str
    start: date | None
    end: date | None
    made_at: datetime
    files: tuple[ReleasedFile, ...] = ()
    sources: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    reserved: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    extractors: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    missing_days: tuple[date, ...] = ()

    @property
    def articles(self) -> int:
        """How many articles it has."""
        return self.sources.total()


def manifest(edition: Edition) -> str:
    """manifest.json: each file with its SHA-256, and what made it."""
    content = {
        "name": edition.name,
        "level": edition.level,
        "from": day_text(edition.start),
        "to": day_text(edition.end),
        "made_at": edition.made_at.isoformat(),
        "newsmill": __version__,
        "schema": SCHEMA_VERSION,
        "rules_versions": dict(edition.rules),
        "extractors": dict(edition.extractors),
        "files": [
            {"path": f.path, "table": f.table, "rows": f.rows, "bytes": f.bytes, "sha256": f.sha256}
            for f in edition.files
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def dictionary(edition: Edition) -> str:
    """DICTIONARY.md: every column with type, meaning and share of nulls."""
    lines = [f"# {edition.name}: the columns", ""]
    for file in edition.files:
        lines += [
            f"## {file.table}",
            "",
            file.doc,
            "",
            "| column | type | null or empty | meaning |",
            "|---|---|---|---|",
        ]
        known = columns(TABLES[file.table].row) if file.table in TABLES else {}
        for one in file.columns:
            meaning = known[one.name].doc if one.name in known else ""
            lines.append(f"| `{one.name}` | {type_name(one.type)} | {file.nulls.get(one.name, 0):.1%} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def readme(edition: Edition) -> str:
    """README.md, whose head tells Hugging Face's ``datasets`` which table is which file."""
    configs = "".join(
        f"- config_name: {f.table}\n  data_files: {f.path}\n" + ("  default: true\n" if f.table == "articles" else "")
        for f in edition.files
    )
    return (
        f"---\nconfigs:\n{configs}---\n# {edition.name}\n\n"
        f"{edition.articles:,} news articles of {len(edition.sources)} sources, {range_text(edition)}, level "
        f"`{edition.level}`.\n\n"
        "* [DATASHEET.md](DATASHEET.md): what it is, how it was made, licences, gaps\n"
        "* [DICTIONARY.md](DICTIONARY.md): every column\n"
        "* [CITATION.cff](CITATION.cff), [manifest.json](manifest.json), [croissant.json](croissant.json)\n\n"
        f"```python\nfrom datasets import load_dataset\n\narticles = load_dataset('.', 'articles')\n```\n"
    )


def citation(edition: Edition) -> str:
    """CITATION.cff (citation-file-format 1.2.0)."""
    return (
        "cff-version: 1.2.0\n"
        'message: "If you use this edition, cite it."\n'
        "type: dataset\n"
        f"title: {json.dumps(f'{edition.name} (news articles, level {edition.level})')}\n"
        f"version: {json.dumps(edition.name)}\n"
        f"date-released: {edition.made_at.date()}\n"
        "authors:\n"
        '  - name: "The operator of this newsmill"\n'
        f'abstract: "{edition.articles} news articles of {len(edition.sources)} sources, {range_text(edition)}."\n'
    )


def day_text(day: date | None) -> str | None:
    """A day in ISO 8601; None for none."""
    return day.isoformat() if day else None


def range_text(edition: Edition) -> str:
    """The days of an edition, in words."""
    return f"published from {edition.start} to {edition.end}" if edition.start else "none of any day"


def list_text(counter: Counter[str]) -> str:
    """Counts as a list in a sentence."""
    return ", ".join(f"{name} ({count:,})" for name, count in counter.most_common()) or "none"


def table_text(counter: Counter[str], empty: str = "") -> str:
    """Counts as the rows of a Markdown table."""
    return "\n".join(f"| {name or empty} | {count:,} |" for name, count in counter.most_common()) or "| none | 0 |"
