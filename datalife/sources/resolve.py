"""One schema for all files of a dataset: columns matched by name, types joined, texts given their type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from datalife.errors import SourceError
from datalife.sources.fitting import guesses, misfits, narrowest
from datalife.sources.model import ReadOptions
from datalife.sources.table import Table
from datalife.sources.texts import text_types
from datalife.sources.types import (
    NULL,
    STRING,
    TEXT_TYPES,
    TextType,
    common_type,
    logical_type,
    normal_type,
    spoken_type,
)

#: Rows from which the type of a text column is guessed.
SAMPLE = 10_000


@dataclass(frozen=True)
class Column:
    """A column: its name as the user wrote it, the key it has inside every frame, its type.

    `text` says how its values are read where the data is text without types, and `kinds` which types were tried.
    Keys (`c0`, `c1`, ...) keep names from the data out of expressions, where `^a.*$` or `*` would mean something.
    """

    name: str
    key: str
    dtype: pl.DataType
    text: TextType | None = None
    kinds: tuple[TextType, ...] = TEXT_TYPES

    @property
    def type(self) -> str:
        """The logical type of the contract."""
        return logical_type(self.dtype)


def columns_of(tables: Sequence[Table], options: ReadOptions, *, proven: bool) -> tuple[list[Column], list[str]]:
    """The columns of all files, in the order of their first appearance, and what had to be reconciled.

    Unless `proven`, the types of texts are those of the first part of each file: a guess, to be tested later.
    """
    names = list(dict.fromkeys(name for table in tables for name in table.names))
    names = list(dict.fromkeys([*names, *(name for table in tables for name in table.partition)]))
    kinds = _kinds(tables, options)
    text = _text_types(tables, options, kinds, proven)
    typed = [dict(zip(table.names, table.dtypes, strict=True)) for table in tables]
    columns, notes = [], []
    for position, name in enumerate(names):
        dtype = _joint_type(name, tables, typed, text.get(name))
        columns.append(Column(name, f"c{position}", dtype, text.get(name), kinds.get(name, TEXT_TYPES)))
        lacking = [table.name for table, dtypes in zip(tables, typed, strict=True) if name not in dtypes]
        if lacking and not any(name in table.partition for table in tables):
            notes.append(
                f"{lacking[0]}: has no column {name!r}; its values are missing there{_near(name, lacking[0], tables)}"
            )
    return columns, notes


def _near(name: str, lacking: str, tables: Sequence[Table]) -> str:
    """The column of a file that differs from `name` in spaces and case alone, in words."""
    names = next(table.names for table in tables if table.name == lacking)
    alike = [each for each in names if each != name and _bare(each) == _bare(name)]
    return f" (it has {alike[0]!r})" if alike else ""


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()


def _joint_type(
    name: str, tables: Sequence[Table], typed: Sequence[dict[str, pl.DataType | None]], text: TextType | None
) -> pl.DataType:
    joint: pl.DataType = text.dtype if text else pl.Null()
    for table, dtypes in zip(tables, typed, strict=True):
        dtype = dtypes.get(name)
        if dtype is None:
            continue
        common = common_type(joint, normal_type(dtype))
        if common is None:
            message = f"column {name!r} is {spoken_type(dtype)} here and {spoken_type(joint)} in another file"
            raise SourceError(table.name, message, "convert one of them, or read the files apart")
        joint = common
    return joint


Kinds = dict[str, tuple[TextType, ...]]


def _kinds(tables: Sequence[Table], options: ReadOptions) -> Kinds:
    """What the texts of each untyped column may be. Where sources write numbers in two ways, they stay text."""
    points, commas = (text_types(options, decimal_comma=each) for each in (False, True))
    written: dict[str, set[bool]] = {name: set() for name in _text_names(tables)}
    for table in tables:
        for name, dtype in zip(table.names, table.dtypes, strict=True):
            if dtype is None:
                written[name].add(table.decimal_comma)
    return {
        name: (STRING,) if len(ways) == 2 else commas if ways == {True} else points for name, ways in written.items()
    }


def _text_types(tables: Sequence[Table], options: ReadOptions, kinds: Kinds, proven: bool) -> dict[str, TextType]:
    """The type of every text column: guessed from its first rows, then tested against every value read.

    Only the columns whose guess proves wrong are read a second time, for all types at once.
    """
    keys = {name: f"t{position}" for position, name in enumerate(kinds)}
    tried = {keys[name]: each for name, each in kinds.items()}
    types: dict[str, TextType] = {}
    wrong: set[str] = set()
    for frame in _texts(tables, options, keys, proven):
        new = guesses(frame.head(SAMPLE), {key: tried[key] for key in frame.columns if key not in types})
        types |= new
        is_seen = frame.height <= SAMPLE
        found = misfits(frame, {key: (types[key],) for key in frame.columns if not (is_seen and key in new)})
        wrong |= {key for key, (count,) in found.items() if count}
    if wrong:
        again = {name: key for name, key in keys.items() if key in wrong}
        types |= _reconsidered(_texts(tables, options, again, proven), {key: tried[key] for key in wrong})
    return {name: types.get(key, NULL) for name, key in keys.items()}


def _reconsidered(frames: Iterator[pl.DataFrame], tried: Kinds) -> dict[str, TextType]:
    totals = {key: [0] * len(kinds) for key, kinds in tried.items()}
    for frame in frames:
        for key, counts in misfits(frame, {key: tried[key] for key in frame.columns}).items():
            totals[key] = [one + other for one, other in zip(totals[key], counts, strict=True)]
    return {key: narrowest(counts, tried[key]) for key, counts in totals.items()}


def _text_names(tables: Sequence[Table]) -> list[str]:
    """The columns that are text without a type in some file, and the hive partition columns."""
    columns = [name for table in tables for name, dtype in zip(table.names, table.dtypes, strict=True) if dtype is None]
    typed = {name for table in tables for name in table.names} - set(columns)
    partitions = [name for table in tables for name in table.partition if name not in typed]
    return list(dict.fromkeys(columns + partitions))


def _texts(tables: Sequence[Table], options: ReadOptions, keys: dict[str, str], whole: bool) -> Iterator[pl.DataFrame]:
    """The texts of the columns in `keys` (name -> key), part by part, markers of missing values taken out.

    Unless `whole`, of each file only its first part.
    """
    for table in tables:
        chosen = {
            position: keys[name]
            for position, name in enumerate(table.names)
            if name in keys and table.dtypes[position] is None
        }
        for part in table.parts[: None if whole else 1] if chosen else ():
            frame = part.read(list(chosen))
            yield frame.select(
                missing_as_null(pl.col(str(position)), options).alias(key) for position, key in chosen.items()
            )
    values = {
        key: pl.Series([table.partition.get(name) for table in tables], dtype=pl.String)
        for name, key in keys.items()
        if any(name in table.partition for table in tables)
    }
    if values:
        yield pl.DataFrame(values)


def missing_as_null(text: pl.Expr, options: ReadOptions) -> pl.Expr:
    """The text with the user's own markers of missing values taken out."""
    if not options.null_values:
        return text
    return pl.when(~text.is_in(list(options.null_values))).then(text)
