"""The sketch of how often values occur."""

import polars as pl
import pytest

from datalife.stats.frequencies import BITS, REGISTER, complete, empty_registers, estimate, registers_of


def expected(hashes: list[int]) -> pl.DataFrame:
    """The registers by the definition: of all hashes with the same high bits, the most leading zeros of the rest."""
    rest, found = 64 - BITS, dict[int, int]()
    for number in hashes:
        bucket, left = number >> rest, number & ((1 << rest) - 1)
        found[bucket] = max(found.get(bucket, 0), rest - left.bit_length() + 1)
    return pl.DataFrame(sorted(found.items()), schema=REGISTER, orient="row")


@pytest.mark.parametrize("size", [0, 1, 500, 65_535, 65_536, 70_000, 300_000])
def test_registers_are_those_of_the_definition(size: int) -> None:
    """However many values there are, each register has the highest rank of its values."""
    values = pl.int_range(size, dtype=pl.Int64, eager=True).alias("value")
    state = complete(values.to_frame().with_columns(count=pl.lit(1, dtype=pl.Int64)))
    assert registers_of(state).equals(expected(values.hash().to_list()))


@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_the_estimate_is_close(size: int) -> None:
    """The number of distinct values is told within 2 %."""
    values = pl.int_range(size, dtype=pl.Int64, eager=True).alias("value")
    registers = registers_of(complete(values.to_frame().with_columns(count=pl.lit(1, dtype=pl.Int64))))
    assert estimate(registers) == pytest.approx(size, rel=0.02)


def test_no_values_are_none() -> None:
    """Registers of nothing stand for no value."""
    assert estimate(empty_registers()) == 0
