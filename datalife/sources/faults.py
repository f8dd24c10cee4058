"""What polars says about bad data, as errors of our own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.quiet import quiet


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


def quiet_panics() -> contextlib.AbstractContextManager[None]:
    """Holds back what polars and other native code print of a panic, unless a debugger of datalife wants it."""
    return contextlib.nullcontext() if os.environ.get("RUST_BACKTRACE") else quiet()
