"""What is measured: each case is a datalife command and the peers that do the same work on the same files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Arguments

HERE = Path(__file__).parent
ROWS = (1_000_000, 5_000_000)
WIDTHS = (500, 5_000)
WIDE_ROWS = 2_000
#: Those with workers of their own; all come with `make`.
ENGINES = ("processes", "ray", "dask", "spark")
#: Peers that take minutes are measured on tables of at most so many rows.
SLOW_ROWS = 1_000_000


@dataclass(frozen=True)
class Table:
    """A file of `generate.py`."""

    kind: str
    suffix: str
    rows: int
    columns: int = 0

    def path(self, folder: Path) -> Path:
        """Where it is kept."""
        width = f"-{self.columns}" if self.columns else ""
        return folder / f"{self.kind}{width}-{self.rows}{self.suffix}"

    def made_by(self, folder: Path) -> Arguments:
        """The command that writes it."""
        size = ("--rows", str(self.rows), "--columns", str(self.columns))
        return (sys.executable, str(HERE / "generate.py"), self.kind, str(self.path(folder)), *size)


@dataclass(frozen=True)
class Place:
    """Where the files are, and by package the Python that has it."""

    folder: Path
    pythons: Mapping[str, str]

    def peer(self, package: str, script: str, *arguments: str | Path) -> Side:
        """A peer that is a script of peers/ and needs a package."""
        python = self.pythons.get(package, sys.executable)
        return Side(package, ((python, str(HERE / "peers" / f"{script}.py"), *map(str, arguments)),), package)


@dataclass(frozen=True)
class Side:
    """One tool's way to do the work: processes, one after the other. `needs` is the package of a peer."""

    name: str
    commands: tuple[Arguments, ...]
    needs: str | None = None


@dataclass(frozen=True)
class Case:
    """One line of work."""

    name: str
    tables: tuple[Table, ...]
    ours: Side
    peers: tuple[Side, ...]


def datalife(*arguments: str | Path) -> Arguments:
    """A datalife command that reads no settings."""
    return (sys.executable, "-m", "datalife", *map(str, arguments), "--isolated", "--quiet")


def all_cases(place: Place, rows: Sequence[int], widths: Sequence[int]) -> Iterator[Case]:
    """Every case, for tables of so many rows and wide tables of so many columns."""
    yield from start_cases(place)
    for count in rows:
        for suffix in (".csv", ".parquet"):
            yield stats_case(place, Table("trips", suffix, count))
    for columns in widths:
        for suffix in (".csv", ".parquet"):
            yield wide_case(place, Table("wide", suffix, min(WIDE_ROWS, *rows), columns))
    for count in rows:
        for suffix in (".csv", ".parquet"):
            yield validate_case(place, Table("trips", suffix, count))
        yield diff_case(place, count)
        yield keyed_diff_case(place, count)
        yield label_join_case(place, count)
    for count in rows:
        yield engines_case(place, count)


def start_cases(place: Place) -> Iterator[Case]:
    """What the shortest commands take."""
    ours = Side("datalife --help", ((sys.executable, "-m", "datalife", "--help"),))
    yield Case("--help", (), ours, (Side("python -c pass", ((sys.executable, "-c", "pass"),)),))
    table = Table("trips", ".csv", 10)
    path = table.path(place.folder)
    yield Case(
        "stats, CSV, 10 rows",
        (table,),
        Side("datalife stats", (datalife("stats", path),)),
        (place.peer("duckdb", "duckdb_summarize", path),),
    )


def stats_case(place: Place, table: Table) -> Case:
    """A profile of a table."""
    path = table.path(place.folder)
    ours = Side("datalife stats", (datalife("stats", path),))
    peers = [place.peer("duckdb", "duckdb_summarize", path), place.peer("polars", "polars_describe", path)]
    if table.rows <= SLOW_ROWS:
        peers += [
            place.peer("whylogs", "whylogs_log", path),
            place.peer("ydata-profiling", "ydata_report", path),
            place.peer("tensorflow-data-validation", "tfdv_statistics", path),
        ]
    return Case(f"stats, {shown(table)}", (table,), ours, tuple(peers))


