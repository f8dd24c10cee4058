"""The profile of a dataset, against independent counts."""

import base64
import datetime as dt
import json
import math
import statistics
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife import engine
from datalife.errors import SchemaError
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.model import Profile
from datalife.stats.profile import profile, profile_of, summarize
from datalife.stats.request import Request
from datalife.stats.scan import scan
from tests.frames import close, column, dataset, keys, summary


def told(found: Profile) -> dict[str, Any]:
    """A profile as JSON without the states, whose power sums cancel differently in another order of adding."""
    document: dict[str, Any] = _without_states(keys(found))
    return document


def _without_states(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_states(each) for key, each in value.items() if key != "state"}
    return [_without_states(each) for each in value] if isinstance(value, list) else value


def test_numbers() -> None:
    """Every statistic of a small column, worked out by hand."""
    found = column([4, 0, None, -2, 4]).model_dump(exclude_unset=True)
    expected = {
        "type": "integer",
        "count": 4,
        "null_count": 1,
        "null_fraction": 0.2,
        "distinct_count": 3,
        "distinct_exact": True,
        "min": -2,
        "max": 4,
        "mean": 1.5,
        "median": 2.0,
        "sum": 6,
        "zero_count": 1,
        "negative_count": 1,
        "nan_count": 0,
        "inf_count": 0,
        "top_values": [{"value": 4, "count": 2}, {"value": -2, "count": 1}, {"value": 0, "count": 1}],
    }
    assert {key: found[key] for key in expected} == expected
    assert found["std"] == pytest.approx(3.0)
    assert found["histogram"]["edges"][0] == -2
    assert found["histogram"]["edges"][-1] == 4
    assert found["histogram"]["counts"] == [1, 0, 0, 1, 0, 0, 0, 0, 0, 2]


def test_nan_and_infinities_are_counted_apart() -> None:
    """NaN and infinities are values present, and enter no mean, extreme or quantile."""
    found = column([1.0, math.nan, math.inf, -math.inf, None, 3.0])
    assert (found.count, found.null_count, found.nan_count, found.inf_count, found.finite_count) == (5, 1, 1, 2, 2)
    assert (found.min, found.max, found.mean, found.sum, found.median) == (1.0, 3.0, 2.0, 4.0, 2.0)
    assert found.negative_count == 1
    assert [each.value for each in found.top_values or []] == ["-inf", 1.0, 3.0, "inf", "NaN"]


def test_text() -> None:
    """Lengths in characters, empty and blank texts."""
    found = column(["é", "", "  ", None, "abc", "é"])
    assert (found.min_length, found.max_length, found.mean_length) == (0, 3, 1.4)
    assert (found.empty_count, found.blank_count, found.invalid_utf8_count) == (1, 1, 0)
    assert found.distinct_count == 4
    assert found.min is None


def test_times() -> None:
    """Dates, datetimes and times have extremes, means and quantiles in ISO 8601."""
    found = column([dt.date(2024, 1, 1), dt.date(2024, 1, 4), None])
    assert (found.min, found.max, found.mean) == ("2024-01-01", "2024-01-04", "2024-01-02T12:00:00")
    assert (found.quantiles or {})["0.5"] == "2024-01-02T12:00:00"
    assert found.sum is None
    zoned = column([dt.datetime(2024, 1, 1, 12, 0, 0, 500000, tzinfo=dt.UTC)])
    assert zoned.min == "2024-01-01T12:00:00.5Z"
    assert column([dt.time(1, 2, 3)]).max == "01:02:03"
    assert column([dt.timedelta(hours=1)]).mean == 3600.0


def test_nested() -> None:
    """Items of lists are pooled, fields of structs are columns of their own."""
    lists = column([[1, 2], [], None, [2]])
    assert (lists.min_items, lists.max_items, lists.mean_items, lists.total_items) == (0, 2, 1.0, 3)
    assert lists.items is not None
    assert (lists.items.count, lists.items.mean, lists.distinct_count) == (3, 5 / 3, 2)
    structs = column([{"a": 1, "^.*$": "x"}, {"a": None, "^.*$": "y"}, None])
    assert [(field.name, field.count, field.null_count) for field in structs.fields or []] == [
        ("x.a", 1, 2),
        ("x.^.*$", 2, 1),
    ]


def test_no_rows_and_no_values() -> None:
    """What does not exist is null, and nothing divides by zero."""
    empty = column([], pl.Float64())
    assert (empty.count, empty.null_fraction, empty.mean, empty.std, empty.min, empty.histogram) == (0, *[None] * 5)
    missing = column([None, None])
    assert (missing.type, missing.count, missing.null_fraction) == ("null", 0, 1.0)
    one = column([5])
    assert (one.std, one.skewness, one.histogram.counts if one.histogram else None) == (None, None, [1])


