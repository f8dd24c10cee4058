"""SQL databases: the answer to a query, or the only table; read-only, and spooled to a temporary Arrow file."""

from __future__ import annotations

import contextlib
import shlex
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.sources.columnar import CELLS, RowSlice, opened
from datalife.sources.extras import extra
from datalife.sources.faults import quiet_panics
from datalife.sources.model import ReadOptions
from datalife.sources.paths import SourceFile
from datalife.sources.plain import Watch, codec_of, spool
from datalife.sources.table import Table

#: Types of PostgreSQL that arrive as they are; all others are asked for as text.
PLAIN = {
    *("smallint", "integer", "bigint", "real", "double precision", "boolean"),
    *("text", "character varying", "character", "name", "bytea"),
    *("date", "timestamp without time zone", "timestamp with time zone", "time without time zone"),
}
LISTS = {"smallint[]", "integer[]", "bigint[]", "real[]", "double precision[]", "boolean[]", "text[]"}
#: How PostgreSQL shall write what it is asked for as text, whatever the user's settings are.
SESSION = "SELECT set_config('TimeZone', 'UTC', false), set_config('IntervalStyle', 'postgres', false) AS style"
#: Types of DuckDB that polars cannot hold.
STRANGE = ("INTERVAL", "TIME WITH TIME ZONE", "BIT", "UNION", "MAP", "VARIANT")
#: Those of them that are numbers, as every sum of integers is.
HUGE = ("HUGEINT", "UHUGEINT")
#: What the values of a column of SQLite are, and the type that holds them all.
STORED = {
    frozenset({"integer"}): pl.Int64(),
    frozenset({"real"}): pl.Float64(),
    frozenset({"integer", "real"}): pl.Float64(),
    frozenset({"blob"}): pl.Binary(),
    frozenset(): pl.Null(),
}


