"""A profile as a page to explore: a card a column, built in the browser by `profile.js` from the profile itself."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from datalife.render import View, table
from datalife.render.json import finite
from datalife.render.markup import Markup, element, joined

if TYPE_CHECKING:
    from datalife.stats.model import Profile


def _own(name: str) -> str:
    return files("datalife.render.pages").joinpath(name).read_text(encoding="utf-8")


STYLE = _own("profile.css")


def body(profile: Profile) -> Markup:
    """The place for the cards, the profile as JSON, the script; without scripts, the tables."""
    tables = io.StringIO()
    table.render(profile, tables, View())
    return joined(
        [
            element("main", id="profile"),
            element("noscript", element("pre", "\n" + tables.getvalue())),
            Markup(f'<script type="application/json" id="data">{_document(profile)}</script>\n'),
            Markup(f"<script>\n{_own('profile.js')}</script>\n"),
        ]
    )


def _document(profile: Profile) -> str:
    """The profile without its states as JSON in which nothing ends the script element."""
    document = _shown(finite(profile.model_dump(mode="json", exclude_unset=True)))
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items() if key != "state"}
    return [_shown(each) for each in value] if isinstance(value, list) else value
