"""Single rules with their literal consequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife.errors import AccountingError, DatalifeError, SourceError, UsageError
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import Gates, JoinOptions, OutputFiles
from datalife.labels.summary import counted, delays, kaplan_meier
from datalife.sources.model import ReadOptions
from tests.labels.joining import Row, join

ONE = [{"id": "a", "t": 0}]


def at(*moments: int, label: Any = 1) -> list[Row]:
    """Events of key `a`."""
    return [{"id": "a", "t": moment, "label": label} for moment in moments]


def test_a_row_has_its_own_columns_and_then_the_new_ones(tmp_path: Path) -> None:
    """Nothing of a prediction changes; times are UTC, delays seconds."""
    row = {"id": "a", "t": 0.25, "nested": {"x": [1, None]}, "text": "é"}
    joined = join(tmp_path, [row], [{"id": "a", "t": 1.5, "label": "yes"}], as_of="60")
    new = ("yes", "1970-01-01T00:00:01.500Z", 1.25, "labeled", 1, 0)
    names = ("label", "label_time", "label_delay", "label_status", "n_feedback", "revision")
    assert joined.rows == [{**row, **dict(zip(names, new, strict=True))}]


def test_without_feedback_nothing_closes(tmp_path: Path) -> None:
    """No event, no as-of: how long ago the predictions were is never asked of a clock."""
    joined = join(tmp_path, ONE, [])
    assert (joined.rows, joined.summary.as_of, joined.summary.pending) == ([], None, 1)
    assert joined.files["pending"][0]["elapsed"] is None


def test_as_of_is_the_newest_valid_event(tmp_path: Path) -> None:
    """An event without key says nothing about what has been delivered."""
    assert join(tmp_path, ONE, [*at(7), {"id": None, "t": 99, "label": 1}]).summary.as_of == "1970-01-01T00:00:07Z"


def test_one_policy_error_names_the_key(tmp_path: Path) -> None:
    """`--policy error` counts distinct events only."""
    assert len(join(tmp_path, ONE, at(1, 1), as_of="60", policy="error").rows) == 1
    with pytest.raises(SourceError, match=r"more than one event for 'a' \(2\), and for 0 other predictions"):
        join(tmp_path, ONE, at(1, 2), as_of="60", policy="error")


def test_duplicate_predictions_can_be_an_error(tmp_path: Path) -> None:
    """Exact copies never are."""
    twice = [{"id": "a", "t": 0, "x": None}] * 2
    assert join(tmp_path, twice, at(1), as_of="60", duplicate_prediction="error").summary.duplicate_predictions == 1
    with pytest.raises(SourceError, match="different predictions have the key 'a', and 0 other keys"):
        join(tmp_path, [*twice, {"id": "a", "t": 0, "x": 1}], [], duplicate_prediction="error")


def test_an_event_with_a_name_counts_once(tmp_path: Path) -> None:
    """With `--feedback-id` the earliest of its copies counts; events without a name are told by their content."""
    named = [{"id": "a", "t": t, "label": t, "e": "x"} for t in (3, 2)]
    unnamed = [{"id": "a", "t": 1, "label": 9, "e": None}] * 2
    joined = join(tmp_path, ONE, named + unnamed, as_of="60", feedback_id="e", policy="sum")
    assert (joined.rows[0]["label"], joined.summary.duplicate_feedback) == (11, 2)


def test_a_copy_that_arrived_makes_an_event_visible(tmp_path: Path) -> None:
    """The earliest arrival of its copies counts, also when an earlier run knew none."""
    waiting = [{"id": "a", "t": 1, "label": 1, "in": None}]
    first = join(tmp_path, ONE, waiting, as_of="5", arrival="in", state=True)
    later = join(tmp_path, [], [{**waiting[0], "in": 6}], as_of="60", arrival="in", state=True)
    assert (first.summary.future, later.summary.future) == (1, 0)
    assert [row["label"] for row in later.rows] == [1]


def test_numbers_past_64_bits_do_not_wrap(tmp_path: Path) -> None:
    """A sum that does not fit an integer is a float."""
    events = [{"id": "a", "t": t, "label": 2**62} for t in (1, 2, 3)]
    assert join(tmp_path, ONE, events, as_of="60", policy="sum").rows[0]["label"] == pytest.approx(3 * 2.0**62)


@pytest.mark.parametrize(
    ("label", "implicit", "expected"),
    [(5, 0, [5, 0]), (True, False, [True, False]), (True, 0, [1, 0]), ("x", 0, ["x", "0"]), (5, 0.5, [5.0, 0.5])],
)
def test_implicit_labels_have_the_type_of_labels(
    tmp_path: Path, label: Any, implicit: Any, expected: list[Any]
) -> None:
    """One column has one type: true beside 0 is 1, a number beside text is text."""
    rows = join(tmp_path, [*ONE, {"id": "b", "t": 0}], at(1, label=label), as_of="60", implicit_label=implicit).rows
    assert [repr(row["label"]) for row in rows] == [repr(value) for value in expected]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": "none"}, "an unbounded window never closes"),
        ({"min_delay": "11s"}, "longer than --window"),
        ({"settle": "on-match"}, "cannot be final with --policy last"),
        ({"attribution": "all"}, "--attribution: applies where predictions share a key"),
        ({"horizon": "5s"}, "ends before a window closes"),
        ({"key": "id,,x"}, "has an empty part"),
        ({"implicit_label": "no"}, "'no' is no value beside labels of type integer"),
        ({"label": "lable"}, r"there is no column 'lable' \(--label\)"),
        ({"key": "idd"}, "there is no column 'idd'"),
        ({"tie_break": "x"}, "--tie-break"),
        ({"naive_tz": "Mars"}, "unknown time zone"),
        ({"as_of": "soon"}, "is no valid time"),
        ({"prefix": "", "prediction_time": "label"}, "there is no column 'label'"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    """Each is refused before anything is written, and says which option it is."""
    with pytest.raises(UsageError) as caught:
        join(tmp_path, ONE, at(1), **options)
    assert message.replace("\\", "") in str(caught.value)
    assert not (tmp_path / "output.ndjson").exists()


def test_arithmetic_needs_numbers(tmp_path: Path) -> None:
    """Text has no sum."""
    with pytest.raises(UsageError, match="needs labels that are numbers"):
        join(tmp_path, ONE, at(1, label="yes"), policy="sum")


def test_a_name_that_exists_needs_a_prefix(tmp_path: Path) -> None:
    """A column is never overwritten."""
    row = [{"id": "a", "t": 0, "label": "mine"}]
    with pytest.raises(UsageError) as caught:
        join(tmp_path, row, at(1))
    assert "--prefix" in str(caught.value.faults[0].hint)
    assert join(tmp_path, row, at(1), as_of="60", prefix="fb_").rows[0]["fb_label"] == 1


def test_naive_beside_aware_needs_a_zone(tmp_path: Path) -> None:
    """Nobody guesses what a time without offset means when others have one."""
    made, happened = [{"id": "a", "t": "2024-07-01T12:00:00"}], [{"id": "a", "t": "2024-07-01T11:00:05Z", "label": 1}]
    with pytest.raises(UsageError, match="times in the predictions have no offset"):
        join(tmp_path, made, happened)
    joined = join(tmp_path, made, happened, as_of="2024-08-01", naive_tz="Europe/Lisbon")
    assert joined.rows[0]["label_delay"] == 5


def test_text_and_numbers_are_no_common_key(tmp_path: Path) -> None:
    """The error names both types; as text they compare, and a leading zero counts."""
    made = [{"id": key, "t": 0} for key in (1, 7)]
    happened = [{"id": key, "t": 1, "label": 1} for key in ("1", "007")]
    with pytest.raises(UsageError, match="'id' is integer in the predictions and 'id' is string in the feedback"):
        join(tmp_path, made, happened)
    assert join(tmp_path, made, happened, key_cast="string").summary.matched == 1


def test_whole_floats_are_the_integers(tmp_path: Path) -> None:
    """A key column that somebody's missing values made float still matches; a NaN is a missing key."""
    pl.DataFrame({"id": [1.0, 2.0**60, None, float("nan")], "t": [0] * 4}).write_parquet(tmp_path / "p.parquet")
    pl.DataFrame({"id": [1, 2**60], "t": [1, 1], "label": [1, 1]}).write_parquet(tmp_path / "f.parquet")
    result = run(tmp_path, "p.parquet", "f.parquet", as_of="60")
    assert (result.summary.matched, result.summary.invalid_predictions) == (2, 2)