def open_postgresql(file: SourceFile, options: ReadOptions) -> Table:
    """Opens what a PostgreSQL server answers. Numbers of the type `numeric` are typed by all their values, as text is.

    Raises:
        SourceError: the driver is not installed, the server cannot be reached, or the query is wrong.
    """
    driver = extra("adbc_driver_postgresql.dbapi", "sql", file.name)
    with _asking(file.name, driver.Error), driver.connect(file.url) as connection, connection.cursor() as cursor:

        def ask(query: str) -> pl.LazyFrame:
            cursor.execute(query)
            return pl.scan_arrow_c_stream(cursor.fetch_arrow())

        ask(SESSION).collect()
        tables = (
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        query = _query(file, options, lambda: ask(tables).collect().to_series().to_list())
        types = _types_of_postgresql(ask, query)
        fields = [_quoted(name) if _arrives(kind) else f"{_quoted(name)}::text" for name, kind in types.items()]
        named = ", ".join(f"{field} AS {_quoted(name)}" for field, name in zip(fields, types, strict=True))
        table = _spooled(file, "PostgreSQL", ask(f"SELECT {named} FROM ({query}) AS answer"))
    table.dtypes = [
        None if kind == "numeric" else dtype for kind, dtype in zip(types.values(), table.dtypes, strict=True)
    ]
    return table


def _types_of_postgresql(ask: Callable[[str], pl.LazyFrame], query: str) -> dict[str, str]:
    """The declared types by name, also of an answer without rows and of types that polars does not have."""
    missing = f"SELECT answer.* FROM (SELECT 1) AS one LEFT JOIN ({query}) AS answer ON false"
    row = f"SELECT json_object_keys(row_to_json(missing)) AS name FROM ({missing}) AS missing"
    names = ask(row).collect().to_series().to_list()
    kinds = ", ".join(f"pg_typeof({_quoted(name)})::text AS k{position}" for position, name in enumerate(names))
    return dict(zip(names, ask(f"SELECT {kinds} FROM ({missing}) AS missing").collect().row(0), strict=True))


def _arrives(kind: str) -> bool:
    return kind in PLAIN or kind in LISTS


def open_duckdb(file: SourceFile, options: ReadOptions) -> Table:
    """Opens a DuckDB file; a query reaches nothing but that file. Integers of 128 bits are typed by all their values.

    Raises:
        SourceError: duckdb is not installed, this is no database, or the query is wrong.
    """
    duckdb = extra("duckdb", "sql", file.name)
    with _asking(file.name, duckdb.Error), duckdb.connect(str(file.path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        tables = (
            'SELECT format(\'"{}"."{}"\', schema_name, table_name) FROM duckdb_tables() WHERE NOT internal ORDER BY 1'
        )
        query = _query(file, options, lambda: [row[0] for row in connection.sql(tables).fetchall()])
        answer = connection.sql(f"SELECT * FROM ({query}) AS answer")
        kinds = [str(kind) for kind in answer.types]
        fields = [
            f"CAST({_quoted(name)} AS VARCHAR) AS {_quoted(name)}"
            if kind.startswith((*STRANGE, *HUGE))
            else _quoted(name)
            for name, kind in zip(answer.columns, kinds, strict=True)
        ]
        wanted = connection.sql(f"SELECT {', '.join(fields)} FROM ({query}) AS answer")
        table = _spooled(file, "DuckDB", pl.scan_arrow_c_stream(wanted))
    table.dtypes = [None if kind in HUGE else dtype for kind, dtype in zip(kinds, table.dtypes, strict=True)]
    return table


def open_sqlite(file: SourceFile, options: ReadOptions) -> Table:
    """Opens an SQLite file. Any value may stand in any column there: columns of several kinds are read as text.

    Raises:
        SourceError: this is no database, or the query is wrong.
    """
    uri = f"{file.path.absolute().as_uri()}?mode=ro"
    with _asking(file.name, sqlite3.Error), contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.execute("BEGIN")
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
        )
        query = _query(file, options, lambda: [_quoted(name) for (name,) in connection.execute(tables)])
        types = _types_of_sqlite(connection, query)
        read = f"SELECT {', '.join(_as_held(name, dtype) for name, dtype in types.items())} FROM ({query})"
        codec = codec_of(options.encoding)
        connection.text_factory = partial(str, encoding=codec)
        try:
            parts = list(_sqlite_parts(connection.execute(read), list(types.values()), file.name))
        except UnicodeDecodeError as error:
            hint = "try --encoding windows-1252 or --encoding latin-1, or leave the column out with --query"
            raise SourceError(file.name, _undecoded(connection, query, types, codec), hint) from error
    return Table(file.name, list(types), list(types.values()), parts)


def _types_of_sqlite(connection: sqlite3.Connection, query: str) -> dict[str, pl.DataType]:
    """The type by name that holds all values of a column."""
    names = [each[0] for each in connection.execute(f"SELECT * FROM ({query}) LIMIT 0").description]
    kinds = [
        f"group_concat(DISTINCT CASE WHEN {_quoted(name)} IS NOT NULL THEN typeof({_quoted(name)}) END)"
        for name in names
    ]
    (found,) = connection.execute(f"SELECT {', '.join(kinds)} FROM ({query})")
    types = [STORED.get(frozenset(each.split(",")) if each else frozenset(), pl.String()) for each in found]
    return dict(zip(names, types, strict=True))


def _as_held(name: str, dtype: pl.DataType) -> str:
    return f"CAST({_quoted(name)} AS TEXT)" if dtype == pl.String else _quoted(name)


def _sqlite_parts(rows: sqlite3.Cursor, types: list[pl.DataType], name: str) -> Iterator[RowSlice]:
    schema = {str(position): dtype for position, dtype in enumerate(types)}
    size = max(1, CELLS // max(1, len(types)) // 8)
    while batch := rows.fetchmany(size):
        target = spool(iter(()), name)
        pl.DataFrame(batch, schema=schema, orient="row").write_ipc(target)
        yield RowSlice(pl.scan_ipc(target, glob=False), name, "SQLite", 0, len(batch), Watch(target, name))


def _undecoded(connection: sqlite3.Connection, query: str, types: Mapping[str, pl.DataType], codec: str) -> str:
    """Where the first text stands that is none in this encoding, in words; there is one."""
    names = [name for name, dtype in types.items() if dtype == pl.String]
    rows = connection.execute(f"SELECT {', '.join(f'CAST({_quoted(name)} AS BLOB)' for name in names)} FROM ({query})")
    for row, values in enumerate(rows):
        for name, value in zip(names, values, strict=True):
            try:
                (value or b"").decode(codec)
            except UnicodeDecodeError as error:
                byte = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
                return f"column {name!r} is not {codec.upper()} in row {row}: {byte}"
    return f"holds text that is not {codec.upper()}"


def _query(file: SourceFile, options: ReadOptions, tables: Callable[[], list[str]]) -> str:
    """The query to run: that of the URI, that of `--query`, else every row of the only table.

    It will stand in brackets: the end of the line ends a comment in it.
    """
    query = file.query or options.query
    if query:
        return query.strip().rstrip(";") + "\n"
    found = tables()
    if len(found) == 1:
        return f"SELECT * FROM {found[0]}"
    if not found:
        raise SourceError(file.name, "holds no tables", "a view is read with --query 'SELECT * FROM view'")
    some = ", ".join(found[:8]) + (" ..." if len(found) > 8 else "")
    hint = f"such as --query {shlex.quote(f'SELECT * FROM {found[0]}')}"
    raise SourceError(file.name, f"holds {len(found)} tables: {some}; say which", hint)


def _spooled(file: SourceFile, kind: str, answer: pl.LazyFrame) -> Table:
    target: Path = spool(iter(()), file.name)
    answer.sink_ipc(target)
    return opened(SourceFile(target, file.name), kind, lambda: pl.scan_ipc(target, glob=False))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def _asking(name: str, errors: Any) -> Iterator[None]:
    """Turns what a database or its driver says into a SourceError, on one line."""
    try:
        with quiet_panics():
            yield
    except (errors, pl.exceptions.PolarsError, pl.exceptions.PanicException, OverflowError) as error:
        said = first_line(error).rpartition("ERROR:")[2].strip()  # what libpq puts before it is about its own work
        raise SourceError(name, f"the database says: {said}") from error
