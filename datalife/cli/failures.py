"""What went wrong, told to people on standard error and, with `-f json`, to programs on standard output."""

from __future__ import annotations

import json
import traceback
from collections.abc import Sequence

import click

from datalife.cli.streams import say
from datalife.errors import AccountingError, DatalifeError, Fault, did_you_mean
from datalife.render.safe import safe, shortened

#: The exit code of work that could not be done.
CANNOT = 2
#: An error message never has more lines than this.
MOST_LINES = 15
LONGEST_LINE = 1000


def faults_of(error: Exception) -> Sequence[Fault]:
    """The faults that a known error stands for; none for an unknown one, which is a bug."""
    if isinstance(error, DatalifeError) and not isinstance(error, AccountingError):
        return error.faults
    if isinstance(error, click.ClickException):
        return [usage_fault(error)]
    if isinstance(error, OSError):
        return [Fault(str(error.filename or "datalife"), error.strerror or str(error))]
    if isinstance(error, MemoryError):
        return [Fault("datalife", "out of memory", "fewer columns (--columns) or --sample need less")]
    return []


def usage_fault(error: click.ClickException) -> Fault:
    """A complaint of click about the command line, in our words."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "datalife"
    hint = _nearest(error) or f"see {where} --help"
    return Fault(where, _message(error), hint)


def _message(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"no such option {error.option_name!r}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"no such command {error.command_name!r}"
    message = " ".join(error.format_message().split()).rstrip(".")
    return message[:1].lower() + message[1:]


def _nearest(error: click.ClickException) -> str | None:
    """A hint with the option, command or choice that was probably meant."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context:
        known = [name for parameter in context.command.get_params(context) for name in parameter.opts]
        return did_you_mean(error.option_name, known)
    if isinstance(error, click.exceptions.NoSuchCommand) and context:
        return did_you_mean(error.command_name, context.command.list_commands(context))
    return None


def report(faults: Sequence[Fault]) -> None:
    """Writes the faults to standard error: all of them, or the first ones and how many there are."""
    lines = [line for fault in faults for line in _lines(fault)]
    if len(lines) > MOST_LINES:
        lines = _first(faults)
    say("\n".join(lines))


def _first(faults: Sequence[Fault]) -> list[str]:
    lines: list[str] = []
    for shown, fault in enumerate(faults):
        more = _lines(fault)
        if len(lines) + len(more) >= MOST_LINES:
            return [*lines, f"error: and {len(faults) - shown} more; -f json lists them all"]
        lines += more
    return lines


def _lines(fault: Fault) -> list[str]:
    lines = [f"error: {fault.where}: {fault.message}"]
    if fault.hint:
        lines.append(f"hint: {fault.hint}")
    return [shortened(line, LONGEST_LINE) for line in lines]


def report_bug(error: BaseException) -> Fault:
    """Writes the traceback of a bug in datalife to standard error; its last line as a fault."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        say(safe(line))
    say("This is a bug in datalife; please report it with the lines above.")
    return Fault("datalife", f"bug: {type(error).__name__}: {error}", "please report it")


def document(faults: Sequence[Fault]) -> str:
    """The JSON document of an error."""
    errors = [{"where": each.where, "message": each.message, "hint": each.hint} for each in faults]
    return json.dumps({"kind": "error", "version": 1, "errors": errors}, indent=2, ensure_ascii=False) + "\n"
