"""A validation from files to a report: what the command line asks for, in one object."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from datalife.anomalies import Report
from datalife.engine import Engine
from datalife.errors import UsageError
from datalife.files import check_writable, refuse_overwriting, write_text
from datalife.schema.literals import instant
from datalife.schema.model import Schema
from datalife.schema.reading import reading_of
from datalife.schema.rows import failing_rows, good_rows, write_rows
from datalife.schema.rules import NEEDED
from datalife.schema.validate import ValidateOptions, as_asked, examined, report_of, validate_slices
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.writing import suffix_of
from datalife.stats.profile import summarize, summarize_sources
from datalife.stats.saved import load_profile
from datalife.stats.summary import Summary
from datalife.words import plural

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What to validate, with what, and how; see `validate --help`."""

    sources: tuple[str, ...]
    schema: Schema
    reading: ReadOptions = field(default_factory=ReadOptions)
    options: ValidateOptions = field(default_factory=ValidateOptions)
    baseline: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    by: str | None = None
    failing_rows: str | None = None
    good_rows: str | None = None
    suggest: str | None = None
    engine: Engine | None = None

    @property
    def files(self) -> dict[str, str]:
        """The files to write beside the report, by their flags."""
        asked = {"--failing-rows": self.failing_rows, "--good-rows": self.good_rows, "--suggest": self.suggest}
        return {flag: path for flag, path in asked.items() if path is not None}


def run(request: Request) -> Report:
    """Validates sources; writes rows and the suggested schema where that was asked for.

    Raises:
        DatalifeError: the data cannot be read, or an option makes no sense.
    """
    _check_files(request)
    reading = reading_of(request.schema, request.reading)
    dataset = open_dataset(request.sources, reading, request.engine, proven=False, reports=True)
    inputs = [*request.sources, *(shard.where for shard in dataset.shards), *request.baseline, *request.training]
    for path in request.files.values():
        refuse_overwriting(path, inputs)
    _tell_limits_unused(request)
    if request.by is not None:
        by, others = request.by, _others(request, reading)
        return dataset.attempt(lambda data: validate_slices(data, request.schema, by, request.options, others))
    baseline, training = (_summary(each, request, reading) for each in (request.baseline, request.training))
    options = replace(request.options, baseline=baseline, training=training)
    return dataset.attempt(lambda data: _checked(data, request, options))


def _checked(dataset: Dataset, request: Request, options: ValidateOptions) -> Report:
    """The report about a dataset; what is to be written beside it is."""
    found = examined(dataset, request.schema, options)
    if request.failing_rows is not None:
        write_rows(failing_rows(found.dataset, found.findings.broken), request.failing_rows, guard=True)
    if request.good_rows is not None:
        write_rows(good_rows(found.dataset, found.findings.broken), request.good_rows)
    if request.suggest is not None:
        found.context.notes += _suggested(request.suggest, dataset, request.schema, options)
    return report_of(found, options)


def _check_files(request: Request) -> None:
    """Finds out before the work whether what is asked for can be written, and may be."""
    for flag, path in request.files.items():
        if not request.options.samples:
            raise UsageError(flag, "writes values of the data, which --no-samples forbids", "leave one of them out")
        if request.by is not None:
            raise UsageError(flag, "does not go with --slice", "validate once without --slice for it")
        if flag != "--suggest":
            suffix_of(path)
        check_writable(path)


def _suggested(path: str, dataset: Dataset, schema: Schema, options: ValidateOptions) -> list[str]:
    """Writes the schema that the data would pass; what was changed, a line each."""
    from datalife.schema.suggest import suggest  # takes a tenth of the time to start, and is rarely asked for

    assert schema.file is not None
    refuse_overwriting(path, [schema.file])
    found = suggest(dataset, schema.file, options)
    write_text(path, found.text)
    beyond = [f"note: no schema can allow this: {message}" for message in found.beyond]
    return [*(found.changes or ["no change: the data keeps to the schema"]), *beyond]


def clock(text: str | None) -> datetime | None:
    """The time that `--now` states, in UTC where it names no zone; None where it states none.

    Raises:
        UsageError: it is no time.
    """
    if text is None:
        return None
    try:
        found: datetime = instant(datetime.fromisoformat(text))
    except ValueError as error:
        raise UsageError("--now", f"{text!r} is no time", "write it as 2026-01-31T12:00:00Z") from error
    return found


def _summary(sources: tuple[str, ...], request: Request, reading: ReadOptions) -> Summary | None:
    if not sources:
        return None
    if any(load_profile(source) for source in sources):
        return summarize_sources(sources, reading, request.engine)
    return summarize(as_asked(open_dataset(sources, reading, request.engine), request.schema))


def _others(request: Request, reading: ReadOptions) -> tuple[Dataset | None, Dataset | None]:
    """The baseline and the training data, of which each slice is compared with its own."""
    if any(load_profile(source) for source in (*request.baseline, *request.training)):
        raise UsageError("--slice", "needs the data itself to compare with, not a profile", "name the data files")
    baseline, training = (
        as_asked(open_dataset(each, reading, request.engine), request.schema) if each else None
        for each in (request.baseline, request.training)
    )
    return baseline, training


def _tell_limits_unused(request: Request) -> None:
    columns = (*request.schema.columns.values(), *request.schema.columns_matching.values())
    given = {"drift": request.baseline, "skew": request.training}
    for kind, flag in NEEDED.items():
        limits = sum(len(column.limits(kind)) for column in columns)
        if limits and not given[kind]:
            LOGGER.warning("%s of %s not measured: give %s", plural(limits, "limit"), kind, flag)
