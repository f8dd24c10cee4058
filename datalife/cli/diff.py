"""`datalife diff`: what changed between two datasets, profiles or schemas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.drift.sides import DiffOptions

Function = Callable[..., Any]


def _option(section: str, *names: str, about: str, **details: Any) -> Callable[[Function], Function]:
    return options.option(section, *names, help=about, **details)


COLUMNS = (
    _option(
        "Options",
        "--metric",
        metavar="NAME",
        about="For all columns that have this distance: l_infinity, jensen_shannon, psi, kolmogorov_smirnov, "
        "wasserstein, total_variation, chi_square, hellinger, normalized_abs_difference.",
    ),
    _option(
        "Options", "--threshold", type=float, metavar="N", about="A column has drifted when its distance is above this."
    ),
    _option("Options", "--schema", metavar="FILE", about="Judge the columns of this schema by its drift limits."),
    _option(
        "Options",
        "--false-alarm-rate",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.01,
        show_default=True,
        metavar="RATE",
        about="How often chance may raise an alarm, over all columns together.",
    ),
    _option("Options", "--block", metavar="COL", about="Rows with one value here arrived together (a day, a user)."),
    _option("Options", "--label", metavar="COL", about="Name the shift of this label: covariate, prior or concept."),
    _option("Options", "--prediction", metavar="COL", about="The same for the output of a model."),
)
BATCHES = (
    _option(
        "Batches",
        "--baseline",
        "against",
        type=click.Choice(["first", "previous"]),
        about="What each of several batches is compared with.  [default: first]",
    ),
    _option("Batches", "--calibrate", is_flag=True, about="Write limits from known-good batches."),
)
SCHEMAS = (
    _option("Schema", "--ignore", type=options.Names(), metavar="A,B", about="Columns, or changes: column-added."),
    _option(
        "Schema",
        "--fail-on",
        type=click.Choice(["breaking", "any"]),
        default="breaking",
        show_default=True,
        about="Which changes of columns or of a schema fail the run.",
    ),
    _option("Schema", "--map", "renamed", multiple=True, metavar="OLD=NEW", about="What a column is called now."),
)
ROWS = (
    _option("Rows", "--key", type=options.Names(), metavar="A,B", about="Also compare row by row, by these columns."),
    _option(
        "Rows",
        "--tolerance",
        multiple=True,
        metavar="[COL=]N",
        about="How far equal values may be apart: 0.01, fare=1%, at=5s.",
    ),
    _option("Rows", "--round", "digits", type=int, metavar="N", about="Compare floats at N digits."),
    _option("Rows", "--ignore-spaces", is_flag=True, about="Spaces around and repeated within texts do not count."),
    _option("Rows", "--ignore-case", is_flag=True, about="Nor does upper or lower case."),
    _option("Rows", "--null-differs", is_flag=True, about="A value missing on both sides is a difference."),
    _option(
        "Rows",
        "--max-different",
        type=click.FloatRange(0, 1),
        default=0.0,
        metavar="SHARE",
        about="So many of the rows may differ.",
    ),
    _option("Rows", "--rows-output", metavar="FILE", about="Write every difference to this file."),
    _option("Options", "--no-samples", is_flag=True, about="Show no value of the data."),
)


def _declared(function: Function) -> Function:
    for add in reversed((*COLUMNS, *BATCHES, *SCHEMAS, *ROWS)):
        function = add(function)
    return function


@click.command("diff", cls=options.Command)
@click.argument("sources", metavar="BASELINE CURRENT...", nargs=-1, required=True)
@_declared
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
    from datalife.drift.compare import diff
    from datalife.drift.schemas import are_schemas, diff_schemas
    from datalife.drift.series import calibrate, diff_series
    from datalife.schema.lint import load_schema

    _check(sources, output, values)
    options = _diff_options(reading, values)
    if values["calibrate"]:
        output.write(calibrate(sources, options))
        return
    if len(sources) > 2 or values["against"]:
        result = diff_series(sources, values["against"] or "first", options)
    elif are_schemas(sources[0], sources[1]):
        result = diff_schemas(load_schema(sources[0]), load_schema(sources[1]), options)
    else:
        result = diff(sources[0], sources[1], options)
    output.write(result)
    click.get_current_context().exit(output.code(result.drifted))


def _check(sources: tuple[str, ...], output: Output, values: dict[str, Any]) -> None:
    if len(sources) < 2:
        raise UsageError("CURRENT", "is missing: two datasets are compared", "datalife diff BASELINE CURRENT")
    if values["calibrate"] != (set(output.formats) == {"yaml"}):
        hint = "datalife diff --calibrate GOOD GOOD GOOD -o limits.yaml"
        raise UsageError("--calibrate", "writes its limits as yaml, and nothing else is written so", hint)


def _diff_options(reading: ReadOptions, values: dict[str, Any]) -> DiffOptions:
    from datalife.drift.rows import Keyed
    from datalife.drift.sides import DiffOptions
    from datalife.schema.lint import load_schema

    keyed = Keyed(**_given(Keyed, values)) if values["key"] else None
    if keyed is None and replace(Keyed(()), **_given(Keyed, values)) != Keyed(()):
        flags = "--tolerance, --round, --ignore-..., --null-differs, --max-different, --rows-output"
        raise UsageError(flags, "belong to --key", "name the key: --key COLUMN")
    chosen = _given(DiffOptions, values)
    if values["schema"] is not None:
        chosen["schema"] = load_schema(values["schema"])
    return DiffOptions(reading, keyed=keyed, samples=not values["no_samples"], **chosen)


def _given(model: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that are given and are fields of a dataclass."""
    return {each.name: values[each.name] for each in fields(model) if values.get(each.name) is not None}
