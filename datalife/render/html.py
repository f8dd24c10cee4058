"""A result as one HTML file that needs nothing else: it opens offline."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pydantic import BaseModel

    from datalife.render import View

#: kind of result -> the module whose `body(result)` gives what stands on the page, in the STYLE of the module
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


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the page; every character of the data is text, none is HTML."""
    kind = getattr(result, "kind", "")
    page = import_module(PAGES[kind])
    stream.write(PAGE.format(kind=kind, style=page.STYLE, body=page.body(result)))
