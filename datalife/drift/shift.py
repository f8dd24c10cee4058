"""Which shift it is: of the inputs, of the label, or of what connects them.

A joint distribution P(x, y) is P(y|x) P(x) and also P(x|y) P(y). Covariate shift moves P(x) and leaves P(y|x); prior
shift (label shift) moves P(y) and leaves P(x|y); concept shift moves P(y|x). Each feature x is looked at by itself,
in cells: the values of the baseline, or the bins between its deciles.

One feature's shift moves P(y|x) of all others that go along with it, and P(y). What the moved features explain is
therefore taken out first: the rows of the baseline are weighted until these features have the shares of now, and
what is left is the concept's.

Source of the definitions: Moreno-Torres et al., "A Unifying View on Dataset Shift in Classification", Pattern
Recognition, 2012.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from datalife.anomalies import Change
from datalife.drift.alignment import Cells, Pair, mostly_distinct
from datalife.drift.binned import Cut, coded, cut
from datalife.drift.conditional import Conditional, Counts, compare, covered, raked, table
from datalife.drift.metrics import total_variation
from datalife.drift.model import ColumnDiff, FeatureShift, LeftOut, Moved, OutcomeShift, Sides, Status
from datalife.drift.noise import total_variation as floor_of_total_variation
from datalife.sources.dataset import Dataset
from datalife.words import listed

#: A conditional distribution that moves by more (total variation, the mean over the current rows) has shifted.
THRESHOLD = 0.05
#: An outcome has so many values, or bins between these quantiles.
MOST_OUTCOMES = 10
OUTCOME_LEVELS = (0.2, 0.4, 0.6, 0.8)
LEFT_OUT = {
    "date": "dates move on by themselves",
    "datetime": "dates move on by themselves",
    "binary": "bytes have no cells",
}
#: A feature whose values overlap less on the two sides (1 - total variation) cannot be weighted by.
LEAST_OVERLAP = 0.5
STRANGE = "its values hardly overlap, so P(y|x) is not weighted by it"
METRIC = "total_variation"
Tables = tuple[list[list[float]], list[list[float]]]


@dataclass(frozen=True)
class Outcome:
    """A label or prediction `column` of two datasets, and the features beside it.

    `pairs` are the columns of both sides by name, `columns` how each of them moved by itself, and `others`
    those that are no features: keys, and the other outcome. `significance` is the chance of a false alarm that
    all the tests together may have.
    """

    column: str
    pairs: Mapping[str, Pair]
    columns: Mapping[str, ColumnDiff]
    significance: float
    others: Sequence[str] = field(default_factory=tuple)


def shift_of(outcome: Outcome, baseline: Dataset, current: Dataset) -> OutcomeShift:
    """The kind of shift and the numbers behind it; reads the rows of both sides once."""
    left_out = list(_left_out(outcome))
    away = {each.name for each in left_out} | {outcome.column, *outcome.others}
    names = [name for name in outcome.pairs if name not in away]
    marginal = _of_values(outcome.columns[outcome.column])
    pair = outcome.pairs[outcome.column]
    if pair.reason:
        present = Sides(baseline=pair.baseline.count, current=pair.current.count)
        features = [FeatureShift(name=name, p_x=_marginal(outcome.columns[name])) for name in names]
        return OutcomeShift(
            column=outcome.column, kind="unclear", reason=pair.reason, rows=present, p_y=marginal, features=features
        )
    cuts = {outcome.column: cut(pair, MOST_OUTCOMES, OUTCOME_LEVELS)}
    cuts |= {name: cut(outcome.pairs[name]) for name in names}
    rows = _Rows(coded(baseline, cuts), coded(current, cuts), list(cuts.values()))
    per_test = outcome.significance / max(2 * len(names), 1)
    features = [
        FeatureShift(
            name=name,
            p_x=_marginal(outcome.columns[name]),
            p_y_given_x=_moved(rows.forward(place), cuts[name], cuts[outcome.column], per_test),
            p_x_given_y=_moved(rows.backward(place), cuts[outcome.column], cuts[name], per_test),
        )
        for place, name in enumerate(names, start=1)
    ]
    kind, reason = _named(marginal, features)
    return OutcomeShift(
        column=outcome.column,
        kind=kind,
        reason=reason,
        rows=Sides(baseline=rows.baseline.height, current=rows.current.height),
        p_y=marginal,
        features=features,
        weighted_by=[names[place - 1] for place in rows.moved],
        comparable=rows.comparable.height / rows.current.height if rows.current.height else None,
        left_out=[*left_out, *(LeftOut(name=names[place - 1], reason=STRANGE) for place in rows.strange)],
    )


class _Rows:
    """The rows of both sides as cells: c0 the outcome, which is present in all of them, c1... the features."""

    def __init__(self, baseline: pl.DataFrame, current: pl.DataFrame, cuts: Sequence[Cut]) -> None:
        self.cuts = cuts
        present = pl.col("c0") != cuts[0].missing
        self.baseline, self.current = baseline.filter(present), current.filter(present)
        self.tables = {place: self._tables(place) for place in range(1, len(cuts))}
        gaps = {place: _gap_beyond_chance(*tables) for place, tables in self.tables.items()}
        self.strange = [place for place, gap in gaps.items() if gap > 1 - LEAST_OVERLAP]
        self.moved = [place for place, gap in gaps.items() if 0 < gap <= 1 - LEAST_OVERLAP]
        names = [f"c{place}" for place in self.moved]
        self.comparable = covered(self.baseline, self.current, names)
        self.weighted = raked(self.baseline, self.comparable, names) if names else self.baseline

    def forward(self, place: int) -> Conditional | None:
        """The outcome given a feature, of the weighted baseline."""
        sides = (self.weighted, self.comparable)
        cells = [(f"c{each}", len(self.cuts[each].names)) for each in (place, 0)]
        return compare(*(table(side, cells[0], cells[1]) for side in sides))

    def backward(self, place: int) -> Conditional | None:
        """A feature given the outcome."""
        baseline, current = self.tables[place]
        return compare(_turned(baseline), _turned(current))

    def _tables(self, place: int) -> Tables:
        cells = [(f"c{each}", len(self.cuts[each].names)) for each in (place, 0)]
        return table(self.baseline, cells[0], cells[1]), table(self.current, cells[0], cells[1])


def _turned(counts: Counts) -> list[list[float]]:
    return [list(row) for row in zip(*counts, strict=True)]


def _gap_beyond_chance(baseline: Counts, current: Counts) -> float:
    """How far P(x) moved, however little, so that its effect on P(y|x) can be taken out; 0 within chance."""
    cells = Cells([sum(row) for row in baseline], [sum(row) for row in current], str)
    gap = total_variation(cells) if all(cells.sizes) else 0.0
    return gap if gap and gap > floor_of_total_variation(cells) else 0.0


def _left_out(outcome: Outcome) -> Iterator[LeftOut]:
    for name, pair in outcome.pairs.items():
        if name == outcome.column or name in outcome.others:
            continue
        reason = pair.reason or LEFT_OUT.get(pair.baseline.type) or LEFT_OUT.get(pair.current.type)
        if reason is None and not pair.ordered and any(map(mostly_distinct, (pair.baseline, pair.current))):
            reason = "values hardly repeat"
        if reason:
            yield LeftOut(name=name, reason=reason)


def _marginal(column: ColumnDiff) -> Moved:
    """P(x) or P(y), as the column's own line has it."""
    return Moved(
        metric=column.metric,
        distance=column.distance,
        threshold=column.threshold,
        noise_floor=column.noise_floor,
        status=column.status,
        largest_change=column.largest_change,
    )


