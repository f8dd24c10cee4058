"""A result as one HTML file that needs nothing else: it opens offline."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from datalife.render import View, table
from datalife.render.markup import element

if TYPE_CHECKING:
    from pydantic import BaseModel

#: kind of result -> the module whose `body(result)` gives what stands on the page; the others show their tables
PAGES = {
    "profile": "datalife.render.pages.profile",
    "report": "datalife.render.pages.report",
    "project": "datalife.render.pages.report",
    "diff": "datalife.render.pages.diff",
    "schema-diff": "datalife.render.pages.diff",
    "label-join": "datalife.render.pages.labels",
}
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>datalife {kind}</title>
<style>
{style}</style>
</head>
<body>
{body}</body>
</html>
"""
STYLE = """\
:root { color-scheme: light dark; }
body { margin: 2em; }
pre { font: 14px/1.35 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; }
"""


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the page; every character of the data is text, none is HTML."""
    kind = str(getattr(result, "kind", "result"))
    if kind in PAGES:
        page = import_module(PAGES[kind])
        stream.write(PAGE.format(kind=kind, style=page.STYLE, body=page.body(result)))
        return
    tables = io.StringIO()
    table.render(result, tables, View())
    stream.write(PAGE.format(kind=kind, style=STYLE, body=element("pre", "\n" + tables.getvalue()) + "\n"))
