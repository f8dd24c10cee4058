"""A result as Markdown for a comment on a pull request: the tables, in a block in which nothing has a meaning."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, TextIO

from datalife.render import View, table

if TYPE_CHECKING:
    from pydantic import BaseModel


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes a fenced block; its fence is longer than any run of backticks inside."""
    tables = io.StringIO()
    table.render(result, tables, View())
    text = tables.getvalue()
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    stream.write(f"{fence}text\n{text}{fence}\n")
