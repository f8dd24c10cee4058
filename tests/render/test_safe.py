"""Text from data cannot act on the terminal that shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.render.safe import safe, shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Ünïcödé, 漢字, 👍 and \\n", "plain text, Ünïcödé, 漢字, 👍 and \\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("no\xa0break", "no\\xa0break"),
        ("two\nlines\r\n\ttab", "two\\nlines\\r\\n\\ttab"),
        ("nul\x00", "nul\\x00"),
        ("file\udcff.csv", "file\\udcff.csv"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
    ],
)
def test_escapes_what_a_terminal_acts_on_and_nothing_else(text: str, shown: str) -> None:
    """Escape sequences, control characters and invisible ones are spelt out; visible text stays as it is."""
    assert safe(text) == shown


@given(st.text())
def test_the_result_is_always_one_printable_line(text: str) -> None:
    """Whatever comes in, what comes out has no character that does more than stand there."""
    assert safe(text).isprintable()


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"])))
def test_visible_text_is_unchanged(text: str) -> None:
    """Nothing is escaped without need."""
    assert safe(text) == text


def test_a_shortened_text_says_so() -> None:
    """A long text keeps its beginning and ends with an ellipsis; one that fits is whole."""
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
