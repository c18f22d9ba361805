"""The lake held against the truth of the world: one score a site, and a table of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cleaning.text import key
from flows.lake.store import Lake
from tests.world.changes import Changes
from tests.world.content import Post
from tests.world.world import Served

Row = dict[str, Any]
# Publishing systems set typographic quotes, apostrophes and dashes: the same title to a reader.
TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)


@dataclass(slots=True)
class Score:
    """What came out of one site; shares are of those posts that have a row."""

    system: str
    posts: int = 0
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)  # kept, right, true
    boilerplate: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # field: expected, found; for a person

    def judge(self, name: str, slug: str, expected: object, found: object) -> None:
        """Count one field."""
        self.asked[name] += 1
        if expected == found:
            self.right[name] += 1
        else:
            self.wrong.append(f"{name} of {slug}: {found!r} instead of {expected!r}")

    def share(self, name: str) -> float | None:
        """Share of the right among the asked; None where nothing was asked."""
        return self.right[name] / self.asked[name] if self.asked[name] else None

    @property
    def precision(self) -> float:
        """Words of texts that are the post's."""
        return self.words["right"] / max(1, self.words["kept"])

    @property
    def recall(self) -> float:
        """Words of posts that are in their texts."""
        return self.words["right"] / max(1, self.words["true"])


def slug(url: str) -> str:
    """The last part of an address, which every system here makes of the post's slug."""
    parts = urlsplit(url)
    name = parts.path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return f"{name}?{parts.query}" if parts.query else name


def plain(text: str | None) -> str:
    """A string as a reader compares it."""
    return " ".join((text or "").translate(TYPOGRAPHY).split())


