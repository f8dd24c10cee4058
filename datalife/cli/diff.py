"""`datalife diff`: what changed between two datasets, profiles or schemas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions

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
    _option("Options", "--label", metavar="COL", about="Name the shift of this label: covariate, prior or concept."),
    _option("Options", "--prediction", metavar="COL", about="The same for the output of a model."),
)
ROWS = (
    _option("Rows", "--key", type=options.Names(), metavar="A,B", about="Also compare row by row, by these columns."),
    _option(
        "Rows", "--tolerance", type=click.FloatRange(0), metavar="N", about="With --key: numbers this close are equal."
    ),
    _option("Rows", "--round", "digits", type=int, metavar="N", about="With --key: compare floats at N digits."),
    _option("Rows", "--rows-output", metavar="FILE", about="With --key: write every difference to this file."),
)


def _declared(function: Function) -> Function:
    for add in reversed((*COLUMNS, *ROWS)):
        function = add(function)
    return function


@click.command("diff", cls=options.Command)
@click.argument("baseline", metavar="BASELINE")
@click.argument("current", metavar="CURRENT")
@_declared
@options.gate
@options.reading
@options.engine
@options.output("table", "json", "markdown", "html")
def command(baseline: str, current: str, reading: ReadOptions, output: Output, **values: Any) -> None:
    """Show what changed: columns, types, missing values, distributions and, with --key, rows.

    A column has drifted when its distance is above the threshold and chance does not explain it at this size; a
    threshold that you write decides alone. Saved profiles stand for their data. Two schemas (.yaml) give a list
    of changes. Exits with 1 when something drifted, a change is breaking, or rows differ.

    \b
      datalife diff january.parquet february.parquet
      datalife diff training.json serving.csv --metric psi --threshold 0.2
      datalife diff training.csv serving.csv --label churned
      datalife diff logged.csv served.csv --key request_id --tolerance 1e-6
    """  # noqa: D301
    from datalife.drift.compare import DiffOptions, diff
    from datalife.drift.rows import Keyed
    from datalife.drift.schemas import are_schemas, diff_schemas
    from datalife.schema.lint import load_schema

    keyed = _given(Keyed, values)
    if keyed and values["key"] is None:
        raise UsageError("--tolerance, --round, --rows-output", "belong to --key", "name the key: --key COLUMN")
    if are_schemas(baseline, current):
        result = diff_schemas(load_schema(baseline), load_schema(current))
    else:
        chosen = _given(DiffOptions, values)
        if values["schema"] is not None:
            chosen["schema"] = load_schema(values["schema"])
        result = diff(baseline, current, DiffOptions(reading, keyed=Keyed(**keyed) if keyed else None, **chosen))
    output.write(result)
    click.get_current_context().exit(output.code(result.drifted))


def _given(model: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that are given and are fields of a dataclass."""
    return {each.name: values[each.name] for each in fields(model) if values.get(each.name) is not None}
