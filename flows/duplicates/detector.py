"""Decides which articles of a batch are copies of articles that the lake has, or of one another.

The index (:mod:`flows.duplicates.index_files`) is read with DuckDB and never written here: the files that change are
returned, to be committed together with the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from cleaning.duplicates.pairs import Pairs, find_pairs, find_postings, level_sizes, measure, without_common
from cleaning.duplicates.resolve import Resolution, resolve
from cleaning.duplicates.site_lines import SITE_LINE_PAGES, has_own, host_hashes, line_keys
from cleaning.duplicates.sketches import Sample, Sketches, sample, sketch
from cleaning.duplicates.texts import Texts, join_texts, packed, unpacked
from cleaning.duplicates.verify import NOTICE_DAYS, NOTICE_WORDS, containment, is_next_notice, relations, resemblance
from cleaning.duplicates.whole import find_copies
from cleaning.duplicates.words import Flags, Hashes, Ints
from cleaning.records import Alias, Duplicate, Relation, Rewrite, SeriesMember
from cleaning.schema.arrow import schema, to_table
from flows.duplicates import index_files as files
from flows.duplicates.index_files import Document, IndexEntry
from flows.duplicates.index_search import Found, Search
from flows.duplicates.series import series_rows

# Copies of news follow within days; follow-ups that quote at length come for weeks. Beyond, exact hashes are enough.
WINDOW_DAYS = 90
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What becomes of a batch."""

    canonical: list[str]  # article_ids that are rows of `articles`, in the order of the batch
    duplicates: pa.Table  # rows of `duplicates`; a round-up has one for each article that it holds
    rewrites: (
        pa.Table
    )  # rows of `rewrites`: always none; flows/duplicates/rewrites.py finds a day\'s when it is complete
    aliases: pa.Table  # rows of `aliases`
    series: pa.Table  # rows of `series` to add
    decided_anew: dict[date, set[str]]  # stored articles that were decided anew, by day: their rows of `series` go
    partitions: dict[str, pa.Table]  # files of the index that change: path below the root → content


@dataclass(frozen=True, slots=True)
class _Nodes:
    """All documents that a decision is about: those of the batch first, then those of the index that may matter."""

    documents: list[Document]
    days: list[date]
    sketches: Sketches  # of a stored document only the grams that it shares with the batch
    sizes: tuple[Ints, Ints]
    fresh: int  # this many come first, from the batch and undecided
    stored: list[Found]  # the others


# Share of a text or of its article that the other holds, from which a copy on the article's host is a version of it.
# Pages that share a long notice and little else hold less of each other.
VERSION_SHARE = 0.8


def is_version(document: Document) -> bool:
    """Whether a copy holds nearly all of its article or is held by it; on one host it is then a version."""
    if not document.duplicate_of or document.relation == Relation.AGGREGATE:
        return False
    return max(document.containment[0], document.containment_of_canonical[0]) >= VERSION_SHARE


