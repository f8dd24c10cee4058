"""Every fault and oddity of the corpus comes out as written there."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datalife.errors import SourceError
from datalife.sources import delimited, ndjson
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from tests.sources.corpus import BAD_LINES, CASES, write


@pytest.mark.parametrize("title", [title for title, case in CASES.items() if case.rows is not None])
def test_what_can_be_read(tmp_path: Path, title: str) -> None:
    """The rows are those expected, and what is doubtful is said."""
    case = CASES[title]
    dataset = open_dataset([str(write(case, tmp_path))], case.options)
    assert dataset.frame().rows() == case.rows
    assert (case.note or "") in "".join(dataset.notes).replace(f"{tmp_path}/", "")
    assert bool(case.note) == bool(dataset.notes)
    if case.types:
        assert " ".join(column.type for column in dataset.columns) == case.types


@pytest.mark.parametrize("title", [title for title, case in CASES.items() if case.error is not None])
def test_what_cannot_be_read(tmp_path: Path, title: str) -> None:
    """The error names the file, the line where there is one, and what is wrong, in one line."""
    case = CASES[title]
    path = write(case, tmp_path)
    with pytest.raises(SourceError) as caught:
        open_dataset([str(path)], case.options).frame()
    fault = caught.value.faults[0]
    assert case.error in f"{fault.where}: {fault.message}".replace(f"{tmp_path}/", "")
    assert (case.hint or "") in (fault.hint or "")
    assert "\n" not in fault.message


def test_bad_records_are_kept_for_a_report(tmp_path: Path) -> None:
    """With `report`, what could not be read is listed by line, and the rest is read."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3\n4,5\n6,7,8\n")
    dataset = open_dataset([str(path)], ReadOptions(on_bad_row="report"))
    assert [place.rpartition(":")[2] for place, _ in dataset.bad_records] == ["3", "5"]
    assert dataset.frame().rows() == [(1, 2), (4, 5)]


def test_bad_lines_of_ndjson_keep_the_numbers_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of two lines and as a whole: each bad line is named, and each row knows its line."""
    path = tmp_path / "t.ndjson"
    path.write_bytes(BAD_LINES)
    for block in (20, 1 << 20):
        monkeypatch.setattr(ndjson, "BLOCK", block)
        dataset = open_dataset([str(path)], ReadOptions(on_bad_row="report"))
        assert [place.rpartition(":")[2] for place, _ in dataset.bad_records] == list("2456789")
        assert dataset.frame().rows() == [(1,), (5,)]
        assert dataset.where(1) == f"{path}:10"


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_text_that_is_no_text_is_refused_by_typed_formats(tmp_path: Path, name: str) -> None:
    """So that no statistic ever meets it."""
    buffers = pa.array([b"ok", b"x\xff"], pa.binary()).buffers()
    table = pa.table({"a": pa.Array.from_buffers(pa.string(), 2, buffers)})
    path = tmp_path / name
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write(table)
    with pytest.raises(SourceError, match=r"(?i)invalid utf-?8"):
        open_dataset([str(path)]).frame()


@pytest.mark.parametrize("name", ["t.csv", "t.ndjson", "t.parquet", "t.arrow"])
@pytest.mark.parametrize("change", ["shrink", "grow", "touch", "remove"])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: str
) -> None:
    """A file that is another one when its pieces are read is an error that says so."""
    monkeypatch.setattr(delimited, "BLOCK", 64)
    monkeypatch.setattr(ndjson, "BLOCK", 64)
    path, table = tmp_path / name, pl.DataFrame({"a": range(100), "b": range(100)})
    writers = {".csv": table.write_csv, ".ndjson": table.write_ndjson, ".parquet": table.write_parquet}
    writers.get(path.suffix, table.write_ipc)(path)
    dataset = open_dataset([str(path)])
    if change == "remove":
        path.unlink()
    elif change == "touch":
        os.utime(path, (1, 1))
    else:
        size = path.stat().st_size
        os.truncate(path, size // 2 if change == "shrink" else size + 10)
    with pytest.raises(SourceError, match=r"changed while it was read|cannot be read"):
        dataset.frame()


def test_names_that_differ_in_spaces_are_told(tmp_path: Path) -> None:
    """A column that a second file spells with spaces is probably the same one."""
    (tmp_path / "a.csv").write_text("id,fare paid\n1,2\n")
    (tmp_path / "b.csv").write_text("id,Fare Paid \n1,2\n")
    notes = open_dataset([str(tmp_path / "*.csv")]).notes
    assert "b.csv: has no column 'fare paid'; its values are missing there (it has 'Fare Paid ')" in " ".join(notes)


def test_what_was_found_out_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The delimiter and the header are told at the level of information."""
    (tmp_path / "t.csv").write_text("a;b\n1;2\n")
    with caplog.at_level(logging.INFO, "datalife.sources"):
        open_dataset([str(tmp_path / "t.csv")])
    assert caplog.messages == [f"{tmp_path / 't.csv'}: the delimiter is ';' (found), the header is a, b"]
