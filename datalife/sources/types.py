"""Types: the logical type of a column, and the narrowest type that every value of a text column fits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl
from polars._typing import PolarsDataType

LOGICAL = {
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "datetime",
    pl.Time: "time",
    pl.Duration: "duration",
    pl.String: "string",
    pl.Categorical: "string",
    pl.Enum: "string",
    pl.Binary: "binary",
    pl.List: "list",
    pl.Array: "list",
    pl.Map: "list",
    pl.Struct: "struct",
    pl.Null: "null",
}


def logical_type(dtype: pl.DataType) -> str:
    """The contract's name of a polars type; decimals are `float`, objects `binary`."""
    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "float"
    return LOGICAL.get(dtype.base_type(), "binary")


def spoken_type(dtype: pl.DataType) -> str:
    """The logical type in a sentence; of datetimes also whether they have a zone, for those do not mix."""
    if isinstance(dtype, pl.Datetime):
        return "datetime with a zone" if dtype.time_zone else "datetime without a zone"
    return logical_type(dtype)


@dataclass(frozen=True)
class TextType:
    """A type that text may hold.

    `fits(text)` is true where a text is a value of the type, `values(text)` the typed values, null where it is
    not. Both keep null texts null or false; neither ever rounds, repairs or guesses.
    """

    name: str
    dtype: pl.DataType
    fits: Callable[[pl.Expr], pl.Expr]
    values: Callable[[pl.Expr], pl.Expr]
    #: `surely(text, values)` is true only where `fits(text)` is, and far cheaper where the values are known already.
    surely: Callable[[pl.Expr, pl.Expr], pl.Expr] | None = dataclasses.field(default=None, compare=False, repr=False)
    #: Makes the type again in another process, to which its functions cannot travel; None for those of TEXT_TYPES.
    made_by: Callable[[], TextType] | None = dataclasses.field(default=None, compare=False, repr=False)

    def misses(self, texts: pl.LazyFrame) -> pl.LazyFrame:
        """How many texts present do not fit, of a frame of `text` and `values`, which are those of the text.

        What surely fits is left out first: it is most of it, and the others are looked at far more closely.
        """
        text, surely = pl.col("text"), pl.lit(False)
        if self.surely is not None:
            surely = self.surely(text, pl.col("values")).fill_null(False)
        doubtful = texts.filter(text.is_not_null() & ~surely)
        return doubtful.select((~self.fits(text).fill_null(False)).sum())

    def __reduce__(self) -> tuple[Callable[..., TextType], tuple[int, ...]]:
        """Travels to other processes as what makes it, or as its place."""
        return (self.made_by, ()) if self.made_by else (_at, ((NULL, *TEXT_TYPES).index(self),))


def _at(place: int) -> TextType:
    return (NULL, *TEXT_TYPES)[place]


#: How programs print the floats that are no numbers.
NOT_A_NUMBER = ("nan", "NaN", "inf", "-inf", "Infinity", "-Infinity")

INTEGER = r"^(?:0|-?[1-9][0-9]{0,17})$"
#: Whole numbers of at most 15 digits, which a 64-bit float holds exactly, and decimal fractions.
FLOAT = r"^-?(?:(?:0|[1-9][0-9]{0,14})|(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)\.)(?:[eE][+-]?[0-9]+)?$"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,%d})?)?"
ZONE = r" ?(?:Z|[+-][0-9]{2}:?[0-9]{2})"


def _boolean(yes: str, no: str) -> TextType:
    return TextType("boolean", pl.Boolean(), lambda text: text.is_in([yes, no]), lambda text: text == yes)


def _number(dtype: pl.DataType) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: text.cast(dtype, strict=False)


def _is_float(text: pl.Expr) -> pl.Expr:
    finite = text.str.contains(FLOAT) & text.cast(pl.Float64, strict=False).is_finite()
    return finite | text.is_in(NOT_A_NUMBER)