class _Reader:
    """Texts and hosts of nodes: those of the batch at hand, those of the index read when asked for.

    Args:
        search: of the index.
        nodes: all documents that a decision is about.
        texts: of the batch.
        hosts: hash of each of its hosts.
    """

    def __init__(self, search: Search, nodes: _Nodes, texts: Texts, hosts: Hashes) -> None:
        self._search = search
        self._nodes = nodes
        self._texts = texts
        self._hosts = hosts

    def texts(self, docs: Ints) -> Texts:
        """The texts of some nodes, in ascending order of number."""
        fresh, stored = docs[docs < self._nodes.fresh], docs[docs >= self._nodes.fresh]
        packed_texts, _ = self._search.words([self._nodes.stored[k] for k in stored - self._nodes.fresh])
        return join_texts([self._texts.take(fresh), unpacked(packed_texts)])

    def on_one_host(self, canonical: Ints) -> Flags:
        """Which documents of the batch are copies of an article on their own host."""
        count = self._nodes.fresh
        copies = np.flatnonzero(canonical[:count] != np.arange(count))
        of = canonical[copies]
        _, stored = self._search.words([self._nodes.stored[k] for k in of[of >= count] - count])
        host = np.zeros(len(of), dtype=np.uint64)
        host[of < count] = self._hosts[of[of < count]]
        host[of >= count] = np.array(stored, dtype=np.uint64)
        flags = np.zeros(count, dtype=np.bool_)
        flags[copies] = (host == self._hosts[copies]) & (host != 0)
        return flags

    def hosts(self, pairs: Pairs, words: Ints, day: Ints) -> Hashes:
        """Hash of each node's host; of stored ones only where a short notice may have come again, else 0."""
        hosts = np.zeros(len(words), dtype=np.uint64)
        hosts[: self._nodes.fresh] = self._hosts
        short = np.minimum(words[pairs.a], words[pairs.b]) < NOTICE_WORDS
        again = short & (np.abs(day[pairs.a] - day[pairs.b]) >= NOTICE_DAYS)
        wanted = np.unique(np.concatenate([pairs.a[again], pairs.b[again]]))
        wanted = wanted[wanted >= self._nodes.fresh]
        _, found = self._search.words([self._nodes.stored[k] for k in wanted - self._nodes.fresh])
        hosts[wanted] = np.array(found, dtype=np.uint64)
        return hosts


