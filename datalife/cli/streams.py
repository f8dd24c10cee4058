"""Standard output and standard error, whatever their encoding, full, closed or missing."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from datalife.errors import OutputError


def accept_all_text() -> None:
    """No character of the data is too much for a terminal: what its encoding lacks is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        _reconfigure(stream, errors="backslashreplace")


def say(text: str) -> None:
    """A line on standard error, if there is one that takes it; the exit code must do otherwise."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)


def write(text: str, *, for_programs: bool) -> None:
    """Writes a whole document to standard output; what programs read is UTF-8, whatever the locale.

    Raises:
        OutputError: standard output is closed, or its disk is full.
        BrokenPipeError: nobody reads it any more.
    """
    if sys.stdout is None:
        raise OutputError("standard output", "it is closed")
    if for_programs:
        _reconfigure(sys.stdout, encoding="utf-8", errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError("standard output", error.strerror or str(error)) from error


def abandon() -> None:
    """Lets what is still unwritten go nowhere, so that the interpreter does not stumble over it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _to_nowhere(stream)


def _to_nowhere(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _reconfigure(stream: TextIO | None, **settings: str) -> None:
    # a stream that a test or another program put in place may not know this
    if stream is not None and hasattr(stream, "reconfigure"):
        stream.reconfigure(**settings)