def _clock(pattern: str, values: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: _reads(pattern)(text, values(text))


def _reads(pattern: str) -> Callable[[pl.Expr, pl.Expr], pl.Expr]:
    return lambda text, values: text.str.contains(f"^{pattern}$") & values.is_not_null()


def _surely_integer(text: pl.Expr, values: pl.Expr) -> pl.Expr:
    """By the first character, which is compared faster than a pattern: what can be cast has only digits after it."""
    return ((text >= "1") | _negative(text)) & (values < 10**18) & (values > -(10**18))


def _surely_float(text: pl.Expr, values: pl.Expr) -> pl.Expr:
    """Likewise: after the first character, or two. What is short has no more digits than a float holds."""
    plain = (text >= "1") | _begins(text, "0.") | _negative(text) | _begins(text, "-0.")
    return plain & (text.str.len_bytes() <= 15) & values.is_finite()


def _negative(text: pl.Expr) -> pl.Expr:
    """True for a minus and then what is no zero."""
    return (text >= "-1") & (text < ".")


def _begins(text: pl.Expr, start: str) -> pl.Expr:
    """True where a text begins so, by two comparisons, which are faster than a search."""
    return (text >= start) & (text < start[:-1] + chr(ord(start[-1]) + 1))


def _datetime(unit: str, zoned: bool) -> TextType:
    digits, suffix = {"us": 6, "ns": 9}[unit], "%#z" if zoned else ""
    dtype = pl.Datetime(unit, "UTC" if zoned else None)  # type: ignore[arg-type]

    def values(text: pl.Expr) -> pl.Expr:
        iso = text.str.replace(" ", "T", literal=True).str.replace(" ", "", literal=True)
        layouts = (f"%Y-%m-%dT%H:%M:%S%.f{suffix}", f"%Y-%m-%dT%H:%M{suffix}")
        return pl.coalesce(iso.str.to_datetime(each, time_unit=unit, strict=False) for each in layouts)  # type: ignore[arg-type]

    pattern = f"{DAY}[T ]{CLOCK % digits}{ZONE if zoned else ''}"
    fits = _clock(pattern, values)
    if unit == "us":
        return TextType("datetime", dtype, fits, values, _reads(pattern))
    return TextType("datetime", dtype, lambda text: fits(text) & _within_nanoseconds(text), values)


def _within_nanoseconds(text: pl.Expr) -> pl.Expr:
    """True in the years that 64 bits of nanoseconds reach; polars wraps the others around in silence."""
    return text.str.slice(0, 4).is_between(pl.lit("1678"), pl.lit("2261"))


def _plain_datetime(separator: str) -> TextType:
    """Datetimes to the second in one layout: by far the most frequent, and read three times as fast."""

    def values(text: pl.Expr) -> pl.Expr:
        return text.str.to_datetime(f"%Y-%m-%d{separator}%H:%M:%S", time_unit="us", strict=False)

    pattern = f"{DAY}{separator}(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    return TextType("datetime", pl.Datetime("us"), _clock(pattern, values), values, _reads(pattern))


def _date(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _time(text: pl.Expr) -> pl.Expr:
    layouts = ("%H:%M:%S%.f", "%H:%M")
    return pl.coalesce(text.str.to_time(each, strict=False) for each in layouts)


NULL = TextType("null", pl.Null(), lambda text: text.is_null(), lambda text: text.cast(pl.Null, strict=False))
STRING = TextType("string", pl.String(), lambda text: text.is_not_null(), lambda text: text)
INTEGERS = TextType(
    "integer", pl.Int64(), lambda text: text.str.contains(INTEGER), _number(pl.Int64()), _surely_integer
)
FLOATS = TextType("float", pl.Float64(), _is_float, _number(pl.Float64()), _surely_float)
DATES = TextType("date", pl.Date(), _clock(DAY, _date), _date, _reads(DAY))

#: Narrowest first: a column gets the first that every one of its values fits, and `string` takes all.
TEXT_TYPES = (
    _boolean("true", "false"),
    _boolean("True", "False"),
    _boolean("TRUE", "FALSE"),
    INTEGERS,
    FLOATS,
    DATES,
    _plain_datetime(" "),
    _plain_datetime("T"),
    _datetime("us", zoned=False),
    _datetime("ns", zoned=False),
    _datetime("us", zoned=True),
    _datetime("ns", zoned=True),
    TextType("time", pl.Time(), _clock(CLOCK % 9, _time), _time),
    STRING,
)


@cache
def is_zone(name: str) -> bool:
    """Whether polars knows a time zone. It does not know `+05:30`, as pandas and pyarrow write India's."""
    try:
        pl.Series([0]).cast(pl.Datetime("us", name))
    except pl.exceptions.ComputeError:
        return False
    return True


def common_type(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    """The type that holds the values of both without loss of meaning, or None: text and numbers have none."""
    if one == other or other == pl.Null:
        return one
    if one == pl.Null:
        return other
    if one.is_numeric() and other.is_numeric():
        if one.is_integer() and other.is_integer():
            return pl.Int128() if pl.UInt64 in (one, other) or pl.Int128 in (one, other) else pl.Int64()
        return pl.Float64()
    if isinstance(one, pl.List) and isinstance(other, pl.List):
        inner = common_type(instance(one.inner), instance(other.inner))
        return pl.List(inner) if inner is not None else None
    if isinstance(one, pl.Struct) and isinstance(other, pl.Struct):
        return _common_struct(one, other)
    if isinstance(one, pl.Datetime) and isinstance(other, pl.Datetime) and bool(one.time_zone) == bool(other.time_zone):
        return pl.Datetime("ns" if "ns" in (one.time_unit, other.time_unit) else "us", one.time_zone)
    return None


def _common_struct(one: pl.Struct, other: pl.Struct) -> pl.DataType | None:
    fields = {each.name: instance(each.dtype) for each in one.fields}
    for each in other.fields:
        dtype = common_type(fields.get(each.name, pl.Null()), instance(each.dtype))
        if dtype is None:
            return None
        fields[each.name] = dtype
    return pl.Struct(fields)


def instance(dtype: PolarsDataType) -> pl.DataType:
    """A type where polars gives the type or its class."""
    return dtype() if isinstance(dtype, type) else dtype


def normal_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which values of `dtype` are held: one width a kind, categories as text, arrays and maps as lists.

    Datetimes of a zone that nobody knows are held in UTC, as they are in files anyhow.
    """
    if dtype.is_integer():
        return dtype if dtype in (pl.UInt64, pl.Int128) else pl.Int64()
    if dtype.is_float():
        return pl.Float64()
    if dtype in (pl.Categorical, pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.Datetime):
        zone = dtype.time_zone if dtype.time_zone is None or is_zone(dtype.time_zone) else "UTC"
        return pl.Datetime("ns" if dtype.time_unit == "ns" else "us", zone)
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(normal_type(instance(dtype.inner)))
    if isinstance(dtype, pl.Map):
        pair = {"key": normal_type(instance(dtype.key)), "value": normal_type(instance(dtype.value))}
        return pl.List(pl.Struct(pair))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: normal_type(instance(field.dtype)) for field in dtype.fields})
    return dtype