def test_sums_do_not_overflow() -> None:
    """Five times the largest 64-bit integer has the exact sum."""
    found = column([2**63 - 1] * 5)
    assert (found.sum, found.max) == (5 * (2**63 - 1), 2**63 - 1)
    assert found.mean == pytest.approx(2.0**63)


def test_variance_at_a_large_offset() -> None:
    """A shift of all values by 1e9 leaves the variance at exactly 30."""
    found = column([1e9 + each for each in (4.0, 7.0, 13.0, 16.0)])
    assert found.std is not None
    assert found.std**2 == 30.0


numbers = st.lists(
    st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3))),
    min_size=1,
    max_size=60,
)


@given(numbers)
@settings(max_examples=150)
def test_against_pandas_and_scipy(values: list[float | None]) -> None:
    """Moments and quantiles are those of pandas and scipy."""
    found = column(values, pl.Float64())
    series = pd.Series([value for value in values if value is not None], dtype=float)
    assert found.count == len(series)
    if series.empty:
        assert found.mean is None
        return
    assert found.mean == pytest.approx(series.mean(), rel=1e-9, abs=1e-9)
    assert found.sum == pytest.approx(math.fsum(series), rel=1e-9, abs=1e-6)
    assert found.distinct_count == series.nunique()
    for level, value in (found.quantiles or {}).items():
        assert value == pytest.approx(series.quantile(float(level)), rel=1e-9, abs=1e-9)
    if len(series) > 1:
        assert found.std == pytest.approx(statistics.stdev(series), rel=1e-7, abs=1e-7)
    if series.nunique() > 1 and series.std() > 1e-3 * series.abs().max():
        assert found.skewness == pytest.approx(scipy.stats.skew(series), rel=1e-6, abs=1e-6)
        assert found.kurtosis == pytest.approx(scipy.stats.kurtosis(series), rel=1e-6, abs=1e-6)
    assert sum(found.histogram.counts if found.histogram else []) == len(series)


cells = {
    "i": st.one_of(st.none(), st.integers(-1000, 1000)),
    "f": st.one_of(st.none(), st.sampled_from([0.0, 1.5, -2.25, math.nan, math.inf])),
    "s": st.one_of(st.none(), st.sampled_from(["", " a", "b", "É"])),
    "b": st.one_of(st.none(), st.booleans()),
    "d": st.one_of(st.none(), st.dates(dt.date(1960, 1, 1), dt.date(2040, 1, 1))),
    "l": st.one_of(st.none(), st.lists(st.integers(0, 3), max_size=3)),
}
SCHEMA = {"i": pl.Int64, "f": pl.Float64, "s": pl.String, "b": pl.Boolean, "d": pl.Date, "l": pl.List(pl.Int64)}
tables = st.lists(st.fixed_dictionaries(cells), max_size=12).map(lambda rows: pl.DataFrame(rows, schema=SCHEMA))


