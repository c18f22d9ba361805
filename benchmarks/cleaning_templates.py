"""What site memory gains on hosts of several pages: each page without, and with what the other pages taught."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.block_scores import word_scores
from cleaning.boilerplate.site_templates import MIN_STORIES, SiteTemplates
from cleaning.records import Article, Cleaned
from cleaning.urls import host_of

MANY = 5  # pages from which a host is listed by name: as many must help
ROUNDING = 1e-9
Row = Mapping[str, object]
Clean = Callable[[Row, bytes, SiteTemplates | None], Cleaned]


@dataclass(frozen=True, slots=True)
class Gain:
    """One page without and with what its site repeats; each score is word F1, precision, recall."""

    page: str
    without: tuple[float, float, float]
    by_site: tuple[float, float, float]
    taken: tuple[str, ...]  # lines that site memory took out

    @property
    def lost(self) -> bool:
        """Whether the page lost words of its known text."""
        return self.by_site[2] < self.without[2] - ROUNDING


def gains_of(folder: Path, clean: Clean) -> dict[str, list[Gain]]:
    """The pages of each host with enough of them for a line to count as repeated, leave-one-out: what is known of the
    site when a page is cleaned comes from its other pages.
    """
    sites: dict[str, list[Row]] = defaultdict(list)
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["url"] and isinstance(row["text"], str):
                sites[host_of(row["url"])].append(row)
    return {host: _gains(folder, host, rows, clean) for host, rows in sites.items() if len(rows) >= MIN_STORIES}


def _gains(folder: Path, host: str, rows: list[Row], clean: Clean) -> list[Gain]:
    bodies = [gzip.decompress((folder / str(row["html"])).read_bytes()) for row in rows]
    found = [clean(row, body, None) for row, body in zip(rows, bodies, strict=True)]
    gains: list[Gain] = []
    for n, (row, body) in enumerate(zip(rows, bodies, strict=True)):
        site = SiteTemplates(host)
        for other, cleaned in enumerate(found):
            article = cleaned.result
            if other != n and isinstance(article, Article):
                lines = (*article.text.split("\n\n"), *(removal.text for removal in cleaned.removals))
                site.learn(article.canonical_url, article.title, lines)
        by_site = clean(row, body, site)
        taken = tuple(r.text for r in by_site.removals if r.rule.startswith("template/"))
        gold = str(row["text"])
        without, with_site = (word_scores(_text(cleaned), gold) for cleaned in (found[n], by_site))
        gains.append(Gain(str(row["id"]), without, with_site, taken))
    return gains


def _text(cleaned: Cleaned) -> str:
    return cleaned.result.text if isinstance(cleaned.result, Article) else ""


def print_gains(corpus: str, hosts: Mapping[str, list[Gain]]) -> int:
    """A line for each number of pages a host has and for each host of many; each page that lost text by name.

    Returns the number of those.
    """
    columns = ("F1 without", "with", "P without", "with", "R without", "with")
    print(f"\n{corpus:40}{'pages':>7}" + "".join(f"{name:>12}" for name in columns))
    groups: dict[str, list[Gain]] = defaultdict(list)
    for host, gains in hosts.items():
        groups[host if len(gains) >= MANY else f"hosts of {len(gains)}"] += gains
    groups["all"] = [gain for gains in hosts.values() for gain in gains]
    for name, gains in groups.items():
        if gains:
            scores = (fmean(getattr(g, side)[k] for g in gains) for k in range(3) for side in ("without", "by_site"))
            print(f"{name:40}{len(gains):7}" + "".join(f"{score:12.4f}" for score in scores))
    touched = [gain for gain in groups["all"] if gain.taken]
    lost = [gain for gain in touched if gain.lost]
    print(f"{len(touched)} pages lose {sum(len(g.taken) for g in touched)} lines; {len(lost)} lose text of their own")
    for gain in touched:
        sign = "-" if gain.lost else " "
        print(f" {sign} {gain.page}: {' ¶ '.join(line[:80] for line in gain.taken)}")
    return len(lost)
