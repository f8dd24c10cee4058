"""Which shift it is: planted shifts are named, and every number is that of plain Python."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main
from datalife.drift.compare import diff
from datalife.drift.conditional import compare, raked, table
from datalife.drift.model import Diff, OutcomeShift
from datalife.drift.rows import Keyed
from datalife.drift.sides import DiffOptions
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions
from datalife.stats.profile import profile

Row = dict[str, float | str]
ROWS = 3000


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Files are written to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def customer(draw: random.Random, age: float = 0.0, turned: bool = False) -> Row:
    """A customer whose chance to stay grows with age (with youth, when `turned`); income goes along with age."""
    years = draw.gauss(age, 1)
    plan = draw.choice(["basic", "basic", "gold"])
    stays = draw.random() < 1 / (1 + 2.7 ** -(-years if turned else years))
    return {"age": years, "income": years / 2 + draw.gauss(0, 1), "plan": plan, "stays": "yes" if stays else "no"}


def mostly_staying(draw: random.Random) -> Row:
    """A customer like all others of the same label; but three in four stay."""
    wanted = "yes" if draw.random() < 0.75 else "no"
    return next(row for row in iter(lambda: customer(draw), None) if row["stays"] == wanted)


PLANTED: dict[str, Callable[[random.Random], Row]] = {
    "none": customer,
    "covariate": lambda draw: customer(draw, age=0.8),
    "prior": mostly_staying,
    "concept": lambda draw: customer(draw, turned=True),
    "covariate-and-concept": lambda draw: customer(draw, age=0.8, turned=True),
}


def written(name: str, make: Callable[[random.Random], Row], seed: int) -> str:
    """A file of customers."""
    draw = random.Random(seed)
    pl.DataFrame([make(draw) for _ in range(ROWS)]).write_parquet(name)
    return name


def label_shift(found: Diff) -> OutcomeShift:
    """The shift of the label."""
    assert found.shift is not None
    assert found.shift.label is not None
    return found.shift.label


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_planted_shift_is_named(kind, seed):
    """Exactly one thing was changed, and that is what is said, though the others move along with it."""
    sides = written("one.parquet", customer, seed), written("other.parquet", PLANTED[kind], seed + 100)
    found = diff(*sides, DiffOptions(label="stays"))
    assert label_shift(found).kind == kind
    assert found.drifted == (kind != "none")


def test_the_same_data_has_no_shift():
    """All distances are 0, and nothing needs a weight."""
    name = written("one.parquet", customer, 1)
    found = label_shift(diff(name, name, DiffOptions(label="stays")))
    assert (found.kind, found.weighted_by, found.comparable) == ("none", [], 1)
    for feature in found.features:
        for moved in (feature.p_x, feature.p_y_given_x, feature.p_x_given_y):
            assert moved is not None
            assert moved.distance == 0


def test_p_y_given_x_is_what_counting_gives():
    """Of a category: the mean over the current rows of half the sum of |p - q| within its value."""
    draw = random.Random(7)
    sides = [[(draw.choice("ab"), draw.choice("xyyy" if side else "xxy")) for _ in range(400)] for side in (0, 1)]
    for name, side in zip(("one.csv", "other.csv"), sides, strict=True):
        Path(name).write_text("f,y\n" + "\n".join(",".join(row) for row in side) + "\n")
    expected = 0.0
    for value in "ab":
        one, other = (Counter(y for f, y in side if f == value) for side in sides)
        gaps = (abs(one[y] / one.total() - other[y] / other.total()) for y in "xy")
        expected += other.total() / 400 * sum(gaps) / 2
    found = label_shift(diff("one.csv", "other.csv", DiffOptions(label="y")))
    moved = found.features[0].p_y_given_x
    assert moved is not None
    assert found.weighted_by == []
    assert moved.distance == pytest.approx(expected, abs=1e-12)


def test_the_distance_of_chance_is_rarely_above_its_floor():
    """Two samples of one source, 300 times: at most 1 in 100 above."""
    draw, above = random.Random(3), 0
    for _ in range(300):
        sides = [[[0.0, 0.0, 0.0] for _ in range(4)] for _ in range(2)]
        for side in sides:
            for _ in range(300):
                side[draw.randrange(4)][draw.choice((0, 0, 1, 2))] += 1
        found = compare(sides[0], sides[1])
        assert found is not None
        above += found.distance > found.noise_floor
    assert above <= 3


def test_cells_with_few_rows_are_left_out():
    """A cell needs thirty rows on both sides; without one there is no distance."""
    assert compare([[20, 9], [50, 50]], [[50, 50], [10, 10]]) is None
    found = compare([[20, 9], [50, 50]], [[50, 50], [60, 40]])
    assert found is not None
    assert found.distance == pytest.approx(0.1)
    assert (found.given, found.share) == (1, 0.5)


def test_weights_give_the_shares_of_the_current_rows():
    """Two columns at once, as iterative proportional fitting in plain Python gives them."""
    draw = random.Random(5)
    one = [(draw.choice((0, 0, 1)), draw.choice((0, 1, 1))) for _ in range(300)]
    other = [(draw.choice((0, 1, 1)), draw.choice((0, 0, 1))) for _ in range(200)]
    weights = [1.0] * 300
    for _ in range(60):
        for place in (0, 1):
            for cell in (0, 1):
                target = sum(row[place] == cell for row in other) / 200
                held = sum(w for w, row in zip(weights, one, strict=True) if row[place] == cell) / sum(weights)
                pairs = zip(weights, one, strict=True)
                weights = [w * target / held if row[place] == cell else w for w, row in pairs]
    frames = [pl.DataFrame(rows, schema={"c1": pl.UInt16, "c2": pl.UInt16}, orient="row") for rows in (one, other)]
    found = raked(frames[0], frames[1], ["c1", "c2"])["weight"]
    assert (found / found.sum()).to_list() == pytest.approx([w / sum(weights) for w in weights], rel=0.01)


def test_weighted_rows_count_as_many_as_they_are_worth():
    """Kish's effective size: (1 + 1 + 2)^2 / (1 + 1 + 4)."""
    frame = pl.DataFrame({"c1": [0, 0, 0], "c0": [0, 1, 1], "weight": [1.0, 1.0, 2.0]})
    counts = table(frame, ("c1", 1), ("c0", 2))
    assert counts == [pytest.approx([16 / 6 / 4, 16 / 6 * 3 / 4])]


