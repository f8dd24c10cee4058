"""What all formats say of a finding: its slice, where it is, what was expected and observed, in which rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from datalife.words import NOTHING, plural

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Example, Measure, Report


class Place(NamedTuple):
    """A line of a file, from 1; None where the file has no lines."""

    file: str
    line: int | None


def counts_of(report: Report) -> str:
    """`2 errors, 1 warning, 3 info`; in words where nothing was found."""
    found = [
        plural(count, level, "info" if level == "info" else None) for level, count in report.counts.items() if count
    ]
    return ", ".join(found) or "no findings"


def slice_of(found: Anomaly | Measure) -> str:
    """` [zone=A]` where slices are validated apart, else nothing."""
    return "".join(f" [{name}={value}]" for name, value in (found.slice or {}).items())


def details(anomaly: Anomaly) -> list[str]:
    """What was expected and what observed, then a line for each example."""
    lines = []
    if anomaly.expected is not None:
        lines.append(f"expected: {anomaly.expected}")
    if anomaly.observed is not None:
        lines.append(f"observed: {anomaly.observed}")
    return lines + [f"{where_of(each)}{value_of(each)}" for each in anomaly.examples if each.row is not None]


def where_of(example: Example) -> str:
    """`data.csv:3` where the file has lines, else `row 1`."""
    has_line = example.where is not None and place_of(example.where).line is not None
    return str(example.where) if has_line else f"row {example.row:,}"


def value_of(example: Example) -> str:
    """`: value`, or nothing where no value is shown."""
    value: Any = example.value
    if value is None:
        return ""
    if isinstance(value, dict):
        value = ", ".join(f"{name} {NOTHING if each is None else each}" for name, each in value.items())
    return f": {value}"


def place_of(text: str) -> Place:
    """The file and the line of `file:line:column`, `file:line` or `file`."""
    parts = text.rsplit(":", 2)
    numbers = [part.isdecimal() for part in parts]
    if len(parts) == 3 and numbers[1] and numbers[2]:
        return Place(parts[0], int(parts[1]))
    file, mark, line = text.rpartition(":")
    return Place(file, int(line)) if mark and line.isdecimal() else Place(text, None)


def data_place(anomaly: Anomaly) -> Place | None:
    """The line of the data of the first example that has one."""
    places = (place_of(example.where) for example in anomaly.examples if example.where is not None)
    return next((place for place in places if place.line is not None), None)


def schema_place(anomaly: Anomaly) -> Place | None:
    """The line of the schema that asks for what is broken."""
    return place_of(anomaly.place) if anomaly.place is not None else None
