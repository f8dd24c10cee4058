"""CSV and TSV: read as text, in blocks of whole records; types are found later, over the whole data."""

from __future__ import annotations

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import BinaryIO

import polars as pl

from datalife.errors import SourceError, UsageError
from datalife.sources.bad_records import judge
from datalife.sources.faults import reading
from datalife.sources.model import ReadOptions
from datalife.sources.numerals import numeric, within_limits
from datalife.sources.paths import SourceFile
from datalife.sources.plain import Watch, head, plain_text, refuse_binary, watch_of
from datalife.sources.records import (
    SUBSTITUTE,
    Dialect,
    Garbled,
    Records,
    Unclosed,
    examine,
    read_record,
    readable,
    unquoted,
)
from datalife.sources.table import Numbers, Rereadable, Table, shared_out
from datalife.sources.types import FLOAT

BLOCK = 28 << 20
#: A block is longer than that by the rest of its last line, if this is no longer.
LINE = 1 << 16
DELIMITERS = (",", "\t", ";", "|")
#: A first line with which Excel is told the delimiter.
DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
#: What was found out about a file; shown with `-v`.
LOGGER = logging.getLogger("datalife.sources")


@dataclass
class TextPart(Rereadable):
    """A block of a delimited file: the bytes `start` to `stop`, which hold `rows` good records."""

    file: Watch
    dialect: Dialect
    width: int
    start: int
    stop: int
    first_line: int
    rows: int
    #: False where the block must be examined and repaired again before polars may read it.
    plain: bool
    #: Whether every line is one record.
    regular: bool
    frame: pl.DataFrame | None = field(default=None, repr=False)

    def read(self, positions: Sequence[int] | None = None, numbers: Numbers | None = None) -> pl.DataFrame:
        """The columns as text, or as `numbers`; see Part."""
        frame = self.frame if self.frame is not None else self._parse(positions, numbers or {})
        return frame if positions is None else frame.select(str(position) for position in positions)

    def _parse(self, positions: Sequence[int] | None, numbers: Numbers) -> pl.DataFrame:
        block = self._bytes()
        if not self.plain:
            text = readable(block)
            block = examine(text, self.width, self.dialect, substituted=text is not block).clean
        return Clean(block, self.rows, self.width, self.dialect, self.file.name).parsed(positions, numbers)

    def _bytes(self) -> bytes:
        return self.file.read(self.start, self.stop)

    def line(self, row: int) -> int | None:
        """The line on which a record begins; see Part."""
        if self.regular:
            return self.first_line + row if row < self.rows else None
        block = self._bytes()
        text, is_text = readable(block).decode(), readable(block) is block
        place, line, seen = 0, self.first_line, -1
        while place < len(text):
            try:
                fields, end = read_record(text, place, self.dialect)
            except (Garbled, Unclosed):
                fields, end = [], text.find("\n", place) % (len(text) + 1)
            is_bad = len(fields) != self.width or not (is_text or SUBSTITUTE not in text[place:end])
            seen += not is_bad and text[place:end].strip("\r") != ""
            if seen == row:
                return line
            line += text.count("\n", place, end) + 1
            place = end + 1
        return None


def open_delimited(file: SourceFile, options: ReadOptions) -> Table:
    """Opens a CSV or TSV file; every block is examined when it is read through, so a bad record shows then.

    Raises:
        SourceError: no text or no header.
    """
    path = plain_text(file.path, file.name, options)
    start = head(path, file.name)
    _refuse_binary(start, file.name)
    text = _decoded_head(start)
    dialect = _dialect(text, file.name, options)
    names, skipped, notes = _header(text, file.name, dialect, options)
    _tell(file.name, dialect, names, options)
    table = Table(file.name, names, [None] * len(names), [], notes, decimal_comma=options.decimal_comma)
    offset = len(text[:skipped].encode()) + (3 if start.startswith(b"\xef\xbb\xbf") else 0)
    _check_text(start[:offset], 0, file.name, path)
    begin = (offset, text.count("\n", 0, skipped) + 1)
    table.reading = partial(_read_through, watch_of(path, file.name, options), dialect, begin, options)
    return table