def run(folder: Path, predictions: str, feedback: str, output: str = "o.parquet", **options: Any) -> Any:
    """A join of files of any format."""
    reading = options.pop("reading", ReadOptions())
    sources = Sources([str(folder / predictions)], [str(folder / feedback)], reading)
    rules = {"key": "id", "prediction_time": "t", "feedback_time": "t", "label": "label", "window": "10s", **options}
    return join_labels(sources, JoinOptions(**rules), OutputFiles(output=str(folder / output)))


def test_keys_of_text_formats_stay_text(tmp_path: Path) -> None:
    """007 of a CSV is not 7, `1` of a CSV is "1" of a typed file; the row keeps its text."""
    (tmp_path / "p.csv").write_text("id,t,score,when\n1,0,1.50,2024-01-01\n7,0,2,2024-01-02\n")
    pl.DataFrame({"id": ["1", "007"], "t": [1, 1], "label": [1, 1]}).write_parquet(tmp_path / "f.parquet")
    assert run(tmp_path, "p.csv", "f.parquet", "o.csv", as_of="60").summary.matched == 1
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert lines[1] == "1,0,1.50,2024-01-01,1,1970-01-01T00:00:01Z,1.0,labeled,1,0"
    run(tmp_path, "p.csv", "f.parquet", "o.parquet", as_of="60")
    assert pl.read_parquet(tmp_path / "o.parquet").schema["score"] == pl.Float64


