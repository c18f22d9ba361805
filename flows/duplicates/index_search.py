"""Looks things up in the fingerprint index, by DuckDB joins on its Parquet files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaning.duplicates.pairs import CANDIDATE_GRAMS, CANDIDATE_SHARE, COMMON, CROWD
from cleaning.duplicates.sketches import LEVELS, Sketches
from cleaning.duplicates.words import Ints
from flows.duplicates.index_files import WORDS_ROW_GROUP, Document, first_64_bits, path
from flows.lake.parquet_reader import open_parquet

# For a gram that more than CROWD stored documents contain, this many of the earliest are compared: copies of one story
# share many grams, and the earliest ones lead to its article.
_EARLIEST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A stored document and where it stands."""

    day: date
    number: int
    document: Document


def _document(row: dict[str, Any]) -> Found:
    """A row of ``index/documents`` with its day as ``date``."""
    lists = ("duplicate_of", "containment", "containment_of_canonical", "jaccard", "lag_seconds")
    plain = ("article_id", "text_hash", "published_at", "words", "level", "relation", "cluster_id", "cluster_date")
    fields: dict[str, Any] = {name: row[name] for name in plain}
    fields |= {name: tuple(row[name]) for name in lists}
    fields["sizes"] = tuple(row[f"size_{k}"] for k in range(LEVELS))
    fields["figures"] = tuple(row[f"figures_{k}"] for k in range(LEVELS))
    return Found(row["date"], row["doc"], Document(**fields))


