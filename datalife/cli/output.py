"""Where the result of a command goes and in which form; what is said beside it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
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
class Target:
    """One document: `format` is a name of RENDERERS, `file` the file to write (None: standard output)."""

    format: str
    file: str | None = None


@dataclass(frozen=True)
class Output:
    """One result's way out, to one target or several.

    `color` is `auto`, `always` or `never`. With `exit_zero` a failed gate does not show in the exit code.
    """

    targets: tuple[Target, ...]
    quiet: bool = False
    is_verbose: bool = False
    color: str = "auto"
    exit_zero: bool = False

    @property
    def formats(self) -> set[str]:
        """The formats that are written."""
        return {target.format for target in self.targets}

    @property
    def files(self) -> list[str]:
        """The files that are written."""
        return [target.file for target in self.targets if target.file is not None]

    def write(self, result: BaseModel) -> None:
        """The whole document of `result`, to standard output or to the file, in each of the formats.

        Raises:
            OutputError: it cannot be written.
        """
        for target in self.targets:
            document = io.StringIO()
            render(result, target.format, document, self._view(target))
            _deliver(document.getvalue(), target)

    def write_text(self, text: str) -> None:
        """A document that is text in a language of its own, whatever the formats.

        Raises:
            OutputError: it cannot be written.
        """
        for target in self.targets:
            _deliver(text, target)

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

    def _view(self, target: Target) -> View:
        if target.file is not None or sys.stdout is None:
            return View(color=self.color == "always")
        terminal = sys.stdout.isatty()
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        color = self.color == "always" or (self.color == "auto" and terminal and not plain)
        return View(_terminal_width() if terminal else None, color, not _takes_blocks(sys.stdout.encoding))


def _deliver(text: str, target: Target) -> None:
    """Writes a whole document to where it goes."""
    notes.clear_progress()
    if target.file is not None:
        files.write_text(target.file, text)
    else:
        streams.write(text, for_programs=target.format != "table")


def targets_of(names: Sequence[str], wanted: str | None, formats: tuple[str, ...]) -> tuple[Target, ...]:
    """A target for each name of a file; `-`, or no name at all, is standard output.

    The format of a single target is the one `wanted`, else that of the file's suffix, else the first of `formats`.
    Of several targets `wanted` is the format of those whose name has no suffix that stands for one.

    Raises:
        UsageError: a suffix stands for a format that the command does not have, or one name is given twice.
    """
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise UsageError("--output", f"{twice[0]!r} is given twice", "each output is another file")
    is_single = len(names) < 2
    return tuple(
        Target(format_of(name, wanted, formats, is_single=is_single), None if name == STANDARD else name)
        for name in names or (STANDARD,)
    )


def format_of(file: str, wanted: str | None, formats: tuple[str, ...], *, is_single: bool = True) -> str:
    """The format of one target; see `targets_of`."""
    named = SUFFIXES.get(PurePath(file).suffix.lower())
    if wanted is not None and (is_single or named is None):
        return wanted
    if named is not None and named not in formats:
        hint = f"formats are {', '.join(formats)}; --format chooses one whatever the name of the file"
        raise UsageError(file, f"this result cannot be written as {named}", hint)
    return named or formats[0]


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
