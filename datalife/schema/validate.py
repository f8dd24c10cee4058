"""The verb behind `validate`: whether data keeps to its schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from datalife.anomalies import RANK, Anomaly, Context, Measure, Report, Severity
from datalife.engine import run_together
from datalife.errors import UsageError, did_you_mean
from datalife.schema.checks import check_probes
from datalife.schema.evidence import Evidence, gather
from datalife.schema.keys import Hashes, Key, key_findings, keys_of, suspects_of
from datalife.schema.model import ColumnSchema, LimitKind, Schema
from datalife.schema.probes import Count, Probe, probes_of
from datalife.schema.references import reference_probes
from datalife.schema.rows import Offence
from datalife.schema.rules import placed, rules_in_force
from datalife.schema.shuffled import shuffled_suspects
from datalife.schema.totals import (
    Presence,
    column_findings,
    dataset_findings,
    limit_findings,
    needs_statistics,
    presence_findings,
)
from datalife.schema.typed import wants_text
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.stats.fields import fields_of
from datalife.stats.plan import Plan
from datalife.stats.profile import profile_of, summarize
from datalife.stats.request import Request as Shown
from datalife.stats.summary import Summary, summary_of
from datalife.stats.values import to_json
from datalife.workspace import workspace

Rules = Mapping[str, ColumnSchema]
#: Slices beyond this many are refused: one report per user is no report.
MOST_SLICES = 1000
#: What is said also of a column of the wrong type.
ABOUT_MISSING = ("too-many-nulls", "too-few-values")
#: What a profile beside a report shows.
PROFILE = Shown(top=10, state=False)


@dataclass(frozen=True)
class ValidateOptions:
    """What to compare with and how to report.

    `baseline` is a batch of before (drift), `training` what the model was trained on (skew); `fail_on` the least
    severity that fails the run, or `never`; `examples` how many offending rows a finding names. With
    `samples` false no value of the data appears in the report. `now` is the clock for freshness. With `profile` the
    report has the profile of the data beside it, unless it may show no value.
    """

    environment: str | None = None
    baseline: Summary | None = None
    training: Summary | None = None
    fail_on: str = "error"
    examples: int = 5
    samples: bool = True
    now: datetime | None = None
    profile: bool = False

    def other(self, kind: LimitKind) -> Summary | None:
        """What a limit is measured to; None where it was not given."""
        return self.baseline if kind == "drift" else self.training


@dataclass
class Findings:
    """What was found, while it is being found; `broken` says where the offending rows are."""

    anomalies: list[Anomaly] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    broken: list[Offence] = field(default_factory=list)

    @property
    def mistyped(self) -> set[str | None]:
        """The columns in which values are of the wrong type.

        Their other values are judged one by one; what is asked of the column as a whole has to wait.
        """
        return {each.column for each in self.anomalies if each.code == "unexpected-type"}


def validate(dataset: Dataset, schema: Schema, options: ValidateOptions | None = None) -> Report:
    """Checks a dataset against a schema, exactly and on every row.

    A value of the wrong type is one finding, not also out of range; values of the right type beside it are judged.
    A dataset without rows and a schema that checks nothing never pass.

    Raises:
        UsageError: the environment is not declared, or nothing would be checked.
    """
    return report_of(examined(dataset, schema, options), options)


@dataclass
class Examined:
    """A dataset after validation: the data as the schema's types, the findings, and what they are about."""

    dataset: Dataset
    findings: Findings
    context: Context
    summary: Summary


def examined(dataset: Dataset, schema: Schema, options: ValidateOptions | None = None) -> Examined:
    """As `validate`, with what is needed to say more about the offending rows."""
    at_work = _Examination(dataset, schema, options or ValidateOptions())
    summary = at_work.ask(at_work.questions())
    at_work.findings.anomalies += dataset_findings(summary, at_work.dataset, at_work.schema, at_work.options)
    _add_places(at_work.findings.anomalies, at_work.dataset, at_work.schema)
    return Examined(at_work.dataset, at_work.findings, at_work.context(summary), summary)


@dataclass(frozen=True)
class _Questions:
    """What the rows are asked: rules about values, keys, how much is missing, and statistics."""

    probes: list[Probe]
    keys: list[Key]
    ruled: list[Column]
    measured: list[Column]

    @property
    def needs(self) -> set[str]:
        """The keys of the columns that the questions are about."""
        columns = {column.key for column in (*self.ruled, *self.measured)}
        return columns.union(*(probe.needs for probe in self.probes), *(key.parts for key in self.keys))


