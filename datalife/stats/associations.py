"""How much columns tell about each other and about a label, measured on rows held in memory.

Numbers, times and booleans (0 and 1) lie on a line; text is a category. Where values are compared as categories, a
line with more than FEW different values is cut into BINS bins of about equal counts, values that occur fewer than
RARE times are one category, and so is what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice

import polars as pl

from datalife.errors import UsageError
from datalife.sources.dataset import Column, Dataset
from datalife.stats.analyzers import finite, real
from datalife.stats.model import Correlation, Correlations, LabelAssociation, LabelSummary
from datalife.stats.values import is_nested, is_ordered, numbers, summed

#: A line with at most so many different values is also a category: each value is one.
FEW = 20
BINS = 16
#: Cell counts below five are too small for what is asked of them (Cochran's rule).
RARE = 5
MOST_CATEGORIES = 255
#: So many pairs of columns are told, the strongest.
MOST_PAIRS = 1000
#: Pairs measured in one query.
BATCH = 2000


@dataclass(frozen=True)
class Feature:
    """A column of a sample of rows, as points on a line (None for text) and as categories."""

    name: str
    values: pl.Series

    @cached_property
    def line(self) -> pl.Series | None:
        """The values as floats, missing where they are not finite; None for what lies on no line."""
        dtype = self.values.dtype
        if dtype == pl.Boolean:
            return self.values.cast(pl.Float64)
        if not is_ordered(dtype):
            return None
        held = finite(numbers(pl.col("x"), dtype), pl.Float64())
        return pl.DataFrame({"x": self.values}).select(held).to_series()

    @cached_property
    def is_binned(self) -> bool:
        """Whether the categories are bins of a line."""
        return self.line is not None and self.line.drop_nulls().n_unique() > FEW

    @cached_property
    def categories(self) -> pl.Series:
        """A number for the category of each row: 0 where the value is missing, 1 where it is rare."""
        if self.line is not None and self.is_binned:
            return self._bins(self.line)
        counts = self.values.drop_nulls().value_counts(name="n").rename({self.values.name: "x"})
        common = counts.filter(pl.col("n") >= RARE).sort("n", "x", descending=[True, False]).head(MOST_CATEGORIES)
        codes = common.select("x", code=pl.int_range(2, 2 + pl.len(), dtype=pl.Int32))
        placed = pl.DataFrame({"x": self.values}).join(codes, on="x", how="left", maintain_order="left")
        missing = pl.when(pl.col("x").is_null()).then(0).otherwise(1).cast(pl.Int32)
        return placed.select(pl.col("code").fill_null(missing)).to_series()

    def _bins(self, line: pl.Series) -> pl.Series:
        """The bin of equal counts in which the middle of a value's rows lies: equal values are never parted."""
        place = (pl.col("x").rank() - 0.5) / pl.col("x").count()
        return pl.DataFrame({"x": line}).select(((place * BINS).floor().cast(pl.Int32) + 2).fill_null(0)).to_series()


def features_of(columns: Sequence[Column], rows: pl.DataFrame) -> list[Feature]:
    """The columns of a sample that can be compared."""
    return [
        Feature(column.name, rows.get_column(column.key).alias("x")) for column in columns if column.dtype != pl.Binary
    ]


def label_column(dataset: Dataset, name: str) -> Column:
    """The column of the label.

    Raises:
        UsageError: there is none of that name, or it is nested.
    """
    column = dataset.column(name)
    if is_nested(column.dtype) or column.dtype in (pl.Null, pl.Binary):
        raise UsageError("--label", f"column {name!r} holds no single values", "a label is a number, a time or text")
    return column


def with_label(features: Sequence[Feature], label: str) -> dict[str, LabelAssociation]:
    """What each feature tells about the label, over the rows that have one; the label itself is left out."""
    target = next(each for each in features if each.name == label)
    labelled = target.values.is_not_null()
    kept = [Feature(each.name, each.values.filter(labelled)) for each in features]
    target = next(each for each in kept if each.name == label)
    return {each.name: _association(each, target) for each in kept if each.name != label}


def _association(feature: Feature, label: Feature) -> LabelAssociation:
    measure, value = correlation(feature, label)
    return LabelAssociation(
        mutual_information=mutual_information(feature.categories, label.categories),
        correlation=value,
        measure=measure,
    )


def label_summary(label: Feature, is_exact: bool) -> LabelSummary:
    """The task, and how uncertain the label is before anything is known."""
    present = Feature(label.name, label.values.drop_nulls())
    counts = present.categories.value_counts(name="n").get_column("n")
    return LabelSummary(
        column=label.name,
        task="regression" if present.is_binned else "classification",
        rows=len(present.values),
        exact=is_exact,
        entropy=_entropy(counts, len(present.values)) if len(present.values) else None,
    )


def mutual_information(one: pl.Series, other: pl.Series) -> float | None:
    """The mutual information of two categories in bits: how much knowing one tells about the other.

    H(x) + H(y) - H(x, y) with each entropy H corrected for its bias by (k - 1) / 2n, k the categories that occur,
    and never below 0. Source: Miller, "Note on the bias of information estimates", 1955.
    """
    count = len(one)
    if not count:
        return None
    pairs = pl.DataFrame({"x": one, "y": other}).group_by("x", "y").agg(n=pl.len())
    sides = [pairs.group_by(name).agg(pl.col("n").sum()).get_column("n") for name in ("x", "y")]
    entropies = [_entropy(side, count) for side in sides]
    return max(0.0, min(*entropies, sum(entropies) - _entropy(pairs.get_column("n"), count)))


