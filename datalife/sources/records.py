"""The structure of delimited text: which bytes are a record, and which records do not have the fields they should.

polars notices a broken record only when all columns are asked for, repairs short ones in silence and gives up on
a lone quote. So every block of bytes is examined here first: whole lines by vectorised patterns, and only lines
with doubtful quotes by a parser of our own. What polars then reads is clean, and its row count must agree.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

import polars as pl

from datalife.sources.octets import octets
from datalife.words import plural

#: What stands for a byte that is no text, and how Python is told to put it there.
SUBSTITUTE, SUBSTITUTING = "\x1a", "datalife.substitute"
#: A field of more lines than this was probably opened by a stray quote.
LONG = 30


@dataclass(frozen=True)
class Dialect:
    """How a delimited text file is written; the delimiter and the quote are one ASCII character each."""

    delimiter: str
    quote: str | None = '"'


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be read: its 0-based line within the block and what is wrong with it."""

    line: int
    reason: str


@dataclass
class Records:
    """A block examined: clean bytes for polars, the number of good records, the bad ones.

    `lines` counts the physical lines, `open_at` is the byte where a last record begins that does not end
    within the block, or None; `long_field` the line and the lines of a first field that spans more than LONG.
    """

    clean: bytes
    count: int
    lines: int
    bad: list[BadRecord] = field(default_factory=list)
    open_at: int | None = None
    long_field: tuple[int, int] | None = None


class Unclosed(Exception):
    """A quoted field that is still open at the end of the text."""


class Garbled(Exception):
    """Text that follows a closing quote."""


def read_record(text: str, place: int, dialect: Dialect) -> tuple[list[str], int]:
    """The raw fields, quotes kept, of the record that begins at `place`, and where it ends (its newline).

    A field that begins with a quote ends at the next quote that is not doubled; a quote elsewhere is an ordinary
    character (27" monitor).

    Raises:
        Unclosed: the text ends inside a quoted field.
        Garbled: text follows a closing quote.
    """
    delimiter, quote = dialect.delimiter, dialect.quote or "\0"
    stop = text.find("\n", place)
    stop = len(text) if stop < 0 else stop
    fields = []
    while True:
        if text.startswith(quote, place):
            end = _closing(text, place + 1, quote) + 1
            if end > stop:
                stop = text.find("\n", end)
                stop = len(text) if stop < 0 else stop
            if text[end : end + 1] not in (delimiter, "\n", "") and text[end:stop] != "\r":
                raise Garbled
        else:
            end = text.find(delimiter, place, stop)
            end = stop if end < 0 else end
        fields.append(text[place:end])
        if text[end : end + 1] != delimiter or end >= stop:
            fields[-1] = fields[-1].removesuffix("\r")
            return fields, stop
        place = end + 1


def unquoted(raw: str, dialect: Dialect) -> str:
    """The value of a raw field."""
    quote = dialect.quote
    if quote and raw.startswith(quote):
        return raw[1:-1].replace(quote * 2, quote)
    return raw


def _closing(text: str, place: int, quote: str) -> int:
    while True:
        place = text.find(quote, place)
        if place < 0:
            raise Unclosed
        if not text.startswith(quote, place + 1):
            return place
        place += 2


