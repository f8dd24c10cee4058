"""The profile of a dataset: what `stats` prints, what `stats -f json` stores, what other commands compare."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from datalife.record import Record

Number = int | float
#: How many, and how much they weigh.
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[int | float, Field(ge=0)]


class ValueCount(Record):
    """A value and how often it occurs. Dates and times are ISO 8601 text, NaN and infinities `NaN`, `inf`, `-inf`."""

    value: Any
    count: int


class Pattern(Record):
    """A shape of texts (letters `A` and `a`, digits `9`, the rest as it is) and how many have it."""

    pattern: str
    count: int


class ValueWeight(Record):
    """A value and the weight of the rows that have it."""

    value: Any
    weight: Number


class Histogram(Record):
    """`len(edges) == len(counts) + 1`; a bin holds [left, right), the last one its right edge too."""

    edges: list[Any]
    counts: list[int | float]


class Hint(Record):
    """What an experienced eye would notice about a column, with its evidence in the message."""

    code: str
    message: str
    count: int | None = None


class WeightedState(Record):
    """What merging the weighted statistics of a column needs: as in ColumnState, with weights for counts."""

    parts: dict[str, Number | None]
    values: list[tuple[Any, Amount]] = []
    points: list[tuple[Number, Amount]] | None = None


class ColumnState(Record):
    """What merging two profiles of a column needs.

    `frequencies` are the (value, count) pairs kept, most frequent first, ties by value; `complete` says that
    they are all there are. When they are not, `points` are (value, weight) pairs in ascending order that stand
    for the finite numbers (times in seconds since 1970), and `registers` the HyperLogLog registers of all
    values, made by the hash that `hashed_by` names. `lengths` are the (length, count) pairs of text, `analyzers`
    the states of the exact statistics, `dtype` the type in which values are held. `fingerprint` is the same for
    columns that are the same, `shapes` are those of texts looked at.
    """

    dtype: str
    frequencies: list[tuple[Any, Count]] = []
    complete: bool = True
    points: list[tuple[Number, Amount]] | None = None
    registers: str | None = None
    hashed_by: str | None = None
    lengths: list[tuple[Count, Count]] | None = None
    analyzers: dict[str, dict[str, Any]] = {}
    weighted: WeightedState | None = None
    fingerprint: int | None = None
    shapes: list[tuple[str, Count]] | None = None


class WeightedStatistics(Record):
    """The statistics of a column with every row counted as often as its weight says; keys as in its profile.

    Counts are sums of weights; `std` divides by the sum of the weights.
    """

    count: Number
    null_count: Number
    null_fraction: Number | None
    mean: Any = None
    std: Number | None = None
    median: Any = None
    sum: Number | None = None
    quantiles: dict[str, Any] | None = None
    quantiles_exact: bool | None = None
    histogram: Histogram | None = None
    top_values: list[ValueWeight] | None = None


class LabelAssociation(Record):
    """How much a column tells about the label: `mutual_information` in bits, `correlation` by `measure`.

    `measure` is `pearson` (-1 to 1), `correlation_ratio` or `cramers_v` (0 to 1), as the types have it.
    """

    mutual_information: Number | None
    correlation: Number | None
    measure: str


class ColumnProfile(Record):
    """The statistics of one column; a key that does not apply to its type is absent (None here)."""

    name: str
    type: str
    count: int
    null_count: int
    null_fraction: Number | None
    distinct_count: int | None = None
    distinct_exact: bool | None = None
    true_count: int | None = None
    false_count: int | None = None
    min: Any = None
    max: Any = None
    mean: Any = None
    std: Number | None = None
    median: Any = None
    sum: Number | None = None
    quantiles: dict[str, Any] | None = None
    quantiles_exact: bool | None = None
    skewness: Number | None = None
    kurtosis: Number | None = None
    zero_count: int | None = None
    negative_count: int | None = None
    nan_count: int | None = None
    inf_count: int | None = None
    finite_count: int | None = None
    histogram: Histogram | None = None
    quantile_histogram: Histogram | None = None
    min_length: int | None = None
    max_length: int | None = None
    mean_length: Number | None = None
    empty_count: int | None = None
    blank_count: int | None = None
    invalid_utf8_count: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    mean_items: Number | None = None
    total_items: int | None = None
    items: ColumnProfile | None = None
    fields: list[ColumnProfile] | None = None
    top_values: list[ValueCount] | None = None
    patterns: list[Pattern] | None = None
    patterns_exact: bool | None = None
    weighted: WeightedStatistics | None = None
    hints: list[Hint] = []
    label: LabelAssociation | None = None
    state: ColumnState | None = None


class Slice(Record):
    """The profile of the rows that share the values `by`, a missing value being one of them.

    Slices with few rows are gathered into the last one, whose `by` is empty: `gathered` says how many. `weight`
    is the sum of the weights of its rows. Hints are about the slice itself; its columns have none of their own.
    """

    by: dict[str, Any]
    gathered: int | None = None
    rows: int
    weight: Number | None = None
    columns: list[ColumnProfile]
    hints: list[Hint] = []


class Weights(Record):
    """The column that holds the weight of each row, and the sum of the weights."""

    column: str
    total: Number


class LabelSummary(Record):
    """The label and how it was measured: on how many labelled rows, and whether these are `exact`ly all.

    `entropy`, in bits, is the most that any column can tell about it.
    """

    column: str
    task: Literal["classification", "regression"]
    rows: int
    exact: bool
    entropy: Number | None


class Correlation(Record):
    """How two columns go together; see LabelAssociation for `measure`. `spearman` only of two lines."""

    columns: list[str]
    measure: str
    value: Number | None
    spearman: Number | None = None


class Correlations(Record):
    """The pairs of columns, the strongest first; `measured` counts all, also those that are not told.

    They were measured on `rows` rows, `exact`ly all there are or a sample.
    """

    rows: int
    exact: bool
    measured: int
    pairs: list[Correlation]


class Combination(Record):
    """Values of two columns that never occur together, and how many rows chance alone would give them."""

    values: dict[str, Any]
    expected: Number


class Cross(Record):
    """How much of the space of two columns the data covers, over the `rows` that have both.

    `combinations` are the values (or bins) of one times those of the other, `empty` the most surprising of the
    `empty_count` that no row has.
    """

    columns: list[str]
    rows: int
    combinations: int
    empty_count: int
    coverage: Number | None
    empty: list[Combination]


class LabelRate(Record):
    """The share of a value of the label among the rows that have a label."""

    value: Any
    count: int
    rate: Number | None


class GroupProfile(Record):
    """The rows of one group: how many, their labels, and what is missing in each column."""

    by: dict[str, Any]
    rows: int
    fraction: Number | None
    label_count: int
    label_rates: list[LabelRate] | None = None
    label_mean: Number | None = None
    null_fractions: dict[str, Number | None]
    hints: list[Hint] = []


class Fairness(Record):
    """How groups are represented: a row each, most rows first.

    `demographic_parity_difference` is the largest difference of a label's rate between two groups (of the label's
    mean, when it is a number with many values), over groups with enough labels for a rate; `between` names them.
    """

    group: list[str]
    label: str
    demographic_parity_difference: Number | None
    value: Any = None
    between: list[dict[str, Any]] = []
    groups: list[GroupProfile]


class Merged(Record):
    """A source that a growing profile holds: its name, and the identity by which it counts once."""

    source: str
    identity: str


class Profile(Record):
    """The statistics of a dataset. Profiles of two datasets merge into the profile of both together."""

    kind: Literal["profile"] = "profile"
    version: Literal[1] = 1
    rows: int
    sources: list[str] = []
    merged: list[Merged] | None = None
    weight: Weights | None = None
    label: LabelSummary | None = None
    columns: list[ColumnProfile] = []
    slices: list[Slice] | None = None
    correlations: Correlations | None = None
    cross: Cross | None = None
    fairness: Fairness | None = None

    def column(self, name: str) -> ColumnProfile | None:
        """The profile of the column called `name`, or None."""
        return next((column for column in self.columns if column.name == name), None)
