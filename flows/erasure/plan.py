"""What an erasure would remove: the articles asked for, and everything that holds their text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Engine

from cleaning.schema.arrow import TABLES
from cleaning.urls import article_id, canonical_url
from flows.lake.index import Lineage, published_rows
from flows.lake.lookup import ARTICLE_ID
from flows.lake.parquet_reader import read_parquet
from flows.lake.store import Lake
from spiders.frontier.bookkeeping import erasure as frontier_rows

TEXTS = ("articles", "duplicates", "revisions")
# A shorter word in a log would be found where it means something else.
NEEDLE_CHARS = 6


class EraseRequestError(ValueError):
    """An erasure that cannot be made as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """A row that would go, for the preview."""

    article_id: str
    table: str
    source: str
    url: str
    title: str
    because: str  # asked for, copy, same story, credits NAME


@dataclass(slots=True)
class ErasePlan:
    """Everything an erasure touches.

    Attributes:
        rows: texts that would go, one for each row.
        identities: article_ids, also of URLs whose page names another canonical one.
        addresses: their URLs, in every form that is stored.
        names: titles and authors, as logs may hold them.
        records: raw records.
        frontier: ids of the frontier's rows.
        rewrites: article_ids of possible rewrites, which stay unless they are asked for.
        tables: table → rows that would go.
    """

    rows: list[ErasedRow] = field(default_factory=list)
    identities: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    records: set[Lineage] = field(default_factory=set)
    frontier: set[int] = field(default_factory=set)
    rewrites: set[str] = field(default_factory=set)
    tables: Counter[str] = field(default_factory=Counter)


def plan_erasure(
    lake: Lake, frontier: Engine, keys: Collection[str], *, author: str | None = None, with_rewrites: bool = False
) -> ErasePlan:
    """Find what an erasure would remove; writes nothing.

    Whatever holds the text goes with it: copies, the article that it copies, earlier revisions, removed lines.

    Args:
        lake: only read.
        frontier: of the lake, only read.
        keys: article_ids, or URLs in any of their variants.
        author: also every article that credits this name, whatever its case.
        with_rewrites: also possible rewrites of them.

    Raises:
        EraseRequestError: where there is nothing.
    """
    wanted = {key: key if ARTICLE_ID.fullmatch(key) else article_id(canonical_url(key)) for key in keys}
    because = dict.fromkeys(wanted.values(), "asked for")
    if author:
        because |= dict.fromkeys(_credited(lake, author), f"credits {author}")
    plan = ErasePlan(identities=set(because))
    _add_stories(lake, plan, because)
    if with_rewrites and plan.rewrites:
        because |= dict.fromkeys(plan.rewrites, "possible rewrite")
        plan = ErasePlan(identities=set(because))
        _add_stories(lake, plan, because)
    plan.addresses |= {key for key in wanted if not ARTICLE_ID.fullmatch(key)}
    plan.addresses |= {canonical_url(address) for address in plan.addresses if address.startswith("http")}
    _add_published(lake, plan)
    _add_frontier(frontier, plan)
    found = {row.article_id for row in plan.rows}
    if plan.frontier:
        found |= {article_id(address) for address in plan.addresses}
    missing = [key for key, identity in wanted.items() if identity not in found and not plan.records]
    if missing or (author and not plan.rows):
        raise EraseRequestError(
            f"{', '.join(missing) or author}: nothing in {lake.root}; look for it with newsmill inspect"
        )
    plan.tables = count_rows(lake, plan)
    return plan


def _credited(lake: Lake, author: str) -> set[str]:
    wanted, found = " ".join(author.casefold().split()), set()
    for table in TEXTS:
        for rows in lake.stream(table, columns=["article_id", "authors"]):
            for identity, names in zip(*(rows.column(n).to_pylist() for n in ("article_id", "authors")), strict=True):
                if any(" ".join(name.casefold().split()) == wanted for name in names):
                    found.add(identity)
    return found