@given(st.lists(tables, min_size=1, max_size=7), st.integers(2, 4))
@settings(max_examples=60)
def test_splitting_the_rows_changes_nothing(shards: list[pl.DataFrame], width: int) -> None:
    """However the rows are split into shards and many are merged at once, the profile is that of one pass."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "WIDTH", width)
        found = summary(*shards)
    assert close(told(profile_of(found)), told(profile_of(summary(pl.concat(shards)))))


@pytest.mark.parametrize(
    "asked",
    [
        Request(),
        Request(exact=True),
        Request(by=("zone",)),
        Request(weight="fare"),
        Request(label="paid", correlations=True),
        Request(label="paid", group=("zone",), cross=("zone", "paid")),
    ],
)
def test_one_shard_more_than_are_merged_at_once(asked: Request) -> None:
    """A state that was merged goes together with one that was not, whatever was asked."""
    rows = range(5 * (engine.WIDTH + 1))
    frame = pl.DataFrame(
        {
            "fare": [each % 7 + 0.5 for each in rows],
            "zone": [f"z{each % 3}" for each in rows],
            "paid": [each % 2 == 0 for each in rows],
            "day": [dt.date(2026, 1, 1 + each % 9) for each in rows],
        }
    )
    shards = [frame.slice(5 * place, 5) for place in range(engine.WIDTH + 1)]
    many, whole = (profile_of(scan(dataset(*frames), asked), asked) for frames in (shards, [frame]))
    assert close(told(many), told(whole))


def test_a_state_has_the_values_of_what_is_counted_alone() -> None:
    """Most frequent first, times in UTC; of lists and of what has no value nothing is kept."""
    noon = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    columns = {"number": [2, 1, 2], "list": [[1], [2], None], "nothing": [None] * 3, "time": [noon, None, None]}
    frame = pl.DataFrame(columns).with_columns(pl.col("time").dt.convert_time_zone("Europe/Paris"))
    states = {each["name"]: each["state"] for each in keys(profile_of(summary(frame)))["columns"]}
    kept = {name: state["frequencies"] for name, state in states.items() if "frequencies" in state}
    assert kept == {"number": [(2, 2), (1, 1)], "time": [("2026-01-01T12:00:00Z", 1)]}


@given(tables, tables, tables)
@settings(max_examples=40)
def test_merging_is_associative_and_goes_through_files(
    one: pl.DataFrame, two: pl.DataFrame, three: pl.DataFrame
) -> None:
    """Merged summaries are those of all rows, in any grouping, also after a round trip through JSON."""
    a, b, c = (summary(frame) for frame in (one, two, three))
    whole = told(profile_of(summary(pl.concat([one, two, three]))))
    assert close(told(profile_of(a.merge(b).merge(c))), whole)
    assert close(told(profile_of(a.merge(b.merge(c)))), whole)


@given(tables)
@settings(max_examples=40)
def test_a_saved_profile_is_the_profile(tmp_path_factory: pytest.TempPathFactory, table: pl.DataFrame) -> None:
    """Writing a profile and reading it back changes nothing."""
    first = keys(profile_of(summary(table)))
    path = tmp_path_factory.mktemp("saved") / "p.json"
    path.write_text(json.dumps(first))
    assert close(told(profile([str(path)])), told(Profile.model_validate(first)))


def test_the_mean_of_integers_is_exact() -> None:
    """Large ones that cancel out leave the small ones, however the rows are divided."""
    huge = 999_999_999_999_999_999
    assert column([1, -5, 0, huge, -huge, 7, 7]).mean == 10 / 7


INSTANTS = [dt.datetime(1900, 1, 1), dt.datetime(2026, 7, 1), None]
LISBON = pl.Series("x", INSTANTS, pl.Datetime("us")).dt.replace_time_zone("Europe/Lisbon")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(LISBON, id="a zone whose offset was no whole minute"),
        pytest.param(LISBON.dt.cast_time_unit("ns").dt.convert_time_zone("Asia/Tokyo"), id="nanoseconds"),
        pytest.param(pl.Series("x", [1e308, -1e308, 1.0]), id="squares beyond all floats"),
        pytest.param(pl.Series("x", [1.7e308, 1.7e308]), id="a sum beyond all floats"),
        pytest.param(pl.Series("x", [math.inf, math.nan, None]), id="nothing finite"),
    ],
)
def test_what_json_has_no_number_for_is_saved(tmp_path: Path, values: pl.Series) -> None:
    """Instants keep their zone, and what is beyond all floats stays so, also when it is merged."""
    path, saved = str(tmp_path / "t.parquet"), tmp_path / "p.json"
    values.to_frame().write_parquet(path)
    saved.write_text(json.dumps(keys(profile([path]))))
    assert told(profile([str(saved)])) == told(profile([path]))
    other = tmp_path / "other.parquet"
    values.head(1).to_frame().write_parquet(other)
    merged, both = (told(profile([one, str(other)])) for one in (str(saved), path))
    assert merged["columns"] == both["columns"]


def test_saved_profiles_merge_with_data(tmp_path: Path) -> None:
    """A saved profile stands for its rows beside data files."""
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "b.csv").write_text("x,y\n2.5,a\n")
    (tmp_path / "a.json").write_text(json.dumps(keys(profile([str(tmp_path / "a.csv")]))))
    merged = profile([str(tmp_path / "a.json"), str(tmp_path / "b.csv")])
    both = profile([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    assert [(each.name, each.type, each.mean, each.count) for each in merged.columns] == [
        (each.name, each.type, each.mean, each.count) for each in both.columns
    ]
    assert merged.rows == 3


def test_profiles_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Text and numbers under one name do not merge."""
    for name, text in (("a", "x\n1\n"), ("b", "x\nword\n")):
        (tmp_path / f"{name}.csv").write_text(text)
        (tmp_path / f"{name}.json").write_text(json.dumps(keys(profile([str(tmp_path / f"{name}.csv")]))))
    with pytest.raises(SchemaError, match="'x' is"):
        profile([str(tmp_path / "a.json"), str(tmp_path / "b.json")])


