"""Compressed files, within limits."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
import zstandard

from datalife.errors import SourceError
from datalife.sources import packed
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.packed import written

PACK = {"gz": gzip.compress, "zst": zstandard.compress}


@pytest.mark.parametrize("suffix", PACK)
def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """What unpacks to far more than is usual ends with the flag that would allow it."""
    monkeypatch.setattr(packed, "USUAL", 1 << 20)
    path = tmp_path / f"t.csv.{suffix}"
    path.write_bytes(PACK[suffix](b"a\n" + b"1\n" * (1 << 24)))
    with pytest.raises(SourceError, match=r"unpacks from .* to more than") as caught:
        open_dataset([str(path)])
    assert "--max-memory" in str(caught.value.faults[0].hint)


@pytest.mark.parametrize("suffix", PACK)
def test_a_limit_of_ones_own(tmp_path: Path, suffix: str) -> None:
    """With `--max-memory` nothing unpacks to more than that, and what takes less is read."""
    path = tmp_path / f"t.csv.{suffix}"
    path.write_bytes(PACK[suffix](b"a\n" + b"1\n" * 5000))
    assert open_dataset([str(path)], ReadOptions(max_memory=10_002)).frame().height == 5000
    with pytest.raises(SourceError, match=r"to more than 9\.77 KiB"):
        open_dataset([str(path)], ReadOptions(max_memory=10_001))


def test_a_workbook_is_an_archive(tmp_path: Path) -> None:
    """A workbook that unpacks to too much is refused before it is read."""
    path = tmp_path / "t.xlsx"
    pl.DataFrame({"a": [1] * 1000}).write_excel(path)
    assert open_dataset([str(path)]).frame().height == 1000
    with pytest.raises(SourceError, match="unpacks from"):
        open_dataset([str(path)], ReadOptions(max_memory=20_000))


@pytest.mark.parametrize("suffix", ["avro", "arrow"])
def test_what_is_held_whole(tmp_path: Path, suffix: str) -> None:
    """A file that is read in one piece may be no larger than the limit."""
    path, table = tmp_path / f"t.{suffix}", pl.DataFrame({"a": range(5000)})
    table.write_avro(path) if suffix == "avro" else table.write_ipc_stream(path)
    with pytest.raises(SourceError, match="is held in memory whole"):
        open_dataset([str(path)], ReadOptions(max_memory=1000))


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", b"a,b\n1,2\n3," + b"x" * 9000 + b"\n"), ("t.ndjson", b'{"a": 1}\n{"a": "' + b"x" * 9000 + b'"}\n')],
)
def test_a_record_beyond_the_limit(tmp_path: Path, name: str, content: bytes) -> None:
    """A record longer than the limit is an error with its line; a limit below a block reads all the same."""
    path = tmp_path / name
    path.write_bytes(content)
    assert open_dataset([str(path)], ReadOptions(max_memory=9500)).frame().height == content.count(b"\n") - (
        name == "t.csv"
    )
    with pytest.raises(SourceError, match=r"a record is longer than 4\.88 KiB") as caught:
        open_dataset([str(path)], ReadOptions(max_memory=5000))
    assert caught.value.faults[0].where == f"{path}:{3 if name == 't.csv' else 2}"


def test_zstandard_without_a_module_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars unpacks Zstandard, too: the same lines, but for carriage returns at their ends."""
    monkeypatch.setattr(packed, "ZSTANDARD", ())
    path = tmp_path / "t.csv.zst"
    path.write_bytes(zstandard.compress(b'a,b\r\n1,"x\r\ny"\r\n') + zstandard.compress(b"2,z"))
    assert open_dataset([str(path)]).frame().rows() == [(1, "x\ny"), (2, "z")]
    path.write_bytes(zstandard.compress(b"a\n1\n" * 99)[:-4])
    with pytest.raises(SourceError, match="is damaged"):
        open_dataset([str(path)])


@pytest.mark.parametrize(("size", "shown"), [(999, "999 bytes"), (10_001, "9.77 KiB"), (256 << 20, "256 MiB")])
def test_sizes_for_people(size: int, shown: str) -> None:
    """Three digits and a unit."""
    assert written(size) == shown
