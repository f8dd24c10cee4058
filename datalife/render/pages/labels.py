"""The account of a label-join as a page: what to do, both accounts, the curve of conversion, the days, the gates."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from datalife.render.accounts import FEEDBACK, PREDICTIONS, advice, gate_line
from datalife.render.figures import duration
from datalife.render.safe import safe, shortened
from datalife.words import share

if TYPE_CHECKING:
    from datalife.labels.model import Conversion, Day, LabelJoin, Summary

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
th { font-weight: normal; opacity: .7; } tr.sum td { border-top: 1px solid; }
.sides { display: flex; flex-wrap: wrap; gap: 0 3em; } .fails { color: #c0392b; font-weight: bold; }
svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.axis { stroke: currentColor; opacity: .35; } .curve { fill: none; stroke: #2e86ab; stroke-width: 2; }
.point { fill: #2e86ab; } .bar { display: flex; width: 16em; height: .9em; }
.labeled { background: #2e86ab; } .rest { background: #a9c9d8; } .pending { background: #e0b04b; }
.key span { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 1em; }
"""


def body(result: LabelJoin) -> str:
    """The inside of the page; every character of the data is text, none is HTML."""
    return "".join(f"{part}\n" for part in _parts(result.summary))


def _parts(summary: Summary) -> Iterator[str]:
    rate = share(summary.match_rate) if summary.match_rate is not None else "none"
    yield f"<h1>{summary.settled:,} of {summary.predictions:,} predictions are final, {rate} labeled</h1>"
    as_of = summary.as_of or "unknown: no feedback was read"
    yield f"<p>As of {_text(as_of)}, run {summary.run}; {summary.rows_written:,} rows written.</p>"
    found = advice(summary)
    if found:
        yield "<h2>What to change</h2><ul>" + "".join(f"<li>{_text(line)}</li>" for line in found) + "</ul>"
    yield '<div class="sides">'
    yield _account("Predictions", summary, PREDICTIONS, summary.prediction_rows)
    yield _account("Feedback", summary, FEEDBACK, summary.feedback_rows) + "</div>"
    if summary.conversion:
        yield "<h2>Conversion by delay</h2><p>The share of predictions with feedback after so long (Kaplan-Meier).</p>"
        flat = sum(point.share == 0 for point in summary.conversion[:-1])
        yield _curve(summary.conversion[max(flat - 1, 0) :])
    if summary.days:
        yield "<h2>Days</h2>" + _legend() + _days(summary.days)
    yield from _labels(summary)
    if summary.gates:
        yield "<h2>Gates</h2>" + _gates(summary)


def _text(value: object) -> str:
    return html.escape(safe(value))


def _row(cells: Sequence[str], texts: int = 1, kind: str = "td", mark: str = "") -> str:
    """A row; its first `texts` cells and those that are HTML are text, the others are numbers."""
    drawn = [
        f"<{kind}>{cell}</{kind}>"
        if place < texts or cell.startswith("<")
        else f'<{kind} class="number">{cell}</{kind}>'
        for place, cell in enumerate(cells)
    ]
    return f"<tr{mark}>{''.join(drawn)}</tr>"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    return f"<table>{_row(head, kind='th')}{''.join(rows)}</table>"


def _account(title: str, summary: Summary, lines: Mapping[str, tuple[str, str]], total: int) -> str:
    rows = []
    for name, (word, meaning) in lines.items():
        count = getattr(summary, name)
        if count:
            rows.append(_row([word, f"{count:,}", share(count / total), f"<span>{meaning}</span>"]))
    rows.append(_row(["rows read", f"{total:,}", "", ""], mark=' class="sum"'))
    return f"<section><h2>{title}</h2>{_table(['', 'rows', 'share', ''], rows)}</section>"


def _curve(curve: Sequence[Conversion]) -> str:
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
    floor = HEIGHT - BELOW
    drawn = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="conversion by delay">',
        f'<line class="axis" x1="{LEFT}" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>',
        f'<line class="axis" x1="{LEFT}" y1="10" x2="{WIDTH}" y2="10"/>',
        f'<text x="{LEFT - 6}" y="14" text-anchor="end">{share(highest)}</text>',
        f'<text x="{LEFT - 6}" y="{floor + 4}" text-anchor="end">0 %</text>',
        f'<polyline class="curve" points="{line}"/>',
    ]
    for point, (x, y) in zip(curve, places, strict=True):
        told = f"{share(point.share)} of the predictions within {point.delay}"
        drawn.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{_text(told)}</title></circle>')
        drawn.append(f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{_text(point.delay)}</text>')
    return "".join(drawn) + "</svg>"


def _legend() -> str:
    return '<p class="key">' + "".join(f'<span class="{name}"></span>{what}' for name, what in PARTS.items()) + "</p>"


def _days(days: Sequence[Day]) -> str:
    most = max(day.predictions for day in days)
    rows = []
    for day in days:
        labeled = round((day.match_rate or 0) * day.settled)
        counts = {"labeled": labeled, "rest": day.settled - labeled, "pending": day.pending}
        bars = "".join(
            f'<span class="{name}" style="width:{count / most:.2%}"></span>' for name, count in counts.items()
        )
        numbers = [f"{day.predictions:,}", f"{day.settled:,}", share(day.match_rate), share(day.positive_rate)]
        rows.append(_row([day.day, *numbers, f"{day.pending:,}", f'<div class="bar">{bars}</div>']))
    return _table(["day", "rows", "final", "labeled", "positive", "pending", ""], rows)


def _labels(summary: Summary) -> Iterator[str]:
    """Delays and labels of the rows written in this run."""
    delay = summary.delay
    if delay.p50 is not None:
        named = {"median": delay.p50, "90 %": delay.p90, "95 %": delay.p95, "99 %": delay.p99, "longest": delay.max}
        rows = [_row([name, duration(seconds)]) for name, seconds in named.items()]
        yield "<h2>Delay of the label</h2>" + _table(["", ""], rows)
    if summary.label_counts:
        total = sum(summary.label_counts.values())
        rows = [
            _row([_text(shortened(label, LONGEST_LABEL)), f"{count:,}", share(count / total)])
            for label, count in list(summary.label_counts.items())[:MOST_LABELS]
        ]
        positive = f"<p>{share(summary.positive_rate)} positive</p>" if summary.positive_rate is not None else ""
        yield "<h2>Labels of the rows written</h2>" + positive + _table(["label", "rows", "share"], rows)


def _gates(summary: Summary) -> str:
    verdicts = {True: "holds", False: '<span class="fails">fails</span>', None: "nothing to judge"}
    rows = [_row([*gate_line(gate), f"<span>{verdicts[gate.holds]}</span>"]) for gate in summary.gates]
    return _table(["gate", "limit", "value", "verdict"], rows)