class _Examination:
    """A dataset while it is examined: its columns as the schema asks for them, the rules in force here, the findings.

    Raises:
        UsageError: the environment is not declared, or nothing would be checked.
    """

    def __init__(self, dataset: Dataset, schema: Schema, options: ValidateOptions) -> None:
        self.schema, self.options = schema.about(column.name for column in dataset.columns), options
        _check_options(self.schema, options)
        self.dataset = as_asked(dataset, self.schema)
        self.findings = Findings()
        self.rules: Rules = {
            name: column.within(options.environment)
            for name, column in self.schema.columns.items()
            if column.is_checked and column.belongs_to(options.environment)
        }

    def questions(self) -> _Questions:
        """What the rows are to be asked; a finding is made at once of what they cannot be."""
        dataset, schema, environment = self.dataset, self.schema, self.options.environment
        checks, unchecked = check_probes(dataset, schema)
        references = reference_probes(dataset, schema, self.rules, environment)
        keys, unkeyed = keys_of(dataset, schema, self.rules)
        if unchecked or references.unchecked:
            dataset.insist()
        absent = presence_findings(dataset, schema, environment)
        self.findings.anomalies += [*absent, *unchecked, *references.unchecked, *unkeyed]
        ruled = [column for column in dataset.columns if column.name in self.rules]
        here = [(rules, dataset.find(name)) for name, rules in self.rules.items()]  # in the order of the schema
        probes = [probe for rules, column in here if column is not None for probe in probes_of(rules, column, schema)]
        measured = [column for column in dataset.columns if self._is_measured(column)]
        return _Questions([*probes, *references.probes, *checks], keys, ruled, measured)

    def _is_measured(self, column: Column) -> bool:
        """Whether the statistics of a column are needed; they cost more than everything else."""
        freshness, found = self.schema.dataset.freshness, self.rules.get(column.name)
        if self.options.profile or (freshness is not None and freshness.column == column.name):
            return True
        return found is not None and needs_statistics(found, self.options)

    def ask(self, questions: _Questions) -> Summary:
        """Scans the data, and where rules are broken once more; the statistics that were asked for."""
        needs, fields = questions.needs, fields_of(questions.measured)
        narrow = self.dataset.narrowed([column for column in self.dataset.columns if column.key in needs])
        at_once = self.dataset.engine.shares_memory
        with workspace() as disk:
            count = Count(questions.probes, [column.key for column in questions.ruled])
            states = run_together(narrow, [Plan(fields), count, Hashes(questions.keys if at_once else [], disk)])
            counts = states[1][0]
            told = counts.row(0, named=True)
            summary = summary_of(fields, states[0], self.dataset.sources, int(told["rows"]))
            self._add_evidence(gather(narrow, questions.probes, counts, self.options.examples))
            missing = [Presence(each.name, summary.rows, int(told[f"{each.key}|missing"])) for each in questions.ruled]
            self._add_totals(column_findings(missing, summary, self.rules, self.options))
            self._add_limits(summary)
            suspects = suspects_of(states[2]) if at_once else shuffled_suspects(self.dataset, questions.keys)
            self._add_keys(key_findings(self.dataset, questions.keys, suspects, self.options))
        return summary

    def context(self, summary: Summary) -> Context:
        """What the report is about."""
        return Context(
            sources=list(self.dataset.sources),
            schema_file=self.schema.file,
            fail_on=self.options.fail_on,
            rules=rules_in_force(self.dataset, self.schema, self.rules, self.options),
            profile=profile_of(summary, PROFILE) if self.options.profile and self.options.samples else None,
        )

    def _add_evidence(self, evidence: Iterable[Evidence]) -> None:
        for each in evidence:
            self.findings.anomalies.append(each.anomaly(samples=self.options.samples))
            self.findings.broken.append(Offence(each.probe.code, each.probe.column, each.probe.flags))

    def _add_totals(self, found: Iterable[Anomaly]) -> None:
        """What whole columns break."""
        mistyped = self.findings.mistyped
        for each in found:
            if each.column not in mistyped or each.code in ABOUT_MISSING:
                self.findings.anomalies.append(each)
            if each.code == "too-many-nulls" and each.column is not None:
                flags = pl.col(self.dataset.column(each.column).key).is_null()
                self.findings.broken.append(Offence(each.code, each.column, flags))

    def _add_limits(self, summary: Summary) -> None:
        """How far columns have moved, those of the wrong type left out."""
        mistyped = self.findings.mistyped
        known = {name: column for name, column in self.rules.items() if name not in mistyped}
        anomalies, measures = limit_findings(summary, known, self.options)
        self.findings.anomalies += anomalies
        self.findings.measures += measures

    def _add_keys(self, repeats: Iterable[tuple[Anomaly, pl.Series]]) -> None:
        mistyped = self.findings.mistyped
        for anomaly, rows in repeats:
            if anomaly.column is None or anomaly.column not in mistyped:
                self.findings.anomalies.append(anomaly)
            self.findings.broken.append(Offence(anomaly.code, anomaly.column, pl.col(ROW).is_in(rows.implode())))


