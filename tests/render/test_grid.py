"""Plain texts in columns."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datalife.render.tables.grid import Grid

cells = st.text("ab 漢é\n", max_size=6).map(str.strip)


def printed(table: Table, width: int) -> str:
    """What a console of some width shows."""
    stream = io.StringIO()
    Console(file=stream, width=width, legacy_windows=False, _environ={}).print(table)
    return stream.getvalue()


def filled(table: Table, rows: list[tuple[str, str, str]]) -> Table:
    """A table with three columns of different kinds and these rows."""
    table.add_column(Text("name"), overflow="fold", min_width=3, max_width=5)
    table.add_column(Text("n"), justify="right", style="dim", no_wrap=True)
    table.add_column(Text("values"), justify="left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


@given(st.lists(st.tuples(cells, cells, cells), max_size=5), st.integers(14, 40))
def test_a_grid_looks_as_the_table_of_rich(rows: list[tuple[str, str, str]], width: int) -> None:
    """Whether its cells fit, are broken into lines or are wide characters."""
    ours = printed(filled(Grid(2), rows), width)
    assert ours == printed(filled(Table(box=None, padding=(0, 2, 0, 0), pad_edge=False), rows), width)


def test_a_grid_without_headings() -> None:
    """The rows alone."""
    table = Grid(1, show_header=False)
    table.add_row(Text("a"), Text("b"))
    table.add_row(Text("aaa"), Text("bb"))
    assert printed(table, 20) == "a   b \naaa bb\n"


@pytest.mark.parametrize("shown", [Text("x", style="red"), Text.assemble("x", ("y", "red"))])
def test_styled_texts_keep_their_style(shown: Text) -> None:
    """They are drawn by rich."""
    table = Grid(1, show_header=False)
    table.add_row(shown)
    stream = io.StringIO()
    Console(file=stream, width=20, force_terminal=True, color_system="standard", legacy_windows=False).print(table)
    assert "\x1b[31m" in stream.getvalue()
