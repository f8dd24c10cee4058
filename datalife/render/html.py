"""A result as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

import html
import io
from typing import TYPE_CHECKING, TextIO

from datalife.render import View, table

if TYPE_CHECKING:
    from pydantic import BaseModel

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>datalife {kind}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 2em; }}
pre {{ font: 14px/1.35 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; }}
</style>
</head>
<body>
<pre>
{text}</pre>
</body>
</html>
"""


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the page; every character of the data is text, none is HTML."""
    tables = io.StringIO()
    table.render(result, tables, View())
    kind = html.escape(str(getattr(result, "kind", "result")))
    stream.write(PAGE.format(kind=kind, text=html.escape(tables.getvalue())))
