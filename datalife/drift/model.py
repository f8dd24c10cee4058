"""What changed between two datasets, or between two schemas: the document that `diff` prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from datalife.anomalies import Change
from datalife.stats.model import Number, ValueCount

Status = Literal["stable", "drifted", "inconclusive"]


class Sides(BaseModel):
    """One number of each side; None where it does not exist."""

    model_config = ConfigDict(extra="forbid")

    baseline: Number | None = None
    current: Number | None = None


class Range(BaseModel):
    """The least and the greatest value of each side, `[min, max]`, or None where no value is present."""

    model_config = ConfigDict(extra="forbid")

    baseline: list[Any] | None = None
    current: list[Any] | None = None


class SchemaChange(BaseModel):
    """One change of the shape of the data, or of a rule about it.

    `breaking`: a reader who relied on the baseline may fail on the current data. `baseline` and `current` are
    what the change is between (types, counts, bounds), `note` what a person may want to know beside it.
    """

    model_config = ConfigDict(extra="forbid")

    change: str
    column: str | None = None
    breaking: bool
    baseline: Any = None
    current: Any = None
    note: str | None = None


class ColumnDiff(BaseModel):
    """How far the values of one column moved.

    `distance` is that of `metric`, `distances` holds every distance that can be measured. Shares are of the
    values present; missing values (`null_fraction`) and NaN (`nan_fraction`, floats only) are shares of the
    rows and are judged apart. `noise_floor` is what chance alone reaches in one of a hundred comparisons of
    this size. A written `threshold` decides alone; a default one needs a change that chance does not explain.
    `reason` says in words why the status is what it is. `range` is filled for dates and datetimes.
    """

    model_config = ConfigDict(extra="forbid")

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
    nan_fraction: Sides | None = None
    range: Range | None = None
    reason: str | None = None


class CellChange(BaseModel):
    """A value that differs between two rows of the same key."""

    model_config = ConfigDict(extra="forbid")

    key: dict[str, Any]
    baseline: Any = None
    current: Any = None


class ColumnRows(BaseModel):
    """One column over the matched rows: `equal + changed` is their number.

    `baseline_count` and `current_count` are values present. `changed` is `baseline_only` (a value became
    missing) + `current_only` (a missing value was filled) + `mismatched` (two different values). Missing on
    both sides is equal, and so is NaN on both sides.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    baseline_count: int
    current_count: int
    equal: int
    baseline_only: int
    current_only: int
    mismatched: int
    changed: int
    examples: list[CellChange] = []


class RowsCompared(BaseModel):
    """Two datasets compared row by row, rows of the same key against each other.

    `duplicate_keys` counts the keys that occur more than once; their rows are not compared, on neither side.
    `missing_keys` counts the rows without a key, which are not compared either. All other rows are matched,
    or occur on one side only.
    """

    model_config = ConfigDict(extra="forbid")

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
    def differ(self) -> bool:
        """Whether any row was added, removed or changed, or could not be compared for its key."""
        one_sided = self.baseline_only + self.current_only + self.changed_rows
        return bool(one_sided or self.duplicate_examples or not self.matched)


class Moved(BaseModel):
    """How far one distribution moved, and what chance alone would reach.

    `largest_change` is the value of the outcome whose share moved most, `given` the cell in which it did.
    """

    model_config = ConfigDict(extra="forbid")

    metric: str | None = None
    distance: Number | None = None
    threshold: Number | None = None
    noise_floor: Number | None = None
    status: Status = "stable"
    given: Any = None
    largest_change: Change | None = None


class FeatureShift(BaseModel):
    """One feature x beside the outcome y: P(x), P(y|x) and P(x|y), each None where it could not be measured."""

    model_config = ConfigDict(extra="forbid")

    name: str
    p_x: Moved
    p_y_given_x: Moved | None = None
    p_x_given_y: Moved | None = None


class LeftOut(BaseModel):
    """A column that takes no part, and why."""

    model_config = ConfigDict(extra="forbid")

    name: str
    reason: str


class OutcomeShift(BaseModel):
    """Which kind of shift the outcome `column` (a label, or a model's predictions) shows.

    `covariate`: P(x) moved, P(y|x) did not. `prior`: P(y) moved, P(x|y) did not. `concept`: P(y|x) moved.
    `unclear`: something moved, but the rows do not tell which. For P(y|x) the rows of the baseline are weighted
    so that the features in `weighted_by` have the shares of now; `comparable` is the part of the current rows
    that the baseline has the like of. `rows` are those in which the outcome is present.
    """

    model_config = ConfigDict(extra="forbid")

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


class Shift(BaseModel):
    """The shift of the label, and that of the model's predictions; None for what was not asked for."""

    model_config = ConfigDict(extra="forbid")

    label: OutcomeShift | None = None
    prediction: OutcomeShift | None = None

    @property
    def is_concept(self) -> bool:
        """Whether the same inputs have other labels or predictions now."""
        return any(found is not None and found.is_concept for found in (self.label, self.prediction))


class BatchColumn(BaseModel):
    """How far one column of one batch is from that batch's baseline; see ColumnDiff."""

    model_config = ConfigDict(extra="forbid")

    name: str
    metric: str | None = None
    distance: Number | None = None
    threshold: Number | None = None
    noise_floor: Number | None = None
    status: Status = "stable"


class Batch(BaseModel):
    """One of several batches in order, and the batch that it is compared with."""

    model_config = ConfigDict(extra="forbid")

    name: str
    baseline: str
    rows: int
    drifted: bool
    columns: list[BatchColumn]


class Diff(BaseModel):
    """The result of comparing two datasets (kind `diff`) or two schema files (kind `schema-diff`).

    `drifted` is the gate: a column drifted, a schema change is breaking, compared rows differ, or the same
    inputs have other labels or predictions (a concept shift). Columns stand in the order of the baseline, the
    outcomes first. Of several batches in order this is the last one against its baseline, with all of them in
    `batches`; `drifted` when any of them did. A schema diff has neither rows nor columns, only changes under
    `schema`.
    """

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)

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
