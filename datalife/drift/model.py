"""What changed between two datasets, or between two schemas: the document that `diff` prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from datalife.anomalies import Change
from datalife.record import Record
from datalife.stats.model import Number, ValueCount

Status = Literal["stable", "drifted", "inconclusive"]
Effect = Literal["loosens", "tightens", "both"] | None
Breaks = Literal["consumer", "producer", "both"] | None
CONDITIONALS = ("p_y_given_x", "p_x_given_y")
#: The counts of a column in matched rows, which add up over parts of the rows.
COUNTS = ("baseline_count", "current_count", "equal", "baseline_only", "current_only", "mismatched", "changed")


class Sides(Record):
    """One number of each side; None where it does not exist."""

    baseline: Number | None = None
    current: Number | None = None

    def plus(self, other: Sides) -> Sides:
        """The sums of both sides; a number that does not exist is none."""
        baseline, current = (self.baseline or 0) + (other.baseline or 0), (self.current or 0) + (other.current or 0)
        return Sides(baseline=baseline, current=current)


class Range(Record):
    """The least and the greatest value of each side, `[min, max]`, or None where no value is present."""

    baseline: list[Any] | None = None
    current: list[Any] | None = None


class SchemaChange(Record):
    """One change of the shape of the data, or of a rule about it.

    `breaking`: a reader who relied on the baseline may fail on the current data. `baseline` and `current` are
    what the change is between (types, counts, bounds), `note` what a person may want to know beside it. Between two
    schemas `effect` says what the change does to a rule, and `breaks` whom: the consumer, who may meet data that was
    not allowed, or the producer, whose data may be refused.
    """

    change: str
    column: str | None = None
    breaking: bool
    baseline: Any = None
    current: Any = None
    note: str | None = None
    effect: Effect = None
    breaks: Breaks = None


class Weeks(Record):
    """How the hours of the week differ: what follows the days of the week may differ for that reason alone.

    `hour_of_week` is the total variation of the shares of the 168 hours; `baseline_only` and `current_only` are
    weekdays that the other side lacks.
    """

    hour_of_week: Number
    noise_floor: Number
    baseline_only: list[str]
    current_only: list[str]


class Picture(Record):
    """The shares of both sides in the same cells, to be drawn: bins of equal width, or the most frequent values."""

    names: list[Any]
    baseline: list[float]
    current: list[float]
    is_binned: bool


class Patterns(Record):
    """How far the shapes of texts (`AA999`) moved, each shape a category; shares are of the values present.

    `exact`: all values of both sides were looked at, not only some of the rows. Without a `threshold` shapes are told
    and not judged, since a written limit decides about the column.
    """

    metric: str
    distance: Number | None = None
    threshold: Number | None = None
    noise_floor: Number | None = None
    status: Status = "stable"
    largest_change: Change | None = None
    exact: bool


class ColumnDiff(Record):
    """How far the values of one column moved.

    `distance` is that of `metric`, `distances` holds every distance that can be measured. Shares are of the
    values present; missing values (`null_fraction`) and NaN (`nan_fraction`, floats only) are shares of the
    rows and are judged apart. `noise_floor` is what chance alone reaches in one of a hundred comparisons of
    this size. A written `threshold` decides alone; a default one needs a change that chance does not explain.
    `reason` says in words why the status is what it is. `range` and `weeks` are filled for dates and datetimes.
    `new_fraction` is the share of the current values that the baseline never had, `gone_fraction` that of the
    baseline's values which are no more, where all values are known; `top_overlap` the share of the baseline's 20 most
    frequent values that are among those of now. All three are of texts, and so are `patterns`.
    """

    name: str
    type: str
    metric: str | None = None
    distance: Number | None = None
    threshold: Number | None = None
    drifted: bool = False
    status: Status = "stable"
    noise_floor: Number | None = None
    null_fraction: Sides
    new_values: list[ValueCount] = []
    gone_values: list[ValueCount] = []
    largest_change: Change | None = None
    distances: dict[str, Number] = {}
    patterns: Patterns | None = None
    nan_fraction: Sides | None = None
    range: Range | None = None
    reason: str | None = None
    weeks: Weeks | None = None
    new_fraction: Number | None = None
    gone_fraction: Number | None = None
    top_overlap: Number | None = None
    #: For documents with pictures; no part of the JSON.
    picture: Picture | None = Field(None, exclude=True)


class CellChange(Record):
    """A value that differs between two rows of the same key."""

    key: dict[str, Any]
    baseline: Any = None
    current: Any = None


class Confusion(Record):
    """How often one category became another."""

    baseline: Any = None
    current: Any = None
    count: int


class ColumnRows(Record):
    """One column over the matched rows: `equal + changed` is their number.

    `baseline_count` and `current_count` are values present. `changed` is `baseline_only` (a value became
    missing) + `current_only` (a missing value was filled) + `mismatched` (two different values). Missing on
    both sides is equal, and so is NaN on both sides.
    """

    name: str
    baseline_count: int
    current_count: int
    equal: int
    baseline_only: int
    current_only: int
    mismatched: int
    changed: int
    examples: list[CellChange] = []
    confusions: list[Confusion] = []

    def plus(self, other: ColumnRows) -> ColumnRows:
        """The counts over the matched rows of both, without examples and confusions."""
        return ColumnRows(name=self.name, **{key: getattr(self, key) + getattr(other, key) for key in COUNTS})


class RowsCompared(Record):
    """Two datasets compared row by row, rows of the same key against each other.

    `duplicate_keys` counts the keys that occur more than once; their rows are not compared, on neither side.
    `missing_keys` counts the rows without a key, which are not compared either. All other rows are matched,
    or occur on one side only.
    """

    key: list[str]
    matched: int
    baseline_only: int
    current_only: int
    duplicate_keys: Sides
    missing_keys: Sides
    changed_rows: int
    columns: list[ColumnRows] = []
    duplicate_examples: list[dict[str, Any]] = []

    @property
    def different_share(self) -> float:
        """The rows that were added, removed or changed, as a share of all keys that were looked at."""
        different = self.baseline_only + self.current_only + self.changed_rows
        return different / max(self.matched + self.baseline_only + self.current_only, 1)

    def differ(self, allowed: float = 0.0) -> bool:
        """Whether more than this share of the rows differs, keys repeat, or no row could be compared."""
        repeated = (self.duplicate_keys.baseline or 0) + (self.duplicate_keys.current or 0)
        return bool(self.different_share > allowed or repeated or not self.matched)

    def plus(self, other: RowsCompared) -> RowsCompared:
        """The counts of the rows of both, which have no key in common; without columns and examples."""
        return RowsCompared(
            key=self.key,
            matched=self.matched + other.matched,
            baseline_only=self.baseline_only + other.baseline_only,
            current_only=self.current_only + other.current_only,
            duplicate_keys=self.duplicate_keys.plus(other.duplicate_keys),
            missing_keys=self.missing_keys.plus(other.missing_keys),
            changed_rows=self.changed_rows + other.changed_rows,
        )


class Moved(Record):
    """How far one distribution moved, and what chance alone would reach.

    `largest_change` is the value of the outcome whose share moved most, `given` the cell in which it did.
    """

    metric: str | None = None
    distance: Number | None = None
    threshold: Number | None = None
    noise_floor: Number | None = None
    status: Status = "stable"
    given: Any = None
    largest_change: Change | None = None


class FeatureShift(Record):
    """One feature x beside the outcome y: P(x), P(y|x) and P(x|y), each None where it could not be measured."""

    name: str
    p_x: Moved
    p_y_given_x: Moved | None = None
    p_x_given_y: Moved | None = None


class LeftOut(Record):
    """A column that takes no part, and why."""

    name: str
    reason: str


class OutcomeShift(Record):
    """Which kind of shift the outcome `column` (a label, or a model's predictions) shows.

    `covariate`: P(x) moved, P(y|x) did not. `prior`: P(y) moved, P(x|y) did not. `concept`: P(y|x) moved.
    `unclear`: something moved, but the rows do not tell which. For P(y|x) the rows of the baseline are weighted
    so that the features in `weighted_by` have the shares of now; `comparable` is the part of the current rows
    that the baseline has the like of. `rows` are those in which the outcome is present.
    """

    column: str
    kind: Literal["none", "covariate", "prior", "concept", "covariate-and-concept", "unclear"]
    reason: str
    rows: Sides
    p_y: Moved
    features: list[FeatureShift] = []
    weighted_by: list[str] = []
    comparable: Number | None = None
    left_out: list[LeftOut] = []

    @property
    def is_concept(self) -> bool:
        """Whether the outcome of the same inputs changed."""
        return "concept" in self.kind


class Shift(Record):
    """The shift of the label, and that of the model's predictions; None for what was not asked for."""

    label: OutcomeShift | None = None
    prediction: OutcomeShift | None = None

    @property
    def is_concept(self) -> bool:
        """Whether the same inputs have other labels or predictions now."""
        return any(found is not None and found.is_concept for found in (self.label, self.prediction))


class BatchColumn(Record):
    """How far one column of one batch is from that batch's baseline; see ColumnDiff."""

    name: str
    metric: str | None = None
    distance: Number | None = None
    threshold: Number | None = None
    noise_floor: Number | None = None
    status: Status = "stable"


class Batch(Record):
    """One of several batches in order, and the batch that it is compared with."""

    name: str
    baseline: str
    rows: int
    drifted: bool
    columns: list[BatchColumn]


class Diff(Record, serialize_by_alias=True, validate_by_name=True):
    """The result of comparing two datasets (kind `diff`) or two schema files (kind `schema-diff`).

    `drifted` is the gate: a column drifted, a schema change is breaking, compared rows differ, or the same
    inputs have other labels or predictions (a concept shift). Columns stand in the order of the baseline, the
    outcomes first. Of several batches in order this is the last one against its baseline, with all of them in
    `batches`; `drifted` when any of them did. A schema diff has neither rows nor columns, only changes under
    `schema`.
    """

    kind: Literal["diff", "schema-diff"] = "diff"
    version: Literal[1] = 1
    rows: Sides | None = None
    drifted: bool = False
    schema_changes: list[SchemaChange] = Field(default=[], alias="schema")
    columns: list[ColumnDiff] = []
    rows_compared: RowsCompared | None = None
    shift: Shift | None = None
    batches: list[Batch] | None = None

    @model_serializer(mode="wrap")
    def _document(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Two datasets are no series: their document has no key for one."""
        document: dict[str, Any] = serialize(self)
        if self.batches is None:
            document.pop("batches", None)
        return document


def without_samples(diff: Diff) -> Diff:
    """The same numbers without any value of the data: no examples, no categories, no extremes."""
    document = diff.model_dump(by_alias=True)
    for column in document["columns"]:
        column |= {"new_values": [], "gone_values": [], "largest_change": None, "range": None}
        if column["patterns"] is not None:
            column["patterns"]["largest_change"] = None
    rows = document["rows_compared"]
    if rows is not None:
        rows["duplicate_examples"] = []
        for column in rows["columns"]:
            column |= {"examples": [], "confusions": []}
    for outcome in (document["shift"] or {}).values():
        if outcome is not None:
            told = [outcome["p_y"], *(each[key] for each in outcome["features"] for key in ("p_x", *CONDITIONALS))]
            for moved in filter(None, told):
                moved |= {"given": None, "largest_change": None}
    return Diff.model_validate(document)
