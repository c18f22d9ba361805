"""What a column is: a dataclass field with its Arrow type, meaning, unit and origin, and when it is null."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# Arrow types by name: Arrow itself takes a fifth of a second to load, and cleaning a page does without it.
STRING = "string"
STRINGS = "list<string>"
COUNTS = "map<string, int32>"
BOOL = "bool"
INT16, INT32, INT64 = "int16", "int32", "int64"
FLOAT = "float32"
DATE = "date32"
TIMESTAMP = "timestamp[us, tz=UTC]"


@dataclass(frozen=True, slots=True)
class Column:
    """What the data dictionary says about one column: name of the Arrow type, meaning, unit, origin, when it is null."""

    stored: str
    doc: str
    nullable: bool

    @property
    def type(self) -> pa.DataType:
        """The Arrow type."""
        import pyarrow as pa  # noqa: PLC0415  see above

        if self.stored == STRINGS:
            return pa.list_(pa.string())
        if self.stored == COUNTS:
            return pa.map_(pa.string(), pa.int32())
        return pa.timestamp("us", tz="UTC") if self.stored == TIMESTAMP else pa.type_for_alias(self.stored)


def column(stored: str, doc: str, *, nullable: bool = False, default: Any = MISSING) -> Any:
    """A dataclass field that is also a column of a table; typed as Any, as ``dataclasses.field`` is."""
    metadata = {"column": Column(stored, doc, nullable)}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)
