"""The door through which data enters."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from datalife.errors import DatalifeError, SourceError, UsageError
from datalife.sources import dataset as dataset_module
from datalife.sources import delimited, ndjson
from datalife.sources.dataset import Dataset, Misfit, open_dataset
from datalife.sources.model import ReadOptions

TABLE = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "name": ["Ann", 'B, "b"', "line\nend", None],
        "x": [1.5, None, -2.0, 0.0],
        "ok": [True, False, None, True],
    }
)


def values(dataset: Dataset) -> list[tuple[object, ...]]:
    """All rows."""
    return dataset.frame().rows()


def write(path: Path, table: pl.DataFrame = TABLE) -> str:
    """The table in the format of the path's suffix."""
    writers = {
        ".csv": lambda: table.write_csv(path),
        ".tsv": lambda: table.write_csv(path, separator="\t"),
        ".ndjson": lambda: table.write_ndjson(path),
        ".parquet": lambda: table.write_parquet(path),
        ".arrow": lambda: table.write_ipc(path),
        ".arrows": lambda: table.write_ipc_stream(path),
        ".avro": lambda: table.write_avro(path),
    }
    writers[path.suffix]()
    return str(path)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".ndjson", ".parquet", ".arrow", ".avro"])
def test_every_format_gives_the_same_values(tmp_path: Path, suffix: str) -> None:
    """A table comes back the same from each format that is read."""
    dataset = open_dataset([write(tmp_path / f"t{suffix}")])
    assert [(column.name, column.type) for column in dataset.columns] == [
        ("id", "integer"),
        ("name", "string"),
        ("x", "float"),
        ("ok", "boolean"),
    ]
    assert values(dataset) == TABLE.rows()


def test_an_arrow_stream_and_content_without_a_suffix(tmp_path: Path) -> None:
    """The content decides where the suffix says nothing."""
    path = tmp_path / "noname"
    path.write_bytes(Path(write(tmp_path / "t.parquet")).read_bytes())
    assert values(open_dataset([str(path)])) == TABLE.rows()
    stream = write(tmp_path / "t.arrows")
    assert values(open_dataset([stream], ReadOptions(input_format="arrow"))) == TABLE.rows()


def test_gzip_crlf_bom_and_utf_16_change_nothing(tmp_path: Path) -> None:
    """Compression, line ends, marks and encodings are no part of the data."""
    text = "id,name\n1,José\n2,\n"
    variants = {
        "a.csv.gz": gzip.compress(text.encode()),
        "b.csv": text.replace("\n", "\r\n").encode(),
        "c.csv": b"\xef\xbb\xbf" + text.encode(),
        "d.csv": text.encode("utf-16"),
    }
    for name, content in variants.items():
        (tmp_path / name).write_bytes(content)
        assert values(open_dataset([str(tmp_path / name)])) == [(1, "José"), (2, None)]
    (tmp_path / "e.csv").write_bytes(text.encode("latin-1"))
    assert values(open_dataset([str(tmp_path / "e.csv")], ReadOptions(encoding="latin-1"))) == [(1, "José"), (2, None)]


def test_small_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a text file is cut into blocks, its rows, types and line numbers are the same."""
    text = "n,s\n" + "".join(f'{i},"v\n{i}"\n' for i in range(50)) + "x,last\n"
    path = tmp_path / "t.csv"
    path.write_text(text)
    whole = open_dataset([str(path)])
    monkeypatch.setattr(delimited, "BLOCK", 16)
    cut = open_dataset([str(path)])
    assert len(whole.shards) == 1
    assert len(cut.shards) > 10
    assert values(cut) == values(whole)
    assert [column.dtype for column in cut.columns] == [pl.String(), pl.String()]
    assert [cut.where(row) for row in (0, 1, 50)] == [f"{path}:2", f"{path}:4", f"{path}:102"]
    assert whole.where(50) == cut.where(50)
    assert whole.where(51) is None


def test_json_lines_in_small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and types of all blocks together count, not those of the first."""
    path = tmp_path / "t.ndjson"
    path.write_text('{"a": 1}\n\n{"a": 2.5}\n{"a": 3, "late": "x"}\n')
    monkeypatch.setattr(ndjson, "BLOCK", 12)
    dataset = open_dataset([str(path)])
    assert values(dataset) == [(1.0, None), (2.5, None), (3.0, "x")]
    assert dataset.where(1) == f"{path}:3"


def test_json_values_of_several_kinds_are_text(tmp_path: Path) -> None:
    """Where no type holds all values of a key, they are read as text."""
    path = tmp_path / "t.ndjson"
    path.write_text('{"a": true}\n{"a": 1}\n{"a": "x"}\n')
    assert values(open_dataset([str(path)])) == [("true",), ("1",), ("x",)]


