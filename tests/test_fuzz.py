"""Whatever stands in a file: a result or an error of ours, exit code 0, 1 or 2, and never a traceback."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalife.cli import main

FEW = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCHEMA = "columns:\n  a: {type: integer, min: 1}\n  b: {type: string, domain: [x]}\ndataset: {unique: [[a, b]]}\n"
TABLE = pl.DataFrame({"a": [1, 2, None, 4] * 5, "b": ["x", 'y "q"', "é\n", None] * 5, "c": [0.5, -1.0, 2.0, None] * 5})
CSV, LINES = TABLE.write_csv().encode(), TABLE.write_ndjson().encode()


def of(write: Callable[[Path], object]) -> Callable[[Path], bytes]:
    """The bytes that a writer of files writes."""

    def content(path: Path) -> bytes:
        path.unlink(missing_ok=True)
        write(path)
        return path.read_bytes()

    return content


def database(path: Path) -> None:
    """The table as a database of SQLite."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a, b, c)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", TABLE.rows())
    connection.close()


#: A real file of each format.
FILES: dict[str, Callable[[Path], bytes]] = {
    "t.csv": lambda _: CSV,
    "t.tsv": lambda _: TABLE.write_csv(separator="\t").encode(),
    "t.csv.gz": lambda _: gzip.compress(CSV),
    "t.csv.zst": lambda _: zstandard.compress(CSV),
    "u.csv": lambda _: CSV.decode().encode("utf-16"),
    "t.ndjson": lambda _: LINES,
    "t.ndjson.gz": lambda _: gzip.compress(LINES),
    "t.parquet": of(TABLE.write_parquet),
    "t.arrow": of(TABLE.write_ipc),
    "t.ipc": of(TABLE.write_ipc_stream),
    "t.avro": of(TABLE.write_avro),
    "t.xlsx": of(TABLE.write_excel),
    "t.sqlite": of(database),
}

Edit = tuple[float, bytes, int]
#: Changes of a file: at a place (a share of its length) these bytes stand in for so many of its own.
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.binary(max_size=3)
        | st.sampled_from([b'"', b"\n", b"\r", b",", b"\0" * 9, b"[" * 300, b"\xff\xfe", b"1e999"]),
        st.sampled_from([0, 1, 2, 8, 10**9]),
    ),
    min_size=1,
    max_size=4,
)


def changed(content: bytes, edits: list[Edit]) -> bytes:
    """The content after the edits."""
    for share, new, length in edits:
        place = int(share * len(content))
        content = content[:place] + new + content[place + length :]
    return content


def run_all(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs the commands that read data on a file; each ends well or says why not."""
    (path.parent / "schema.yaml").write_text(SCHEMA)
    for command in (
        ["stats", str(path), "-f", "json"],
        ["infer-schema", str(path), "--on-bad-row", "skip"],
        ["validate", str(path), "--schema", str(path.parent / "schema.yaml"), "--on-bad-row", "report"],
        ["diff", str(path), str(path), "--decimal-comma", "--time-format", "%d/%m/%Y"],
    ):
        code = main(command)
        captured = capsys.readouterr()
        assert code in (0, 1, 2), (command, code)
        assert "Traceback" not in captured.err, captured.err
        assert code != 2 or "error: " in captured.err


@pytest.mark.parametrize("name", FILES)
@FEW
@given(edits=EDITS)
def test_a_changed_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, edits: list[Edit]) -> None:
    """A file with bytes lost, changed and added is read or refused."""
    content = FILES[name](tmp_path / f"whole-{name}")
    path = tmp_path / name
    path.write_bytes(changed(content, edits))
    run_all(path, capsys)


@pytest.mark.parametrize(
    "name", ["t.csv", "t.ndjson", "t.json", "t.parquet", "t.arrow", "t.avro", "t.xlsx", "t.sqlite", "t"]
)
@FEW
@given(content=st.binary(max_size=300))
def test_random_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes) -> None:
    """Bytes of no format at all are refused, or are text."""
    path = tmp_path / name
    path.write_bytes(content)
    run_all(path, capsys)


JUNK = [None, 0, -1, 1e308, 2**70, True, "", "x", "NaN", "2026-13-45", [], [[]], {}]


def leaf(document: object, choices: Iterator[int]) -> tuple[dict[object, object] | list[object], object]:
    """Some container in a document of JSON, and the key or the place of one of its members."""
    while True:
        choice = next(choices)
        assert isinstance(document, dict | list)
        key = list(document)[choice % len(document)] if isinstance(document, dict) else choice % len(document)
        inner = document[key]  # type: ignore[index]
        if not isinstance(inner, dict | list) or not inner or choice % 10 == 0:
            return document, key
        document = inner


@FEW
@given(choices=st.lists(st.integers(0, 10_000), min_size=20, max_size=20), junk=st.sampled_from(JUNK))
def test_a_changed_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], choices: list[int], junk: object
) -> None:
    """A saved profile in which something is another thing is used or refused."""
    table, whole, path = tmp_path / "t.csv", tmp_path / "whole.json", tmp_path / "p.json"
    if not whole.exists():
        table.write_bytes(CSV)
        given = ["--by", "b", "--weight", "a", "--where", "a > 0"]
        assert main(["stats", str(table), *given, "-o", str(whole)]) == 0
    profile = json.loads(whole.read_text())
    container, key = leaf(profile, iter(choices))
    container[key] = junk  # type: ignore[index,call-overload]
    path.write_text(json.dumps(profile))
    run_all(path, capsys)


TOKENS = [*"a1:-[]{}&*!|>?,'\"# \n\t%@`é\0", "columns:", "type:", "min:", "\n  "]


@FEW
@given(text=st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_random_schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A schema of random marks is refused with its line, or is one."""
    (tmp_path / "s.yaml").write_text(text, newline="")
    (tmp_path / "t.csv").write_bytes(CSV)
    code = main(["validate", str(tmp_path / "t.csv"), "--schema", str(tmp_path / "s.yaml")])
    assert code in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err
