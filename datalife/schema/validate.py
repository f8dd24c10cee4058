"""The verb behind `validate`: whether data keeps to its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from datalife.anomalies import Anomaly, Measure, Report, Severity
from datalife.engine import Engine, LocalEngine, run_together
from datalife.errors import UsageError, did_you_mean
from datalife.schema.checks import check_probes
from datalife.schema.evidence import Evidence, gather
from datalife.schema.keys import key_findings
from datalife.schema.model import ColumnSchema, Schema
from datalife.schema.probes import Count, Probe, probes_of
from datalife.schema.totals import column_findings, dataset_findings, limit_findings, presence_findings
from datalife.schema.typed import wants_text
from datalife.sources.dataset import Dataset
from datalife.stats.fields import fields_of
from datalife.stats.plan import Plan
from datalife.stats.summary import Summary, summary_of

RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
#: Slices beyond this many are refused: one report per user is no report.
MOST_SLICES = 1000


@dataclass(frozen=True)
class ValidateOptions:
    """What to compare with and how to report.

    `baseline` is a batch of before (drift), `training` what the model was trained on (skew); `fail_on` the least
    severity that fails the run, or `never`; `examples` how many offending rows a finding names. With
    `samples` false no value of the data appears in the report. `now` is an ISO 8601 time for freshness.
    """

    environment: str | None = None
    baseline: Summary | None = None
    training: Summary | None = None
    fail_on: str = "error"
    examples: int = 5
    samples: bool = True
    now: str | None = None


@dataclass
class Findings:
    """What was found, while it is being found."""

    anomalies: list[Anomaly] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    broken: list[Probe] = field(default_factory=list)


def validate(
    dataset: Dataset, schema: Schema, options: ValidateOptions | None = None, engine: Engine | None = None
) -> Report:
    """Checks a dataset against a schema, exactly and on every row.

    A value of the wrong type is one finding, not also out of range. A dataset without rows and a schema that
    checks nothing never pass.

    Raises:
        UsageError: the environment is not declared, or nothing would be checked.
    """
    return report_of(examined(dataset, schema, options, engine), options)


@dataclass
class Examined:
    """A dataset after validation: the data as the schema's types, the findings, and the probes that were broken."""

    dataset: Dataset
    summary: Summary
    findings: Findings
    environment: str | None


def examined(
    dataset: Dataset, schema: Schema, options: ValidateOptions | None = None, engine: Engine | None = None
) -> Examined:
    """As `validate`, with what is needed to say more about the offending rows."""
    options, engine = options or ValidateOptions(), engine or LocalEngine()
    _check_options(schema, options)
    rules = {name: column for name, column in schema.columns.items() if column.is_checked}
    dataset = _as_asked(dataset, rules)
    here = {name: column for name, column in rules.items() if column.belongs_to(options.environment)}
    checks, unchecked = check_probes(dataset, schema)
    probes = [*_probes(dataset, here, schema, options), *checks]
    fields = fields_of(dataset.columns)
    plan, count = Plan(fields), Count(probes)
    states = run_together(engine, dataset, [plan, count])
    rows = int(states[1][0].get_column("rows")[0])
    summary = summary_of(fields, states[0], dataset.sources, rows)
    findings = Findings()
    findings.anomalies += presence_findings(dataset, schema, options.environment)
    findings.anomalies += unchecked
    evidence = gather(dataset, probes, states[1][0], options.examples)
    _add_probe_findings(findings, evidence, options)
    mistyped = {each.column for each in findings.anomalies if each.code == "unexpected-type"}
    findings.anomalies += column_findings(summary, here, mistyped)
    findings.anomalies += key_findings(dataset, schema, here, options.examples, options.samples)
    findings.anomalies += dataset_findings(summary, dataset, schema, options)
    anomalies, measures = limit_findings(summary, here, options.baseline, options.training)
    findings.anomalies += anomalies
    findings.measures += measures
    return Examined(dataset, summary, findings, options.environment)


def report_of(found: Examined, options: ValidateOptions | None = None) -> Report:
    """The report of an examined dataset: columns in the schema's order, the gravest findings first."""
    options = options or ValidateOptions()
    return assemble(found.summary.rows, found.findings.anomalies, found.findings.measures, options)


