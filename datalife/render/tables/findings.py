"""What a profile tells of columns together: the label, correlations, crossed columns, groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render.figures import bar, number, plain
from datalife.render.safe import safe
from datalife.words import NOTHING, share

if TYPE_CHECKING:
    from datalife.stats.model import Cross, Fairness, GroupProfile, LabelSummary, Profile

#: So many pairs of columns, and so many empty combinations, are shown; JSON and HTML have more.
MOST = 15


def draw(profile: Profile) -> Iterator[RenderableType]:
    """A paragraph for each thing that was asked for."""
    if profile.label:
        yield from _label(profile, profile.label)
    if profile.correlations:
        yield from _correlations(profile)
    if profile.cross:
        yield from _cross(profile.cross)
    if profile.fairness:
        yield from _fairness(profile.fairness)


def _grid(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> Table:
    """A table whose first `texts` columns are text, the others figures."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        is_text = place < texts
        table.add_column(Text(heading), justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _how(rows: int, is_exact: bool) -> str:
    return f"on {rows:,} rows" if is_exact else f"estimated on a sample of {rows:,} rows"


def _label(profile: Profile, label: LabelSummary) -> Iterator[RenderableType]:
    told = [(column.name, column.label) for column in profile.columns if column.label]
    told.sort(key=lambda each: -(each[1].mutual_information or 0))
    entropy = label.entropy or 0.0
    yield Text(f"\nwhat tells about {safe(label.column)} ({label.task}, {_how(label.rows, label.exact)})", style="bold")
    rows = [
        (
            safe(name),
            each.measure.replace("_", " "),
            number(each.correlation),
            number(each.mutual_information),
            bar((each.mutual_information or 0) / entropy if entropy else 0, 10),
        )
        for name, each in told
    ]
    yield _grid(["column", "measure", "correlation", "bits", f"of {number(entropy)}".ljust(10)], rows, 2)


def _correlations(profile: Profile) -> Iterator[RenderableType]:
    found = profile.correlations
    if found is None:
        return
    yield Text(f"\ncorrelations ({_how(found.rows, found.exact)})", style="bold")
    rows = [
        (*map(safe, pair.columns), pair.measure.replace("_", " "), number(pair.value), _ranks(pair.spearman))
        for pair in found.pairs[:MOST]
    ]
    yield _grid(["column", "and", "measure", "value", "of ranks"], rows, 3)
    if found.measured > MOST:
        yield Text(f"the strongest {MOST} of {found.measured:,} pairs", style="dim")


def _ranks(value: float | None) -> str:
    return "" if value is None else number(value)


def _cross(cross: Cross) -> Iterator[RenderableType]:
    named = " and ".join(map(safe, cross.columns))
    count = f"{cross.empty_count:,} of {cross.combinations:,} combinations have no row"
    yield Text(f"\n{named}: {count} (coverage {share(cross.coverage)})", style="bold")
    rows = [(*map(plain, each.values.values()), number(each.expected)) for each in cross.empty[:MOST]]
    if rows:
        yield _grid([*map(safe, cross.columns), "rows that chance would give"], rows, 2)
    if cross.empty_count > MOST:
        yield Text(f"the most surprising {MOST} of {cross.empty_count:,}", style="dim")


def _fairness(found: Fairness) -> Iterator[RenderableType]:
    difference = number(found.demographic_parity_difference)
    of = "" if found.value is None else f" of {plain(found.value)}"
    between = " and ".join(_named(by) for by in found.between)
    between = f", between {between}" if between else ""
    yield Text(f"\n{safe(found.label)} by {', '.join(map(safe, found.group))}", style="bold")
    yield Text(f"demographic parity difference{of}: {difference}{between}")
    values = [plain(each.value) for each in (found.groups[0].label_rates or ())] if found.groups else []
    rows = [_group(group) for group in found.groups]
    yield _grid([*map(safe, found.group), "rows", "share", *(values or ["mean"]), "missing"], rows, len(found.group))


def _named(by: dict[str, Any]) -> str:
    return ", ".join(map(plain, by.values()))


def _group(group: GroupProfile) -> tuple[str, ...]:
    """A group's values, size, the rates of its labels and the column that most of its rows lack."""
    rates = [share(each.rate) for each in group.label_rates] if group.label_rates else [number(group.label_mean)]
    most = max(group.null_fractions.items(), key=lambda each: each[1] or 0, default=("", 0))
    missing = f"{safe(most[0])} {share(most[1])}" if most[1] else NOTHING
    return (*map(plain, group.by.values()), f"{group.rows:,}", share(group.fraction), *rates, missing)
