"""Which rule is for which type of column, and how it may be written."""

from __future__ import annotations

from datalife.schema.model import GRADED

NUMBERS = ("integer", "float")
TIMES = ("date", "datetime", "time", "duration")
#: The types that a rule can apply to; a rule that is not here applies to all.
APPLIES = {
    **dict.fromkeys(("min", "max", "exclusive_min", "exclusive_max"), (*NUMBERS, *TIMES)),
    "multiple_of": NUMBERS,
    **dict.fromkeys(("min_length", "max_length", "pattern", "format"), ("string",)),
    "time_format": ("date", "datetime", "time"),
    "timezone": ("datetime",),
    **dict.fromkeys(("allow_nan", "allow_infinite"), ("float", "string")),
    **dict.fromkeys(("min_items", "max_items", "items"), ("list",)),
    "fields": ("struct",),
}
#: The same of bounds on statistics.
MEASURED = {
    **dict.fromkeys(("mean", "std", "median", "sum", "min", "max", "skewness", "kurtosis"), NUMBERS),
    "mean_length": ("string",),
}
#: Rules that some of the values may break.
TOLERANT = (*GRADED, "domain", "unique")
#: What is checked of a whole column only, not of the items or fields in it.
OUTERMOST = ("unique", "references", "min_count", "drift", "skew", "not_in", "in_")
#: Distances along an axis, on which numbers, times and the lengths of texts lie.
ALONG_AN_AXIS = ("kolmogorov_smirnov", "wasserstein")
#: Types without any distance, and those whose values lie on no axis. Lists are compared by their items.
WITHOUT_DISTANCE = ("struct",)
ON_NO_AXIS = ("boolean", "binary")


def can_measure(metric: object, kind: object) -> bool:
    """Whether a distance exists between columns of a type; for all it is worth where the type is not known."""
    if metric == "null_fraction":
        return True
    return kind not in WITHOUT_DISTANCE and not (metric in ALONG_AN_AXIS and kind in ON_NO_AXIS)