def engines_case(place: Place, rows: int) -> Case:
    """The same profile by the workers of each engine, its start included, and on one processor instead of all."""
    table = Table("trips", ".parquet", rows)
    profiled = datalife("stats", table.path(place.folder))
    alone = ("taskset", "--cpu-list", "0")
    peers = [Side("local, 1 processor", ((*alone, *profiled),))]
    for engine in ENGINES:
        asked = (*profiled, "--engine", engine)
        peers += [Side(f"{engine}, 1 worker", ((*alone, *asked),)), Side(f"{engine}, all processors", (asked,))]
    return Case(f"engines, {shown(table)}", (table,), Side("datalife stats", (profiled,)), tuple(peers))


def wide_case(place: Place, table: Table) -> Case:
    """A profile of a table with very many columns."""
    path = table.path(place.folder)
    ours = Side("datalife stats", (datalife("stats", path),))
    return Case(
        f"stats, {shown(table)}, {table.columns:,} columns",
        (table,),
        ours,
        (place.peer("duckdb", "duckdb_summarize", path),),
    )


def validate_case(place: Place, table: Table) -> Case:
    """Eighteen rules over eleven columns. The peers read only these, and make no profile."""
    path = table.path(place.folder)
    ours = Side("datalife validate", (validated(place, table),))
    peers = [
        Side("datalife stats", (datalife("stats", path),)),
        place.peer("pandera", "pandera_validate", path),
        place.peer("dataframely", "dataframely_validate", path),
        place.peer("pointblank", "pointblank_validate", path),
    ]
    if table.rows <= SLOW_ROWS:
        peers.append(place.peer("great-expectations", "great_expectations_validate", path))
    return Case(f"validate, {shown(table)}", (table,), ours, tuple(peers))


def diff_case(place: Place, rows: int) -> Case:
    """What changed between two tables; two profiles one after the other are the least that it takes."""
    tables = (Table("trips", ".parquet", rows), Table("trips-later", ".parquet", rows))
    paths = [table.path(place.folder) for table in tables]
    ours = Side("datalife diff", (datalife("diff", *paths, "--exit-zero"),))
    peers = [Side("datalife stats, twice", tuple(datalife("stats", path) for path in paths))]
    if rows <= SLOW_ROWS:
        peers.append(place.peer("evidently", "evidently_drift", *paths))
    return Case(f"diff, {shown(tables[0])} each", tables, ours, tuple(peers))


def keyed_diff_case(place: Place, rows: int) -> Case:
    """Which rows changed, by key."""
    tables = (Table("trips", ".parquet", rows), Table("trips-later", ".parquet", rows))
    paths = [table.path(place.folder) for table in tables]
    ours = Side("datalife diff --key", (datalife("diff", *paths, "--key", "trip_id", "--exit-zero"),))
    peers = (place.peer("datacompy", "datacompy_diff", *paths),)
    return Case(f"diff --key, {shown(tables[0])} each", tables, ours, peers)


def validated(place: Place, table: Table) -> Arguments:
    """The command that checks the eighteen rules."""
    return datalife("validate", table.path(place.folder), "--schema", HERE / "schema.yaml", "--exit-zero")


def label_join(place: Place, predictions: Table, events: Table) -> Arguments:
    """The command that joins events to predictions."""
    names = ("--key", "request_id", "--prediction-time", "served_at", "--feedback-time", "clicked_at")
    rules = ("--label", "clicked", "--window", "7d", "--implicit-label", "0")
    sides = (predictions.path(place.folder), "--feedback", events.path(place.folder))
    return datalife("label-join", *sides, *names, *rules, "-o", place.folder / "joined.parquet")


def label_join_case(place: Place, rows: int) -> Case:
    """Predictions with the events of the seven days after them."""
    tables = (Table("predictions", ".parquet", rows), Table("events", ".parquet", rows))
    predictions, events = (table.path(place.folder) for table in tables)
    ours = label_join(place, *tables)
    duckdb = place.peer("duckdb", "duckdb_label_join", predictions, events, place.folder / "joined-duckdb.parquet")
    name = f"label-join, {shown(tables[0])} and {rows * 2 // 5:,} events"
    return Case(name, tables, Side("datalife label-join", (ours,)), (duckdb,))


def shown(table: Table) -> str:
    """A table's format and size."""
    return f"{'CSV' if table.suffix == '.csv' else 'Parquet'}, {table.rows:,} rows"
