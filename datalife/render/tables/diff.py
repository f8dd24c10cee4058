"""What changed between two datasets or schemas: the worst first, and of what is stable only how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render import comparison
from datalife.render.figures import moment, plain
from datalife.render.safe import safe
from datalife.render.tables.series import draw as draw_series
from datalife.render.tables.shift import draw as draw_shift
from datalife.words import share

if TYPE_CHECKING:
    from datalife.drift.model import ColumnDiff, ColumnRows, Diff, RowsCompared, SchemaChange

GAP = 2
LONGEST_NAME = 24
STYLES = {"drifted": "red", "inconclusive": "yellow"}
#: Values unseen before are told of a stable column when they are so much of the rows.
NEW_SHARE = 0.01


def draw(diff: Diff) -> list[RenderableType]:
    """The verdict; changes of shape; columns that drifted, then inconclusive ones; the shift; times; rows by key."""
    parts: list[RenderableType] = [*draw_series(diff.batches), Text()] if diff.batches else []
    parts.append(_head(diff))
    if diff.schema_changes:
        parts += [Text(), _changes(diff.schema_changes)]
    for status in ("drifted", "inconclusive"):
        columns = [column for column in diff.columns if column.status == status]
        if columns:
            parts += [Text(), _columns(status, sorted(columns, key=comparison.excess, reverse=True))]
    if diff.shift is not None:
        parts += draw_shift(diff.shift)
    newcomers = _newcomers(diff)
    if newcomers is not None:
        parts += [Text(), newcomers]
    ranges = [column for column in diff.columns if column.range is not None]
    if ranges:
        parts += [Text(), _ranges(ranges)]
    if diff.rows_compared is not None:
        parts += [Text(), *_rows(diff.rows_compared)]
    return parts


def _head(diff: Diff) -> Text:
    sizes = comparison.sizes(diff)
    return Text(comparison.verdict(diff), style="bold").append(f"  {sizes}" if sizes else "", style="not bold")


def _changes(changes: Sequence[SchemaChange]) -> Table:
    table = _table("schema")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for change in sorted(changes, key=lambda each: not each.breaking):
        style = STYLES["drifted"] if change.breaking else ""
        words = "breaking" if change.breaking else ""
        name = Text(safe(change.column) if change.column is not None else "(all)", style=style)
        table.add_row(name, Text(words, style=style), Text(comparison.change_text(change)))
    return table


def _columns(status: str, columns: Sequence[ColumnDiff]) -> Table:
    table = _table(status, STYLES[status])
    table.add_column()
    table.add_column(overflow="fold")
    for column in columns:
        sides = (("new", column.new_values), ("gone", column.gone_values))
        lines = [f"{what}: {comparison.values_text(values)}" for what, values in sides if values]
        text = Text("\n".join([*comparison.evidence(column), *lines]))
        table.add_row(Text(safe(column.name)), Text(comparison.strength(column)), text)
    return table


def _newcomers(diff: Diff) -> Table | None:
    """Values that the baseline never had, in columns that are stable all the same."""
    rows = diff.rows.current if diff.rows is not None else None
    table = _table("new values")
    table.add_column(overflow="fold")
    for column in diff.columns:
        count = sum(each.count for each in column.new_values)
        if column.status == "stable" and column.metric == "l_infinity" and rows and count >= NEW_SHARE * rows:
            told = f"{comparison.values_text(column.new_values)}: {share(count / rows)} of the rows"
            table.add_row(Text(safe(column.name)), Text(told))
    return table if table.row_count else None


def _ranges(columns: Sequence[ColumnDiff]) -> Table:
    """Dates and datetimes move on by themselves: their range is shown and not judged."""
    table = _table("times")
    table.add_column(overflow="fold")
    for column in columns:
        sides = (column.range.baseline, column.range.current) if column.range else ()
        words = [" to ".join(moment(end, True) for end in side) if side else "no value" for side in sides]
        lines = [" -> ".join(words), *comparison.weeks_text(column.weeks)]
        table.add_row(Text(safe(column.name)), Text("\n".join(lines)))
    return table


def _rows(rows: RowsCompared) -> list[RenderableType]:
    """How the rows of the same key differ, and which could not be compared."""
    key = ", ".join(safe(name) for name in rows.key)
    parts: list[RenderableType] = [
        Text(f"rows by {key}: {comparison.counts_text(rows)}", style="bold"),
        *(Text(line) for line in comparison.set_aside(rows)),
    ]
    changed = comparison.changed_columns(rows)
    if changed:
        table = _table("column")
        table.add_column(Text("changed"), justify="right")
        table.add_column(Text("of rows"), justify="right")
        table.add_column(Text("for example"), overflow="fold")
        for column in changed:
            part = share(column.changed / rows.matched)
            table.add_row(Text(safe(column.name)), f"{column.changed:,}", part, Text(_example(column)))
        parts.append(table)
    return parts


def _example(column: ColumnRows) -> str:
    if not column.examples:
        return ""
    first = column.examples[0]
    before, now = plain(first.baseline), plain(first.current)
    return f"{comparison.key_text(first.key)}: {before} -> {now}"


def _table(title: str, style: str = "") -> Table:
    """A table without lines whose first column, of names, has the title."""
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(Text(title, style=style), overflow="fold", max_width=LONGEST_NAME * 2)
    return table
