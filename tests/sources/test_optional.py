"""Formats that need a package of their own: Excel, Delta Lake, SQL databases."""

from __future__ import annotations

import datetime
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import duckdb
import polars as pl
import pytest
import xlsxwriter

from datalife.errors import SourceError, UsageError
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from tests.sources.servers import postgresql, postgresql_programs

TABLE = pl.DataFrame(
    {
        "id": [1, 2],
        "name": ["Ann", None],
        "x": [1.5, -2.0],
        "ok": [True, False],
        "day": [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)],
    }
)


def types(dataset: Dataset) -> dict[str, str]:
    """The logical types by name."""
    return {column.name: column.type for column in dataset.columns}


def sheet(path: Path, rows: list[list[Any]]) -> str:
    """A workbook with these rows."""
    with xlsxwriter.Workbook(path) as book:
        first = book.add_worksheet()
        for place, row in enumerate(rows):
            first.write_row(place, 0, row)
        book.add_worksheet().write_row(0, 0, ["other"])
    return str(path)


def test_an_excel_workbook(tmp_path: Path) -> None:
    """The first sheet is the table, with the types that its cells have."""
    TABLE.write_excel(tmp_path / "t.xlsx")
    dataset = open_dataset([str(tmp_path / "t.xlsx")])
    assert dataset.frame().rows() == TABLE.rows()
    assert types(dataset) == {"id": "integer", "name": "string", "x": "float", "ok": "boolean", "day": "date"}


def test_cells_of_several_kinds_are_text(tmp_path: Path) -> None:
    """A word below two thousand numbers makes a column of text; text of digits stays text; blank rows are none."""
    rows = [["a", "b"], *[[number, "007"] for number in range(2000)], [None, None], ["word", "1"]]
    dataset = open_dataset([sheet(tmp_path / "t.xlsx", rows)])
    assert types(dataset) == {"a": "string", "b": "string"}
    assert dataset.frame().rows()[-1] == ("word", "1")
    assert dataset.frame().height == 2001


def test_names_of_an_excel_sheet(tmp_path: Path) -> None:
    """A column without a name gets one by its place, two of one name are refused, and there may be no header."""
    path = sheet(tmp_path / "t.xlsx", [["a", None, 5, "none", None, "z"], [1, 2, 3, None, None, 4]])
    found = {"a": "integer", "column_2": "integer", "5": "integer", "none": "null", "column_5": "null", "z": "integer"}
    assert types(open_dataset([path])) == found
    assert len(open_dataset([path], ReadOptions(header=False)).frame()) == 2
    with pytest.raises(SourceError, match=r"twice\.xlsx:1: two columns are called 'a'"):
        open_dataset([sheet(tmp_path / "twice.xlsx", [["a", "a"], [1, 2]])])


def test_times_without_a_day_in_excel(tmp_path: Path) -> None:
    """Cells that show a time alone are times, also under a suffix that says nothing."""
    with xlsxwriter.Workbook(tmp_path / "t.bin") as book:
        sheet, clock = book.add_worksheet(), book.add_format({"num_format": "hh:mm:ss"})
        sheet.write_row(0, 0, ["at", "both"])
        for row, part in enumerate((0.25, 0.5), 1):
            sheet.write_row(row, 0, [part, part * row], clock)
        sheet.write_number(3, 1, 46000.5, clock)
    dataset = open_dataset([str(tmp_path / "t.bin")])
    assert types(dataset) == {"at": "time", "both": "datetime"}
    assert dataset.frame().get_column("c0").to_list() == [datetime.time(6), datetime.time(12), None]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"junk"])
def test_no_workbook(tmp_path: Path, content: bytes) -> None:
    """A damaged workbook is an error that says so."""
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"t\.xlsx: is damaged or not an Excel workbook"):
        open_dataset([str(path)])


def test_a_delta_table(tmp_path: Path) -> None:
    """A directory with a log is one table: the rows of its newest version, not those of all its files."""
    path = tmp_path / "table"
    TABLE.write_delta(path)
    TABLE.head(1).write_delta(path, mode="overwrite")
    dataset = open_dataset([str(path)])
    assert dataset.frame().rows() == TABLE.rows()[:1]
    assert types(dataset)["day"] == "date"