def _of_values(column: ColumnDiff) -> Moved:
    """P(y) alone: labels that are missing may only be late."""
    moved = _marginal(column)
    is_far = moved.distance is None or moved.threshold is None or moved.distance > moved.threshold
    return moved if is_far else moved.model_copy(update={"status": "stable"})


def _moved(found: Conditional | None, given: Cut, outcome: Cut, significance: float) -> Moved | None:
    """A conditional distribution by the two-key rule: far, and not by chance."""
    if found is None:
        return None
    status: Status = "stable"
    if found.distance > THRESHOLD:
        status = "drifted" if found.likelihood < significance else "inconclusive"
    change = Change(value=outcome.names[found.outcome], baseline=found.before, current=found.after)
    return Moved(
        metric=METRIC,
        distance=found.distance,
        threshold=THRESHOLD,
        noise_floor=found.noise_floor,
        status=status,
        given=given.names[found.given],
        largest_change=None if found.before == found.after else change,
    )


def _named(label: Moved, features: Sequence[FeatureShift]) -> tuple[str, str]:
    """The kind of shift by its definition, and that definition with the features that show it."""
    inputs = [each.name for each in features if each.p_x.status == "drifted"]
    forward = [each.name for each in features if each.p_y_given_x and each.p_y_given_x.status == "drifted"]
    backward = [each.name for each in features if each.p_x_given_y and each.p_x_given_y.status == "drifted"]
    is_measured = [each for each in features if each.p_y_given_x and each.p_x_given_y]
    if not is_measured:
        return "unclear", "no cell of any feature has enough rows on both sides"
    y_moved = label.status == "drifted"
    if y_moved and not backward:
        return "prior", "P(y) moved, P(x|y) did not"
    if forward and inputs:
        return "covariate-and-concept", f"P(x) moved ({listed(inputs)}), and so did P(y|x) ({listed(forward)})"
    if forward:
        return "concept", f"P(y|x) moved ({listed(forward)}), P(x) did not"
    if inputs:
        return "covariate", f"P(x) moved ({listed(inputs)}), P(y|x) did not"
    if y_moved or backward:
        return "unclear", f"{'P(y)' if y_moved else 'P(x|y)'} moved, but neither P(x) nor P(y|x) by enough to tell why"
    return "none", "neither P(x) nor P(y) nor P(y|x) moved"
