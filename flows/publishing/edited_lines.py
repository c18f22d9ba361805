"""Which lines of a batch editors added to articles that the lake has, or that the batch has in an earlier fetch.

A correction may be the same sentence in several articles. Whatever else repeats it, a line that is new in a known
article is an edit, and teaches nothing about the site's template; a template's line is in new stories from the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from cleaning.records import Article, Cleaned, Removal
from cleaning.text import key
from flows.lake.index import known_versions
from flows.lake.store import Lake
from flows.publishing.unpublished import Record
from flows.publishing.url_histories import read_texts

Order = tuple[datetime, str, int]


def lines_of(article: Article, removals: Iterable[Removal]) -> list[str]:
    """Everything that was extracted from a page, kept or removed."""
    return [*article.text.split("\n\n"), *(removal.text for removal in removals)]


def edited_lines(lake: Lake, cleaned: Sequence[tuple[Record, Cleaned]]) -> dict[Record, frozenset[str]]:
    """The normal forms of the lines that no earlier fetch of the same article had, by record.

    Args:
        lake: only read.
        cleaned: the pages of a batch; rows that the lake has of these very records are passed over.

    Returns:
        Records without such lines, and first fetches, are left out.
    """
    pages: dict[str, list[tuple[Record, Article, list[str]]]] = defaultdict(list)
    for record, page in cleaned:
        if isinstance(page.result, Article):
            pages[page.result.article_id].append((record, page.result, lines_of(page.result, page.removals)))
    own = {record.lineage for record, _ in cleaned}
    known = known_versions(lake.root, pages)
    stored = {
        identity: [v for v in versions if v.table != "rejected" and v.lineage not in own]
        for identity, versions in known.items()
    }
    unread = [
        identity
        for identity, versions in stored.items()
        if versions and not {row.text_hash for _, row, _ in pages[identity]} <= {v.text_hash for v in versions}
    ]
    texts = read_texts(lake, [v for identity in unread for v in stored[identity]])
    edits: dict[Record, frozenset[str]] = {}
    for identity in {*unread, *(identity for identity, fetches in pages.items() if len(fetches) > 1)}:
        told = [(text.order, lines_of(text.row, text.removals)) for text in texts.get(identity, ())]
        told += [(_order(record), lines) for record, _, lines in pages[identity]]
        for record, _, lines in pages[identity]:
            before = {key(line) for order, earlier in told if order < _order(record) for line in earlier}
            if before and (new := frozenset(map(key, lines)) - before):
                edits[record] = new
    return edits


def _order(record: Record) -> Order:
    return record.fetched_at, record.raw_file, record.raw_offset