class FingerprintIndex:
    """The fingerprints of a lake.

    Args:
        root: of the lake.
        window_days: near copies are searched among articles published at most this many days before or after.
    """

    def __init__(self, root: Path | str, window_days: int = WINDOW_DAYS) -> None:
        self.root = Path(root)
        self.window = timedelta(days=window_days)

    def decide(self, batch: pa.Table, *, again: Collection[str] = ()) -> Decisions:
        """Decide what each article of a batch is. Nothing is written.

        An article that the index has with the same text and day keeps what was decided of it. One whose text
        or day changed is decided again, but an article stays an article.

        Args:
            batch: rows of the schema of `articles`, each article_id once.
            again: article_ids that the index forgets. Those that the batch holds are decided anew though their text is
                the same; the others are no article any more.

        Raises:
            ValueError: an article_id is in the batch twice.
        """
        ids: list[str] = batch.column("article_id").to_pylist()
        if len(set(ids)) < len(ids):
            twice = next(i for i in ids if ids.count(i) > 1)
            raise ValueError(f"article_id {twice} is in the batch twice; pass each article once, with its latest text")
        with duckdb.connect() as connection:
            search = Search(connection, self.root)
            hashes: list[str] = batch.column("text_hash").to_pylist()
            keyed = search.keyed([*ids, *again], hashes)
            stored = {f.document.article_id: f for f in keyed}
            days: list[date] = batch.column("published_date").to_pylist()
            unchanged = [
                i in stored and i not in again and (stored[i].document.text_hash, stored[i].day) == (h, d)
                for i, h, d in zip(ids, hashes, days, strict=True)
            ]
            fresh_rows = np.flatnonzero(~np.array(unchanged, dtype=np.bool_))
            fresh = batch.take(pa.array(fresh_rows))
            leaving = {i: stored[i] for i in {*again} - {*ids} if i in stored}
            decided, entries, aliases, series = self._decide_fresh(fresh, stored, keyed, leaving, search)
        for i, same in zip(ids, unchanged, strict=True):
            if same:
                decided[i] = stored[i].document
        gone = {i: stored[i].day for i in [*fresh.column("article_id").to_pylist(), *leaving] if i in stored}
        anew = {day: {i for i, d in gone.items() if d == day} for day in set(gone.values())}
        return Decisions(
            [i for i in ids if not decided[i].duplicate_of],
            _duplicate_rows(batch, [decided[i] for i in ids]),
            to_table(Rewrite, []),
            aliases,
            series,
            anew,
            self._partitions(gone, entries),
        )

    def _decide_fresh(
        self,
        fresh: pa.Table,
        stored: dict[str, Found],
        keyed: Sequence[Found],
        leaving: dict[str, Found],
        search: Search,
    ) -> tuple[dict[str, Document], list[IndexEntry], pa.Table, pa.Table]:
        """Decisions of the articles that are new or have a new text, what the index is to hold of them, aliases and
        series."""
        if not len(fresh):
            return {}, [], to_table(Alias, []), to_table(SeriesMember, [])
        days: list[date] = fresh.column("published_date").to_pylist()
        window = [d for d in files.days(self.root) if any(abs(d - own) <= self.window for own in set(days))]
        sampled = sample(fresh.column("text"))
        short_lines = short_line_keys(sampled, fresh.column("host").to_pylist())
        ids: list[str] = fresh.column("article_id").to_pylist()
        hashes: list[str] = fresh.column("text_hash").to_pylist()
        replaced = [*(stored[i] for i in ids if i in stored), *leaving.values()]
        dropped, own = stand_on_sites(sampled, short_lines, hashes, window, replaced, search)
        sketches = sketch(sampled, dropped)
        kept, _ = without_common(sketches, find_postings(sketches))
        nodes = self._nodes(fresh, kept, window, keyed, replaced, search)
        hosts = host_hashes(fresh.column("host").to_pylist())
        texts = sampled.texts(np.arange(len(ids)), dropped)
        reader = _Reader(search, nodes, texts, hosts)
        pairs, forms = self._pairs(nodes, reader)
        resolution = self._resolve(nodes, pairs, stored)
        on_one_host = reader.on_one_host(resolution.canonical)
        documents = _decisions(nodes, pairs, resolution, on_one_host)
        bounds = np.searchsorted(sampled.lines.doc, np.arange(len(ids) + 1))
        codes = packed(texts)
        # a version of a story on its own host is not another page of the site
        own &= ~(on_one_host & [is_version(d) for d in documents])
        entries = [
            IndexEntry(
                days[i],
                documents[i],
                sketches.grams[sketches.bounds[i] : sketches.bounds[i + 1]],
                np.unique(short_lines[bounds[i] : bounds[i + 1]]) if own[i] else short_lines[:0],
                codes[i],
                int(hosts[i]),
            )
            for i in range(len(ids))
        ]
        series = series_rows(
            self.root,
            forms,
            resolution.canonical,
            resolution.aggregate,
            _rank_keys(nodes.documents),
            [d.article_id for d in nodes.documents],
            nodes.days,
            nodes.fresh,
        )
        return dict(zip(ids, documents, strict=True)), entries, _alias_rows(nodes, resolution), series

    def _nodes(
        self,
        fresh: pa.Table,
        sketches: Sketches,
        window: Sequence[date],
        keyed: Sequence[Found],
        replaced: Sequence[Found],
        search: Search,
    ) -> _Nodes:
        days: list[date] = fresh.column("published_date").to_pylist()
        sizes, figures = level_sizes(sketches.grams, sketches.bounds)
        documents = [
            Document(i, h, p, int(w), int(level), tuple(sizes[:, k].tolist()), tuple(figures[:, k].tolist()))
            for k, (i, h, p, w, level) in enumerate(
                zip(
                    fresh.column("article_id").to_pylist(),
                    fresh.column("text_hash").to_pylist(),
                    fresh.column("published_at").to_pylist(),
                    sketches.words,
                    sketches.level,
                    strict=True,
                )
            )
        ]
        own = {f.document.article_id for f in replaced}
        same_text = {d.text_hash for d in documents}
        matched = search.matches(sketches, days, self.window, window, replaced)
        chosen = {f.document.article_id: f for f in matched}
        chosen |= {f.document.article_id: f for f in keyed if f.document.text_hash in same_text}
        missing = {
            (f.document.cluster_id, f.document.cluster_date)
            for f in chosen.values()
            if f.document.cluster_id and f.document.cluster_id not in chosen
        }
        chosen |= {f.document.article_id: f for f in search.by_id(missing)}
        # an article whose date was corrected has left the day that its copies remember
        moved = [i for i, _ in missing if i is not None and i not in chosen]
        chosen |= {f.document.article_id: f for f in (search.keyed(moved, []) if moved else ())}
        chosen |= {f.document.article_id: f for f in search.members(list(chosen.values()), window)}
        others = [f for i, f in chosen.items() if i not in own]
        shared = search.shared_grams(others)
        grams = np.concatenate([sketches.grams, *shared]) if others else sketches.grams
        bounds = np.append(sketches.bounds, sketches.bounds[-1] + np.cumsum([len(g) for g in shared], dtype=np.int64))
        all_documents = documents + [f.document for f in others]
        level = np.array([d.level for d in all_documents], dtype=np.uint8)
        words = np.array([d.words for d in all_documents], dtype=np.int64)
        table = np.array([d.sizes for d in all_documents]).T, np.array([d.figures for d in all_documents]).T
        return _Nodes(
            all_documents,
            days + [f.day for f in others],
            Sketches(grams, bounds, level, words),
            table,
            len(documents),
            others,
        )

    def _pairs(self, nodes: _Nodes, reader: _Reader) -> tuple[Pairs, Pairs]:
        """Verified copies among the batch, and between it and the index, those of the same text among them; and pairs
        of reports of one form."""
        day = np.array([(d - _EPOCH).days for d in nodes.days])
        found = find_pairs(nodes.sketches, find_postings(nodes.sketches), nodes.sizes)
        pairs = found.take((found.a < nodes.fresh) & (np.abs(day[found.a] - day[found.b]) <= self.window.days))
        exact = _exact_pairs(nodes)
        words = nodes.sketches.words
        hosts = reader.hosts(_joined(pairs, exact), words, day)
        copies, forms = find_copies(pairs, words, day, hosts, reader.texts)
        short = np.minimum(words[exact.a], words[exact.b])
        gap = np.abs(day[exact.a] - day[exact.b])
        again = is_next_notice(short, gap, hosts[exact.a] == hosts[exact.b])
        forms = _joined(forms, exact.take(again))
        return _joined(_joined(copies, _stored_pairs(nodes)), exact.take(~again)), forms

    def _resolve(self, nodes: _Nodes, pairs: Pairs, stored: dict[str, Found]) -> Resolution:
        number = {d.article_id: k for k, d in enumerate(nodes.documents)}
        settled = np.full(len(number), -1)
        known_aggregate = np.zeros(len(number), dtype=np.bool_)
        for k, document in enumerate(nodes.documents):
            before = (
                stored[document.article_id].document if k < nodes.fresh and document.article_id in stored else document
            )
            if k >= nodes.fresh or (before is not document and not before.duplicate_of):
                known_aggregate[k] = before.relation == Relation.AGGREGATE
                settled[k] = -1 if known_aggregate[k] else number.get(before.cluster_id or document.article_id, k)
        order = _rank_keys(nodes.documents)
        published = np.array([(d - _EPOCH).days for d in nodes.days])
        return resolve(pairs, nodes.sketches, published, order, settled, known_aggregate)

    def _partitions(self, gone: dict[str, date], entries: Sequence[IndexEntry]) -> dict[str, pa.Table]:
        changed: dict[str, pa.Table] = {}
        for day in sorted({e.day for e in entries} | set(gone.values())):
            mine = [e for e in entries if e.day == day]
            changed |= files.day_files(self.root, day, {i for i, d in gone.items() if d == day}, mine)
        return changed | files.key_files(self.root, gone, entries)


