"""What can go wrong, as a tree.

    DatalifeError            one or more faults; the command ends with exit code 2
    ├── UsageError           options that contradict each other or name what is not there
    ├── SourceError          data that cannot be read
    ├── SchemaError          a schema, a profile or a configuration file that makes no sense
    ├── OutputError          a result that cannot be written
    ├── EngineError          workers that cannot be reached, or are lost
    └── AccountingError      an invariant of datalife's own does not hold: a bug, and nothing is written

The core raises these; the command line alone turns them into text and an exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Location:
    """A place in a file: `file`, `file:line` or `file:line:column`, both counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it is, what it is, and what to try."""

    where: str
    message: str
    hint: str | None = None


class DatalifeError(Exception):
    """The work could not be done. Carries every fault that was found, not only the first."""

    def __init__(self, where: str | Location, message: str, hint: str | None = None) -> None:
        self.faults: Sequence[Fault] = [Fault(str(where), message, hint)]
        super().__init__(f"{where}: {message}")

    def __reduce__(self) -> tuple[Callable[[Sequence[Fault]], DatalifeError], tuple[Sequence[Fault]]]:
        """Travels from other processes with all its faults."""
        return self.of, (self.faults,)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> DatalifeError:
        """The error that reports all of `faults` (at least one) together."""
        error = cls(faults[0].where, faults[0].message, faults[0].hint)
        error.faults = list(faults)
        return error


class UsageError(DatalifeError):
    """Options that contradict each other, or that name what is not there."""


class SourceError(DatalifeError):
    """Data that cannot be read."""


class SchemaError(DatalifeError):
    """A schema, a saved profile or a configuration file that makes no sense."""


class OutputError(DatalifeError):
    """A result that cannot be written."""


class EngineError(DatalifeError):
    """Workers that cannot be reached, or that are lost."""


class AccountingError(DatalifeError):
    """A conservation law of datalife's own is broken."""


def first_line(error: BaseException) -> str:
    """What an error of a library says, in its first line; the name of its type where it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint naming the known word nearest to `name`, or None when none is near."""
    words = list(known)
    lowered = {word.lower(): word for word in words}
    if name.lower() in lowered:
        return f"did you mean {lowered[name.lower()]!r}?"
    near = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean {lowered[near[0]]!r}?" if near else None
