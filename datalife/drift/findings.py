"""What is found in the rows of some keys, and how that of all keys is made of it.

Whatever the keys are divided by, the whole is the same: counts add up, examples are the first in the order of the
baseline, and pairs of categories are counted before the most frequent are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from datalife.drift.equality import Equality, as_json
from datalife.drift.model import CellChange, ColumnRows, Confusion, RowsCompared, Sides
from datalife.drift.partition import Compared, Partition, Partners
from datalife.drift.steady import Standing, Steady, standing
from datalife.sources.dataset import Column

#: So many differing values of a column, and keys that repeat, are shown.
EXAMPLES = 5
#: So many pairs of different categories are shown.
CONFUSIONS = 10
#: Where there are more pairs of different categories, they are not counted.
PAIRS = 1 << 16
#: Things with the number of their row.
Numbered = list[tuple[int, Any]]


@dataclass(frozen=True)
class Questions:
    """What is asked of the rows: the `names` of the key, the other `columns`, and what is equal.

    `key_columns` are those of the key, where each side has them.
    """

    names: Sequence[str]
    columns: Sequence[Compared]
    equality: Equality
    key_columns: Sequence[tuple[Column, Column]]


@dataclass(frozen=True)
class ColumnFound:
    """One column in some of the matched rows; `counts` is without examples and confusions.

    `examples` are the first changes, `pairs` (before, after, len) the changes counted; None where they are too many or
    no categories. `standing` says whether the column may have drifted at all; None where that takes a scan.
    """

    counts: ColumnRows
    examples: Numbered
    pairs: pl.DataFrame | None
    standing: Standing | None


@dataclass(frozen=True)
class Found:
    """Some of the keys; `counts` is without columns and examples.

    `repeated` are the first keys of each side that occur more than once, `keys` the standing of the columns of the key.
    """

    counts: RowsCompared
    columns: list[ColumnFound]
    repeated: tuple[Numbered, Numbered]
    keys: list[Standing | None]

    def result(self) -> RowsCompared:
        """The counts of the contract, with examples."""
        keys = [key for side in self.repeated for _, key in sorted(side, key=_number)]
        different = [key for place, key in enumerate(keys) if key not in keys[:place]]
        columns = [_told(column) for column in self.columns]
        return self.counts.model_copy(update={"columns": columns, "duplicate_examples": different[:EXAMPLES]})

    def steady(self, questions: Questions) -> Mapping[str, Steady]:
        """The columns, by name, that cannot have drifted."""
        others = [(column.name, found.standing) for column, found in zip(questions.columns, self.columns, strict=True)]
        both = [*zip(questions.names, self.keys, strict=True), *others]
        told = {name: stands.steady() for name, stands in both if stands is not None}
        return {name: found for name, found in told.items() if found is not None}


def found_in(partition: Partition, questions: Questions) -> Found:
    """What there is to say about the rows of a partition."""
    columns = []
    unequal = pl.repeat(False, len(partition.match.baseline), dtype=pl.Boolean, eager=True)
    work = partial(_column, partition, questions.names)
    with closing(partition.of_each(questions.columns, questions.equality, work)) as answers:
        for found, changed in answers:
            columns.append(found)
            unequal = unequal.scatter(changed, True)
    repeated = partition.match.repeated
    counts = RowsCompared(
        key=list(questions.names),
        matched=len(partition.match.baseline),
        baseline_only=len(partition.match.only[0]),
        current_only=len(partition.match.only[1]),
        duplicate_keys=Sides(baseline=repeated[0].height, current=repeated[1].height),
        missing_keys=partition.match.missing,
        changed_rows=int(unequal.sum()),
    )
    keys = [
        standing(columns, (partition.keys[0][f"k{place}"], partition.keys[1][f"k{place}"]), None)
        for place, columns in enumerate(questions.key_columns)
    ]
    examples = (_repeated(partition, questions.names, 0), _repeated(partition, questions.names, 1))
    return Found(counts, columns, examples, keys)


def together(founds: Sequence[Found]) -> Found:
    """What is found in all of their keys, none of which is in two of them; associative."""
    one, *others = founds
    for other in others:
        one = Found(
            one.counts.plus(other.counts),
            [_plus(*both) for both in zip(one.columns, other.columns, strict=True)],
            (_first(one.repeated[0] + other.repeated[0]), _first(one.repeated[1] + other.repeated[1])),
            [a.plus(b) if a and b else None for a, b in zip(one.keys, other.keys, strict=True)],
        )
    return one


def _plus(one: ColumnFound, other: ColumnFound) -> ColumnFound:
    return ColumnFound(
        one.counts.plus(other.counts),
        sorted(one.examples + other.examples, key=_number)[:EXAMPLES],
        None if one.pairs is None or other.pairs is None else _bounded(_summed([one.pairs, other.pairs])),
        one.standing.plus(other.standing) if one.standing and other.standing else None,
    )


def _number(numbered: tuple[int, Any]) -> int:
    return numbered[0]


def _first(numbered: Numbered) -> Numbered:
    """Enough keys of one side for EXAMPLES, also when EXAMPLES of them are those of the other side."""
    return sorted(numbered, key=_number)[: 2 * EXAMPLES]


def _told(column: ColumnFound) -> ColumnRows:
    examples = [change for _, change in column.examples]
    confusions = _confusions(column.pairs, column.counts.changed) if column.pairs is not None else []
    return column.counts.model_copy(update={"examples": examples, "confusions": confusions})


def _column(
    partition: Partition, names: Sequence[str], column: Compared, partners: Partners
) -> tuple[ColumnFound, pl.Series]:
    """What there is to say about a column, and the places of the matched rows that differ."""
    found = ColumnFound(
        _counts(column, partners),
        _examples(partition, names, partners),
        _pairs(column, partners),
        _standing(column, partners),
    )
    return found, partners.changed


def _counts(column: Compared, partners: Partners) -> ColumnRows:
    missing = partners.values.select(pl.all().is_null())
    lost = int((missing["after"] & ~missing["before"]).sum())
    filled = int((missing["before"] & ~missing["after"]).sum())
    changed, rows = len(partners.changed), partners.values.height
    return ColumnRows(
        name=column.name,
        baseline_count=rows - int(missing["before"].sum()),
        current_count=rows - int(missing["after"].sum()),
        equal=rows - changed,
        baseline_only=lost,
        current_only=filled,
        mismatched=changed - lost - filled,
        changed=changed,
    )


def _examples(partition: Partition, names: Sequence[str], partners: Partners) -> Numbered:
    rows = partners.changed.head(EXAMPLES)
    numbers = partition.numbers(0, partition.match.baseline.gather(rows))
    values = (as_json(side) for side in partners.values[rows])
    triples = zip(_named(names, partition.matched_keys(rows)), *values, strict=True)
    changes = [CellChange(key=key, baseline=before, current=after) for key, before, after in triples]
    return list(zip(numbers, changes, strict=True))


def _repeated(partition: Partition, names: Sequence[str], side: int) -> Numbered:
    """The first keys of a side that occur more than once, with the number of the first row of each."""
    keys = partition.match.repeated[side].head(2 * EXAMPLES)
    if keys.is_empty():
        return []
    rows = partition.keys[side].with_row_index("row").join(keys, on=keys.columns, how="semi", maintain_order="left")
    first = rows.unique(keys.columns, keep="first", maintain_order=True)
    return list(zip(partition.numbers(side, first["row"]), _named(names, first.drop("row")), strict=True))


def _named(names: Sequence[str], rows: pl.DataFrame) -> list[dict[str, Any]]:
    values = zip(*(as_json(column) for column in rows), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def _pairs(column: Compared, partners: Partners) -> pl.DataFrame | None:
    """Which category became which, how often; None of what is no category."""
    if not all(dtype in (pl.String, pl.Boolean) or dtype.is_integer() for dtype in column.types):
        return None
    return _bounded(partners.values[partners.changed].group_by("before", "after").len())


def _summed(pairs: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(pairs).group_by("before", "after").agg(pl.col("len").sum())


def _bounded(pairs: pl.DataFrame) -> pl.DataFrame | None:
    return pairs if pairs.height <= PAIRS else None


def _confusions(pairs: pl.DataFrame, changed: int) -> list[Confusion]:
    """The most frequent pairs; none where the pairs hardly repeat."""
    if pairs.height > changed / 2:
        return []
    most = pairs.sort("len", "before", "after", descending=[True, False, False]).head(CONFUSIONS)
    return [Confusion(baseline=before, current=after, count=count) for before, after, count in most.iter_rows()]


def _standing(column: Compared, partners: Partners) -> Standing | None:
    before, after = partners.whole
    if column.before is None or column.after is None or before is None or after is None:
        return None
    present = partners.values["before"].is_not_null() & partners.values["after"].is_not_null()
    return standing((column.before, column.after), (before, after), int((partners.equal & present).sum()))
