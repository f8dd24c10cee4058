"""A comparison as a comment on a pull request: the verdict in bold, what moved in tables, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from datalife.render import comparison
from datalife.render.figures import number
from datalife.render.safe import safe
from datalife.words import plural, share

if TYPE_CHECKING:
    from datalife.drift.model import Batch, ColumnDiff, Diff, Moved, OutcomeShift, RowsCompared

MARKS = {"drifted": "🔴", "inconclusive": "🟡", "stable": "🟢"}
#: What means something in Markdown or to the site that shows it: markup, mentions, links.
SPECIAL = {ord(each): f"&#{ord(each)};" for each in "&<|*_`~[]#@\\$"}
#: So many columns of a series, and features of a shift, have a line or a column of their own.
MOST = 10


def body(diff: Diff) -> str:
    """The comment; every character of the data is text, none is markup."""
    is_good = "✅" if not diff.drifted else "❌"
    parts = [f"**{is_good} {cell(comparison.head_text(diff))}**", *_parts(diff)]
    return "\n\n".join(parts) + "\n"


def _parts(diff: Diff) -> Iterator[str]:
    if diff.batches:
        yield _series(diff.batches)
    if diff.schema_changes:
        rows = [
            [
                "🔴 breaking" if change.breaking else "",
                cell(change.column or "(all)"),
                cell(comparison.change_text(change)),
            ]
            for change in sorted(diff.schema_changes, key=lambda each: not each.breaking)
        ]
        yield table(("", "column", "change of the schema"), rows)
    moved = sorted((each for each in diff.columns if each.status != "stable"), key=comparison.excess, reverse=True)
    if moved:
        yield table(("", "column", "what moved"), map(_column, moved))
    for what, found in comparison.outcomes_of(diff.shift):
        yield _shift(what, found)
    if diff.rows_compared is not None:
        yield _rows(diff.rows_compared)
    stable = [column for column in diff.columns if column.status == "stable"]
    if stable:
        told = table(
            ("", "column", "distance"), ([MARKS["stable"], cell(each.name), _distance(each)] for each in stable)
        )
        yield f"<details><summary>{plural(len(stable), 'stable column')}</summary>\n\n{told}\n\n</details>"


def _column(column: ColumnDiff) -> list[str]:
    return [MARKS[column.status], cell(column.name), "<br>".join(cell(line) for line in comparison.evidence(column))]


def _distance(column: ColumnDiff) -> str:
    if column.distance is None:
        return cell(column.reason or column.type)
    return cell(f"{column.metric} {number(column.distance)} (limit {number(column.threshold)})")


def _series(batches: Sequence[Batch]) -> str:
    names = comparison.farthest_columns(batches)[:MOST]
    rows = []
    for batch in batches:
        by_name = {column.name: column for column in batch.columns}
        cells = [
            f"{MARKS[by_name[name].status]} {number(by_name[name].distance)}" if name in by_name else ""
            for name in names
        ]
        rows.append([cell(batch.name), f"{batch.rows:,}", *cells])
    return table(("batch", "rows", *map(cell, names)), rows)


def _shift(what: str, found: OutcomeShift) -> str:
    kind = found.kind.replace("-", " ")
    rows = [
        [cell(each.name), _moved(each.p_x), _moved(each.p_y_given_x), _moved(each.p_x_given_y)]
        for each in found.features[:MOST]
    ]
    told = table(("feature", cell("P(x)"), cell("P(y|x)"), cell("P(x|y)")), rows) if rows else ""
    return f"**Shift of the {what} {cell(found.column)}: {kind}.** {cell(found.reason)}\n\n{told}".rstrip()


def _moved(moved: Moved | None) -> str:
    text = cell(comparison.moved_text(moved))
    return text if moved is None or moved.distance is None else f"{MARKS[moved.status]} {text}"


def _rows(rows: RowsCompared) -> str:
    lines = [f"**Rows by {', '.join(map(cell, rows.key))}: {comparison.counts_text(rows)}**"]
    lines += [cell(line) for line in comparison.set_aside(rows)]
    changed = comparison.changed_columns(rows)
    if changed:
        told = ([cell(each.name), f"{each.changed:,}", share(each.changed / rows.matched)] for each in changed)
        lines.append(table(("column", "changed", "of rows"), told))
    examples = [list(map(cell, example)) for example in comparison.examples_of(changed)]
    if examples:
        told_examples = table(("key", "column", "baseline", "current"), examples)
        lines.append(f"<details><summary>examples</summary>\n\n{told_examples}\n\n</details>")
    return "\n\n".join(lines)


def table(heads: Sequence[str], rows: Iterable[list[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: object) -> str:
    """Text in which nothing has a meaning, on one line."""
    return safe(text).replace("\n", " ").translate(SPECIAL).replace("://", "&#58;//")
