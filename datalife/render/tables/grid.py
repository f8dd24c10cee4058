"""Plain texts in columns, without lines between them: rich's table, drawn far faster where nothing must be broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import StyleType
from rich.table import Column, Table
from rich.text import Text


class Grid(Table):
    """A table of texts with so many spaces between the columns.

    rich lays out every cell by itself, which takes seconds for thousands of rows. Where all cells are plain and fit
    on one line each, they only have to be padded; elsewhere rich does it.
    """

    def __init__(self, gap: int = 2, header_style: StyleType = "bold", *, show_header: bool = True) -> None:
        super().__init__(
            box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style=header_style, show_header=show_header
        )
        self.gap = gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, as rich's table has them."""
        widths = [_width(column, self._texts(column)) for column in self.columns]
        if None in widths or sum(width or 0 for width in widths) + self.gap * (len(widths) - 1) > options.max_width:
            yield from super().__rich_console__(console, options)
            return
        pieces = [self._pieces(console, column, width or 0) for column, width in zip(self.columns, widths, strict=True)]
        for line in zip(*pieces, strict=True):
            yield from line
            yield Segment.line()

    def _texts(self, column: Column) -> Sequence[object]:
        """The cells of a column from top to bottom, its heading among them."""
        return [*([column.header] if self.show_header else []), *column.cells]

    def _pieces(self, console: Console, column: Column, width: int) -> Iterator[Segment]:
        """The cells of a column, padded to one width."""
        style = console.get_style(column.style)
        head = console.get_style(self.header_style) + console.get_style(column.header_style)
        is_last = column is self.columns[-1]
        for place, cell in enumerate(self._texts(column)):
            text = cell.plain if isinstance(cell, Text) else str(cell)
            space = " " * (width - cell_len(text))
            padded = space + text if column.justify == "right" else text + space
            is_head = self.show_header and place == 0
            yield Segment(padded + ("" if is_last else " " * self.gap), head if is_head else style)


def _width(column: Column, cells: Iterable[object]) -> int | None:
    """How wide a column must be for its cells; None where a cell is more than one line of plain text."""
    widest = column.min_width or 0
    for cell in cells:
        if not isinstance(cell, Text) or cell.spans or cell.style or "\n" in cell.plain:
            return None
        widest = max(widest, cell_len(cell.plain))
    return widest if column.max_width is None or widest <= column.max_width else None
