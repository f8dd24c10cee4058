"""What the core says while it works, on standard error: warnings as they come, progress while there is some.

The core says it through `logging`: warnings to any logger below `datalife`, and to `datalife.progress` after
each piece of data the rows that it had, as the only argument of the record. Where a scan begins, a record has two:
no rows yet, and how many there are.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from datalife.cli import streams
from datalife.render.safe import safe

#: Work that takes less than this, in seconds, shows no progress.
PATIENCE = 1.0
#: Seconds between two looks of the progress line.
PACE = 0.1


class Warnings(logging.Handler):
    """Every warning, and with `-v` every note of the sources, as one line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line, where the progress was."""
        clear_progress()
        streams.say(f"{'note' if record.levelno < logging.WARNING else 'warning'}: {safe(record.getMessage())}")


class Progress(logging.Handler):
    """One line on a terminal with the rows read so far and how fast; it is gone when the work is done."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.begun = self.shown = time.monotonic()
        self.rows = self.total = 0
        self.is_visible = False

    def emit(self, record: logging.LogRecord) -> None:
        """Counts the rows of a record, and shows the line when it is time to."""
        counts = [each for each in record.args or () if isinstance(each, int)]
        if len(counts) > 1:  # a scan begins
            self.rows, self.total = counts[0], counts[1]
        else:
            self.rows += sum(counts)
        now = time.monotonic()
        if now - self.begun > PATIENCE and now - self.shown > PACE:
            self.shown, self.is_visible = now, True
            of = f" of {self.total:,}" if self.total >= self.rows else ""
            _write(f"\r{self.rows:,}{of} rows, {self.rows / (now - self.begun):,.0f} a second\x1b[K")

    def clear(self) -> None:
        """Takes the line away."""
        if self.is_visible:
            self.is_visible = False
            _write("\r\x1b[K")


@contextmanager
def shown(*, quiet: bool, verbose: bool = False) -> Iterator[None]:
    """Shows warnings, and progress on a terminal, as long as the block lasts; neither when `quiet`.

    When `verbose`, also what the sources found out, such as the delimiter of a file.
    """
    logger, pieces = logging.getLogger("datalife"), logging.getLogger("datalife.progress")
    sources = logging.getLogger("datalife.sources")
    warnings, progress = Warnings(logging.WARNING), Progress()
    has_terminal = sys.stderr is not None and sys.stderr.isatty()
    logger.addHandler(logging.NullHandler() if quiet else warnings)
    if verbose and not quiet:
        found = Warnings(logging.INFO)
        found.addFilter(lambda record: record.levelno < logging.WARNING)
        sources.setLevel(logging.INFO)
        sources.addHandler(found)
    if has_terminal and not quiet:
        pieces.setLevel(logging.INFO)
        pieces.addHandler(progress)
    try:
        yield
    finally:
        clear_progress()
        pieces.setLevel(logging.NOTSET)
        pieces.handlers.clear()
        sources.setLevel(logging.NOTSET)
        sources.handlers.clear()
        logger.handlers.clear()


def clear_progress() -> None:
    """Makes room on the terminal for what is written next."""
    for handler in logging.getLogger("datalife.progress").handlers:
        if isinstance(handler, Progress):
            handler.clear()


def _write(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()
