"""Text that is of another type but for a few values: which type, and a second look at the data for the exceptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from datalife.engine import State, run
from datalife.sources.dataset import ROW, Dataset
from datalife.sources.texts import COMMAS
from datalife.sources.types import DATES, FLOATS, INTEGERS, NOT_A_NUMBER, TEXT_TYPES
from datalife.stats.dates import layout_of
from datalife.stats.summary import ColumnSummary, Look, Summary

#: Texts that people and programs write for a missing value; they speak neither for a type nor against it.
MARKERS = (
    *("NA", "N/A", "n/a", "na", "?", "null", "NULL", "None", "none", "-", "--", "nan", "NaN", "#N/A", "\\N", "missing"),
)
#: A column is almost of a type when no more of its values than this are of none.
MOST_ODD = 0.1
#: So many values, from everywhere, tell which types are worth a test of all values.
SAMPLE = 1000
#: True of texts that are of no kind whatever, as most text is: one query tells, and spares those of all the kinds;
WORDS = ~(pl.col("value").str.contains("[0-9]") | pl.col("value").is_in(NOT_A_NUMBER))
#: and of those of none of KINDS, which have no other characters than these.
LETTERED = pl.col("value").str.contains("[^0-9+.,:eETZ -]") & ~pl.col("value").is_in(NOT_A_NUMBER)
#: So many exceptions are named by their row.
NAMED = 5


@dataclass(frozen=True)
class Kind:
    """What text may be all the same: a type in words, and whether a text is of it. `says` goes behind the words."""

    name: str
    fits: Callable[[pl.Expr], pl.Expr] = field(compare=False)
    says: str = ""
    is_time: bool = False

    def odd(self, text: pl.Expr) -> pl.Expr:
        """True where a text is not of it; never null."""
        return ~self.fits(text).fill_null(False)


KINDS = (
    Kind("integer", INTEGERS.fits),
    Kind("float", FLOATS.fits),
    Kind("date", DATES.fits, is_time=True),
    Kind(
        "datetime",
        lambda text: pl.any_horizontal(each.fits(text) for each in TEXT_TYPES if each.name == "datetime"),
        is_time=True,
    ),
    Kind(
        "integer",
        lambda text: text.str.contains(r"^(?:0|-?[1-9][0-9]{0,2}(?:,[0-9]{3})*)$"),
        " with thousands set off by commas",
    ),
    Kind("float", COMMAS[FLOATS].fits, " with a decimal comma"),
)


def kind_of(column: ColumnSummary) -> Kind | None:
    """What nearly all values kept of a text column are; None of columns that are plain text or no text at all."""
    if column.type != "string" or column.count < 2:
        return None
    texts = judged(column)
    count = pl.col("count")
    total, words, lettered = texts.select(
        count.sum(), words=count.filter(WORDS).sum(), lettered=count.filter(LETTERED).sum()
    ).row(0)
    if not total or words > MOST_ODD * total:
        return None
    plain = _plain_kind(texts, total) if lettered <= MOST_ODD * total else None
    if plain:
        return plain
    layout = layout_of(texts, 1 - MOST_ODD)
    return Kind(layout.kind, layout.fits, layout.says, is_time=True) if layout else None


def _plain_kind(texts: pl.DataFrame, total: int) -> Kind | None:
    """The first of KINDS that nearly all texts are of."""
    some = texts.gather_every(max(1, texts.height // SAMPLE))
    half = int(some.get_column("count").sum()) / 2
    odd = some.select(
        pl.col("count").filter(kind.odd(pl.col("value"))).sum().alias(str(place)) for place, kind in enumerate(KINDS)
    ).row(0)
    for kind, few in zip(KINDS, odd, strict=True):
        if few <= half and _odd(texts, kind) <= MOST_ODD * total:
            return kind
    return None


def judged(column: ColumnSummary) -> pl.DataFrame:
    """(value, count) of the values kept that speak for a type or against it."""
    return column.frequencies.filter(_speaks(pl.col("value")))


def look_again(dataset: Dataset, summary: Summary) -> None:
    """Reads the columns again that are almost of a type, and notes in their summaries what does not fit and where.

    Columns of which the frequencies tell everything are not read; without such columns nothing is.
    """
    suspects: dict[str, Kind] = {}
    for name, column in summary.columns.items():
        kind = kind_of(column)
        if kind and not (column.complete and _odd(judged(column), kind) == 0):
            suspects[name] = kind
    if not suspects:
        return
    # A filter may read a column whose type was guessed wrong.
    looks = dataset.attempt(lambda data: _looks(data.as_text(list(suspects)), suspects, summary))
    for name, look in looks.items():
        column = summary.columns[name]
        if column.complete:  # then reading may have ended early
            texts = judged(column)
            look.count, look.odd = int(texts.get_column("count").sum()), _odd(texts, suspects[name])
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
        self.speaks = {key: _speaks(pl.col(key)) for key in kinds}
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
    seen = values.filter(_speaks(pl.col("value")))
    odd = seen.filter(kind.odd(pl.col("value")))
    look.count += seen.height
    look.odd += odd.height
    look.examples += odd.head(NAMED - len(look.examples)).rows()


def _is_done(look: Look, column: ColumnSummary, kind: Kind) -> bool:
    """Whether nothing is left to learn: of a column whose values are all known, the rows alone are wanted."""
    if not column.complete:
        return False
    return len(look.examples) >= min(NAMED, _odd(judged(column), kind))


def _speaks(text: pl.Expr) -> pl.Expr:
    return text.is_not_null() & ~text.str.strip_chars().is_in([*MARKERS, ""])


def _odd(texts: pl.DataFrame, kind: Kind) -> int:
    """How many of (value, count) pairs are not of a kind, each counted as often as it occurs."""
    return int(texts.filter(kind.odd(pl.col("value"))).get_column("count").sum())
