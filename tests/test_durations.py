"""Lengths of time as people write them; those of flags are tested with label-join, which has most of them."""

import pytest

from datalife.durations import parse_duration, seconds
from datalife.errors import UsageError


@pytest.mark.parametrize(
    ("text", "length"),
    [("2d", 172_800.0), ("1h30m", 5400.0), ("250ms", 0.25), ("0.5s", 0.5), ("0", 0.0), ("20000w", 12_096_000_000.0)],
)
def test_seconds_of_a_length(text, length):
    """Of any length, in the units of the flags."""
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "2", "d", "-1d", "1 d", "1y", "٣d", "1d,", "9" * 5000 + "d"])
def test_what_is_no_length(text):
    """Neither numbers alone nor units alone, nor digits of other scripts, nor more digits than a number has."""
    with pytest.raises(ValueError, match=r"is no length of time|must not be negative"):
        seconds(text)


def test_a_number_too_long_to_be_read_is_a_fault_of_the_flag():
    """Python itself refuses to read it."""
    with pytest.raises(UsageError, match=r"^--window: '9+d' is no length of time$"):
        parse_duration("9" * 5000 + "d", "--window")
