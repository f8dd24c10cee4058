"""Several runs with one state: nothing twice, nothing lost, whatever happens in between."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from datalife.errors import SourceError, UsageError
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import JoinOptions, OutputFiles
from tests.labels.joining import COLUMNS, Row, join, read, write

FIRST = [{"id": "a", "t": 0, "x": [1]}, {"id": "b", "t": 5, "x": [2]}]
EVENTS = [{"id": "b", "t": 9, "label": 1}, {"id": "z", "t": 9, "label": 1}]
LATER = [{"id": "c", "t": 12, "x": [3]}]
MORE = [{"id": "a", "t": 3, "label": 7}, {"id": "c", "t": 13, "label": 2}]


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the midst of the work: no temporary file, no output, no state."""

    def interrupted(task: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("datalife.labels.run.settle_partition", interrupted)
    with pytest.raises(KeyboardInterrupt):
        join(tmp_path, FIRST, EVENTS, as_of="14", state=True)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "feedback.ndjson",
        "predictions.ndjson",
        "state",
        "temporary",
    ]
    assert join_again(tmp_path, monkeypatch) == 2


def join_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many predictions a run knows that is let be."""
    monkeypatch.undo()
    return join(folder, FIRST, EVENTS, as_of="14", state=True).summary.predictions


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """A file with the same content is skipped; the account stays what it was."""
    first = join(tmp_path, FIRST, EVENTS, as_of="40", state=True)
    again = join(tmp_path, FIRST, EVENTS, as_of="40", state=True)
    assert len(first.rows) == 2
    assert (again.summary.rows_written, again.summary.skipped_files) == (0, 2)
    assert again.summary.predictions == first.summary.predictions == 2
    assert again.summary.orphans == first.summary.orphans == 1
    assert again.result.notes[0] == "2 files skipped: read by an earlier run"


@pytest.mark.parametrize("layout", ["day=1/a.ndjson day=2/a.ndjson", "1.ndjson 2.ndjson"])
def test_a_directory_that_grows(tmp_path: Path, layout: str) -> None:
    """Naming the whole directory in every run reads each file once, and keeps the partition columns."""
    rows: list[Row] = []
    for number, name in enumerate(layout.split()):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, [{"id": str(number), "t": number}, {"id": f"x{number}", "t": 20 + number}])
        sources = Sources([str(tmp_path / "logs")], [write(tmp_path / "f.ndjson", [])])
        outputs = OutputFiles(output=str(tmp_path / "o.ndjson"), state=str(tmp_path / "state"))
        result = join_labels(sources, JoinOptions(**COLUMNS, as_of=str(30 * number + 15)), outputs)
        assert result.summary.skipped_files == number
        assert result.summary.prediction_rows == 2 * (number + 1)
        rows += read(tmp_path / "o.ndjson")
    assert sorted(row["id"] for row in rows) == ["0", "1", "x0", "x1"]
    assert {row.get("day") for row in rows} == ({1, 2} if "day" in layout else {None})


def test_a_run_repeated_by_mistake_loses_nothing(tmp_path: Path) -> None:
    """The rows of the run before are still in their file, unless somebody has taken it away."""
    first = join(tmp_path, FIRST, EVENTS, as_of="40", state=True)
    assert join(tmp_path, FIRST, EVENTS, as_of="40", state=True).rows == first.rows
    assert join(tmp_path, FIRST, EVENTS, as_of="40", state=True).rows == first.rows
    (tmp_path / "output.ndjson").unlink()
    assert join(tmp_path, FIRST, EVENTS, as_of="40", state=True).rows == []


def test_rows_may_go_through_a_pipe(tmp_path: Path) -> None:
    """Whoever reads the pipe gets the rows; nothing can be told of what it holds later."""
    os.mkfifo(tmp_path / "output.ndjson")
    with ThreadPoolExecutor() as pool:
        reading = pool.submit((tmp_path / "output.ndjson").read_text)
        sources = Sources([write(tmp_path / "p.ndjson", FIRST)], [write(tmp_path / "f.ndjson", EVENTS)])
        outputs = OutputFiles(output=str(tmp_path / "output.ndjson"), state=str(tmp_path / "state"))
        assert join_labels(sources, JoinOptions(**COLUMNS, as_of="40"), outputs).summary.rows_written == 2
    assert len(reading.result().splitlines()) == 2


def test_copies_in_another_file_count_once(tmp_path: Path) -> None:
    """Rows that come again in a different file are duplicates, also after their row was settled."""
    join(tmp_path, FIRST, EVENTS, as_of="20", state=True)
    again = join(tmp_path, FIRST, EVENTS, as_of="20", state=True, blank_lines=1)
    assert again.rows == []
    assert again.summary.duplicate_predictions == 2
    assert again.summary.duplicate_feedback == 2


def test_pending_rows_keep_all_their_columns(tmp_path: Path) -> None:
    """A row that waits comes out with its own columns; a column that came later is null for it."""
    join(tmp_path, [{"id": "a", "t": 0, "x": {"y": [1, 2]}, "n": 1}], [], as_of="0", state=True)
    later = join(tmp_path, [{"id": "b", "t": 1, "n": 0.5, "new": "v"}], [], as_of="50", state=True)
    assert [{name: row.get(name) for name in ("id", "x", "n", "new")} for row in later.rows] == [
        {"id": "a", "x": {"y": [1, 2]}, "n": 1.0, "new": None},
        {"id": "b", "x": None, "n": 0.5, "new": "v"},
    ]


def test_an_orphan_finds_its_prediction_later(tmp_path: Path) -> None:
    """Feedback that overtook its prediction waits for it."""
    first = join(tmp_path, [], [{"id": "a", "t": 5, "label": 3}], state=True, files=("orphans",))
    assert first.files["orphans"] == [{"id": "a", "t": "1970-01-01T00:00:05Z", "label": 3}]
    later = join(tmp_path, [{"id": "a", "t": 1}], [], as_of="60", state=True)
    assert [row["label"] for row in later.rows] == [3]
    assert later.summary.orphans == 0


def test_a_late_arrival_is_counted_and_written(tmp_path: Path) -> None:
    """Feedback for a settled row does not change it; it stands in the file of late arrivals, once."""
    join(tmp_path, FIRST, [], as_of="16", state=True)
    late = join(tmp_path, [], MORE[:1], as_of="16", state=True, files=("late",))
    assert (late.rows, late.summary.late_arrivals) == ([], 1)
    assert late.files["late"] == [{"id": "a", "t": "1970-01-01T00:00:03Z", "label": 7}]
    after = join(tmp_path, [], [], as_of="17", state=True, files=("late",))
    assert (after.files["late"], after.summary.late_arrivals) == ([], 1)


def test_revise_writes_the_row_again(tmp_path: Path) -> None:
    """With revise it comes out again, counted up, with all its feedback."""
    options = {"state": True, "on_late_arrival": "revise", "policy": "sum", "implicit_label": 0}
    first = join(tmp_path, [{"id": "a", "t": 0, "x": [1]}], [{"id": "a", "t": 2, "label": 5}], as_of="10", **options)
    second = join(tmp_path, [], MORE[:1], as_of="10", **options)
    third = join(tmp_path, [], [{"id": "a", "t": 4, "label": 1}], as_of="12", **options)
    rows = [row for run in (first, second, third) for row in run.rows]
    assert [(row["x"], row["label"], row["n_feedback"], row["revision"]) for row in rows] == [
        ([1], 5, 1, 0),
        ([1], 12, 2, 1),
        ([1], 13, 3, 2),
    ]
    assert (third.summary.revisions_written, third.summary.rows_written) == (1, 0)


def test_as_of_may_not_go_back(tmp_path: Path) -> None:
    """An earlier as-of is refused; without the option the last one stands."""
    join(tmp_path, FIRST, [], as_of="40", state=True)
    with pytest.raises(UsageError, match="before that of the last run"):
        join(tmp_path, [], [], as_of="39", state=True)
    assert join(tmp_path, [], [], state=True).summary.as_of == "1970-01-01T00:00:40Z"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("window", "11s", "--window: the state was made with 10s, not 11s"),
        ("policy", "first", "--policy: the state was made with 'last', not 'first'"),
        ("key", "id=id,t", "--key"),
    ],
)
def test_other_options_over_an_old_state_are_refused(tmp_path: Path, option: str, value: str, message: str) -> None:
    """A state belongs to one set of rules."""
    join(tmp_path, FIRST, [], as_of="1", state=True)
    with pytest.raises(UsageError, match=message):
        join(tmp_path, [], [], as_of="2", state=True, **{option: value})


@pytest.mark.parametrize("name", ["manifest.json", "predictions.parquet", "events.parquet"])
def test_a_damaged_state_is_an_error(tmp_path: Path, name: str) -> None:
    """A state that cannot be read is never taken for an empty one."""
    join(tmp_path, FIRST, EVENTS, as_of="1", state=True)
    next((tmp_path / "state").glob(f"*/{name}")).write_bytes(b"PAR1{")
    with pytest.raises(SourceError, match="the state is damaged"):
        join(tmp_path, [], [], as_of="2", state=True)


def test_a_folder_with_other_things_is_no_state(tmp_path: Path) -> None:
    """Nothing is put beside (or removed from) what somebody else keeps there."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "holiday.jpg").write_bytes(b"")
    with pytest.raises(UsageError, match=r"is not a state directory: it holds 'holiday.jpg'"):
        join(tmp_path, FIRST, [], state=True)


