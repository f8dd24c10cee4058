"""The profile of a dataset: a section for numbers, times, text and the rest, then what looks odd."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from datalife.render.figures import bar, columns, moment, number, plain
from datalife.render.safe import safe
from datalife.render.tables import findings
from datalife.render.tables.grid import Grid
from datalife.stats.model import ValueCount
from datalife.words import NOTHING, plural, share

if TYPE_CHECKING:
    from datalife.stats.model import ColumnProfile, Profile, Slice, WeightedStatistics

#: From this width on (and in a pipe) there is room for mean, deviation and exact times.
WIDE = 120
#: After so many rows the headings are repeated.
PAGE = 40
MOST_VALUES = 5
LONGEST_VALUE = 60
#: On a terminal a longer name is broken into lines, of at least the second length when space is short.
LONGEST_NAME, SHORTEST_NAME = 24, 12
#: Where space is short, names longer than this get some from the gaps between columns.
USUAL_NAME = 14


@dataclass(frozen=True)
class Room:
    """How much fits: `width` characters a line, `names` of them for the name of a column, `gap` between columns.

    The wide layout has more figures and, with `has_bars`, the share that is missing as a bar.
    """

    width: int
    names: int
    gap: int
    is_wide: bool
    has_bars: bool


@dataclass(frozen=True)
class Heading:
    """A column of a section: what stands above it, what it shows of a column profile, how; rigid is unwrapped."""

    title: str
    cell: Callable[[ColumnProfile], str]
    justify: Literal["left", "right"] = "right"
    style: str = ""
    is_rigid: bool = True


def draw(profile: Profile) -> list[RenderableType]:
    """The size of the data, a table a family of types, the hints; then what was asked for beside these."""
    parts: list[RenderableType] = [_head(profile), Body(_flattened(profile.columns))]
    if profile.weight:
        parts += _weighted(profile)
    parts += findings.draw(profile)
    if profile.slices:
        parts += _sliced(profile, profile.slices)
    return parts


def _weighted(profile: Profile) -> list[RenderableType]:
    """The columns with their weighted figures in place of the plain ones."""
    assert profile.weight is not None
    title = f"\nweighted by {safe(profile.weight.column)} (sum {number(profile.weight.total)})"
    rows = [
        row.model_copy(update={**_figures(row.weighted), "hints": []})
        for row in _flattened(profile.columns)
        if row.weighted is not None
    ]
    return [Text(title, style="bold"), Body(rows)]


def _figures(weighted: WeightedStatistics) -> dict[str, Any]:
    keys = weighted.model_dump(exclude={"top_values", "histogram"}, exclude_unset=True)
    leaders = [
        ValueCount.model_construct(value=each.value, count=each.weight)  # type: ignore[arg-type]
        for each in weighted.top_values or ()
    ]
    return keys | {"top_values": leaders, "histogram": weighted.histogram}


def _sliced(profile: Profile, slices: Sequence[Slice]) -> list[RenderableType]:
    """The slices with their sizes; then for each column a table with a row a slice, so that they can be compared."""
    names = [_slice_name(piece) for piece in slices]
    parts: list[RenderableType] = [Text(f"\nslices by {', '.join(map(safe, slices[0].by))}", style="bold")]
    sizes = Grid(show_header=False)
    for name, piece in zip(names, slices, strict=True):
        said = "; ".join(safe(hint.message) for hint in piece.hints)
        part = share(piece.rows / profile.rows) if profile.rows else NOTHING
        sizes.add_row(Text(name), Text(f"{piece.rows:,} rows"), Text(part), Text(said, style="dim"))
    parts.append(sizes)
    rows: dict[str, list[ColumnProfile]] = {}
    for name, piece in zip(names, slices, strict=True):
        for column in _flattened(piece.columns):
            rows.setdefault(column.name, []).append(column.model_copy(update={"name": name}))
    return parts + [Body(each, _name_of(name)) for name, each in rows.items()]


def _slice_name(piece: Slice) -> str:
    if piece.gathered:
        return f"{piece.gathered:,} rare ones"
    return ", ".join(map(plain, piece.by.values()))


def _head(profile: Profile) -> Text:
    named = [safe(source) for source in profile.sources[:3]]
    if len(profile.sources) > 3:
        named.append(f"{len(profile.sources) - 3} more")
    text = Text(f"{plural(profile.rows, 'row')}, {plural(len(profile.columns), 'column')}", style="bold")
    return text.append(f" in {', '.join(named)}" if named else "", style="not bold")


def _flattened(profiles: Sequence[ColumnProfile]) -> list[ColumnProfile]:
    return [row for column in profiles for row in _flat(column)]


def _flat(column: ColumnProfile, prefix: str = "") -> Iterator[ColumnProfile]:
    """The column, then the items of a list as `name[]` and the fields of a struct as `name.field`."""
    named = column.model_copy(update={"name": prefix + column.name})
    yield named
    if column.items is not None:
        yield from _flat(column.items.model_copy(update={"name": f"{named.name}[]"}))
    for child in column.fields or ():
        yield from _flat(child, f"{named.name}.")


class Body:
    """The tables of the families of types that occur, each in the order of the data, then the hints.

    The first heading is the `title`, by default the name of the family. How they are laid out depends on the width,
    which rich tells when it prints.
    """

    def __init__(self, rows: Sequence[ColumnProfile], title: str | None = None) -> None:
        self.rows = rows
        self.title = title

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        room = _room(self.rows, options.max_width)
        for family, types, headings in FAMILIES:
            title = self.title or family
            members = [row for row in self.rows if row.type in types]
            layout = headings(room, members) if members else []
            for start in range(0, len(members), PAGE):
                yield Text()
                yield _table(title, members[start : start + PAGE], layout, room)
        if any(row.hints for row in self.rows):
            yield Text()
            yield _hints(self.rows, room)


def _room(rows: Sequence[ColumnProfile], width: int) -> Room:
    names = max((len(_name(row)) for row in rows), default=0)
    is_wide = width >= WIDE
    return Room(
        width=width,
        names=max(SHORTEST_NAME, min(names, max(LONGEST_NAME, width // 4))),
        gap=2 if is_wide or names <= USUAL_NAME else 1,
        is_wide=is_wide,
        has_bars=is_wide and any(row.null_count for row in rows),
    )


def _grid(title: str, room: Room) -> Grid:
    """An empty table whose first column is for the names, as wide as in the other tables."""
    table = Grid(room.gap)
    table.add_column(Text(title.ljust(room.names)), overflow="fold", min_width=SHORTEST_NAME, max_width=room.names)
    return table


def _table(title: str, rows: Sequence[ColumnProfile], headings: Sequence[Heading], room: Room) -> Grid:
    table = _grid(title, room)
    for heading in headings:
        table.add_column(Text(heading.title), justify=heading.justify, style=heading.style, no_wrap=heading.is_rigid)
    for row in rows:
        table.add_row(Text(_name(row)), *(Text(heading.cell(row)) for heading in headings))
    return table


def _common(room: Room) -> list[Heading]:
    """Type, missing and distinct: what every family has."""
    return [
        Heading("type".ljust(8), lambda row: row.type, "left", "dim"),
        Heading("missing", _bar_and_share if room.has_bars else _missing),
        Heading("distinct", _distinct),
    ]


def _missing(row: ColumnProfile) -> str:
    return share(row.null_fraction)


def _bar_and_share(row: ColumnProfile) -> str:
    return f"{bar(row.null_fraction, 4)} {share(row.null_fraction):>7}"


def _distinct(row: ColumnProfile) -> str:
    if row.distinct_count is None:
        return NOTHING
    return f"{'' if row.distinct_exact else '~'}{row.distinct_count:,}"


def _numbers(room: Room, rows: Sequence[ColumnProfile]) -> list[Heading]:
    headings = [*_common(room), _distribution(rows)]
    headings += [_figure("min"), _figure("median"), _figure("max")]
    if room.is_wide:
        headings += [_figure("mean"), _figure("std")]
    if any(row.nan_count or row.inf_count for row in rows):
        headings.append(Heading("NaN, inf", lambda row: f"{row.nan_count or 0:,}, {row.inf_count or 0:,}"))
    return headings


def _times(room: Room, rows: Sequence[ColumnProfile]) -> list[Heading]:
    points = ("min", "median", "max") if room.is_wide else ("min", "max")
    return [*_common(room), _distribution(rows), *(_point(name, not room.is_wide) for name in points)]


def _figure(name: str) -> Heading:
    """A statistic; in a column of small numbers (years, times of day) thousands are not set apart."""

    def cell(row: ColumnProfile) -> str:
        text = number(getattr(row, name))
        return text.replace(",", "") if _is_small(row.min) and _is_small(row.max) else text

    return Heading(name.rjust(6), cell)


def _is_small(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 10_000


def _point(name: str, is_short: bool) -> Heading:
    return Heading(name, lambda row: moment(getattr(row, name), is_short), "left")


def _distribution(rows: Sequence[ColumnProfile]) -> Heading:
    width = max((len(row.histogram.counts) for row in rows if row.histogram), default=0)
    return Heading("".ljust(width), lambda row: columns(row.histogram.counts) if row.histogram else "", "left")


def _texts(room: Room, rows: Sequence[ColumnProfile]) -> list[Heading]:
    common = _common(room)
    used = room.names + room.gap + len("length") + room.gap
    for heading in common:
        used += max(len(heading.title), *(len(heading.cell(row)) for row in rows)) + room.gap
    space = min(max(room.width - used, 20), 1000)
    return [
        *common,
        Heading("length", _length),
        Heading("top values", lambda row: _top_values(row, space), "left", is_rigid=False),
    ]


def _length(row: ColumnProfile) -> str:
    if row.min_length is None or row.max_length is None:
        return "" if row.type == "boolean" else NOTHING
    return f"{row.min_length:,}" if row.min_length == row.max_length else f"{row.min_length:,}–{row.max_length:,}"


def _top_values(row: ColumnProfile, space: int) -> str:
    """The most frequent values with their shares of the values present: what fits on two lines of `space`."""
    items = [_leader(each, row, min(space - 10, LONGEST_VALUE)) for each in (row.top_values or [])[:MOST_VALUES]]
    if (row.distinct_count or 0) > len(items):
        items.append("…")
    lines = [""]
    for item in items:
        longer = f"{lines[-1]} · {item}" if lines[-1] else item
        if len(longer) <= space:
            lines[-1] = longer
        elif len(lines) == 1:
            lines.append(item)
        else:
            return "\n".join(lines) + (" …" if len(lines[-1]) + 2 <= space else "")
    return "\n".join(lines)


def _leader(each: ValueCount, row: ColumnProfile, limit: int) -> str:
    value = plain(each.value, limit)
    return value if each.count == 1 and row.count > 1 else f"{value} {share(each.count / row.count)}"


def _name(row: ColumnProfile) -> str:
    return _name_of(row.name)


def _name_of(name: str) -> str:
    """A name, in quotes where it could not be told from its surroundings."""
    return safe(name) if name and name == name.strip() else f'"{safe(name)}"'


def _others(room: Room, rows: Sequence[ColumnProfile]) -> list[Heading]:
    headings = _common(room)
    if any(row.total_items is not None for row in rows):
        headings += [Heading("items", _items), Heading("mean", lambda row: number(row.mean_items))]
    return headings


def _items(row: ColumnProfile) -> str:
    return NOTHING if row.max_items is None else f"{row.min_items:,}–{row.max_items:,}"


def _hints(rows: Sequence[ColumnProfile], room: Room) -> Grid:
    """What looks odd, grouped by column, with the evidence."""
    table = _grid("worth a look", room)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        for rank, hint in enumerate(row.hints):
            table.add_row(Text("" if rank else _name(row)), Text(safe(hint.code)), Text(safe(hint.message)))
    return table


#: title of the section, its types, the headings that it has for a room and its rows
FAMILIES = (
    ("numbers", ("integer", "float", "duration"), _numbers),
    ("times", ("date", "datetime", "time"), _times),
    ("text", ("string", "boolean", "binary"), _texts),
    ("others", ("list", "struct", "null"), _others),
)