def readable(block: bytes) -> bytes:
    """The block with SUBSTITUTE for every byte that is no UTF-8; the block itself where there is none."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.decode(errors=SUBSTITUTING).encode()
    return block


def _substituted(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return SUBSTITUTE * (error.end - error.start), error.end


codecs.register_error(SUBSTITUTING, _substituted)


def examine(block: bytes, width: int, dialect: Dialect, *, substituted: bool = False) -> Records:
    """Examines a block of complete lines (UTF-8) whose records should have `width` fields.

    Blank lines are no records. Bad records are left out of the clean bytes and listed; where bytes were
    `substituted`, the records that hold SUBSTITUTE are bad, too.
    """
    even = 0 if substituted else _even(block, width, dialect)
    if even:
        return Records(block, even, even)
    lines = pl.read_lines(block).get_column("line")
    line, quote = pl.col("line"), dialect.quote
    wrong = line.str.count_matches(dialect.delimiter, literal=True) != width - 1
    if substituted:
        wrong |= line.str.contains(SUBSTITUTE, literal=True)
    if quote and quote.encode() in block:
        quoted = line.str.contains(quote, literal=True)
        if substituted:
            quoted &= ~line.str.contains(SUBSTITUTE, literal=True)
        wrong = pl.when(quoted).then(~_regular(line, width, dialect)).otherwise(wrong)
    doubtful, blank = lines.to_frame().select(doubtful=(line != "") & wrong, blank=line == "")
    if doubtful.any():
        return _repaired(block.decode(), doubtful.arg_true(), width, dialect, substituted)
    blanks = int(blank.sum())
    clean = block if not blanks else b"\n".join(each for each in block.split(b"\n") if each.strip(b"\r"))
    return Records(_ended(clean), len(lines) - blanks, len(lines))


def _even(block: bytes, width: int, dialect: Dialect) -> int:
    """The lines of a block without quotes in which each is a record; 0 where that cannot be told at once.

    Of such a block nothing but the same delimiters of each line is left when all other characters are taken out,
    which is ten times as fast as to count them line by line. Of a single column, a blank line would look the same.
    """
    if width == 1 or not block.endswith(b"\n") or (dialect.quote is not None and dialect.quote.encode() in block):
        return 0
    numbers, delimiter = octets(block), dialect.delimiter.encode()
    marks = numbers.filter((numbers == ord(delimiter)) | (numbers == ord("\n")))
    lines = len(marks) // width
    even = octets((delimiter * (width - 1) + b"\n") * lines)
    return lines if len(marks) == len(even) and (marks == even).all() else 0


def _regular(line: pl.Expr, width: int, dialect: Dialect) -> pl.Expr:
    """True where a line is, on its own, a record of quoted and unquoted fields as RFC 4180 has them."""
    if width > 200:  # the pattern would grow past the size limit of the regex engine
        return pl.lit(False)
    quote, delimiter = re.escape(dialect.quote or "\0"), re.escape(dialect.delimiter)
    value = rf"(?:{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{quote}{delimiter}]*)"
    return line.str.contains(rf"^{value}(?:{delimiter}{value}){{{width - 1}}}$")


def _ended(clean: bytes) -> bytes:
    return clean if clean.endswith(b"\n") or not clean else clean + b"\n"


def _repaired(text: str, doubtful: pl.Series, width: int, dialect: Dialect, substituted: bool) -> Records:
    """The records of a text, of which those that begin on `doubtful` lines (ascending) are parsed one by one.

    The other lines are never taken apart: a field may have millions of them.
    """
    result = Records(b"", 0, _lines(text))
    pieces: list[str] = []
    done = place = position = 0  # the first line that is left, the character where it begins, its place in `doubtful`
    while position < len(doubtful):
        first = int(doubtful[position])
        position += 1
        if first < done:
            continue
        start = _line_start(text, place, first - done)
        pieces.append(_filled(text[place:start]))
        result.count += _lines(pieces[-1])
        done, place = first + 1, _line_start(text, start, 1)
        try:
            fields, end = read_record(text, start, dialect)
        except Unclosed:
            result.open_at, place = len(text[:start].encode()), len(text)
            break
        except Garbled:
            result.bad.append(BadRecord(first, "text follows a closing quote"))
            continue
        done, place = first + text.count("\n", start, end) + 1, end + 1
        if done - first > LONG:
            result.long_field = result.long_field or (first, done - first)
            position = int(doubtful.search_sorted(done))
        reason = _fault(fields, width, substituted and SUBSTITUTE in text[start:end])
        if reason:
            result.bad.append(BadRecord(first, reason))
        else:
            pieces.append(_requoted(fields, dialect) + "\n")
            result.count += 1
    pieces.append(_filled(text[place:]))
    result.count += _lines(pieces[-1])
    result.clean = _ended("".join(pieces).encode())
    return result


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _filled(lines: str) -> str:
    """Lines without the blank ones among them."""
    if not (lines.startswith(("\n", "\r")) or "\n\n" in lines or "\n\r" in lines):
        return lines
    return "".join(f"{line}\n" for line in lines.split("\n") if line.strip("\r"))


def _line_start(text: str, place: int, lines: int) -> int:
    """The character where a line begins, so many lines after the one that begins at `place`."""
    for _ in range(lines):
        place = text.find("\n", place) + 1 or len(text)
    return place


def _fault(fields: list[str], width: int, is_garbage: bool) -> str | None:
    """Why a record is a bad one; None where it is not."""
    if is_garbage:
        return "has bytes that are not UTF-8"
    if len(fields) != width:
        return f"has {plural(len(fields), 'field')} where {width} are expected"
    return None


def _requoted(fields: list[str], dialect: Dialect) -> str:
    quote = dialect.quote or "\0"

    def clean(raw: str) -> str:
        if raw.startswith(quote) or quote not in raw:
            return raw
        return quote + raw.replace(quote, quote * 2) + quote

    return dialect.delimiter.join(clean(raw) for raw in fields)
