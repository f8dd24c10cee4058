"""One small file for each fault and oddity, made here, with what must come of it.

`python -m tests.sources.corpus FOLDER` writes the files out for a look.
"""

from __future__ import annotations

import gzip
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from datalife.sources.model import ReadOptions


@dataclass(frozen=True)
class Case:
    """A file, how it is read, and what comes of it: rows (with the notes), or an error at a place."""

    file: str
    content: bytes
    rows: list[tuple[Any, ...]] | None = None
    error: str | None = None
    hint: str | None = None
    note: str | None = None
    types: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"a": list(range(1000))}).write_parquet(buffer)
    return buffer.getvalue()


def _arrow() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"a": list(range(1000))}).write_ipc(buffer)
    return buffer.getvalue()


def _stream() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_ipc_stream(buffer)
    return buffer.getvalue()


def _twins() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), buffer)
    return buffer.getvalue()


def _far(dtype: pl.DataType, ticks: int) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(
        {"d": pl.Series([0, ticks]).cast(pl.Int32 if dtype == pl.Date else pl.Int64).cast(dtype)}
    ).write_parquet(buffer)
    return buffer.getvalue()


#: One good line of NDJSON, then one for each way to be bad, then another good one.
BAD_LINES = b'{"a":1}\n{"a":2,\n\n{"b":"\xe9"}\n[1]\n{"a":3,"a":4}\n{"a":NaN}\n{"a":1e999}\n"\\ud800"\n{"a":5}\n'
ONE = [(1, 2)]
TEXT = "name,n\nJosé,1\n"

