"""The account of a label-join: what became of every row, how long labels take, day by day, and the gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render.accounts import FEEDBACK, PREDICTIONS, advice, gate_line
from datalife.render.figures import bar, duration
from datalife.render.safe import safe, shortened
from datalife.words import share

if TYPE_CHECKING:
    from datalife.labels.model import Conversion, Day, GateResult, LabelJoin, Summary

MOST_DAYS = 14
#: Headings of columns that are not numbers.
TEXTS = ("verdict", "")
MOST_LABELS = 8
LONGEST_LABEL = 20
BAR = 12


def draw(result: LabelJoin) -> list[RenderableType]:
    """The verdict; both accounts; delays and labels; the conversion curve; the days; the gates."""
    summary = result.summary
    predictions = _account("predictions", summary, PREDICTIONS, summary.prediction_rows)
    feedback = _account("feedback", summary, FEEDBACK, summary.feedback_rows)
    parts: list[RenderableType] = [_head(summary), Text(), predictions, Text(), feedback, Text(), _written(summary)]
    if summary.conversion:
        parts += [Text(), _conversion(summary.conversion)]
    if summary.days:
        parts += [Text(), _days(summary.days)]
    if summary.gates:
        parts += [Text(), _gates(summary.gates)]
    for line in advice(summary):
        parts += [Text(), Text(f"-> {line}", style="yellow")]
    return parts


def _head(summary: Summary) -> Text:
    rate = share(summary.match_rate) if summary.match_rate is not None else "none"
    text = Text(f"{summary.settled:,} of {summary.predictions:,} predictions are final, {rate} labeled", style="bold")
    as_of = summary.as_of if summary.as_of is not None else "unknown: no feedback was read"
    return text.append(f"  (as of {as_of}, run {summary.run})", style="not bold")


def _account(title: str, summary: Summary, lines: Mapping[str, tuple[str, str]], total: int) -> Table:
    """Every row read of a side is in exactly one line."""
    table = _table(title, "rows", "share", "")
    for name, (word, meaning) in lines.items():
        count = getattr(summary, name)
        if count:
            table.add_row(word, f"{count:,}", share(count / total), Text(meaning, style="dim"))
    table.add_row("rows read", f"{total:,}", "", "")
    return table


def _written(summary: Summary) -> Text:
    """What the rows of this run are like, in a few lines."""
    delay = summary.delay
    again = f", {summary.revisions_written:,} written again" if summary.revisions_written else ""
    text = Text(f"rows written  {summary.rows_written:,}{again}\n")
    if delay.p50 is not None:
        named = {"median": delay.p50, "90 %": delay.p90, "99 %": delay.p99, "longest": delay.max}
        text.append("delay         " + ", ".join(f"{name} {duration(value)}" for name, value in named.items()) + "\n")
    counts = list(summary.label_counts.items())
    if counts:
        shown = [f"{shortened(label, LONGEST_LABEL)} {count:,}" for label, count in counts[:MOST_LABELS]]
        more = [f"{len(counts) - MOST_LABELS:,} more"] if len(counts) > MOST_LABELS else []
        text.append("labels        " + ", ".join(shown + more) + "\n")
    if summary.positive_rate is not None:
        text.append(f"positive      {share(summary.positive_rate)}\n")
    text.append(f"cut off       {share(summary.cut_off_rate)} of the feedback came after the window")
    return text


def _conversion(curve: Sequence[Conversion]) -> Table:
    """How much of what the window will give is there after a while."""
    table = _table("feedback within", "of predictions", "of the window", "")
    for point in curve:
        if point.share:
            drawn = bar(point.share_of_window, BAR)
            table.add_row(safe(point.delay), share(point.share), share(point.share_of_window), drawn)
    return table


def _days(days: Sequence[Day]) -> Table:
    table = _table("day", "rows", "final", "labeled", "positive", "pending")
    if len(days) > MOST_DAYS:
        table.caption = f"the last {MOST_DAYS} of {len(days)} days; -f json has all"
        table.caption_justify = "left"
    for day in days[-MOST_DAYS:]:
        counts = f"{day.predictions:,}", f"{day.settled:,}"
        table.add_row(day.day, *counts, share(day.match_rate), share(day.positive_rate), f"{day.pending:,}")
    return table


def _gates(gates: Sequence[GateResult]) -> Table:
    table = _table("gate", "limit", "value", "verdict")
    for gate in gates:
        verdict = {
            True: Text("holds"),
            False: Text("fails", style="red"),
            None: Text("nothing to judge", style="yellow"),
        }
        table.add_row(*gate_line(gate), verdict[gate.holds])
    return table


def _table(first: str, *others: str) -> Table:
    """A table without lines; the first column is text, others are numbers or TEXTS. One without heading gives way."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True)
    for heading in others:
        is_text = heading in TEXTS
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=heading != "")
    return table
