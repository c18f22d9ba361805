"""The contract: dataclasses, Arrow schemas and the data dictionary say the same."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from cleaning import records
from cleaning.schema import dictionary
from cleaning.schema.arrow import TABLES, columns, schema, to_table

ARROW_OF = {
    str: pa.string(),
    float: pa.float32(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
    tuple[str, ...]: pa.list_(pa.string()),
    dict[str, int]: pa.map_(pa.string(), pa.int32()),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_field_of_a_row_is_a_documented_column_of_the_same_type(name: str) -> None:
    row = TABLES[name].row
    hints = typing.get_type_hints(row)
    for field in dataclasses.fields(row):
        column = field.metadata["column"]
        assert column.doc.endswith((".", ")")), field.name
        hint = hints[field.name]
        optional = type(None) in typing.get_args(hint)
        assert column.nullable == optional, field.name
        (base,) = [a for a in typing.get_args(hint) if a is not type(None)] if optional else [hint]
        if base is int:
            assert pa.types.is_integer(column.type), field.name
        else:
            assert column.type == ARROW_OF[base], field.name


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_partitioned_by_a_day_and_sorted_by_columns_it_has(name: str) -> None:
    table = TABLES[name]
    assert schema(table.row).field(table.partition_by).type == pa.date32()
    assert set(table.sort_by) <= set(columns(table.row))


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_keeps_its_explicit_schema(name: str) -> None:
    row = TABLES[name].row
    assert to_table(row, []).schema.equals(schema(row), check_metadata=True)


def test_a_null_in_a_column_that_may_not_be_null_is_refused() -> None:
    row = records.Alias(cluster_id="a", same_as=None, published_date=date(2026, 7, 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="same_as"):
        to_table(records.Alias, [row])


def test_times_keep_their_microseconds_and_zone() -> None:
    moment = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
    row = records.Rejection("u", "u", "s", "h", "empty", "", None, 0, moment, moment.date(), "r", "run", "f", 0)
    assert to_table(records.Rejection, [row]).column("fetched_at")[0].as_py() == moment


def test_the_data_dictionary_on_disk_is_the_one_the_columns_say() -> None:
    assert Path("data/README.md").read_text(encoding="utf-8") == dictionary.render()


def test_the_data_dictionary_explains_every_column_and_every_closed_list() -> None:
    text = dictionary.render()
    for table in TABLES.values():
        assert f"## {table.name}\n" in text
        assert all(f"| `{name}` |" in text for name in columns(table.row))
    assert set(dictionary.REASONS) == set(records.Reason)
    assert set(dictionary.RELATIONS) == set(records.Relation)
    assert set(dictionary.CONFIDENCES) == set(records.Confidence)
