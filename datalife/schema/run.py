"""A validation from files to a report: what the command line asks for, in one object."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Literal

from datalife.anomalies import Report
from datalife.errors import UsageError
from datalife.schema.model import Schema
from datalife.schema.reading import reading_of
from datalife.schema.rows import check_suffix, failing_rows, write_rows
from datalife.schema.validate import Baselines, ValidateOptions, examined, report_of, validate_slices
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
    environment: str | None = None
    baseline: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    by: str | None = None
    fail_on: str = "error"
    examples: int = 5
    samples: bool = True
    now: str | None = None
    failing_rows: str | None = None


def run(request: Request) -> Report:
    """Validates sources; writes the offending rows where that was asked for.

    Raises:
        DatalifeError: the data cannot be read, or an option makes no sense.
    """
    if request.failing_rows is not None:
        check_suffix(request.failing_rows, "--failing-rows")
    reading = reading_of(request.schema, request.reading)
    dataset = open_dataset(request.sources, reading)
    _tell_limits_unused(request)
    plain = ValidateOptions(
        request.environment, None, None, request.fail_on, request.examples, request.samples, request.now
    )
    if request.by is not None:
        return _sliced(request, dataset, plain, reading)
    against = ValidateOptions(
        request.environment,
        _summary(request.baseline, reading),
        _summary(request.training, reading),
        request.fail_on,
        request.examples,
        request.samples,
        request.now,
    )
    found = examined(dataset, request.schema, against)
    if request.failing_rows is not None:
        write_rows(failing_rows(found.dataset, found.findings.broken), request.failing_rows)
    return report_of(found, against)


def _summary(sources: tuple[str, ...], reading: ReadOptions) -> Summary | None:
    return summarize_sources(sources, reading) if sources else None


def _sliced(request: Request, dataset: Dataset, options: ValidateOptions, reading: ReadOptions) -> Report:
    if request.failing_rows is not None:
        raise UsageError("--failing-rows", "does not go with --slice", "validate once without --slice for the rows")
    if any(load_profile(source) for source in (*request.baseline, *request.training)):
        raise UsageError("--slice", "needs the data itself to compare with, not a profile", "name the data files")
    others = [open_dataset(each, reading) if each else None for each in (request.baseline, request.training)]
    assert request.by is not None
    return validate_slices(dataset, request.schema, request.by, options, Baselines(others[0], others[1], summarize))


def _tell_limits_unused(request: Request) -> None:
    columns = request.schema.columns.values()
    kinds: list[tuple[Literal["drift", "skew"], str, tuple[str, ...]]] = [
        ("drift", "--baseline", request.baseline),
        ("skew", "--training", request.training),
    ]
    for kind, flag, given in kinds:
        limits = sum(len(column.limits(kind)) for column in columns)
        if limits and not given:
            LOGGER.warning("%s limit%s of %s not measured: give %s", limits, "" if limits == 1 else "s", kind, flag)
