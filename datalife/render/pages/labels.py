"""The account of a label-join as a page: what to do, both accounts, the curve of conversion, the days, the gates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from datalife.render.accounts import FEEDBACK, PREDICTIONS, advice, gate_line
from datalife.render.figures import duration
from datalife.render.markup import Markup, element, joined
from datalife.render.safe import shortened
from datalife.words import share

if TYPE_CHECKING:
    from datalife.labels.model import Conversion, Day, GateResult, LabelJoin, Summary

LONGEST_LABEL = 40
MOST_LABELS = 20
#: The drawing of the curve, in pixels: its size, and the space for the scales at the left and below.
WIDTH, HEIGHT, LEFT, BELOW = 720, 260, 48, 28
#: The parts of a day's bar: class -> what it counts.
PARTS = {"labeled": "labeled", "rest": "final without label", "pending": "pending"}
STYLE = """\
:root { color-scheme: light dark; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 1.6em 0 .4em; }
body { font-family: system-ui, sans-serif; max-width: 60em; line-height: 1.4; margin: 2em; }
table { border-collapse: collapse; } td, th { padding: .15em 1em .15em 0; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, td:first-child { white-space: nowrap; }
th { font-weight: normal; opacity: .7; } tr.sum td { border-top: 1px solid; }
.sides { display: flex; flex-wrap: wrap; gap: 0 3em; } .fails { color: #c0392b; font-weight: bold; }
svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.axis { stroke: currentColor; opacity: .35; } .curve { fill: none; stroke: #2e86ab; stroke-width: 2; }
.point { fill: #2e86ab; } .bar { display: flex; width: 16em; height: .9em; }
.labeled { background: #2e86ab; } .rest { background: #a9c9d8; } .pending { background: #e0b04b; }
.key span { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 1em; }
"""


def body(result: LabelJoin) -> Markup:
    """What stands on the page."""
    return joined([joined([part, "\n"]) for part in _parts(result.summary)])


def _parts(summary: Summary) -> Iterator[Markup]:
    rate = share(summary.match_rate) if summary.match_rate is not None else "none"
    yield element("h1", f"{summary.settled:,} of {summary.predictions:,} predictions are final, {rate} labeled")
    as_of = summary.as_of or "unknown: no feedback was read"
    yield element("p", f"As of {as_of}, run {summary.run}; {summary.rows_written:,} rows written.")
    found = advice(summary)
    if found:
        yield joined([element("h2", "What to change"), element("ul", *(element("li", line) for line in found))])
    predictions = _account("Predictions", summary, PREDICTIONS, summary.prediction_rows)
    feedback = _account("Feedback", summary, FEEDBACK, summary.feedback_rows)
    yield element("div", predictions, feedback, class_="sides")
    if summary.conversion:
        yield element("h2", "Conversion by delay")
        yield element("p", "The share of predictions with feedback after so long (Kaplan-Meier).")
        flat = sum(point.share == 0 for point in summary.conversion[:-1])
        yield _curve(summary.conversion[max(flat - 1, 0) :])
    if summary.days:
        yield joined([element("h2", "Days"), _legend(), _days(summary.days)])
    yield from _labels(summary)
    if summary.gates:
        yield joined([element("h2", "Gates"), _gates(summary.gates)])


def _table(head: Sequence[str], rows: Sequence[Markup]) -> Markup:
    return element("table", _row(head, kind="th"), *rows)


def _row(cells: Sequence[str], kind: str = "td", class_: str = "") -> Markup:
    """A row: the first cell and those that are elements are text, the others numbers."""
    drawn = [
        element(kind, cell, class_="" if place == 0 or isinstance(cell, Markup) else "number")
        for place, cell in enumerate(cells)
    ]
    return element("tr", *drawn, class_=class_)


def _account(title: str, summary: Summary, lines: Mapping[str, tuple[str, str]], total: int) -> Markup:
    rows = []
    for name, (word, meaning) in lines.items():
        count = getattr(summary, name)
        if count:
            rows.append(_row([word, f"{count:,}", share(count / total), element("span", meaning)]))
    rows.append(_row(["rows read", f"{total:,}", "", ""], class_="sum"))
    return element("section", element("h2", title), _table(["", "rows", "share", ""], rows))


def _curve(curve: Sequence[Conversion]) -> Markup:
    """The shares over the logarithm of the delay; a step in between is not known, so the points are joined."""
    first = math.log(max(min(point.seconds for point in curve), 1e-9))
    last = max(math.log(max(curve[-1].seconds, 1e-9)), first + 1e-9)
    highest = max(max(point.share for point in curve), 1e-9)
    places = [
        (
            LEFT + (math.log(max(point.seconds, 1e-9)) - first) / (last - first) * (WIDTH - LEFT - 40),
            10 + (1 - point.share / highest) * (HEIGHT - BELOW - 10),
        )
        for point in curve
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = [*_scale(highest), element("polyline", class_="curve", points=line)]
    for point, (x, y) in zip(curve, places, strict=True):
        told = element("title", f"{share(point.share)} of the predictions within {point.delay}")
        drawn.append(element("circle", told, class_="point", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4"))
        drawn.append(_label(point.delay, f"{x:.1f}", HEIGHT - BELOW + 18, "middle"))
    return element("svg", *drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", width=f"{WIDTH}", role="img",
                   **{"aria-label": "conversion by delay"})  # fmt: skip


def _scale(highest: float) -> Iterator[Markup]:
    """The lines of nothing and of the highest share, with their names at the left."""
    for y, name in ((HEIGHT - BELOW, "0 %"), (10, share(highest))):
        yield element("line", class_="axis", x1=f"{LEFT}", y1=f"{y}", x2=f"{WIDTH}", y2=f"{y}")
        yield _label(name, f"{LEFT - 6}", y + 4, "end")


def _label(text: str, x: str, y: int, anchor: str) -> Markup:
    return element("text", text, x=x, y=f"{y}", **{"text-anchor": anchor})


def _legend() -> Markup:
    marks = (joined([element("span", class_=name), what]) for name, what in PARTS.items())
    return element("p", *marks, class_="key")


def _days(days: Sequence[Day]) -> Markup:
    most = max(day.predictions for day in days)
    rows = []
    for day in days:
        labeled = round((day.match_rate or 0) * day.settled)
        counts = {"labeled": labeled, "rest": day.settled - labeled, "pending": day.pending}
        bars = (element("span", class_=name, style=f"width:{count / most:.2%}") for name, count in counts.items())
        numbers = [f"{day.predictions:,}", f"{day.settled:,}", share(day.match_rate), share(day.positive_rate)]
        rows.append(_row([day.day, *numbers, f"{day.pending:,}", element("div", *bars, class_="bar")]))
    return _table(["day", "rows", "final", "labeled", "positive", "pending", ""], rows)


def _labels(summary: Summary) -> Iterator[Markup]:
    """Delays and labels of the rows written in this run."""
    delay = summary.delay
    if delay.p50 is not None:
        named = {"median": delay.p50, "90 %": delay.p90, "95 %": delay.p95, "99 %": delay.p99, "longest": delay.max}
        rows = [_row([name, duration(seconds)]) for name, seconds in named.items()]
        yield joined([element("h2", "Delay of the label"), _table(["", ""], rows)])
    if summary.label_counts:
        total = sum(summary.label_counts.values())
        rows = [
            _row([shortened(label, LONGEST_LABEL), f"{count:,}", share(count / total)])
            for label, count in list(summary.label_counts.items())[:MOST_LABELS]
        ]
        positive = f"{share(summary.positive_rate)} positive" if summary.positive_rate is not None else None
        heading = [element("h2", "Labels of the rows written"), element("p", positive) if positive else ""]
        yield joined([*heading, _table(["label", "rows", "share"], rows)])


def _gates(gates: Sequence[GateResult]) -> Markup:
    verdicts = {
        True: element("span", "holds"),
        False: element("span", "fails", class_="fails"),
        None: element("span", "nothing to judge"),
    }
    rows = [_row([*gate_line(gate), verdicts[gate.holds]]) for gate in gates]
    return _table(["gate", "limit", "value", "verdict"], rows)