def test_one_wrong_value_far_down_makes_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The type comes from the whole data: a word in the last block is seen, and so is a fraction."""
    monkeypatch.setattr(delimited, "BLOCK", 1000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,1\n" * 5000 + "oops,1.5\n")
    dataset = open_dataset([str(path)])
    assert [column.type for column in dataset.columns] == ["string", "float"]
    assert dataset.frame().height == 5001


@pytest.mark.parametrize("wrong", [0, 2, 4])
def test_one_wrong_value_among_columns_tested_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    """Of five columns of whole numbers that are tested as one, only that with a text in its last row is text."""
    monkeypatch.setattr(delimited, "BLOCK", 1000)
    last = ["x" if place == wrong else "7" for place in range(5)]
    (tmp_path / "a.csv").write_text("a,b,c,d,e\n" + "1,2,3,4,5\n" * 500 + ",".join(last) + "\n")
    dataset = open_dataset([str(tmp_path / "a.csv")], ReadOptions(), proven=False)
    with pytest.raises(Misfit):
        dataset.shards[-1].read()

    def types(data: Dataset) -> list[str]:
        """The types, once every row was read."""
        data.frame()
        return [column.type for column in data.columns]

    assert dataset.attempt(types) == ["string" if place == wrong else "integer" for place in range(5)]


def test_null_values_are_the_users_own(tmp_path: Path) -> None:
    """`NA` is text unless the user says that it means missing."""
    path = tmp_path / "t.csv"
    path.write_text("a\nNA\n1\n")
    assert values(open_dataset([str(path)])) == [("NA",), ("1",)]
    assert values(open_dataset([str(path)], ReadOptions(null_values=("NA",)))) == [(None,), (1,)]


def test_several_files_are_one_dataset_by_name(tmp_path: Path) -> None:
    """Columns are matched by name, types joined, and a column that a file lacks is missing there."""
    (tmp_path / "a.csv").write_text("x,y\n1,a\n")
    (tmp_path / "b.csv").write_text("y,x\nb,2.5\n")
    (tmp_path / "c.csv").write_text("x\n3\n")
    dataset = open_dataset([str(tmp_path / "*.csv")])
    assert values(dataset) == [(1.0, "a"), (2.5, "b"), (3.0, None)]
    assert dataset.notes == [f"{tmp_path / 'c.csv'}: has no column 'y'; its values are missing there"]


def test_hive_partitions_and_hidden_files(tmp_path: Path) -> None:
    """A directory is every data file below it; `key=value` folders are columns, hidden names are skipped."""
    for day in ("2026-01-01", "2026-01-02"):
        folder = tmp_path / f"day={day}"
        folder.mkdir()
        (folder / "part.csv").write_text("x\n1\n")
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden.csv").write_text("bad")
    dataset = open_dataset([str(tmp_path)])
    assert [(column.name, column.type) for column in dataset.columns] == [("x", "integer"), ("day", "date")]
    assert [str(row[1]) for row in values(dataset)] == ["2026-01-01", "2026-01-02"]


def test_a_path_with_brackets_is_taken_literally(tmp_path: Path) -> None:
    """An existing path is no pattern."""
    path = tmp_path / "a[1].csv"
    path.write_text("x\n1\n")
    assert values(open_dataset([str(path)])) == [(1,)]


def test_choosing_columns_and_rows(tmp_path: Path) -> None:
    """Columns by name, rows by a condition on any column; row numbers are those before the filter."""
    path = write(tmp_path / "t.parquet")
    options = ReadOptions(columns=("name", "id"), exclude=("name",), where="x >= 0 OR ok IS NULL")
    assert values(open_dataset([path], options)) == [(1,), (3,), (4,)]
    dataset = open_dataset([path], ReadOptions(columns=("id",)))
    assert values(dataset) == [(1,), (2,), (3,), (4,)]
    with pytest.raises(UsageError, match="there is no column 'y'"):
        open_dataset([path], ReadOptions(columns=("id", "y")))
    dataset = open_dataset([path], ReadOptions(where="x >= 0", exclude=("ok",)))
    assert dataset.shards[0].read(["c0"], row="n").rows() == [(1, 0), (4, 3)]


def test_a_sample_is_the_same_each_time(tmp_path: Path) -> None:
    """A seeded share of the rows, near the share asked for."""
    path = write(tmp_path / "t.parquet", pl.DataFrame({"a": range(10_000)}))
    one = values(open_dataset([path], ReadOptions(sample=0.1, seed=7)))
    assert one == values(open_dataset([path], ReadOptions(sample=0.1, seed=7)))
    assert 800 < len(one) < 1200


@pytest.mark.parametrize("name", ["^a.*$", "*", "c0", "count", "literal", 'q"q', "a.b", ""])
def test_hostile_column_names(tmp_path: Path, name: str) -> None:
    """No name is a pattern, a wildcard or a keyword."""
    path = tmp_path / "t.parquet"
    pl.DataFrame({name: [1, 2], "aa": [3, 4]}).write_parquet(path)
    dataset = open_dataset([str(path)], ReadOptions(columns=(name,)))
    assert values(dataset) == [(1,), (2,)]


HOSTILE = "EXISTS (SELECT * FROM read_csv('/etc/passwd'))"
FAULTS = {
    "empty": ("t.csv", b"", "t.csv: is empty"),
    "ragged": ("t.csv", b"a,b\n1,2\n3\n", "t.csv:3: the record has 1 field where 2 are expected"),
    "unclosed": ("t.csv", b'a,b\n1,2\n3,"x\n', "t.csv:3: a quoted field begins here and never ends"),
    "bytes": ("t.csv", b"a\n1\n\xe9\n", "t.csv:3: is not UTF-8: byte 0xe9 at offset 4"),
    "nul": ("t.csv", b"a\n" + b"1\n" * 900 + b"\0" * 60, "a run of NUL bytes"),
    "twice": ("t.csv", b"a,a\n1,2\n", "t.csv:1: two columns are called 'a'"),
    "cr": ("t.csv", b"a\r1\r", "its lines end in carriage returns alone"),
    "png": ("t.csv", b"\x89PNG\r\n\x1a\n", "is a picture"),
    "gzip": ("t.csv.gz", gzip.compress(b"a\n1\n" * 99)[:-9], "is damaged"),
    "json": ("t.ndjson", b'{"a": 1}\n{"a": \n', "t.ndjson:2: is not JSON"),
    "array": ("t.ndjson", b'[{"a": 1}]\n', "t.ndjson:1: is a JSON array"),
    "deep": ("t.ndjson", b'{"a":' + b"[" * 900 + b"]" * 900 + b"}\n", "nested deeper"),
    "parquet": ("t.parquet", b"PAR1junkPAR1", "is damaged or not Parquet"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_their_place(tmp_path: Path, fault: str) -> None:
    """What cannot be read is one clear error that names the file and, where there is one, the line."""
    name, content, message = FAULTS[fault]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        open_dataset([str(tmp_path / name)])
    first = caught.value.faults[0]
    assert message in f"{first.where}: {first.message}".replace(f"{tmp_path}/", "")


def test_bad_records_are_listed_and_can_be_skipped(tmp_path: Path) -> None:
    """An error names the first bad records and their number; `skip` goes on and says so."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1\n" * 9 + "1,2\n")
    with pytest.raises(SourceError) as caught:
        open_dataset([str(path)])
    assert [fault.where for fault in caught.value.faults][:2] == [f"{path}:2", f"{path}:3"]
    assert caught.value.faults[-1].message == "9 bad records in all"
    dataset = open_dataset([str(path)], ReadOptions(on_bad_row="skip"))
    assert values(dataset) == [(1, 2)]
    assert "9 bad records skipped" in dataset.notes[0]


