"""What label-join is asked and what it answers: the options, and the document that it prints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from datalife.durations import parse_duration, show_duration
from datalife.errors import UsageError
from datalife.record import Record

Number = int | float
TimeUnit = Literal["s", "ms", "us", "ns"]
Ambiguous = Literal["reject", "earliest", "latest"]
KeyCast = Literal["strict", "string"]
Mode = Literal["unique", "entity"]
Attribution = Literal["last", "first", "all"]
Closed = Literal["both", "left", "right", "none"]
Policy = Literal["first", "last", "max", "min", "sum", "mean", "count", "any", "error"]
DuplicatePrediction = Literal["first", "last", "error"]
Settle = Literal["on-close", "on-match"]
OnLateArrival = Literal["ignore", "revise"]


class JoinOptions(Record, frozen=True):
    """The rules of a join. All lengths of time are nanoseconds; they are given as text (`7d`).

    `key` pairs each key column of the predictions with its name in the feedback, and is given as `a=b,c`.
    `window` None is unbounded. `implicit_label` is the text of a value. `as_of` is the time up to which all
    feedback has been delivered; None takes the newest feedback time read so far.
    """

    key: tuple[tuple[str, str], ...]
    prediction_time: str
    feedback_time: str
    window: int | None
    label: str | None = None
    time_unit: TimeUnit = "s"
    naive_tz: str | None = None
    ambiguous: Ambiguous = "reject"
    key_cast: KeyCast = "strict"
    mode: Mode = "unique"
    attribution: Attribution = "last"
    min_delay: int = 0
    closed: Closed = "both"
    clock_skew: int = 0
    policy: Policy = "last"
    tie_break: str | None = None
    feedback_id: str | None = None
    duplicate_prediction: DuplicatePrediction = "first"
    implicit_label: str | None = None
    lateness: int = 0
    arrival: str | None = None
    settle: Settle = "on-close"
    on_late_arrival: OnLateArrival = "ignore"
    horizon: int | None = None
    as_of: str | None = None

    @field_validator("key", mode="before")
    @classmethod
    def _split_key(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",")]
        if not all(left and (right or not equals) for left, equals, right in pairs):
            raise UsageError("--key", f"{value!r} has an empty part", "write --key id, or --key a,b=c")
        return tuple((left, right or left) for left, _, right in pairs)

    @field_validator("window", "horizon", "min_delay", "clock_skew", "lateness", mode="before")
    @classmethod
    def _length(cls, value: Any, info: Any) -> Any:
        if not isinstance(value, str):
            return value
        flag = "--" + info.field_name.replace("_", "-")
        return None if flag == "--window" and value == "none" else parse_duration(value, flag)

    @field_validator("implicit_label", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _consistent(self) -> JoinOptions:
        if self.window is None and self.settle == "on-close":
            raise UsageError(
                "--window", "an unbounded window never closes", "add --settle on-match, or name a length such as 7d"
            )
        if self.window is not None and self.min_delay > self.window:
            raise UsageError("--min-delay", "is longer than --window, so nothing could match", None)
        if self.settle == "on-match" and self.policy not in ("first", "any"):
            raise UsageError(
                "--settle", f"on-match cannot be final with --policy {self.policy}", "use --policy first or any"
            )
        if self.mode == "unique" and self.attribution != "last":
            raise UsageError("--attribution", "applies where predictions share a key", "add --mode entity")
        if self.horizon is not None and self.window is not None and self.horizon < self.window + self.lateness:
            least = show_duration(self.window + self.lateness)
            raise UsageError("--horizon", "ends before a window closes", f"it is at least {least}")
        return self

    @property
    def open_for(self) -> int | None:
        """How long after its prediction a window closes; None when never."""
        return None if self.window is None else self.window + self.lateness

    @property
    def lowest_delay(self) -> int:
        """The lower end of the window; negative where clocks may be skewed."""
        return self.min_delay - self.clock_skew

    @property
    def memory(self) -> int | None:
        """How far before as-of predictions are remembered; None for ever."""
        if self.horizon is not None or self.window is None:
            return self.horizon
        return 2 * self.window + self.lateness

    def rules(self) -> dict[str, Any]:
        """Everything that must not change between runs, readable in JSON."""
        return self.model_dump(mode="json", exclude={"as_of"})


class OutputFiles(Record, frozen=True):
    """Where the rows go; the format follows from the suffix. `prefix` is put before every new column.

    `output` takes the training rows; `state` is the directory that one run leaves to the next.
    """

    output: str
    pending: str | None = None
    orphans: str | None = None
    rejected: str | None = None
    late: str | None = None
    prefix: str = ""
    state: str | None = None

    @property
    def files(self) -> dict[str, str]:
        """The files that were asked for, by the name of their option."""
        named = self.model_dump(include={"output", "pending", "orphans", "rejected", "late"}, exclude_none=True)
        return {name: str(path) for name, path in named.items()}


class Gates(Record, frozen=True):
    """Limits on the summary; a rate of nothing is not judged."""

    min_match_rate: float | None = None
    max_orphan_rate: float | None = None
    max_late_rate: float | None = None
    max_before_rate: float | None = None
    max_duplicate_rate: float | None = None
    min_settled: int | None = None


class GateResult(Record):
    """One limit and what it was compared with; `holds` is None where there was nothing to judge."""

    gate: str
    limit: Number
    value: Number | None
    holds: bool | None


class Delay(Record):
    """Seconds from prediction to label over the rows labeled in this run; linear interpolation."""

    p50: Number | None = None
    p90: Number | None = None
    p95: Number | None = None
    p99: Number | None = None
    max: Number | None = None


class Day(Record):
    """The predictions of one day (UTC) that are remembered.

    `match_rate` is labeled / settled; `positive_rate` the share of labels above zero (or true).
    """

    day: str
    predictions: int
    settled: int
    match_rate: Number | None
    positive_rate: Number | None
    pending: int


class Conversion(Record):
    """The share of predictions that have feedback within `delay`, and that share of the whole window's.

    Kaplan and Meier, "Nonparametric Estimation from Incomplete Observations", 1958: a prediction without
    feedback is censored at its age, or at the end of its window.
    """

    delay: str
    seconds: Number
    share: float
    share_of_window: float | None


class Summary(Record):
    """The account of all rows read so far, over all runs of a state.

    `delay`, `label_counts` and `positive_rate` are about the rows settled in this run (`rows_written`, without
    revisions); `label_counts` has the labels as JSON text, at most the 1000 most frequent. `days` and
    `conversion` are about the predictions remembered. `cut_off_rate` is late / (matched + late).
    """

    as_of: str | None
    run: int
    prediction_rows: int
    predictions: int
    duplicate_predictions: int
    invalid_predictions: int
    expired: int
    labeled: int
    negative: int
    unlabeled: int
    pending: int
    settled: int
    feedback_rows: int
    duplicate_feedback: int
    invalid_feedback: int
    matched: int
    orphans: int
    before: int
    too_soon: int
    late: int
    future: int
    late_arrivals: int
    match_rate: Number | None
    orphan_rate: Number | None
    late_rate: Number | None
    before_rate: Number | None
    duplicate_feedback_rate: Number | None
    cut_off_rate: Number | None
    positive_rate: Number | None
    label_counts: dict[str, int]
    delay: Delay
    days: list[Day]
    conversion: list[Conversion]
    rows_written: int
    revisions_written: int
    skipped_files: int
    gates: list[GateResult]
    failed: bool


class LabelJoin(Record):
    """The result of a join: what `-f json` prints. `notes` are for people, on standard error."""

    kind: Literal["label-join"] = "label-join"
    version: Literal[1] = 1
    summary: Summary
    notes: list[str] = Field(default=[], exclude=True)

    @property
    def failed(self) -> bool:
        """True when a gate does not hold."""
        return self.summary.failed
