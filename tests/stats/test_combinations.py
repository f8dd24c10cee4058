"""Which combinations of values no row has."""

from __future__ import annotations

import polars as pl
import pytest

from datalife.errors import UsageError
from datalife.stats.model import Cross
from datalife.stats.profile import profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from tests.frames import dataset


def crossed(*frames: pl.DataFrame, columns: tuple[str, ...] = ("a", "b")) -> Cross:
    """How two columns cover their space."""
    request = Request(cross=columns)
    found = profile_of(scan(dataset(*frames), request), request).cross
    assert found is not None
    return found


def test_empty_combinations_by_hand() -> None:
    """Of six combinations two have no row; the one that chance would have filled most comes first."""
    frame = pl.DataFrame({"a": ["x", "x", "x", "y", "y", "x", None], "b": [1, 1, 2, 1, 3, 2, 3]})
    found = crossed(*frame.iter_slices(2))
    assert (found.rows, found.combinations, found.empty_count, found.coverage) == (6, 6, 2, 4 / 6)
    assert [(each.values, each.expected) for each in found.empty] == [
        ({"a": "x", "b": 3}, 0.667),
        ({"a": "y", "b": 2}, 0.667),
    ]


def test_numbers_with_many_values_are_binned() -> None:
    """A line is cut into bins that hold about as many rows each, named by their least and largest value."""
    frame = pl.DataFrame({"a": ["x"] * 100 + ["y"] * 100, "b": list(range(200))})
    found = crossed(frame)
    assert (found.combinations, found.empty_count) == (32, 16)
    assert found.empty[0].values == {"a": "x", "b": "112 to 124"}


def test_nothing_to_cross() -> None:
    """Without rows there is no coverage."""
    found = crossed(pl.DataFrame(schema={"a": pl.String, "b": pl.Int64}))
    assert (found.rows, found.combinations, found.coverage, found.empty) == (0, 0, None, [])


def test_what_cannot_be_crossed() -> None:
    """One column, three, and text with thousands of values."""
    frame = pl.DataFrame({"a": [str(each) for each in range(2000)], "b": [1] * 2000})
    with pytest.raises(UsageError, match="takes two columns, not 1"):
        crossed(frame, columns=("a",))
    with pytest.raises(UsageError, match="more than 1,000 values"):
        crossed(frame)
