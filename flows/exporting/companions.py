"""What lies beside an export: the dictionary of its columns, and its licences with the receipt."""

from __future__ import annotations

from collections import Counter

from cleaning import __version__
from cleaning.schema.arrow import SCHEMA_VERSION, TABLES, columns
from cleaning.schema.dictionary import type_name
from flows.exporting.selection import Receipt, Selection
from flows.exporting.writers import Notes


def dictionary(selection: Selection) -> str:
    """The exported columns with type and meaning, as Markdown."""
    table = TABLES[selection.table]
    lines = [
        f"# {selection.table}: {table.doc}",
        "",
        f"Exported by newsmill {__version__}, schema {SCHEMA_VERSION}.",
        "",
        "| column | type | may be null | meaning |",
        "|---|---|---|---|",
    ]
    for name in selection.names:
        column = columns(table.row)[name]
        lines.append(f"| `{name}` | {type_name(column.type)} | {'yes' if column.nullable else ''} | {column.doc} |")
    return "\n".join(lines) + "\n"


def licence(selection: Selection, receipt: Receipt, notes: Notes) -> str:
    """The licences of the exported rows by source, and the receipt, as Markdown."""
    chosen = [
        f"table {selection.table}",
        f"from {selection.start or 'the first day'} to {selection.end or 'the last day'}",
        f"sources {', '.join(selection.sources) or 'all'}",
    ]
    lines = [
        "# Licences and receipt",
        "",
        f"{receipt.rows:,} rows: {'; '.join(chosen)}.",
        "",
        "The texts belong to their publishers. A licence below is that of the source's catalogue entry, or the one",
        "that its page names; `unknown` means that nobody here knows a licence to pass the text on.",
        "",
        "| source | licence | rows |",
        "|---|---|---|",
    ]
    for source, counter in sorted(receipt.licenses.items()):
        lines += [f"| {source} | {license or 'unknown'} | {rows:,} |" for license, rows in counter.most_common()]
    if selection.use is not None:
        lines += ["", f"## Left out for the use `{selection.use}`", "", "| signal | rows |", "|---|---|"]
        lines += [f"| {reason} | {rows:,} |" for reason, rows in _or_none(receipt.left_out)]
    if notes:
        lines += ["", "## Changed to fit the format", ""]
        lines += [f"* {count:,} cells: {note}" for note, count in notes.most_common()]
    return "\n".join(lines) + "\n"


def _or_none(counter: Counter[str]) -> list[tuple[str, int]]:
    return counter.most_common() or [("nothing", 0)]
