"""The profile of a dataset: what `stats` prints, what `stats -f json` stores, what other commands compare."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Number = int | float


class ValueCount(BaseModel):
    """A value and how often it occurs. Dates and times are ISO 8601 text, NaN and infinities `NaN`, `inf`, `-inf`."""

    model_config = ConfigDict(extra="forbid")

    value: Any
    count: int


class Pattern(BaseModel):
    """A shape of texts (letters `A` and `a`, digits `9`, the rest as it is) and how many have it."""

    model_config = ConfigDict(extra="forbid")

    pattern: str
    count: int


class ValueWeight(BaseModel):
    """A value and the weight of the rows that have it."""

    model_config = ConfigDict(extra="forbid")

    value: Any
    weight: Number


class Histogram(BaseModel):
    """`len(edges) == len(counts) + 1`; a bin holds [left, right), the last one its right edge too."""

    model_config = ConfigDict(extra="forbid")

    edges: list[Any]
    counts: list[int | float]


class Hint(BaseModel):
    """What an experienced eye would notice about a column, with its evidence in the message."""

    model_config = ConfigDict(extra="forbid")

    code: str
    message: str
    count: int | None = None


class WeightedState(BaseModel):
    """What merging the weighted statistics of a column needs: as in ColumnState, with weights for counts."""

    model_config = ConfigDict(extra="forbid")

    parts: dict[str, Number | None]
    values: list[tuple[Any, Number]] = []
    points: list[tuple[Number, Number]] | None = None


class ColumnState(BaseModel):
    """What merging two profiles of a column needs.

    `frequencies` are the (value, count) pairs kept, most frequent first, ties by value; `complete` says that
    they are all there are. When they are not, `points` are (value, weight) pairs in ascending order that stand
    for the finite numbers (times in seconds since 1970), and `registers` the HyperLogLog registers of all
    values, made by the hash that `hashed_by` names. `lengths` are the (length, count) pairs of text, `analyzers`
    the states of the exact statistics, `dtype` the type in which values are held. `fingerprint` is the same for
    columns that are the same, `shapes` are those of texts looked at.
    """

    model_config = ConfigDict(extra="forbid")

    dtype: str
    frequencies: list[tuple[Any, int]] = []
    complete: bool = True
    points: list[tuple[Number, Number]] | None = None
    registers: str | None = None
    hashed_by: str | None = None
    lengths: list[tuple[int, int]] | None = None
    analyzers: dict[str, dict[str, Any]] = {}
    weighted: WeightedState | None = None
    fingerprint: int | None = None
    shapes: list[tuple[str, int]] | None = None


class WeightedStatistics(BaseModel):
    """The statistics of a column with every row counted as often as its weight says; keys as in its profile.

    Counts are sums of weights; `std` divides by the sum of the weights.
    """

    model_config = ConfigDict(extra="forbid")

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


class LabelAssociation(BaseModel):
    """How much a column tells about the label: `mutual_information` in bits, `correlation` by `measure`.

    `measure` is `pearson` (-1 to 1), `correlation_ratio` or `cramers_v` (0 to 1), as the types have it.
    """

    model_config = ConfigDict(extra="forbid")

    mutual_information: Number | None
    correlation: Number | None
    measure: str


class ColumnProfile(BaseModel):
    """The statistics of one column; a key that does not apply to its type is absent (None here)."""

    model_config = ConfigDict(extra="forbid")

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


class Slice(BaseModel):
    """The profile of the rows that share the values `by`, a missing value being one of them.

    Slices with few rows are gathered into the last one, whose `by` is empty: `gathered` says how many. `weight`
    is the sum of the weights of its rows. Hints are about the slice itself; its columns have none of their own.
    """

    model_config = ConfigDict(extra="forbid")

    by: dict[str, Any]
    gathered: int | None = None
    rows: int
    weight: Number | None = None
    columns: list[ColumnProfile]
    hints: list[Hint] = []


class Weights(BaseModel):
    """The column that holds the weight of each row, and the sum of the weights."""

    model_config = ConfigDict(extra="forbid")

    column: str
    total: Number


class LabelSummary(BaseModel):
    """The label and how it was measured: on how many labelled rows, and whether these are `exact`ly all.

    `entropy`, in bits, is the most that any column can tell about it.
    """

    model_config = ConfigDict(extra="forbid")

    column: str
    task: Literal["classification", "regression"]
    rows: int
    exact: bool
    entropy: Number | None


class Correlation(BaseModel):
    """How two columns go together; see LabelAssociation for `measure`. `spearman` only of two lines."""

    model_config = ConfigDict(extra="forbid")

    columns: list[str]
    measure: str
    value: Number | None
    spearman: Number | None = None


class Correlations(BaseModel):
    """The pairs of columns, the strongest first; `measured` counts all, also those that are not told.

    They were measured on `rows` rows, `exact`ly all there are or a sample.
    """

    model_config = ConfigDict(extra="forbid")

    rows: int
    exact: bool
    measured: int
    pairs: list[Correlation]


class Combination(BaseModel):
    """Values of two columns that never occur together, and how many rows chance alone would give them."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any]
    expected: Number


class Cross(BaseModel):
    """How much of the space of two columns the data covers, over the `rows` that have both.

    `combinations` are the values (or bins) of one times those of the other, `empty` the most surprising of the
    `empty_count` that no row has.
    """

    model_config = ConfigDict(extra="forbid")

    columns: list[str]
    rows: int
    combinations: int
    empty_count: int
    coverage: Number | None
    empty: list[Combination]


class LabelRate(BaseModel):
    """The share of a value of the label among the rows that have a label."""

    model_config = ConfigDict(extra="forbid")

    value: Any
    count: int
    rate: Number | None


class GroupProfile(BaseModel):
    """The rows of one group: how many, their labels, and what is missing in each column."""

    model_config = ConfigDict(extra="forbid")

    by: dict[str, Any]
    rows: int
    fraction: Number | None
    label_count: int
    label_rates: list[LabelRate] | None = None
    label_mean: Number | None = None
    null_fractions: dict[str, Number | None]
    hints: list[Hint] = []


class Fairness(BaseModel):
    """How groups are represented: a row each, most rows first.

    `demographic_parity_difference` is the largest difference of a label's rate between two groups (of the label's
    mean, when it is a number with many values), over groups with enough labels for a rate; `between` names them.
    """

    model_config = ConfigDict(extra="forbid")

    group: list[str]
    label: str
    demographic_parity_difference: Number | None
    value: Any = None
    between: list[dict[str, Any]] = []
    groups: list[GroupProfile]


class Merged(BaseModel):
    """A source that a growing profile holds: its name, and the identity by which it counts once."""

    model_config = ConfigDict(extra="forbid")

    source: str
    identity: str


class Profile(BaseModel):
    """The statistics of a dataset. Profiles of two datasets merge into the profile of both together."""

    model_config = ConfigDict(extra="forbid")

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