def assemble(rows: int, anomalies: Sequence[Anomaly], measures: Sequence[Measure], options: ValidateOptions) -> Report:
    """A report with its counts and its verdict."""
    ordered = sorted(anomalies, key=lambda each: RANK[each.severity])
    counts = {str(level): sum(each.severity == level for each in ordered) for level in Severity}
    failing = (
        []
        if options.fail_on == "never"
        else [level for level in RANK if RANK[level] <= RANK[Severity(options.fail_on)]]
    )
    return Report(
        rows=rows,
        environment=options.environment,
        failed=any(counts[str(level)] for level in failing),
        counts={"error": counts["error"], "warning": counts["warning"], "info": counts["info"]},
        anomalies=ordered,
        measures=list(measures),
    )


def validate_slices(
    dataset: Dataset, schema: Schema, by: str, options: ValidateOptions, baselines: Baselines
) -> Report:
    """Validates the rows of each value of the column `by` apart; every finding names its slice.

    Raises:
        UsageError: there is no such column, or it has too many values.
    """
    column = dataset.column(by)
    values = dataset.frame([by]).get_column(column.key).unique().sort(nulls_last=True).to_list()
    if len(values) > MOST_SLICES:
        raise UsageError("--slice", f"{by!r} has {len(values):,} values", f"a slice column has at most {MOST_SLICES:,}")
    rows, anomalies, measures = 0, [], []
    for value in values:
        against = replace(options, baseline=baselines.baseline_of(by, value), training=baselines.training_of(by, value))
        found = examined(dataset.only(by, value), schema, against)
        named = {by: value}
        rows += found.summary.rows
        anomalies += [each.model_copy(update={"slice": named}) for each in found.findings.anomalies]
        measures += [each.model_copy(update={"slice": named}) for each in found.findings.measures]
    return assemble(rows, anomalies, measures, options)


class Baselines:
    """The data to compare slices with; None where a profile, or nothing, was given."""

    def __init__(self, baseline: Dataset | None, training: Dataset | None, summarize: Any) -> None:
        self._datasets = (baseline, training)
        self._summarize = summarize

    def baseline_of(self, by: str, value: object) -> Summary | None:
        """The summary of the baseline's rows of one slice."""
        return self._of(self._datasets[0], by, value)

    def training_of(self, by: str, value: object) -> Summary | None:
        """The summary of the training data's rows of one slice."""
        return self._of(self._datasets[1], by, value)

    def _of(self, dataset: Dataset | None, by: str, value: object) -> Summary | None:
        return None if dataset is None else self._summarize(dataset.only(by, value))


def _check_options(schema: Schema, options: ValidateOptions) -> None:
    if options.environment is not None and options.environment not in schema.environments:
        hint = did_you_mean(options.environment, schema.environments) or "declare it: environments: [...]"
        raise UsageError("--environment", f"the schema declares no environment {options.environment!r}", hint)
    closed = schema.dataset.other_columns != "ignore"
    if not (schema.columns or schema.checks or closed or schema.dataset.rows or schema.dataset.unique):
        raise UsageError("schema", "checks nothing", "describe the columns; `datalife infer-schema` writes a start")


def _as_asked(dataset: Dataset, rules: dict[str, ColumnSchema]) -> Dataset:
    """Columns of untyped text that the schema wants as another type than their narrowest, as text."""
    columns = [(column, rules.get(column.name)) for column in dataset.columns]
    names = [column.name for column, rule in columns if rule is not None and wants_text(rule, column)]
    return dataset.as_text(names) if names else dataset


def _probes(
    dataset: Dataset, rules: dict[str, ColumnSchema], schema: Schema, options: ValidateOptions
) -> Iterator[Probe]:
    for name, column in rules.items():
        found = dataset.find(name)
        if found is not None:
            yield from probes_of(column, found, schema, options.environment)


def _add_probe_findings(findings: Findings, evidence: Sequence[Evidence], options: ValidateOptions) -> None:
    """One finding for each broken rule; a column of the wrong type has that finding alone."""
    mistyped = {each.probe.column for each in evidence if each.probe.code == "unexpected-type"}
    for each in evidence:
        if each.probe.code == "unexpected-type" or each.probe.column not in mistyped or each.probe.column is None:
            findings.anomalies.append(each.anomaly(samples=options.samples))
            findings.broken.append(each.probe)
