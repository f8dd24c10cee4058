"""What polars says about bad data, as errors of our own."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

import polars as pl

from datalife.errors import SourceError, first_line


@contextlib.contextmanager
def reading(where: str, kind: str) -> Iterator[None]:
    """Turns polars' errors about the data of `where` into a SourceError that names it.

    A panic inside polars is one too: some damaged files cause it, and its text on standard error is held back.
    """
    try:
        yield
    except pl.exceptions.PanicException as error:
        raise SourceError(where, f"is damaged or not {kind}") from error
    except pl.exceptions.PolarsError as error:
        raise SourceError(where, f"is damaged or not {kind}: {first_line(error)}") from error
    except OSError as error:
        raise SourceError(where, f"cannot be read: {error.strerror or first_line(error)}") from error


@contextlib.contextmanager
def quiet_panics() -> Iterator[None]:
    """Holds back what native code prints to standard error, unless a debugger of datalife wants it."""
    if os.environ.get("RUST_BACKTRACE"):
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
