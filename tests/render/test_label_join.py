"""The account of a label-join for people: what to change, and a page that is safe and whole."""

from __future__ import annotations

import io
from typing import Any

import pytest

from datalife.labels.model import Conversion, Day, Delay, GateResult, LabelJoin, Summary
from datalife.render import View, render
from datalife.render.accounts import advice
from datalife.render.figures import duration

from ..page import Page

COUNTS = dict.fromkeys(
    (
        *("prediction_rows", "predictions", "duplicate_predictions", "invalid_predictions", "expired", "labeled"),
        *("negative", "unlabeled", "pending", "settled", "feedback_rows", "matched", "orphans", "before", "too_soon"),
        *("late", "future", "late_arrivals", "duplicate_feedback", "invalid_feedback", "rows_written"),
        *("revisions_written", "skipped_files"),
    ),
    0,
)
RATES = dict.fromkeys(
    (
        "match_rate",
        "orphan_rate",
        "late_rate",
        "before_rate",
        "duplicate_feedback_rate",
        "cut_off_rate",
        "positive_rate",
    )
)
FINE = {"prediction_rows": 4, "predictions": 4, "settled": 4, "labeled": 3, "negative": 1, "feedback_rows": 100}
FINE |= {"matched": 100, "match_rate": 0.75}


def summary(**values: Any) -> Summary:
    """A join in which all is well, but for some values."""
    shown: dict[str, Any] = {"as_of": "2026-04-01T00:00:00Z", "run": 1, "label_counts": {}, "delay": Delay()}
    shown |= {"days": [], "conversion": [], "gates": [], "failed": False}
    return Summary(**{**COUNTS, **RATES, **shown, **FINE, **values})


def page(result: Summary, name: str = "html", width: int | None = None) -> str:
    """The document of a join."""
    stream = io.StringIO()
    render(LabelJoin(summary=result), name, stream, View(width=width))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"settled": 0, "pending": 4}, "No window has closed: as-of is 2026-04-01T00:00:00Z."),
        ({"settled": 0, "as_of": None}, "No window has closed: no feedback was read, so as-of is unknown."),
        ({"labeled": 0}, "No row has a label: do the keys of both sides mean the same"),
        ({"expired": 3}, "3 predictions are older than the horizon: a longer --horizon takes them."),
        ({"invalid_feedback": 3}, "Rows without a key, a valid time or a label are left out: --rejected"),
        ({"orphan_rate": 0.25}, "25 % of the events are orphans"),
        ({"before_rate": 0.25}, "25 % of the events precede their predictions: --clock-skew"),
        ({"too_soon": 25}, "25 % of the events come too soon: a shorter --min-delay takes them."),
        ({"cut_off_rate": 0.25}, "The window cuts off 25 % of the feedback: a longer --window takes it."),
        ({"late_arrivals": 1}, "1 events came after their row was final: --lateness"),
    ],
)
def test_each_fault_has_its_advice(values: dict[str, Any], line: str) -> None:
    """And nothing else is said; where all is well nothing is."""
    (said,) = advice(summary(**values))
    assert said.startswith(line)
    assert line.split("--clock")[0] in page(summary(**values), "table")
    assert advice(summary()) == []


def test_a_page_has_the_curve_and_a_bar_for_each_day() -> None:
    """The curve starts at the last delay without feedback; a day's bar has the parts of its rows."""
    points = [(1, 0.0), (60, 0.0), (3600, 0.2), (86_400, 0.5)]
    curve = [Conversion(delay=f"{s}s", seconds=s, share=share, share_of_window=share / 0.5) for s, share in points]
    day = Day(day="2026-04-01", predictions=4, settled=3, match_rate=2 / 3, positive_rate=None, pending=1)
    drawn = page(summary(conversion=curve, days=[day]))
    assert Page(drawn).tags.count("circle") == 3
    assert "20 % of the predictions within 3600s" in drawn
    widths = ('class="labeled" style="width:50.00%"', 'class="rest" style="width:25.00%"', 'style="width:25.00%"')
    assert all(f"<span {each}" in drawn or each in drawn for each in widths)


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 600])
def test_a_curve_of_one_point_can_be_drawn(seconds: float) -> None:
    """A window of no length too."""
    curve = [Conversion(delay="x", seconds=seconds, share=0.0, share_of_window=None)]
    assert "<circle" in page(summary(conversion=curve))


def test_what_the_data_says_is_text() -> None:
    """A label is no tag, and no escape sequence."""
    drawn = page(summary(label_counts={'"<script>alert(1)</script>\x1b[31m"': 1}))
    assert "script" not in Page(drawn).tags
    assert "\x1b" not in drawn


def test_gates_are_shown_as_options() -> None:
    """Rates in percent, numbers of rows as they are; one that fails stands out."""
    gates = [
        GateResult(gate="min_match_rate", limit=0.8, value=0.75, holds=False),
        GateResult(gate="min_settled", limit=3, value=4, holds=True),
        GateResult(gate="max_late_rate", limit=0.1, value=None, holds=None),
    ]
    drawn = page(summary(gates=gates, failed=True))
    assert '<td>--min-match-rate</td><td class="number">80 %</td><td class="number">75 %</td>' in drawn
    assert '<span class="fails">fails</span>' in drawn
    assert "nothing to judge" in drawn
    table = page(summary(gates=gates, failed=True), "table")
    assert [line.split() for line in table.splitlines() if line.startswith("--min-s")] == [
        ["--min-settled", "3", "4", "holds"]
    ]


def test_a_narrow_terminal_loses_no_number() -> None:
    """What a line means is wrapped; its count stands."""
    lines = page(summary(), "table", width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert any(line.startswith("labeled ") and line.split()[1:4] == ["3", "75", "%"] for line in lines)


@pytest.mark.parametrize(("seconds", "shown"), [(0.5, "0.5 s"), (61, "1m 1s"), (93_600, "1d 2h"), (-90, "-1m 30s")])
def test_lengths_of_time_have_their_two_largest_units(seconds: float, shown: str) -> None:
    """Enough to read at a glance."""
    assert duration(seconds) == shown