class Search:
    """Look-ups of one batch; keeps in DuckDB what the batch shares with the index.

    Args:
        connection: of an in-memory database of its own.
        root: of the lake.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, root: Path) -> None:
        self._db = connection
        self._root = root
        self._db.execute("CREATE TEMP TABLE hits (gram UINTEGER, date DATE, doc UINTEGER)")

    def keyed(self, ids: Sequence[str], text_hashes: Sequence[str]) -> list[Found]:
        """Stored documents of all time that have one of these ids or one of these texts."""
        key_files = sorted(str(f) for f in (self._root / "index" / "keys").glob("month=*/part-0.parquet"))
        if not key_files:
            return []
        self._register("ids", key=first_64_bits(ids))
        self._register("texts", key=first_64_bits(text_hashes))
        rows = self._arrays(
            "SELECT DISTINCT article, date FROM read_parquet($files, hive_partitioning=false)"
            " WHERE article IN (SELECT key FROM ids) OR text IN (SELECT key FROM texts)",
            {"files": key_files},
        )
        days = {d.item() for d in np.unique(rows["date"].astype("datetime64[D]"))}
        self._db.register("wanted_ids", pa.table({"article_id": pa.array(ids, pa.string())}))
        self._db.register("wanted_texts", pa.table({"text_hash": pa.array(text_hashes, pa.string())}))
        if not days:
            return []
        self._view_documents(days)
        return self._found(
            "FROM documents WHERE article_id IN (SELECT article_id FROM wanted_ids)"
            " OR text_hash IN (SELECT text_hash FROM wanted_texts) ORDER BY date, doc"
        )

    def by_id(self, wanted: Iterable[tuple[str | None, date | None]]) -> list[Found]:
        """The stored documents of these ids, each on its day."""
        pairs = [(i, d) for i, d in wanted if i is not None and d is not None]
        if not pairs:
            return []
        self._db.register("by_id", pa.table({"article_id": pa.array([i for i, _ in pairs], pa.string())}))
        self._view_documents({d for _, d in pairs})
        return self._found("FROM documents WHERE article_id IN (SELECT article_id FROM by_id) ORDER BY date, doc")

    def members(self, articles: Sequence[Found], window: Sequence[date]) -> list[Found]:
        """The stored documents of the window that are shorter texts held by one of these articles."""
        ids = [f.document.article_id for f in articles if not f.document.duplicate_of]
        if not ids or not window:
            return []
        self._db.register("stories", pa.table({"cluster_id": pa.array(ids, pa.string())}))
        self._view_documents(window)
        return self._found(
            "FROM documents SEMI JOIN stories USING (cluster_id) WHERE relation IN ('contained', 'version')"
            " ORDER BY date, doc"
        )

    def line_pages(self, lines: npt.NDArray[np.uint32], window: Sequence[date], replaced: Sequence[Found]) -> Ints:
        """On how many stored pages of the window each line (ascending) stands, but for the replaced ones."""
        pages = np.zeros(len(lines), dtype=np.int64)
        line_files = self._files("site_lines", window)
        if line_files:
            self._register("lines", line=lines)
            self._register_places(replaced)
            rows = self._arrays(
                "SELECT line, count(*) AS n FROM read_parquet($files, hive_partitioning=true)"
                " SEMI JOIN lines USING (line) ANTI JOIN replaced USING (date, doc) GROUP BY line",
                {"files": line_files},
            )
            pages[np.searchsorted(lines, rows["line"])] = rows["n"]
        return pages

    def matches(
        self,
        sketches: Sketches,
        days: Sequence[date],
        reach: timedelta,
        window: Sequence[date],
        replaced: Sequence[Found],
    ) -> list[Found]:
        """Stored documents that share enough with one of the batch to be worth measuring.

        Args:
            sketches: of the batch.
            days: of each document of the batch.
            reach: how far apart the days of a pair may be.
            window: days of the index to look through.
            replaced: stored documents that the batch replaces.
        """
        gram_files = self._files("fingerprints", window)
        if not gram_files or not len(sketches.grams):
            return []
        self._db.register(
            "batch",
            pa.table(
                {
                    "gram": pa.array(sketches.grams, pa.uint32()),
                    "fresh": pa.array(sketches.docs, pa.int32()),
                    "day": pa.array(np.array(days, dtype="datetime64[D]")[sketches.docs]),
                }
            ),
        )
        self._register_places(replaced)
        self._db.execute(
            "INSERT INTO hits SELECT gram, date, doc FROM read_parquet($files, hive_partitioning=true)"
            " SEMI JOIN batch USING (gram) ANTI JOIN replaced USING (date, doc)",
            {"files": gram_files},
        )
        self._db.execute("CREATE TEMP TABLE counted AS SELECT gram, count(*) AS n FROM hits GROUP BY gram")
        self._db.execute("DELETE FROM hits WHERE gram IN (SELECT gram FROM counted WHERE n > $n)", {"n": COMMON})
        rows = self._arrays(
            """
            WITH few AS (
                SELECT gram, date, doc FROM hits SEMI JOIN (FROM counted WHERE n <= $crowd) USING (gram)
            ), crowded AS (
                SELECT gram, date, doc FROM hits SEMI JOIN (FROM counted WHERE n > $crowd AND n <= $common) USING (gram)
                QUALIFY row_number() OVER (PARTITION BY gram ORDER BY date, doc) <= $earliest
            )
            SELECT fresh, date, doc, count(*) AS shared
            FROM (FROM few UNION ALL FROM crowded) JOIN batch USING (gram)
            WHERE abs(date_diff('day', date, day)) <= $reach
            GROUP BY ALL HAVING count(*) >= $least
            """,
            {"crowd": CROWD, "common": COMMON, "earliest": _EARLIEST, "reach": reach.days, "least": CANDIDATE_GRAMS},
        )
        return self._large_enough(sketches, rows)

    def shared_grams(self, found: Sequence[Found]) -> list[npt.NDArray[np.uint32]]:
        """The grams that each stored document shares with the batch, ascending."""
        if not found:
            return []
        self._db.register(
            "nodes",
            pa.table(
                {
                    "node": pa.array(range(len(found)), pa.int32()),
                    "date": pa.array([f.day for f in found], pa.date32()),
                    "doc": pa.array([f.number for f in found], pa.uint32()),
                }
            ),
        )
        rows = self._arrays("SELECT node, gram FROM hits JOIN nodes USING (date, doc) ORDER BY node, gram")
        bounds = np.searchsorted(rows["node"], np.arange(1, len(found)))
        return list(np.split(rows["gram"].astype(np.uint32), bounds))

    def words(self, found: Sequence[Found]) -> tuple[list[bytes], list[int]]:
        """The packed text of each stored document, and the hash of its host; empty and 0 where the index has none."""
        texts, hosts = [b""] * len(found), [0] * len(found)
        by_day: dict[date, list[int]] = defaultdict(list)
        for k, one in enumerate(found):
            by_day[one.day].append(k)
        for day, rows in sorted(by_day.items()):
            file = self._root / path("words", day)
            if not file.exists():
                continue
            numbers = np.array([found[k].number for k in rows])
            groups, place = np.unique(numbers // WORDS_ROW_GROUP, return_inverse=True)
            with open_parquet(file) as stored:
                read = stored.read_row_groups(groups.tolist(), columns=["words", "host"])
            taken = read.take(pa.array(place * WORDS_ROW_GROUP + numbers % WORDS_ROW_GROUP))
            for k, text, host in zip(rows, *(taken.column(n).to_pylist() for n in ("words", "host")), strict=True):
                texts[k], hosts[k] = text, host
        return texts, hosts

    def _large_enough(self, sketches: Sketches, rows: dict[str, npt.NDArray[Any]]) -> list[Found]:
        """Those matches that share 15 % of the smaller document's grams, as rows of the index."""
        places = pa.table(
            {
                "date": pa.array(rows["date"].astype("datetime64[D]")),
                "doc": pa.array(rows["doc"], pa.uint32()),
                "pair": pa.array(np.arange(len(rows["doc"])), pa.int32()),
            }
        )
        if not len(places):
            return []
        self._db.register("places", places)
        self._view_documents({d.item() for d in np.unique(rows["date"].astype("datetime64[D]"))})
        sizes = self._arrays(
            "SELECT pair, level, COLUMNS('size_.') FROM documents JOIN places USING (date, doc) ORDER BY pair"
        )
        fresh = rows["fresh"].astype(np.int64)
        level = np.maximum(sizes["level"].astype(np.int64), sketches.level[fresh])
        stored = np.array([sizes[f"size_{k}"] for k in range(LEVELS)])[level, np.arange(len(level))]
        own = np.diff(sketches.bounds)[fresh] * 0.5 ** (level - sketches.level[fresh])
        enough = rows["shared"].astype(np.int64) >= CANDIDATE_SHARE * np.minimum(stored, own)
        self._db.register("chosen", places.filter(pa.array(enough)))
        return self._found("FROM documents SEMI JOIN chosen USING (date, doc) ORDER BY date, doc")

    def _view_documents(self, days: Iterable[date]) -> None:
        found = self._files("documents", sorted(days))
        if not found:
            raise IndexError(
                f"{self._root}: index/keys names documents of days that index/documents lacks. Make the index anew "
                "from the tables: newsmill dedup --rebuild-index"
            )
        self._db.read_parquet(found, hive_partitioning=True).create_view("documents", replace=True)

    def _found(self, query: str) -> list[Found]:
        table: pa.Table = self._db.sql(query).to_arrow_table()
        return [_document(row) for row in table.to_pylist()]

    def _arrays(self, query: str, params: dict[str, object] | None = None) -> dict[str, npt.NDArray[Any]]:
        table: pa.Table = self._db.sql(query, params=params).to_arrow_table()
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def _files(self, kind: str, days: Iterable[date]) -> list[str]:
        found = [self._root / path(kind, day) for day in days]
        return [str(f) for f in found if f.exists()]

    def _register(self, name: str, **columns: npt.NDArray[np.generic]) -> None:
        self._db.register(name, pa.table({k: pa.array(v) for k, v in columns.items()}))

    def _register_places(self, found: Sequence[Found]) -> None:
        places = {
            "date": pa.array([f.day for f in found], pa.date32()),
            "doc": pa.array([f.number for f in found], pa.uint32()),
        }
        self._db.register("replaced", pa.table(places))
