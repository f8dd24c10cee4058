"""A result as one JSON document: the keys of the contract, in its order."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pydantic import BaseModel

    from datalife.render import View

#: Kinds of results in which a key that does not apply is absent; in the others every key is there.
SPARSE = frozenset({"profile", "schema"})
#: Keys whose value is for programs alone and stays on one line.
DENSE = frozenset({"state"})
WIDTH = 110


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the document; a number that does not exist (NaN, infinite) is `null`, integers stay integers."""
    document = result.model_dump(mode="json", exclude_unset=getattr(result, "kind", "schema") in SPARSE)
    stream.write(_text(_finite(document), 0) + "\n")


def _finite(value: Any) -> Any:
    """The value with null in place of every NaN and infinity, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return value


def _text(value: Any, depth: int, is_dense: bool = False) -> str:
    """JSON in which what fits on a line is one, so that a stored profile can be read and compared by lines."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    is_short = depth > 1 and len(line) + 2 * depth <= WIDTH
    if is_dense or is_short or not value or not isinstance(value, dict | list):
        return line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        items = [_text(each, depth + 1) for each in value]
        return "[\n" + ",\n".join(inner + item for item in items) + f"\n{outer}]"
    entries = [
        f"{json.dumps(key, ensure_ascii=False)}: {_text(each, depth + 1, key in DENSE)}" for key, each in value.items()
    ]
    return "{\n" + ",\n".join(inner + entry for entry in entries) + f"\n{outer}}}"
