"""The vocabulary of a schema file. The names of the fields are the keys of the YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Discriminator, Field, PrivateAttr, Tag, WithJsonSchema

from datalife.errors import Location
from datalife.record import Record

Value = TypeVar("Value")
#: The keys and positions that lead to a part of the file.
Route = tuple[str | int, ...]
SeverityName = Literal["error", "warning", "info"]
TypeName = Literal[
    "integer", "float", "boolean", "string", "date", "datetime", "time", "duration", "binary", "list", "struct", "null"
]
FormatName = Literal[
    "email", "url", "uuid", "ipv4", "ipv6", "date", "datetime", "time", "json", "integer", "float", "boolean"
]
Metric = Literal[
    "l_infinity",
    "jensen_shannon",
    "psi",
    "kolmogorov_smirnov",
    "wasserstein",
    "total_variation",
    "chi_square",
    "hellinger",
    "normalized_abs_difference",
    "null_fraction",
]
#: The rules to which `max_failure_fraction` of their column gives a tolerance: those about single values, but not
#: `domain`, which has `min_domain_fraction`.
GRADED = (
    *("min", "max", "exclusive_min", "exclusive_max", "multiple_of", "min_length", "max_length"),
    *("pattern", "format", "min_items", "max_items"),
)
#: What a limit of distance is to: the batch of before, or the data that the model was trained on.
LimitKind = Literal["drift", "skew"]
LIMIT_KINDS: tuple[LimitKind, ...] = ("drift", "skew")
#: Columns in these stages are not checked.
UNCHECKED_STAGES = ("planned", "alpha", "debug", "deprecated", "disabled")


def _a_share(value: float) -> float:
    """None and all are written 0 and 1, as people do."""
    return int(value) if value in (0, 1) else value


def _a_bound(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number, or a time as text")
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("nan is no bound")
    return value


def _a_scalar(value: Any) -> Any:
    if value is None or isinstance(value, dict | list):
        raise ValueError("must be text, a number or a boolean")
    return value


def _a_domain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise ValueError("must be a list of values, or the name of one of `domains`")
    if not value:
        raise ValueError("has no values")
    return [_a_scalar(each) for each in value]


SCALAR_SCHEMA = {"type": ["string", "number", "boolean"]}
Bound = Annotated[Any, AfterValidator(_a_bound), WithJsonSchema({"type": ["number", "string"]})]
Scalar = Annotated[Any, AfterValidator(_a_scalar), WithJsonSchema(SCALAR_SCHEMA)]
Domain = Annotated[
    Any,
    AfterValidator(_a_domain),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": SCALAR_SCHEMA, "minItems": 1}]}),
]
Number = Annotated[int | float, AfterValidator(_a_bound)]
Share = Annotated[float, Field(ge=0, le=1), AfterValidator(_a_share)]
Count = Annotated[int, Field(ge=0)]


class Strict(Record, strict=True, serialize_by_alias=True, validate_by_name=True):
    """A part of the file: unknown keys are faults, and nothing is converted."""


class Terms(Strict):
    """How much may break a rule, what is said then, and where it applies."""

    max_failures: Count | None = None
    max_failure_fraction: Share | None = None
    severity: SeverityName | None = None
    message: str | None = None
    in_: list[str] | None = Field(None, alias="in")


class Long(Terms, Generic[Value]):
    """A rule written long: its value and its terms."""

    value: Value

    def __reduce__(self) -> tuple[Callable[..., Long[Any]], tuple[dict[str, Any], set[str]]]:
        """Travels to other processes as its values: classes of one type of value are made on the fly there too."""
        return _long, (dict(self), self.model_fields_set)


def _long(values: dict[str, Any], given: set[str]) -> Long[Any]:
    return Long[Any].model_construct(given, **values)


class Reference(Terms):
    """Values that stand in another file too: `columns` of `file`, by default those of the same names.

    `file` is relative to the folder of the schema.
    """

    file: str
    columns: list[str] | None = None


class ForeignKey(Reference):
    """Columns that together refer to a row of another file."""

    key: list[str]


def _form(value: Any) -> str:
    return "long" if isinstance(value, Long | dict) else "plain"


if TYPE_CHECKING:
    Rule: TypeAlias = Value | Long[Value]
else:

    class Rule:
        """A rule is its value, or the value with more to say. The value is validated alike in both."""

        def __class_getitem__(cls, value: Any) -> Any:
            """The annotation of a rule with values of this type."""
            plain, long = Annotated[value, Tag("plain")], Annotated[Long[value], Tag("long")]
            return Annotated[plain | long, Discriminator(_form)]


class Range(Strict):
    """Bounds, both included, of which either may be absent."""

    min: Number | None = None
    max: Number | None = None


class Limit(Strict):
    """The largest distance that is no finding: it is broken when distance > max."""

    metric: Metric
    max: Annotated[float, Field(ge=0)]


def _limits(value: Any) -> Any:
    return "many" if isinstance(value, list) else "one"


Limits = Annotated[Annotated[Limit, Tag("one")] | Annotated[list[Limit], Tag("many")], Discriminator(_limits)]


class Statistics(Strict):
    """Bounds on statistics of the values present, as a profile has them."""

    mean: Range | None = None
    std: Range | None = None
    median: Range | None = None
    sum: Range | None = None
    min: Range | None = None
    max: Range | None = None
    skewness: Range | None = None
    kurtosis: Range | None = None
    null_fraction: Range | None = None
    distinct_count: Range | None = None
    mean_length: Range | None = None


class ColumnSchema(Strict):
    """What one column should look like; a missing value breaks only the rules about missing values."""

    type: TypeName | None = None
    description: str | None = None
    required: bool = True
    nullable: bool | None = None
    max_null_fraction: Rule[Share] | None = None
    min_count: Rule[Count] | None = None
    max_failure_fraction: Share | None = None
    domain: Rule[Domain] | None = None
    min_domain_fraction: Share | None = None
    min: Rule[Bound] | None = None
    max: Rule[Bound] | None = None
    exclusive_min: Rule[Bound] | None = None
    exclusive_max: Rule[Bound] | None = None
    multiple_of: Rule[Annotated[float, Field(gt=0)]] | None = None
    min_length: Rule[Count] | None = None
    max_length: Rule[Count] | None = None
    pattern: Rule[str] | None = None
    format: Rule[FormatName] | None = None
    time_format: str | None = None
    timezone: Rule[str] | None = None
    unique: Rule[bool] | None = None
    min_distinct: Rule[Count] | None = None
    max_distinct: Rule[Count] | None = None
    min_distinct_fraction: Rule[Share] | None = None
    references: Reference | None = None
    allow_nan: bool | None = None
    allow_infinite: bool | None = None
    min_items: Rule[int] | None = None
    max_items: Rule[int] | None = None
    items: ColumnSchema | None = None
    fields: dict[str, ColumnSchema] | None = None
    statistics: Statistics | None = None
    in_: list[str] | None = Field(None, alias="in")
    not_in: list[str] | None = None
    drift: Limits | None = None
    skew: Limits | None = None
    stage: Literal["planned", "alpha", "beta", "production", "debug", "deprecated", "disabled"] = "production"
    severity: SeverityName = "error"
    tags: list[str] | None = None
    owner: str | None = None

    def rule(self, key: str) -> Long[Any] | None:
        """The rule called `key`, written long; None where the column does not have it.

        A rule about single values that names no tolerance of its own has that of the column.
        """
        value = getattr(self, key)
        rule = value if value is None or isinstance(value, Long) else Long[Any](value=value)
        share = self.max_failure_fraction if key in GRADED else None
        if rule is None or share is None or rule.max_failures is not None or rule.max_failure_fraction is not None:
            return rule
        return rule.model_copy(update={"max_failure_fraction": share})

    def within(self, environment: str | None) -> ColumnSchema:
        """These rules without those that belong to other environments; all of them where none is named."""
        if environment is None:
            return self
        changes: dict[str, Any] = {}
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, Terms) and value.in_ is not None and environment not in value.in_:
                changes[key] = None
            elif isinstance(value, ColumnSchema):
                changes[key] = value.within(environment)
        if self.fields:
            changes["fields"] = {name: field.within(environment) for name, field in self.fields.items()}
        return self.model_copy(update=changes)

    def limits(self, kind: LimitKind) -> list[Limit]:
        """The limits of one kind."""
        limits = self.drift if kind == "drift" else self.skew
        return [] if limits is None else limits if isinstance(limits, list) else [limits]

    @property
    def is_checked(self) -> bool:
        """Whether the stage asks for checks."""
        return self.stage not in UNCHECKED_STAGES

    def belongs_to(self, environment: str | None) -> bool:
        """Whether the column is there in an environment; in every one where none is named."""
        if environment is None:
            return True
        inside = self.in_ is None or environment in self.in_
        return inside and environment not in (self.not_in or [])


class Freshness(Strict):
    """How old the newest value of a time column may be, such as `2d`."""

    column: str
    max_age: str


class DatasetSchema(Strict):
    """What the dataset as a whole should look like."""

    rows: Range | None = None
    rows_vs_baseline: Range | None = None
    unique: list[list[str]] = []
    references: list[ForeignKey] = []
    other_columns: Literal["error", "warning", "ignore"] = "error"
    ordered: bool = False
    freshness: Freshness | None = None


class Check(Strict):
    """A condition on each row in polars SQL; a null passes."""

    name: str
    expect: str
    max_failures: Count | None = None
    max_failure_fraction: Share | None = None
    severity: SeverityName = "error"
    message: str | None = None


class Reading(Strict):
    """How text sources of this schema are read."""

    delimiter: str | None = None
    encoding: str | None = None
    quote: str | None = None
    header: bool | None = None
    decimal_comma: bool | None = None
    time_formats: list[str] | None = None


class Schema(Strict):
    """What a dataset should look like."""

    version: Literal[1] = 1
    extends: str | None = None
    description: str | None = None
    null_values: list[str] = []
    environments: list[str] = []
    reading: Reading | None = None
    domains: dict[str, list[Scalar]] = {}
    dataset: DatasetSchema = DatasetSchema()
    defaults: ColumnSchema | None = None
    columns_matching: dict[str, ColumnSchema] = {}
    columns: dict[str, ColumnSchema]
    checks: list[Check] = []

    _places: Mapping[Route, Location] = PrivateAttr(default_factory=dict)
    _families: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def place(self, route: Route) -> Location | None:
        """Where the part at `route` is written, or the nearest part around it; None where it came from no file."""
        if len(route) > 1 and route[0] == "columns" and route[1] in self._families:
            route = ("columns_matching", self._families[str(route[1])], *route[2:])
        known = (route[:length] for length in range(len(route), -1, -1) if route[:length] in self._places)
        return self._places.get(next(known, ()))

    @property
    def file(self) -> str | None:
        """The file that the schema was read from."""
        place = self.place(())
        return None if place is None else place.file

    def written_at(self, places: Mapping[Route, Location]) -> None:
        """Remembers where the parts of the schema are written."""
        self._places = places

    def find(self, name: str) -> ColumnSchema | None:
        """The rules of the column called `name`: those under its name, else of the family that it belongs to."""
        pattern = family_of(name, self.columns_matching)
        return self.columns.get(name) or (self.columns_matching[pattern] if pattern is not None else None)

    def about(self, names: Iterable[str]) -> Schema:
        """The schema for data with columns of these names: those of a family each under its own name.

        A family without a column stays, under its pattern, as a column that is missing; unless its `required` is
        false.
        """
        names = list(names)
        found = {name: family_of(name, self.columns_matching) for name in names if name not in self.columns}
        families = {name: pattern for name, pattern in found.items() if pattern is not None}
        members = {name: self.columns_matching[pattern] for name, pattern in families.items()}
        without = {
            pattern: rules
            for pattern, rules in self.columns_matching.items()
            if rules.required and not any(fits(name, pattern) for name in names)
        }
        schema = self.model_copy(update={"columns": self.columns | members | without, "columns_matching": {}})
        schema._families = {**self._families, **families}
        return schema

    def allowed(self, domain: Any) -> list[Any]:
        """The values of a domain, given as a list or by name."""
        return self.domains[domain] if isinstance(domain, str) else domain


def family_of(name: str, patterns: Iterable[str]) -> str | None:
    """The last of `patterns` that a name fits as a whole; `*` stands for any characters."""
    return next((each for each in reversed(list(patterns)) if fits(name, each)), None)


def fits(name: str, pattern: str) -> bool:
    """Whether a whole name is of a pattern, in which `*` stands for any characters and all others for themselves."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def below(
    columns: dict[str, ColumnSchema], route: tuple[str, ...] = ("columns",)
) -> Iterator[tuple[tuple[str, ...], ColumnSchema]]:
    """Every column schema with its route in the file, items and fields included."""
    for name, column in columns.items():
        yield (*route, name), column
        if column.items is not None:
            yield from below({"items": column.items}, (*route, name))
        if column.fields:
            yield from below(column.fields, (*route, name, "fields"))
