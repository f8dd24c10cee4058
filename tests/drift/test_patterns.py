"""The shapes of texts side by side: what is counted, when it alarms, and what is told of it."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main
from datalife.drift.columns import Rules, compare_column
from datalife.drift.compare import diff
from datalife.drift.model import ColumnDiff, Patterns
from datalife.drift.sides import DiffOptions
from datalife.schema.model import Limit
from tests.drift.data import column


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Files are written to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def codes(seed: int, count: int, lowered: float = 0.0) -> list[str]:
    """Codes such as `AB-0042` that hardly repeat, a share of them in lower case."""
    draw = random.Random(seed)
    found = [f"{draw.choice('ABCDEF')}{draw.choice('XYZ')}-{draw.randrange(10_000):04d}" for _ in range(count)]
    return [code.lower() if draw.random() < lowered else code for code in found]


def compared(one: list[str], other: list[str], rules: Rules | None = None) -> ColumnDiff:
    """A column of texts compared."""
    return compare_column("code", column(one), column(other), rules or Rules())


def patterns_of(found: ColumnDiff) -> Patterns:
    """Those of a column that has some."""
    assert found.patterns is not None
    return found.patterns


def share_of(texts: list[str], shape: str) -> float:
    """The share of the texts with a shape, in plain Python."""
    drawn = Counter(re.sub("[0-9]", "9", re.sub("[a-z]", "a", re.sub("[A-Z]", "A", text))) for text in texts)
    return drawn[shape] / len(texts)


def test_the_distance_is_that_of_plain_counting():
    """The largest difference of the shares of shapes, and the shape that moved so far."""
    one, other = codes(1, 3000, 0.1), codes(2, 2000, 0.25)
    found = patterns_of(compared(one, other))
    gaps = {shape: abs(share_of(one, shape) - share_of(other, shape)) for shape in ("AA-9999", "aa-9999")}
    assert (found.metric, found.exact) == ("l_infinity", True)
    assert found.distance == pytest.approx(max(gaps.values()), abs=1e-9)
    change = found.largest_change
    assert change is not None
    assert change.baseline == pytest.approx(share_of(one, change.value), abs=1e-9)
    assert change.current == pytest.approx(share_of(other, change.value), abs=1e-9)


def test_texts_of_the_same_length_in_another_shape_have_drifted():
    """Neither single values nor lengths show it."""
    found = compared(codes(1, 3000), codes(2, 3000, 0.3))
    assert (found.metric, found.distance, found.status) == ("kolmogorov_smirnov", 0.0, "drifted")
    moved = share_of(codes(2, 3000, 0.3), "aa-9999")
    assert found.reason == f"shapes of texts: l_infinity {moved:.3g} is above 0.05"
    assert patterns_of(found).status == "drifted"


def test_identical_texts_have_the_distance_zero():
    """And nothing that moved most."""
    found = patterns_of(compared(codes(1, 500), codes(1, 500)))
    assert (found.distance, found.largest_change, found.status) == (0.0, None, "stable")


def test_few_texts_are_inconclusive():
    """Three of ten in lower case may be chance."""
    found = compared([f"AB{each}" for each in range(10)], [f"{'ab' if each < 3 else 'AB'}{each}" for each in range(10)])
    assert (found.status, patterns_of(found).status) == ("inconclusive", "inconclusive")


def test_values_that_tell_it_themselves_are_not_told_twice():
    """`Cash` went, and its shape with it: that is one finding."""
    found = compared(["Cash"] * 500 + ["by card"] * 500, ["by card"] * 1000)
    assert (found.status, found.metric, patterns_of(found).status) == ("drifted", "l_infinity", "stable")


@pytest.mark.parametrize("rules", [Rules(threshold=0.5), Rules(limits={"code": [Limit(metric="psi", max=9.0)]})])
def test_a_written_limit_decides_alone(rules):
    """The shapes are told all the same."""
    found = compared(codes(1, 3000), codes(2, 3000, 0.3), rules)
    assert (found.status, patterns_of(found).threshold) == ("stable", None)
    assert patterns_of(found).distance == pytest.approx(share_of(codes(2, 3000, 0.3), "aa-9999"))


def test_other_types_have_no_shapes():
    """Numbers, and a column whose type changed."""
    assert compare_column("x", column([1, 2]), column([2, 3]), Rules()).patterns is None
    assert compare_column("x", column(["a"]), column([2]), Rules()).patterns is None


def test_very_many_texts_are_told_from_the_rows_looked_at():
    """One row of 64: shares and chance are those of so many rows; two halves of one source do not alarm."""
    one = [f"A{each:06d}" for each in range(140_000)]
    moved = [f"{'a' if each % 3 == 0 else 'A'}{each:06d}" for each in range(140_000)]
    found = compared(one, moved)
    assert found.status == "drifted"
    assert patterns_of(found).exact is False
    assert patterns_of(found).distance == pytest.approx(1 / 3, abs=0.03)
    assert patterns_of(found).noise_floor == pytest.approx(2.576 * (2 * 5 / 36 / (140_000 / 64)) ** 0.5, rel=0.1)
    assert compared(moved, moved[1:]).status == "stable"


def test_profiles_know_shapes_as_their_data_does(capsys):
    """Also of columns with more values than a profile keeps."""
    for name, lowered in (("one", 0.0), ("other", 0.3)):
        pl.DataFrame(
            {"code": [f"{code}{place}" for place, code in enumerate(codes(1, 80_000, lowered))]}
        ).write_parquet(f"{name}.parquet")
        assert main(["stats", f"{name}.parquet", "-o", f"{name}.json"]) == 0
    of_data = diff("one.parquet", "other.parquet").columns[0]
    of_profiles = diff("one.json", "other.json").columns[0]
    assert of_profiles.patterns == of_data.patterns
    assert of_profiles.status == "drifted"


def test_blocks_say_what_chance_is_for_shapes():
    """Whole days in lower case: of two days each way that is nothing beyond chance."""
    for name, days in (("one", (0.0, 0.0)), ("other", (0.0, 1.0))):
        rows = [
            {"day": f"{name} {day}", "code": code}
            for day, lowered in enumerate(days)
            for code in codes(day, 300, lowered)
        ]
        pl.DataFrame(rows).write_parquet(f"{name}.parquet")
    assert diff("one.parquet", "other.parquet").columns[1].status == "drifted"
    assert diff("one.parquet", "other.parquet", DiffOptions(block="day")).columns[0].status == "inconclusive"


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_every_format_names_the_shape(form, capsys):
    """With its shares before and now."""
    for name, lowered in (("one", 0.0), ("other", 0.5)):
        Path(f"{name}.csv").write_text("code\n" + "\n".join(codes(7, 1000, lowered)) + "\n")
    assert main(["diff", "one.csv", "other.csv", "-f", form]) == 1
    text = capsys.readouterr().out.replace("&#95;", "_").replace("&gt;", ">")
    assert "shapes of texts: l_infinity 0.524 (limit 0.05, by chance 0.0552)" in text
    assert "shape AA-9999: 100 % -> 48 %" in text


def test_no_samples_tell_no_shape():
    """The numbers are the same."""
    for name, lowered in (("one", 0.0), ("other", 0.5)):
        Path(f"{name}.csv").write_text("code\n" + "\n".join(codes(7, 1000, lowered)) + "\n")
    found = patterns_of(diff("one.csv", "other.csv", DiffOptions(samples=False)).columns[0])
    assert (found.largest_change, found.status) == (None, "drifted")
