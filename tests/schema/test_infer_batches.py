"""What several batches, the order of rows and combinations of columns teach; limits of drift; explanations."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from datalife.errors import UsageError
from datalife.schema.infer import infer_schema
from datalife.schema.inference.bounds import reach
from datalife.schema.inference.model import InferOptions
from datalife.schema.lint import read_schema
from datalife.schema.validate import ValidateOptions, validate
from datalife.sources.dataset import open_dataset
from tests.frames import profiled


def written(folder, *frames):
    """Files with these columns, one a frame."""
    paths = []
    for place, columns in enumerate(frames):
        paths.append(str(folder / f"{place}.parquet"))
        pl.DataFrame(columns).write_parquet(paths[-1])
    return paths


def of_batches(folder, *frames, **options):
    """The schema that batches suggest, as plain data, and its evidence."""
    schema = infer_schema(written(folder, *frames), InferOptions(batches=True, **options))
    return schema.model_dump(exclude_unset=True), schema.evidence


def test_rows_reach_as_far_as_those_of_the_batches(tmp_path):
    """Mean 100, standard deviation 10, and the mean of three is uncertain too: 3 * 10 * sqrt(4/3) = 34.6."""
    schema, evidence = of_batches(tmp_path, *({"a": [1] * rows} for rows in (90, 100, 110)))
    assert schema["dataset"] == {"rows": {"min": 65, "max": 135}}
    assert evidence["dataset", "rows"] == "90 to 110 rows in 3 batches"


def test_a_column_that_a_batch_lacks_is_not_required(tmp_path):
    """And its values are not missing in that batch."""
    schema, evidence = of_batches(tmp_path, {"a": [1, 2], "b": [1, 2]}, {"a": [3, 4]}, drift=False)
    assert schema["columns"]["b"] == {"type": "integer", "required": False}
    assert evidence["columns", "b", "required"] == "in 1 of 2 batches"


def test_missing_shares_vary_between_batches(tmp_path):
    """1 % here and 9 % there: the next batch may have more than chance adds to the 5 % of both together."""
    batches = [{"a": [None] * missing + [1.5] * (1000 - missing)} for missing in (10, 90)]
    together = infer_schema(written(tmp_path, *batches), InferOptions())
    apart, evidence = of_batches(tmp_path, *batches, drift=False)
    assert together.columns["a"].max_null_fraction == pytest.approx(0.072, abs=0.005)
    assert apart["columns"]["a"]["max_null_fraction"] == pytest.approx(0.26, abs=0.01)
    assert evidence["columns", "a", "max_null_fraction"] == "1 % to 9 % missing in 2 batches"


def test_values_of_one_batch_alone_open_a_domain(tmp_path):
    """Where each batch brings some values that no other has, the next one will."""
    names = ["x"] * 500 + ["y"] * 490
    batches = [{"a": [*names, *[f"only {place}"] * 10]} for place in range(3)]
    assert infer_schema(written(tmp_path, *batches)).columns["a"].min_domain_fraction == 0.998
    schema, evidence = of_batches(tmp_path, *batches, drift=False)
    assert schema["columns"]["a"]["min_domain_fraction"] == 0.99
    assert evidence["columns", "a", "min_domain_fraction"].startswith("up to 1 % of the values of a batch")


def test_a_name_of_the_batch_is_no_category(tmp_path):
    """A day that is one value in each batch is another one in the next."""
    schema, _ = of_batches(tmp_path, *({"day": [f"day {place}"] * 50} for place in range(4)), drift=False)
    assert "domain" not in schema["columns"]["day"]


def test_extremes_vary_between_batches(tmp_path):
    """The largest of a batch was 100 and 200; together they hide that."""
    batches = [{"a": [*range(top - 20, top), *[top] * 20]} for top in (100, 200)]
    schema, _ = of_batches(tmp_path, *batches, drift=False)
    assert schema["columns"]["a"]["max"] >= 400


def test_one_file_is_no_batches(tmp_path):
    """A flag that cannot do what it says is refused."""
    with pytest.raises(UsageError, match="one batch"):
        of_batches(tmp_path, {"a": [1]})


def test_limits_of_drift_lie_above_chance_and_above_what_was_seen(tmp_path):
    """A small batch moves by chance; diff's own limit is the least."""
    few, many = ({"a": ["x", "y", "z"] * size, "id": list(range(3 * size))} for size in (20, 5000))
    found = [infer_schema(written(tmp_path, each), InferOptions(drift=True)).columns["a"].limits("drift")[0]
             for each in (few, many)]  # fmt: skip
    assert [each.metric for each in found] == ["l_infinity"] * 2
    assert found[0].max > 0.2
    assert found[1].max == 0.05
    schema, evidence = of_batches(tmp_path, *({"a": ["x"] * size + ["y"] * (1000 - size)} for size in (500, 700)))
    assert schema["columns"]["a"]["drift"]["max"] == pytest.approx(0.2, abs=0.001)
    assert evidence["columns", "a", "drift"].endswith("batches differ by up to 0.2")