CASES: dict[str, Case] = {
    # how lines and fields are marked
    "crlf": Case("t.csv", b"a,b\r\n1,2\r\n", ONE),
    "mixed line ends": Case("t.csv", b"a,b\r\n1,2\n3,4\r\n", [(1, 2), (3, 4)]),
    "no last line end": Case("t.csv", b"a,b\n1,2", ONE),
    "carriage returns alone": Case("t.csv", b"a,b\r1,2\r", error="t.csv: its lines end in carriage returns alone"),
    "blank lines": Case("t.csv", b"\n\na,b\n\n1,2\n\n", ONE),
    "semicolons": Case("t.csv", b"a;b\n1;2\n", ONE),
    "tabs": Case("t.csv", b"a\tb\n1\t2\n", ONE),
    "pipes": Case("t.csv", b"a|b\n1|2\n", ONE),
    "commas in semicolons": Case("t.csv", b"a;b\n1,5;2,5\n3,5;4,5\n", [("1,5", "2,5"), ("3,5", "4,5")]),
    "excel says sep": Case("t.csv", b"sep=;\r\na;b\r\n1;2\r\n", ONE),
    "excel says an odd sep": Case("t.csv", b"sep=#\na#b\n1#2\n", ONE),
    "a delimiter of one's own": Case("t.csv", b"a^b\n1^2\n", ONE, options=ReadOptions(delimiter="^")),
    "another quote": Case("t.csv", b"a,b\n1,'x,y'\n", [(1, "x,y")], options=ReadOptions(quote="'")),
    "quoted line ends": Case("t.csv", b'a,b\n1,"x\r\ny"\n', [(1, "x\r\ny")]),
    "doubled quotes": Case("t.csv", b'"say ""x""",b\n"a ""q""",2\n', [('a "q"', 2)]),
    "a lone quote": Case("t.csv", b'a,b\n1,27" x\n', [(1, '27" x')]),
    "an unclosed quote": Case("t.csv", b'a,b\n1,2\n3,"x\n4,5\n', error="t.csv:3: a quoted field begins here"),
    "text after a quote": Case("t.csv", b'a,b\n1,"x"y\n', error="t.csv:2: text follows a closing quote"),
    "a field of many lines": Case(
        "t.csv", b'a,b\n1,"' + b"x\n" * 40 + b'"\n', [(1, "x\n" * 40)], note="t.csv:2: one field spans 41 lines"
    ),
    "a short record": Case("t.csv", b"a,b\n1,2\n3\n", error="t.csv:3: the record has 1 field where 2 are expected"),
    "a long record": Case("t.csv", b"a,b\n1,2\n3,4,5\n", error="t.csv:3: the record has 3 fields"),
    "a short record skipped": Case(
        "t.csv", b"a,b\n1,2\n3\n", ONE, note="1 bad records skipped", options=ReadOptions(on_bad_row="skip")
    ),
    "a short record reported": Case("t.csv", b"a,b\n1,2\n3\n", ONE, options=ReadOptions(on_bad_row="report")),
    "a line that is no text skipped": Case(
        "t.csv",
        b'a,b\n1,2\n3,"x\n\xe9"\n\xff,4\n5,6\n',
        [(1, 2), (5, 6)],
        note="2 bad records skipped, the first at t.csv:3: has bytes that are not UTF-8",
        options=ReadOptions(on_bad_row="skip"),
    ),
    # headers
    "a header that is no text": Case("t.csv", b"caf\xe9,b\n1,2\n", error="t.csv:1: is not UTF-8: byte 0xe9"),
    "header only": Case("t.csv", b"a,b\n", [], types="null null"),
    "no header": Case("t.csv", b"1,2\n", ONE, options=ReadOptions(header=False)),
    "numbers as a header": Case("t.csv", b"1,2\n3,4\n", [(3, 4)], note="the header looks like data"),
    "two columns of one name": Case("t.csv", b"a,a\n1,2\n", error="t.csv:1: two columns are called 'a'"),
    "names that differ in case": Case("t.csv", b"a,A\n1,2\n", ONE),
    "a column without a name": Case("t.csv", b"a,\n1,2\n", ONE, note="column 2 has no name"),
    "a padded name": Case("t.csv", b"a, b\n1,2\n", ONE, note="the column name ' b' has spaces around it"),
    # bytes
    "empty": Case("t.csv", b"", error="t.csv: is empty"),
    "only line ends": Case("t.csv", b"\n\n", error="t.csv: is empty"),
    "a byte order mark": Case("t.csv", b"\xef\xbb\xbf" + TEXT.encode(), [("José", 1)]),
    "utf-16": Case("t.csv", TEXT.encode("utf-16"), [("José", 1)]),
    "utf-32": Case("t.csv", TEXT.encode("utf-32"), [("José", 1)]),
    "utf-16 without a mark": Case("t.csv", TEXT.encode("utf-16-le"), error="t.csv: is binary", hint="utf-16"),
    "utf-16 told": Case("t.csv", TEXT.encode("utf-16-le"), [("José", 1)], options=ReadOptions(encoding="utf-16-le")),
    "latin-1": Case("t.csv", TEXT.encode("latin-1"), error="byte 0xe9 at offset 10", hint="latin-1"),
    "utf-16 told, without a mark": Case(
        "t.csv", TEXT.encode("utf-16-le"), [("José", 1)], options=ReadOptions(encoding="utf-16")
    ),
    "utf-32 told, without a mark": Case(
        "t.csv", TEXT.encode("utf-32-be"), [("José", 1)], options=ReadOptions(encoding="utf-32")
    ),
    "half a surrogate pair": Case(
        "t.csv", b"a\n+2AA-\n", error="t.csv:2: is not UTF-8: byte 0xed", options=ReadOptions(encoding="utf-7")
    ),
    "bad lines of ndjson": Case(
        "t.ndjson",
        BAD_LINES,
        [(1,), (5,)],
        note="7 bad records skipped, the first at t.ndjson:2: is not JSON",
        options=ReadOptions(on_bad_row="skip"),
    ),
    "bad lines alone": Case(
        "t.ndjson", b"[\n{bad\n", error="t.ndjson:1: is not JSON", options=ReadOptions(on_bad_row="skip")
    ),
    "not a number in ndjson": Case("t.ndjson", b'{"a":1}\n{"a":NaN}\n', error="t.ndjson:2: is not JSON: NaN"),
    "too large for a number": Case("t.ndjson", b'{"a":1}\n{"a":1e999}\n', error="t.ndjson:2: is not JSON: 1e999"),
    "too large for an integer": Case(
        "t.ndjson", b'{"a":1}\n{"a":1' + b"0" * 40 + b"}\n", error="t.ndjson:2: is not JSON: 1000", hint="NDJSON"
    ),
    "the largest integer in ndjson": Case("t.ndjson", f'{{"a":{2**127 - 1}}}\n'.encode(), [(2**127 - 1,)]),
    "utf-16 ndjson without a mark": Case(
        "t.ndjson", '{"a": 1}\n'.encode("utf-16-le"), error="t.ndjson: is binary", hint="utf-16"
    ),
    "a web page": Case("t.csv", b"<!DOCTYPE html>\n<p>404\n", error="t.csv: is a web page, which is not supported"),
    "a day of the year five million": Case("t.parquet", _far(pl.Date(), 2**31 - 1), error="column 'd' holds a day"),
    "a datetime at the end of time": Case(
        "t.parquet", _far(pl.Datetime("us"), 2**63 - 1), error="column 'd' holds a day beyond the year 260,000"
    ),
    "a datetime past the end of time": Case(
        "t.parquet", _far(pl.Datetime("ms"), -(2**62)), error="column 'd' holds a day beyond the year 260,000"
    ),
    "latin-1 told": Case("t.csv", TEXT.encode("latin-1"), [("José", 1)], options=ReadOptions(encoding="latin-1")),
    "windows-1252 told": Case(
        "t.csv", "a\n€\n".encode("cp1252"), [("€",)], options=ReadOptions(encoding="windows-1252")
    ),
    "not the encoding told": Case(
        "t.csv", b"a\n\x81\x40\xff\n", error="t.csv: is not shift_jis", options=ReadOptions(encoding="shift_jis")
    ),
    "a nul": Case("t.csv", b"a,b\n1\x002,x\n" + b"1,y\n" * 9, [("1\x002", "x")] + [("1", "y")] * 9),
    "a run of nuls": Case("t.csv", b"a\n" + b"1\n" * 900 + b"\0" * 60, error="t.csv:902: a run of NUL bytes"),
    "a picture": Case("t.csv", b"\x89PNG\r\n\x1a\n\0\0", error="t.csv: is a picture"),
    "a pickle": Case("t.csv", b"\x80\x04\x95\x10\0\0", error="t.csv: is a pickle"),
    "terminal escapes": Case("t.csv", b"a\n\x1b[31mred\n", [("\x1b[31mred",)]),
    "a formula": Case("t.csv", b"a\n=1+1\n", [("=1+1",)]),
    # compression
    "gzip": Case("t.csv.gz", gzip.compress(b"a,b\n1,2\n"), ONE),
    "two gzip members": Case("t.csv.gz", gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n"), ONE),
    "gzip by content": Case("t.csv", gzip.compress(b"a,b\n1,2\n"), ONE),
    "half of a gzip": Case("t.csv.gz", gzip.compress(b"a\n1\n" * 99)[:-9], error="t.csv.gz: is damaged"),
    "a wrong checksum": Case(
        "t.csv.gz", gzip.compress(b"a\n1\n")[:-8] + b"\0" * 8, error="t.csv.gz: is damaged: CRC check failed"
    ),
    "zstandard": Case("t.csv.zst", zstandard.compress(b'a,b\r\n1,"x\r\ny"'), [(1, "x\r\ny")]),
    "two zstandard frames": Case("t.csv.zst", zstandard.compress(b"a,b\n") + zstandard.compress(b"1,2\n"), ONE),
    "half of a zstandard": Case("t.csv.zst", zstandard.compress(b"a\n1\n" * 99)[:-4], error="t.csv.zst: is damaged"),
    "rubbish after zstandard": Case("t.csv.zst", zstandard.compress(b"a\n1\n") + b"xyz", error="t.csv.zst: is damaged"),
    # values
    "leading zeros": Case("t.csv", b"zip\n00501\n10001\n", [("00501",), ("10001",)]),
    "nineteen digits": Case("t.csv", b"a\n9223372036854775808\n1\n", [("9223372036854775808",), ("1",)]),
    "eighteen digits": Case("t.csv", b"a\n999999999999999999\n", [(999999999999999999,)]),
    "a float too large": Case("t.csv", b"a\n1e400\n1\n", [("1e400",), ("1",)]),
    "infinity": Case("t.csv", b"a\ninf\n1.5\n", [(float("inf"),), (1.5,)]),
    "namibia": Case("t.csv", b"country\nNA\nDE\n", [("NA",), ("DE",)]),
    "a marker of one's own": Case("t.csv", b"a\nNA\n1\n", [(None,), (1,)], options=ReadOptions(null_values=("NA",))),
    "a decimal comma": Case("t.csv", b"a;b\n1,5;x\n", [("1,5", "x")]),
    "mixed booleans": Case("t.csv", b"a\ntrue\nFALSE\n", [("true",), ("FALSE",)]),
    "a day that is none": Case("t.csv", b"a\n2024-02-30\n", [("2024-02-30",)]),
    "day or month first": Case("t.csv", b"a\n01/02/2024\n", [("01/02/2024",)]),
    # json lines
    "json": Case("t.ndjson", b'{"a": 1, "b": 2}\n', ONE),
    "json with a mark": Case("t.ndjson", b'\xef\xbb\xbf{"a": 1, "b": 2}\n', ONE),
    "json keys that come late": Case("t.ndjson", b'{"a": 1}\n' * 200 + b'{"b": 2}\n', [(1, None)] * 200 + [(None, 2)]),
    "a boolean beside a number": Case("t.ndjson", b'{"a": true}\n{"a": 1}\n', [("true",), ("1",)]),
    "dates in json are text": Case("t.ndjson", b'{"a": "2026-01-01"}\n', [("2026-01-01",)], types="string"),
    "a key twice": Case("t.ndjson", b'{"a": 1}\n{"a": 1, "a": 2}\n', error="t.ndjson:2: the key 'a' stands twice"),
    "a key twice far down": Case(
        "t.ndjson",
        b'{"a": 1, "b": 2}\n' * 5000 + b'{"b": 1, "b": 2}\n',
        error="t.ndjson:5001: the key 'b'",
    ),
    "a key twice within": Case("t.ndjson", b'{"a": [{"k": 1}, {"k" : 2, "k": 3}]}\n', error="t.ndjson:1: the key 'k'"),
    "one key of two objects": Case("t.ndjson", b'{"a": {"k": 1}, "b": {"k": 2}}\n', [({"k": 1}, {"k": 2})]),
    "a text like a key": Case("t.ndjson", b'{"a": "\\"a\\": 1"}\n', [('"a": 1',)]),
    "half of a json line": Case("t.ndjson", b'{"a": 1}\n{"a": \n', error="t.ndjson:2: is not JSON"),
    "two objects in a line": Case("t.ndjson", b'{"a": 1} {"a": 2}\n', error="t.ndjson:1: is not JSON: Extra data"),
    "a json array": Case("t.ndjson", b'[{"a": 1}]\n', error="t.ndjson:1: is a JSON array", hint="jq"),
    "json over several lines": Case("t.json", b'{\n  "a": 1\n}\n', error="t.json:1: is not JSON", hint="jq"),
    "deep json": Case("t.ndjson", b'{"a":' + b"[" * 900 + b"]" * 900 + b"}\n", error="is nested deeper than 100"),
    "half a surrogate": Case("t.ndjson", b'{"a": "\\ud800"}\n', error="t.ndjson:1: half of a surrogate pair"),
    "an empty json key": Case("t.ndjson", b'{"": 1, "a.b": 2}\n', ONE),
    # columns on disk
    "half of a parquet": Case("t.parquet", _parquet()[:900], error="t.parquet: is damaged or not Parquet"),
    "an encrypted parquet": Case("t.parquet", b"PARE" + b"\0" * 20, error="is an encrypted Parquet file"),
    "text called parquet": Case("t.parquet", b"a,b\n1,2\n", error="t.parquet: is damaged or not Parquet"),
    "parquet called csv": Case("t.csv", _parquet(), [(number,) for number in range(1000)]),
    "a packed parquet": Case("t.parquet.gz", gzip.compress(_parquet()), error="is packed as a whole", hint="unpack it"),
    "half of an arrow": Case("t.arrow", _arrow()[:900], error="t.arrow: is damaged or not Arrow IPC"),
    "an arrow stream": Case("t.arrows", _stream(), [(1,), (2,)]),
    "an arrow stream by content": Case("t", _stream(), [(1,), (2,)]),
    "an old feather": Case("t.feather", b"FEA1" + b"\0" * 40, error="t.feather: is a Feather file of version 1"),
    "two columns of one name in parquet": Case("t.parquet", _twins(), error="t.parquet: two columns are called 'a'"),
    "an empty parquet": Case("t.parquet", b"", error="t.parquet: is damaged or not Parquet", hint="fetch it again"),
    "an empty arrow": Case("t.arrow", b"", error="t.arrow: is damaged or not Arrow IPC", hint="fetch it again"),
    "half of an avro": Case("t.avro", b"Obj\x01\x04", error="t.avro: is damaged or not Avro"),
    "a zip": Case("t.zip", b"PK\x03\x04junk", error="t.zip: is a ZIP archive"),
    "no sqlite": Case("t.sqlite", b"SQLite format 3\0junk", error="t.sqlite: the database says"),
}


def write(case: Case, folder: Path) -> Path:
    """Writes the file of a case."""
    path = folder / case.file
    path.write_bytes(case.content)
    return path


if __name__ == "__main__":
    for title, each in CASES.items():
        target = Path(sys.argv[1], title.replace(" ", "-"))
        target.mkdir(parents=True, exist_ok=True)
        write(each, target)
