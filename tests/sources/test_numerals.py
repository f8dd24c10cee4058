"""Columns of text that polars may read as numbers: only where the texts say the same."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife import profile
from datalife.sources import delimited
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.delimited import Clean
from datalife.sources.model import ReadOptions
from datalife.sources.numerals import numeric
from datalife.sources.records import Dialect
from datalife.sources.types import FLOATS, INTEGERS, TextType

BENIGN = ["", "0", "7", "-1", "12", "0.5", "-0.25", "-3.75", ".5", "-.5", "1.", "2e3", "1E+5", "5e-324", "1e-400"]
NASTY = [
    *("007", "+7", " 7", "7 ", " ", "\t7", "-", ".", "-0", "-00", "-00.5", "-0.0", "-0e1", "0x7", "0e5", "0-", "0 "),
    *("1_0", "1,", "NA", "inf", "-inf", "nan", "NaN", "1e400", "-1e400", "1e15", "1e14", "x", "é", "-e5", "1.5.2"),
    *(
        "999999999999999999",
        "1000000000000000000",
        "9999999999999999999",
        "-999999999999999999",
        "-9223372036854775808",
    ),
    *("123456789012345", "1234567890123456", "1234567890123456.0", "1234567890123456e-9", "-1234567890123456E-5"),
    *(
        "123456789012345e-9",
        "0.1234567890123456e-9",
        "99999999999999999999999999",
        "7\r",
        "\r",
        "\r7",
        "7\r\r",
        "07\r",
        " \r",
        "-\r",
        "0\r",
    ),
]
TEXTS = [each for each in (*BENIGN, *NASTY) if "," not in each]
#: Mostly such as are numbers, or hardly a column of several would be one.
FIELDS = st.one_of(st.sampled_from(BENIGN), st.sampled_from(BENIGN), st.sampled_from(TEXTS))
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width), min_size=1))


def sure(text: str, width: int) -> set[int]:
    """Which of all columns are sure, of a text of so many fields a line."""
    return numeric(text.encode(), (text.count("\n"), width), ",", range(width))


def bits(values: Sequence[object]) -> list[object]:
    """Values that are equal only where all their bits are."""
    return [struct.pack("d", value) if isinstance(value, float) else value for value in values]


@pytest.mark.parametrize("text", [*BENIGN, "1x", "0x7", "0-", "1e400", "999999999999999999", "-9", "0.", "-.e5"])
def test_how_a_number_begins(text: str) -> None:
    """Digits, a point, a minus before them, no zero before another digit: polars reads or refuses what follows."""
    assert sure(f"a,{text}\n", 2) == {1}
    assert sure(f"{text},a\n", 2) == {0}


@pytest.mark.parametrize("text", ["007", "00", "+7", " 7", " ", "\t7", "-0", "-00.5", "-0e1", "-", "-x", "NA", "nan"])
def test_how_no_number_begins(text: str) -> None:
    """Signs, spaces and zeros before a number, and all that begins otherwise, make their column doubtful."""
    assert sure(f"7,{text}\n", 2) == {0}
    assert sure(f"{text},7\n", 2) == {1}
    assert sure(f"7\n{text}\n7\n", 1) == set()


def test_a_column_is_as_doubtful_as_any_of_its_fields() -> None:
    """One field far down makes a column doubtful and leaves those next to it alone; others are not asked for."""
    text = "1,a,3,4\n" * 5000 + "1,a,03,4\n" + "1,2,3,4\n" * 5000
    assert sure(text, 4) == {0, 3}
    assert numeric(text.encode(), (10_001, 4), ",", [2, 3]) == {3}


@pytest.mark.parametrize("text", ["1,2\n3,4", "1,2\n\n3,4\n", "1,2\n\n3,4"])
def test_nothing_is_sure_of_other_texts(text: str) -> None:
    """Blank lines and a last line that does not end leave all as text."""
    assert numeric(text.encode(), (2, 2), ",", [0, 1]) == set()


def test_windows_line_ends() -> None:
    """A carriage return before each newline ends a line as well, also after an empty field."""
    assert sure("1,2\r\n3,\r\n4,05\r\n", 2) == {0}
    assert sure("1,2\r\n3,\r\n", 2) == {0, 1}


@pytest.mark.parametrize(("text", "found"), [("1234567890123456e-9", set()), ("a-b23456789012345e-9", {0})])
def test_sixteen_digits_before_a_power_are_no_float(text: str, found: set[int]) -> None:
    """Such a number is as small as others once it is read; only its text tells."""
    assert sure(f"7,{text}\n", 2) & {0} == found


def agree(kind: TextType, table: list[list[str]], end: str) -> None:
    """Columns that come typed have no text that is not of the type, and the values of their texts, bit for bit."""
    rows = [row for row in table if row not in ([""], ["\r"])]  # blank lines
    text = "".join(",".join(row) + end for row in rows).encode()
    width = len(table[0])
    clean = Clean(text, len(rows), width, Dialect(","), "test")
    texts, found = clean.parsed(), clean.parsed(None, dict.fromkeys(range(width), kind.dtype))
    for name in texts.columns:
        if found[name].dtype == pl.String:
            assert found[name].equals(texts[name])
            continue
        fits, values = texts.select(fits=kind.fits(pl.col(name)), values=kind.values(pl.col(name)))
        assert fits.all()
        assert bits(found[name].to_list()) == bits(values.to_list())


@pytest.mark.parametrize("kind", [INTEGERS, FLOATS])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_text_alone(kind: TextType, end: str) -> None:
    """Among numbers, each text comes as what it is, wherever it stands."""
    for text in TEXTS:
        agree(kind, [["7", text, "7"]], end)
        agree(kind, [[text, "7", text]], end)


@pytest.mark.parametrize("kind", [INTEGERS, FLOATS])
@given(TABLES, st.sampled_from(["\n", "\r\n"]))
def test_texts_together(kind: TextType, table: list[list[str]], end: str) -> None:
    """Whatever stands in the columns of a text, what comes as numbers is what the texts say."""
    agree(kind, table, end)


def test_numbers_come_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a text that is not in memory those columns are typed that are asked for and sure."""
    monkeypatch.setattr(delimited, "BLOCK", 200)
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,d\n" + "1,-0.5,07,x\n" * 50)
    part = open_dataset([str(path)]).shards[-1].part
    asked = {0: pl.Int64(), 1: pl.Float64(), 2: pl.Int64()}
    assert part.read(None, asked).dtypes == [pl.Int64(), pl.Float64(), pl.String(), pl.String()]
    assert part.read([1, 3], asked).dtypes == [pl.Float64(), pl.String()]
    assert part.read(None, {3: pl.Int64(), 0: pl.Int64()}).dtypes == [pl.Int64(), *[pl.String()] * 3]
    assert part.read([0, 1], {1: pl.Int64()}).dtypes == [pl.String(), pl.String()]  # polars refuses


