"""The command line: which commands there are, and how a run of one ends.

Exit codes: 0 done and every gate holds, 1 a gate fails, 2 the work could not be done, 130 interrupted. A closed
pipe (`| head`) ends silently with 0. Nothing here imports polars, pydantic or rich: `--help` is to be quick.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType

import click

from datalife import __version__
from datalife.cli import failures, memory, streams
from datalife.cli.settings import flags
from datalife.errors import OutputError

#: name -> (module with a click command called `command`, what `--help` says)
COMMANDS = {
    "stats": ("datalife.cli.stats", "Show what is in the data."),
    "infer-schema": ("datalife.cli.infer_schema", "Write the schema that the data suggests."),
    "validate": ("datalife.cli.validate", "Check whether the data keeps to a schema."),
    "diff": ("datalife.cli.diff", "Show what changed between two datasets, profiles or schemas."),
    "label-join": ("datalife.cli.label_join", "Join delayed feedback to the predictions it labels."),
}
DONE, INTERRUPTED = 0, 130


class Commands(click.Group):
    """The commands of the table, each imported when it is run; the help of all needs no import."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names in the order of the table, which is that of the work."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`; its flags can also be set as DATALIFE_COMMAND_FLAG or DATALIFE_FLAG."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        for flag, option in flags(command).items():
            words = f"{cmd_name}-{flag}", flag
            option.envvar = [f"DATALIFE_{each.upper().replace('-', '_')}" for each in words]
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table as a section of the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="datalife %(version)s")
def datalife() -> None:
    """Keep the data of a machine learning system honest over its whole life.

    A SOURCE is a file, a glob, a directory, - for standard input, or a URL. Every option can be set as an
    environment variable (DATALIFE_FORMAT=json, DATALIFE_VALIDATE_FAIL_ON=warning) or in datalife.yaml or
    [tool.datalife] of pyproject.toml.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (by default the one of the process) and returns its exit code; never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    streams.accept_all_text()
    memory.tune(alone=arguments is None)
    try:
        with _termination_as_interrupt():
            return _run(words)
    except (KeyboardInterrupt, click.Abort):
        streams.say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return DONE
    except BaseException as error:
        return _failed(error, _wants_json(words))
    finally:
        streams.abandon()


def _run(words: Sequence[str]) -> int:
    instruction = os.environ.get("_DATALIFE_COMPLETE")
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(datalife, {}, "datalife", "_DATALIFE_COMPLETE", instruction)
    try:
        with datalife.make_context("datalife", list(words)) as context:
            datalife.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        streams.say(asked.format_message())
        return failures.CANNOT
    return DONE


def _failed(error: BaseException, as_json: bool) -> int:
    """Tells what went wrong, and gives the exit code that says so."""
    faults = failures.faults_of(error) if isinstance(error, Exception) else []
    if faults:
        failures.report(faults)
    else:
        faults = [failures.report_bug(error)]
    if as_json:
        # standard output may be what failed; standard error has been told
        with suppress(OSError, OutputError):
            streams.write(failures.document(faults), for_programs=True)
    return failures.CANNOT


def _wants_json(words: Sequence[str]) -> bool:
    """Whether the command line asks for JSON; looked up by hand, since it may be one that cannot be parsed."""
    asks = re.search(r"(^|\0)(-[qv]*f\0?|--format[\0=])json(\0|$)", "\0".join(words))
    return bool(asks) or os.environ.get("DATALIFE_FORMAT") == "json"


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that nothing half-written is left behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: signals are another's business
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
