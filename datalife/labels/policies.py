"""The label of a prediction that has several events."""

from __future__ import annotations

import polars as pl

from datalife.errors import UsageError
from datalife.labels.admission import divided
from datalife.labels.model import Policy
from datalife.sources.types import logical_type

#: The total order of events: of one instant, by the tie-break and then by the label. File order never matters.
ORDER = ("time", "tie", "label")
ARITHMETIC = ("any", "sum", "mean")


def check_policy(policy: Policy, dtype: pl.DataType) -> None:
    """Refuses arithmetic with labels that are no numbers.

    Raises:
        UsageError: the policy is `any`, `sum` or `mean`, and the labels are neither numbers nor booleans.
    """
    kind = logical_type(dtype)
    if policy in ARITHMETIC and kind not in ("integer", "float", "boolean", "null"):
        message = f"{policy} needs labels that are numbers or booleans; these are of type {kind}"
        raise UsageError("--policy", message, "first, last, max, min and count take labels of any type")


def outcomes(pairs: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """number, label, label_time (of the event that gave the label), n_feedback: one row a prediction.

    `pairs`: number, time, tie, label; each event once a prediction.
    """
    alone, several = divided(pairs, ["number"])
    found = (
        pl.concat([alone, _ordered(several, policy)])
        .group_by("number")
        .agg(
            label=_label(policy, pairs.schema["label"]),
            label_time=_time(policy, pairs.schema["label"]),
            n_feedback=pl.len().cast(pl.Int64),
        )
    )
    return found if found.schema["label"] != pl.Int128 else found.with_columns(_narrowed(found.get_column("label")))


def _narrowed(sums: pl.Series) -> pl.Series:
    """Sums as 64-bit integers, or as floats where one does not fit."""
    narrow = sums.cast(pl.Int64, strict=False)
    return narrow if narrow.null_count() == sums.null_count() else sums.cast(pl.Float64)


def _ordered(pairs: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The extreme label first and of equal ones the earliest, for `max` and `min`; else the order of time.

    NaN is neither: it comes after all numbers.
    """
    if policy in ("max", "min"):
        extreme = number_of(pl.col("label"), pairs.schema["label"])
        descending, last = [False, policy == "max", False, False], [False, True, False, False]
        return pairs.sort(pl.col("number"), extreme, "time", "tie", descending=descending, nulls_last=last)
    return pairs.sort("number", *ORDER)


def _label(policy: Policy, dtype: pl.DataType) -> pl.Expr:
    label = pl.col("label")
    match policy:
        case "first" | "max" | "min":
            return label.first()
        case "last" | "error":
            return label.last()
        case "count":
            return pl.len().cast(pl.Int64)
        case "any":
            return _truth(dtype).any()
        case "mean":
            return label.cast(pl.Float64).mean()
        case "sum" if dtype.is_float() or dtype.is_decimal():
            return label.sum()
        case "sum":
            # a sum of 64 bits would wrap in silence
            return label.cast(pl.Int128).sum()


def _time(policy: Policy, dtype: pl.DataType) -> pl.Expr:
    time = pl.col("time")
    if policy in ("first", "max", "min"):
        return time.first()
    if policy == "any":
        return pl.coalesce(time.filter(_truth(dtype)).first(), time.last())
    return time.last()


def number_of(labels: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The labels without NaN, which polars takes for larger than every number."""
    return labels.fill_nan(None) if dtype.is_float() else labels


def _truth(dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.col("label")
    return (number_of(pl.col("label"), dtype) != 0).fill_null(False)
