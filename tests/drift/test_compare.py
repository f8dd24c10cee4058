"""The verb `diff`: files and saved profiles, chosen columns, and what ends it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from datalife.drift.compare import diff
from datalife.drift.model import Diff
from datalife.drift.rows import Keyed
from datalife.drift.sides import DiffOptions
from datalife.errors import SourceError, UsageError
from datalife.sources.model import ReadOptions
from datalife.stats.profile import profile

HEADER = "id,fare,payment\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Two weeks of trips: in the second all fares are higher by five, and a new way to pay appears."""
    monkeypatch.chdir(tmp_path)
    random.seed(20260105)
    for name, extra, ways in (("first.csv", 0, "Cash Card"), ("second.csv", 5, "Cash Card App")):
        rows = [f"{each},{random.random() * 20 + extra:.2f},{random.choice(ways.split())}" for each in range(500)]
        Path(name).write_text(HEADER + "\n".join(rows) + "\n")


def statuses(found: Diff) -> dict[str, str]:
    """The status of every column."""
    return {column.name: column.status for column in found.columns}


def test_what_moved_is_found():
    """The fares and the payments, not the ids."""
    found = diff("first.csv", "second.csv")
    assert statuses(found) == {"id": "stable", "fare": "drifted", "payment": "drifted"}
    assert found.drifted
    assert found.rows is not None
    assert (found.rows.baseline, found.rows.current) == (500, 500)
    assert found.columns[2].new_values[0].value == "App"


def test_data_does_not_differ_from_itself():
    """No change, no distance, nothing new."""
    found = diff("first.csv", "first.csv", DiffOptions(keyed=Keyed(("id",))))
    assert not found.drifted
    assert found.schema_changes == []
    assert all(set(column.distances.values()) == {0} and not column.new_values for column in found.columns)


def test_a_saved_profile_stands_for_its_data(tmp_path):
    """The same document, distances and all."""
    for name in ("first", "second"):
        Path(f"{name}.json").write_text(
            profile([f"{name}.csv"]).model_dump_json(exclude_unset=True).replace('"kind":"', '"kind": "', 1)
        )
    assert diff("first.json", "second.json") == diff("first.csv", "second.csv")


def test_splitting_the_data_changes_nothing(tmp_path):
    """One side as three files."""
    lines = Path("first.csv").read_text().splitlines()[1:]
    for name, part in (("a.csv", lines[:7]), ("b.csv", lines[7:300]), ("c.csv", lines[300:])):
        Path(name).write_text(HEADER + "\n".join(part) + "\n")
    assert diff(["a.csv", "b.csv", "c.csv"], "second.csv") == diff("first.csv", "second.csv")


def test_only_chosen_columns_are_compared():
    """Named, or not excluded."""
    assert list(statuses(diff("first.csv", "second.csv", reading(columns=("fare",))))) == ["fare"]
    assert list(statuses(diff("first.csv", "second.csv", reading(exclude=("fare",))))) == ["id", "payment"]


def reading(**options: tuple[str, ...]) -> DiffOptions:
    """Default options but for how data is read."""
    return DiffOptions(reading=ReadOptions(**options))  # type: ignore[arg-type]


def test_a_column_that_one_side_lacks_may_be_chosen():
    """That it is gone is the finding."""
    Path("without.csv").write_text("id,payment\n1,Cash\n")
    found = diff("first.csv", "without.csv", reading(columns=("fare",)))
    assert [(each.change, each.column) for each in found.schema_changes] == [("column-removed", "fare")]
    assert found.drifted


def test_an_unknown_column_is_a_usage_error():
    """Neither side has it."""
    with pytest.raises(UsageError) as error:
        diff("first.csv", "second.csv", reading(columns=("fares",)))
    assert error.value.faults[0].hint == "did you mean 'fare'?"


def test_the_key_is_kept_and_not_judged():
    """Ids move on from batch to batch; and --columns need not name them."""
    found = diff("first.csv", "second.csv", DiffOptions(ReadOptions(columns=("fare",)), keyed=Keyed(("id",))))
    assert list(statuses(found)) == ["fare"]
    assert found.rows_compared is not None
    assert found.rows_compared.matched == 500
    assert [column.name for column in found.rows_compared.columns] == ["fare"]


def test_rows_that_differ_are_written(tmp_path):
    """As many lines as cells that changed."""
    keyed = Keyed(("id",), rows_output=str(tmp_path / "rows.csv"))
    found = diff("first.csv", "second.csv", DiffOptions(keyed=keyed))
    assert found.rows_compared is not None
    cells = sum(column.changed for column in found.rows_compared.columns)
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == cells + 1


def test_a_side_without_rows_is_not_stable():
    """Nothing is no proof that nothing changed."""
    Path("empty.csv").write_text(HEADER)
    assert diff("first.csv", "empty.csv").drifted
    assert diff("empty.csv", "empty.csv").drifted