def _add_stories(lake: Lake, plan: ErasePlan, because: Mapping[str, str]) -> None:
    """Add the rows of these articles, and whatever shares a story or a copy's link with one of them."""
    needed = ["article_id", "cluster_id"]
    texts = {table: lake.read(table, columns=needed) for table in TEXTS}
    links = lake.read("duplicates", columns=["article_id", "duplicate_of"])
    before = -1
    while before != len(plan.identities):
        before = len(plan.identities)
        ids = pa.array(sorted(plan.identities), pa.string())
        stories: set[str] = set()
        for rows in texts.values():
            stories |= set(rows.filter(pc.is_in(rows["article_id"], ids))["cluster_id"].to_pylist())
        for rows in texts.values():
            same = pc.is_in(rows["cluster_id"], pa.array(sorted(stories), pa.string()))
            plan.identities |= set(rows.filter(same)["article_id"].to_pylist())
        ids = pa.array(sorted(plan.identities), pa.string())
        plan.identities |= set(links.filter(pc.is_in(links["duplicate_of"], ids))["article_id"].to_pylist())
    ids = pa.array(sorted(plan.identities), pa.string())
    shown = ["article_id", "source", "url", "canonical_url", "title", "authors", "raw_file", "raw_offset"]
    for table in TEXTS:
        for rows in lake.stream(table, columns=shown):
            for row in rows.filter(pc.is_in(rows["article_id"], ids)).to_pylist():
                reason = because.get(row["article_id"], "holds the same text")
                plan.rows.append(ErasedRow(row["article_id"], table, row["source"], row["url"], row["title"], reason))
                plan.addresses |= {row["url"], row["canonical_url"]}
                plan.names |= {row["title"], *row["authors"]}
                plan.records.add((row["raw_file"], row["raw_offset"]))
    links = lake.read("rewrites", columns=["article_id", "rewrite_of"])
    for one, other in (("article_id", "rewrite_of"), ("rewrite_of", "article_id")):
        plan.rewrites |= set(links.filter(pc.is_in(links[one], ids))[other].to_pylist())
    plan.rewrites -= plan.identities
    rejected = lake.read("rejected", columns=["url", "canonical_url", "raw_file", "raw_offset", "title"])
    for row in rejected.to_pylist():
        if article_id(row["canonical_url"]) in plan.identities:
            plan.addresses |= {row["url"], row["canonical_url"]}
            plan.names |= {row["title"] or ""}
            plan.records.add((row["raw_file"], row["raw_offset"]))
    plan.names -= {""}


def _add_published(lake: Lake, plan: ErasePlan) -> None:
    """Every fetch of these URLs that was published, also those that changed nothing."""
    for file in sorted((lake.root / "index" / "published").glob("date=*/part-0.parquet")):
        hits = pc.indices_nonzero(
            pc.is_in(read_parquet(file, ["article_id"]).column(0), pa.array(sorted(plan.identities), pa.string()))
        )
        for row in published_rows(read_parquet(file).take(hits)) if len(hits) else ():
            plan.addresses.add(row.url)
            plan.records.add(row.lineage)


def _add_frontier(frontier: Engine, plan: ErasePlan) -> None:
    found = frontier_rows.rows_of(frontier, plan.addresses, plan.records)
    plan.frontier |= set(found)
    plan.addresses |= set(found.values())
    plan.identities |= {article_id(canonical) for canonical in found.values()}
    plan.records |= frontier_rows.archived_of(frontier, plan.frontier)


def count_rows(lake: Lake, plan: ErasePlan) -> Counter[str]:
    """The rows of each table that name one of the articles."""
    counts: Counter[str] = Counter()
    for table in TABLES:
        for day in lake.dates(table):
            counts[table] += sum(int(pc.sum(keys_in(part, plan)).as_py() or 0) for part in lake.parts(table, day))
    return counts


# Columns that name an article, and those that hold an address.
ID_COLUMNS = ("article_id", "duplicate_of", "rewrite_of", "cluster_id", "same_as")
ADDRESS_COLUMNS = ("url", "canonical_url", "canonical")


def keys_in(file: Path, plan: ErasePlan) -> pa.ChunkedArray | pa.Array:
    """For each row of a Parquet file whether it names one of the articles; only the columns that can are read."""
    present = pq.read_schema(file).names
    return are_named(read_parquet(file, [name for name in (*ID_COLUMNS, *ADDRESS_COLUMNS) if name in present]), plan)


def are_named(rows: pa.Table, plan: ErasePlan) -> pa.ChunkedArray | pa.Array:
    """For each row whether it names one of the articles, by id or by address."""
    found: pa.ChunkedArray | pa.Array = pa.array([False] * len(rows), pa.bool_())
    for names, values in ((ID_COLUMNS, plan.identities), (ADDRESS_COLUMNS, plan.addresses)):
        wanted = pa.array(sorted(values), pa.string())
        for name in names:
            if name in rows.schema.names and pa.types.is_string(rows.schema.field(name).type):
                found = pc.or_(found, pc.fill_null(pc.is_in(rows[name], wanted), False))
    return found


def needles(plan: ErasePlan) -> list[bytes]:
    """What a log may hold of them, longest first: addresses, titles, names."""
    texts: Iterable[str] = {*plan.addresses, *plan.names}
    return sorted({text.encode() for text in texts if len(text) >= NEEDLE_CHARS}, key=lambda one: (-len(one), one))
