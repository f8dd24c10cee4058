"""`datalife infer-schema`: write the schema the data suggests, or relax one that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from datalife.cli import options
from datalife.cli.output import Output, Target
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.engine import Engine
    from datalife.schema.update import UpdatedSchema


@click.command("infer-schema", cls=options.Command)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--strictness",
    type=click.Choice(["loose", "normal", "strict"]),
    default="normal",
    show_default=True,
    help="How far the rules keep to this data; normal leaves the room that chance needs.",
)
@click.option(
    "--ranges",
    type=click.Choice(["none", "observed", "margin"]),
    help="Bounds of numbers and lengths: none, as observed, or with a margin.  [default: margin; strict: observed]",
)
@click.option(
    "--max-domain",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar="N",
    help="A text column of more values gets no domain.",
)
@click.option("--update", metavar="SCHEMA", help="Relax this schema only as far as the data needs.")
@click.option("--in-place", is_flag=True, help="With --update: write the schema back to its file.")
@click.option("--dry-run", is_flag=True, help="With --update: list the changes and write nothing.")
@click.option("--check", is_flag=True, help="With --update: a dry run that exits with 1 when there are changes.")
@options.reading
@options.engine
@options.output("yaml", "json")
@click.pass_context
def command(
    context: click.Context,
    sources: tuple[str, ...],
    strictness: str,
    ranges: str | None,
    max_domain: int,
    update: str | None,
    in_place: bool,
    dry_run: bool,
    check: bool,
    reading: ReadOptions,
    engine: Engine,
    output: Output,
) -> None:
    """Write the schema that the data suggests, for a person to review.

    Beside each rule stands its evidence. The data itself keeps to the schema, and another batch of the same
    source nearly always. With --update the file given is changed only where the data breaks it: comments, order
    and what was edited by hand stay, and the changes are listed on standard error.

    \b
      datalife infer-schema trips.csv -o schema.yaml
      datalife infer-schema 'trips/*.parquet' --strictness loose
      datalife infer-schema --update schema.yaml new.csv --in-place
    """  # noqa: D301
    from datalife.schema.infer import infer_schema
    from datalife.schema.inference.model import InferOptions
    from datalife.schema.update import update_file

    inference = InferOptions(strictness, ranges, max_domain, reading, engine)  # type: ignore[arg-type]
    if update is None:
        if in_place or dry_run or check:
            raise UsageError("--in-place, --dry-run, --check", "belong to --update", "name the schema: --update FILE")
        output.write(infer_schema(sources, inference))
        return
    updated = update_file(update, sources, inference)
    _tell(updated, output)
    if not (dry_run or check):
        (replace(output, targets=(Target("yaml", update),)) if in_place else output).write(updated)
    context.exit(output.code(check and bool(updated.changes)))


def _tell(updated: UpdatedSchema, output: Output) -> None:
    for line in (*updated.changes, *(f"note: {note}" for note in updated.notes)):
        output.note(line)
    if not updated.changes:
        output.note("no change: the data keeps to the schema")
