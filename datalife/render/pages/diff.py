"""A comparison as a page: the verdict, each column with both distributions over each other, the rows that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from datalife.render import comparison
from datalife.render.figures import number, plain
from datalife.render.markup import Markup, element, joined
from datalife.render.safe import ending, shortened
from datalife.words import share

if TYPE_CHECKING:
    from datalife.drift.model import (
        Batch,
        ColumnDiff,
        ColumnRows,
        Diff,
        Moved,
        OutcomeShift,
        Picture,
        RowsCompared,
        SchemaChange,
    )

STYLE = """\
:root { color-scheme: light dark; --bad: #c0392b; --warn: #b7791f; --good: #2e7d32; --dim: #7f7f7f;
  --old: #5b8dd9; --new: #e08a2c; }
body { margin: 2em auto; max-width: 76em; padding: 0 1em; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4em; } h2 { font-size: 1.15em; margin: 1.6em 0 .4em; } h3 { font-size: 1em; margin: 0 0 .2em; }
h1, h2, h3, td, p { overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(22em, 1fr)); gap: 1.2em; }
.columns > div { border-top: 1px solid #8884; padding-top: .6em; min-width: 0; }
.columns p { margin: .1em 0; font-size: .9em; }
table { border-collapse: collapse; font-size: .9em; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .15em 1.2em .15em 0; vertical-align: top; }
th { color: var(--dim); font-weight: normal; border-bottom: 1px solid #8884; } td.n, th.n { text-align: right; }
.drifted, .breaking { color: var(--bad); } .inconclusive { color: var(--warn); } .stable { color: var(--good); }
.dim { color: var(--dim); }
svg { display: block; max-width: 100%; height: auto; } svg text { font: 10px system-ui, sans-serif; fill: CanvasText; }
.old { fill: var(--old); } .new { fill: var(--new); } .key span { padding: 0 .5em; color: #fff; border-radius: 3px; }
.key .old { background: var(--old); } .key .new { background: var(--new); } .over { fill-opacity: .55; }
"""
WIDTH, HEIGHT = 340, 90
CHART = (720, 240)
LINES = ("#5b8dd9", "#e08a2c", "#2e7d32", "#8e5bd9", "#c0392b")
LONGEST = 40
LABEL = 22


def body(diff: Diff) -> Markup:
    """What stands on the page."""
    parts = [element("h1", comparison.head_text(diff)), "\n"]
    for each in _parts(diff):
        parts += [each, "\n"]
    return joined(parts)


def _parts(diff: Diff) -> Iterator[Markup]:
    if diff.batches:
        yield element("h2", "Distance over time")
        yield _chart(diff.batches)
    if diff.schema_changes:
        yield element("h2", "Schema")
        yield _table(("column", "", "change"), map(_change_row, diff.schema_changes))
    for what, found in comparison.outcomes_of(diff.shift):
        yield _shift(what, found)
    if diff.rows_compared is not None:
        yield _rows(diff.rows_compared)
    if diff.columns:
        yield element("h2", "Columns, the farthest first")
        sides = (element("span", "baseline", class_="old"), " ", element("span", "current", class_="new"))
        yield element("p", *sides, class_="key")
        ordered = sorted(diff.columns, key=comparison.excess, reverse=True)
        yield element("div", *(joined([_column(column), "\n"]) for column in ordered), class_="columns")


def _column(column: ColumnDiff) -> Markup:
    head = element("h3", column.name, " ", element("span", column.status, class_=column.status))
    lines = [element("p", line, class_="dim" if column.status == "stable" else "") for line in _lines(column)]
    return element("div", head, *lines, _picture(column.picture) if column.picture else "")


def _lines(column: ColumnDiff) -> list[str]:
    if column.status != "stable":
        return comparison.evidence(column)
    return [column.reason or column.type] if column.distance is None else [comparison.distance_text(column)]


def _picture(picture: Picture) -> Markup:
    """Bins as two histograms over each other, values as pairs of bars with their names."""
    most = max([*picture.baseline, *picture.current, 1e-9])
    cells = zip(picture.names, picture.baseline, picture.current, strict=True)
    if not picture.is_binned:
        rows = [_pair_of_bars(place, cell, most) for place, cell in enumerate(cells)]
        return _svg(WIDTH, 26 * len(rows), rows)
    width = WIDTH / len(picture.names)
    pieces = []
    for place, (name, before, after) in enumerate(cells):
        title = element("title", f"{name}: {share(before)} -> {share(after)}")
        bars = [
            element("rect", class_=f"{style} over", **_box(place * width, HEIGHT * (1 - part / most), width, HEIGHT))
            for style, part in (("old", before), ("new", after))
        ]
        pieces.append(element("g", title, *bars))
    ends = (picture.names[0].partition(" to ")[0], picture.names[-1].partition(" to ")[2])
    left = element("text", ends[0], x="0", y=f"{HEIGHT + 12}")
    right = element("text", ends[1], x=f"{WIDTH}", y=f"{HEIGHT + 12}", **{"text-anchor": "end"})
    return _svg(WIDTH, HEIGHT + 16, [*pieces, left, right])


def _box(x: float, y: float, width: float, bottom: float) -> dict[str, str]:
    return {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{bottom - y:.1f}"}


def _pair_of_bars(place: int, cell: tuple[Any, float, float], most: float) -> Markup:
    name, before, after = cell
    top, left, room = 26 * place, 130, WIDTH - 130 - 50
    pieces = [element("text", shortened(plain(name), LABEL), x="0", y=f"{top + 15}")]
    for offset, style, part in ((2, "old", before), (12, "new", after)):
        box = _box(left, top + offset, room * part / most, top + offset + 9)
        pieces += [
            element("rect", class_=style, **box),
            element("text", share(part), x=f"{left + room * part / most + 4:.1f}", y=f"{top + offset + 9}"),
        ]
    return element("g", *pieces)


def _chart(batches: Sequence[Batch]) -> Markup:
    """A line for each of the columns that went farthest: the distance over its limit, batch by batch."""
    names = comparison.farthest_columns(batches)[: len(LINES)]
    lines = [[_over_limit(batch, name) for batch in batches] for name in names]
    most = max([1.2, *(value for line in lines for value in line if value is not None)])
    width, height = CHART
    step = (width - 20) / max(len(batches) - 1, 1)
    pieces = [_level(most), *(_batch_name(place, batch, step) for place, batch in enumerate(batches))]
    for line, color in zip(lines, LINES, strict=False):
        points = [
            (10 + place * step, height - 20 - (height - 40) * value / most)
            for place, value in enumerate(line)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        pieces.append(element("polyline", points=path, fill="none", stroke=color, **{"stroke-width": "2"}))
        pieces += [element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3", fill=color) for x, y in points]
    key = [element("span", name, style=f"background:{color}") for name, color in zip(names, LINES, strict=False)]
    against = f"distance as a multiple of its limit, each batch against {comparison.against_text(batches)}"
    told = element("p", against, class_="dim")
    rows = (_batch_row(batch, names) for batch in batches)
    numbers = _table(("batch", "rows", "drifted", *names), rows)
    return joined([element("p", *_spaced(key), class_="key"), _svg(width, height, pieces), told, numbers])


def _level(most: float) -> Markup:
    """The line of the limit."""
    width, height = CHART
    y = f"{height - 20 - (height - 40) / most:.1f}"
    line = element("line", x1="0", x2=f"{width}", y1=y, y2=y, stroke="#c0392b", **{"stroke-dasharray": "4 4"})
    return joined([line, element("text", "limit", x="0", y=f"{float(y) - 4:.1f}")])


def _batch_name(place: int, batch: Batch, step: float) -> Markup:
    """Names stand where there is room for them."""
    if step < 60 and place % max(1, round(60 / max(step, 1))):
        return Markup("")
    anchor = {"text-anchor": "start" if place == 0 else "middle" if step * place < CHART[0] - 60 else "end"}
    return element("text", ending(batch.name, 14), x=f"{10 + place * step:.1f}", y=f"{CHART[1] - 4}", **anchor)


def _over_limit(batch: Batch, name: str) -> float | None:
    found = next((column for column in batch.columns if column.name == name), None)
    if found is None or found.distance is None or not found.threshold:
        return None
    return found.distance / found.threshold


def _batch_row(batch: Batch, names: Sequence[str]) -> list[object]:
    by_name = {column.name: column for column in batch.columns}
    cells = [
        element("span", number(by_name[name].distance), class_=by_name[name].status) if name in by_name else ""
        for name in names
    ]
    return [ending(batch.name, LONGEST), f"{batch.rows:,}", f"{comparison.count_drifted(batch):,}", *cells]


def _change_row(change: SchemaChange) -> list[object]:
    style = "breaking" if change.breaking else "dim"
    name = "(all)" if change.column is None else change.column
    return [name, element("span", "breaking" if change.breaking else "", class_=style), comparison.change_text(change)]


def _shift(what: str, found: OutcomeShift) -> Markup:
    kind = found.kind.replace("-", " ")
    head = element("h2", f"Shift of the {what} {found.column}: {kind}")
    rows: list[list[object]] = [[found.column, joined(["P(y) ", _moved(found.p_y)]), "", ""]]
    rows += [[each.name, *map(_moved, (each.p_x, each.p_y_given_x, each.p_x_given_y))] for each in found.features]
    notes = [element("p", found.reason)]
    if found.weighted_by:
        notes.append(element("p", comparison.weighting_text(found), class_="dim"))
    return joined([head, *notes, _table(("", "P(x)", "P(y|x)", "P(x|y)"), rows)])


def _moved(moved: Moved | None) -> Markup:
    text = comparison.moved_text(moved)
    if moved is None or moved.distance is None:
        return Markup(text)
    return element("span", text, class_="" if moved.status == "stable" else moved.status)


def _rows(rows: RowsCompared) -> Markup:
    head = element("h2", f"Rows by {', '.join(rows.key)}: {comparison.counts_text(rows)}")
    head = joined([head, *(element("p", line) for line in comparison.set_aside(rows))])
    changed = comparison.changed_columns(rows)
    if not changed:
        return head
    summary = _table(
        ("column", "changed", "of rows", "most often"),
        ([each.name, f"{each.changed:,}", share(each.changed / rows.matched), _confused(each)] for each in changed),
    )
    examples = comparison.examples_of(changed)
    told = _table(("key", "column", "baseline", "current"), examples) if examples else Markup("")
    return joined([head, summary, element("h3", "Examples") if examples else "", told])


def _confused(column: ColumnRows) -> str:
    first = column.confusions[:1]
    return "".join(f"{plain(each.baseline)} -> {plain(each.current)} ({each.count:,})" for each in first)


def _table(heads: Sequence[str], rows: Any) -> Markup:
    head = element("tr", *(element("th", each) for each in heads))
    lines = [joined([element("tr", *(element("td", cell) for cell in row)), "\n"]) for row in rows]
    return element("div", element("table", head, "\n", *lines), class_="wide")


def _svg(width: float, height: float, pieces: Sequence[object]) -> Markup:
    return element("svg", *pieces, width=f"{width:g}", height=f"{height:g}", viewBox=f"0 0 {width:g} {height:g}")


def _spaced(pieces: Sequence[Markup]) -> list[object]:
    return [each for piece in pieces for each in (piece, " ")]
