"""`datalife diff`: what changed between two datasets, profiles or schemas."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.drift.model import Diff
    from datalife.drift.sides import DiffOptions

COLUMNS = (
    options.option(
        "Options",
        "--metric",
        metavar="NAME",
        help="For all columns that have this distance: l_infinity, jensen_shannon, psi, kolmogorov_smirnov, "
        "wasserstein, total_variation, chi_square, hellinger, normalized_abs_difference.",
    ),
    options.option(
        "Options", "--threshold", type=float, metavar="N", help="A column has drifted when its distance is above this."
    ),
    options.option("Options", "--schema", metavar="FILE", help="Judge the columns of this schema by its drift limits."),
    options.option(
        "Options",
        "--false-alarm-rate",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.01,
        show_default=True,
        metavar="RATE",
        help="How often chance may raise an alarm, over all columns together.",
    ),
    options.option(
        "Options", "--block", metavar="COL", help="Rows with one value here arrived together (a day, a user)."
    ),
    options.option(
        "Options", "--label", metavar="COL", help="Name the shift of this label: covariate, prior or concept."
    ),
    options.option("Options", "--prediction", metavar="COL", help="The same for the output of a model."),
)
BATCHES = (
    options.option(
        "Batches",
        "--baseline",
        "against",
        type=click.Choice(["first", "previous"]),
        help="What each of several batches is compared with.  [default: first]",
    ),
    options.option("Batches", "--calibrate", is_flag=True, help="Write limits from known-good batches."),
)
SCHEMAS = (
    options.option(
        "Schema", "--ignore", type=options.Names(), metavar="A,B", help="Columns, or changes: column-added."
    ),
    options.option(
        "Schema",
        "--fail-on",
        type=click.Choice(["breaking", "any"]),
        default="breaking",
        show_default=True,
        help="Which changes of columns or of a schema fail the run.",
    ),
    options.option("Schema", "--map", "renamed", multiple=True, metavar="OLD=NEW", help="What a column is called now."),
)
ROWS = (
    options.option(
        "Rows", "--key", type=options.Names(), metavar="A,B", help="Also compare row by row, by these columns."
    ),
    options.option(
        "Rows",
        "--tolerance",
        multiple=True,
        metavar="[COL=]N",
        help="How far equal values may be apart: 0.01, fare=1%, at=5s.",
    ),
    options.option("Rows", "--round", "digits", type=int, metavar="N", help="Compare floats at N digits."),
    options.option(
        "Rows", "--ignore-spaces", is_flag=True, help="Spaces around and repeated within texts do not count."
    ),
    options.option("Rows", "--ignore-case", is_flag=True, help="Nor does upper or lower case."),
    options.option("Rows", "--null-differs", is_flag=True, help="A value missing on both sides is a difference."),
    options.option(
        "Rows",
        "--max-different",
        type=click.FloatRange(0, 1),
        default=0.0,
        metavar="SHARE",
        help="So many of the rows may differ.",
    ),
    options.option("Rows", "--rows-output", metavar="FILE", help="Write every difference to this file."),
    options.option("Options", "--no-samples", is_flag=True, help="Show no value of the data."),
)


@click.command("diff", cls=options.Command)
@click.argument("sources", metavar="BASELINE CURRENT...", nargs=-1, required=True)
@options.several(*COLUMNS, *BATCHES, *SCHEMAS, *ROWS)
@options.gate
@options.reading
@options.engine
@options.output("table", "json", "markdown", "html", "yaml")
def command(sources: tuple[str, ...], reading: ReadOptions, output: Output, **values: Any) -> None:
    """Show what changed: columns, types, missing values, distributions and, with --key, rows.

    A column has drifted when its distance is above the threshold and chance does not explain it at this size; a
    threshold that you write decides alone. Saved profiles stand for their data. Two schemas (.yaml) give a list
    of changes. Exits with 1 when something drifted, a change is breaking, or rows differ.

    \b
      datalife diff january.parquet february.parquet
      datalife diff training.json serving.csv --metric psi --threshold 0.2
      datalife diff training.csv serving.csv --label churned
      datalife diff monday.csv tuesday.csv wednesday.csv --baseline previous
      datalife diff --calibrate good/*.parquet -o limits.yaml
      datalife diff logged.csv served.csv --key request_id --tolerance 1e-6
    """  # noqa: D301
    _check(sources, output, values)
    options = _diff_options(reading, values)
    if values["calibrate"]:
        from datalife.drift.series import calibrate

        output.write(calibrate(sources, options))
        return
    result = _compared(sources, values["against"], options)
    output.write(result)
    click.get_current_context().exit(output.code(result.drifted))


def _compared(sources: tuple[str, ...], against: Literal["first", "previous"] | None, options: DiffOptions) -> Diff:
    """What the sources are decides what is done; each way imports only what it needs, which takes time."""
    if len(sources) > 2 or against:
        from datalife.drift.series import diff_series

        return diff_series(sources, against or "first", options)
    from datalife.drift.sides import are_schemas

    if are_schemas(sources[0], sources[1]):
        from datalife.drift.schemas import diff_schemas
        from datalife.schema.lint import load_schema

        return diff_schemas(load_schema(sources[0]), load_schema(sources[1]), options)
    from datalife.drift.compare import diff

    return diff(sources[0], sources[1], options)


def _check(sources: tuple[str, ...], output: Output, values: dict[str, Any]) -> None:
    if len(sources) < 2:
        raise UsageError("CURRENT", "is missing: two datasets are compared", "datalife diff BASELINE CURRENT")
    if values["calibrate"] != (set(output.formats) == {"yaml"}):
        hint = "datalife diff --calibrate GOOD GOOD GOOD -o limits.yaml"
        raise UsageError("--calibrate", "writes its limits as yaml, and nothing else is written so", hint)


def _diff_options(reading: ReadOptions, values: dict[str, Any]) -> DiffOptions:
    from datalife.drift.rows import Keyed
    from datalife.drift.sides import DiffOptions

    keyed = Keyed(**_given(Keyed, values)) if values["key"] else None
    if keyed is None and replace(Keyed(()), **_given(Keyed, values)) != Keyed(()):
        flags = "--tolerance, --round, --ignore-..., --null-differs, --max-different, --rows-output"
        raise UsageError(flags, "belong to --key", "name the key: --key COLUMN")
    chosen = _given(DiffOptions, values)
    if values["schema"] is not None:
        from datalife.schema.lint import load_schema

        chosen["schema"] = load_schema(values["schema"])
    return DiffOptions(reading, keyed=keyed, samples=not values["no_samples"], **chosen)


def _given(model: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that are given and are fields of a dataclass."""
    return {each.name: values[each.name] for each in fields(model) if values.get(each.name) is not None}