def _add_places(anomalies: Sequence[Anomaly], dataset: Dataset, schema: Schema) -> None:
    """Says where each rule is written, and of each example in which file it is, and on which line."""
    for each in anomalies:
        each.place = placed(schema, each.route)
    examples = [example for each in anomalies for example in each.examples]
    places = dataset.places([example.row for example in examples if example.row is not None])
    for example in examples:
        example.where = places.get(example.row) if example.row is not None else None


def report_of(found: Examined, options: ValidateOptions | None = None) -> Report:
    """The report of an examined dataset: the gravest findings first, else in the order of the schema."""
    options = options or ValidateOptions()
    return assemble(found.summary.rows, found.findings, found.context, options.environment)


def assemble(rows: int, findings: Findings, context: Context, environment: str | None) -> Report:
    """A report with its counts and its verdict."""
    ordered = sorted(findings.anomalies, key=lambda each: RANK[each.severity])
    return Report(
        rows=rows,
        environment=environment,
        failed=any(context.fails(each.severity) for each in ordered),
        counts={str(level): sum(each.severity == level for each in ordered) for level in Severity},
        anomalies=ordered,
        measures=findings.measures,
        context=context,
    )


def validate_slices(
    dataset: Dataset,
    schema: Schema,
    by: str,
    options: ValidateOptions,
    others: tuple[Dataset | None, Dataset | None] = (None, None),
) -> Report:
    """Validates the rows of each value of the column `by` apart; every finding names its slice.

    `others` are the baseline and the training data, of which each slice is compared with its own.

    Raises:
        UsageError: there is no such column, or its values are too many or no single values.
    """
    column = dataset.column(by)
    if column.dtype.is_nested():
        raise UsageError("--slice", f"{by!r} is a {column.type} column", "slice by a column of single values")
    values = dataset.values(by).sort(nulls_last=True)
    if len(values) > MOST_SLICES:
        raise UsageError("--slice", f"{by!r} has {len(values):,} values", f"a slice column has at most {MOST_SLICES:,}")
    if values.is_empty():
        return validate(dataset, schema, options)
    rows, whole = 0, Findings()
    for value, shown in zip(values.to_list(), to_json(values), strict=True):
        before, trained = (_slice_of(each, column, value) for each in others)
        found = examined(dataset.only(by, value), schema, replace(options, baseline=before, training=trained))
        rows += found.summary.rows
        whole.anomalies += [each.model_copy(update={"slice": {by: shown}}) for each in found.findings.anomalies]
        whole.measures += [each.model_copy(update={"slice": {by: shown}}) for each in found.findings.measures]
    return assemble(rows, whole, found.context, options.environment)


def _slice_of(dataset: Dataset | None, column: Column, value: object) -> Summary | None:
    if dataset is None:
        return None
    if dataset.column(column.name).type != column.type:
        kinds = f"{column.type} here and {dataset.column(column.name).type} in {dataset.sources[0]}"
        raise UsageError("--slice", f"{column.name!r} is {kinds}", "slice by a column of one type")
    return summarize(dataset.only(column.name, value))


def _check_options(schema: Schema, options: ValidateOptions) -> None:
    if options.environment is not None and options.environment not in schema.environments:
        hint = did_you_mean(options.environment, schema.environments) or "declare it: environments: [...]"
        raise UsageError("--environment", f"the schema declares no environment {options.environment!r}", hint)
    if not _checks_something(schema, options):
        where = f" in {options.environment}" if options.environment else ""
        hint = "no column is of a checked stage" + (" and environment" if where else "")
        if not schema.columns:
            hint = "describe the columns; `datalife infer-schema` writes a start"
        raise UsageError("schema", f"checks nothing{where}", hint)


def _checks_something(schema: Schema, options: ValidateOptions) -> bool:
    whole = schema.dataset
    compared = whole.rows_vs_baseline is not None and options.baseline is not None
    columns = any(column.is_checked and column.belongs_to(options.environment) for column in schema.columns.values())
    closed = whole.other_columns != "ignore" or (whole.ordered and bool(schema.columns))
    keys = whole.unique or whole.references
    return bool(columns or closed or compared or schema.checks or whole.rows or keys or whole.freshness)


def as_asked(dataset: Dataset, schema: Schema) -> Dataset:
    """Columns of untyped text that the schema wants as another type than their narrowest, as text."""
    columns = [(column, schema.find(column.name)) for column in dataset.columns]
    names = [
        column.name for column, rules in columns if rules is not None and rules.is_checked and wants_text(rules, column)
    ]
    return dataset.as_text(names) if names else dataset