def _read_through(file: Watch, dialect: Dialect, begin: tuple[int, int], options: ReadOptions, table: Table) -> None:
    """Examines the records; they begin at a byte, on a line."""
    try:
        with open(file.path, "rb") as stream, ThreadPoolExecutor(1) as thread:
            table.parts = list(_parts(_Ahead(stream, file, thread, begin[0]), table, dialect, begin))
    finally:
        file.check()
    judge(table, options, "check the delimiter and the quotes, or use --on-bad-row skip")


def _tell(name: str, dialect: Dialect, names: list[str], options: ReadOptions) -> None:
    how = "given" if options.delimiter else "found"
    first = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    header = f"the header is {first}" if options.header else "there is no header"
    LOGGER.info("%s: the delimiter is %r (%s), %s", name, dialect.delimiter, how, header)


def _decoded_head(start: bytes) -> str:
    return readable(start).decode().removeprefix("\ufeff")


def _refuse_binary(start: bytes, name: str) -> None:
    if not start:
        raise SourceError(name, "is empty", "a file without rows still needs a header")
    refuse_binary(start, name)
    if b"\n" not in start and b"\r" in start:
        raise SourceError(name, "its lines end in carriage returns alone", r"convert it: tr '\r' '\n'")


def _dialect(text: str, name: str, options: ReadOptions) -> Dialect:
    for flag, value in (("--delimiter", options.delimiter or ","), ("--quote", options.quote or '"')):
        if len(value) != 1 or not value.isascii() or value in "\r\n":
            raise UsageError(flag, f"must be one ASCII character, not {value!r}")
    quote = options.quote or None
    declared = DECLARED.match(text)
    if options.delimiter or declared:
        return Dialect(options.delimiter or (declared[1] if declared else ","), quote)
    if any(suffix in (".tsv", ".tab") for suffix in Path(name).suffixes):
        return Dialect("\t", quote)
    found = {Dialect(each, quote): _regularity(text, Dialect(each, quote)) for each in DELIMITERS}
    best = max(found, key=lambda dialect: found[dialect])
    several, share, _ = found[best]
    if options.decimal_comma and best.delimiter == "," and share < 1:
        several = False  # the commas are those of numbers
    return best if several else Dialect(";" if options.decimal_comma else ",", quote)


def _regularity(text: str, dialect: Dialect) -> tuple[bool, float, int]:
    """How well a delimiter explains the first records: several fields, mostly the same number of them."""
    widths: list[int] = []
    place = 0
    while place < len(text) and len(widths) < 50:
        try:
            fields, place = read_record(text, place, dialect)
        except (Garbled, Unclosed):
            break
        if fields != [""]:
            widths.append(len(fields))
        place += 1
    if not widths:
        return (False, 0.0, 0)
    width, share = Counter(widths).most_common(1)[0]
    return (width > 1, share / len(widths), width)


def _header(text: str, name: str, dialect: Dialect, options: ReadOptions) -> tuple[list[str], int, list[str]]:
    """The column names, the characters to skip before the first record, and what to tell about them."""
    declared = DECLARED.match(text)
    rest = text[declared.end() :] if declared else text
    place = len(text) - len(rest.lstrip("\r\n"))
    try:
        fields, end = read_record(text, place, dialect)
    except (Garbled, Unclosed) as error:
        raise SourceError(f"{name}:1", "the header has a quote that is not closed") from error
    if place >= len(text):
        raise SourceError(name, "is empty", "a file without rows still needs a header")
    if not options.header:
        return [f"column_{position}" for position in range(1, len(fields) + 1)], place, []
    names = [unquoted(raw, dialect) for raw in fields]
    return _named(names, name), min(end + 1, len(text)), _header_notes(names, name)