def stand_on_sites(
    sampled: Sample,
    lines: np.ndarray,
    text_hashes: Sequence[str],
    window: Sequence[date],
    replaced: Sequence[Found],
    search: Search,
) -> tuple[Flags, Flags]:
    """Which lines of a batch stand on four pages of their host, those of the index counted in.

    Args:
        sampled: the batch.
        lines: upper 32 bits of the key of each line.
        text_hashes: of each document; those of one text are one page.
        window: days of the index to count in.
        replaced: stored documents that do not count.
        search: of the index.

    Returns:
        A flag per line; and one per document: it has lines enough of its own to count as a page, as versions of a
        story have not.
    """
    count = len(text_hashes)
    keys, row = np.unique(lines, return_inverse=True)
    stored = search.line_pages(keys, window, replaced)
    text_of = np.unique(np.array(text_hashes), return_inverse=True)[1]

    def pages(counted: Flags) -> Ints:
        of = counted[sampled.lines.doc]
        both = np.unique((row[of] << 32) | text_of[sampled.lines.doc[of]])
        return stored + np.bincount(both >> 32, minlength=len(keys))

    repeated = pages(np.ones(count, dtype=np.bool_))[row] >= SITE_LINE_PAGES
    own = has_own(sampled.lines, repeated, count)
    return np.asarray(pages(own)[row] >= SITE_LINE_PAGES), own


