"""A schema as YAML: the text it was inferred or updated to, comments included."""

from __future__ import annotations

from typing import Any, TextIO


def render(result: Any, stream: TextIO, _view: object) -> None:
    """Write the text of an inferred or updated schema."""
    stream.write(result.text)
