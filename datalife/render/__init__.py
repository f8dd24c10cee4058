"""Results as text: one module a format, each with `render(result, stream, view)`.

RENDERERS is the one place where a format is registered; the modules are imported when they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pydantic import BaseModel

RENDERERS = {
    "table": "datalife.render.table",
    "json": "datalife.render.json",
    "markdown": "datalife.render.markdown",
    "html": "datalife.render.html",
    "yaml": "datalife.render.yaml",
    "github": "datalife.render.github",
    "junit": "datalife.render.junit",
    "sarif": "datalife.render.sarif",
}


@dataclass(frozen=True)
class View:
    """What a document for people is shown on.

    `width` is that of the terminal in characters; None (a file, a pipe) means as wide as the text needs, nothing
    is cut. `color` allows escape sequences, `ascii` forbids any character beyond ASCII.
    """

    width: int | None = None
    color: bool = False
    ascii: bool = False


def render(result: BaseModel, name: str, stream: TextIO, view: View | None = None) -> None:
    """Writes the whole document of `result` in the format called `name` (a key of RENDERERS) to `stream`."""
    import_module(RENDERERS[name]).render(result, stream, view or View())