def test_a_damaged_profile_is_refused(tmp_path: Path) -> None:
    """A file that says it is a profile and is not is an error that names it."""
    path = tmp_path / "p.json"
    path.write_text('{"kind": "profile", "version": 1, "rows": "many"}')
    with pytest.raises(SchemaError, match=r"p\.json"):
        profile([str(path)])


@pytest.mark.parametrize(
    "damage",
    [
        {"registers": "!!!"},
        {"registers": None},
        {"registers": base64.b64encode(zlib.compress(b"short")).decode()},
        {"frequencies": [[1, 2]]},
        {"analyzers": {}},
        {"analyzers": {"presence": {"rows": 3}, "lengths": {}}},
        {"analyzers": {"presence": {"rows": None, "missing": 0}, "lengths": {}}},
        {"analyzers": {"presence": {"rows": [], "missing": 0}, "lengths": {}}},
    ],
)
def test_a_damaged_state_is_refused(damage: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is that cannot be: the file and the column are named."""
    monkeypatch.setattr("datalife.stats.saved.KEPT", 2)
    document = keys(profile_of(summary(pl.DataFrame({"x": ["a", "b", "c"]}))))
    assert document["columns"][0]["state"]["registers"]
    document["columns"][0]["state"] |= damage
    path = tmp_path / "p.json"
    path.write_text(json.dumps(document))
    with pytest.raises(SchemaError, match=r"p\.json: the state of column 'x' is damaged: "):
        profile([str(path)])


def test_many_values_are_sketched_within_the_stated_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the size that is kept, quantiles are within 0.2 % of rank and distinct counts within 2 %."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 5000)
    frame = pl.DataFrame({"x": pl.int_range(100_000, eager=True).shuffle(seed=1)})
    found = profile_of(summary(*frame.iter_slices(9000))).columns[0]
    assert (found.distinct_exact, found.quantiles_exact) == (False, False)
    assert found.distinct_count == pytest.approx(100_000, rel=0.02)
    for level, value in (found.quantiles or {}).items():
        assert value == pytest.approx(float(level) * 99_999, abs=200)
    assert (found.min, found.max, found.mean) == (0, 99_999, 49_999.5)
    assert sum(found.histogram.counts if found.histogram else []) == pytest.approx(100_000)


def test_frequent_values_survive_the_sketch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that makes up a share of the rows keeps its count among ever so many others."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 5000)
    values = pl.Series(["often"] * 2000 + [f"v{each}" for each in range(20_000)]).sample(
        fraction=1, shuffle=True, seed=2
    )
    found = profile_of(summary(*pl.DataFrame({"x": values}).iter_slices(7000))).columns[0]
    leader = (found.top_values or [])[0]
    assert (leader.value, leader.count) == ("often", 2000)


def test_the_row_filter_counts_only_what_it_keeps(tmp_path: Path) -> None:
    """With a filter the profile has the rows that pass."""
    path = tmp_path / "t.csv"
    path.write_text("x\n1\n2\n3\n")
    found = profile_of(summarize(open_dataset([str(path)], ReadOptions(where="x > 1"))))
    assert (found.rows, found.columns[0].min) == (2, 2)


def test_huge_values_overflow_to_null() -> None:
    """A moment beyond what a float holds does not exist; it is no crash."""
    found = column([0.0, 1.0e200])
    assert (found.kurtosis, found.max) == (None, 1.0e200)


def test_a_wrong_guess_of_a_type_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that looks like integers, or empty, in the first block gets the type that all its values fit."""
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "1,,1\n" * 500 + "oops,2.5,1\n")
    whole = profile([str(path)])
    monkeypatch.setattr("datalife.sources.delimited.BLOCK", 1000)
    cut = profile([str(path)])
    assert [(each.name, each.type, each.count) for each in cut.columns] == [
        ("a", "string", 501),
        ("b", "float", 1),
        ("c", "integer", 501),
    ]
    assert told(cut) == told(whole)


def test_exact_estimates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When asked to, every value is kept, however many there are."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 100)
    frame = pl.DataFrame({"x": pl.int_range(3001, eager=True).shuffle(seed=1)})
    found = profile_of(scan(dataset(*frame.iter_slices(700)), Request(exact=True))).columns[0]
    assert (found.distinct_exact, found.quantiles_exact, found.distinct_count) == (True, True, 3001)
    assert (found.quantiles or {})["0.25"] == 750.0
