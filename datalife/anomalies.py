"""What a check found: severities, findings and the report of a validation."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from datalife.record import Record
from datalife.stats.model import Profile


class Severity(StrEnum):
    """How much a finding matters; `--fail-on` names the least that fails a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


#: The gravest first.
RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Example(Record):
    """One offending row: its 0-based number in the order read, and the value found there.

    `where` is its `file:line` for text formats, the file alone for others.
    """

    row: int | None
    value: Any = None
    where: str | None = None


class Anomaly(Record):
    """One finding, in the vocabulary of the contract: a stable code and words for a person.

    `failures` counts the offending values (or rows), `fraction` is their share of what was checked. The
    distance keys are filled for `drift` and `skew` only, `slice` where slices are validated apart. What is no
    part of the JSON: `route` leads to the rule in the schema, and `place` is its `file:line:column`.
    """

    code: str
    severity: Severity = Severity.ERROR
    column: str | None = None
    message: str
    expected: str | None = None
    observed: str | None = None
    failures: int | None = None
    fraction: int | float | None = None
    examples: list[Example] = []
    metric: str | None = None
    distance: int | float | None = None
    threshold: int | float | None = None
    slice: dict[str, Any] | None = None
    route: tuple[str | int, ...] = Field((), exclude=True)
    place: str | None = Field(None, exclude=True)


class Rule(Record):
    """One rule that a validation looked at, in the words of the schema; `place` is its `file:line:column` there.

    `skipped` says why it could not be looked at.
    """

    route: tuple[str | int, ...]
    column: str | None
    text: str
    skipped: str | None = None
    place: str | None = None


class Context(Record):
    """What a report is about, for the formats that say more than its JSON: whatever holds, and where it is written.

    `sources` are the data as the user named it, `schema_file` the schema; `fail_on` the least severity that
    fails the run. The profile is there for formats that show it. `notes` are for whoever runs the command.
    """

    sources: list[str] = []
    schema_file: str | None = None
    fail_on: str = "error"
    rules: list[Rule] = []
    profile: Profile | None = None
    notes: list[str] = []

    def fails(self, severity: Severity) -> bool:
        """Whether a finding of this severity fails the run."""
        return self.fail_on != "never" and RANK[severity] <= RANK[Severity(self.fail_on)]


class Change(Record):
    """The value (or bin) whose share moved most, with its shares of the values present on each side."""

    value: Any
    baseline: int | float
    current: int | float


class Measure(Record):
    """A distance that a limit of the schema asked for, also when the limit holds."""

    column: str
    kind: Literal["drift", "skew"]
    metric: str
    distance: int | float | None
    threshold: int | float
    noise_floor: int | float | None = None
    largest_change: Change | None = None
    slice: dict[str, Any] | None = None


class Report(Record):
    """The result of validating one dataset against one schema."""

    kind: Literal["report"] = "report"
    version: Literal[1] = 1
    rows: int
    environment: str | None = None
    failed: bool = False
    counts: dict[str, int] = {}
    anomalies: list[Anomaly] = []
    measures: list[Measure] = []
    context: Context = Field(default_factory=Context, exclude=True)


class FaultRecord(Record):
    """Why a dataset could not be checked: where, what, and what to try."""

    where: str
    message: str
    hint: str | None = None


class Outcome(Record):
    """One dataset of a project: its report, or the errors for which there is none."""

    name: str
    report: Report | None = None
    errors: list[FaultRecord] = []


class Project(Record):
    """The result of validating the datasets of a project, each against its own schema.

    `failed` says that some dataset fails its gate; whether some could not be checked, its `errors` say. The
    counts are those of all reports together.
    """

    kind: Literal["project"] = "project"
    version: Literal[1] = 1
    failed: bool
    counts: dict[str, int]
    datasets: list[Outcome]


def outcomes(result: Report | Project) -> list[Outcome]:
    """The datasets of a result; a report alone is one, named by its sources."""
    if isinstance(result, Project):
        return result.datasets
    return [Outcome(name=" ".join(result.context.sources) or "datalife", report=result)]
