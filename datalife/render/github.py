"""Findings as GitHub workflow annotations, one line each.

Source: GitHub, "Workflow commands for GitHub Actions": `::error title=T::message`, with `%`, line ends, and in
properties also `:` and `,` as percent codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from datalife.render.safe import safe

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Report
    from datalife.render import View

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, stream: TextIO, _view: View) -> None:
    """Writes an annotation for each finding, and a notice of the verdict at the end."""
    for anomaly in report.anomalies:
        stream.write(f"::{COMMANDS[anomaly.severity]} title={_property(_title(anomaly))}::{_text(_message(anomaly))}\n")
    verdict = "failed" if report.failed else "passed"
    counts = [_count(report.counts[level], level) for level in ("error", "warning") if report.counts[level]]
    found = ", ".join(counts) or "no findings"
    stream.write(f"::notice title=datalife validate::{verdict}: {found}, {_count(report.rows, 'row')}\n")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _title(anomaly: Anomaly) -> str:
    return f"{anomaly.code} {anomaly.column}" if anomaly.column is not None else anomaly.code


def _message(anomaly: Anomaly) -> str:
    rows = ", ".join(str(example.row) for example in anomaly.examples if example.row is not None)
    where = "".join(f" [{name}={value}]" for name, value in (anomaly.slice or {}).items())
    return safe(anomaly.message) + safe(where) + (f" (rows {rows})" if rows else "")


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(safe(text)).replace(":", "%3A").replace(",", "%2C")
