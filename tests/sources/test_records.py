"""The structure of delimited text."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.sources.delimited import Clean
from datalife.sources.records import BadRecord, Dialect, Unclosed, examine, read_record

COMMA = Dialect(",")


def rows(text: str, width: int) -> list[tuple[str | None, ...]]:
    """The records that polars reads from the examined text."""
    records = examine(text.encode(), width, COMMA)
    return Clean(records.clean, records.count, width, COMMA, "test").parsed().rows()


def test_blank_lines_are_no_records() -> None:
    """Empty lines, with either line end, are passed over; a line of delimiters is a record."""
    assert rows("1,2\n\n\r\n,\n3,4\r\n", 2) == [("1", "2"), (None, None), ("3", "4")]


def test_quoted_newlines_and_doubled_quotes() -> None:
    """A quoted field may hold line ends, delimiters and doubled quotes."""
    assert rows('1,"a\nb"\n2,"x, ""y"""\n', 2) == [("1", "a\nb"), ("2", 'x, "y"')]


def test_a_quote_inside_an_unquoted_field_is_a_character() -> None:
    """A lone quote neither merges records nor fails the file."""
    assert rows('1,27" x\n2,y\n3,"z"\n', 2) == [("1", '27" x'), ("2", "y"), ("3", "z")]


def test_an_empty_field_is_missing_and_a_quoted_one_is_empty() -> None:
    """Nothing between delimiters is missing; two quotes are the empty text."""
    assert rows('a,\nb,""\n', 2) == [("a", None), ("b", "")]


def test_bad_records_are_named_by_line_and_left_out() -> None:
    """Short and long records and text after a closing quote are each reported; the rest is read."""
    records = examine(b'1,2\n3\n"a"b,4\n5,6,7\n8,9\n', 2, COMMA)
    assert records.bad == [
        BadRecord(1, "has 1 field where 2 are expected"),
        BadRecord(2, "text follows a closing quote"),
        BadRecord(3, "has 3 fields where 2 are expected"),
    ]
    assert (records.clean, records.count, records.lines) == (b"1,2\n8,9\n", 2, 5)


def test_a_record_cut_at_the_end_of_the_block_is_left_for_the_next() -> None:
    """The byte at which an open record begins is told, counted in bytes and not in characters."""
    records = examine('é,2\n3,"open\nstill'.encode(), 2, COMMA)
    assert (records.open_at, records.count) == (5, 1)


def test_a_field_over_many_lines_is_told() -> None:
    """A quoted field of more than thirty lines was perhaps opened by mistake."""
    assert examine(b'1,"' + b"x\n" * 40 + b'"\n', 2, COMMA).long_field == (0, 41)


def test_only_newlines_end_a_line() -> None:
    """Other characters that Unicode calls line ends are text, also where blank lines and quotes are mended."""
    ends = "\x0b\x0c\x1c\x85\u2028"
    assert rows(f'1,x{ends}\n\n2,"y"z\n3,27" {ends}\n', 2) == [("1", f"x{ends}"), ("3", f'27" {ends}')]


def test_no_quote_character() -> None:
    """Without a quote character quotes are ordinary characters."""
    assert examine(b'1,"a\n2,b"\n', 2, Dialect(",", None)).bad == []


def test_wide_records_with_quotes() -> None:
    """A width beyond the size of a pattern is read all the same."""
    line = ",".join(['"a,b"'] * 1000)
    assert rows(line + "\n", 1000) == [("a,b",) * 1000]


@pytest.mark.parametrize("text", ['"', 'a,"b', '"a\nb'])
def test_unclosed(text: str) -> None:
    """A quoted field that never ends raises."""
    with pytest.raises(Unclosed):
        read_record(text, 0, COMMA)


cells = st.text(alphabet='a1 ,"\né\r', max_size=5)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=300)
def test_what_csv_writes_is_read_back(table: list[list[str]], end: str) -> None:
    """Every table that Python's csv module writes fully quoted comes back value by value."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(table)
    assert rows(out.getvalue(), 3) == [tuple(record) for record in table]


@given(st.text(alphabet='a1,"\n é', max_size=40))
@settings(max_examples=500)
def test_any_text_is_read_as_csv_reads_it_or_refused(text: str) -> None:
    """Random text gives what a strict csv parser gives, or a reported bad record; never something else."""
    records = examine(text.encode(), 2, COMMA)
    if records.bad or records.open_at is not None:
        return
    expected = [record for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record]
    clean = Clean(records.clean, records.count, 2, COMMA, "test")
    assert [[value or "" for value in record] for record in clean.parsed().rows()] == expected
    for position in range(2):
        column = clean.parsed([position]).get_column(str(position))
        assert [value or "" for value in column] == [record[position] for record in expected]