def short_line_keys(sampled: Sample, hosts: Sequence[str]) -> np.ndarray:
    """Upper 32 bits of the key of each line of a batch, as ``index/site_lines`` holds them."""
    return np.asarray((line_keys(sampled.lines, host_hashes(hosts)) >> np.uint64(32)).astype(np.uint32))


def _rank_keys(documents: Sequence[Document]) -> np.ndarray:
    """Of several copies the earliest published is the article; unknown dates come last, ties go by article_id."""
    far = datetime.max.replace(tzinfo=UTC)
    ranked = sorted(range(len(documents)), key=lambda k: (documents[k].published_at or far, documents[k].article_id))
    rank = np.empty(len(documents), dtype=np.int64)
    rank[ranked] = np.arange(len(documents))
    return rank


def _exact_pairs(nodes: _Nodes) -> Pairs:
    """Each document of the batch with the first other one of the same text, as pairs that share everything."""
    first: dict[str, int] = {}
    a, b = [], []
    # stored documents first: a copy goes to the article that is there already
    for k in [*range(nodes.fresh, len(nodes.documents)), *range(nodes.fresh)]:
        other = first.setdefault(nodes.documents[k].text_hash, k)
        if other != k and min(k, other) < nodes.fresh:
            a.append(min(k, other))
            b.append(max(k, other))
    size = np.array([nodes.documents[k].sizes[0] for k in a], dtype=np.int64)
    figures = np.array([nodes.documents[k].figures[0] for k in a], dtype=np.int64)
    return Pairs(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64), size, figures, size, size, figures, figures)


def _joined(one: Pairs, other: Pairs) -> Pairs:
    return Pairs(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in Pairs.__slots__))


def _stored_pairs(nodes: _Nodes) -> Pairs:
    """The stored documents that an article of the index was found to hold, each with it, as pairs.

    With them it shows when an article that holds one text of the batch holds another elsewhere: a round-up that was
    committed before the articles in it.
    """
    number = {d.article_id: k for k, d in enumerate(nodes.documents)}
    rows = []
    for k in range(nodes.fresh, len(nodes.documents)):
        held = nodes.documents[k]
        part = held.relation in (Relation.CONTAINED, Relation.VERSION)
        of = number.get(held.duplicate_of[0]) if part else None
        if of is not None:
            article = nodes.documents[of]
            level = max(held.level, article.level)
            sizes, figures = (held.sizes[level], article.sizes[level]), (held.figures[level], article.figures[level])
            shared = round(max(held.containment[0] * sizes[0], held.containment_of_canonical[0] * sizes[1]))
            rows.append((k, of, shared, 0, *sizes, *figures))
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(Pairs.__slots__))
    return Pairs(*columns.T)


