"""Compressed files unpacked, piece by piece and within limits: gzip and Zstandard."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from datalife.errors import SourceError, first_line

PIECE = 1 << 20
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
#: Unless the user says how much, a file may unpack to this, or to so many times its own size where that is more.
USUAL, TIMES = 1 << 30, 200
#: The modules that unpack Zstandard byte by byte, one part of Python from 3.14 on; polars does it line by line.
ZSTANDARD = ("compression.zstd", "backports.zstd")
#: Lines that polars unpacks at once.
LINES = 50_000


def unpacked(path: Path, name: str, most: int | None = None) -> Iterator[bytes]:
    """The bytes of a file of gzip or Zstandard, all members and frames of it.

    Without Python 3.14 or the package backports.zstd, Zstandard is unpacked by polars as lines of text, and a
    carriage return at the end of a line is dropped.

    Raises:
        SourceError: it is damaged, or unpacks to more than `most` bytes, or by far more than is usual.
    """
    size, packed = 0, path.stat().st_size
    for chunk in _pieces(path, name):
        size += len(chunk)
        check_size(size, packed, name, most)
        yield chunk


def check_size(size: int, packed: int, name: str, most: int | None) -> None:
    """Raises a SourceError where `packed` bytes unpack to a `size` beyond `most`, or beyond what is usual."""
    limit = max(USUAL, TIMES * packed) if most is None else most
    if size > limit:
        message = f"unpacks from {written(packed)} to more than {written(limit)}"
        raise SourceError(name, message, "if it is to be trusted, allow more: --max-memory 100GB")


def written(size: int) -> str:
    """A number of bytes for people: `256 MiB`."""
    for unit, name in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << unit:
            return f"{size / (1 << unit):.3g} {name}"
    return f"{size} bytes"


def _pieces(path: Path, name: str) -> Iterator[bytes]:
    with open(path, "rb") as stream:
        start = stream.read(4)
    if start.startswith(GZIP):
        return _read(gzip.open, path, name, (EOFError, gzip.BadGzipFile, zlib.error))
    module = _zstandard()
    return _lines(path, name) if module is None else _read(module.open, path, name, (EOFError, module.ZstdError))


def _zstandard() -> Any:
    for module in ZSTANDARD:
        try:
            return importlib.import_module(module)
        except ImportError:
            continue
    return None


def _read(opened: Callable[..., Any], path: Path, name: str, faults: tuple[type[Exception], ...]) -> Iterator[bytes]:
    try:
        with opened(path, "rb") as stream:
            while chunk := stream.read(PIECE):
                yield chunk
    except faults as error:
        raise _damaged(name, error) from error


def _lines(path: Path, name: str) -> Iterator[bytes]:
    try:
        for lines in pl.scan_lines(path, glob=False).collect_batches(chunk_size=LINES, lazy=True):
            yield "".join(f"{line}\n" for line in lines.get_column("line")).encode()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> SourceError:
    return SourceError(name, f"is damaged: {first_line(error)}", "fetch it again; part of it is missing or changed")
