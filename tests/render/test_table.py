"""The profile as tables: read by people, on terminals of any width and in pipes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len

from datalife.render import View, render
from datalife.stats.model import Profile

from .samples import EMPTY, HOSTILE, PROFILE, SLICED, WIDE, column, top


def drawn(profile: Profile, view: View) -> str:
    """What a view shows of a profile."""
    stream = io.StringIO()
    render(profile, "table", stream, view)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200, None])
def test_profile_at_several_widths(width: int | None, snapshot: Any) -> None:
    """Terminals of 80, 120 and 200 columns, and a pipe."""
    assert drawn(PROFILE, View(width)) == snapshot


def test_profile_in_colour(snapshot: Any) -> None:
    """Headings are bold and types are dim; the data has no colour."""
    assert drawn(PROFILE, View(80, color=True)) == snapshot


def test_profile_in_ascii() -> None:
    """Where the encoding has no block characters, the drawing makes do without."""
    assert drawn(PROFILE, View(80, ascii=True)).isascii()


@pytest.mark.parametrize("width", [40, 60, 80, 119, 120, 200])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    """A line that wraps by itself would destroy the table."""
    assert max(cell_len(line) for line in drawn(PROFILE, View(width)).splitlines()) <= width


def test_in_a_pipe_nothing_is_cut_or_wrapped() -> None:
    """A name of 300 characters is whole and a column has one line."""
    name, value = "n" * 300, "v" * 60
    wide = column(name, "string", 2, distinct_count=1, distinct_exact=True, top_values=top(**{value: 2}))
    shown = drawn(Profile(kind="profile", version=1, rows=2, columns=[wide]), View()).splitlines()
    assert shown[3].startswith(f"{name}  string")
    assert shown[3].endswith(f"{value} 100 %")


def test_a_very_long_value_is_marked_as_shortened() -> None:
    """A value is for recognition here; the whole of it is in the JSON document."""
    long = column("x", "string", 1, distinct_count=1, distinct_exact=True, top_values=top(**{"v" * 100_000: 1}))
    assert "v" * 59 + "… 100 %" in drawn(Profile(kind="profile", version=1, rows=1, columns=[long]), View())


@pytest.mark.parametrize("color", [False, True])
def test_text_from_data_is_only_text(color: bool, snapshot: Any) -> None:
    """No escape sequence, markup, emoji code or mark of direction from the data has any effect."""
    shown = drawn(HOSTILE, View(200, color=color))
    assert shown == snapshot
    assert ("\x1b" in shown) is color
    assert not any(mark in shown for mark in ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e", "\u2066"))


def test_a_wide_dataset_repeats_its_headings() -> None:
    """In 200 columns one never scrolls far to see what a figure means."""
    lines = drawn(WIDE, View(80)).splitlines()
    headings = [place for place, line in enumerate(lines) if line.startswith("numbers")]
    assert len(headings) == 5
    assert sum(line.startswith("sensor_") for line in lines) == 200


def test_slices_follow_the_whole(snapshot: Any) -> None:
    """Every slice is named and has its own tables."""
    assert drawn(SLICED, View(80)) == snapshot


def test_data_without_rows(snapshot: Any) -> None:
    """Nothing is shown as nothing, not as zero or NaN."""
    assert drawn(EMPTY, View(80)) == snapshot


def test_no_line_ends_with_a_space() -> None:
    """What is copied into a message or a file has no invisible rest."""
    assert not any(line.endswith(" ") for line in drawn(PROFILE, View()).splitlines())
