"""How often each value occurs: exact while a column has few values, sketched beyond.

A state is three frames. `values` (value, count) holds every value present while there are at most KEEP, and the
LEADERS most frequent ones beyond. `points` (value, weight) and `registers` (bucket, rank) are empty until then;
afterwards the points stand for the finite numbers in ascending order, and the registers for all values.

Sources: Heule, Nunkesser and Hall, "HyperLogLog in Practice", EDBT 2013, for the registers; Ertl, "New cardinality
estimation algorithms for HyperLogLog sketches", arXiv 1702.01284, 2017, for the estimate.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.stats.quantiles import Line
from datalife.stats.stacks import stacked
from datalife.stats.values import is_ordered, numbers

KEEP = 1 << 16
LEADERS = 2048
#: Points of a sketch; the rank of any of them is off by at most 1 / POINTS of the rows for each merge.
POINTS = 2048
#: Bits that choose a register: 32,768 registers have a standard error of 1.04 / sqrt(32,768) = 0.6 %.
BITS = 15
#: Those that are left for the rank.
REST = 64 - BITS
HASH = f"polars-{pl.__version__}-high"
VALUES = {"value": pl.Null(), "count": pl.Int64()}
POINT = {"value": pl.Float64(), "weight": pl.Float64()}
REGISTER = {"bucket": pl.UInt32(), "rank": pl.UInt8()}


@dataclass(frozen=True)
class Frequencies:
    """The state of a column's frequencies; see the module."""

    values: pl.DataFrame
    points: pl.DataFrame
    registers: pl.DataFrame

    def frames(self) -> list[pl.DataFrame]:
        """The three frames."""
        return [self.values, self.points, self.registers]

    @property
    def complete(self) -> bool:
        """Whether `values` holds every value present."""
        return self.registers.is_empty()

    @property
    def distinct(self) -> int:
        """The number of distinct values, exact while complete, else within 2 %."""
        return self.values.height if self.complete else estimate(self.registers)


def complete(values: pl.DataFrame) -> Frequencies:
    """The frequencies of a column of which these (value, count) pairs are all there are."""
    return Frequencies(values, empty_points(), empty_registers())


def empty_points() -> pl.DataFrame:
    """No points: the state of a column whose values are all kept."""
    return pl.DataFrame(schema=POINT)


def empty_registers() -> pl.DataFrame:
    """No registers: the state of a column whose values are all kept."""
    return pl.DataFrame(schema=REGISTER)


def merged(states: Sequence[Frequencies], keep: int | None = None) -> Frequencies:
    """The frequencies of several shards together; of one shard, its state cut to `keep` values (KEEP)."""
    values = states[0].values
    if len(states) > 1:
        values = pl.concat([state.values for state in states]).group_by("value").agg(pl.col("count").sum())
    if values.height <= (KEEP if keep is None else keep) and all(state.complete for state in states):
        return complete(values)
    points = pl.concat([_points(state) for state in states])
    return Frequencies(leaders(values), compressed(points), _highest([registers_of(state) for state in states]))


def of_rows(values: pl.Series, keep: int) -> Frequencies:
    """The frequencies of texts hardly any of which occurs twice: their hashes are compared, which is far faster."""
    values = values.alias("value")
    hashes = values.hash()
    runs = hashes.sort().rle().struct.unnest()
    if runs.height <= keep:
        return complete(values.value_counts().select("value", pl.col("count").cast(pl.Int64)))
    candidates = leaders(runs.select("value", count="len")).get_column("value")
    counts = values.filter(hashes.is_in(candidates.implode())).value_counts()
    registers = _registers(runs.get_column("value"))
    return Frequencies(counts.select("value", pl.col("count").cast(pl.Int64)), empty_points(), registers)


def leaders(values: pl.DataFrame) -> pl.DataFrame:
    """The LEADERS most frequent of (value, count) pairs, ties by value, without sorting them all."""
    if values.height <= LEADERS:
        return values
    least = values.get_column("count").top_k(LEADERS).min()
    ahead = values.filter(pl.col("count") > least)
    tied, room = values.filter(pl.col("count") == least), LEADERS - ahead.height
    first = tied.head(room) if tied.get_column("value").is_sorted() else tied.bottom_k(room, by="value")
    return pl.concat([ahead, first])


def ranked(values: pl.DataFrame) -> pl.DataFrame:
    """Most frequent first, ties by value."""
    if is_ordered(values.schema["value"]) and values.get_column("value").is_sorted():
        return values.sort("count", descending=True, maintain_order=True)
    return values.sort("count", "value", descending=[True, False])


def firsts(columns: Sequence[pl.DataFrame], most: int) -> pl.DataFrame:
    """The beginning of `ranked` of each of several columns of one type, one after the other, as (value, count)."""
    pairs, order = stacked(columns), pl.col("value", "count")
    if is_ordered(pairs.schema["value"]) and all(each.get_column("value").is_sorted() for each in columns):
        order = order.sort_by("count", descending=True, maintain_order=True)
    else:
        order = order.sort_by("count", "value", descending=[True, False])
    leaders = pairs.lazy().group_by("field", maintain_order=True).agg(order.head(most))
    return leaders.explode("value", "count", empty_as_null=False).drop("field").collect(engine="in-memory")


