"""The sample data is what its generator makes, and every fault the tutorial speaks of is in it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import polars.testing
import pytest

from sample_data import generate

SAMPLE_DATA = Path(generate.__file__).parent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with freshly generated sample data."""
    directory = tmp_path_factory.mktemp("sample_data")
    generate.generate(directory)
    return directory


@pytest.fixture(scope="module")
def training() -> list[dict[str, str]]:
    """The rows of training.csv as text, read by the standard library."""
    with (SAMPLE_DATA / "training.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def serving() -> pl.DataFrame:
    """The serving batch."""
    return pl.read_parquet(SAMPLE_DATA / "serving.parquet")


def lines(name: str) -> list[dict[str, object]]:
    """The objects of an NDJSON file."""
    return [json.loads(line) for line in (SAMPLE_DATA / name).read_text().splitlines()]


@pytest.mark.parametrize("name", ["training.csv", "requests.ndjson", "feedback.ndjson"])
def test_text_files_are_reproduced_byte_by_byte(made: Path, name: str) -> None:
    """Whoever runs the generator gets the committed bytes."""
    assert (made / name).read_bytes() == (SAMPLE_DATA / name).read_bytes()


def test_parquet_file_is_reproduced_row_by_row(made: Path, serving: pl.DataFrame) -> None:
    """The Parquet file has the committed rows and types; its bytes are up to the version of polars."""
    polars.testing.assert_frame_equal(pl.read_parquet(made / "serving.parquet"), serving)


def test_sample_data_stays_small() -> None:
    """Together the files take less than a megabyte, so that a clone is quick."""
    assert sum(path.stat().st_size for path in SAMPLE_DATA.iterdir() if path.is_file()) < 1_000_000


def test_training_is_clean(training: list[dict[str, str]]) -> None:
    """Training has all its rows, feet only, no zero pulse, and ratings only of runs that were run."""
    assert len(training) == 3000
    assert min(int(row["distance"]) for row in training) >= 7000
    assert "0" not in {row["heart_rate"] for row in training}
    assert {row["fun"] for row in training if row["accepted"] == "false"} == {""}


def test_every_fault_names_a_column_of_training(training: list[dict[str, str]]) -> None:
    """The list of planted faults speaks of columns that exist."""
    assert set(generate.FAULTS) <= set(training[0])


def test_heart_rate_zero_stands_for_missing(serving: pl.DataFrame) -> None:
    """Serving has zeros where training has nothing, and nothing is missing."""
    assert serving["heart_rate"].null_count() == 0
    assert serving.filter(heart_rate=0).height == 124


def test_distance_is_in_metres_in_two_cities(serving: pl.DataFrame) -> None:
    """The longest run of the metric cities is shorter than the median run elsewhere."""
    metric = serving["city"].is_in(generate.METRIC_CITIES)
    assert metric.sum() == 382
    longest = serving.filter(metric)["distance"].max()
    assert isinstance(longest, int)
    assert longest < 0.9 * 25_676


def test_surface_has_a_category_training_never_saw(serving: pl.DataFrame, training: list[dict[str, str]]) -> None:
    """Treadmills are new."""
    assert set(serving["surface"]) - {row["surface"] for row in training} == {"treadmill"}


def test_runner_age_has_become_text(serving: pl.DataFrame) -> None:
    """The type changed, the numbers in it did not."""
    assert serving.schema["runner_age"] == pl.String
    assert serving["runner_age"].cast(pl.Int64).is_between(16, 79).all()


def test_sensor_that_was_switched_on_says_85(serving: pl.DataFrame) -> None:
    """Three readings in a row are impossible; the others are those of a spring week."""
    hot = serving.with_row_index("row").filter(pl.col("temperature") > 40)
    assert hot["row"].to_list() == [211, 212, 213]
    assert hot["temperature"].to_list() == [85.0, 85.0, 85.0]


def test_share_of_rain_has_more_than_doubled(serving: pl.DataFrame, training: list[dict[str, str]]) -> None:
    """The one fault that no single row shows."""
    assert Counter(row["weather"] for row in training)["rain"] == 514
    assert serving.filter(weather="rain").height == 434


def test_labels_are_absent_when_serving(serving: pl.DataFrame, training: list[dict[str, str]]) -> None:
    """Serving has the columns of training without the answers."""
    assert [*serving.columns, "accepted", "fun"] == list(training[0])


def test_feedback_has_every_kind_of_event() -> None:
    """Copies, answers to nothing, before the question and past the window, besides the good ones."""
    served = {line["request_id"]: datetime.fromisoformat(str(line["served_at"])) for line in lines("requests.ndjson")}
    events = lines("feedback.ndjson")
    distinct = {event["event_id"]: event for event in events}
    kinds = Counter(kind_of(event, served) for event in distinct.values())
    assert len(events) - len(distinct) == 26
    assert kinds == {"matched": 554, "orphan": 14, "before": 15, "late": 15}


def kind_of(event: dict[str, object], served: dict[object, datetime]) -> str:
    """The bucket of an event, by the rules of label-join and a window of three days."""
    if event["request_id"] not in served:
        return "orphan"
    delay = datetime.fromisoformat(str(event["answered_at"])) - served[event["request_id"]]
    if delay < timedelta(0):
        return "before"
    return "late" if delay > generate.FEEDBACK_WINDOW else "matched"


def test_feedback_is_delivered_out_of_order() -> None:
    """The file is not sorted by the time of the events."""
    times = [event["answered_at"] for event in lines("feedback.ndjson")]
    assert times != sorted(times, key=str)