@pytest.mark.parametrize("block", [1 << 20, 64, 16])
def test_bytes_that_are_no_text_keep_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Records with such bytes are listed by line, in blocks of any size, and the others keep their values and lines."""
    monkeypatch.setattr(delimited, "BLOCK", block)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b"".join(b'%d,"x\n\xe9"\n%d,y\n' % (row, row) for row in range(20)))
    dataset = open_dataset([str(path)], ReadOptions(on_bad_row="report"))
    assert [int(place.rpartition(":")[2]) for place, _ in dataset.bad_records] == list(range(2, 62, 3))
    assert values(dataset) == [(row, "y") for row in range(20)]
    assert [dataset.where(row) for row in (0, 19)] == [f"{path}:4", f"{path}:61"]


def test_a_file_that_has_no_header_is_refused_among_others(tmp_path: Path) -> None:
    """A second file that shares no column is named, not read with its first row lost."""
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("3,4\n5,6\n")
    with pytest.raises(SourceError, match=r"b\.csv: shares no column"):
        open_dataset([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])


@pytest.mark.parametrize(
    ("source", "message"),
    [("missing.csv", "no such file"), ("*.csv", "no file matches"), ("/dev/zero", "is a device")],
)
def test_sources_that_are_not_there(tmp_path: Path, source: str, message: str) -> None:
    """A name that leads nowhere is an error."""
    with pytest.raises(SourceError, match=message):
        open_dataset([str(tmp_path / source) if not source.startswith("/") else source])


def test_a_near_file_name_is_suggested(tmp_path: Path) -> None:
    """A misspelt file name gets the nearest one as a hint."""
    (tmp_path / "training.csv").write_text("a\n1\n")
    with pytest.raises(SourceError) as caught:
        open_dataset([str(tmp_path / "trainig.csv")])
    assert caught.value.faults[0].hint == "did you mean 'training.csv'?"


@pytest.mark.parametrize(
    "where", ["nope > 1", "id >", "read_csv('/etc/passwd')", "id IN (SELECT id FROM x)", "x > AVG(x)", HOSTILE]
)
def test_a_condition_that_makes_no_sense_is_refused(tmp_path: Path, where: str) -> None:
    """A filter may name only the columns at hand."""
    with pytest.raises(DatalifeError):
        open_dataset([write(tmp_path / "t.parquet")], ReadOptions(where=where))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ReadOptions(where="nope > 1"), "there is no column 'nope'"),
        (ReadOptions(where="id >"), "--where: unable to parse"),
        (ReadOptions(columns=("idd",)), "there is no column 'idd'"),
        (ReadOptions(exclude=("idd",)), "there is no column 'idd'"),
        (ReadOptions(encoding="hex"), "--encoding: unknown encoding 'hex'"),
    ],
)
def test_what_is_asked_for_in_vain_is_refused_before_the_records_are_read(
    tmp_path: Path, options: ReadOptions, message: str
) -> None:
    """The second record is ragged, and is not reached."""
    path = tmp_path / "t.csv"
    path.write_text("id,x\n1,2\n3\n")
    with pytest.raises(UsageError, match=message):
        open_dataset([str(path)], options)


def test_rows_of_many_files_are_not_all_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the first files are, within a limit; the others are read again, and are the same."""
    for number in range(4):
        (tmp_path / f"{number}.csv").write_text(f"a\n{'x' * 50}{number}\n")
        (tmp_path / f"{number}.ndjson").write_text(f'{{"a": "{"x" * 50}{number}"}}\n')
    monkeypatch.setattr(dataset_module, "HELD", 150)
    for kind in ("csv", "ndjson"):
        dataset = open_dataset([str(tmp_path / f"*.{kind}")])
        held = [shard.part.frame is not None for shard in dataset.shards]  # type: ignore[attr-defined]
        assert held[0]
        assert not held[-1]
        assert values(dataset) == [(f"{'x' * 50}{number}",) for number in range(4)]


