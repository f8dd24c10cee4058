"""The account of a label-join in words: what each line of it means, and what to change when much is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datalife.render.figures import number
from datalife.words import share

if TYPE_CHECKING:
    from datalife.labels.model import GateResult, Summary

#: Each row read is in one line of its side. Name in the summary -> (name here, meaning).
PREDICTIONS = {
    "labeled": ("labeled", "feedback came inside the window"),
    "negative": ("negative", "the window closed without feedback"),
    "unlabeled": ("unlabeled", "the window closed without feedback"),
    "pending": ("pending", "the window is still open"),
    "duplicate_predictions": ("duplicate", "the same key again"),
    "invalid_predictions": ("invalid", "no key or no valid time"),
    "expired": ("expired", "older than the horizon"),
}
FEEDBACK = {
    "matched": ("matched", "inside the window of a prediction"),
    "orphans": ("orphans", "no prediction has the key"),
    "before": ("before", "earlier than the predictions of the key"),
    "too_soon": ("too soon", "below the window"),
    "late": ("late", "after the window"),
    "future": ("future", "later than as-of"),
    "late_arrivals": ("late arrivals", "in the window, but the row was final"),
    "duplicate_feedback": ("duplicate", "the same event again"),
    "invalid_feedback": ("invalid", "no key, no valid time or no label"),
}
#: A share of the events from which something should be done about a bucket.
MUCH = 0.01
#: The same of the feedback that comes after the window.
MUCH_CUT_OFF = 0.05


def advice(summary: Summary) -> list[str]:
    """What to change, or to look at, in the order of the account; nothing where nothing is amiss."""
    return [*_about_predictions(summary), *_about_feedback(summary)]


def _about_predictions(summary: Summary) -> Iterator[str]:
    if summary.predictions and not summary.settled:
        when = f"as-of is {summary.as_of}" if summary.as_of else "no feedback was read, so as-of is unknown"
        yield f"No window has closed: {when}. Newer feedback closes them, or --as-of TIME if all of it is here."
    if summary.settled and not summary.labeled:
        yield "No row has a label: do the keys of both sides mean the same, and is the time unit right?"
    if summary.expired:
        yield f"{summary.expired:,} predictions are older than the horizon: a longer --horizon takes them."
    if summary.invalid_predictions or summary.invalid_feedback:
        yield "Rows without a key, a valid time or a label are left out: --rejected FILE lists them."


def _about_feedback(summary: Summary) -> Iterator[str]:
    distinct = summary.feedback_rows - summary.duplicate_feedback - summary.invalid_feedback - summary.future
    if (summary.orphan_rate or 0) >= MUCH:
        yield (
            f"{share(summary.orphan_rate)} of the events are orphans: their predictions may not be here yet, or the"
            " keys are written in two ways. --orphans FILE lists them."
        )
    if (summary.before_rate or 0) >= MUCH:
        yield (
            f"{share(summary.before_rate)} of the events precede their predictions: --clock-skew 5s bears clocks that"
            " differ; more than that is a wrong time zone, or a key that is used again."
        )
    if distinct and summary.too_soon / distinct >= MUCH:
        yield f"{share(summary.too_soon / distinct)} of the events come too soon: a shorter --min-delay takes them."
    if (summary.cut_off_rate or 0) >= MUCH_CUT_OFF:
        yield f"The window cuts off {share(summary.cut_off_rate)} of the feedback: a longer --window takes it."
    if summary.late_arrivals:
        yield (
            f"{summary.late_arrivals:,} events came after their row was final: --lateness holds windows open longer,"
            " --on-late-arrival revise writes such rows again."
        )


def gate_line(gate: GateResult) -> tuple[str, str, str]:
    """The option of a gate, its limit and the value it was compared with."""
    shown = number if gate.gate == "min_settled" else share
    return "--" + gate.gate.replace("_", "-"), shown(gate.limit), shown(gate.value)
