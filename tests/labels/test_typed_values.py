"""Values that only typed files hold: decimals, bytes and NaN as keys and labels, and columns that hold no times."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife.errors import UsageError
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import JoinOptions, OutputFiles
from tests.labels.joining import COLUMNS, Joined, join_files

NAN = float("nan")


def joined(folder: Path, keys: tuple[list[Any], list[Any]], labels: list[Any], **options: Any) -> Joined:
    """Predictions at 0 joined to events a second apart, both from Parquet."""
    predictions = pl.DataFrame({"id": keys[0], "t": [0] * len(keys[0])})
    events = pl.DataFrame({"id": keys[1], "t": range(1, len(keys[1]) + 1), "label": labels})
    predictions.write_parquet(folder / "p.parquet")
    events.write_parquet(folder / "f.parquet")
    sources = Sources([str(folder / "p.parquet")], [str(folder / "f.parquet")])
    return join_files(folder, sources, **{**COLUMNS, "as_of": "60", **options})


@pytest.mark.parametrize(("policy", "label"), [("sum", "1.25"), ("last", "0.75"), ("max", "0.75"), ("min", "0.50")])
def test_decimal_labels_are_exact(tmp_path: Path, policy: str, label: str) -> None:
    """No policy cuts off what is behind the point, and the summary has them as numbers."""
    found = joined(tmp_path, (["a"], ["a", "a"]), [Decimal("0.50"), Decimal("0.75")], policy=policy)
    assert (found.rows[0]["label"], found.summary.label_counts) == (label, {label: 1})


def test_decimal_keys_are_compared_digit_by_digit(tmp_path: Path) -> None:
    """Two keys that a float could not tell apart are two keys."""
    keys = [Decimal("12345678901234567.10"), Decimal("12345678901234567.20")]
    found = joined(tmp_path, (keys, keys), [1, 2])
    assert [row["label"] for row in found.rows] == [1, 2]
    assert found.summary.duplicate_predictions == 0


def test_decimal_keys_equal_floats_and_whole_numbers(tmp_path: Path) -> None:
    """1.10 is 1.1, and 2.00 is 2: zeros at the end mean nothing, those before the point do."""
    keys = [Decimal("1.10"), Decimal("2.00"), Decimal("100.00"), Decimal("0.00")]
    found = joined(tmp_path, (keys, [1.1, 2.0, 100.0, 0.0]), [1, 2, 3, 4])
    assert [row["label"] for row in found.rows] == [1, 2, 3, 4]


def test_empty_bytes_are_no_key(tmp_path: Path) -> None:
    """As an empty text is none."""
    found = joined(tmp_path, ([b"", b"x"], [b"", b"x"]), [1, 2])
    assert (found.summary.invalid_predictions, found.summary.invalid_feedback, found.summary.matched) == (1, 1, 1)


@pytest.mark.parametrize(("policy", "label"), [("max", 2.0), ("min", 1.0), ("any", True), ("last", None)])
def test_nan_is_no_extreme(tmp_path: Path, policy: str, label: Any) -> None:
    """It is neither the largest nor the smallest label where there are numbers; as the last one it stays NaN."""
    found = joined(tmp_path, (["a"], ["a"] * 3), [1.0, 2.0, NAN], policy=policy)
    assert found.rows[0]["label"] == label


def test_nan_is_not_positive(tmp_path: Path) -> None:
    """A label that is no number is not judged, and is true for no policy."""
    assert joined(tmp_path, (["a", "b"], ["a", "b"]), [0.0, NAN]).summary.positive_rate == 0.0
    assert joined(tmp_path, (["a"], ["a"]), [NAN], policy="any").rows[0]["label"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prediction_time": "id"}, "'id' is of type boolean"),
        ({"feedback_time": "id"}, "'id' is of type boolean"),
        ({"arrival": "id"}, "'id' is of type boolean"),
    ],
)
def test_a_column_that_can_hold_no_times_is_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    """Otherwise every row would be left out for want of a time."""
    with pytest.raises(UsageError, match=message):
        joined(tmp_path, ([True], [True]), [1], **options)


def test_nothing_is_written_into_the_state(tmp_path: Path) -> None:
    """Neither beside its generations nor into one, which would vanish with it."""
    for name in ("state/o.ndjson", "state/generation-000001/o.ndjson"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        outputs = OutputFiles(output=str(tmp_path / name), state=str(tmp_path / "state"))
        with pytest.raises(UsageError, match="is in the state directory"):
            join_labels(Sources(["p.parquet"], ["f.parquet"]), JoinOptions(**COLUMNS), outputs)