def _named(names: list[str], name: str) -> list[str]:
    named = [each or f"column_{position}" for position, each in enumerate(names, 1)]
    twice = [each for each, count in Counter(named).items() if count > 1]
    if twice:
        raise SourceError(f"{name}:1", f"two columns are called {twice[0]!r}", "rename one, or use --no-header")
    return named


def _header_notes(names: list[str], name: str) -> list[str]:
    notes = []
    empty = [position for position, each in enumerate(names, 1) if not each]
    if empty:
        notes.append(f"{name}: column {empty[0]} has no name; it is called column_{empty[0]}")
    padded = [each for each in names if each != each.strip()]
    if padded:
        notes.append(f"{name}: the column name {padded[0]!r} has spaces around it")
    numbers = pl.Series(names, dtype=pl.String).str.contains(FLOAT)
    if names and numbers.all():
        notes.append(f"{name}: the header looks like data ({', '.join(names[:3])}); with --no-header it is a row")
    return notes


def _parts(ahead: _Ahead, table: Table, dialect: Dialect, begin: tuple[int, int]) -> Iterator[TextPart]:
    file, width = ahead.file, len(table.names)
    position, line = begin
    only = file.state[0] - position <= BLOCK
    for start, block, records in _blocks(ahead, position, table, dialect):
        for bad in records.bad:
            table.bad_records.append((f"{table.name}:{line + bad.line}", bad.reason))
        if records.long_field:
            first, lines = records.long_field
            table.notes.append(f"{table.name}:{line + first}: one field spans {lines} lines")
        part = TextPart(
            file,
            dialect,
            width,
            start,
            start + len(block),
            line,
            records.count,
            _is_plain(records, block),
            records.lines == records.count and not records.bad,
        )
        if only:
            part.frame = Clean(records.clean, records.count, width, dialect, table.name).parsed()
        line += records.lines
        del block, records  # before there is another one
        yield part


def _is_plain(records: Records, block: bytes) -> bool:
    return records.clean is block or (not records.bad and records.clean == block)


def _blocks(ahead: _Ahead, position: int, table: Table, dialect: Dialect) -> Iterator[tuple[int, bytes, Records]]:
    """The offset, the bytes and the structure of consecutive blocks of whole records."""
    file, width = ahead.file, len(table.names)
    path, (size, _) = file.path, file.state
    wanted = ahead.usual
    while position < size:
        block = ahead.block(position, wanted)
        final = position + len(block) >= size
        cut = len(block) if final else block.rfind(b"\n") + 1
        block = block[:cut]  # the block itself, as a rule
        text = block if file.strict else readable(block)
        _check_text(text, position, table.name, path)
        records = examine(text, width, dialect, substituted=text is not block)
        if records.open_at is not None and (final or wanted >= file.longest):
            line = _line_of(path, position + records.open_at)
            raise SourceError(f"{table.name}:{line}", "a quoted field begins here and never ends")
        if records.open_at == 0 or not block:
            if wanted >= file.longest:
                raise file.too_long(_line_of(path, position))
            wanted = min(2 * wanted, file.longest)
            continue
        if records.open_at is not None:
            is_text, text = text is block, text[: records.open_at]
            records = examine(text, width, dialect, substituted=not is_text)
        start, wanted = position, ahead.usual
        position += len(text)
        yield start, text, records
        del block, text, records  # before there is another one


