from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cleaning.duplicates.sorting import ascending, stable_order


@given(arrays(np.uint64, st.integers(0, 50)))
def test_keys_come_out_ascending_and_none_is_lost(keys: np.ndarray) -> None:
    assert np.array_equal(ascending(keys), np.sort(keys))


@given(arrays(np.uint32, st.integers(0, 50), elements=st.sampled_from([0, 7, 65_535, 65_536, 65_543, 2**32 - 1])))
def test_equal_values_keep_their_order(values: np.ndarray) -> None:
    assert np.array_equal(stable_order(values), np.argsort(values, kind="stable"))
