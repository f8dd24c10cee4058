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
ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
#: What an item of a list takes at least: "1, ".
SHORTEST = 3


def render(result: BaseModel, stream: TextIO, _view: View) -> None:
    """Writes the document; a number that does not exist (NaN, infinite) is `null`, integers stay integers."""
    document = result.model_dump(mode="json", exclude_unset=getattr(result, "kind", "schema") in SPARSE)
    try:
        text = _text(document, 0)
    except ValueError:  # a number that JSON does not have; hardly any document has one, so none is searched for them
        text = _text(finite(document), 0)
    stream.write(text + "\n")


def finite(value: Any) -> Any:
    """The value with null in place of every NaN and infinity, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return value


def _text(value: Any, depth: int, is_dense: bool = False) -> str:
    """JSON in which what fits on a line is one, so that a stored profile can be read and compared by lines."""
    is_container = bool(value) and isinstance(value, dict | list)
    may_fit = depth > 1 and (not is_container or len(value) * SHORTEST <= WIDTH)
    if is_dense or may_fit or not is_container:
        line = ENCODE(value)
        if is_dense or not is_container or len(line) + 2 * depth <= WIDTH:
            return line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        items = [_text(each, depth + 1) for each in value]
        return "[\n" + ",\n".join(inner + item for item in items) + f"\n{outer}]"
    entries = [f"{ENCODE(key)}: {_text(each, depth + 1, key in DENSE)}" for key, each in value.items()]
    return "{\n" + ",\n".join(inner + entry for entry in entries) + f"\n{outer}}}"
