"""What polars says about bad data, as errors of our own."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.quiet import quiet

AGAIN = "fetch it again; part of it is missing or changed"


@contextlib.contextmanager
def reading(where: str, kind: str) -> Iterator[None]:
    """Turns polars' errors about the data of `where` into a SourceError that names it.

    A panic inside polars is one too: some damaged files cause it, and its text on standard error is held back.
    """
    try:
        yield
    except pl.exceptions.PanicException as error:
        raise SourceError(where, f"is damaged or not {kind}", AGAIN) from error
    except pl.exceptions.DuplicateError as error:
        name = (re.findall(r"'(.*)'", first_line(error)) or ["?"])[0]
        raise SourceError(where, f"two columns are called {name!r}", "rename one where the file is written") from error
    except pl.exceptions.PolarsError as error:
        raise SourceError(where, f"is damaged or not {kind}{_detail(error)}", AGAIN) from error
    except OSError as error:
        if error.errno is None:  # not of the system: a file that ends too early
            raise SourceError(where, f"is damaged or not {kind}{_detail(error)}", AGAIN) from error
        raise SourceError(where, f"cannot be read: {error.strerror or first_line(error)}") from error


def _detail(error: Exception) -> str:
    """What a person can make use of in what polars says of a file, as the end of a message."""
    text = first_line(error).partition(": Error {")[0]
    for beginning in ("parquet: ", "File out of specification: ", "out-of-spec: ", "avro-error: "):
        text = text.removeprefix(beginning)
    return f": {text}" if " " in text else ""


def quiet_panics() -> contextlib.AbstractContextManager[None]:
    """Holds back what polars and other native code print of a panic, unless a debugger of datalife wants it."""
    return contextlib.nullcontext() if os.environ.get("RUST_BACKTRACE") else quiet()
