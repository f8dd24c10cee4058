"""Where the result of a command goes and in which form; what is said beside it."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from datalife import files
from datalife.cli import notes, streams
from datalife.errors import UsageError
from datalife.render import View, render
from datalife.render.safe import safe

if TYPE_CHECKING:
    from pydantic import BaseModel

#: The format that a suffix stands for.
SUFFIXES = {
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".sarif": "sarif",
    ".xml": "junit",
}
STANDARD = "-"


@dataclass(frozen=True)
class Output:
    """One result's way out.

    `format` is a name of RENDERERS, `file` the file to write (None: standard output). `color` is `auto`, `always`
    or `never`. With `exit_zero` a failed gate does not show in the exit code.
    """

    format: str
    file: str | None = None
    quiet: bool = False
    is_verbose: bool = False
    color: str = "auto"
    exit_zero: bool = False

    def write(self, result: BaseModel) -> None:
        """The whole document of `result`, to standard output or to the file.

        Raises:
            OutputError: it cannot be written.
        """
        document = io.StringIO()
        render(result, self.format, document, self._view())
        self.write_text(document.getvalue())

    def write_text(self, text: str) -> None:
        """A document that is text already; otherwise like `write`."""
        notes.clear_progress()
        if self.file is not None:
            files.write_text(self.file, text)
        else:
            streams.write(text, for_programs=self.format != "table")

    def note(self, text: str) -> None:
        """One line on standard error, unless `--quiet`."""
        if not self.quiet:
            notes.clear_progress()
            streams.say(safe(text))

    def verbose(self, text: str) -> None:
        """One line on standard error with `--verbose`."""
        if self.is_verbose:
            self.note(text)

    def code(self, failed: bool) -> int:
        """The exit code of work that is done: 1 when a gate `failed`, unless `--exit-zero`."""
        return 1 if failed and not self.exit_zero else 0

    def _view(self) -> View:
        if self.file is not None or sys.stdout is None:
            return View(color=self.color == "always")
        terminal = sys.stdout.isatty()
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        color = self.color == "always" or (self.color == "auto" and terminal and not plain)
        return View(_terminal_width() if terminal else None, color, not _takes_blocks(sys.stdout.encoding))


def format_of(file: str | None, wanted: str | None, formats: tuple[str, ...]) -> str:
    """The format that was asked for, else that of the file's suffix, else the first of `formats`.

    Raises:
        UsageError: the suffix stands for a format that the command does not have.
    """
    if wanted is not None:
        return wanted
    named = SUFFIXES.get(PurePath(file or "").suffix.lower(), formats[0])
    if named not in formats:
        hint = f"formats are {', '.join(formats)}; --format chooses one whatever the name of the file"
        raise UsageError(str(file), f"this result cannot be written as {named}", hint)
    return named


def _terminal_width() -> int:
    """The width of the terminal, or what COLUMNS says; at least so much that a table is one."""
    asked = os.environ.get("COLUMNS", "")
    try:
        found = int(asked) if asked.isdecimal() and int(asked) else os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        found = 80
    return max(40, found or 80)


def _takes_blocks(encoding: str | None) -> bool:
    try:
        "█▁…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
