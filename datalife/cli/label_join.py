"""`datalife label-join`: join delayed feedback to the predictions it labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.sources.model import ReadOptions

if TYPE_CHECKING:
    from pydantic import BaseModel

    from datalife.engine import Engine


def _choice(section: str, name: str, values: str, about: str) -> options.Adds:
    """An option with a few values, the first of which is the default."""
    known = values.split()
    return options.option(section, name, type=click.Choice(known), default=known[0], show_default=True, help=about)


def _length(section: str, name: str, about: str, default: str | None = "0s") -> options.Adds:
    """An option whose value is a length of time."""
    return options.option(section, name, metavar="TIME", default=default, show_default=default is not None, help=about)


def _column(section: str, name: str, about: str, required: bool = False) -> options.Adds:
    return options.option(section, name, metavar="COL", required=required, help=about)


def _file(name: str, about: str) -> options.Adds:
    return options.option("Files", name, metavar="FILE", help=about)


def _rate(name: str, about: str) -> options.Adds:
    return options.option("Gates", name, type=click.FloatRange(0, 1), metavar="RATE", help=about)


RULES = (
    options.option(
        "Options", "--key", required=True, metavar="A[=B],C", help="Key columns; A is called B in the feedback."
    ),
    _column("Options", "--prediction-time", "When a prediction was made.", required=True),
    _column("Options", "--feedback-time", "When an event happened.", required=True),
    _column("Options", "--label", "Label of an event; without it every event has label 1."),
    options.option(
        "Options", "--window", required=True, metavar="TIME", help="The longest delay that counts, such as 7d; or none."
    ),
    options.option(
        "Options", "--implicit-label", metavar="VALUE", help="Label of a row whose window closed without feedback."
    ),
    options.option(
        "Options", "--as-of", metavar="TIME", help="All feedback up to then is here; by default the newest event."
    ),
    _choice("Matching", "--mode", "unique entity", "A key names one prediction, or many share it."),
    _choice("Matching", "--attribution", "last first all", "Which of several predictions gets an event (entity)."),
    _length("Matching", "--min-delay", "The shortest delay that counts."),
    _choice("Matching", "--closed", "both left right none", "Which ends of the window count."),
    _length("Matching", "--clock-skew", "Events may seem so much too early."),
    _choice("Matching", "--duplicate-prediction", "first last error", "Which of two predictions with one key stays."),
    _choice("Matching", "--key-cast", "strict string", "Refuse text against numbers, or compare all as text."),
    _choice("Labels", "--policy", "last first max min sum mean count any error", "Label of several events."),
    _column("Labels", "--tie-break", "Orders events of one instant."),
    _column("Labels", "--feedback-id", "Names an event, which counts once."),
    _choice("Times", "--time-unit", "s ms us ns", "Unit of epoch numbers."),
    options.option("Times", "--naive-tz", metavar="ZONE", help="Zone of times without offset, such as Europe/Lisbon."),
    _choice("Times", "--ambiguous", "reject earliest latest", "Which of two equal local times in autumn."),
    _length("Runs", "--lateness", "Windows are held open so much longer."),
    _column("Runs", "--arrival", "When an event came in; it is visible from then on."),
    _choice("Runs", "--settle", "on-close on-match", "When a row is final."),
    _choice(
        "Runs", "--on-late-arrival", "ignore revise", "Feedback for a final row: count it, or write the row again."
    ),
    _length("Runs", "--horizon", "So long predictions are remembered; by default 2 x window + lateness.", None),
)
FILES = (
    options.option(
        "Options",
        "-o",
        "--output",
        "rows_file",
        required=True,
        metavar="FILE",
        help="The training rows: .parquet, .csv or .ndjson.",
    ),
    options.option("Runs", "--state", metavar="DIR", help="What one run leaves to the next."),
    _file("--pending", "The rows whose window is open."),
    _file("--orphans", "The events without a prediction."),
    _file("--rejected", "The rows left out, and why."),
    _file("--late", "The events whose row was final before they came."),
    options.option("Files", "--prefix", metavar="TEXT", default="", help="Before the name of every new column."),
)
GATES = (
    _rate("--min-match-rate", "Labeled rows among the final ones."),
    _rate("--max-orphan-rate", "Events without a prediction."),
    _rate("--max-late-rate", "Events after the window."),
    _rate("--max-before-rate", "Events before any prediction."),
    _rate("--max-duplicate-rate", "Events read more than once."),
    options.option("Gates", "--min-settled", type=click.IntRange(0), metavar="N", help="Final rows."),
)


def _model(model: type[BaseModel], values: dict[str, Any]) -> Any:
    """The model made of those values that are its own."""
    return model(**{name: value for name, value in values.items() if name in model.model_fields})


def _dashed(token: str) -> str:
    """`on_match` is `on-match`: values are written both ways in configuration files."""
    return token.replace("_", "-")


@click.command("label-join", cls=options.Command, context_settings={"token_normalize_func": _dashed})
@click.argument("predictions", metavar="PREDICTIONS...", nargs=-1, required=True)
@options.option("Options", "--feedback", multiple=True, required=True, metavar="SOURCE", help="The events; repeatable.")
@options.several(*RULES, *FILES, *GATES)
@options.gate
@options.reading
@options.engine
@options.output("table", "json", "markdown", "html", to_file=False)
def command(
    predictions: tuple[str, ...],
    feedback: tuple[str, ...],
    reading: ReadOptions,
    engine: Engine,
    output: Output,
    **values: Any,
) -> None:
    """Join delayed feedback to the predictions it labels, and account for every row.

    A prediction becomes a training row when its window has closed: labeled by the feedback inside the window,
    else with the implicit label. The rows go to --output, their account to standard output. With --state, the
    next run takes up what this one left open.

    \b
      datalife label-join requests.parquet --feedback 'clicks/*.ndjson' \\
        --key request_id --prediction-time served_at --feedback-time clicked_at \\
        --label clicked --window 7d --implicit-label 0 -o training.parquet
    """  # noqa: D301
    from datalife.labels.intake import Sources
    from datalife.labels.join import join_labels
    from datalife.labels.model import Gates, JoinOptions, OutputFiles

    files = _model(OutputFiles, {**values, "output": values["rows_file"]})
    sources = Sources(predictions, feedback, reading, engine)
    result = join_labels(sources, _model(JoinOptions, values), files, _model(Gates, values))
    for note in result.notes:
        output.note(note)
    output.write(result)
    click.get_current_context().exit(output.code(result.failed))
