"""Exact statistics: each a class whose states merge. A new one is a class and its name in ANALYZERS."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import polars as pl

from datalife.stats.values import from_number, is_number, is_ordered, numbers, to_json

Part = Callable[[str], pl.Expr]
State = dict[str, Any]
#: What `prepared` adds to pairs, of ordered types: the mean of the field, and how far a value is away from it;
MEAN, AWAY = "mean", "away"
#: of texts: their length in characters and in bytes, and in bytes without the white space around them.
LENGTH, SIZE, BARE = "length", "size", "bare"


class Analyzer(Protocol):
    """A statistic of one column.

    `partials` turns the (value, count) pairs of a shard into the parts of a state, each an expression of one value:
    `values` are the different values, a missing one included, and `counts` (Int64) how often each occurs. The frame
    also has what `prepared` adds, where several parts need the same. `combine`
    turns the parts of many states, one a row, into those of their union; `metrics` turns a state into the keys
    of a profile. An empty shard's state is the zero: combining with it changes nothing.
    """

    @property
    def name(self) -> str:
        """The name under which a profile stores the state."""
        ...

    def applies_to(self, dtype: pl.DataType) -> bool:
        """Whether columns of this type have the statistic."""
        ...

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:
        """Pairs to state."""
        ...

    def combine(self, part: Part) -> dict[str, pl.Expr]:
        """States to state; `part(name)` is the column of that part."""
        ...

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:
        """State to the keys of a column's profile."""
        ...


class Presence:
    """Values present and missing."""

    name = "presence"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102, ARG002
        return True

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        return {"rows": counts.sum(), "missing": total(counts, values.is_null())}

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {"rows": part("rows").sum(), "missing": part("missing").sum()}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102, ARG002
        rows, missing = state["rows"], state["missing"]
        fraction = missing / rows if rows else None
        return {"count": rows - missing, "null_count": missing, "null_fraction": fraction}


class Moments:
    """Mean, standard deviation (n - 1), skewness and excess kurtosis (population) of the finite values.

    State (n, mean, m2, m3, m4): mk is the sum of k-th powers of deviations from the mean, times in seconds.
    Missing values, NaN and infinities are left out; an all-missing shard has n = 0 and changes nothing.
    Source: Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and Arbitrary-Order
    Statistical Moments", Sandia report SAND2008-6212, 2008.
    """

    name = "moments"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return is_ordered(dtype)

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        away = pl.col(AWAY)
        square = counts * away * away
        return {
            "n": total(counts, away.is_not_null()),
            "mean": pl.col(MEAN).first(),
            "m2": square.sum(),
            "m3": (square * away).sum(),
            "m4": (square * away * away).sum(),
        }

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        n, m2, m3 = part("n"), part("m2"), part("m3")
        mean = (part("mean") * n).sum() / n.sum()
        d = (part("mean") - mean).fill_null(0.0)
        return {
            "n": n.sum(),
            "mean": pl.when(n.sum() > 0).then(mean),
            "m2": (m2 + n * d**2).sum(),
            "m3": (m3 + 3 * d * m2 + n * d**3).sum(),
            "m4": (part("m4") + 4 * d * m3 + 6 * d**2 * m2 + n * d**4).sum(),
        }

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102
        n, m2 = state["n"], state["m2"]
        found = {
            "mean": from_number(state["mean"], dtype),
            "std": real(math.sqrt(m2 / (n - 1))) if n > 1 else None,
        }
        if is_number(dtype):
            spread = m2 / n if n else 0.0
            constant = spread <= 0 or not math.isfinite(spread)
            found["skewness"] = None if constant else real(state["m3"] / n / spread / math.sqrt(spread))
            found["kurtosis"] = None if constant else real(state["m4"] / n / spread / spread - 3)
        return found


class Sum:
    """The sum of the finite values; of integers exact, in 128 bits."""

    name = "sum"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return is_number(dtype)

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102
        wide = pl.Int128() if dtype.is_integer() else pl.Float64()
        return {"sum": (finite(values.cast(wide), wide) * counts).sum()}

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {"sum": part("sum").sum()}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102, ARG002
        return {"sum": real(state["sum"])}


class Extremes:
    """The smallest and the largest finite value; the state holds times as their whole ticks."""

    name = "extremes"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return is_ordered(dtype)

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        x = values.to_physical().cast(pl.Int64) if dtype.is_temporal() else finite(values, dtype)
        return {"min": x.min(), "max": x.max()}

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {"min": part("min").min(), "max": part("max").max()}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102
        if not dtype.is_temporal():
            return {"min": state["min"], "max": state["max"]}
        ends = pl.Series([state["min"], state["max"]], dtype=pl.Int64).cast(pl.Int32 if dtype == pl.Date else pl.Int64)
        return dict(zip(("min", "max"), to_json(ends.cast(dtype)), strict=True))


