"""The data dictionary (data/README.md), rendered from the same fields as the schemas."""

from __future__ import annotations

import pyarrow as pa

from cleaning.records import Confidence, Reason, Relation
from cleaning.schema.arrow import SCHEMA_VERSION, TABLES, Table, columns

# Meanings of the closed lists' members, kept next to their use for the readers of the data.
RELATIONS = {
    Relation.EXACT: "the normalised texts are the same",
    Relation.NEAR: "most of both texts is shared",
    Relation.VERSION: "as near or contained, on the host of its article: an update under a new address",
    Relation.CONTAINED: "one text contains most of the other, which is clearly shorter",
    Relation.AGGREGATE: "it contains two or more otherwise unconnected articles: one row for each, never a merge",
    Relation.REWRITE: "the same names and figures in other words: only in `rewrites`",
    Relation.FOLLOW_UP: "the next or an earlier step of the same story: only in `rewrites`",
}
REASONS = {
    Reason.EMPTY: "the response had no body, or the page no text",
    Reason.NOT_HTML: "the body is not HTML, whatever its header said",
    Reason.ERROR_PAGE: "an error page, though its status was 200",
    Reason.CONSENT_WALL: "a cookie or consent page was served in place of the article",
    Reason.PAYWALL_STUB: "too little text in front of a paywall",
    Reason.SECTION_PAGE: "a list of articles: section, tag, author, date or home page",
    Reason.STATIC_PAGE: "a page outside the news: about, contact, privacy",
    Reason.GALLERY: "pictures with captions and no text",
    Reason.VIDEO: "a player with a line or two",
    Reason.LIVE_TICKER: "a live ticker without entries yet",
    Reason.TOO_SHORT: "fewer words than an article needs (cleaning/quality.toml)",
    Reason.OTHER_LANGUAGE: "not a language of the source, whose entry says reject_other_languages",
    Reason.TOO_LARGE: "over the size limit for pages",
    Reason.TOO_DEEP: "nested deeper than the limit",
    Reason.TIME_LIMIT: "cleaning took longer than the limit for one page",
    Reason.UNREADABLE: "no parser could read it as a page",
    Reason.OPTED_OUT: "the publisher reserves its use and the source is set to obey",
}
CONFIDENCES = {
    Confidence.HIGH: "machine-readable, in the page's own metadata, with a time",
    Confidence.MEDIUM: "machine-readable without a time, or given by a feed or sitemap",
    Confidence.LOW: "read from the visible text or the URL",
    Confidence.NONE: "no date was found; published_at is null",
}

HEAD = """# The data dictionary

Rendered from cleaning/records by `make dictionary`; `make lint` fails where the two differ. Schema {version}.

A lake is a folder of hive partitions: `TABLE/date=YYYY-MM-DD/part-0.parquet`, one file a day, in UTC. Read a table
whole with `pandas.read_parquet("data/articles")`, DuckDB's `'data/articles/**/*.parquet'` or polars. pandas shows the
folder's `date` as text; the column of the same day with a proper type is named in each heading below.

`raw/` holds every response as it was fetched (WARC 1.1), `state/` the ledger of URLs, `index/` what can be rebuilt
from the tables. Nothing but `newsmill` should write here; anything may read, at any time, while it writes.
"""


def type_name(type: pa.DataType) -> str:
    """The name of an Arrow type as the dictionary prints it."""
    return str(type).replace("list<item: string>", "list of string")


def table_section(table: Table) -> str:
    """One table as Markdown: its heading and one row per column."""
    lines = [
        f"## {table.name}",
        "",
        f"{table.doc} Partitioned by `{table.partition_by}`; sorted by {', '.join(f'`{c}`' for c in table.sort_by)}.",
        "",
        "| column | type | may be null | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {type_name(c.type)} | {'yes' if c.nullable else ''} | {c.doc.replace('|', chr(92) + '|')} |"
        for name, c in columns(table.row).items()
    ]
    return "\n".join(lines)


def closed_list(heading: str, meanings: dict[Relation, str] | dict[Reason, str] | dict[Confidence, str]) -> str:
    """A closed list of values as Markdown."""
    return "\n".join([f"## {heading}", "", *(f"* `{key.value}`: {meaning}" for key, meaning in meanings.items())])


FLAGS = {
    "future-date": "a stated date is later than the fetch, and was not believed",
    "wrong-charset": "the page declares a different character set from the one its bytes use",
    "other-language": "the text is in a language that the source's catalogue entry does not name",
    "json-ld-rescue": "the text is nowhere on the visible page: it comes from the page's JSON-LD or script state",
    "low-confidence": "text_confidence is below the source's low_confidence (default in cleaning/quality.toml)",
    "silent-edit": "the text differs from that of the revision before, while `modified_at` does not",
    "second-opinion": "the block model was not sure of its choice: the text is trafilatura's",
}


def render() -> str:
    """The whole of data/README.md."""
    parts = [HEAD.format(version=SCHEMA_VERSION).rstrip()]
    parts += [table_section(table) for table in TABLES.values()]
    parts += [
        closed_list("Values of `relation`", RELATIONS),
        closed_list("Values of `reason`", REASONS),
        closed_list("Values of `date_confidence`", CONFIDENCES),
        "\n".join(["## Values of `flags`", "", *(f"* `{flag}`: {meaning}" for flag, meaning in FLAGS.items())]),
    ]
    return "\n\n".join(parts) + "\n"
