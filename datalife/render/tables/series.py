"""Several batches in order: a row for each, and the columns that moved side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render.comparison import against_text, count_drifted, farthest_columns
from datalife.render.figures import number
from datalife.render.safe import ending, safe
from datalife.words import NOTHING

if TYPE_CHECKING:
    from datalife.drift.model import Batch, BatchColumn

STYLES = {"drifted": "red", "inconclusive": "yellow", "stable": ""}
#: So many columns are shown, those that went farthest beyond their limits.
MOST = 5
LONGEST = 40


def draw(batches: Sequence[Batch]) -> list[RenderableType]:
    """The distance of every batch from its baseline, of the columns that moved most."""
    names = farthest_columns(batches)[:MOST]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("batch", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("drifted", justify="right")
    for name in names:
        table.add_column(Text(safe(name)), justify="right", overflow="fold")
    for batch in batches:
        by_name = {column.name: column for column in batch.columns}
        cells = [_distance(by_name.get(name)) for name in names]
        style = STYLES["drifted"] if batch.drifted else ""
        title = Text(ending(batch.name, LONGEST), style=style)
        table.add_row(title, f"{batch.rows:,}", Text(f"{count_drifted(batch):,}", style=style), *cells)
    limits = [_limit(batches, name) for name in names]
    table.add_row(Text("limit", style="dim"), "", "", *(Text(limit, style="dim") for limit in limits))
    return [Text(f"{len(batches):,} batches, each against {against_text(batches)}", style="bold"), table]


def _distance(column: BatchColumn | None) -> Text:
    if column is None or column.distance is None:
        return Text(NOTHING)
    return Text(number(round(column.distance, 4)), style=STYLES[column.status])


def _limit(batches: Sequence[Batch], name: str) -> str:
    found = (column.threshold for batch in reversed(batches) for column in batch.columns if column.name == name)
    return number(next(found, None))
