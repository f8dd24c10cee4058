"""Which reader a file needs: by its suffix, else by its first bytes."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from datalife.errors import SourceError, UsageError, did_you_mean
from datalife.sources.columnar import open_avro, open_ipc, open_parquet
from datalife.sources.databases import open_duckdb, open_postgresql, open_sqlite
from datalife.sources.delimited import open_delimited
from datalife.sources.delta import open_delta
from datalife.sources.excel import open_excel
from datalife.sources.model import ReadOptions
from datalife.sources.ndjson import open_ndjson
from datalife.sources.packed import GZIP, ZSTD
from datalife.sources.paths import SourceFile
from datalife.sources.plain import Watch, head, spooled
from datalife.sources.remote import download, is_store, scheme_of
from datalife.sources.table import Table

READERS: dict[str, Callable[[SourceFile, ReadOptions], Table]] = {
    "csv": open_delimited,
    "tsv": open_delimited,
    "ndjson": open_ndjson,
    "parquet": open_parquet,
    "arrow": open_ipc,
    "avro": open_avro,
    "excel": open_excel,
    "delta": open_delta,
    "sqlite": open_sqlite,
    "duckdb": open_duckdb,
    "postgresql": open_postgresql,
}
#: Formats that answer queries.
DATABASES = ("sqlite", "duckdb", "postgresql")
#: The schemes of databases that are no files.
SERVERS = ("postgresql", "postgres")
#: Formats that are read where they are, also from an object store; all others are fetched first.
IN_PLACE = ("parquet", "arrow", "delta")
#: Formats whose files hold text without types.
TEXT_FORMATS = ("csv", "tsv")
#: Those that are read from `.gz` and `.zst`.
COMPRESSIBLE = (*TEXT_FORMATS, "ndjson")
SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
    ".avro": "avro",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
COMPRESSED = (".gz", ".zst")
ZIP = b"PK\x03\x04"
#: First bytes of formats that are read, and of some that are not.
MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"FEA1": "a Feather file of version 1",
    b"Obj\x01": "avro",
    **dict.fromkeys((b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML"), "a web page"),
    b"<?xml": "an XML document",
    b"PARE": "an encrypted Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF document",
    ZIP: "a ZIP archive",
    b"\x7fELF": "a program",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"SQLite format 3": "sqlite",
    b"\x80\x04\x95": "a pickle",
    b"\x80\x05\x95": "a pickle",
    b"\x80\x03": "a pickle",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
}


def open_table(file: SourceFile, options: ReadOptions) -> Table:
    """Opens a file with the reader of its format.

    Raises:
        SourceError: the format is unknown or unsupported, or the data is damaged or changes while it is read.
        UsageError: `--input-format` names no format, or `--query` is asked of what is no database.
    """
    kind = format_of(file, options.input_format)
    if options.query is not None and kind not in DATABASES:
        raise UsageError("--query", f"{file.name} is no database", f"databases are {', '.join(DATABASES)}")
    watch = Watch(file.path, file.name) if file.path.is_file() else None
    try:
        table = READERS[kind](file, options)
    finally:
        if watch:
            watch.check()
    table.partition = file.partition
    return table


def at_hand(file: SourceFile, options: ReadOptions) -> SourceFile:
    """The file itself where it can be read in pieces; pipes, and what lies behind most URLs, as a temporary file."""
    if file.url is None:
        is_pipe = file.path.is_fifo() or str(file.path) == "/dev/stdin"
        return replace(file, path=spooled(file.path, file.name)) if is_pipe else file
    kind = options.input_format or _by_name(file)
    if scheme_of(file.url) in SERVERS or (is_store(scheme_of(file.url)) and kind in IN_PLACE):
        return file
    return replace(file, path=download(file.url, file.name), url=None)


def format_of(file: SourceFile, wanted: str | None) -> str:
    """The name in READERS of the format of a file."""
    if wanted is not None:
        if wanted not in READERS:
            hint = did_you_mean(wanted, READERS) or f"known are {', '.join(READERS)}"
            raise UsageError("--input-format", f"unknown format {wanted!r}", hint)
        return wanted
    if file.url and scheme_of(file.url) in SERVERS:
        return "postgresql"
    named = _by_name(file)
    if file.url and named in IN_PLACE:
        return named
    if file.path.is_dir():
        return "delta"
    start = head(file.path, file.name, 16)
    found = next((name for magic, name in MAGIC.items() if start.startswith(magic)), None)
    if start[8:12] == b"DUCK":
        return "duckdb"
    if found in READERS:
        return found
    if found == MAGIC[ZIP] and (named == "excel" or _is_workbook(file.path)):
        return "excel"
    if start.startswith((GZIP, ZSTD)) and named is not None and named not in COMPRESSIBLE:
        raise SourceError(file.name, f"is packed as a whole, and so is no {named} file", "unpack it first")
    if found is not None:
        raise SourceError(file.name, f"is {found}, which is not supported", f"supported are {', '.join(READERS)}")
    if named is not None:
        return named
    return "ndjson" if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def may_be_empty(file: SourceFile, options: ReadOptions) -> bool:
    """Whether a file without content may be one without rows: text. Of other formats it is one that was lost."""
    kind = options.input_format or _by_name(file)
    return file.path.is_file() and (kind is None or kind in COMPRESSIBLE)


def _is_workbook(path: Path) -> bool:
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" in archive.namelist()
    return False


def _by_name(file: SourceFile) -> str | None:
    """What the suffix says; a URL that ends in a slash is a table of Delta Lake."""
    if file.url and is_store(scheme_of(file.url)) and file.url.endswith("/"):
        return "delta"
    suffixes = [suffix.lower() for suffix in PurePath(file.name).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None
