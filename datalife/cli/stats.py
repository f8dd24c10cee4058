"""`datalife stats`: what is in the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from datalife.cli import options
from datalife.cli.output import Output, Target
from datalife.files import check_writable, refuse_overwriting
from datalife.locks import alone
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from datalife.engine import Engine


@click.command("stats", cls=options.Command)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="So many top values.")
@click.option("--bins", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Bins of a histogram.")
@click.option("--by", type=options.Names(), default=(), metavar="A,B", help="The same of each slice by these columns.")
@click.option("--weight", metavar="COLUMN", help="A row counts as often as this column says.")
@click.option("--label", metavar="COLUMN", help="How much every other column tells about this one.")
@click.option("--correlations", is_flag=True, help="How the columns go together, pair by pair.")
@click.option("--cross", type=options.Names(), default=(), metavar="A,B", help="Which combinations no row has.")
@click.option("--group", type=options.Names(), default=(), metavar="A,B", help="Compare the labels of these groups.")
@click.option("--exact", is_flag=True, help="Estimate nothing; keeps every value in memory.")
@click.option("--merge-into", metavar="FILE", help="Add the sources to the profile in this file, each once.")
@click.option(
    "--sort",
    type=click.Choice(["data", "name", "nulls", "distinct", "hints"]),
    default="data",
    help="The order of the columns, by default that of the data.",
)
@options.reading
@options.engine
@options.output("table", "json", "markdown", "html")
def command(
    sources: tuple[str, ...],
    merge_into: str | None,
    reading: ReadOptions,
    engine: Engine,
    output: Output,
    **request: Any,
) -> None:
    """Show what is in the data: types, missing and top values, distributions, and what looks odd.

    Several sources are one dataset. What `-f json` writes is a profile: it stands for the data wherever
    statistics are enough, and profiles of parts merge into that of the whole.

    \b
      datalife stats trips.csv
      datalife stats 'trips/*.parquet' --where 'fare > 0' -o trips.json
      datalife stats monday.json tuesday.json
      datalife stats trips.csv --by company --label tips -o trips.html
      datalife stats 'new/*.parquet' --merge-into trips.json
    """  # noqa: D301
    from datalife.stats.incremental import grown
    from datalife.stats.profile import profile
    from datalife.stats.request import Request

    if merge_into is None:
        output.write(profile(sources, reading, engine, Request(**request, state="json" in output.formats)))
        return
    refuse_overwriting(merge_into, [*sources, *output.files])
    check_writable(merge_into)
    with alone(merge_into):
        result = grown(merge_into, sources, reading, engine, Request(**request))
        replace(output, targets=(Target("json", merge_into),)).write(result)
    output.write(result)
