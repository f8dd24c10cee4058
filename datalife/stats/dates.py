"""Which layout of days and times text keeps to, where it is not that of ISO 8601."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from datalife.sources.layouts import formatted

#: Texts that may be days at all: two or three groups of digits, or digits and the name of a month.
DATE_LIKE = (
    r"^[0-9]{1,4}[/.\- ]{1,2}(?:[0-9]{1,2}|\p{L}{3,9}\.?)[/.\- ][0-9]{2,4}\b"
    r"|^\p{L}{3,9}\.? [0-9]{1,2},? [0-9]{4}\b"
)
#: Layouts that differ in nothing but which of day and month comes first.
TWINS = [(f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}") for mark in "/.-" for year in ("%Y", "%y")]
#: Layouts that leave no doubt.
PLAIN = ("%Y/%m/%d", "%Y.%m.%d", "%d %B %Y", "%d-%B-%Y", "%d/%B/%Y", "%d-%B-%y", "%d. %B %Y", "%B %d, %Y", "%B %d %Y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
#: So many values, from everywhere, choose the layouts that are tried on all of them.
SAMPLE = 100


@dataclass(frozen=True)
class Layout:
    """Layouts of strptime that most values keep to.

    `names` are the layouts, two where the data does not tell them apart, `kind` is `date` or `datetime`, and
    `says` goes behind that word in a message.
    """

    kind: str
    names: tuple[str, ...]
    says: str

    def fits(self, text: pl.Expr) -> pl.Expr:
        """True where a text keeps to one of the layouts."""
        return pl.any_horizontal(formatted(name, self.kind).fits(text) for name in self.names)


def layout_of(texts: pl.DataFrame, share: float) -> Layout | None:
    """The layout that at least this share of the values keeps to; `texts` are (value, count) pairs.

    Day-first and month-first are told apart by the values that only one of them can be. Where there are none, and
    where there are values of both sorts, the two layouts are given together.
    """
    some = texts.gather_every(max(1, texts.height // SAMPLE))
    half = int(some.get_column("count").sum()) / 2
    if _weight(some, pl.col("value").str.contains(DATE_LIKE)) < half:
        return None
    enough = share * int(texts.get_column("count").sum())
    for layout in _candidates():
        if (
            _weight(some, layout.fits(pl.col("value"))) >= half
            and _weight(texts, layout.fits(pl.col("value"))) >= enough
        ):
            found = _told_apart(layout, texts, enough) if len(layout.names) > 1 else layout
            if _weight(texts, found.fits(pl.col("value"))) >= enough:
                return found
    return None


def _candidates() -> Iterator[Layout]:
    for clock in CLOCKS:
        kind = "datetime" if clock else "date"
        for name in PLAIN:
            yield Layout(kind, (name + clock,), f" ({name}{clock})")
        for one, other in TWINS:
            yield Layout(kind, (one + clock, other + clock), "")


def _told_apart(twins: Layout, texts: pl.DataFrame, enough: float) -> Layout:
    """The one of two layouts that the values speak for, or both with what keeps them from being told apart."""
    first, second = (Layout(twins.kind, (name,), "") for name in twins.names)
    days, months = first.fits(pl.col("value")), second.fits(pl.col("value"))
    only_days, only_months = texts.filter(days & ~months), texts.filter(months & ~days)
    named = " or ".join(twins.names)
    if only_days.is_empty() and only_months.is_empty():
        example = texts.filter(days).get_column("value")[0]
        return Layout(twins.kind, twins.names, f", ambiguous: {example!r} is day-first or month-first ({named})")
    is_first, is_second = (_weight(texts, fits) >= enough for fits in (days, months))
    if only_months.is_empty() or (is_first and not is_second):
        return _decided(first, "day-first", only_days)
    if only_days.is_empty() or (is_second and not is_first):
        return _decided(second, "month-first", only_months)
    day, month = (own.get_column("value")[0] for own in (only_days, only_months))
    return Layout(twins.kind, twins.names, f", ambiguous: {day!r} is day-first, {month!r} month-first ({named})")


def _decided(layout: Layout, order: str, proof: pl.DataFrame) -> Layout:
    (name,) = layout.names
    return Layout(layout.kind, layout.names, f", {order}: {proof.get_column('value')[0]!r} ({name})")


def _weight(texts: pl.DataFrame, condition: pl.Expr) -> int:
    """How many values are such, each counted as often as it occurs."""
    return int(texts.filter(condition.fill_null(False)).get_column("count").sum())
