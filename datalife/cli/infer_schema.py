"""`datalife infer-schema`: write the schema the data suggests, or relax one that is there."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from datalife.cli import options
from datalife.cli.output import Output, Target
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.engine import Engine
    from datalife.schema.exchange import Translated
    from datalife.schema.inference.model import InferOptions
    from datalife.schema.model import Schema


#: Flags that only an update has.
UPDATING = ("in_place", "dry_run", "check")
#: The formats of `datalife.schema.exchange`, which is imported only when it is used.
FORMATS = ("tfdv", "frictionless", "json-schema", "odcs")


@click.command("infer-schema", cls=options.Command)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
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
@click.option("--batches", is_flag=True, help="Each file is a batch; rules leave room for what varies between them.")
@click.option("--drift/--no-drift", default=None, help="Limits of drift.  [default: with --batches]")
@click.option("--now", metavar="TIME", help="The clock, ISO 8601: a rule says how old the data may be.")
@click.option("--explain", metavar="COLUMN", help="Why each rule of this column is there, and why others are not.")
@click.option("--update", metavar="SCHEMA", help="Relax this schema only as far as the data needs.")
@click.option("--in-place", is_flag=True, help="With --update: write the schema back to its file.")
@click.option("--dry-run", is_flag=True, help="With --update: list the changes and write nothing.")
@click.option("--check", is_flag=True, help="With --update: a dry run that exits with 1 when there are changes.")
@click.option("--from", "origin", type=click.Choice(FORMATS), help="SOURCE is the schema of another tool, not data.")
@click.option("--to", "target", type=click.Choice(FORMATS), help="Write the schema in the language of another tool.")
@click.option("--editor-schema", is_flag=True, help="Write the JSON Schema with which editors check schema files.")
@options.reading
@options.engine
@options.output("yaml", "json")
@click.pass_context
def command(
    context: click.Context,
    /,
    sources: tuple[str, ...],
    batches: bool,
    drift: bool | None,
    now: str | None,
    explain: str | None,
    update: str | None,
    origin: str | None,
    target: str | None,
    editor_schema: bool,
    reading: ReadOptions,
    engine: Engine,
    output: Output,
    **more: Any,
) -> None:
    """Write the schema that the data suggests, for a person to review.

    Beside each rule stands its evidence. The data itself keeps to the schema, and another batch of the same
    source nearly always. With --update the file given is changed only where the data breaks it: comments, order
    and what was edited by hand stay, and the changes are listed on standard error.

    \b
      datalife infer-schema trips.csv -o schema.yaml
      datalife infer-schema 'days/*.parquet' --batches
      datalife infer-schema --update schema.yaml new.csv --in-place
      datalife infer-schema --from tfdv schema.pbtxt -o schema.yaml
      datalife infer-schema schema.yaml --to json-schema
    """  # noqa: D301
    from datalife.schema.editor import editor_text
    from datalife.schema.inference.model import InferOptions
    from datalife.schema.run import clock

    keys = ("strictness", "ranges", "max_domain")
    asked = InferOptions(**{key: more[key] for key in keys}, batches=batches, drift=drift, now=clock(now),
                         reading=reading, engine=engine)  # fmt: skip
    if editor_schema:
        output.write_text(editor_text())
    elif not sources:
        raise UsageError("SOURCE", "there is no data to infer from", "name a file: datalife infer-schema DATA")
    elif update is not None:
        context.exit(_update(update, sources, asked, output, **{key: more[key] for key in UPDATING}))
    elif any(more[key] for key in UPDATING):
        raise UsageError("--in-place, --dry-run, --check", "belong to --update", "name the schema: --update FILE")
    elif origin is not None or (target is not None and _is_schema(sources)):
        if len(sources) > 1:
            raise UsageError("--from", "one schema at a time is translated", "name one file")
        _translate(sources[0], origin, target, output)
    else:
        _infer(sources, asked, explain, target, output)


def _infer(
    sources: tuple[str, ...], asked: InferOptions, explain: str | None, target: str | None, output: Output
) -> None:
    from datalife.schema.infer import infer_schema

    schema = infer_schema(sources, asked)
    if explain is not None:
        output.write(schema.explain(explain))
    elif target is not None:
        for key, value in schema.room.items():
            output.note(f"lost, {target}: all columns: {key}: {value}")
        _export(schema.as_seen, target, output)
    else:
        output.write(schema)
        _tell_editors(output)


def _tell_editors(output: Output) -> None:
    """Says how the file that the first line of a schema names comes to lie beside it."""
    from datalife.schema.writer import EDITOR_SCHEMA

    for file in output.files:
        if not os.path.isfile(os.path.join(os.path.dirname(file), EDITOR_SCHEMA)):
            output.verbose(f"editors complete and check it with {EDITOR_SCHEMA} beside it: --editor-schema writes that")


def _update(
    path: str,
    sources: tuple[str, ...],
    asked: InferOptions,
    output: Output,
    *,
    in_place: bool,
    dry_run: bool,
    check: bool,
) -> int:
    """Relaxes the schema in a file; the exit code."""
    from datalife.schema.update import update_file

    updated = update_file(path, sources, asked)
    for line in (*updated.changes, *(f"note: {note}" for note in updated.notes)):
        output.note(line)
    if not updated.changes:
        output.note("no change: the data keeps to the schema")
    if not (dry_run or check):
        (replace(output, targets=(Target("yaml", path),)) if in_place else output).write(updated)
    return output.code(check and bool(updated.changes))


def _is_schema(sources: tuple[str, ...]) -> bool:
    return len(sources) == 1 and sources[0].lower().endswith((".yaml", ".yml"))


def _translate(source: str, origin: str | None, target: str | None, output: Output) -> None:
    """A schema, ours or (from `origin`) of another tool, as ours or (to `target`) of another tool."""
    from datalife.schema.exchange import import_schema
    from datalife.schema.lint import load_schema, read_schema

    if origin is None:
        schema = load_schema(source)
    else:
        found = import_schema(source, origin)
        _tell_losses(found, origin, output)
        if target is None:
            output.write_text(found.text)
            return
        schema = read_schema(found.text, source)
    _export(schema, str(target), output)


def _export(schema: Schema, target: str, output: Output) -> None:
    from datalife.schema.exchange import export_schema

    found = export_schema(schema, target)
    _tell_losses(found, target, output)
    output.write_text(found.text)


def _tell_losses(found: Translated, format_name: str, output: Output) -> None:
    for loss in found.losses:
        output.note(f"lost, {format_name}: {loss}")