class _Ahead:
    """Reads blocks of a file from a byte on; while one is looked at, a thread reads the one that usually comes next.

    Such a one has `usual` bytes.
    """

    def __init__(self, stream: BinaryIO, file: Watch, thread: Executor, start: int) -> None:
        self.stream, self.file, self.thread = stream, file, thread
        size = file.state[0] - start
        self.usual = min(shared_out(size, BLOCK, evenly=size > BLOCK), file.longest)
        self.coming: tuple[int, Future[bytes]] = (-1, Future())

    def block(self, position: int, wanted: int) -> bytes:
        """So many bytes, and the rest of the line in which they end unless it is long: none is cut off."""
        start, promise = self.coming
        if start != position or wanted != self.usual:
            promise = self.thread.submit(self._read, position, wanted)
        block = promise.result()
        after = position + len(block)
        if block and after < self.file.state[0]:
            self.coming = after, self.thread.submit(self._read, after, self.usual)
        return block

    def _read(self, position: int, wanted: int) -> bytes:
        self.stream.seek(position + wanted)
        rest = self.stream.readline(min(LINE, self.file.longest - wanted))
        self.stream.seek(position)
        return self.stream.read(wanted + (len(rest) if rest.endswith(b"\n") else 0))


def _check_text(block: bytes, offset: int, name: str, path: Path) -> None:
    try:
        if not block.isascii():
            block.decode()
    except UnicodeDecodeError as error:
        place = offset + error.start
        message = f"is not UTF-8: byte 0x{block[error.start]:02x} at offset {place}"
        hint = "try --encoding windows-1252 or --encoding latin-1"
        raise SourceError(f"{name}:{_line_of(path, place)}", message, hint) from error
    nul = block.find(b"\0" * 8) if b"\0" in block else -1  # a single byte is found far faster
    if nul >= 0:
        message = f"a run of NUL bytes at offset {offset + nul}: the file is damaged or UTF-16"
        raise SourceError(f"{name}:{_line_of(path, offset + nul)}", message, "fetch it again")


def _line_of(path: Path, offset: int) -> int:
    """The line, from 1, that holds the byte at `offset`."""
    line = 1
    with open(path, "rb") as stream:
        while offset > 0 and (chunk := stream.read(min(offset, BLOCK))):
            line += chunk.count(b"\n")
            offset -= len(chunk)
    return line


@dataclass(frozen=True)
class Clean:
    """Examined bytes of `rows` records with `width` fields each; `name` is that of their file."""

    text: bytes
    rows: int
    width: int
    dialect: Dialect
    name: str

    def parsed(self, positions: Sequence[int] | None = None, numbers: Numbers | None = None) -> pl.DataFrame:
        """The records as text columns `0`, `1`, ..., at least those at `positions` (all by default).

        Those in `numbers` are of the types given there, if that is sure to be what their texts say.

        Raises:
            SourceError: there are not as many as were counted before.
        """
        sure = self._sure(numbers) if numbers and self.rows else {}
        with reading(self.name, "delimited text"):
            if sure:
                with contextlib.suppress(pl.exceptions.ComputeError):  # a text is no number
                    frame = self._read(positions, sure)
                    if within_limits(frame):
                        return frame
            return self._read(positions, {})

    def _sure(self, numbers: Numbers) -> Numbers:
        """Those whose fields are all missing, or numbers if polars reads them."""
        delimiter = self.dialect.delimiter
        if self._quote or delimiter not in DELIMITERS:
            return {}
        sure = numeric(self.text, (self.rows, self.width), delimiter, numbers)
        return {position: dtype for position, dtype in numbers.items() if position in sure}

    @cached_property
    def _quote(self) -> str | None:
        """The quote, where there is any in the text."""
        quote = self.dialect.quote
        return quote if quote is not None and quote.encode() in self.text else None

    def _read(self, positions: Sequence[int] | None, numbers: Numbers) -> pl.DataFrame:
        schema = {str(position): numbers.get(position, pl.String()) for position in range(self.width)}
        if self.rows == 0:
            return pl.DataFrame(schema=schema)
        quote = self._quote
        frame = pl.read_csv(
            self.text,
            has_header=False,
            # where fields may be quoted, what polars skips could make a difference to what it reads
            columns=None if positions is None or quote else list(positions),
            separator=self.dialect.delimiter,
            quote_char=quote,
            schema=schema,
            glob=False,
        )
        if frame.height != self.rows:
            message = f"changed while it was read: {frame.height} rows where {self.rows} were counted"
            raise SourceError(self.name, message)
        return frame
