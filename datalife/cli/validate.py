"""`datalife validate`: whether data keeps to its schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.cli.project import chosen, tell
from datalife.errors import UsageError
from datalife.files import refuse_overwriting

if TYPE_CHECKING:
    from datalife.anomalies import Report
    from datalife.engine import Engine


@click.command("validate", cls=options.Command)
@click.argument("sources", metavar="[SOURCE | NAME]...", nargs=-1)
@click.option("--schema", "schema_file", metavar="FILE", help="The schema; alone it is only checked.")
@click.option("--environment", metavar="NAME", help="Where this data is from, such as serving.")
@click.option("--baseline", multiple=True, metavar="SOURCE", help="A batch of before, for limits of drift.")
@click.option("--training", multiple=True, metavar="SOURCE", help="What the model was trained on, for limits of skew.")
@click.option("--slice", "by", metavar="COLUMN", help="Validate the rows of each value of this column apart.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="The least severity that fails the run.",
)
@click.option("--examples", type=click.IntRange(0), default=5, show_default=True, metavar="N", help="Rows to name.")
@click.option("--failing-rows", metavar="FILE", help="Write every offending row: .parquet, .csv or .ndjson.")
@click.option("--good-rows", metavar="FILE", help="Write every row that breaks nothing, likewise.")
@click.option("--suggest", metavar="FILE", help="Write the schema changed just enough for this data to pass.")
@click.option("--no-samples", is_flag=True, help="Show no value of the data.")
@click.option("--now", metavar="TIME", help="The clock for freshness, ISO 8601.")
@options.gate
@options.reading
@options.engine
@options.output("table", "json", "markdown", "html", "github", "junit", "sarif")
@click.pass_context
def command(context: click.Context, /, engine: Engine, output: Output, **values: Any) -> None:
    """Check data against a schema, exactly and on every row.

    Every finding says how many values are wrong, which, and in which rows. Exits with 1 when a finding is at
    least as severe as --fail-on. Without a source only the schema itself is checked; without a schema too, or
    with names for sources, the datasets that datalife.yaml lists.

    \b
      datalife validate new.csv --schema schema.yaml
      datalife validate today.csv --schema schema.yaml --baseline yesterday.csv
      datalife validate batch.csv --schema schema.yaml --environment serving
    """  # noqa: D301
    from datalife.schema.project import validate_all

    datasets = chosen(context)
    if datasets:
        project = validate_all({name: partial(_validated, each, engine, output) for name, each in datasets.items()})
        output.write(project)
        context.exit(tell(project) or output.code(project.failed))
    if not values["sources"]:
        _check_schema(values, output)
        return
    report = _validated(context.params, engine, output)
    output.write(report)
    context.exit(output.code(report.failed))


def _check_schema(values: Mapping[str, Any], output: Output) -> None:
    """A schema alone."""
    from datalife.anomalies import Report
    from datalife.schema.lint import load_schema

    if any(values[name] for name in ("baseline", "training", "failing_rows", "good_rows", "suggest")):
        raise UsageError("SOURCE", "there is no data to validate", "name a file: datalife validate DATA --schema FILE")
    load_schema(values["schema_file"])
    output.note(f"{values['schema_file']}: no faults in the schema")
    if output.formats != {"table"}:
        output.write(Report(rows=0, environment=values["environment"]))


def _validated(values: Mapping[str, Any], engine: Engine, output: Output) -> Report:
    """One dataset against its schema, by the values of all options."""
    from datalife.schema.lint import load_schema
    from datalife.schema.run import Request, clock, run
    from datalife.schema.validate import ValidateOptions

    for file in output.files:
        refuse_overwriting(file, [values["schema_file"], *values["baseline"], *values["training"]])
    asked = ValidateOptions(
        values["environment"],
        fail_on=values["fail_on"],
        examples=values["examples"],
        samples=not values["no_samples"],
        now=clock(values["now"]),
        profile="html" in output.formats,
    )
    same = ("sources", "baseline", "training", "by", "failing_rows", "good_rows", "suggest")
    request = Request(
        schema=load_schema(values["schema_file"]),
        reading=options.reading_of(values),
        options=asked,
        engine=engine,
        **{name: values[name] for name in same},
    )
    report = run(request)
    for note in report.context.notes:
        output.note(note)
    return report
