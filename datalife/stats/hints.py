"""What an experienced eye would notice about a column: one small function a hint, all in HINTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from datalife.stats.model import Hint
from datalife.stats.oddities import MOST_ODD, judged, kind_of, odd_count
from datalife.stats.personal import personal_kind
from datalife.stats.placeholders import placeholder
from datalife.stats.quantiles import Line
from datalife.stats.summary import ColumnSummary, Look
from datalife.stats.traits import KINDS, MARKERS, ZEROS, Kind
from datalife.stats.values import most_frequent
from datalife.words import plural, share, shortened

Keys = dict[str, Any]

#: Further than this from the median, in standard deviations estimated from the median absolute deviation.
FAR = 10
#: The standard deviation of a normal distribution over its median absolute deviation.
MAD_TO_SD = 1.4826
#: Of the numbers that name a person, payment cards have the fewest digits: twelve.
LONG_NUMBER = 10**11
#: From this many rows on, the mean of a slice is about normal: the usual rule of thumb.
FEW_ROWS = 30
#: From this skewness on, a mean says little.
SKEWED = 5.0
#: Characters of a value in a message, and how many values it names.
LONGEST, NAMED = 40, 3


def all_missing(column: ColumnSummary, keys: Keys) -> Hint | None:
    """No value at all."""
    if keys["count"] == 0 and column.rows:
        return Hint(code="all-missing", message=f"no value in {column.rows:,} rows", count=column.rows)
    return None


def constant(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """One value everywhere, or nearly."""
    if not keys.get("top_values") or keys["count"] < 2:
        return None
    leader = keys["top_values"][0]
    if keys["distinct_count"] == 1:
        return Hint(code="constant", message=f"every value is {shown(leader.value)}", count=keys["count"])
    rest = keys["count"] - leader.count
    if rest / keys["count"] < 0.001:
        return Hint(
            code="almost-constant", message=f"all but {plural(rest, 'value')} are {shown(leader.value)}", count=rest
        )
    return None


def id_like(column: ColumnSummary, keys: Keys) -> Hint | None:
    """A key rather than a feature: hardly a value twice."""
    distinct, count = keys.get("distinct_count"), keys["count"]
    if column.type not in ("string", "integer") or count < 50 or not distinct:
        return None
    if distinct == count:
        return Hint(code="id-like", message=f"all {count:,} values differ", count=count)
    if distinct / count > 0.98 and column.type == "string":
        return Hint(code="id-like", message=f"{distinct:,} different values in {count:,}", count=distinct)
    return None


def missing_marker(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """Texts that mean missing, and what the column would be without them."""
    if column.type != "string" or not column.traits.marked:
        return None
    marked = column.frequencies.filter(pl.col("value").str.strip_chars().is_in(MARKERS))
    message = f"{_leaders(marked)} may mean missing"
    if column.traits.judged and not column.traits.blank:
        fitting = (kind for kind, odd in zip(KINDS, column.traits.odd, strict=True) if odd == 0)
        otherwise = next(fitting, None)
        message += f"; the other values are {otherwise.name}s{otherwise.says}" if otherwise else ""
    return Hint(code="missing-marker", message=message, count=column.traits.marked)


def odd_ones(column: ColumnSummary, keys: Keys) -> Hint | None:
    """Text that is a number or a time throughout, or but for a few values."""
    kind = kind_of(column)
    if kind is None:
        return None
    total, strange = column.traits.judged, odd_count(column, kind)
    if column.look:
        total, strange = column.look.count, column.look.odd
    if strange > MOST_ODD * total:
        return None
    is_known = column.complete or column.look is not None
    if strange == 0:
        every = "every other value" if missing_marker(column, keys) else "every value"
        every += "" if is_known else " kept"
        message = f"{every} is text that reads as {_a(kind.name)}{kind.says}"
        return Hint(code="dates-as-text" if kind.is_time else "numbers-as-text", message=message, count=total)
    count = f"{'' if is_known else 'at least '}{plural(strange, 'value')}{_rows(column.look)}"
    message = f"{kind.name}{kind.says} but for {count}: {_leaders(_odd_values(column, kind))}"
    return Hint(code="mixed-types", message=message, count=strange)


def _odd_values(column: ColumnSummary, kind: Kind) -> pl.DataFrame:
    """(value, count) of the texts that are not of a kind: of those kept, or where they are too rare, of those seen."""
    odd = judged(column).filter(kind.odd(pl.col("value")))
    if odd.height or column.look is None:
        return odd
    rare = pl.DataFrame({"value": [text for _, text in column.look.examples]}, schema={"value": pl.String})
    return rare.group_by("value").agg(count=pl.len().cast(pl.Int64))


def leading_zeros(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """Digits with zeros before them: a code, and no number, however much it looks like one."""
    if column.type != "string" or not column.traits.zeros or column.traits.digits < column.traits.judged:
        return None
    count, zeros = column.traits.zeros, column.frequencies.filter(pl.col("value").str.contains(ZEROS))
    message = f"digits, {plural(count, 'value')} with leading zeros: {_leaders(zeros)}; codes stay text"
    return Hint(code="leading-zeros", message=message, count=count)


def stray_space(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """White space around values."""
    padded = column.states.get("lengths", {}).get("padded", 0)
    if not padded:
        return None
    message = f"{plural(padded, 'value')} with space before or after"
    return Hint(code="leading-or-trailing-space", message=message, count=padded)


def case_variants(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """One value written in several cases."""
    kept = column.counts.values.height
    if column.type != "string" or kept > 1000 or column.traits.folded == kept:
        return None
    folded = column.frequencies.group_by(pl.col("value").str.to_lowercase().alias("folded")).agg(
        pl.col("value").sort_by("count", descending=True), pl.col("count").sum()
    )
    variants = folded.filter(pl.col("value").list.len() > 1).sort("count", "folded", descending=[True, False])
    if variants.is_empty():
        return None
    written = " and ".join(shown(each) for each in variants.get_column("value")[0].to_list()[:3])
    return Hint(code="case-variants", message=f"{written} differ by case alone", count=variants.height)


def special_zero(column: ColumnSummary, keys: Keys) -> Hint | None:
    """A spike at zero far below all other values: zero may stand for missing."""
    zeros = keys.get("zero_count") or 0
    if zeros < 2 or keys.get("negative_count") or zeros > keys["count"] / 2:
        return None
    rest = column.line.beyond(0)
    if len(rest.values) < 10:
        return None
    low, middle = rest.quantiles((0.0, 0.5))
    if low is None or middle is None or low < middle / 4:
        return None
    message = (
        f"{plural(zeros, 'value')} ({share(zeros / keys['count'])}) are 0, the next is {low:g}: zero may mean missing"
    )
    return Hint(code="zero-may-be-missing", message=message, count=zeros)


def outliers(column: ColumnSummary, keys: Keys) -> Hint | None:
    """A few numbers far from the rest, by the median and the median absolute deviation."""
    if column.type not in ("integer", "float") or keys["count"] < 20:
        return None
    least, low, middle, high, most = column.line.quantiles((0.0, 0.25, 0.5, 0.75, 1.0))
    if least is None or low is None or middle is None or high is None or most is None:
        return None
    # Half of the values lie between the quartiles, so the median absolute deviation is not below the nearer one.
    is_narrow = max(most - middle, middle - least) < FAR * min(high - middle, middle - low)
    if is_narrow or (points := column.points) is None:
        return None
    away = points.with_columns(value=(pl.col("value") - middle).abs()).sort("value")
    (mad,) = Line.of(away).quantiles((0.5,))
    if not mad:
        return None
    far = points.filter((pl.col("value") - middle).abs() > FAR * MAD_TO_SD * mad)
    count = round(far.get_column("weight").sum())
    if not 0 < count <= max(1, keys["count"] // 100):
        return None
    most = far.sort((pl.col("value") - middle).abs(), descending=True).get_column("value")[0]
    message = f"{plural(count, 'value')} far from the rest, such as {most:g} (median {middle:g})"
    return Hint(code="outliers", message=message, count=count)


def skewed(column: ColumnSummary, keys: Keys) -> Hint | None:
    """A long tail, not a few outliers: the mean is far from what is usual."""
    skewness = keys.get("skewness")
    if skewness is None or abs(skewness) < SKEWED or keys["count"] < 100 or outliers(column, keys):
        return None
    if (keys["distinct_count"] or 0) < FEW_ROWS:
        return None
    message = f"skewness {skewness:.1f}: the mean is {keys['mean']:.4g}, the median {keys['median']:.4g}"
    return Hint(code="skewed", message=message)


def markers_among_numbers(column: ColumnSummary, keys: Keys) -> Hint | None:  # noqa: ARG001
    """A number or a day that stands for a missing value."""
    return placeholder(column)


def personal_data(column: ColumnSummary, keys: Keys) -> Hint | None:
    """Values that name a person; they are not repeated in the message."""
    if column.type not in ("string", "integer") or not keys["count"]:
        return None
    if column.type == "integer" and keys["max"] < LONG_NUMBER:
        return None
    if column.type == "string" and column.traits.personal < column.traits.judged / 2:
        return None
    found = personal_kind(column.frequencies)
    if found is None:
        return None
    kind, part = found
    message = f"{share(part)} of the values look like {kind}; redact them, or leave the column out (--exclude)"
    return Hint(code="likely-personal-data", message=message, count=round(part * keys["count"]))


HINTS: tuple[Callable[[ColumnSummary, Keys], Hint | None], ...] = (
    all_missing,
    constant,
    id_like,
    missing_marker,
    odd_ones,
    leading_zeros,
    stray_space,
    case_variants,
    special_zero,
    markers_among_numbers,
    outliers,
    skewed,
    personal_data,
)


def hints_of(column: ColumnSummary, keys: Keys) -> list[Hint]:
    """Everything worth telling about a column; text is judged by the values kept."""
    found: Iterable[Hint | None] = (hint(column, keys) for hint in HINTS)
    return [hint for hint in found if hint is not None]


def hints_of_slice(rows: int) -> list[Hint]:
    """A slice of a handful of rows says little."""
    if rows >= FEW_ROWS:
        return []
    message = f"{plural(rows, 'row')}: too few for its figures to mean much"
    return [Hint(code="few-rows", message=message, count=rows)]


def shown(value: Any) -> str:
    """A value as a message shows it: text in quotes, shortened."""
    if isinstance(value, str):
        return repr(shortened(value, LONGEST))
    return str(value)


def _rows(look: Look | None) -> str:
    """` (row 17)`, or ` (rows 17, 90, 4711)`, where they are known."""
    if look is None:
        return ""
    named = ", ".join(str(row) for row, _ in look.examples) + (" ..." if look.odd > len(look.examples) else "")
    return f" (row{'' if look.odd == 1 else 's'} {named})"


def _leaders(values: pl.DataFrame) -> str:
    """The most frequent of (value, count) pairs: `'NA' (12), '?' (3)`."""
    return most_frequent(values, NAMED, shown)


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
