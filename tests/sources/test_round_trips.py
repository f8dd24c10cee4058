"""Random tables written in each format come back with the same values; random bytes never break anything."""

from __future__ import annotations

import datetime
import gzip
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datalife.errors import DatalifeError
from datalife.sources.dataset import open_dataset
from datalife.sources.formats import MAGIC, SUFFIXES
from datalife.sources.model import ReadOptions
from datalife.stats.profile import profile

Row = tuple[object, ...]
QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Text of any kind; what is left out cannot be written as text in UTF-8, or is what text files have between lines.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=0, max_size=6)
#: No text of digits, dates and so on: a text file does not tell it from a number.
WORDS = TEXT.map(lambda text: "w" + text)
VALUES = {
    "n": (pl.Int64, st.integers(-(10**18) + 1, 10**18 - 1)),
    "x": (pl.Float64, st.floats(allow_nan=False, allow_infinity=False, width=32)),
    "t": (pl.String, WORDS),
    "b": (pl.Boolean, st.booleans()),
    "d": (pl.Date, st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
}


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """A table of some of the columns in VALUES with up to six rows, of which the first has no missing value."""
    names = draw(st.lists(st.sampled_from(list(VALUES)), min_size=2, unique=True))
    height = draw(st.integers(1, 6))
    columns = {}
    for name in names:
        dtype, values = VALUES[name]
        rest = draw(st.lists(st.none() | values, min_size=height - 1, max_size=height - 1))
        columns[name] = pl.Series([draw(values), *rest], dtype=dtype)
    return pl.DataFrame(columns)


def written(path: Path, write: Callable[[Path], object]) -> bytes:
    """What `write` wrote."""
    write(path)
    return path.read_bytes()


WRITERS: dict[str, Callable[[pl.DataFrame, Path], bytes]] = {
    "t.csv": lambda table, _: table.write_csv().encode(),
    "t.tsv": lambda table, _: table.write_csv(separator="\t").encode(),
    "t.csv.gz": lambda table, _: gzip.compress(table.write_csv().encode()),
    "t.csv.zst": lambda table, _: zstandard.compress(table.write_csv().encode()),
    "t.ndjson": lambda table, _: table.write_ndjson().encode(),
    "t.ndjson.gz": lambda table, _: gzip.compress(table.write_ndjson().encode()),
    "t.parquet": lambda table, path: written(path, table.write_parquet),
    "t.arrow": lambda table, path: written(path, table.write_ipc),
    "t.arrows": lambda table, path: written(path, table.write_ipc_stream),
    "t.avro": lambda table, path: written(path, table.write_avro),
}


def read(path: Path, options: ReadOptions | None = None) -> list[Row]:
    """All rows."""
    return open_dataset([str(path)], options).frame().rows()


def expected(table: pl.DataFrame, name: str) -> list[Row]:
    """The rows as the format can hold them: JSON has no dates."""
    return table.with_columns(pl.col(pl.Date).cast(pl.String)).rows() if "json" in name else table.rows()


@pytest.mark.parametrize("name", WRITERS)
@QUICK
@given(table=tables())
def test_every_format_keeps_every_value(tmp_path: Path, name: str, table: pl.DataFrame) -> None:
    """What was written is what is read, in every format, for any text and any number."""
    path = tmp_path / name
    path.write_bytes(WRITERS[name](table, tmp_path / "written"))
    options = ReadOptions(input_format="arrow") if name.endswith(".arrows") else None
    assert read(path, options) == expected(table, name)


@QUICK
@given(table=tables())
def test_duckdb_and_pyarrow_see_the_same(tmp_path: Path, table: pl.DataFrame) -> None:
    """Two readers that share no code with ours find the same values in a CSV and in a Parquet file."""
    text, columns = tmp_path / "t.csv", tmp_path / "t.parquet"
    table.write_csv(text)
    table.write_parquet(columns)
    ours = read(text)
    kinds = {"n": "BIGINT", "x": "DOUBLE", "t": "VARCHAR", "b": "BOOLEAN", "d": "DATE"}
    named = ", ".join(f"'{name}': '{kinds[name]}'" for name in table.columns)
    query = f"SELECT * FROM read_csv('{text}', header=true, quote='\"', escape='\"', delim=',', columns={{{named}}})"
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == ours
    arrow = pyarrow.parquet.read_table(columns).to_pylist()
    assert [tuple(row.values()) for row in arrow] == read(columns) == ours


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_times_of_an_offset_without_a_name(tmp_path: Path, kind: str) -> None:
    """What pandas writes of times in India is read: instants in UTC."""
    instants = pyarrow.array([0, None], pyarrow.int64()).cast(pyarrow.timestamp("ms", "+05:30"))
    lists = pyarrow.ListArray.from_arrays(pyarrow.array([0, 1, 2], pyarrow.int32()), instants)
    table = pyarrow.table({"a": [1, 2], "z": instants, "l": lists})
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        with pyarrow.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert read(path) == [(1, epoch, [epoch]), (2, None, [None])]
    found = profile([str(path)]).columns
    assert (found[1].min, found[2].items.min) == ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")


#: How a file begins, so that it gets past the first look.
STARTS = st.sampled_from(
    [b"", b"a,b\n", b'{"a": 1}\n', b"\xff\xfe", b"\xef\xbb\xbf", zstandard.compress(b"a,b\n"), *MAGIC]
)


@pytest.mark.parametrize("name", sorted({f"t{suffix}" for suffix in SUFFIXES} | {"t", "t.csv.gz", "t.csv.zst"}))
@settings(QUICK, max_examples=40)
@given(content=st.builds(bytes.__add__, STARTS, st.binary(max_size=200)))
@example(content=b"")
@example(content=b"\x00" * 64)
@example(content=b'{"a": [' * 3000)
@example(content=b"PAR1" + b"\xff" * 40 + b"PAR1")
@example(content=b"ARROW1\x00\x00" + b"\xff" * 40 + b"ARROW1")
@example(content=b"Obj\x01\x04\x14avro.codec" + b"\xff" * 40)
@example(content=b"SQLite format 3\x00" + b"\xff" * 100)
@example(content=b"PK\x03\x04" + b"\xff" * 100)
@example(content=b"\x28\xb5\x2f\xfd" + b"\xff" * 40)
@example(content=b"\x1f\x8b" + b"\xff" * 40)
@example(content="a,b\n1,2\n".encode("utf-32"))
def test_random_bytes_are_data_or_an_error_of_ours(tmp_path: Path, name: str, content: bytes) -> None:
    """Whatever a file holds, it is read or refused with a reason; nothing else is ever raised."""
    path = tmp_path / name
    path.write_bytes(content)
    with suppress(DatalifeError):
        dataset = open_dataset([str(path)])
        assert dataset.frame().height == sum(shard.rows for shard in dataset.shards)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "avro"])
@QUICK
@given(place=st.floats(0, 0.999), value=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_is_data_or_an_error_of_ours(
    tmp_path: Path, kind: str, place: float, value: int, cut: bool
) -> None:
    """One byte changed, or the rest missing: never a panic, never another kind of exception."""
    table = pl.DataFrame({"a": list(range(50)), "b": ["x", None] * 25, "l": [[1.5], []] * 25})
    writers = {"parquet": table.write_parquet, "arrow": table.write_ipc, "avro": table.drop("l").write_avro}
    content = bytearray(written(tmp_path / "whole", writers[kind]))
    at = math.floor(place * len(content))
    content[at] = value
    path = tmp_path / f"t.{kind}"
    path.write_bytes(content[:at] if cut else content)
    with suppress(DatalifeError):
        open_dataset([str(path)], ReadOptions(input_format=kind)).frame()
