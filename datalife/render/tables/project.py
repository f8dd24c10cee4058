"""What the validation of a project found: the verdict, then a dataset after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from datalife.render.safe import safe
from datalife.render.tables import report
from datalife.words import plural

if TYPE_CHECKING:
    from datalife.anomalies import Outcome, Project


def draw(project: Project) -> list[RenderableType]:
    """How many datasets fail, then each with its report, or with the errors for which there is none."""
    parts: list[RenderableType] = [_verdict(project)]
    for outcome in project.datasets:
        parts += [Text(), Text(safe(outcome.name), style="bold underline")]
        if outcome.report is not None:
            parts += [Padding(part, (0, 0, 0, 2)) for part in report.draw(outcome.report)]
        parts += [Padding(part, (0, 0, 0, 2)) for part in _errors(outcome)]
    return parts


def _verdict(project: Project) -> Text:
    total = len(project.datasets)
    failed = sum(each.report is not None and each.report.failed for each in project.datasets)
    unread = sum(bool(each.errors) for each in project.datasets)
    is_bad = project.failed or unread > 0
    text = Text("FAILED" if is_bad else "passed", style="bold red" if is_bad else "bold green")
    told = f"  {failed:,} of {plural(total, 'dataset')}" if is_bad else f"  {plural(total, 'dataset')}"
    text.append(told, style="not bold default")
    return text.append(f", {unread} could not be checked" if unread else "", style="not bold default")


def _errors(outcome: Outcome) -> list[Text]:
    return [Text(safe(f"error: {each.where}: {each.message}"), style="red") for each in outcome.errors]
