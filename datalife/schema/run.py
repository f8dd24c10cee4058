"""A validation from files to a report: what the command line asks for, in one object."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from datalife.anomalies import Report
from datalife.engine import Engine
from datalife.errors import UsageError
from datalife.files import refuse_overwriting
from datalife.schema.model import Schema
from datalife.schema.reading import reading_of
from datalife.schema.rows import check_suffix, failing_rows, write_rows
from datalife.schema.validate import ValidateOptions, as_asked, examined, report_of, validate_slices
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.profile import summarize, summarize_sources
from datalife.stats.saved import load_profile
from datalife.stats.summary import Summary

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
    engine: Engine | None = None


def run(request: Request) -> Report:
    """Validates sources; writes the offending rows where that was asked for.

    Raises:
        DatalifeError: the data cannot be read, or an option makes no sense.
    """
    if request.failing_rows is not None:
        check_suffix(request.failing_rows, "--failing-rows")
    reading = reading_of(request.schema, request.reading)
    dataset = open_dataset(request.sources, reading, request.engine)
    if request.failing_rows is not None:
        files = [*request.sources, *(shard.where for shard in dataset.shards), *request.baseline, *request.training]
        refuse_overwriting(request.failing_rows, files)
    _tell_limits_unused(request)
    if request.by is not None:
        return _sliced(request, request.by, dataset, reading)
    baseline, training = (_summary(each, request, reading) for each in (request.baseline, request.training))
    options = replace(request.options, baseline=baseline, training=training)
    found = examined(dataset, request.schema, options)
    if request.failing_rows is not None:
        write_rows(failing_rows(found.dataset, found.findings.broken), request.failing_rows)
    return report_of(found, options)


def clock(text: str | None) -> datetime | None:
    """The time that `--now` states, in UTC where it names no zone; None where it states none.

    Raises:
        UsageError: it is no time.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("--now", f"{text!r} is no time", "write it as 2026-01-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _summary(sources: tuple[str, ...], request: Request, reading: ReadOptions) -> Summary | None:
    if not sources:
        return None
    if any(load_profile(source) for source in sources):
        return summarize_sources(sources, reading, request.engine)
    return summarize(as_asked(open_dataset(sources, reading, request.engine), request.schema))


def _sliced(request: Request, by: str, dataset: Dataset, reading: ReadOptions) -> Report:
    if request.failing_rows is not None:
        raise UsageError("--failing-rows", "does not go with --slice", "validate once without --slice for the rows")
    if any(load_profile(source) for source in (*request.baseline, *request.training)):
        raise UsageError("--slice", "needs the data itself to compare with, not a profile", "name the data files")
    baseline, training = (
        as_asked(open_dataset(each, reading, request.engine), request.schema) if each else None
        for each in (request.baseline, request.training)
    )
    return validate_slices(dataset, request.schema, by, request.options, (baseline, training))


def _tell_limits_unused(request: Request) -> None:
    columns = (*request.schema.columns.values(), *request.schema.columns_matching.values())
    kinds: list[tuple[Literal["drift", "skew"], str, tuple[str, ...]]] = [
        ("drift", "--baseline", request.baseline),
        ("skew", "--training", request.training),
    ]
    for kind, flag, given in kinds:
        limits = sum(len(column.limits(kind)) for column in columns)
        if limits and not given:
            LOGGER.warning("%s limit%s of %s not measured: give %s", limits, "" if limits == 1 else "s", kind, flag)