def test_keys_inside_structs(tmp_path: Path) -> None:
    """Log shippers nest: `a.b` is field b of column a, unless a column has that very name."""
    made = [{"log": {"req": {"id": "a"}}, "t": 0}]
    happened = [{"fields": {"id": "a"}, "at": {"t": 2}, "label": 1}]
    options = {"key": "log.req.id=fields.id", "feedback_time": "at.t", "as_of": "60"}
    joined = join(tmp_path, made, happened, **options)
    assert joined.rows[0]["log"] == {"req": {"id": "a"}}
    assert joined.rows[0]["label"] == 1


def test_parts_of_a_key_are_not_glued(tmp_path: Path) -> None:
    """("a", "bc") is not ("ab", "c"); an empty part makes a row invalid."""
    made = [{"x": "a", "y": "bc", "t": 0}, {"x": "a", "y": "", "t": 0}]
    joined = join(tmp_path, made, [{"x": "ab", "y": "c", "t": 1, "label": 1}], key="x,y", as_of="60")
    assert (joined.summary.orphans, joined.summary.invalid_predictions) == (1, 1)


def test_side_files(tmp_path: Path) -> None:
    """What was left out is listed with its place and reason; orphans have the names of the feedback."""
    made = [*ONE, {"id": None, "t": 0}, {"id": "b", "t": None}, {"id": "a", "t": 5}]
    happened = [{"k": "z", "t": 1, "label": 2, "u": 1}, {"k": "a", "t": 1, "label": None, "u": 2}]
    options = {"key": "id=k", "tie_break": "u", "as_of": "60", "files": ("rejected", "orphans")}
    joined = join(tmp_path, made, happened, **options)
    assert [(row["side"], row["row"], row["reason"], row["record"]) for row in joined.files["rejected"]] == [
        ("prediction", 1, "no key", '{"id": null, "t": 0}'),
        ("prediction", 2, "no valid time", '{"id": "b", "t": null}'),
        ("prediction", 3, "duplicate", '{"id": "a", "t": 5}'),
        ("feedback", 1, "no label", '{"k": "a", "t": 1, "label": null, "u": 2}'),
    ]
    assert joined.files["orphans"] == [{"k": "z", "t": "1970-01-01T00:00:01Z", "label": 2, "u": 1}]
    assert joined.result.notes == [
        "1 prediction left out: no key",
        "1 prediction left out: no valid time",
        "1 event left out: no label",
        "1 prediction left out: same key as another",
    ]


def test_columns_and_filters_are_about_the_predictions(tmp_path: Path) -> None:
    """What is left out of the output is not missed by the join."""
    made = [{"id": "a", "t": 0, "x": 1, "y": 1}, {"id": "b", "t": 0, "x": 2, "y": 2}]
    reading = ReadOptions(columns=("y",), where="y = 1")
    joined = join(tmp_path, made, at(1), as_of="60", reading=reading)
    assert [set(row) & {"id", "t", "x", "y"} for row in joined.rows] == [{"id", "t", "y"}]


def test_gates(tmp_path: Path) -> None:
    """A gate fails beyond its limit; a rate of nothing is not judged."""
    gates = Gates(min_match_rate=0.5, max_orphan_rate=0.1, max_late_rate=0.0, min_settled=2)
    joined = join(
        tmp_path, [*ONE, {"id": "b", "t": 0}], [*at(1), {"id": "z", "t": 1, "label": 1}], as_of="60", gates=gates
    )
    assert {gate.gate: gate.holds for gate in joined.summary.gates} == {
        "min_match_rate": True,
        "max_orphan_rate": False,
        "max_late_rate": True,
        "min_settled": True,
    }
    assert joined.summary.failed
    nothing = join(tmp_path, [], [], gates=Gates(min_match_rate=0.5))
    assert ([gate.holds for gate in nothing.summary.gates], nothing.summary.failed) == ([None], False)