def test_no_limit_of_drift_without_asking(tmp_path):
    """One batch says nothing of the next; --drift asks for limits of chance."""
    assert infer_schema(written(tmp_path, {"a": ["x", "y"] * 50})).columns["a"].drift is None


def hours(days, places):
    """A row for each hour of some days at each place."""
    times = [datetime(2026, 1, 1 + day, hour) for day in range(days) for hour in range(24)]
    return {"at": [time for time in times for _ in places], "place": list(places) * len(times)}


def test_columns_that_identify_a_row_together(tmp_path):
    """The fewest; that they never repeat is no luck: 720 of 258,840 pairs of rows share a time, and a third a place."""
    table = hours(10, ["a", "b", "c"])
    schema = infer_schema(written(tmp_path, table | {"value": [1.5] * len(table["at"])}))
    assert schema.dataset.unique == [["at", "place"]]
    told = schema.evidence["dataset", "unique"]
    assert told == "no combination twice; by chance alone about 239 would be"


@pytest.mark.parametrize("change", ["a key alone", "repeats", "too few"])
def test_no_key_of_several_columns(tmp_path, change):
    """Where one column is a key already, where a combination repeats, and where it would be luck."""
    table = hours(1 if change == "too few" else 10, ["a"] if change == "too few" else ["a", "b", "c"])
    rows = len(table["at"])
    if change == "a key alone":
        table["id"] = list(range(rows))
    if change == "repeats":
        table = {name: [*values, values[0]] for name, values in table.items()}
    assert infer_schema(written(tmp_path, table)).dataset.unique == []


