"""The datasets of a project, one after the other; the errors of one do not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from datalife.anomalies import FaultRecord, Outcome, Project, Report, Severity
from datalife.errors import AccountingError, DatalifeError


def validate_all(works: Mapping[str, Callable[[], Report]]) -> Project:
    """Does the work of each dataset, called by its name, and keeps the report or the errors."""
    outcomes = [_outcome(name, work) for name, work in works.items()]
    reports = [each.report for each in outcomes if each.report is not None]
    return Project(
        failed=any(report.failed for report in reports),
        counts={str(level): sum(report.counts[level] for report in reports) for level in Severity},
        datasets=outcomes,
    )


def _outcome(name: str, work: Callable[[], Report]) -> Outcome:
    try:
        return Outcome(name=name, report=work())
    except AccountingError:
        raise
    except DatalifeError as error:
        faults = [FaultRecord(where=each.where, message=each.message, hint=each.hint) for each in error.faults]
        return Outcome(name=name, errors=faults)