def test_what_is_older_than_the_horizon_is_refused(tmp_path: Path) -> None:
    """A prediction before as-of - horizon is `expired`: neither a row nor a duplicate, and the state forgets it."""
    join(tmp_path, FIRST, EVENTS, as_of="100", state=True)
    manifest = next((tmp_path / "state").glob("*/predictions.parquet"))
    assert pl.read_parquet(manifest).height == 0
    again = join(tmp_path, [*FIRST, {"id": "n", "t": 95, "x": [1]}], [], as_of="200", state=True)
    assert [row["id"] for row in again.rows] == ["n"]
    assert (again.summary.expired, again.summary.predictions, again.summary.matched) == (2, 3, 1)


def test_counts_survive_what_is_forgotten(tmp_path: Path) -> None:
    """Buckets and statuses do not change when the rows behind them leave the state."""
    first = join(tmp_path, FIRST, [*EVENTS, {"id": "a", "t": 14, "label": 1}], as_of="15", state=True)
    before = {name: getattr(first.summary, name) for name in ("matched", "late", "orphans", "labeled", "unlabeled")}
    assert before == {"matched": 1, "late": 1, "orphans": 1, "labeled": 1, "unlabeled": 1}
    for as_of in (25, 35, 36, 50, 1000):
        later = join(tmp_path, [], [], as_of=str(as_of), state=True)
        assert {name: getattr(later.summary, name) for name in before} == before


def test_keys_of_numbers_stay_numbers(tmp_path: Path) -> None:
    """1 in one run and 1.0 in the next are one key; text is not."""

    def row(key: object) -> list[Row]:
        return [{"id": key, "t": 1}]

    join(tmp_path, row(1), [], as_of="1", state=True)
    assert join(tmp_path, row(1.0) + row(2.5), [], as_of="1", state=True).summary.duplicate_predictions == 1
    assert join(tmp_path, row(1), [], as_of="2", state=True, blank_lines=2).summary.duplicate_predictions == 2
    with pytest.raises(UsageError, match="string"):
        join(tmp_path, row("1"), [], as_of="3", state=True)
