"""What site memory gains on texts to which their hosts have added lines: python -m benchmarks.site_memory_texts SET

SET is a Parquet file with the columns id, host, title, text, cls, src: the text of a document of the classes boiler and
boiler_heavy is that of document ``src`` with lines of its host around it. Hosts with at least MANY such texts are read.
Prints word F1, precision and recall of the cleaned texts against their sources, without and with what the other texts
of the host teach, and how many texts lose a paragraph of their source by it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import pyarrow.parquet as pq

from benchmarks.block_scores import word_scores
from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.pipeline import clean_text
from cleaning.records import Article, Cleaned, RawText, SourceFacts

MANY = 5
CLASSES = ("boiler", "boiler_heavy")
FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
FACTS, RULES = SourceFacts("benchmark"), load_rules()


def said(row: dict[str, object]) -> RawText:
    """A row as cleaning takes it."""
    url = f"https://{row['host']}/{row['id']}"
    title = str(row["title"]) if row["title"] else None
    return RawText(str(row["text"]), "benchmark", FETCHED, str(row["id"]), url=url, title=title)


def taught(host: str, pages: list[tuple[RawText, Cleaned]]) -> SiteTemplates:
    """What the texts of a host teach; when one of them is cleaned, its own share does not count."""
    site = SiteTemplates(host)
    for _, cleaned in pages:
        if isinstance(cleaned.result, Article):
            lines = (*cleaned.result.text.split("\n\n"), *(removal.text for removal in cleaned.removals))
            site.learn(cleaned.result.canonical_url, cleaned.result.title, lines)
    return site


def main() -> None:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    table = pq.read_table(parser.parse_args().set, columns=["id", "host", "title", "text", "cls", "src"]).to_pylist()
    source = {row["id"]: row["text"] for row in table}
    hosts: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in table:
        if row["cls"] in CLASSES and row["src"] in source:
            hosts[row["host"]].append(row)
    scores: dict[str, list[tuple[float, float, float]]] = {"without": [], "with": []}
    pages = harmed = 0
    for host, rows in hosts.items():
        if len(rows) < MANY:
            continue
        texts = [said(row) for row in rows]
        alone = [clean_text(text, FACTS, RULES) for text in texts]
        site = taught(host, list(zip(texts, alone, strict=True)))
        for row, text, before in zip(rows, texts, alone, strict=True):
            after = clean_text(text, FACTS, RULES, site)
            gold = str(source[row["src"]])
            for name, cleaned in (("without", before), ("with", after)):
                kept = cleaned.result.text if isinstance(cleaned.result, Article) else ""
                scores[name].append(word_scores(kept, gold))
            paragraphs = set(gold.split("\n"))
            harmed += any(r.rule.startswith("template/") and r.text in paragraphs for r in after.removals)
            pages += 1
    print(f"{pages} texts of {sum(len(rows) >= MANY for rows in hosts.values())} hosts")
    for name, found in scores.items():
        f1, precision, recall = (fmean(one[k] for one in found) for k in range(3))
        print(f"{name:8} F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}")
    print(f"{harmed} texts lose a paragraph of their source by it")


if __name__ == "__main__":
    main()