def test_a_lost_row_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts that do not add up end the run, and nothing is written."""

    def one_too_many(tally: Any, read: Any, gone: Any) -> dict[str, int]:
        read["prediction_rows"] += 1
        return counted(tally, read, gone)

    monkeypatch.setattr("datalife.labels.join.counted", one_too_many)
    with pytest.raises(AccountingError, match="prediction_rows 2 is not predictions 1"):
        join(tmp_path, ONE, at(1))
    assert not (tmp_path / "output.ndjson").exists()


def test_days_and_delays(tmp_path: Path) -> None:
    """Per day of the prediction; quantiles of the delays by linear interpolation."""
    made = [{"id": str(n), "t": n * 43_200} for n in range(4)]
    happened = [{"id": str(n), "t": n * 43_200 + n + 1, "label": n % 2} for n in range(3)]
    summary = join(tmp_path, made, happened, as_of="172000").summary
    assert [(day.day, day.predictions, day.settled, day.match_rate, day.positive_rate) for day in summary.days] == [
        ("1970-01-01", 2, 2, 1.0, 0.5),
        ("1970-01-02", 2, 2, 0.5, 0.0),
    ]
    assert summary.delay.model_dump() == pytest.approx({"p50": 2, "p90": 2.8, "p95": 2.9, "p99": 2.98, "max": 3})
    assert summary.label_counts == {"0": 2, "1": 1, "null": 1}
    assert delays([], 0).max is None


def test_conversion_is_the_kaplan_meier_curve() -> None:
    """The worked example of the remission times of 6-MP (Freireich and others, 1963), by hand."""
    months = {6: (3, 1), 7: (1, 0), 9: (0, 1), 10: (1, 1), 11: (0, 1), 13: (1, 0), 16: (1, 0), 17: (0, 1), 19: (0, 1)}
    months |= {20: (0, 1), 22: (1, 0), 23: (1, 0), 25: (0, 1), 32: (0, 2), 34: (0, 1), 35: (0, 1)}
    rows = [(month, ends, ends + losses) for month, (ends, losses) in months.items()]
    piece = pl.DataFrame(rows, schema=["delay", "happened", "gone"], orient="row")
    curve = pl.concat(kaplan_meier([piece.head(4), piece.slice(4)], 21))
    survival = {m: round(1 - share, 3) for m, share in curve.rows()}
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.69, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0.448}
    assert {m: survival[m] for m in expected} == expected


def test_the_curve_ends_at_the_match_rate(tmp_path: Path) -> None:
    """With nothing pending, the share at the end of the window is the share labeled."""
    made = [{"id": str(n), "t": 0} for n in range(5)]
    summary = join(
        tmp_path, made, [{"id": "1", "t": 2, "label": 0}, {"id": "2", "t": 9, "label": 0}], as_of="60"
    ).summary
    assert [(point.delay, point.share) for point in summary.conversion] == [("1s", 0.0), ("10s", 0.4)]
    assert summary.match_rate == 0.4


@pytest.mark.parametrize(("output", "column"), [("o.csv", "nested")])
def test_csv_cannot_hold_nested_columns(tmp_path: Path, output: str, column: str) -> None:
    """It is said before the work, and where they can go."""
    (tmp_path / "p.ndjson").write_text('{"id": "a", "t": 0, "nested": [1]}\n')
    (tmp_path / "f.ndjson").write_text('{"id": "a", "t": 1, "label": 1}\n')
    with pytest.raises(DatalifeError, match=column):
        run(tmp_path, "p.ndjson", "f.ndjson", output)


@pytest.mark.parametrize("output", ["o.xlsx", "missing/o.csv", "p.ndjson"])
def test_files_that_cannot_be_written(tmp_path: Path, output: str) -> None:
    """Unknown formats, folders that are not there and inputs are refused."""
    (tmp_path / "p.ndjson").write_text('{"id": "a", "t": 0}\n')
    (tmp_path / "f.ndjson").write_text('{"id": "a", "t": 1, "label": 1}\n')
    with pytest.raises(DatalifeError):
        run(tmp_path, "p.ndjson", "f.ndjson", output)
    assert (tmp_path / "p.ndjson").read_text() == '{"id": "a", "t": 0}\n'