def _decisions(nodes: _Nodes, pairs: Pairs, resolution: Resolution, on_one_host: Flags) -> list[Document]:
    """The documents of the batch, each with what was decided of it.

    Args:
        nodes: all documents.
        pairs: verified copies.
        resolution: what each document is.
        on_one_host: which documents of the batch are copies of an article on their own host.
    """
    targets: dict[int, list[int]] = {}
    for k in range(nodes.fresh):
        if not resolution.aggregate[k] and resolution.canonical[k] != k:
            targets[k] = [int(resolution.canonical[k])]
    for k, article in resolution.links:
        if k < nodes.fresh:
            targets.setdefault(k, []).append(article)
    copies = [k for k, of in targets.items() for _ in of]
    originals = [article for of in targets.values() for article in of]
    measured = measure(
        nodes.sketches, np.array(copies, dtype=np.int64), np.array(originals, dtype=np.int64), nodes.sizes
    )
    of_copy, of_article = containment(measured)
    jaccard, kinds = resemblance(measured), relations(measured)
    documents = nodes.documents[: nodes.fresh]
    row = 0
    for k, of in targets.items():
        rows = slice(row, row + len(of))
        row += len(of)
        exact = documents[k].text_hash == nodes.documents[of[0]].text_hash
        part = Relation.VERSION if on_one_host[k] else kinds[rows][0]
        kind = Relation.AGGREGATE if resolution.aggregate[k] else Relation.EXACT if exact else part
        documents[k] = files.with_decision(
            documents[k],
            relation=kind.value,
            cluster_id=None if kind == Relation.AGGREGATE else nodes.documents[of[0]].article_id,
            cluster_date=None if kind == Relation.AGGREGATE else nodes.days[of[0]],
            duplicate_of=tuple(nodes.documents[x].article_id for x in of),
            containment=(1.0,) if exact else tuple(of_copy[rows].tolist()),
            containment_of_canonical=(1.0,) if exact else tuple(of_article[rows].tolist()),
            jaccard=(1.0,) if exact else tuple(jaccard[rows].tolist()),
            lag_seconds=tuple(_lag(documents[k], nodes.documents[x]) for x in of),
        )
    return documents


def _lag(copy: Document, article: Document) -> int | None:
    if copy.published_at is None or article.published_at is None:
        return None
    return round((copy.published_at - article.published_at).total_seconds())


def _duplicate_rows(batch: pa.Table, documents: Sequence[Document]) -> pa.Table:
    """Rows of ``duplicates``: those of the batch that are copies, with what was decided of them."""
    rows = [(k, j) for k, d in enumerate(documents) for j in range(len(d.duplicate_of))]
    target = schema(Duplicate)

    def of(name: str) -> list[object]:
        return [getattr(documents[k], name)[j] for k, j in rows]

    contained = np.array(of("containment"), dtype=np.float32)
    held = np.array(of("containment_of_canonical"), dtype=np.float32)
    added: dict[str, pa.Array] = {
        "cluster_id": pa.array([documents[k].cluster_id or documents[k].article_id for k, _ in rows], pa.string()),
        "duplicate_of": pa.array(of("duplicate_of"), pa.string()),
        "relation": pa.array([documents[k].relation for k, _ in rows], pa.string()),
        "containment": pa.array(contained),
        "containment_of_canonical": pa.array(held),
        "jaccard": pa.array(of("jaccard"), pa.float32()),
        "added_share": pa.array(1 - contained),
        "cut_share": pa.array(1 - held),
        "lag_seconds": pa.array(of("lag_seconds"), pa.int64()),
    }
    taken = batch.take(pa.array([k for k, _ in rows], pa.int64()))
    columns = [added[name] if name in added else taken.column(name) for name in target.names]
    return pa.Table.from_arrays(columns, names=target.names).cast(target)


def _alias_rows(nodes: _Nodes, resolution: Resolution) -> pa.Table:
    """Rows of ``aliases``: each joined story, on the day of its later article."""
    rows = [
        Alias(nodes.documents[later].article_id, nodes.documents[earlier].article_id, nodes.days[later])
        for later, earlier in resolution.aliases
    ]
    return to_table(Alias, rows)
