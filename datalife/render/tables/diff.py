"""What changed between two datasets or schemas: the worst first, and of what is stable only how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render.figures import moment, number, plain
from datalife.render.safe import safe
from datalife.render.tables.series import draw as draw_series
from datalife.render.tables.shift import draw as draw_shift
from datalife.words import plural, share

if TYPE_CHECKING:
    from datalife.drift.model import ColumnDiff, ColumnRows, Diff, RowsCompared, SchemaChange, Sides, Weeks
    from datalife.stats.model import ValueCount

GAP = 2
LONGEST_NAME = 24
MOST_VALUES = 5
#: How many times its limit a distance is, and the word for it.
STRENGTHS = ((4.0, "strong"), (2.0, "clear"), (0.0, "slight"))
STYLES = {"drifted": "red", "inconclusive": "yellow"}
#: The limit of a share that moves, against which its strength is told.
SHARE_LIMIT = 0.02
#: Hours of the week that move by more are told.
WEEKS_LIMIT = 0.1
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
            parts += [Text(), _columns(status, sorted(columns, key=excess, reverse=True))]
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
    verdict, mark, rows = head_text(diff).partition("  (")
    return Text(verdict, style="bold").append(mark + rows, style="not bold")


def head_text(diff: Diff) -> str:
    """What was compared, how much of it drifted, and the rows."""
    if diff.rows is None:
        breaking = sum(change.breaking for change in diff.schema_changes)
        return f"{plural(len(diff.schema_changes), 'change')}, {breaking:,} breaking"
    statuses: list[str] = [column.status for column in diff.columns]
    found = {status: statuses.count(status) for status in (*STYLES, "stable")}
    counts = ", ".join(f"{count:,} {status}" for status, count in found.items() if count or status == "drifted")
    last = f"{safe(diff.batches[-1].name)}: " if diff.batches else ""
    rows = f"{plural(diff.rows.baseline or 0, 'row')} -> {plural(diff.rows.current or 0, 'row')}"
    return f"{last}{plural(len(diff.columns), 'column')} compared: {counts}  ({rows})"


def _changes(changes: Sequence[SchemaChange]) -> Table:
    table = _table("schema")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for change in sorted(changes, key=lambda each: not each.breaking):
        style = STYLES["drifted"] if change.breaking else ""
        words = "breaking" if change.breaking else ""
        name = Text(safe(change.column) if change.column is not None else "(all)", style=style)
        table.add_row(name, Text(words, style=style), Text(change_text(change)))
    return table


def change_text(change: SchemaChange) -> str:
    """`type changed: integer -> float; every value fits integer`."""
    words = change.change.replace("-", " ")
    sides = [plain(side) for side in (change.baseline, change.current) if side is not None]
    if change.change.endswith("-changed"):
        sides = ["none" if side is None else plain(side) for side in (change.baseline, change.current)]
    text = f"{words}: {' -> '.join(sides)}" if sides else words
    return f"{text}; {safe(change.note)}" if change.note else text


def _columns(status: str, columns: Sequence[ColumnDiff]) -> Table:
    table = _table(status, STYLES[status])
    table.add_column()
    table.add_column(overflow="fold")
    for column in columns:
        lines = [*evidence(column), *_values("new", column.new_values), *_values("gone", column.gone_values)]
        table.add_row(Text(safe(column.name)), Text(_strength(column)), Text("\n".join(lines)))
    return table


def evidence(column: ColumnDiff) -> list[str]:
    """The distance and what moved most, where the distance is why; the reason in words, where it is not."""
    lines = []
    if column.distance is not None and column.threshold is not None and column.distance > column.threshold:
        chance = "" if column.noise_floor is None else f", by chance {number(column.noise_floor)}"
        lines.append(f"{column.metric} {number(column.distance)} (limit {number(column.threshold)}{chance})")
        if column.largest_change is not None:
            change = column.largest_change
            lines.append(f"{plain(change.value)}: {share(change.baseline)} -> {share(change.current)}")
    for what, sides in (("missing", column.null_fraction), ("NaN", column.nan_fraction)):
        if _gap(sides) > SHARE_LIMIT and sides is not None:
            lines.append(f"{what}: {share(sides.baseline)} -> {share(sides.current)} of the rows")
    return lines or [safe(column.reason or "")]


def _values(what: str, values: Sequence[ValueCount]) -> list[str]:
    if not values:
        return []
    shown = [f"{plain(each.value)} ({each.count:,})" for each in values[:MOST_VALUES]]
    more = ["..."] if len(values) > MOST_VALUES else []
    return [f"{what}: {', '.join([*shown, *more])}"]


def excess(column: ColumnDiff) -> float:
    """How many times its limit the distance is, or missing values where the distance is within its own."""
    if column.distance is not None and column.threshold and column.distance > column.threshold:
        return column.distance / column.threshold
    return max(_gap(sides) / SHARE_LIMIT for sides in (column.null_fraction, column.nan_fraction))


def _strength(column: ColumnDiff) -> str:
    if column.threshold == 0 and column.distance:
        return "clear"
    return next((word for least, word in STRENGTHS if excess(column) >= max(least, 1e-9)), "")


def _newcomers(diff: Diff) -> Table | None:
    """Values that the baseline never had, in columns that are stable all the same."""
    rows = diff.rows.current if diff.rows is not None else None
    table = _table("new values")
    table.add_column(overflow="fold")
    for column in diff.columns:
        count = sum(each.count for each in column.new_values)
        if column.status == "stable" and column.metric == "l_infinity" and rows and count >= NEW_SHARE * rows:
            told = f"{', '.join(_values('', column.new_values))[2:]}: {share(count / rows)} of the rows"
            table.add_row(Text(safe(column.name)), Text(told))
    return table if table.row_count else None


def _gap(sides: Sides | None) -> float:
    if sides is None or sides.baseline is None or sides.current is None:
        return 0.0
    return abs(sides.current - sides.baseline)


def _ranges(columns: Sequence[ColumnDiff]) -> Table:
    """Dates and datetimes move on by themselves: their range is shown and not judged."""
    table = _table("times")
    table.add_column(overflow="fold")
    for column in columns:
        sides = (column.range.baseline, column.range.current) if column.range else ()
        words = [" to ".join(moment(end, True) for end in side) if side else "no value" for side in sides]
        table.add_row(Text(safe(column.name)), Text("\n".join([" -> ".join(words), *weeks_text(column.weeks)])))
    return table


def weeks_text(weeks: Weeks | None) -> list[str]:
    """What the days of the week may have to do with it."""
    if weeks is None:
        return []
    lines = [
        f"only the {side} has {', '.join(days)}: what follows the days of the week may differ for that alone"
        for side, days in (("baseline", weeks.baseline_only), ("current data", weeks.current_only))
        if days
    ]
    if not lines and weeks.hour_of_week > max(weeks.noise_floor, WEEKS_LIMIT):
        lines.append(f"{share(weeks.hour_of_week)} of the values are at other hours of the week")
    return lines


def _rows(rows: RowsCompared) -> list[RenderableType]:
    """How the rows of the same key differ, and which could not be compared."""
    key = ", ".join(safe(name) for name in rows.key)
    counts = f"{rows.changed_rows:,} changed, {rows.baseline_only:,} removed, {rows.current_only:,} added"
    parts: list[RenderableType] = [
        Text(f"rows by {key}: {rows.matched:,} matched, {counts}", style="bold"),
        *(Text(line) for line in set_aside(rows)),
    ]
    changed = [column for column in rows.columns if column.changed]
    if changed:
        table = _table("column")
        table.add_column(Text("changed"), justify="right")
        table.add_column(Text("of rows"), justify="right")
        table.add_column(Text("for example"), overflow="fold")
        for column in sorted(changed, key=lambda each: -each.changed):
            part = share(column.changed / rows.matched)
            table.add_row(Text(safe(column.name)), f"{column.changed:,}", part, Text(_example(column)))
        parts.append(table)
    return parts


def set_aside(rows: RowsCompared) -> list[str]:
    """The rows that could not be compared, and why."""
    lines = []
    for side in ("baseline", "current"):
        missing, repeated = getattr(rows.missing_keys, side), getattr(rows.duplicate_keys, side)
        if repeated:
            verb = "keys repeat" if repeated > 1 else "key repeats"
            lines.append(f"{repeated:,} {verb} in the {side} data; rows of such a key are not compared")
        if missing:
            lines.append(f"{plural(missing, 'row')} of the {side} data without a key, not compared")
    if rows.duplicate_examples:
        lines.append(f"repeated, for example: {'; '.join(key_text(key) for key in rows.duplicate_examples)}")
    return lines


def _example(column: ColumnRows) -> str:
    if not column.examples:
        return ""
    first = column.examples[0]
    return f"{key_text(first.key)}: {plain(first.baseline)} -> {plain(first.current)}"


def key_text(key: dict[str, Any]) -> str:
    """`id=4, day=2026-01-01`."""
    return ", ".join(f"{safe(name)}={plain(value)}" for name, value in key.items())


def _table(title: str, style: str = "") -> Table:
    """A table without lines whose first column, of names, has the title."""
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(Text(title, style=style), overflow="fold", max_width=LONGEST_NAME * 2)
    return table