class Signs:
    """How many numbers are zero, negative, NaN and infinite; negative infinity is negative and infinite."""

    name = "signs"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return is_number(dtype)

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102
        x, floats = values, dtype.is_float()
        return {
            "zero": total(counts, x == 0),
            "negative": total(counts, x < 0),
            "nan": total(counts, x.is_nan()) if floats else pl.lit(0, dtype=pl.Int64),
            "inf": total(counts, x.is_infinite()) if floats else pl.lit(0, dtype=pl.Int64),
            "present": total(counts, x.is_not_null()),
        }

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {name: part(name).sum() for name in ("zero", "negative", "nan", "inf", "present")}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102
        found = {f"{name}_count": state[name] for name in ("zero", "negative", "nan", "inf")}
        if dtype.is_float():
            found["finite_count"] = state["present"] - state["nan"] - state["inf"]
        return found


class Truth:
    """How many booleans are true and false."""

    name = "truth"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return dtype == pl.Boolean

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        return {"true": total(counts, values), "false": total(counts, ~values)}

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {"true": part("true").sum(), "false": part("false").sum()}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102, ARG002
        return {"true_count": state["true"], "false_count": state["false"]}


class Lengths:
    """Lengths of text in characters, empty and blank (white space only, empty not counted) texts."""

    name = "lengths"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return dtype == pl.String

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        length, size, bare = pl.col(LENGTH).cast(pl.Int64), pl.col(SIZE), pl.col(BARE)
        return {
            "n": total(counts, values.is_not_null()),
            "shortest": length.min(),
            "longest": length.max(),
            "characters": (length * counts).sum(),
            "empty": total(counts, size == 0),
            "blank": total(counts, (size > 0) & (bare == 0)),
            "padded": total(counts, bare < size),
        }

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        sums = {name: part(name).sum() for name in ("n", "characters", "empty", "blank", "padded")}
        return {"shortest": part("shortest").min(), "longest": part("longest").max(), **sums}

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102, ARG002
        return {
            "min_length": state["shortest"],
            "max_length": state["longest"],
            "mean_length": state["characters"] / state["n"] if state["n"] else None,
            "empty_count": state["empty"],
            "blank_count": state["blank"],
            "invalid_utf8_count": 0,  # no reader lets such a text through: see docs/sources.md, "Bad records"
        }


class Items:
    """Items per row of the lists that are present; a list's value among the pairs is its length."""

    name = "items"

    def applies_to(self, dtype: pl.DataType) -> bool:  # noqa: D102
        return dtype == pl.List

    def partials(self, values: pl.Expr, counts: pl.Expr, dtype: pl.DataType) -> dict[str, pl.Expr]:  # noqa: D102, ARG002
        return {
            "n": total(counts, values.is_not_null()),
            "min": values.min(),
            "max": values.max(),
            "total": (values * counts).sum(),
        }

    def combine(self, part: Part) -> dict[str, pl.Expr]:  # noqa: D102
        return {
            "n": part("n").sum(),
            "min": part("min").min(),
            "max": part("max").max(),
            "total": part("total").sum(),
        }

    def metrics(self, state: State, dtype: pl.DataType) -> dict[str, Any]:  # noqa: D102, ARG002
        return {
            "min_items": state["min"],
            "max_items": state["max"],
            "mean_items": state["total"] / state["n"] if state["n"] else None,
            "total_items": state["total"],
        }


ANALYZERS: tuple[Analyzer, ...] = (
    Presence(),
    Moments(),
    Sum(),
    Extremes(),
    Signs(),
    Truth(),
    Lengths(),
    Items(),
)


def prepared(pairs: pl.DataFrame, dtype: pl.DataType) -> pl.DataFrame:
    """(field, value, count) pairs, the fields numbered from 0 in ascending order, with what the analyzers begin with.

    MEAN is that of the finite values of the field, times in seconds, null where there are none; AWAY is the
    difference of a value from it, null for missing values, NaN and infinities. The lengths of missing texts are null.
    """
    if is_ordered(dtype):
        return _centred(pairs.with_columns(finite(numbers(pl.col("value"), dtype), pl.Float64()).alias(AWAY)))
    if dtype == pl.String:
        text = pl.col("value").str
        bare = text.strip_chars().str.len_bytes()
        return pairs.with_columns(text.len_chars().alias(LENGTH), text.len_bytes().alias(SIZE), bare.alias(BARE))
    return pairs


def _centred(pairs: pl.DataFrame) -> pl.DataFrame:
    number, count = pl.col(AWAY), pl.col("count")
    n = total(count, number.is_not_null())
    mean = pl.when(n > 0).then((number * count).sum() / n)
    means = pairs.lazy().group_by("field", maintain_order=True).agg(mean=mean).collect(engine="in-memory")
    pairs = pairs.with_columns(means.get_column("mean").gather(pairs.get_column("field")).alias(MEAN))
    return pairs.with_columns(number - pl.col(MEAN))


def finite(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The values without NaN and infinities, which become missing."""
    return pl.when(values.is_finite()).then(values) if dtype.is_float() else values


def total(counts: pl.Expr, where: pl.Expr) -> pl.Expr:
    """The counts of the values for which a condition is true."""
    return pl.when(where).then(counts).sum()


def real(number: float | None) -> float | None:
    """The number, or None when it is not finite: a number that does not exist is null."""
    return None if number is None or (isinstance(number, float) and not math.isfinite(number)) else number
