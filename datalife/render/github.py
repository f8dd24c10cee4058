"""Findings as GitHub workflow annotations, one line each, beside the line of the data or of the schema.

Source: GitHub, "Workflow commands for GitHub Actions": `::error file=F,line=L,title=T::message`, with `%`, line
ends, and in properties also `:` and `,` as percent codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from datalife.anomalies import outcomes
from datalife.render.finding import counts_of, data_place, schema_place, slice_of
from datalife.render.safe import safe
from datalife.words import plural

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Project, Report
    from datalife.render import View

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(result: Report | Project, stream: TextIO, _view: View) -> None:
    """Writes an annotation for each finding, and a notice of the verdict at the end of each dataset."""
    for outcome in outcomes(result):
        if outcome.report is not None:
            title = f"datalife validate {outcome.name}" if result.kind == "project" else "datalife validate"
            _report(outcome.report, title, stream)
        for fault in outcome.errors:
            stream.write(f"::error title={_property(outcome.name)}::{_text(safe(f'{fault.where}: {fault.message}'))}\n")


def _report(report: Report, title: str, stream: TextIO) -> None:
    for anomaly in report.anomalies:
        properties = [*_place(anomaly), f"title={_property(_title(anomaly))}"]
        stream.write(f"::{COMMANDS[anomaly.severity]} {','.join(properties)}::{_text(_message(anomaly))}\n")
    verdict = "failed" if report.failed else "passed"
    stream.write(f"::notice title={_property(title)}::{verdict}: {counts_of(report)}, {plural(report.rows, 'row')}\n")


def _place(anomaly: Anomaly) -> list[str]:
    """Where the annotation hangs: the line of the data where there is one, else that of the schema."""
    place = data_place(anomaly) or schema_place(anomaly)
    return [] if place is None else [f"file={_property(place.file)}", f"line={place.line or 1}"]


def _title(anomaly: Anomaly) -> str:
    return f"{anomaly.code} {anomaly.column}" if anomaly.column is not None else anomaly.code


def _message(anomaly: Anomaly) -> str:
    rows = ", ".join(str(example.row) for example in anomaly.examples if example.row is not None)
    return safe(anomaly.message + slice_of(anomaly)) + (f" (rows {rows})" if rows else "")


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(safe(text)).replace(":", "%3A").replace(",", "%2C")
