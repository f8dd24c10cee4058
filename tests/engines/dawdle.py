"""A command of the command line whose work never ends: run as a program, it ends as every command does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from datalife.cli import COMMANDS, main, options
from datalife.engines import workers
from tests.engines import jobs


@click.command("dawdle", cls=options.Command)
@options.engine
@options.output("json")
def command(engine: Any, output: Any) -> None:
    """Work on two pieces without an end; the first worker that has begun writes the file `begun`."""
    output.write(engine.reduce([Path.cwd() / "begun"] * 2, jobs.dawdle, list))


if __name__ == "__main__":
    workers.GONE = 4  # in place of a minute: no worker of the tests is replaced
    COMMANDS["dawdle"] = ("tests.engines.dawdle", "Work without an end.")
    sys.exit(main(["dawdle", *sys.argv[1:]]))
