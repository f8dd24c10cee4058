"""Foreign keys: values that must stand in another file too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from datalife.anomalies import Anomaly, Severity
from datalife.errors import SchemaError, did_you_mean
from datalife.schema.model import ColumnSchema, Reference, Route, Schema
from datalife.schema.probes import Probe
from datalife.sources.dataset import Column, Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.types import common_type, logical_type

CODE = "broken-reference"
TEXT = "string"


@dataclass(frozen=True)
class Link:
    """Columns of the data, by name, that refer to columns of a file; `route` leads to the rule."""

    reference: Reference
    key: tuple[str, ...]
    route: Route
    severity: str

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns of the file, in the order of `key`."""
        return tuple(self.reference.columns or self.key)

    @property
    def expected(self) -> str:
        """What is asked for, in words."""
        return f"{', '.join(self.targets)} of {self.reference.file}"


@dataclass
class References:
    """The probes of all references, and a finding for each that cannot be checked."""

    probes: list[Probe] = field(default_factory=list)
    unchecked: list[Anomaly] = field(default_factory=list)


def reference_probes(
    dataset: Dataset, schema: Schema, rules: Mapping[str, ColumnSchema], environment: str | None
) -> References:
    """A probe for each reference; a row that lacks a part of its key refers to nothing and passes.

    Raises:
        SchemaError: the file is not below the folder of the schema or the one worked in, or lacks a column.
        SourceError: the file cannot be read.
    """
    found = References()
    for place, link in enumerate(_links(dataset, schema, rules, environment)):
        columns = [dataset.find(name) for name in link.key]
        present = [column for column in columns if column is not None]
        if len(present) < len(columns):
            absent = next(name for name in link.key if dataset.find(name) is None)
            found.unchecked.append(_not_checked(link, f"there is no column {absent!r}"))
            continue
        pairs = _pairs(present, _opened(link, schema))
        if isinstance(pairs, str):
            found.unchecked.append(_not_checked(link, pairs))
        else:
            found.probes.append(_probe(f"reference|{place}", link, present, pairs))
    return found


def _links(
    dataset: Dataset, schema: Schema, rules: Mapping[str, ColumnSchema], environment: str | None
) -> Iterator[Link]:
    """The references of columns that are there, and those of the dataset whose columns are checked here."""
    for name, column in rules.items():
        if column.references is not None and dataset.find(name) is not None:
            severity = column.references.severity or column.severity
            yield Link(column.references, (name,), ("columns", name, "references"), severity)
    for place, foreign in enumerate(schema.dataset.references):
        is_here = environment is None or foreign.in_ is None or environment in foreign.in_
        if is_here and all(name in rules for name in foreign.key):
            route = ("dataset", "references", place)
            yield Link(foreign, tuple(foreign.key), route, foreign.severity or "error")


def _not_checked(link: Link, reason: str) -> Anomaly:
    name = ", ".join(link.key)
    return Anomaly(
        code="not-checked",
        severity=Severity(link.severity),
        column=name if len(link.key) == 1 else None,
        message=f"the reference of {name} to {link.reference.file} could not be checked: {reason}",
        expected=link.expected,
        route=link.route,
    )


def _opened(link: Link, schema: Schema) -> Dataset:
    """The file that is referred to, with its columns in the order of the key."""
    where = schema.place((*link.route, "file"))
    place = str(where or "schema")
    folder = Path(where.file).parent if where else Path()
    path = folder / link.reference.file
    if not any(path.resolve().is_relative_to(each.resolve()) for each in (folder, Path())):
        message = f"{link.reference.file!r} lies outside of the folder of the schema and of the one you work in"
        raise SchemaError(place, message, "a schema names only files below them")
    dataset = open_dataset([str(path)], ReadOptions(null_values=tuple(schema.null_values)))
    for name in link.targets:
        if dataset.find(name) is None:
            hint = did_you_mean(name, [column.name for column in dataset.columns])
            where = schema.place((*link.route, "columns"))
            raise SchemaError(str(where or place), f"{link.reference.file} has no column {name!r}", hint)
    chosen = tuple(dataset.column(name) for name in link.targets)
    return Dataset(dataset.sources, chosen, dataset.shards)


@dataclass(frozen=True)
class Pair:
    """The values of a column and those that it may refer to, as one type."""

    values: pl.Expr
    allowed: pl.Series


def _pairs(columns: Sequence[Column], target: Dataset) -> list[Pair] | str:
    """Each column with its target; in words what cannot be compared."""
    texts = [
        other.name for column, other in zip(columns, target.columns, strict=True) if other.text and column.type == TEXT
    ]
    target = target.as_text(texts)
    frame = target.frame([column.name for column in target.columns])
    pairs = []
    for column, other in zip(columns, target.columns, strict=True):
        pair = _pair(column, frame.get_column(other.key))
        if pair is None:
            return f"{column.name} is {column.type} here and {other.name} is {other.type} there"
        pairs.append(pair)
    return pairs


def _pair(column: Column, allowed: pl.Series) -> Pair | None:
    """Both as one type in which equal values are equal and others are not; None where there is none."""
    values, kinds = pl.col(column.key), (column.type, logical_type(allowed.dtype))
    if TEXT in kinds and set(kinds) <= {TEXT, "integer", "date"}:
        return Pair(values.cast(pl.String), allowed.cast(pl.String))
    if set(kinds) == {"integer", "float"}:
        whole = _whole(pl.lit(allowed)) if kinds[1] == "float" else pl.lit(allowed).cast(pl.Int128)
        own = _whole(values) if kinds[0] == "float" else values.cast(pl.Int128)
        return Pair(own, pl.select(whole).to_series())
    common = common_type(column.dtype, allowed.dtype)
    if common is None or common.is_nested():
        return None
    return Pair(values.cast(common), allowed.cast(common))


def _whole(floats: pl.Expr) -> pl.Expr:
    """Floats as integers; those that are none are missing."""
    return pl.when(floats.is_finite() & (floats == floats.floor())).then(floats).cast(pl.Int128, strict=False)


def _probe(key: str, link: Link, columns: Sequence[Column], pairs: Sequence[Pair]) -> Probe:
    present = pl.all_horizontal(pl.col(column.key).is_not_null() for column in columns)
    if len(pairs) == 1:
        known = pairs[0].values.is_in(pairs[0].allowed.unique().implode())
        shown = pl.col(columns[0].key)
    else:
        names = [f"k{place}" for place in range(len(pairs))]
        rows = pl.DataFrame({name: pair.allowed for name, pair in zip(names, pairs, strict=True)}).drop_nulls().unique()
        own = pl.struct(pair.values.alias(name) for name, pair in zip(names, pairs, strict=True))
        known = own.is_in(rows.to_struct().implode())
        shown = pl.struct(pl.col(column.key).alias(column.name) for column in columns)
    flags = present & ~known.fill_null(False)
    return Probe(
        key=key,
        column=link.key[0] if len(link.key) == 1 else None,
        code=CODE,
        says=f"not among {link.expected}",
        expected=link.expected,
        rule=link.reference,
        flags=flags,
        failures=flags.sum(),
        checked=present.sum(),
        values=shown,
        severity=link.severity,
        route=link.route,
    )