def test_empty_sides_are_allowed_where_asked_for(tmp_path: Path) -> None:
    """With `allow_empty` a file without content is no rows of no columns."""
    path = tmp_path / "t.ndjson"
    path.write_text("")
    dataset = open_dataset([str(path)], allow_empty=True)
    assert (dataset.columns, list(dataset.shards)) == ((), [])


def test_an_empty_file_of_another_format_was_lost(tmp_path: Path) -> None:
    """Nobody writes no rows as Parquet without a byte."""
    path = tmp_path / "t.parquet"
    path.write_bytes(b"")
    with pytest.raises(SourceError, match=r"t\.parquet: is damaged or not Parquet"):
        open_dataset([str(path)], allow_empty=True)


def test_a_header_without_rows(tmp_path: Path) -> None:
    """Header only is no rows, and columns without a type."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n")
    dataset = open_dataset([str(path)])
    assert [(column.name, column.type) for column in dataset.columns] == [("a", "null"), ("b", "null")]
    assert values(dataset) == []


def test_nested_json(tmp_path: Path) -> None:
    """Lists and structs keep their shape."""
    path = tmp_path / "t.ndjson"
    rows = [{"l": [1, 2], "s": {"a": 1}}, {"l": [], "s": {"b": "x"}}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert values(open_dataset([str(path)])) == [([1, 2], {"a": 1, "b": None}), ([], {"a": None, "b": "x"})]


def test_maps_are_lists_of_pairs(tmp_path: Path) -> None:
    """A map of a Parquet file is a list of keys and values, and is profiled as one."""
    path = tmp_path / "t.parquet"
    pl.DataFrame({"m": [{"a": 1}, None]}, schema={"m": pl.Map(pl.String, pl.Int64)}).write_parquet(path)
    dataset = open_dataset([str(path)])
    assert dataset.columns[0].type == "list"
    assert values(dataset) == [([{"key": "a", "value": 1}],), (None,)]
