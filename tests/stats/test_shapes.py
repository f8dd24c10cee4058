"""The shapes of texts."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from datalife.stats.profile import profile, profile_of
from tests.frames import column, dataset, summary


def patterns(values: list[str | None]) -> list[tuple[str, int]]:
    """The shapes of a column and how many have each."""
    return [(each.pattern, each.count) for each in column(values).patterns or []]


def test_letters_digits_and_the_rest() -> None:
    """Letters are `A` and `a`, digits `9`; what is neither stays; most frequent first."""
    assert patterns(["AB123", "XY987", "2024-01-31", None, "Ünal é", "名前", ""]) == [
        ("AA999", 2),
        ("", 1),
        ("9999-99-99", 1),
        ("Aaaa a", 1),
        ("aa", 1),
    ]


def test_long_texts_are_cut() -> None:
    """Of a text of more than 40 characters the beginning counts."""
    assert patterns(["x" * 41, "x" * 99]) == [("a" * 40 + "…", 2)]


def test_other_types_have_none() -> None:
    """Numbers have no shape."""
    assert column([1, 2]).patterns is None


def test_with_very_many_values_shapes_are_estimated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From one row in 64, scaled to all; saved profiles keep them."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 1000)
    frame = pl.DataFrame({"x": [f"{'A' if each % 4 else 'b'}{each:06}" for each in range(12_800)]})
    frame = frame.sample(fraction=1, shuffle=True, seed=3)
    whole = profile_of(summary(*frame.iter_slices(5000)))
    found = whole.columns[0]
    assert found.patterns_exact is False
    assert [each.pattern for each in found.patterns or []] == ["A999999", "a999999"]
    assert [each.count for each in found.patterns or []] == [pytest.approx(9600, rel=0.1), pytest.approx(3200, rel=0.3)]
    (tmp_path / "p.json").write_text(json.dumps(whole.model_dump(exclude_unset=True)))
    assert profile([str(tmp_path / "p.json")]).columns[0].patterns == found.patterns


def test_how_rows_are_split_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows looked at are chosen by their number, not by their shard."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 10)
    frame = pl.DataFrame({"x": [f"{'A' if each % 3 else 'b'}{each}" for each in range(2000)]})
    one, many = (profile_of(summary(*frame.iter_slices(size))).columns[0] for size in (2000, 333))
    assert one.patterns == many.patterns
    assert dataset(frame).shards[0].rows == 2000
