"""A comparison in words: what tables, pages and comments say of its columns, batches, shifts and rows alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from datalife.render.figures import number, plain
from datalife.render.safe import safe
from datalife.words import NOTHING, plural, share

if TYPE_CHECKING:
    from datalife.drift.model import (
        Batch,
        ColumnDiff,
        ColumnRows,
        Diff,
        Moved,
        OutcomeShift,
        Patterns,
        RowsCompared,
        SchemaChange,
        Shift,
        Sides,
        Weeks,
    )
    from datalife.stats.model import ValueCount

#: The gravest first.
STATUSES = ("drifted", "inconclusive", "stable")
MOST_VALUES = 5
#: How many times its limit a distance is, and the word for it.
STRENGTHS = ((4.0, "strong"), (2.0, "clear"), (0.0, "slight"))
#: The limit of a share that moves, against which its strength is told.
SHARE_LIMIT = 0.02
#: What a change of a rule does where it is not one word, and whom it may break.
EFFECTS = {"both": "loosens and tightens"}
BROKEN = {
    "consumer": "may break consumers",
    "producer": "may break producers",
    "both": "may break consumers and producers",
}
#: Hours of the week that move by more are told.
WEEKS_LIMIT = 0.1


def head_text(diff: Diff) -> str:
    """What was compared, how much of it drifted, and the rows."""
    return f"{verdict(diff)}  {sizes(diff)}".rstrip()


def verdict(diff: Diff) -> str:
    """What was compared, and how much of it drifted."""
    if diff.rows is None:
        breaking = sum(change.breaking for change in diff.schema_changes)
        return f"{plural(len(diff.schema_changes), 'change')}, {breaking:,} breaking"
    statuses: list[str] = [column.status for column in diff.columns]
    found = {status: statuses.count(status) for status in STATUSES}
    counts = ", ".join(f"{count:,} {status}" for status, count in found.items() if count or status == "drifted")
    last = f"{safe(diff.batches[-1].name)}: " if diff.batches else ""
    return f"{last}{plural(len(diff.columns), 'column')} compared: {counts}"


def sizes(diff: Diff) -> str:
    """`(10 rows -> 12 rows)`; nothing of schemas, which have none."""
    if diff.rows is None:
        return ""
    return f"({plural(diff.rows.baseline or 0, 'row')} -> {plural(diff.rows.current or 0, 'row')})"


def change_text(change: SchemaChange) -> str:
    """`type changed: integer -> float; every value fits integer`; between schemas also what it does, and to whom."""
    words = change.change.replace("-", " ")
    sides = [plain(side) for side in (change.baseline, change.current) if side is not None]
    if change.change.endswith("-changed"):
        sides = ["none" if side is None else plain(side) for side in (change.baseline, change.current)]
    text = f"{words}: {' -> '.join(sides)}" if sides else words
    effect = EFFECTS.get(change.effect or "", change.effect)
    notes = [effect, BROKEN.get(change.breaks or ""), change.note]
    return "; ".join([text, *(safe(note) for note in notes if note)])


def evidence(column: ColumnDiff) -> list[str]:
    """The distance and what moved most, where the distance is why; the reason in words, where it is not."""
    lines = []
    if column.distance is not None and column.threshold is not None and column.distance > column.threshold:
        lines.append(distance_text(column))
        if column.largest_change is not None:
            change = column.largest_change
            lines.append(f"{plain(change.value)}: {share(change.baseline)} -> {share(change.current)}")
    if column.patterns is not None and column.patterns.status != "stable":
        lines += patterns_text(column.patterns)
    for what, sides in (("missing", column.null_fraction), ("NaN", column.nan_fraction)):
        if _gap(sides) > SHARE_LIMIT and sides is not None:
            lines.append(f"{what}: {share(sides.baseline)} -> {share(sides.current)} of the rows")
    return lines or [safe(column.reason or "")]


def patterns_text(patterns: Patterns) -> list[str]:
    """How far the shapes of texts moved, and which one most: `shape AA999: 95 % -> 40 %`."""
    lines = [f"shapes of texts: {distance_text(patterns)}"]
    if patterns.largest_change is not None:
        change = patterns.largest_change
        lines.append(f"shape {plain(change.value)}: {share(change.baseline)} -> {share(change.current)}")
    return lines


def distance_text(column: ColumnDiff | Patterns) -> str:
    """`psi 0.3 (limit 0.1, by chance 0.04)`."""
    chance = "" if column.noise_floor is None else f", by chance {number(column.noise_floor)}"
    return f"{column.metric} {number(column.distance)} (limit {number(column.threshold)}{chance})"


def values_text(values: Sequence[ValueCount]) -> str:
    """The first values with their counts."""
    shown = [f"{plain(each.value)} ({each.count:,})" for each in values[:MOST_VALUES]]
    more = ["..."] if len(values) > MOST_VALUES else []
    return ", ".join([*shown, *more])


def excess(column: ColumnDiff) -> float:
    """How many times its limit the distance is, or shapes and missing values where the distance is within its own."""
    if column.distance is not None and column.threshold and column.distance > column.threshold:
        return column.distance / column.threshold
    patterns = column.patterns
    if patterns is not None and patterns.status != "stable" and patterns.distance and patterns.threshold:
        return patterns.distance / patterns.threshold
    return max(_gap(sides) / SHARE_LIMIT for sides in (column.null_fraction, column.nan_fraction))


def strength(column: ColumnDiff) -> str:
    """How far beyond its limit a column is, in a word; nothing where it is within."""
    if column.threshold == 0 and column.distance:
        return "clear"
    return next((word for least, word in STRENGTHS if excess(column) >= max(least, 1e-9)), "")


def _gap(sides: Sides | None) -> float:
    if sides is None or sides.baseline is None or sides.current is None:
        return 0.0
    return abs(sides.current - sides.baseline)


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


def farthest_columns(batches: Sequence[Batch]) -> list[str]:
    """The columns with a distance, those first that went farthest beyond their limit."""
    most: dict[str, float] = {}
    for batch in batches:
        for column in batch.columns:
            if column.distance is not None and column.threshold is not None:
                ratio = column.distance / column.threshold if column.threshold else column.distance * 1e9
                most[column.name] = max(most.get(column.name, 0.0), ratio)
    return sorted(most, key=lambda name: -most[name])


def against_text(batches: Sequence[Batch]) -> str:
    """What each batch is compared with."""
    return "the first batch" if len({batch.baseline for batch in batches}) == 1 else "the batch before"


def count_drifted(batch: Batch) -> int:
    """How many columns of a batch drifted."""
    return sum(column.status == "drifted" for column in batch.columns)


def outcomes_of(shift: Shift | None) -> Iterator[tuple[str, OutcomeShift]]:
    """What was asked for of label and prediction, with the word for it."""
    for what, found in (("label", shift.label), ("prediction", shift.prediction)) if shift is not None else ():
        if found is not None:
            yield what, found


def moved_text(moved: Moved | None) -> str:
    """`0.21 (chance 0.04)`; a dash where there is no distance."""
    if moved is None or moved.distance is None:
        return NOTHING
    chance = "" if moved.noise_floor is None else f" (chance {number(round(moved.noise_floor, 3))})"
    return f"{number(round(moved.distance, 3))}{chance}"


def weighting_text(found: OutcomeShift) -> str:
    """By what the rows of the baseline are weighted; nothing where they are not."""
    names = ", ".join(map(safe, found.weighted_by))
    return f"P(y|x): baseline rows weighted to the current shares of {names}" if names else ""


def counts_text(rows: RowsCompared) -> str:
    """How many rows of each kind there are."""
    different = f"{rows.changed_rows:,} changed, {rows.baseline_only:,} removed, {rows.current_only:,} added"
    return f"{rows.matched:,} matched, {different}"


def changed_columns(rows: RowsCompared) -> list[ColumnRows]:
    """The columns with changes, those with most of them first."""
    return sorted((column for column in rows.columns if column.changed), key=lambda each: -each.changed)


def examples_of(columns: Sequence[ColumnRows]) -> list[list[str]]:
    """Key, column, value before and value now of every example."""
    return [
        [key_text(each.key), column.name, plain(each.baseline), plain(each.current)]
        for column in columns
        for each in column.examples
    ]


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


def key_text(key: dict[str, Any]) -> str:
    """`id=4, day=2026-01-01`."""
    return ", ".join(f"{safe(name)}={plain(value)}" for name, value in key.items())