class Scorer:
    """Reads a lake once and scores every site in it."""

    def __init__(self, root: Path) -> None:
        lake = Lake(root)
        self.tables = {
            name: lake.read(name).to_pylist() for name in ("articles", "duplicates", "revisions", "rejected")
        }
        self.originals = {row["article_id"]: row for row in self.tables["articles"]}

    def _of(self, table: str, served: Served) -> list[Row]:
        return [row for row in self.tables[table] if row["source"] == served.site.name]

    def score(self, served: Served, changed: Changes | None = None) -> Score:
        """One site; with ``changed``, also what became of a day of editing."""
        score = Score(served.system)
        posts = served.site.public
        own = {name: post for name, post in posts.items() if not post.copy_of}
        articles, duplicates = self._of("articles", served), self._of("duplicates", served)
        gone = set(changed.gone) if changed else set()
        rows: dict[str, Row] = {}
        for row in articles:
            name = slug(row["url"])
            if name in own and name not in rows:
                rows[name] = row
            elif name not in gone:
                score.extra.append(f"article {row['url']} ({row['title']})")
        for row in duplicates:
            name = slug(row["url"])
            if not (name in posts and posts[name].copy_of):
                score.extra.append(f"{row['relation']} {row['url']}, jaccard {row['jaccard']:.3f} ({row['title']})")
        score.posts, score.rows = len(own), len(rows)
        rejected = {slug(row["url"]): f"{row['reason']}: {row['detail']}" for row in self._of("rejected", served)}
        for name in sorted(own.keys() - rows.keys()):
            score.missing.append(f"{name} of {own[name].published:%Y-%m-%d}: {rejected.get(name, 'never fetched')}")
        for name, row in rows.items():
            self._fields(score, served, own[name], row)
        self._copies(score, served, duplicates)
        if changed:
            self._changes(score, served, changed, articles, rows)
        return score

    def _fields(self, score: Score, served: Served, post: Post, row: Row) -> None:
        score.judge("title", post.slug, plain(post.title), plain(row["title"]))
        form = "%Y-%m-%d %H:%M" if served.has_time else "%Y-%m-%d"
        found = row["published_at"]
        score.judge("date", post.slug, f"{post.published:{form}}", found and f"{found:{form}}")
        score.judge("language", post.slug, post.language, row["language"])
        if served.has("authors"):
            score.judge(
                "authors", post.slug, [plain(a) for a in served.credited(post)], [plain(a) for a in row["authors"]]
            )
        if served.has("section"):
            score.judge("section", post.slug, post.category, row["section"])
        if served.has("tags"):
            score.judge("tags", post.slug, sorted(post.tags), sorted(row["tags"]))
        true, kept = Counter(key(post.text).split()), Counter(key(row["text"]).split())
        score.words += Counter(true=true.total(), kept=kept.total(), right=(true & kept).total())
        whole = key(post.text)
        score.boilerplate += [
            f"{post.slug}: {line}" for line in row["text"].split("\n\n") if line.strip() and key(line) not in whole
        ]

    def _copies(self, score: Score, served: Served, duplicates: Sequence[Row]) -> None:
        found = {slug(row["url"]): row for row in duplicates}
        for name, post in served.site.public.items():
            if post.copy_of:
                row = found.get(name)
                original = self.originals.get(row["duplicate_of"]) if row else None
                links = (original["source"], slug(original["url"])) if original else None
                score.judge("copies", name, post.copy_of, links)

    def _changes(
        self, score: Score, served: Served, changed: Changes, articles: Sequence[Row], rows: dict[str, Row]
    ) -> None:
        before = Counter(slug(row["url"]) for row in self._of("revisions", served))
        # Where the system shows one author for all posts, another byline changes nothing that readers see.
        unseen = set(changed.bylined) if len({served.credited(post) for post in served.site.posts}) == 1 else set()
        for name in sorted((changed.revised - unseen) & rows.keys()):
            row = rows[name]
            score.judge("revisions", name, (2, 1), (row["revision"], before[name]))
        for name, row in rows.items():
            if name not in changed.revised and row["revision"] != 1:
                score.judge("revisions", name, (1, 0), (row["revision"], before[name]))
        for name in changed.silent:
            if name in rows:
                score.judge("silent", name, True, "silent-edit" in rows[name]["flags"])
        for name in changed.corrected if served.has("modified") else ():
            if name in rows:
                score.judge("silent", name, False, "silent-edit" in rows[name]["flags"])
        standing = {slug(row["url"]): row for row in articles}
        for name in changed.gone:
            if name in standing:
                score.judge("gone", name, True, standing[name].get("gone_at") is not None)


COUNTS: tuple[tuple[str, Callable[[Score], object]], ...] = (
    ("posts", lambda s: s.posts),
    ("rows missing", lambda s: len(s.missing)),
    ("rows too many", lambda s: len(s.extra)),
    *((n, lambda s, n=n: s.share(n)) for n in ("title", "authors", "date", "section", "tags", "language")),
    ("text precision", lambda s: s.precision),
    ("text recall", lambda s: s.recall),
    ("boilerplate lines", lambda s: len(s.boilerplate)),
    *((name, lambda s, name=name: f"{s.right[name]} of {s.asked[name]}" if s.asked[name] else None)
      for name in ("copies", "revisions", "silent", "gone")),
)  # fmt: skip


def table(scores: Sequence[Score]) -> str:
    """The scores in Markdown: a site a row."""
    header = ["site", *(name for name, _ in COUNTS)]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for score in scores:
        cells = [score.system]
        for _, read in COUNTS:
            value = read(score)
            cells.append("–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def faults(scores: Sequence[Score], limit: int = 12) -> str:
    """What was wrong, for a person."""
    lines = []
    for score in scores:
        for name, found in (("missing", score.missing), ("too many", score.extra), ("left", score.boilerplate),
                            ("wrong", score.wrong)):  # fmt: skip
            lines += [f"{score.system}: {name}: {one}" for one in found[:limit]]
            if len(found) > limit:
                lines.append(f"{score.system}: {name}: … and {len(found) - limit} more")
    return "\n".join(lines)
