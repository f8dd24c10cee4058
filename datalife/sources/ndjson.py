"""NDJSON: one JSON object a line, read in blocks of whole lines; the types are those of all rows together."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from typing import Any

import polars as pl

from datalife.errors import SourceError
from datalife.sources.bad_records import judge
from datalife.sources.faults import reading
from datalife.sources.model import ReadOptions
from datalife.sources.paths import SourceFile
from datalife.sources.plain import Watch, head, plain_text, refuse_binary, watch_of
from datalife.sources.table import Numbers, Rereadable, Table, name_by_position
from datalife.sources.types import common_type
from datalife.words import shortened

BLOCK = 32 << 20
DEEPEST = 100
WANTED = "NDJSON has one whole object on each line"
#: The key of a value, of any object in a line.
KEY = r'"(?:[^"\\]|\\.)*"\s*:'
SURROGATE = re.compile(rb"\\u[dD][89abcdefABCDEF]")
#: Digits of an integer of 128 bits, and its sign.
DIGITS = 40
NESTED = re.compile(rb"[\[{\]}]")


@dataclass
class JsonPart(Rereadable):
    """A block of lines: the bytes `start` to `stop` of a file, `rows` objects."""

    file: Watch
    start: int
    stop: int
    first_line: int
    rows: int
    schema: dict[str, pl.DataType]
    #: The lines of the block, from 0, that are left out.
    bad: tuple[int, ...] = ()
    frame: pl.DataFrame | None = field(default=None, repr=False)

    def read(self, positions: Sequence[int] | None = None, _: Numbers | None = None) -> pl.DataFrame:
        """See Part."""
        frame = self.frame
        if frame is None:
            with reading(self.file.name, "NDJSON"):
                frame = pl.read_ndjson(self._bytes(), schema=self.schema)
            if frame.height != self.rows:
                raise SourceError(self.file.name, f"{frame.height} rows were read where {self.rows} were counted")
        frame = name_by_position(frame.select(pl.all()))
        return frame if positions is None else frame.select(str(position) for position in positions)

    def line(self, row: int) -> int | None:
        """See Part."""
        lines = enumerate(self._bytes().split(b"\n"), self.first_line)
        filled = [number for number, line in lines if line.strip()]
        return filled[row] if row < len(filled) else None

    def _bytes(self) -> bytes:
        return _blanked(self.file.read(self.start, self.stop), self.bad)


def open_ndjson(file: SourceFile, options: ReadOptions) -> Table:
    """Opens a file of JSON lines.

    Raises:
        SourceError: a line that is no JSON object, with its line number and the likely cause.
    """
    path = plain_text(file.path, file.name, options)
    refuse_binary(head(path, file.name), file.name)
    watch = watch_of(path, file.name, options)
    table = Table(file.name, [], [], [])
    parts: list[JsonPart] = []
    schemas = []
    for start, line, block in _blocks(watch):
        frame, bad = _understood(block, line, watch)
        table.bad_records += [(f"{file.name}:{line + number}", reason) for number, reason in bad.items()]
        if frame.height or frame.width:
            parts.append(JsonPart(watch, start, start + len(block), line, frame.height, {}, tuple(bad), frame))
            schemas.append(dict(frame.schema))
    if not parts:
        where, reason = table.bad_records[0] if table.bad_records else (file.name, "is empty")
        raise SourceError(where, reason, "a file of JSON lines needs at least one object")
    schema = _common(schemas)
    for part, own in zip(parts, schemas, strict=True):
        part.schema = schema
        if len(parts) > 1 or own != schema:
            part.frame = None
    judge(table, options, WANTED)
    return replace(table, names=list(schema), dtypes=list(schema.values()), parts=parts)


def _blocks(file: Watch) -> Iterator[tuple[int, int, bytes]]:
    """(offset, first line, bytes) of consecutive blocks of whole lines."""
    usual, (size, _) = min(BLOCK, file.longest), file.state
    position, line, wanted = 0, 1, usual
    with open(file.path, "rb") as stream:
        if stream.read(3) == b"\xef\xbb\xbf":
            position = 3
        while position < size:
            stream.seek(position)
            block = stream.read(wanted)
            if position + len(block) < size:
                block = block[: block.rfind(b"\n") + 1]
            if not block:
                if wanted >= file.longest:
                    raise file.too_long(line)
                wanted = min(2 * wanted, file.longest)
                continue
            yield position, line, block
            position, line, wanted = position + len(block), line + block.count(b"\n"), usual


def _common(schemas: list[dict[str, pl.DataType]]) -> dict[str, pl.DataType]:
    schema: dict[str, pl.DataType] = {}
    for each in schemas:
        for name, dtype in each.items():
            schema[name] = common_type(schema[name], dtype) or pl.String() if name in schema else dtype
    return schema


def _understood(block: bytes, first_line: int, file: Watch) -> tuple[pl.DataFrame, dict[int, str]]:
    """The rows of a block, and which of its lines, from 0, are left out and why: none where the user is `strict`.

    Only a block with a fault is looked at line by line.
    """
    try:
        frame = _inferred(block, first_line, file.name)
        _refuse_twins(block, first_line, file.name, frame)
    except SourceError:
        if file.strict:
            raise
    else:
        return frame, {}
    bad: dict[int, str] = {}
    for number, line in enumerate(block.split(b"\n")):
        try:
            _record(line, first_line + number, file.name)
        except SourceError as error:
            bad[number] = error.faults[0].message
    return _inferred(_blanked(block, bad), first_line, file.name), bad


def _blanked(block: bytes, bad: Collection[int]) -> bytes:
    """The block without these lines, which become blank: all others keep their numbers."""
    if not bad:
        return block
    lines = block.split(b"\n")
    for number in bad:
        lines[number] = b""
    return b"\n".join(lines)


def _inferred(block: bytes, first_line: int, name: str) -> pl.DataFrame:
    """The block read with the types that all its rows together have."""
    if not block.strip():
        return pl.DataFrame()
    _refuse_hazards(block, first_line, name)
    try:
        return pl.read_ndjson(block, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        schema = _kinds(block, first_line, name)
    with reading(name, "NDJSON"):
        return pl.read_ndjson(block, schema=schema)


def _refuse_hazards(block: bytes, first_line: int, name: str) -> None:
    """What polars would read wrongly in silence, or not survive."""
    lines = block.split(b"\n")
    may_be_deep = max(map(len, lines)) > 2 * DEEPEST and block.count(b"[") + block.count(b"{") > len(lines) + DEEPEST
    for number, line in enumerate(lines, first_line) if may_be_deep or SURROGATE.search(block) else ():
        if (may_be_deep and len(line) > 2 * DEEPEST) or SURROGATE.search(line):
            _record(line, number, name)


def _refuse_twins(block: bytes, first_line: int, name: str, frame: pl.DataFrame) -> None:
    """A key that stands twice in an object: polars would keep one of its values in silence.

    Where every row has a value for every key and there are no more keys than values, none stands twice.
    """
    has_gaps = any(column.null_count() or column.dtype.is_nested() for column in frame)
    if not has_gaps and block.count(b'":') == frame.height * frame.width:
        return
    keys = pl.col("line").str.extract_all(KEY)
    lines = pl.read_lines(block, row_index_name="number", row_index_offset=first_line)
    doubtful = lines.filter(keys.list.n_unique() < keys.list.len())  # keys of several objects, or twins of one
    for number, line in doubtful.iter_rows():
        _record(line.encode(), number, name)


def _distinct(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    """An object of JSON, each of whose keys stands once."""
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise SourceError(where, f"the key {twice[0]!r} stands twice in one object", "rename one of them")
    return dict(pairs)


def _depth(line: bytes) -> int:
    """An upper bound of how deep a line is nested (brackets inside text count too)."""
    steps = (1 if mark in b"[{" else -1 for mark in NESTED.findall(line))
    return max(accumulate(steps), default=0)


def _has_surrogate(value: Any) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in json.dumps(value, ensure_ascii=False))


def _record(line: bytes, number: int, name: str) -> dict[str, Any]:
    """The object on a line; none on a blank one.

    Raises:
        SourceError: there is something else, or what polars would read wrongly in silence or not survive.
    """
    where = f"{name}:{number}"
    if not line.strip():
        return {}
    if len(line) > 2 * DEEPEST and _depth(line) > DEEPEST:
        raise SourceError(where, f"is nested deeper than {DEEPEST} levels")
    try:
        found = json.loads(
            line,
            object_pairs_hook=partial(_distinct, where=where),
            parse_constant=_refused,
            parse_float=_finite,
            parse_int=_held,
        )
    except UnicodeDecodeError as error:
        hint = "try --encoding windows-1252 or --encoding latin-1"
        raise SourceError(where, f"is not UTF-8: byte {error.start} of the line", hint) from error
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(":")[0].removesuffix(" at")
        raise SourceError(where, f"is not JSON: {reason}", _likely_cause(line)) from error
    if not isinstance(found, dict):
        what = "a JSON array" if isinstance(found, list) else "a bare value"
        raise SourceError(where, f"is {what}, expected one object a line", _likely_cause(b"["))
    if SURROGATE.search(line) and _has_surrogate(found):
        raise SourceError(where, "half of a surrogate pair is no character")
    return found


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number


def _held(text: str) -> int:
    if len(text) > DIGITS or not -(2**127) <= int(text) < 2**127:
        raise ValueError(f"{shortened(text, DIGITS)} is too large for an integer")
    return int(text)


def _likely_cause(line: bytes) -> str:
    if line.strip() in (b"[", b"{"):
        return f"{WANTED}; `jq -c '.[]'` makes it from a JSON array"
    return WANTED


def _kinds(block: bytes, first_line: int, name: str) -> dict[str, pl.DataType]:
    """The slow second look at lines that polars refused: names the fault, or finds columns of mixed kinds.

    A column whose values have no common type is read as text.
    """
    schema: dict[str, pl.DataType] = {}
    for number, line in enumerate(block.split(b"\n"), first_line):
        for key, value in _record(line, number, name).items():
            dtype = pl.Series([value], strict=False).dtype
            schema[key] = common_type(schema.get(key, pl.Null()), dtype) or pl.String()
    return schema
