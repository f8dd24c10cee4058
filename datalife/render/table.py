"""A result as tables for people. With `tables/`, the only place that imports rich."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from pydantic import BaseModel

    from datalife.render import View

#: kind of result -> the module whose `draw(result)` gives what rich prints, from top to bottom
TABLES = {
    "profile": "datalife.render.tables.profile",
    "report": "datalife.render.tables.report",
    "project": "datalife.render.tables.project",
    "diff": "datalife.render.tables.diff",
    "schema-diff": "datalife.render.tables.diff",
    "label-join": "datalife.render.tables.labels",
}
#: Wider than any table: where there is no terminal, nothing is cut or wrapped.
ENDLESS = 1_000_000
PLAIN = str.maketrans(
    {"…": "...", "·": "|", "–": "-", "█": "#"}
    | dict.fromkeys("▏▎▍▌▋▊▉", "#")
    | dict(zip("▁▂▃▄▅▆▇", "__..::=", strict=True))
)


def render(result: BaseModel, stream: TextIO, view: View) -> None:
    """Writes the tables of `result`, fitted to the view, without spaces at the ends of lines."""
    text = io.StringIO()
    console = Console(
        file=text,
        width=view.width or ENDLESS,
        force_terminal=view.color,
        color_system="standard" if view.color else None,
        no_color=not view.color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    for part in import_module(TABLES[getattr(result, "kind", "")]).draw(result):
        console.print(part, soft_wrap=False)
    lines = "".join(line.rstrip() + "\n" for line in text.getvalue().splitlines())
    stream.write(lines.translate(PLAIN) if view.ascii else lines)