def _entropy(counts: pl.Series, total: int) -> float:
    """Miller's estimate of the entropy in bits."""
    shares = [count / total for count in sorted(counts)]
    plain = -math.fsum(share * math.log2(share) for share in shares)
    return plain + (len(shares) - 1) / (2 * total * math.log(2))


def correlation(one: Feature, other: Feature) -> tuple[str, float | None]:
    """How two columns go together, over the rows that have both, and by which measure.

    Two lines: `pearson`, -1 to 1. A line and a category: `correlation_ratio`. Two categories: `cramers_v`. The
    latter are 0 to 1 and corrected for the bias that many categories bring. None where it does not exist.
    """
    if one.line is not None and other.line is not None:
        return "pearson", _pearson(one.line, other.line)
    if one.line is None and other.line is None:
        return "cramers_v", cramers_v(_known(one.categories), _known(other.categories))
    line, category = (one.line, other) if one.line is not None else (other.line, one)
    assert line is not None
    return "correlation_ratio", correlation_ratio(line, _known(category.categories))


def _known(categories: pl.Series) -> pl.Series:
    """Categories with the missing ones as null."""
    return categories.set(categories == 0, None)


def _pearson(one: pl.Series, other: pl.Series) -> float | None:
    return real(pl.DataFrame({"x": one, "y": other}).select(pl.corr("x", "y")).item())


def correlation_ratio(line: pl.Series, categories: pl.Series) -> float | None:
    """The correlation ratio: the root of the share of a line's variance that lies between categories.

    Corrected for chance: 1 - (1 - eta^2)(n - 1) / (n - k), never below 0.
    Source: Kelley, "An unbiased correlation ratio measure", PNAS 21, 1935.
    """
    frame = pl.DataFrame({"x": line, "y": categories}).drop_nulls()
    groups = summed(frame.with_columns(n=1.0), ["y"], ["n", "x"]).sort("y")
    groups = groups.select("n", mean=pl.col("x") / pl.col("n"))
    n, k = frame.height, groups.height
    if k < 2 or n <= k:
        return None
    mean = float(frame.get_column("x").mean())  # type: ignore[arg-type]
    total = float(((frame.get_column("x") - mean) ** 2).sum())
    between = float((groups.get_column("n") * (groups.get_column("mean") - mean) ** 2).sum())
    if total <= 0:
        return None
    return real(math.sqrt(max(0.0, 1 - (1 - between / total) * (n - 1) / (n - k))))


def cramers_v(one: pl.Series, other: pl.Series) -> float | None:
    """Cramér's V with its bias corrected.

    Source: Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical
    Society 42, 2013.
    """
    pairs = pl.DataFrame({"x": one, "y": other}).drop_nulls().group_by("x", "y").agg(n=pl.len())
    pairs = pairs.with_columns(row=pl.col("n").sum().over("x"), column=pl.col("n").sum().over("y"))
    n, r, c = (int(pairs.get_column("n").sum()), pairs.get_column("x").n_unique(), pairs.get_column("y").n_unique())
    if n < 2 or r < 2 or c < 2:
        return None
    # sum over all cells of observed^2 / expected, minus n, is chi-square; empty cells add nothing to it
    squares = sorted(pairs.select(pl.col("n") ** 2 / (pl.col("row") * pl.col("column"))).to_series())
    phi = max(0.0, math.fsum(squares) - 1 - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return min(1.0, math.sqrt(phi / least)) if least > 0 else None


def correlations(features: Sequence[Feature], is_exact: bool) -> Correlations:
    """Every pair of columns, the strongest first; pairs whose correlation does not exist are left out."""
    found = sorted(
        (each for each in _pairs(features) if each.value is not None),
        key=lambda each: (-abs(each.value or 0.0), each.columns),
    )
    rows = len(features[0].values) if features else 0
    return Correlations(rows=rows, exact=is_exact, measured=len(found), pairs=found[:MOST_PAIRS])


def _pairs(features: Sequence[Feature]) -> Iterator[Correlation]:
    lines = [each for each in features if each.line is not None]
    yield from _line_pairs(lines)
    for one, other in combinations(features, 2):
        if one.line is None or other.line is None:
            measure, value = correlation(one, other)
            yield Correlation(columns=[one.name, other.name], measure=measure, value=value)


def _line_pairs(lines: Sequence[Feature]) -> Iterator[Correlation]:
    """Pearson's and Spearman's correlation, the latter of ranks among all values of a column; many in one query."""
    frame = pl.DataFrame({f"x{place}": each.line for place, each in enumerate(lines)})
    frame = frame.with_columns(pl.all().rank().name.prefix("rank "))
    pairs = combinations(range(len(lines)), 2)
    while batch := list(islice(pairs, BATCH)):
        measured = frame.select(
            *(pl.corr(f"x{one}", f"x{other}").alias(f"p{place}") for place, (one, other) in enumerate(batch)),
            *(pl.corr(f"rank x{one}", f"rank x{other}").alias(f"s{place}") for place, (one, other) in enumerate(batch)),
        ).row(0)
        for (one, other), pearson, spearman in zip(batch, measured[: len(batch)], measured[len(batch) :], strict=True):
            yield Correlation(
                columns=[lines[one].name, lines[other].name],
                measure="pearson",
                value=real(pearson),
                spearman=real(spearman),
            )