def line(values: pl.DataFrame) -> pl.DataFrame:
    """The finite numbers of (value, count) pairs as points in ascending order; none for what lies on no line."""
    dtype = values.schema["value"]
    if not is_ordered(dtype):
        return empty_points()
    points = pl.DataFrame([numbers(values["value"], dtype), values["count"].cast(pl.Float64).alias("weight")])
    if not points["value"].is_sorted():
        points = points.sort("value")
    if points.height and not all(math.isfinite(points["value"][end]) for end in (0, -1)):  # NaN comes last
        points = points.filter(points["value"].is_finite())
    return points


def lines(columns: Sequence[pl.DataFrame]) -> list[Line]:
    """The line of each of several columns of one type, of which these (value, count) pairs are all there are."""
    pairs, value, field = stacked(columns), pl.col("value"), pl.col("field")
    points = pairs.with_columns(numbers(value, pairs.schema["value"])).filter(value.is_finite())
    if points.select(((value < value.shift(1)) & (field == field.shift(1))).any()).item():
        points = points.sort("field", "value")
    every, found, stop = points.get_column("value").to_list(), [Line([], []) for _ in columns], 0
    ends = points.select(pl.col("count").cum_sum().over("field")).to_series()
    for length, place in points.get_column("field").rle().struct.unnest().iter_rows():
        start, stop = stop, stop + length
        is_each_once = ends[stop - 1] == length
        found[place] = Line(every[start:stop], range(1, length + 1) if is_each_once else ends[start:stop].to_list())
    return found


def compressed(points: pl.DataFrame) -> pl.DataFrame:
    """At most POINTS points that stand for these: of neighbours the heaviest, with the weight of all."""
    if not points.get_column("value").is_sorted():
        points = points.sort("value")
    if points.height <= POINTS:
        return points
    weight = pl.col("weight")
    middle = (weight.cum_sum() - weight / 2) * (POINTS / points.get_column("weight").sum())
    return (
        points.with_columns(bin=middle.cast(pl.Int32, wrap_numerical=True).set_sorted())  # a group is then a slice
        .group_by("bin", maintain_order=True)
        .agg(pl.col("value").sort_by("weight", descending=True).first(), weight.sum())
        .select("value", "weight")
    )


def _points(state: Frequencies) -> pl.DataFrame:
    return line(state.values) if state.complete else state.points


def registers_of(state: Frequencies) -> pl.DataFrame:
    """The registers of all values."""
    return _registers(state.values.get_column("value").hash()) if state.complete else state.registers


def _registers(hashes: pl.Series) -> pl.DataFrame:
    """The registers of values from their hashes: the highest rank in each is that of its smallest hash."""
    ordered = hashes if hashes.is_sorted() else _small(hashes).sort()
    bucket = ordered // (1 << REST)
    least = ordered.filter((bucket != bucket.shift(1)).fill_null(True)).to_frame("hash")
    zeros = (pl.col("hash") % (1 << REST)).bitwise_leading_zeros()
    return least.select(
        (pl.col("hash") // (1 << REST)).cast(pl.UInt32).alias("bucket"), rank=(zeros - (BITS - 1)).cast(pl.UInt8)
    )


def _small(hashes: pl.Series) -> pl.Series:
    """Hashes with the smallest of each register among them.

    Of many those of a high rank are enough for nearly all registers, and of the others few belong to what is left.
    """
    level = (len(hashes) // (2 << BITS)).bit_length()
    if not level:
        return hashes
    is_high = hashes % (1 << REST) < 1 << (REST - level)
    high, others = hashes.filter(is_high), hashes.filter(~is_high)
    is_left = pl.repeat(True, 1 << BITS, eager=True).scatter(high // (1 << REST), False)
    return pl.concat([high, others.filter(is_left.gather(others // (1 << REST)))])


def _highest(registers: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The registers of the values of several states together."""
    if len(registers) == 1:
        return registers[0]
    ranks = [_every_rank(each).alias(str(place)) for place, each in enumerate(registers)]
    return _held(pl.DataFrame(ranks).max_horizontal())


def _every_rank(registers: pl.DataFrame) -> pl.Series:
    """The ranks of all buckets, 0 for those without a register."""
    none = pl.repeat(0, 1 << BITS, dtype=pl.UInt8, eager=True)
    return none.scatter(registers.get_column("bucket"), registers.get_column("rank"))


def _held(ranks: pl.Series) -> pl.DataFrame:
    """The inverse of `_every_rank`."""
    bucket = pl.int_range(1 << BITS, dtype=pl.UInt32, eager=True)
    return pl.DataFrame([bucket.alias("bucket"), ranks.alias("rank")]).filter(pl.col("rank") > 0)


def estimate(registers: pl.DataFrame) -> int:
    """The number of distinct values that registers stand for: Ertl's improved raw estimator."""
    size, top = 1 << BITS, 64 - BITS
    held = dict(registers.group_by("rank").agg(pl.len()).iter_rows())
    z = size * _tau(1 - held.get(top + 1, 0) / size)
    for rank in range(top, 0, -1):
        z = 0.5 * (z + held.get(rank, 0))
    z += size * _sigma((size - registers.height) / size)
    return round(size * size / (2 * math.log(2) * z))


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x, before = x * x, z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x, before, y = math.sqrt(x), z, y / 2
        z -= (1 - x) ** 2 * y
    return z / 3


def packed(registers: pl.DataFrame) -> str:
    """Registers as compressed text, one byte each."""
    return base64.b64encode(zlib.compress(bytes(_every_rank(registers).to_list()), 1)).decode()


def unpacked(text: str) -> pl.DataFrame:
    """The inverse of `packed`."""
    return _held(pl.Series(list(zlib.decompress(base64.b64decode(text))), dtype=pl.UInt8))
