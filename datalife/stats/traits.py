"""What the texts of columns are like: counted for many columns at once, so that few are looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from datalife.sources.texts import COMMAS
from datalife.sources.types import DATES, FLOATS, INTEGERS, NOT_A_NUMBER, TEXT_TYPES
from datalife.stats.dates import DATE_LIKE
from datalife.stats.personal import ANY_KIND
from datalife.stats.stacks import each_of, stacked

#: Texts that people and programs write for a missing value; they speak neither for a type nor against it.
MARKERS = (
    *("NA", "N/A", "n/a", "na", "?", "null", "NULL", "None", "none", "-", "--", "nan", "NaN", "#N/A", "\\N", "missing"),
)
#: True of texts of none of KINDS, which have no other characters than these: as most text is.
LETTERED = pl.col("value").str.contains("[^0-9+.,:eETZ -]") & ~pl.col("value").is_in(NOT_A_NUMBER)

#: Digits with zeros before them, which no number has.
ZEROS = "^0[0-9]"


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


@dataclass(frozen=True)
class Traits:
    """How many of the values kept of a text column are such, each counted as often as it occurs.

    `judged` speak for a type or against it, `marked` are MARKERS, `blank` are the rest. Of those judged, `odd` are not
    of each of KINDS, `dated` may be days, and `digits` are nothing else. Of all, `zeros` are digits with zeros before
    them, and `personal` look like a person's. `folded` is the number of different values, whatever their case.
    """

    judged: int
    marked: int
    blank: int
    odd: tuple[int, ...]
    dated: int
    digits: int
    zeros: int
    personal: int
    folded: int


def speaks(text: pl.Expr) -> pl.Expr:
    """True of texts that speak for a type or against it."""
    return text.is_not_null() & ~text.str.strip_chars().is_in([*MARKERS, ""])


def traits_of(columns: Sequence[pl.DataFrame]) -> list[Traits]:
    """The traits of text columns, of each of which the (value, count) pairs are given."""
    text, judged, bare = pl.col("value"), pl.col("judged"), pl.col("value").str.strip_chars()
    pairs = stacked(columns).with_columns(marked=bare.is_in(MARKERS), blank=bare == "")
    pairs = pairs.with_columns(judged=~(pl.col("marked") | pl.col("blank")))
    conditions = {
        **{name: pl.col(name) for name in ("judged", "marked", "blank")},
        "dated": judged & text.str.contains(DATE_LIKE),
        "zeros": text.str.contains(ZEROS),
        "personal": text.str.contains(ANY_KIND),
    }
    folded = text.str.to_lowercase().n_unique().alias("folded")
    fitting = {str(place): kind.fits(text) for place, kind in enumerate(KINDS)}
    fitting["digits"] = text.str.contains("^[0-9]+$")
    of_all = each_of(pairs, [*_totals(conditions), folded], len(columns))
    of_few = each_of(pairs.filter(judged & ~LETTERED), _totals(fitting), len(columns))
    return [_traits(*each) for each in zip(of_all, of_few, strict=True)]


def _totals(conditions: dict[str, pl.Expr]) -> list[pl.Expr]:
    return [pl.col("count").filter(condition).sum().alias(name) for name, condition in conditions.items()]


def _traits(of_all: dict[str, int | None], of_few: dict[str, int | None]) -> Traits:
    found, fitting = ({name: count or 0 for name, count in each.items()} for each in (of_all, of_few))
    odd = tuple(found["judged"] - fitting[str(place)] for place in range(len(KINDS)))
    return Traits(**found, odd=odd, digits=fitting["digits"])
