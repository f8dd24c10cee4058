"""Which reader a file needs: by its suffix, else by its first bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from datalife.errors import SourceError, UsageError, did_you_mean
from datalife.sources.columnar import open_avro, open_ipc, open_parquet
from datalife.sources.delimited import open_delimited
from datalife.sources.model import ReadOptions
from datalife.sources.ndjson import open_ndjson
from datalife.sources.paths import SourceFile
from datalife.sources.plain import head
from datalife.sources.table import Table

READERS: dict[str, Callable[[SourceFile, ReadOptions], Table]] = {
    "csv": open_delimited,
    "tsv": open_delimited,
    "ndjson": open_ndjson,
    "parquet": open_parquet,
    "arrow": open_ipc,
    "avro": open_avro,
}
#: Formats whose files hold text without types.
TEXT_FORMATS = ("csv", "tsv")
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
    ".ipc": "arrow",
    ".feather": "arrow",
    ".avro": "avro",
}
COMPRESSED = (".gz", ".zst")
#: First bytes of formats that are read, and of some that are not.
MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"Obj\x01": "avro",
    b"PARE": "an encrypted Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x7fELF": "a program",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"SQLite format 3": "an SQLite database",
    b"\x80\x04\x95": "a pickle",
    b"\x80\x05\x95": "a pickle",
    b"\x80\x03": "a pickle",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
}


def open_table(file: SourceFile, options: ReadOptions) -> Table:
    """Opens a file with the reader of its format.

    Raises:
        SourceError: the format is unknown or unsupported, or the data is damaged.
        UsageError: `--input-format` names no format.
    """
    return READERS[format_of(file, options.input_format)](file, options)


def format_of(file: SourceFile, wanted: str | None) -> str:
    """The name in READERS of the format of a file."""
    if wanted is not None:
        if wanted not in READERS:
            hint = did_you_mean(wanted, READERS) or f"known are {', '.join(READERS)}"
            raise UsageError("--input-format", f"unknown format {wanted!r}", hint)
        return wanted
    start = head(file.path, file.name, 16)
    found = next((name for magic, name in MAGIC.items() if start.startswith(magic)), None)
    named = _by_suffix(file.name)
    if found in READERS:
        return found
    if found is not None:
        raise SourceError(file.name, f"is {found}, which is not supported", f"supported are {', '.join(READERS)}")
    if named is not None:
        return named
    return "ndjson" if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def _by_suffix(name: str) -> str | None:
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None
