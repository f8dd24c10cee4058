"""The one door through which data enters: sources -> a dataset of shards, all of one schema."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import accumulate
from typing import TypeVar

import polars as pl

from datalife.engine import Engine, LocalEngine
from datalife.errors import SchemaError, SourceError, UsageError, did_you_mean
from datalife.sources.bad_records import warn
from datalife.sources.conditions import condition, holds, refuse_unknown
from datalife.sources.faults import reading
from datalife.sources.fitting import stacks
from datalife.sources.formats import at_hand, may_be_empty, open_table
from datalife.sources.model import ReadOptions
from datalife.sources.paths import SourceFile, expand, refuse_twice
from datalife.sources.plain import head
from datalife.sources.remote import without_secrets
from datalife.sources.resolve import Column, columns_of, missing_as_null
from datalife.sources.table import Heading, Numbers, Part, Table
from datalife.sources.types import FLOATS, INTEGERS, NULL, STRING, TextType

__all__ = ["ROW", "Column", "Dataset", "Misfit", "Shard", "open_dataset"]
LOGGER = logging.getLogger(__name__)
Answer = TypeVar("Answer")
#: Bytes of rows that are kept in memory between the first look at them and the work, over all files.
HELD = 64 << 20
#: The column of row numbers in every frame that a job sees.
ROW = "row"


class Misfit(Exception):
    """A value does not fit the type that was guessed for its column."""


@dataclass
class Shard:
    """A bounded piece of the data. `read` gives it as a frame whose columns are keys."""

    part: Part
    table: Heading
    columns: tuple[Column, ...]
    options: ReadOptions
    #: The rows of all shards before this one.
    first: int = 0
    #: A key and the value that rows must have there to be kept.
    only: tuple[str, object] | None = None
    #: Columns that were not chosen; a filter may name them all the same.
    hidden: tuple[Column, ...] = ()
    #: Whether the types of texts are a guess, tested whenever values are read.
    guessed: bool = False

    @property
    def where(self) -> str:
        """The name of the file."""
        return self.table.name

    @property
    def rows(self) -> int:
        """The rows before any filter."""
        return self.part.rows

    def read(self, keys: Sequence[str] | None = None, row: str | None = None) -> pl.DataFrame:
        """The columns with these keys (all by default), typed.

        `row` names a further Int64 column with each row's number over the whole data, counted before any filter.
        """
        chosen = None if keys is None else set(keys)
        wanted = [column for column in self.columns if chosen is None or column.key in chosen]
        needed = (*self.columns, *self.hidden) if self.options.where or self.only else wanted
        frame = self._typed(needed)
        if self.options.where or self.options.sample is not None or self.only or row:
            frame = frame.with_columns(
                pl.int_range(self.first, self.first + pl.len(), dtype=pl.Int64).alias(row or ROW)
            )
            frame = self._kept(frame, row or ROW)
        return frame.select([column.key for column in wanted] + ([row] if row else []))

    def ask(self, question: Callable[[pl.LazyFrame], Answer]) -> Answer:
        """What `question` makes of all columns and the numbers of the rows, in the column ROW.

        Raises:
            SourceError: the data is damaged.
        """
        frame = self.read(row=ROW).lazy()
        with reading(self.where, "readable data"):
            return question(frame)

    def _typed(self, columns: Sequence[Column]) -> pl.DataFrame:
        names = {name: position for position, name in enumerate(self.table.names)}
        positions = sorted({names[column.name] for column in columns if column.name in names})
        numbers = self._numbers(columns, names)
        raw = self.part.read(positions, numbers) if positions else pl.DataFrame({"": [None] * self.rows})
        came = raw.schema
        texts = {
            name: position
            for name, position in names.items()
            if self.table.dtypes[position] is None and came.get(str(position)) == STRING.dtype
        }
        expressions = [self._values(column, names, texts).alias(column.key) for column in columns]
        frame = raw.select(expressions) if expressions else pl.DataFrame(height=self.rows)
        if self.guessed:
            self._test(raw, frame, columns, texts)
        return frame

    def _numbers(self, columns: Sequence[Column], names: dict[str, int]) -> Numbers:
        """The columns of text that may as well come as the numbers they are."""
        if self.options.null_values:
            return {}
        return {
            names[column.name]: column.text.dtype
            for column in columns
            if column.text in (INTEGERS, FLOATS) and column.name in names
        }

    def _test(self, raw: pl.DataFrame, typed: pl.DataFrame, columns: Sequence[Column], texts: dict[str, int]) -> None:
        """Raises Misfit where one of the `texts` (name -> position) is no value of the type guessed for it."""
        alike: dict[TextType, list[Column]] = {}
        for column in columns:
            if column.text is not None and column.name in texts:
                alike.setdefault(column.text, []).append(column)
        misses = [
            self._misses(raw, typed, [(column, texts[column.name]) for column in together])
            for members in alike.values()
            for together in stacks(members, raw.height)
        ]
        if any(found.item() for found in pl.collect_all(misses)):
            raise Misfit

    def _misses(self, raw: pl.DataFrame, typed: pl.DataFrame, batch: Sequence[tuple[Column, int]]) -> pl.LazyFrame:
        """How many texts of columns of one text type, each with its position in the file, are no value of it."""
        kind = batch[0][0].text or STRING
        text = pl.concat([raw.get_column(str(position)) for _, position in batch]).alias("text").to_frame()
        texts = text.select(missing_as_null(pl.col("text"), self.options))
        if any(column.dtype != kind.dtype for column, _ in batch):
            return kind.misses(texts.with_columns(values=kind.values(pl.col("text"))).lazy())
        values = pl.concat([typed.get_column(column.key) for column, _ in batch])
        return kind.misses(texts.with_columns(values.alias("values")).lazy())

    def _values(self, column: Column, names: dict[str, int], texts: Container[str]) -> pl.Expr:
        if column.name not in names:
            text = pl.repeat(self.table.partition.get(column.name), self.rows, dtype=pl.String())
            return (column.text or NULL).values(text).cast(column.dtype)
        value = pl.col(str(names[column.name]))
        if column.name not in texts:
            return value.cast(column.dtype)
        text = missing_as_null(value, self.options)
        return (column.text or STRING).values(text).cast(column.dtype)

    def _kept(self, frame: pl.DataFrame, row: str) -> pl.DataFrame:
        if self.options.where:
            frame = frame.filter(_matching(frame, (*self.columns, *self.hidden), self.options.where))
        if self.options.sample is not None:
            share = pl.lit(int(self.options.sample * (2**64 - 1)), dtype=pl.UInt64)
            frame = frame.filter(pl.col(row).hash(self.options.seed) <= share)
        if self.only:
            key, value = self.only
            frame = frame.filter(pl.col(key).is_null() if value is None else pl.col(key) == pl.lit(value))
        return frame


@dataclass
class Dataset:
    """Several sources as one table of `columns`, in pieces that each fit in memory."""

    sources: tuple[str, ...]
    columns: tuple[Column, ...]
    shards: Sequence[Shard]
    notes: list[str] = field(default_factory=list)
    bad_records: list[tuple[str, str]] = field(default_factory=list)
    #: Gives the same data with types that every value was tested against; None where these are, and of a part or a
    #: view of other data: a Misfit in it is one of the data it was made from.
    prove: Callable[[], Dataset] | None = None
    #: Where work on the shards runs.
    engine: Engine = field(default_factory=LocalEngine)

    def attempt(self, work: Callable[[Dataset], Answer]) -> Answer:
        """What `work` makes of the data; once more, with the types that every value fits, where a guess was wrong.

        A schema that does not go with the types may go with others.
        """
        try:
            return work(self)
        except (Misfit, SchemaError):
            if self.prove is None:
                raise
        return work(self._proven)

    def insist(self) -> None:
        """Raises Misfit where types are guessed: for what depends on them though no value will be read."""
        if any(shard.guessed for shard in self.shards):
            raise Misfit

    @property
    def rows(self) -> int:
        """The rows before any filter."""
        return sum(shard.rows for shard in self.shards)

    @property
    def empty(self) -> pl.DataFrame:
        """No rows: the columns by key, and ROW."""
        return pl.DataFrame(schema={column.key: column.dtype for column in self.columns} | {ROW: pl.Int64()})

    def find(self, name: str) -> Column | None:
        """The column called `name`, or None."""
        return self._by_name.get(name)

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises:
            UsageError: there is none.
        """
        found = self.find(name)
        if found is None:
            raise UsageError(self.sources[0], f"there is no column {name!r}", did_you_mean(name, self._by_name))
        return found

    def frame(self, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Every row of the columns called `names` (all by default), in columns named by key."""
        columns = self.columns if names is None else [self.column(name) for name in names]
        keys = [column.key for column in columns]
        empty = pl.DataFrame(schema={column.key: column.dtype for column in columns})
        if not self.shards:
            return empty
        return pl.concat([empty, self.engine.reduce(self.shards, partial(_rows, keys), pl.concat)])

    def values(self, name: str) -> pl.Series:
        """The different values of a column, missing among them, in any order."""
        column = self.column(name)
        if not self.shards:
            return pl.Series(dtype=column.dtype)
        found = self.engine.reduce(self.shards, partial(_values, column.key), _different)
        return found.get_column(column.key)

    def where(self, row: int) -> str | None:
        """`file:line` (or `file`) of a row, numbered from 0 over the whole data; None past its end."""
        for shard in self.shards:
            if row < shard.first + shard.rows:
                line = shard.part.line(row - shard.first)
                return shard.where if line is None else f"{shard.where}:{line}"
        return None

    def places(self, rows: Iterable[int]) -> dict[int, str]:
        """`where` of each of these rows that there is."""
        found = {row: self.where(row) for row in sorted(set(rows))}
        return {row: place for row, place in found.items() if place is not None}

    def as_text(self, names: Sequence[str]) -> Dataset:
        """The same data with those of these columns that are untyped text read as the text they are."""
        columns = tuple(
            replace(column, dtype=STRING.dtype, text=STRING) if column.text and column.name in names else column
            for column in self.columns
        )
        shards = [replace(shard, columns=columns) for shard in self.shards]
        return replace(self, columns=columns, shards=shards, prove=None)

    def narrowed(self, columns: Sequence[Column]) -> Dataset:
        """The same rows, of which these columns alone are read; a filter sees the others all the same."""
        keys = {column.key for column in columns}
        others = tuple(column for column in self.columns if column.key not in keys)
        shards = [replace(shard, columns=tuple(columns), hidden=(*shard.hidden, *others)) for shard in self.shards]
        return replace(self, columns=tuple(columns), shards=shards, prove=None)

    def only(self, name: str, value: object) -> Dataset:
        """The rows in which a column has a value, or is missing where the value is None."""
        key = self.column(name).key
        return replace(self, shards=[replace(shard, only=(key, value)) for shard in self.shards], prove=None)

    @cached_property
    def _proven(self) -> Dataset:
        return replace(self.prove(), engine=self.engine) if self.prove else self

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def _values(key: str, shard: Shard) -> pl.DataFrame:
    return shard.read([key]).select(key).unique()


def _different(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).unique()


def _rows(keys: Sequence[str], shard: Shard) -> pl.DataFrame:
    return shard.read(keys).select(keys)


def open_dataset(
    sources: Sequence[str],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    *,
    allow_empty: bool = False,
    proven: bool = True,
    reports: bool = False,
) -> Dataset:
    """Opens sources as one dataset: every file is checked, every text column gets its type from all its values.

    With `allow_empty`, text files without any content count as files without rows and columns. Unless `proven`, types
    of texts are guessed from the first part of each file: reading raises Misfit where the guess was wrong, and
    `Dataset.attempt` begins again with the types that every value fits. Work on it runs on `engine`, by default here.
    Whoever `reports` what became of bad records himself has them in `bad_records`; for others they are warnings.

    Raises:
        SourceError: something cannot be read; the message names the file and, where there is one, the line.
        UsageError: an option names what is not there.
    """
    refuse_twice(sources)
    files = [file for source in sources for file in expand(source)]
    return open_files(sources, files, options, engine, allow_empty=allow_empty, proven=proven, reports=reports)


def open_files(
    sources: Sequence[str],
    files: Sequence[SourceFile],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    *,
    allow_empty: bool = False,
    proven: bool = True,
    reports: bool = False,
) -> Dataset:
    """As `open_dataset`, for files that were found before; `sources` are what the dataset says it is from."""
    options = options or ReadOptions()
    _check_options(options)
    tables = list(_opened(files, options, allow_empty))
    _refuse_strangers(tables)
    _check_names(tables, options)
    room = HELD
    for table in tables:
        table.read_through()
        room -= sum(part.let_go(room) for part in table.parts)
    dataset = _assembled(tuple(map(without_secrets, sources)), tables, options, proven)
    dataset.engine = engine or dataset.engine
    for note in dataset.notes:
        LOGGER.warning("%s", note)
    if not reports:
        warn(dataset.bad_records)
    return dataset


def _opened(files: Sequence[SourceFile], options: ReadOptions, allow_empty: bool) -> Iterator[Table]:
    """The tables of the files. What has to be fetched is read through before the next one is."""
    for file in files:
        near = at_hand(file, options)
        if allow_empty and may_be_empty(near, options) and not head(near.path, near.name).strip():
            continue
        table = open_table(near, options)
        if near is not file and len(files) > 1:
            table.read_through()
        yield table


def _assembled(sources: tuple[str, ...], tables: Sequence[Table], options: ReadOptions, proven: bool) -> Dataset:
    """Opened files as one dataset."""
    columns, notes = columns_of(tables, options, proven=proven)
    try:
        _check_filter(columns, options)
    except UsageError:
        if proven:
            raise
        return _assembled(sources, tables, options, True)
    chosen = tuple(_chosen(columns, options))
    keys = {column.key for column in chosen}
    hidden = tuple(column for column in columns if column.key not in keys)
    pieces = [(table.heading, part) for table in tables for part in table.parts]
    firsts = accumulate((part.rows for _, part in pieces), initial=0)
    shards = [
        Shard(part, heading, chosen, options, first, hidden=hidden, guessed=not proven)
        for (heading, part), first in zip(pieces, firsts, strict=False)
    ]
    return Dataset(
        sources,
        chosen,
        shards,
        [note for table in tables for note in table.notes] + notes,
        [bad for table in tables for bad in table.bad_records],
        None if proven else partial(_assembled, sources, tables, options, True),
    )


def _refuse_strangers(tables: Sequence[Table]) -> None:
    """Files that share no column are hardly one dataset; often the later ones lack a header."""
    for table in tables[1:]:
        if table.names and tables[0].names and not set(table.names) & set(tables[0].names):
            message = f"shares no column with {tables[0].name}: {', '.join(table.names[:4])}"
            raise SourceError(table.name, message, "has it a header? see --no-header")


def _check_options(options: ReadOptions) -> None:
    """What makes no sense whatever the data is shows before anything is read."""
    if options.where:
        condition(options.where)
    if options.sample is not None and not 0 < options.sample <= 1:
        raise UsageError("--sample", f"must be in (0, 1], not {options.sample}")


def _check_names(tables: Sequence[Table], options: ReadOptions) -> None:
    """Columns that are not there show before the values are read."""
    schema: dict[str, pl.DataType] = {}
    for table in tables:
        schema |= {name: dtype or STRING.dtype for name, dtype in zip(table.names, table.dtypes, strict=True)}
        schema |= dict.fromkeys(table.partition, STRING.dtype)
    for flag, asked in (("--columns", options.columns or ()), ("--exclude", options.exclude)):
        for name in asked:
            if name not in schema:
                raise UsageError(flag, f"there is no column {name!r}", did_you_mean(name, schema))
    if options.where:
        refuse_unknown(schema, options.where)


def _chosen(columns: Sequence[Column], options: ReadOptions) -> Iterator[Column]:
    for column in columns:
        if (options.columns is None or column.name in options.columns) and column.name not in options.exclude:
            yield column


def _matching(frame: pl.DataFrame, columns: Sequence[Column], where: str) -> pl.Series:
    """In which rows of a frame of keys a filter is true."""
    named = frame.select(column.key for column in columns)
    named.columns = [column.name for column in columns]
    return holds(named, where)


def _check_filter(columns: Sequence[Column], options: ReadOptions) -> None:
    """A filter that does not go with the types of the columns shows before any work is done."""
    if options.where:
        empty = pl.DataFrame(schema={column.key: column.dtype for column in columns})
        _matching(empty, columns, options.where)
