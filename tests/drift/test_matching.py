"""Rows paired by their key."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datalife.drift.matching import match

KEYS = st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=12)


@given(KEYS, KEYS)
def test_every_row_is_in_exactly_one_place(one, other):
    """Matched, alone, repeated or without a key, as plain Python has it."""
    frames = [pl.DataFrame({"k0": side}, schema={"k0": pl.Int64}) for side in (one, other)]
    found = match(*frames)
    repeated = {key for side in (one, other) for key in side if key is not None and side.count(key) > 1}
    partners = [key for key in one if key is not None and key in other and key not in repeated]
    assert [one[row] for row in found.baseline] == partners == [other[row] for row in found.current]
    for side, opposite, alone in zip((one, other), (other, one), found.only, strict=True):
        assert [side[row] for row in alone] == [
            key for key in side if key is not None and key not in opposite and key not in repeated
        ]
    assert found.missing.baseline == one.count(None)
    assert found.missing.current == other.count(None)
    assert sorted(found.repeated[0]["k0"]) == sorted({key for key in one if key is not None and one.count(key) > 1})


def test_keys_in_the_same_order_are_aligned():
    """Nothing is joined or moved then; a row that is missing on one side ends it."""
    keys = pl.DataFrame({"k0": ["a", "b"], "k1": [1, 1]})
    assert match(keys, keys).aligned
    assert not match(keys, keys.reverse()).aligned
    assert not match(keys, keys.head(1)).aligned


def test_all_columns_together_are_the_key():
    """One column alone may repeat."""
    found = match(pl.DataFrame({"k0": [1, 1], "k1": [1, 2]}), pl.DataFrame({"k0": [1, 1], "k1": [2, 3]}))
    assert (found.baseline.to_list(), found.current.to_list()) == ([1], [0])
    assert [rows.to_list() for rows in found.only] == [[0], [1]]