def answers(paths: list[str], options: ReadOptions) -> list[object]:
    """The rows with types that are guessed and with those that are proven, and how the columns are called."""

    def rows(data: Dataset) -> list[object]:
        return [data.frame().schema, *(bits(row) for row in data.frame().rows())]

    guessed, proven = (open_dataset(paths, options, proven=each) for each in (False, True))
    return [rows(proven), guessed.attempt(rows), rows(proven.as_text([proven.columns[0].name]))]


OPTIONS = st.sampled_from(
    [
        ReadOptions(header=False),
        ReadOptions(header=False, null_values=("7", "-1", "NA")),
        ReadOptions(header=False, sample=0.5, seed=1),
        ReadOptions(header=False, columns=("column_1",), where="column_1 IS NOT NULL"),
    ]
)


@settings(max_examples=12)
@given(st.lists(TABLES, min_size=1, max_size=2), OPTIONS, st.sampled_from(["", '"x"', "\n"]))
def test_data_is_the_same_as_by_its_texts(tables: list[list[list[str]]], options: ReadOptions, last: str) -> None:
    """Whatever a file holds, in however many parts, types and values are those that its texts alone give."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", 48)
        paths = []
        for number, table in enumerate(tables):
            lines = "\n".join(",".join(row) for row in [["7"] * len(table[0]), *table])
            paths.append(f"{folder}/{number}.csv")
            Path(paths[-1]).write_bytes((lines + last * (last != '"x"' or len(table[0]) == 1)).encode())
        found = answers(paths, options)
        patch.setattr(delimited, "numeric", lambda *_: set())
        assert found == answers(paths, options)


@settings(max_examples=5)
@given(st.lists(st.sampled_from(BENIGN), min_size=8, max_size=8))
def test_statistics_are_the_same_as_by_texts(fields: list[str]) -> None:
    """A profile of numbers that came as such says nothing else."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", 64)
        path = Path(folder) / "t.csv"
        path.write_text("a,b\n" + "".join(f"{field},{row}\n" for row, field in enumerate(fields * 8)))
        found = profile([str(path)]).model_dump_json()
        patch.setattr(delimited, "numeric", lambda *_: set())
        assert found == profile([str(path)]).model_dump_json()
