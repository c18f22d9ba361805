"""Names: what credits hold that names nobody."""

from __future__ import annotations

import tomllib

import pytest

from cleaning.metadata.names import NAMES, is_no_name

DATA = tomllib.loads(NAMES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["placeholder", "word"])
def test_each_list_of_names_that_are_none_keeps_its_own_examples(kind: str) -> None:
    assert DATA[kind]["why"]
    assert [name for name in DATA[kind]["must_remove"] if not is_no_name(name)] == []
    assert [name for name in DATA[kind]["must_keep"] if is_no_name(name)] == []
