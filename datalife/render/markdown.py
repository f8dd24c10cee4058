"""A result as Markdown for a comment on a pull request: one written for it, or the tables in a block."""

from __future__ import annotations

import io
import re
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from datalife.render import View, table

if TYPE_CHECKING:
    from pydantic import BaseModel

#: kind of result -> the module whose `body(result)` is the comment; of the others the tables are shown in a block
COMMENTS = {"diff": "datalife.render.comments.diff", "schema-diff": "datalife.render.comments.diff"}


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the comment; the fence of a block is longer than any run of backticks inside."""
    kind = getattr(result, "kind", "")
    if kind in COMMENTS:
        stream.write(import_module(COMMENTS[kind]).body(result))
        return
    tables = io.StringIO()
    table.render(result, tables, View())
    text = tables.getvalue()
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    stream.write(f"{fence}text\n{text}{fence}\n")
