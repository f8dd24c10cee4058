"""Rules about single values: each a class whose `violations` is true where a value breaks it.

A missing value never breaks one, and a NaN only `NotNan`. To add a rule: a class here, made in `constraints_of`,
and its key in `model.ColumnSchema`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from datalife.schema.literals import as_type, bound, fitting, literal, scale_of, units_of
from datalife.schema.model import ColumnSchema, Long, Schema
from datalife.sources.types import DATES, FLOATS, INTEGERS, TEXT_TYPES, logical_type

OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
FORMATS = {
    "email": r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$",
    "url": r"^[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*$",
    "uuid": r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "ipv4": rf"^(?:{OCTET}\.){{3}}{OCTET}$",
    "ipv6": r"^(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:){1,7}:"
    r"|(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6}|:(?::[0-9a-fA-F]{1,4}){1,7}|::)$",
}


@dataclass(frozen=True)
class Constraint:
    """A rule of one column; `rule` carries its value, its tolerance and its severity."""

    code: ClassVar[str]
    says: ClassVar[str]

    rule: Long[Any]
    dtype: pl.DataType

    def violations(self, values: pl.Expr) -> pl.Expr:
        """True where a value breaks the rule; false or null elsewhere."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """The key of the schema that asks for it; of a pair of bounds the first that is written."""
        raise NotImplementedError

    @property
    def expected(self) -> str:
        """What the rule asks for, in words."""
        raise NotImplementedError


@dataclass(frozen=True)
class InDomain(Constraint):
    """Values are among the allowed ones."""

    code = "value-outside-domain"
    says = "outside the domain"
    key = "domain"

    allowed: tuple[Any, ...] = ()
    allow_infinite: bool = False

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        seen = values.to_physical() if self.dtype.is_decimal() else values
        ours = _no_nan(values, self.dtype) if self.allow_infinite else _finite(values, self.dtype)
        return ours & ~seen.is_in(as_type(self.allowed, self.dtype).implode())

    @property
    def expected(self) -> str:  # noqa: D102
        shown = ", ".join(str(value) for value in self.allowed[:10])
        return f"one of {shown}" + (f", ... ({len(self.allowed)} values)" if len(self.allowed) > 10 else "")


@dataclass(frozen=True)
class InRange(Constraint):
    """Values lie between `low` and `high`; `open_low` and `open_high` leave the bound itself out.

    An infinity where there may be none breaks `NotInfinite` alone.
    """

    code = "out-of-range"
    says = "out of range"

    low: Any = None
    high: Any = None
    open_low: bool = False
    open_high: bool = False
    allow_infinite: bool = False

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        seen = values.to_physical() if self.dtype.is_decimal() else values
        broken = pl.lit(False)
        if self.low is not None:
            low = literal(self.low, self.dtype, up=True)
            broken = broken | ((seen <= low) if self._leaves_out(self.low, self.open_low) else (seen < low))
        if self.high is not None:
            high = literal(self.high, self.dtype, up=False)
            broken = broken | ((seen >= high) if self._leaves_out(self.high, self.open_high) else (seen > high))
        return broken & (_no_nan(values, self.dtype) if self.allow_infinite else _finite(values, self.dtype))

    def _leaves_out(self, limit: Any, is_open: bool) -> bool:
        """A bound finer than the values is rounded inwards, and then is no bound to leave out."""
        scale = scale_of(self.dtype)
        return is_open and (scale is None or math.isinf(limit) or units_of(limit, scale).denominator == 1)

    @property
    def key(self) -> str:  # noqa: D102
        is_low = self.low is not None
        return ("exclusive_" if (self.open_low if is_low else self.open_high) else "") + ("min" if is_low else "max")

    @property
    def expected(self) -> str:  # noqa: D102
        parts = []
        if self.low is not None:
            parts.append(f"{'above' if self.open_low else 'at least'} {self.low}")
        if self.high is not None:
            parts.append(f"{'below' if self.open_high else 'at most'} {self.high}")
        return " and ".join(parts)


@dataclass(frozen=True)
class MultipleOf(Constraint):
    """Numbers are whole multiples; of floats up to what their 53 bits round. Infinities are none of its business."""

    code = "out-of-range"
    says = "not a multiple"
    key = "multiple_of"

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        step: int | float = self.rule.value
        if self.dtype.is_integer() and float(step).is_integer():
            return values.cast(pl.Int128) % pl.lit(fitting(int(step)), dtype=pl.Int128) != 0
        number = values.cast(pl.Float64)
        gap = (number - (number / step).round() * step).abs()
        return (gap > 1e-9 * step + 1e-15 * number.abs()) & _finite(values, self.dtype)

    @property
    def expected(self) -> str:  # noqa: D102
        return f"a multiple of {self.rule.value}"


@dataclass(frozen=True)
class HasLength(Constraint):
    """Texts are of a length, in characters."""

    code = "wrong-length"
    says = "of the wrong length"

    low: int | None = None
    high: int | None = None

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        length = values.str.len_chars().cast(pl.Int64)
        return _outside(length, self.low, self.high)

    @property
    def key(self) -> str:  # noqa: D102
        return "max_length" if self.low is None else "min_length"

    @property
    def expected(self) -> str:  # noqa: D102
        return f"{_between(self.low, self.high)} characters"


@dataclass(frozen=True)
class MatchesPattern(Constraint):
    """Whole texts match a Rust regular expression, which takes linear time."""

    code = "pattern-mismatch"
    says = "not of the pattern"
    key = "pattern"

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        return ~values.str.contains(f"^(?:{self.rule.value})$")

    @property
    def expected(self) -> str:  # noqa: D102
        return f"the pattern {self.rule.value}"


@dataclass(frozen=True)
class HasFormat(Constraint):
    """Texts are of a well-known format."""

    code = "format-mismatch"
    says = "not of the format"
    key = "format"

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        name = self.rule.value
        if name in FORMATS:
            return ~values.str.contains(FORMATS[name])
        if name == "json":
            return ~values.map_elements(_reads_as_json, return_dtype=pl.Boolean)
        fitting = [kind for kind in TEXT_TYPES if kind.name == name] + ([INTEGERS] if name == "float" else [])
        return values.is_not_null() & ~pl.any_horizontal(kind.fits(values).fill_null(False) for kind in fitting)

    @property
    def expected(self) -> str:  # noqa: D102
        return f"the format {self.rule.value}"


@dataclass(frozen=True)
class NotNan(Constraint):
    """No NaN."""

    code = "nan-value"
    says = "NaN"
    key = "allow_nan"

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        return values.is_nan()

    @property
    def expected(self) -> str:  # noqa: D102
        return "numbers"


@dataclass(frozen=True)
class NotInfinite(Constraint):
    """No infinity."""

    code = "infinite-value"
    says = "infinite"
    key = "allow_infinite"

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        return values.is_infinite()

    @property
    def expected(self) -> str:  # noqa: D102
        return "finite numbers"


@dataclass(frozen=True)
class HasItems(Constraint):
    """Lists have a number of items."""

    code = "items-out-of-range"
    says = "with the wrong number of items"

    low: int | None = None
    high: int | None = None

    def violations(self, values: pl.Expr) -> pl.Expr:  # noqa: D102
        return _outside(values.list.len().cast(pl.Int64), self.low, self.high)

    @property
    def key(self) -> str:  # noqa: D102
        return "max_items" if self.low is None else "min_items"

    @property
    def expected(self) -> str:  # noqa: D102
        return f"{_between(self.low, self.high)} items"


def constraints_of(column: ColumnSchema, dtype: pl.DataType, schema: Schema) -> list[Constraint]:
    """The rules about single values that a column of this type has."""
    found = [*_range_rules(column, dtype), *_text_rules(column, dtype), *_float_rules(column, dtype)]
    domain = column.rule("domain")
    if domain is not None and not dtype.is_nested() and dtype != pl.Binary:
        share = column.min_domain_fraction
        if share is not None:
            domain = domain.model_copy(update={"max_failure_fraction": 1 - share})
        allowed = tuple(schema.allowed(domain.value))
        found.append(InDomain(domain, dtype, allowed, bool(column.allow_infinite)))
    low, high = column.rule("min_items"), column.rule("max_items")
    if isinstance(dtype, pl.List) and (low or high):
        found.append(HasItems(_first(low, high), dtype, *_values(low, high)))
    return found


def _range_rules(column: ColumnSchema, dtype: pl.DataType) -> list[Constraint]:
    if not (dtype.is_numeric() or dtype.is_temporal()):
        return []
    kind = logical_type(dtype)
    found: list[Constraint] = []
    multiple = column.rule("multiple_of")
    if multiple is not None and dtype.is_numeric():
        found.append(MultipleOf(multiple, dtype))
    for low, high, is_open in (("min", "max", False), ("exclusive_min", "exclusive_max", True)):
        rules = (column.rule(low), column.rule(high))
        for one, other in [rules] if are_one(*rules) else [(rules[0], None), (None, rules[1])]:
            if one or other:
                ends = [None if each is None else bound(each.value, kind) for each in (one, other)]
                rule, infinite = _first(one, other), bool(column.allow_infinite)
                found.append(InRange(rule, dtype, ends[0], ends[1], is_open, is_open, infinite))
    return found


def are_one(one: Long[Any] | None, other: Long[Any] | None) -> bool:
    """Whether two rules differ in their value alone, so that one finding answers both."""
    if one is None or other is None:
        return True
    return one.model_dump(exclude={"value"}) == other.model_dump(exclude={"value"})


def _text_rules(column: ColumnSchema, dtype: pl.DataType) -> list[Constraint]:
    if dtype != pl.String:
        return []
    found: list[Constraint] = []
    low, high = column.rule("min_length"), column.rule("max_length")
    if low or high:
        found.append(HasLength(_first(low, high), dtype, *_values(low, high)))
    for key, kind in (("pattern", MatchesPattern), ("format", HasFormat)):
        rule = column.rule(key)
        if rule is not None:
            found.append(kind(rule, dtype))
    return found


def _float_rules(column: ColumnSchema, dtype: pl.DataType) -> list[Constraint]:
    if not dtype.is_float():
        return []
    kinds = ((NotNan, column.allow_nan), (NotInfinite, column.allow_infinite))
    return [kind(Long[Any](value=False), dtype) for kind, is_allowed in kinds if not is_allowed]


def parsed_values(column: ColumnSchema, values: pl.Expr) -> tuple[pl.Expr, pl.DataType] | None:
    """The values that bounds apply to where a text column has the format of a number or a date."""
    rule = column.rule("format")
    kinds = {"integer": INTEGERS, "float": FLOATS, "date": DATES}
    kind = kinds.get(rule.value) if rule is not None else None
    if kind is None:
        return None
    return pl.when(kind.fits(values)).then(kind.values(values)), kind.dtype


def _first(one: Long[Any] | None, other: Long[Any] | None) -> Long[Any]:
    found = one or other
    assert found is not None
    return found


def _values(*rules: Long[Any] | None) -> list[Any]:
    return [None if rule is None else rule.value for rule in rules]


def _no_nan(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return values.is_not_nan() if dtype.is_float() else pl.lit(True)


def _finite(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return values.is_finite() if dtype.is_float() else pl.lit(True)


def _outside(number: pl.Expr, low: int | None, high: int | None) -> pl.Expr:
    broken = pl.lit(False)
    if low is not None:
        broken = broken | (number < low)
    if high is not None:
        broken = broken | (number > high)
    return broken & number.is_not_null()


def _between(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"


def _reads_as_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