def test_no_delta_table(tmp_path: Path) -> None:
    """A log without anything in it is an error."""
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(SourceError, match="is damaged or not a Delta Lake table"):
        open_dataset([str(tmp_path)])


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """An SQLite file with two tables."""
    path = tmp_path / "t.sqlite"
    connection = sqlite3.connect(path)
    connection.execute('CREATE TABLE "a b" (i INTEGER, "q""q" REAL, mixed, t TEXT, bytes BLOB, none)')
    rows = [(1, 1.5, 1, "007", b"\0\xff", None), (None, 2, "x", None, None, None), (2**60, 3.5, 2.5, "z", b"", None)]
    connection.executemany('INSERT INTO "a b" VALUES (?, ?, ?, ?, ?, ?)', rows)
    connection.execute("CREATE TABLE other (k)")
    connection.commit()
    connection.close()
    return str(path)


def test_an_sqlite_file(sqlite: str) -> None:
    """Columns get the type that all their values have; a column of several kinds is text."""
    dataset = open_dataset([sqlite], ReadOptions(query='SELECT * FROM "a b";'))
    assert list(types(dataset).items()) == [
        ("i", "integer"),
        ('q"q', "float"),
        ("mixed", "string"),
        ("t", "string"),
        ("bytes", "binary"),
        ("none", "null"),
    ]
    assert dataset.frame().rows() == [
        (1, 1.5, "1", "007", b"\0\xff", None),
        (None, 2.0, "x", None, None, None),
        (2**60, 3.5, "2.5", "z", b"", None),
    ]


def test_texts_of_sqlite_that_are_no_utf8(tmp_path: Path) -> None:
    """The error names the column, the row and the byte, and with the right encoding they are read."""
    path = tmp_path / "t.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (i INTEGER, name TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, CAST(? AS TEXT))", [(1, b"Ann"), (2, None), (3, b"Jos\xe9")])
    connection.commit()
    connection.close()
    with pytest.raises(SourceError, match=r"t\.sqlite: column 'name' is not UTF-8 in row 2: byte 0xe9 at offset 3"):
        open_dataset([str(path)])
    latin = open_dataset([str(path)], ReadOptions(encoding="latin-1"))
    assert latin.frame().rows() == [(1, "Ann"), (2, None), (3, "José")]
    assert open_dataset([str(path)], ReadOptions(query="SELECT i FROM t -- all")).frame().height == 3


def test_ways_to_name_an_sqlite_query(sqlite: str) -> None:
    """The query stands in the URI or in an option; with several tables there must be one."""
    uri = f"sqlite:///{sqlite}?query=SELECT%20i%20FROM%20%22a%20b%22%20WHERE%20i%20=%201"
    dataset = open_dataset([uri])
    assert (dataset.frame().rows(), dataset.sources) == ([(1,)], (f"sqlite:///{sqlite}",))
    with pytest.raises(SourceError, match='holds 2 tables: "a b", "other"; say which') as caught:
        open_dataset([sqlite])
    assert caught.value.faults[0].hint == """such as --query 'SELECT * FROM "a b"'"""


@pytest.mark.parametrize(
    "query", ["SELECT nope FROM other", "SELECT", "DROP TABLE other", "SELECT 1; DROP TABLE other"]
)
def test_a_wrong_query_is_an_error_and_changes_nothing(sqlite: str, query: str) -> None:
    """Only a query that answers with rows is run."""
    before = Path(sqlite).read_bytes()
    with pytest.raises(SourceError, match="the database says"):
        open_dataset([sqlite], ReadOptions(query=query))
    assert Path(sqlite).read_bytes() == before


def test_a_query_needs_a_database(tmp_path: Path) -> None:
    """A query of a text file is a mistake."""
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match=r"t\.csv is no database"):
        open_dataset([str(tmp_path / "t.csv")], ReadOptions(query="SELECT 1"))


def test_a_duckdb_file(tmp_path: Path) -> None:
    """The only table needs no query; types that polars lacks come as text."""
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i, INTERVAL 1 DAY AS v, 1.50::DECIMAL(9, 2) AS d, [1] AS l")
    dataset = open_dataset([path])
    assert types(dataset) == {"i": "integer", "v": "string", "d": "float", "l": "list"}
    assert dataset.frame().select("c0", "c1").rows() == [(1, "1 day")]
    assert open_dataset([f"duckdb:///{path}?query=SELECT i + 1 AS j FROM t"]).frame().rows() == [(2,)]


