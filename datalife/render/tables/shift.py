"""Which shift a label or a prediction shows: its name, why, and the three distances of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from datalife.render.comparison import moved_text, outcomes_of, weighting_text
from datalife.render.figures import plain
from datalife.render.safe import safe
from datalife.words import share

if TYPE_CHECKING:
    from datalife.drift.model import FeatureShift, Moved, OutcomeShift, Shift

STYLES = {"drifted": "red", "inconclusive": "yellow", "stable": ""}
#: So many features are shown, those that moved most.
MOST = 10


def draw(shift: Shift) -> list[RenderableType]:
    """The label first, then the prediction."""
    parts: list[RenderableType] = []
    for what, found in outcomes_of(shift):
        parts += [Text(), *_outcome(what, found)]
    return parts


def _outcome(what: str, found: OutcomeShift) -> list[RenderableType]:
    words = found.kind.replace("-", " ") + (" shift" if found.kind not in ("none", "unclear") else "")
    head = Text(f"shift of the {what} {safe(found.column)}: {words}", style="bold")
    head.append(f"  ({safe(found.reason)})", style="not bold")
    parts: list[RenderableType] = [head]
    if found.features:
        parts.append(_features(found))
    if found.weighted_by:
        parts.append(Text(weighting_text(found), style="dim"))
    if found.comparable is not None and found.comparable < 1:
        parts.append(Text(f"P(y|x): {share(found.comparable)} of the current rows have their like in the baseline"))
    if found.left_out:
        told = "; ".join(f"{safe(each.name)} ({safe(each.reason)})" for each in found.left_out)
        parts.append(Text(f"left out: {told}", style="dim"))
    return parts


def _features(found: OutcomeShift) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold", max_width=48)
    for name in ("P(x)", "P(y|x)", "P(x|y)"):
        table.add_column(Text(name))
    table.add_column(Text("most"), overflow="fold")
    table.add_row(Text(safe(found.column)), Text("P(y) ").append(_distance(found.p_y)), "", "", _most(found.p_y))
    for each in sorted(found.features, key=_farthest, reverse=True)[:MOST]:
        sides = (each.p_x, each.p_y_given_x, each.p_x_given_y)
        table.add_row(Text(safe(each.name)), *map(_distance, sides), _most(each.p_y_given_x or each.p_x))
    if len(found.features) > MOST:
        table.add_row(Text(f"and {len(found.features) - MOST:,} more"))
    return table


def _farthest(feature: FeatureShift) -> float:
    """How many times its limit the farthest of the three distances is."""
    sides = [side for side in (feature.p_x, feature.p_y_given_x, feature.p_x_given_y) if side is not None]
    return max((side.distance or 0) / (side.threshold or 1) for side in sides)


def _distance(moved: Moved | None) -> Text:
    """Red where it is a shift."""
    return Text(moved_text(moved), style="" if moved is None else STYLES[moved.status])


def _most(moved: Moved) -> Text:
    """`where it is 10 to 12, yes: 10 % -> 20 %`."""
    change = moved.largest_change
    if change is None or moved.status == "stable":
        return Text()
    where = f"where it is {plain(moved.given)}, " if moved.given is not None else ""
    text = f"{where}{plain(change.value)}: {share(change.baseline)} -> {share(change.current)}"
    return Text(text)
