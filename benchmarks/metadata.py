# ruff: noqa: E402 — the import path must be set before this folder's modules are read
"""Measure metadata and verdicts: python benchmarks/metadata.py CORPUS… [--wrong FIELD] [--rejected]

Each CORPUS is a folder as benchmarks/cleaning.py takes it. Nothing is extracted for title, authors and day, so that a
change of their rules is measured in seconds: title, share of pages whose headline is the known one (case, punctuation
and spaces aside); authors, mean F1 of the sets of names over pages with known authors; day, share of known days that
are the same, where the time is in the publisher's own zone. ``--wrong FIELD`` (title, authors, day) prints each page
that is not right. ``--rejected`` cleans every page as well, and prints those with a known text of 60 words or more that
are no article, with the reason and its evidence.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

# this file is called as the package is: with its folder on the path it would import itself
HERE = str(Path(__file__).resolve().parent)
sys.path = [str(Path(HERE).parent), *(entry for entry in sys.path if entry != HERE)]

from benchmarks.cleaning import FACTS, NOW, RULES, read_rows
from cleaning.metadata.reader import Metadata, read_metadata
from cleaning.page import PageError, parse
from cleaning.pipeline import clean
from cleaning.records import RawPage, Rejection
from cleaning.text import key, word_count

# Below this a known text may be a caption or a stub, which no reader would miss.
ARTICLE_WORDS = 60
FIELDS = ("title", "authors", "day")

Row = dict[str, object]


def pages(folder: Path) -> Iterator[tuple[Row, RawPage]]:
    """The pages of a corpus, each with what is known of it."""
    for row, body in read_rows(folder, None):
        guessed = isinstance(extra := row.get("extra"), dict) and extra.get("url_guessed")
        url = "" if guessed else str(row.get("url") or "")
        yield row, RawPage(url, FACTS.name, body, NOW, "", str(row["html"]), 0, content_type="text/html")


def read(page: RawPage) -> Metadata | None:
    """The metadata of a page; None for one that cannot be parsed."""
    try:
        return read_metadata(page, parse(page.body, page.content_type).tree, FACTS)
    except PageError:
        return None


def score(row: Row, meta: Metadata | None) -> dict[str, tuple[float, object, object]]:
    """What is known and what was found, by field, with the score of that; a field of which nothing is known is left
    out."""
    found: dict[str, tuple[float, object, object]] = {}
    if row.get("title"):
        title = meta.title if meta else ""
        found["title"] = float(key(title) == key(str(row["title"]))), row["title"], title
    names = row.get("authors")
    known = {key(str(name)) for name in names} if isinstance(names, list) else set()
    if known:
        mine = {key(name) for name in meta.authors} if meta else set()
        found["authors"] = 2 * len(known & mine) / (len(known) + len(mine)), names, list(meta.authors if meta else ())
    if row.get("date"):
        published = meta.dates.published if meta else None
        day = published.local_date.isoformat() if published else ""
        found["day"] = float(day == str(row["date"])[:10]), row["date"], day
    return found


def is_article(row: Row) -> bool:
    """Whether the known text is that of an article."""
    return isinstance(row.get("text"), str) and word_count(str(row["text"])) >= ARTICLE_WORDS


def main() -> None:
    """Print the figures of each corpus, and the pages that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--wrong", choices=FIELDS, action="append", default=[])
    parser.add_argument("--rejected", action="store_true")
    asked = parser.parse_args()
    print(f"{'corpus':<14}{'pages':>6}" + "".join(f"{name:>16}" for name in (*FIELDS, "rejected")))
    for folder in asked.corpora:
        scores: dict[str, list[float]] = {name: [] for name in FIELDS}
        articles, count, lines = 0, 0, []
        for row, page in pages(folder):
            count += 1
            for name, (value, known, found) in score(row, read(page)).items():
                scores[name].append(value)
                if name in asked.wrong and value < 1:
                    lines.append(f"  {name} {row['id']}: {found!r} instead of {known!r}")
            if asked.rejected and is_article(row):
                articles += 1
                result = clean(page, FACTS, RULES, fast=True).result
                if isinstance(result, Rejection):
                    lines.append(f"  rejected {row['id']} {row.get('url')}: {result.reason}: {result.detail}")
        cells = [f"{fmean(values):.4f} of {len(values)}" if values else "–" for values in scores.values()]
        lost = sum(line.startswith("  rejected") for line in lines)
        cells.append(f"{lost} of {articles}" if asked.rejected else "–")
        print(f"{folder.name:<14}{count:>6}" + "".join(f"{cell:>16}" for cell in cells), flush=True)
        print("\n".join(lines), end="\n" if lines else "", flush=True)


if __name__ == "__main__":
    main()