def test_integers_and_zones_of_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum of integers is one, beyond 18 digits exact as text; instants are in UTC, wherever they are read."""
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE t AS SELECT timestamptz '2026-07-01 12:00:00+02' AS z, 2::BIGINT AS i")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    query = "SELECT sum(i) AS small, (2::HUGEINT << 100) AS huge, any_value(z) AS z FROM t"
    dataset = open_dataset([path], ReadOptions(query=query))
    assert types(dataset) == {"small": "integer", "huge": "string", "z": "datetime"}
    noon = datetime.datetime(2026, 7, 1, 10, tzinfo=datetime.UTC)
    assert dataset.frame().rows() == [(2, str(2**101), noon)]
    assert dataset.frame().schema["c2"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    "query", ["SELECT * FROM read_csv('/etc/passwd')", "COPY t TO '/tmp/x.csv'", "DROP TABLE t", "SELECT nope FROM t"]
)
def test_a_duckdb_query_reaches_nothing_else(tmp_path: Path, query: str) -> None:
    """No other file can be read, and nothing can be written."""
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    with pytest.raises(SourceError, match="the database says"):
        open_dataset([path], ReadOptions(query=query))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server with a table."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql(programs) as uri:
        with adbc_driver_postgresql.dbapi.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE trips AS SELECT i, i::text AS t, i / 4.0 AS n, (i % 2 = 0) AS b, interval '1 day' AS v, "
                "timestamptz '2026-01-01 00:00+00' AS z, '{1,2}'::int[] AS l, '{\"k\": 1}'::jsonb AS j "
                "FROM generate_series(1, 3) AS i"
            )
            connection.commit()
        yield uri


def test_a_postgresql_table(server: str) -> None:
    """The only table needs no query; exact numbers are numbers, and what polars lacks comes as text."""
    dataset = open_dataset([server])
    assert types(dataset) == {
        "i": "integer",
        "t": "string",
        "n": "float",
        "b": "boolean",
        "v": "string",
        "z": "datetime",
        "l": "list",
        "j": "string",
    }
    assert dataset.frame().rows()[1][:5] == (2, "2", 0.5, True, "1 day")
    assert "secret" not in dataset.sources[0]


def test_postgresql_writes_text_the_same_way_for_everybody(server: str) -> None:
    """Whatever the settings of a user are, intervals and zones are written as they are by default."""
    query = "SELECT interval '1 day' AS v, ARRAY[timestamptz '2026-01-01 00:00+00'] AS l"
    with adbc_driver_postgresql.dbapi.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER ROLE me SET TimeZone = 'Asia/Tokyo'")
        cursor.execute("ALTER ROLE me SET IntervalStyle = 'iso_8601'")
        connection.commit()
    frame = open_dataset([server], ReadOptions(query=query)).frame()
    assert frame.rows() == [("1 day", '{"2026-01-01 00:00:00+00"}')]


def test_a_postgresql_query(server: str) -> None:
    """A query in the URI or in an option; an answer without rows still has its columns."""
    assert open_dataset([f"{server}?query=SELECT i FROM trips WHERE i > 2 -- late ones"]).frame().rows() == [(3,)]
    empty = open_dataset([server], ReadOptions(query="SELECT i, v FROM trips WHERE false"))
    assert (types(empty), len(empty.frame())) == ({"i": "integer", "v": "string"}, 0)


@pytest.mark.parametrize(
    "query", ["SELECT nope FROM trips", "DROP TABLE trips", "SELECT 1) AS x; DROP TABLE trips; --", "SELECT 1 / 0"]
)
def test_a_wrong_postgresql_query(server: str, query: str) -> None:
    """It is an error of one line, and changes nothing."""
    with pytest.raises(SourceError, match="the database says") as caught:
        open_dataset([server], ReadOptions(query=query))
    assert "\n" not in caught.value.faults[0].message
    assert "libpq" not in caught.value.faults[0].message
    assert len(open_dataset([server]).frame()) == 3


def test_no_postgresql_server() -> None:
    """Nobody answers at this port."""
    with pytest.raises(SourceError, match="Connection refused"):
        open_dataset(["postgresql://me:secret@127.0.0.1:1/db"])


@pytest.mark.parametrize(
    ("source", "package", "bundle"),
    [
        ("t.xlsx", "fastexcel", "excel"),
        ("table", "deltalake", "delta"),
        ("t.duckdb", "duckdb", "sql"),
        ("postgresql://127.0.0.1/db", "adbc_driver_postgresql", "sql"),
    ],
)
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, package: str, bundle: str
) -> None:
    """Without the package the error says which part of datalife brings it."""
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "t.duckdb").write_bytes(b"12345678DUCK")
    (tmp_path / "table" / "_delta_log").mkdir(parents=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SourceError, match=f"cannot be read without the package {package}") as caught:
        open_dataset([source if "://" in source else str(tmp_path / source)])
    assert caught.value.faults[0].hint == f"pip install 'datalife[{bundle}]'"