def test_a_column_that_may_be_a_key_alone_makes_no_key_with_others(tmp_path, monkeypatch):
    """Its values are too many to compare all; together with it any column would never repeat."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 100)
    table = {"trip_id": [f"{number:x}" for number in range(5_000)], "payment": ["cash", "card"] * 2_500}
    assert infer_schema(written(tmp_path, table)).dataset.unique == []


def test_a_combination_that_repeats_far_apart_is_no_key(tmp_path, monkeypatch):
    """All pieces of the data are compared with each other, whether their hashes fit into memory or not."""
    monkeypatch.setattr("datalife.schema.inference.rows.FIRST_ROWS", 10)
    monkeypatch.setattr("datalife.schema.keys.SPILL", 100)
    monkeypatch.setattr("datalife.sources.columnar.CELLS", 0)
    monkeypatch.setattr("datalife.sources.columnar.FEWEST", 50)
    table = hours(10, ["a", "b", "c"])
    assert infer_schema(written(tmp_path, table)).dataset.unique == [["at", "place"]]
    again = {name: [*values, values[0]] for name, values in table.items()}
    assert infer_schema(written(tmp_path, again)).dataset.unique == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1, 1, None, 2, 3, 4], True),
        ([1, 2, 3, 4, 3, 4], False),
        ([1, 3, 2, 4, 5, 6], False),
        ([None] * 5 + [1, 2], True),
    ],
)
def test_order_holds_within_pieces_and_between_them(tmp_path, monkeypatch, days, expected):
    """A time may come again but not go back; missing ones, and pieces of nothing else, break no order."""
    monkeypatch.setattr("datalife.sources.columnar.CELLS", 0)
    monkeypatch.setattr("datalife.sources.columnar.FEWEST", 2)
    times = [None if day is None else date(2026, 1, day) for day in days]
    remarks = infer_schema(written(tmp_path, {"at": times})).remarks.get(("columns", "at"), [])
    assert any("in its order" in each for each in remarks) is expected


def test_a_wrong_guess_of_a_type_is_made_good(tmp_path, monkeypatch):
    """A column of times whose first rows look like integers is text, and so without order."""
    monkeypatch.setattr("datalife.sources.delimited.BLOCK", 1000)
    path = tmp_path / "t.csv"
    path.write_text("a,at\n" + "1,2026-01-01\n" * 500 + "oops,never\n")
    schema = infer_schema([str(path)])
    assert [schema.columns[name].type for name in ("a", "at")] == ["string", "string"]


def test_times_that_never_go_back_are_told_and_held_to_their_age(tmp_path):
    """Only where a clock is stated: old data would break the rule from the start."""
    paths = written(tmp_path, {"at": [date(2026, 1, day) for day in range(1, 11)]})
    schema = infer_schema(paths)
    assert schema.remarks["columns", "at"] == ["the rows are in its order: --now TIME bounds how old it may be"]
    now = datetime(2026, 1, 12, tzinfo=UTC)
    schema = infer_schema(paths, InferOptions(now=now))
    assert schema.dataset.freshness.max_age == "9d"
    assert schema.evidence["dataset", "freshness"] == "2.0 days old, 9.0 days from the first to the last"
    report = validate(open_dataset(paths), read_schema(schema.text, "x"), ValidateOptions(now=now))
    assert report.anomalies == []


def test_an_explanation_has_the_evidence_of_the_schema_and_what_is_not_there():
    """The same words, and a reason for each rule that the type could have had."""
    schema = infer_schema(profiled({"fare": [float(number) for number in range(1, 101)]}))
    assert schema.explain("fare").text == (
        "fare:\n"
        "  type: float  # 100 values, none missing\n"
        "  min: 0  # 1 to 100 seen\n"
        "  max: 140\n"
        "  # no unique: all distinct, but neither name nor values look like those of a key\n"
        "  # no max_null_fraction: none of 100 rows is missing, so none may be\n"
    )


def test_every_column_can_be_explained():
    """Each rule that is there and none that is not."""
    texts = {"a": ["x", "y"] * 30, "b": [f"{number} words" for number in range(60)], "c": [None] * 60}
    schema = infer_schema(profiled(texts))
    for name, rules in schema.model_dump(exclude_unset=True)["columns"].items():
        found = schema.explain(name)
        assert {each.key: each.value for each in found.rules} == rules
        assert not {each.key for each in found.without} & set(rules)
    with pytest.raises(UsageError, match="no column 'd'"):
        schema.explain("d")


def test_a_column_of_space_is_told_once_for_all():
    """Fourteen columns of one habit are one remark."""
    schema = infer_schema(profiled({"a": [" x", " y"] * 30, "b": [" 1", " 2"] * 30}))
    assert schema.remarks[()][-1] == "In 2 columns every value has space around it, which belongs to the value here."
    assert schema.columns["b"].domain is None


def test_how_far_another_batch_may_reach():
    """One value reaches nowhere; of two, three deviations of a difference; never inside of what was seen."""
    assert reach([5.0]) == (5.0, 5.0)
    assert reach([0.0, 1.0]) == pytest.approx((0.5 - 3 * (0.5 * 1.5) ** 0.5, 0.5 + 3 * (0.5 * 1.5) ** 0.5))
    assert reach([1.0, 1.0, 1.0]) == (1.0, 1.0)
