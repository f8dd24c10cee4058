"""A report as a page: the findings, then each column with its rules and, beside them, its profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from datalife.anomalies import outcomes
from datalife.render.explanations import EXPLANATIONS
from datalife.render.figures import moment, number
from datalife.render.finding import counts_of, details, slice_of
from datalife.render.markup import Markup, bars, element, joined
from datalife.render.safe import shortened
from datalife.words import share

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Context, Measure, Outcome, Project, Report, Rule
    from datalife.stats.model import ColumnProfile

STYLE = """\
:root { color-scheme: light dark; --bad: #c0392b; --warn: #b7791f; --good: #2e7d32; --dim: #7f7f7f; }
body { margin: 2em auto; max-width: 76em; padding: 0 1em; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 0 0 .4em; overflow-wrap: anywhere; }
code, pre { font: 13px/1.4 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
section { display: grid; grid-template-columns: minmax(0, 1fr) 18em; gap: .2em 2em; border-top: 1px solid #8884;
  padding: 1em 0; }
section h2 { grid-column: 1 / -1; }
@media (max-width: 50em) { section { grid-template-columns: minmax(0, 1fr); } }
ul.rules { list-style: none; margin: 0; padding: 0; }
ul.rules > li { margin: .15em 0; padding-left: 1.6em; text-indent: -1.6em; overflow-wrap: anywhere; }
ul.rules > li > * { text-indent: 0; }
.mark { display: inline-block; width: 1.6em; }
.error { color: var(--bad); } .warning { color: var(--warn); } .info, .passed { color: var(--good); }
.dim, .skipped { color: var(--dim); }
.finding { border-left: 3px solid; margin: .3em 0 .6em; padding: .1em .8em; }
.finding p { margin: .1em 0; color: CanvasText; overflow-wrap: anywhere; }
.finding pre { margin: .3em 0; white-space: pre-wrap; overflow-wrap: anywhere; color: CanvasText; }
summary { cursor: pointer; color: var(--dim); }
aside dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1em; margin: 0; font-size: .9em; }
aside dd { margin: 0; text-align: right; overflow-wrap: anywhere; } aside dt { color: var(--dim); }
aside svg { fill: #5b8dd9; display: block; margin: .4em 0; }
"""
MARKS = {"error": "✗", "warning": "!", "info": "i"}
LONGEST_VALUE = 40
#: So many of the most frequent values stand beside a column.
VALUES = 6


def body(result: Report | Project) -> Markup:
    """What stands on the page."""
    found, is_project = outcomes(result), result.kind == "project"
    return joined([joined([_outcome(each, is_project=is_project), "\n"]) for each in found])


def _outcome(outcome: Outcome, *, is_project: bool) -> Markup:
    if outcome.report is None:
        told = [element("p", f"{each.where}: {each.message}", class_="error") for each in outcome.errors]
        return joined([element("h1", outcome.name, ": could not be checked"), *told])
    report = outcome.report
    name = f"{outcome.name}: " if is_project else ""
    parts = [element("h1", name, _verdict(report)), element("p", _about(report), class_="dim"), "\n"]
    parts += [joined([each, "\n"]) for each in _sections(report)]
    return joined(parts)


def _verdict(report: Report) -> Markup:
    word, style = ("failed", "error") if report.failed else ("passed", "passed")
    return joined([element("span", word, class_=style), f", {counts_of(report)}"])


def _about(report: Report) -> str:
    about = [f"{report.rows:,} rows", *report.context.sources]
    if report.environment is not None:
        about.append(f"in {report.environment}")
    if report.context.schema_file is not None:
        about.append(f"by {report.context.schema_file}")
    return " · ".join(about)


def _sections(report: Report) -> Iterator[Markup]:
    """The dataset as a whole, then the columns: first those with findings, each in the order of the schema."""
    broken = dict.fromkeys(each.column for each in report.anomalies)
    columns = dict.fromkeys([*(rule.column for rule in report.context.rules), *broken])
    for name in sorted(columns, key=lambda column: (column is not None, column not in broken)):
        yield _section(name, report)


def _section(name: str | None, report: Report) -> Markup:
    anomalies = [each for each in report.anomalies if each.column == name]
    rules = [each for each in report.context.rules if each.column == name]
    measures = [each for each in report.measures if each.column == name]
    items = []
    for rule in rules:
        found = [each for each in anomalies if each.route == rule.route]
        measured = [each for each in measures if _is_of(each, rule)]
        items.append(_rule(rule, found, measured))
    routes = {rule.route for rule in rules}
    items += [element("li", _finding(each)) for each in anomalies if each.route not in routes]
    heading = element("h2", "the dataset" if name is None else name)
    return element("section", heading, element("ul", *items, class_="rules"), _profile(name, report.context))


def _is_of(measure: Measure, rule: Rule) -> bool:
    """Whether a distance is the one that a rule limits."""
    return rule.text.startswith(f"{measure.kind}: {measure.metric} at most ")


def _rule(rule: Rule, found: Sequence[Anomaly], measured: Sequence[Measure]) -> Markup:
    """A rule, whether it holds, what was measured for it, and what breaks it."""
    style = min((each.severity for each in found), key=list(MARKS).index) if found else "passed"
    mark = MARKS.get(style, "✓")
    if not found and rule.skipped is not None:
        style, mark = "skipped", "–"
    words = [element("span", mark, class_=f"mark {style}"), element("code", rule.text)]
    words += [element("span", f" {_distance(each)}", class_="dim") for each in measured]
    if rule.skipped is not None and not found:
        words.append(element("span", f" {rule.skipped}", class_="dim"))
    elif rule.place is not None and found:
        words.append(element("span", f" {rule.place}", class_="dim"))
    return element("li", *words, *map(_finding, found))


def _distance(measure: Measure) -> str:
    chance = "" if measure.noise_floor is None else f", chance alone {number(measure.noise_floor)}"
    return f"{number(measure.distance)}{chance}{slice_of(measure)}"


def _finding(anomaly: Anomaly) -> Markup:
    explanation = EXPLANATIONS[anomaly.code]
    lines = details(anomaly)
    return element(
        "div",
        element("p", element("strong", anomaly.code), f" {anomaly.message}{slice_of(anomaly)}"),
        element("pre", "\n".join(lines)) if lines else "",
        element(
            "details",
            element("summary", "what this means"),
            element("p", _plain(explanation.meaning)),
            element("p", "Mend: ", _plain(explanation.mend)),
        ),
        class_=f"finding {anomaly.severity}",
    )


def _plain(markdown: str) -> Markup:
    """Markdown whose only marks are those of code."""
    parts = markdown.split("`")
    return joined([element("code", part) if place % 2 else part for place, part in enumerate(parts)])


def _profile(name: str | None, context: Context) -> Markup:
    """What the data of a column looks like, where the report has the profile."""
    column = context.profile.column(name) if context.profile is not None and name is not None else None
    if column is None:
        return element("aside")
    pairs = [joined([element("dt", key), element("dd", value)]) for key, value in _figures(column)]
    picture = bars(column.histogram.counts) if column.histogram is not None else ""
    return element("aside", picture, element("dl", *pairs))


def _figures(column: ColumnProfile) -> Iterator[tuple[str, str]]:
    """(name, value) of what is told of a column."""
    yield "type", column.type
    yield "values", f"{column.count:,}"
    yield "missing", share(column.null_fraction)
    if column.distinct_count is not None:
        yield "different", f"{'' if column.distinct_exact else '~'}{column.distinct_count:,}"
    is_time = column.type in ("date", "datetime", "time")
    for key in ("min", "median", "mean", "max") if column.type != "string" else ("min_length", "max_length"):
        value = getattr(column, key)
        if value is not None:
            yield key.replace("_", " "), moment(value, False) if is_time else number(value)
    for each in (column.top_values or [])[:VALUES] if column.histogram is None else ():
        yield shortened(each.value, LONGEST_VALUE), f"{each.count:,}"
