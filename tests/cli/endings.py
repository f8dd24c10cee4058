"""A command that ends as it is told to, in place of one that works."""

from __future__ import annotations

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import AccountingError, Fault, SchemaError


def many(count: int) -> Exception:
    """The error of a schema with so many faults."""
    return SchemaError.of([Fault(f"schema.yaml:{line}", "unknown key", "look it up") for line in range(count)])


ENDINGS = {
    "bug": lambda: ZeroDivisionError("a bug\x1b[31m"),
    "conservation": lambda: AccountingError("label-join", "an event is lost"),
    "few-faults": lambda: many(2),
    "many-faults": lambda: many(200),
    "long-fault": lambda: SchemaError("a.csv:3", "x" * 100_000 + "\n\x1b[2J"),
    "interrupt": KeyboardInterrupt,
    "system": lambda: OSError(24, "Too many open files", "part-17.csv"),
    "memory": MemoryError,
    "closed-pipe": lambda: BrokenPipeError(32, "Broken pipe"),
}


@click.command("ending", cls=options.Command)
@click.argument("ending")
@options.gate
@options.output("table", "json")
@click.pass_context
def command(context: click.Context, ending: str, output: Output) -> None:
    """End so."""
    if ending in ENDINGS:
        raise ENDINGS[ending]()
    output.note("a note")
    output.verbose("a detail")
    context.exit(output.code(ending == "failed"))
