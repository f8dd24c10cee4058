"""Many columns of text at once."""

import polars as pl
import pytest

from datalife.sources import fitting
from datalife.sources.fitting import guesses, misfits
from datalife.sources.types import NULL, TEXT_TYPES

COLUMNS = {
    "flags": ["true", "false"] * 100,
    "whole": [str(each) for each in range(200)],
    "late": ["1"] * 199 + ["0.5"],
    "later": ["1"] * 150 + ["x"] * 50,
    "gaps": [None] * 199 + ["2026-01-31"],
    "none": [None] * 200,
}
NAMES = {"flags": "boolean", "whole": "integer", "late": "float", "later": "string", "gaps": "date", "none": "null"}


@pytest.mark.parametrize("stacked", [1, 450, 1 << 17])
def test_every_column_gets_its_own_type(stacked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many columns are looked at together, and wherever the value is that decides."""
    monkeypatch.setattr(fitting, "STACKED", stacked)
    frame = pl.DataFrame({key: COLUMNS[key] for key in COLUMNS}, schema=dict.fromkeys(COLUMNS, pl.String))
    assert {key: kind.name for key, kind in guesses(frame, dict.fromkeys(COLUMNS, TEXT_TYPES)).items()} == NAMES


def test_misfits_are_counted_column_by_column() -> None:
    """One count for each type asked for; missing values fit all."""
    integer, text = TEXT_TYPES[3], TEXT_TYPES[-1]
    frame = pl.DataFrame({"a": ["1", "x", None], "b": ["2", "3", "4"], "c": ["y", "z", ""]})
    found = misfits(frame, {"a": (integer, text), "b": (integer,), "c": (integer, NULL)})
    assert found == {"a": [1, 0], "b": [0], "c": [3, 3]}
