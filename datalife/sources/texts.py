"""Which types the texts of a source may hold: those of `types`, and what the user says of how it writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from datalife.sources.layouts import stated
from datalife.sources.model import ReadOptions
from datalife.sources.types import FLOATS, INTEGERS, NOT_A_NUMBER, STRING, TEXT_TYPES, TextType

#: Digits, or groups of three with dots between them (1.234.567).
WHOLE = r"-?(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)"
#: With dots or with an exponent, never both: 1.234e5 may as well have a decimal point.
DECIMAL = rf"{WHOLE}(?:,[0-9]*)?|-?,[0-9]+|-?[0-9]*(?:,[0-9]*)?[eE][+-]?[0-9]{{1,3}}"


def text_types(options: ReadOptions, *, decimal_comma: bool) -> tuple[TextType, ...]:
    """What texts may be, narrowest first: a column gets the first that every one of its values fits.

    Raises:
        UsageError: a layout of `options.time_formats` makes no sense.
    """
    kinds: Sequence[TextType] = TEXT_TYPES
    if decimal_comma:
        kinds = [COMMAS.get(each, each) for each in kinds]
    layouts = [stated(each) for each in options.time_formats]
    return (*(each for each in kinds if each is not STRING), *layouts, STRING)


def _with_comma(kind: TextType, pattern: str) -> TextType:
    def plain(text: pl.Expr) -> pl.Expr:
        return text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)

    def fits(text: pl.Expr) -> pl.Expr:
        return text.str.contains(f"^(?:{pattern})$") & kind.fits(plain(text))

    made_by = partial(_with_comma, kind, pattern)
    return replace(kind, fits=fits, values=lambda text: kind.values(plain(text)), surely=None, made_by=made_by)


#: The types of numbers, and the same ones written with a decimal comma.
COMMAS = {
    INTEGERS: _with_comma(INTEGERS, WHOLE),
    FLOATS: _with_comma(FLOATS, "|".join((DECIMAL, *NOT_A_NUMBER))),
}