def test_rows_without_a_label_do_not_count():
    """They may only be late: P(y) and P(y|x) are of the others."""
    written("one.parquet", customer, 1)
    late = pl.when(pl.int_range(pl.len()) % 2 == 0).then("stays")
    pl.read_parquet("one.parquet").with_columns(stays=late).write_parquet("other.parquet")
    found = label_shift(diff("one.parquet", "other.parquet", DiffOptions(label="stays")))
    assert (found.kind, found.rows.baseline, found.rows.current) == ("none", ROWS, ROWS // 2)


def test_no_label_at_all_is_unclear():
    """What the inputs did is told all the same."""
    written("one.parquet", customer, 1)
    pl.read_parquet("one.parquet").with_columns(stays=pl.lit(None, pl.String)).write_parquet("other.parquet")
    found = label_shift(diff("one.parquet", "other.parquet", DiffOptions(label="stays")))
    assert (found.kind, found.reason) == ("unclear", "no value is present in the current data")
    assert [feature.name for feature in found.features] == ["age", "income", "plan"]


def test_ids_and_dates_are_no_features():
    """They are named with the reason."""
    for name in ("one.csv", "other.csv"):
        rows = [f"id-{each},2026-01-0{each % 9 + 1},{each % 2}" for each in range(200)]
        Path(name).write_text("id,day,y\n" + "\n".join(rows) + "\n")
    found = label_shift(diff("one.csv", "other.csv", DiffOptions(label="y")))
    assert {each.name: each.reason for each in found.left_out} == {
        "id": "values hardly repeat",
        "day": "dates move on by themselves",
    }


def test_the_prediction_has_a_shift_of_its_own():
    """The label is no feature of it, nor it of the label; both come first among the columns."""
    written("one.parquet", customer, 1)
    written("other.parquet", PLANTED["concept"], 2)
    for name in ("one.parquet", "other.parquet"):
        pl.read_parquet(name).with_columns(guess=pl.col("age") > 0).write_parquet(name)
    found = diff("one.parquet", "other.parquet", DiffOptions(label="stays", prediction="guess"))
    assert found.shift is not None
    assert found.shift.prediction is not None
    assert (label_shift(found).kind, found.shift.prediction.kind) == ("concept", "none")
    assert [feature.name for feature in label_shift(found).features] == ["age", "income", "plan"]
    assert [column.name for column in found.columns[:2]] == ["stays", "guess"]


def test_a_label_that_does_not_exist_is_a_usage_error():
    """With the column that was probably meant."""
    name = written("one.parquet", customer, 1)
    with pytest.raises(UsageError) as error:
        diff(name, name, DiffOptions(label="stay"))
    assert error.value.faults[0].hint == "did you mean 'stays'?"


@pytest.mark.parametrize("outcome", ["label", "prediction"])
@pytest.mark.parametrize(
    ("flag", "options"),
    [
        ("--key", DiffOptions(keyed=Keyed(("stays", "age")))),
        ("--block", DiffOptions(block="stays")),
        ("--exclude", DiffOptions(ReadOptions(exclude=("stays",)))),
        ("--ignore", DiffOptions(ignore=("stays",))),
    ],
)
def test_a_label_is_not_what_another_option_takes_away(outcome, flag, options):
    """Rows are matched by it, or it is left out: then there is nothing to compare."""
    name = written("one.parquet", customer, 1)
    with pytest.raises(UsageError, match=f"'stays' is compared, so it cannot be in {flag} too") as error:
        diff(name, name, replace(options, **{outcome: "stays"}))
    assert error.value.faults[0].where == f"--{outcome}"


def test_a_label_is_read_whatever_columns_are_chosen():
    """`--columns` names the features; the keys, the label and what they are called now come along."""
    sides = written("one.parquet", customer, 1), written("other.parquet", PLANTED["concept"], 2)
    pl.read_parquet(sides[1]).rename({"stays": "stayed"}).write_parquet(sides[1])
    reading = ReadOptions(columns=("age",))
    found = label_shift(diff(*sides, DiffOptions(reading, label="stays", renamed=("stays=stayed",))))
    assert (found.kind, [feature.name for feature in found.features]) == ("concept", ["age"])


def test_renamed_columns_have_their_part_in_the_shift():
    """A label and a feature of new names give the numbers of the old names."""
    sides = written("one.parquet", customer, 1), written("other.parquet", PLANTED["concept"], 2)
    plain = label_shift(diff(*sides, DiffOptions(label="stays")))
    pl.read_parquet(sides[1]).rename({"stays": "stayed", "age": "years"}).write_parquet(sides[1])
    renamed = diff(*sides, DiffOptions(label="stays", renamed=("stays=stayed", "age=years")))
    assert label_shift(renamed) == plain


def test_a_profile_holds_no_rows_for_it():
    """P(y|x) needs both in one row."""
    name = written("one.parquet", customer, 1)
    stored = profile([name]).model_dump_json(exclude_unset=True).replace('"kind":"', '"kind": "', 1)
    Path("one.json").write_text(stored)
    with pytest.raises(UsageError, match="holds no rows"):
        diff("one.json", name, DiffOptions(label="stays"))


def test_a_table_of_the_shift(capsys, snapshot):
    """Its name, why, and three distances of each feature with their chance."""
    sides = written("one.parquet", customer, 1), written("other.parquet", PLANTED["concept"], 101)
    assert main(["diff", *sides, "--label", "stays"]) == 1
    assert capsys.readouterr().out == snapshot
    assert main(["diff", *sides, "--label", "stays", "-f", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["shift"]["label"]["kind"] == "concept"
