"""What a validation found: the verdict, then a finding after the other, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from datalife.render.figures import number
from datalife.render.finding import counts_of, slice_of, value_of, where_of
from datalife.render.safe import safe, shortened
from datalife.words import plural

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Example, Measure, Report

STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold"}
LONGEST_VALUE = 60


def draw(report: Report) -> list[RenderableType]:
    """The verdict; each finding with its examples; the distances that were measured."""
    parts: list[RenderableType] = [_verdict(report)]
    for anomaly in report.anomalies:
        parts += [Text(), _heading(anomaly), Padding(_message(anomaly), (0, 0, 0, 2))]
        if anomaly.examples:
            parts.append(Padding(_examples(anomaly.examples), (0, 0, 0, 2)))
    if report.measures:
        parts += [Text(), Text("distances", style="bold")]
        parts += [Padding(_measure(each), (0, 0, 0, 2)) for each in report.measures]
    return parts


def _verdict(report: Report) -> Text:
    text = Text("FAILED" if report.failed else "passed", style="bold red" if report.failed else "bold green")
    where = f" in {report.environment}" if report.environment else ""
    text.append(f"  {counts_of(report)}", style="not bold default")
    return text.append(safe(f"  ({plural(report.rows, 'row')}{where})"), style="not bold dim")


def _heading(anomaly: Anomaly) -> Text:
    text = Text(f"{anomaly.severity}", style=STYLES[anomaly.severity])
    text.append(f"  {anomaly.code}", style="not bold default")
    if anomaly.column is not None:
        text.append(f"  {safe(anomaly.column)}", style="bold default")
    if anomaly.slice:
        text.append(safe(f" {slice_of(anomaly)}"), style="not bold dim")
    return text


def _message(anomaly: Anomaly) -> Text:
    text = Text(safe(anomaly.message))
    if anomaly.expected is not None and anomaly.expected not in anomaly.message:
        text.append(safe(f"; expected {anomaly.expected}"), style="dim")
    return text


def _examples(examples: list[Example]) -> Text:
    shown = [
        safe(where_of(example)) + shortened(value_of(example), LONGEST_VALUE)
        for example in examples
        if example.row is not None
    ]
    return Text("; ".join(shown), style="dim")


def _measure(measure: Measure) -> Text:
    holds = measure.distance is not None and measure.distance <= measure.threshold
    text = Text(f"{safe(measure.column)}  {measure.kind}  {measure.metric} {number(measure.distance)}")
    text.append(f"  {'within' if holds else 'above'} {number(measure.threshold)}", style="dim" if holds else "red")
    if measure.noise_floor is not None:
        text.append(f"  (chance alone: {number(measure.noise_floor)})", style="dim")
    return text
