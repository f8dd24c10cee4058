"""`datalife validate`: whether data keeps to its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import UsageError
from datalife.files import refuse_overwriting
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.engine import Engine


@click.command("validate", cls=options.Command)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@click.option("--schema", "schema_file", metavar="FILE", required=True, help="The schema; alone it is only checked.")
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
def command(
    context: click.Context,
    sources: tuple[str, ...],
    schema_file: str,
    environment: str | None,
    baseline: tuple[str, ...],
    training: tuple[str, ...],
    by: str | None,
    fail_on: str,
    examples: int,
    failing_rows: str | None,
    good_rows: str | None,
    suggest: str | None,
    no_samples: bool,
    now: str | None,
    reading: ReadOptions,
    engine: Engine,
    output: Output,
) -> None:
    """Check data against a schema, exactly and on every row.

    Every finding says how many values are wrong, which, and in which rows. Exits with 1 when a finding is at
    least as severe as --fail-on. Without a source only the schema itself is checked.

    \b
      datalife validate new.csv --schema schema.yaml
      datalife validate today.csv --schema schema.yaml --baseline yesterday.csv
      datalife validate batch.csv --schema schema.yaml --environment serving
    """  # noqa: D301
    from datalife.anomalies import Report
    from datalife.schema.lint import load_schema
    from datalife.schema.run import Request, clock, run
    from datalife.schema.validate import ValidateOptions

    for file in output.files:
        refuse_overwriting(file, [schema_file, *baseline, *training])
    schema = load_schema(schema_file)
    if not sources:
        _refuse_data_options(baseline, training, failing_rows, good_rows, suggest)
        output.note(f"{schema_file}: no faults in the schema")
        if output.formats != {"table"}:
            output.write(Report(rows=0, environment=environment))
        return
    asked = ValidateOptions(environment, fail_on=fail_on, examples=examples, samples=not no_samples, now=clock(now))
    request = Request(sources, schema, reading, asked, baseline, training, by, failing_rows, good_rows, suggest, engine)
    report = run(request)
    for note in report.context.notes:
        output.note(note)
    output.write(report)
    context.exit(output.code(report.failed))


def _refuse_data_options(*given: object) -> None:
    if any(given):
        raise UsageError("SOURCE", "there is no data to validate", "name a file: datalife validate DATA --schema FILE")
