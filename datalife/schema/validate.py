"""The verb behind `validate`: whether data keeps to its schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from tempfile import TemporaryDirectory

import polars as pl

from datalife.anomalies import RANK, Anomaly, Context, Measure, Report, Severity
from datalife.engine import run_together
from datalife.errors import UsageError, did_you_mean
from datalife.schema.checks import check_probes
from datalife.schema.evidence import Evidence, gather
from datalife.schema.keys import Hashes, key_findings, keys_of, suspects_of
from datalife.schema.model import ColumnSchema, Schema
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

Rules = Mapping[str, ColumnSchema]
#: Slices beyond this many are refused: one report per user is no report.
MOST_SLICES = 1000
#: What is said also of a column of the wrong type.
ABOUT_MISSING = ("too-many-nulls", "too-few-values")
#: The most frequent values in a profile beside a report.
TOP = 10


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


@dataclass
class Findings:
    """What was found, while it is being found; `broken` says where the offending rows are."""

    anomalies: list[Anomaly] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    broken: list[Offence] = field(default_factory=list)

    @property
    def mistyped(self) -> set[str | None]:
        """The columns in which values are of the wrong type: nothing more is said of them than what is missing."""
        return {each.column for each in self.anomalies if each.code == "unexpected-type"}


def validate(dataset: Dataset, schema: Schema, options: ValidateOptions | None = None) -> Report:
    """Checks a dataset against a schema, exactly and on every row.

    A value of the wrong type is one finding, not also out of range. A dataset without rows and a schema that
    checks nothing never pass.

    Raises:
        UsageError: the environment is not declared, or nothing would be checked.
    """
    return report_of(examined(dataset, schema, options), options)


@dataclass
class Examined:
    """A dataset after validation: the data as the schema's types, the findings, and what they are about."""

    dataset: Dataset
    rows: int
    findings: Findings
    context: Context
    summary: Summary


def examined(dataset: Dataset, schema: Schema, options: ValidateOptions | None = None) -> Examined:
    """As `validate`, with what is needed to say more about the offending rows."""
    options = options or ValidateOptions()
    schema = schema.about(column.name for column in dataset.columns)
    _check_options(schema, options)
    dataset = as_asked(dataset, schema)
    here = {
        name: column.within(options.environment)
        for name, column in schema.columns.items()
        if column.is_checked and column.belongs_to(options.environment)
    }
    checks, unchecked = check_probes(dataset, schema)
    references = reference_probes(dataset, schema, here, options.environment)
    keys, unkeyed = keys_of(dataset, schema, here)
    probes = [*_probes(dataset, here, schema), *references.probes, *checks]
    if unchecked or references.unchecked:
        dataset.insist()
    absent = presence_findings(dataset, schema, options.environment)
    findings = Findings([*absent, *unchecked, *references.unchecked, *unkeyed])
    present = [column for column in dataset.columns if column.name in here]
    measured = [column for column in dataset.columns if _is_measured(column, here, schema, options)]
    needed = {column.key for column in (*present, *measured)}
    needed = needed.union(*(probe.needs for probe in probes), *(key.parts for key in keys))
    narrow = dataset.narrowed([column for column in dataset.columns if column.key in needed])
    fields = fields_of(measured)
    at_once = dataset.engine.shares_memory
    with TemporaryDirectory(prefix="datalife-keys-") as disk:
        count = Count(probes, [column.key for column in present])
        states = run_together(narrow, [Plan(fields), count, Hashes(keys if at_once else [], disk)])
        counts = states[1][0]
        rows = int(counts.get_column("rows")[0])
        summary = summary_of(fields, states[0], dataset.sources, rows)
        _add_evidence(findings, gather(narrow, probes, counts, options.examples), options)
        missing = [Presence(each.name, rows, int(counts.get_column(f"{each.key}|missing")[0])) for each in present]
        _add_totals(findings, column_findings(missing, summary, here, options), dataset)
        _add_limits(findings, summary, here, options)
        suspects = suspects_of(states[2]) if at_once else shuffled_suspects(dataset, keys)
        _add_keys(findings, key_findings(dataset, keys, suspects, options))
    findings.anomalies += dataset_findings(summary, dataset, schema, options)
    _add_places(findings.anomalies, dataset, schema)
    rules = rules_in_force(dataset, schema, here, options)
    about = Context(sources=list(dataset.sources), schema_file=schema.file, fail_on=options.fail_on, rules=rules)
    if options.profile and options.samples:
        about.profile = profile_of(summary, Shown(top=TOP, state=False))
    return Examined(dataset, rows, findings, about, summary)


def _is_measured(column: Column, rules: Rules, schema: Schema, options: ValidateOptions) -> bool:
    """Whether the statistics of a column are needed; they cost more than everything else."""
    freshness, found = schema.dataset.freshness, rules.get(column.name)
    if options.profile or (freshness is not None and freshness.column == column.name):
        return True
    return found is not None and needs_statistics(found, options)


def _add_evidence(findings: Findings, evidence: Iterable[Evidence], options: ValidateOptions) -> None:
    for each in evidence:
        if each.is_told:
            findings.anomalies.append(each.anomaly(samples=options.samples))
        findings.broken.append(Offence(each.probe.code, each.probe.column, each.probe.flags))


def _add_totals(findings: Findings, found: Iterable[Anomaly], dataset: Dataset) -> None:
    """What whole columns break."""
    mistyped = findings.mistyped
    for each in found:
        if each.column not in mistyped or each.code in ABOUT_MISSING:
            findings.anomalies.append(each)
        if each.code == "too-many-nulls" and each.column is not None:
            findings.broken.append(Offence(each.code, each.column, pl.col(dataset.column(each.column).key).is_null()))


def _add_limits(findings: Findings, summary: Summary, rules: Rules, options: ValidateOptions) -> None:
    """How far columns have moved, those of the wrong type left out."""
    mistyped = findings.mistyped
    known = {name: column for name, column in rules.items() if name not in mistyped}
    anomalies, measures = limit_findings(summary, known, options)
    findings.anomalies += anomalies
    findings.measures += measures


def _add_keys(findings: Findings, repeats: Iterable[tuple[Anomaly, pl.Series]]) -> None:
    mistyped = findings.mistyped
    for anomaly, rows in repeats:
        if anomaly.column is None or anomaly.column not in mistyped:
            findings.anomalies.append(anomaly)
        findings.broken.append(Offence(anomaly.code, anomaly.column, pl.col(ROW).is_in(rows.implode())))


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
    return assemble(found.rows, found.findings, found.context, options.environment)


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
        rows += found.rows
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


def _probes(dataset: Dataset, rules: Rules, schema: Schema) -> Iterator[Probe]:
    for name, column in rules.items():
        found = dataset.find(name)
        if found is not None:
            yield from probes_of(column, found, schema)