def test_a_profile_has_no_rows_to_compare(tmp_path):
    """--key needs data."""
    Path("first.json").write_text('{"kind": "profile", "version": 1, "rows": 0}')
    with pytest.raises(UsageError, match="holds no rows"):
        diff("first.json", "second.csv", DiffOptions(keyed=Keyed(("id",))))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (DiffOptions(metric="wassertein"), "no distance 'wassertein'"),
        (DiffOptions(threshold=-1), "0 or more"),
        (DiffOptions(threshold=float("nan")), "0 or more"),
    ],
)
def test_options_without_sense_are_usage_errors(options, message):
    """Before anything is read."""
    with pytest.raises(UsageError, match=message):
        diff("nowhere.csv", "nowhere.csv", options)


def test_data_that_cannot_be_read_is_a_source_error():
    """The missing file is named."""
    with pytest.raises(SourceError, match="nowhere"):
        diff("first.csv", "nowhere.csv")


def test_ignored_columns_and_changes_do_not_count():
    """A column is as if it were not there; a kind of change is not told."""
    Path("second.csv").write_text(Path("first.csv").read_text().replace("payment", "paid_by"))
    found = diff("first.csv", "second.csv", DiffOptions(ignore=("payment", "column-added")))
    assert found.schema_changes == []
    assert not found.drifted
    with pytest.raises(UsageError, match="neither a column nor a kind of change"):
        diff("first.csv", "second.csv", DiffOptions(ignore=("pay",)))


def test_any_change_of_shape_may_fail():
    """A new column breaks no reader; with fail_on any it fails all the same."""
    lines = Path("first.csv").read_text().splitlines()
    Path("second.csv").write_text("\n".join(f"{line},1" if place else f"{line},n" for place, line in enumerate(lines)))
    assert not diff("first.csv", "second.csv").drifted
    assert diff("first.csv", "second.csv", DiffOptions(fail_on="any")).drifted


def test_a_renamed_column_is_compared_as_one():
    """It is neither removed nor added, and its distance is measured."""
    Path("second.csv").write_text(Path("second.csv").read_text().replace("fare", "price"))
    found = diff("first.csv", "second.csv", DiffOptions(renamed=("fare=price",)))
    assert found.schema_changes == []
    assert statuses(found)["fare"] == "drifted"


def test_a_new_name_that_is_another_columns_is_a_usage_error():
    """Neither of the two is dropped in silence."""
    lines = Path("second.csv").read_text().splitlines()
    Path("second.csv").write_text("\n".join(f"{line},{'1' if place else 'price'}" for place, line in enumerate(lines)))
    with pytest.raises(UsageError, match="there are two columns 'fare'"):
        diff("first.csv", "second.csv", DiffOptions(renamed=("fare=price",)))


def test_columns_may_change_their_names_with_each_other():
    """Then each name is there once, and what is compared is the same."""
    Path("second.csv").write_text(Path("first.csv").read_text().replace(HEADER, "fare,id,payment\n"))
    found = diff("first.csv", "second.csv", DiffOptions(renamed=("fare=id", "id=fare")))
    assert found == diff("first.csv", "first.csv")


def test_no_value_is_told_without_samples():
    """The numbers are the same."""
    options = DiffOptions(keyed=Keyed(("id",)), label="payment")
    found = diff("first.csv", "second.csv", options)
    bare = diff("first.csv", "second.csv", replace(options, samples=False))
    assert [column.distances for column in bare.columns] == [column.distances for column in found.columns]
    text = bare.model_dump_json()
    assert "Card" not in text
    assert "App" not in text
    assert bare.rows_compared is not None
    assert [column.examples for column in bare.rows_compared.columns] == [[], []]


def test_columns_of_which_few_values_changed_are_not_measured(monkeypatch):
    """In large data; the bound is that of plain counting, and their missing values are told all the same."""
    lines = Path("first.csv").read_text().splitlines()
    Path("second.csv").write_text("\n".join([*lines[:-2], lines[-2].replace("Card", "").replace("Cash", "")]))
    monkeypatch.setattr("datalife.drift.steady.LARGE", 100)
    found = diff("first.csv", "second.csv", DiffOptions(keyed=Keyed(("id",))))
    fare, payment = found.columns
    assert (fare.distance, fare.status, payment.status) == (None, "stable", "stable")
    assert fare.reason == "not measured: row by row, no share moved by more than 0.002"
    assert payment.null_fraction.current == 1 / 499
    whole = diff("first.csv", "second.csv").columns[1]
    assert whole.distances["kolmogorov_smirnov"] <= 0.002


def test_what_a_profile_cannot_tell_is_said(caplog):
    """Its rows are not known, and not every value of a column with very many."""
    Path("many.csv").write_text("\n".join([HEADER.strip(), *(f"{place},{place / 7},Cash" for place in range(2500))]))
    for name, expected in (("first", "so its rows are not known"), ("many", "nor every value of id, fare")):
        text = profile([f"{name}.csv"]).model_dump_json(exclude_unset=True).replace('"kind":"', '"kind": "', 1)
        Path(f"{name}.json").write_text(text)
        caplog.clear()
        diff(f"{name}.json", f"{name}.csv")
        assert expected in caplog.text
