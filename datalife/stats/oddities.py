"""Text that is of another type but for a few values: which type, and a second look at the data for the exceptions."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalife.engine import State, run
from datalife.sources.dataset import ROW, Dataset
from datalife.stats.dates import layout_of
from datalife.stats.summary import ColumnSummary, Look, Summary, learn_traits
from datalife.stats.traits import KINDS, Kind, speaks

#: A column is almost of a type when no more of its values than this are of none.
MOST_ODD = 0.1
#: So many exceptions are named by their row.
NAMED = 5


def kind_of(column: ColumnSummary) -> Kind | None:
    """What nearly all values kept of a text column are; None of columns that are plain text or no text at all."""
    if column.type != "string" or column.count < 2 or not column.traits.judged:
        return None
    traits, enough = column.traits, (1 - MOST_ODD) * column.traits.judged
    for kind, odd in zip(KINDS, traits.odd, strict=True):
        if odd <= MOST_ODD * traits.judged:
            return kind
    layout = layout_of(judged(column), 1 - MOST_ODD) if traits.dated >= enough else None
    return Kind(layout.kind, layout.fits, layout.says, is_time=True) if layout else None


def odd_count(column: ColumnSummary, kind: Kind) -> int:
    """How many of the values kept that speak for a type are not of a kind."""
    if kind in KINDS:
        return column.traits.odd[KINDS.index(kind)]
    return int(judged(column).filter(kind.odd(pl.col("value"))).get_column("count").sum())


def judged(column: ColumnSummary) -> pl.DataFrame:
    """(value, count) of the values kept that speak for a type or against it."""
    return column.frequencies.filter(speaks(pl.col("value")))


def look_again(dataset: Dataset, summary: Summary) -> None:
    """Reads the columns again that are almost of a type, and notes in their summaries what does not fit and where.

    Columns of which the frequencies tell everything are not read; without such columns nothing is.
    """
    suspects: dict[str, Kind] = {}
    learn_traits(list(summary.columns.values()))
    for name, column in summary.columns.items():
        kind = kind_of(column)
        if kind and not (column.complete and odd_count(column, kind) == 0):
            suspects[name] = kind
    if not suspects:
        return
    # A filter may read a column whose type was guessed wrong.
    looks = dataset.attempt(lambda data: _looks(data.as_text(list(suspects)), suspects, summary))
    for name, look in looks.items():
        column = summary.columns[name]
        if column.complete:  # then reading may have ended early
            look.count, look.odd = column.traits.judged, odd_count(column, suspects[name])
        column.look = look


def _looks(dataset: Dataset, suspects: dict[str, Kind], summary: Summary) -> dict[str, Look]:
    keys = {dataset.column(name).key: name for name in suspects}
    looks = {name: Look(0, 0, []) for name in suspects}
    if not dataset.engine.shares_memory:  # no worker knows what the others have found: all look at everything
        job = _Odd({key: suspects[name] for key, name in keys.items()})
        state = run(dataset.narrowed([dataset.column(name) for name in suspects]), job)
        found = zip(keys.values(), state[0].rows(), state[1:], strict=True)
        return {name: Look(seen, odd, examples.rows()) for name, (seen, odd), examples in found}
    for shard in dataset.shards:
        frame = shard.read(list(keys), row=ROW)
        for key, name in keys.items():
            _look(frame.select(pl.col(ROW), value=key), suspects[name], looks[name])
        if all(_is_done(looks[name], summary.columns[name], suspects[name]) for name in suspects):
            break
    return looks


class _Odd:
    """A job: of each column, by key, how many values speak and how many of them do not fit; the first of these."""

    def __init__(self, kinds: dict[str, Kind]) -> None:
        self.speaks = {key: speaks(pl.col(key)) for key in kinds}
        self.odd = {key: self.speaks[key] & kind.odd(pl.col(key)) for key, kind in kinds.items()}

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        counts = [
            frame.select(seen=self.speaks[key].sum().cast(pl.Int64), odd=odd.sum().cast(pl.Int64))
            for key, odd in self.odd.items()
        ]
        examples = [frame.filter(odd).select(pl.col(ROW), value=key).head(NAMED) for key, odd in self.odd.items()]
        return [pl.concat(counts), *examples]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        counts, *examples = zip(*states, strict=True)
        total = pl.DataFrame({name: sum(each.get_column(name) for each in counts) for name in ("seen", "odd")})
        return [total, *(pl.concat(frames).head(NAMED) for frames in examples)]


def _look(values: pl.DataFrame, kind: Kind, look: Look) -> None:
    """Adds what is odd among the (row, value) pairs of a shard."""
    seen = values.filter(speaks(pl.col("value")))
    odd = seen.filter(kind.odd(pl.col("value")))
    look.count += seen.height
    look.odd += odd.height
    look.examples += odd.head(NAMED - len(look.examples)).rows()


def _is_done(look: Look, column: ColumnSummary, kind: Kind) -> bool:
    """Whether nothing is left to learn: of a column whose values are all known, the rows alone are wanted."""
    if not column.complete:
        return False
    return len(look.examples) >= min(NAMED, odd_count(column, kind))
