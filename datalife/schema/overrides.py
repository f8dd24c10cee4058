"""Edits to what a file takes from other layers, as overrides in the file itself: nothing else is ever written to."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from datalife.schema.edits import Drop, Edit, Extend, Path, Put, value_at

#: How deep in a file a rule stands; one that another layer has is overridden as a whole.
DEPTHS = {"columns": 3, "columns_matching": 3}


def overriding(edits: Sequence[Edit], written: Mapping[str, Any], whole: Mapping[str, Any]) -> list[Edit]:
    """Edits of a schema as edits of one of its files.

    `written` is the plain value of the file and `whole` that of the schema, all layers resolved. A rule that the
    file has is edited; one that it has not is written into it as it becomes, or as null where it goes.
    """
    own = [edit for edit in edits if _is_written(edit, written)]
    others = [edit for edit in edits if not _is_written(edit, written)]
    return [*_together(_emptied(own, written), written), *_written_out(others, written, whole)]


def _is_written(edit: Edit, written: Mapping[str, Any]) -> bool:
    """Whether the file itself has what is edited, or for a new key the mapping that it belongs to."""
    path = edit.path[:-1] if isinstance(edit, Put) else edit.path
    return value_at(written, path) is not None


def _emptied(edits: Sequence[Edit], written: Mapping[str, Any]) -> list[Edit]:
    """A column all of whose rules go keeps an empty mapping."""
    gone: dict[Path, set[str]] = {}
    for edit in edits:
        if isinstance(edit, Drop):
            gone.setdefault(edit.path[:-1], set()).add(edit.path[-1])
    filled = {edit.path[:-1] for edit in edits if isinstance(edit, Put)}
    empty = [path for path, keys in gone.items() if path not in filled and keys == set(value_at(written, path))]
    kept = [edit for edit in edits if not (isinstance(edit, Drop) and edit.path[:-1] in empty)]
    return [*kept, *(Put(path, {}) for path in empty)]


def _together(edits: Sequence[Edit], written: Mapping[str, Any]) -> list[Edit]:
    """New keys of an empty mapping, which has one place to write in, as one edit."""
    filled: dict[Path, dict[str, Any]] = {}
    kept: list[Edit] = []
    for edit in edits:
        if isinstance(edit, Put) and len(edit.path) > 2 and value_at(written, edit.path[:-1]) == {}:
            filled.setdefault(edit.path[:-1], {})[edit.path[-1]] = edit.value
        else:
            kept.append(edit)
    return [*kept, *(Put(path, rules) for path, rules in filled.items())]


def _written_out(edits: Sequence[Edit], written: Mapping[str, Any], whole: Mapping[str, Any]) -> list[Edit]:
    """The rules that other layers have, changed, each put into the innermost mapping that the file has."""
    changed = copy.deepcopy(dict(whole))
    for edit in edits:
        _apply(edit, changed)
    found: dict[Path, Any] = {}
    for edit in edits:
        route = edit.path[: DEPTHS.get(edit.path[0], 2)]
        depth = next(
            size for size in range(len(route)) if value_at(written, route[: size + 1]) is None or size + 1 == len(route)
        )
        value = _ordered(value_at(changed, route))
        place, inner = route[: depth + 1], route[depth + 1 :]
        if not inner:
            found[place] = value
            continue
        target = found.setdefault(place, {})
        for step in inner[:-1]:
            target = target.setdefault(step, {})
        target[inner[-1]] = value
    return [Put(path, value) for path, value in found.items()]


def _ordered(rule: Any) -> Any:
    """A rule as people write it, its value first where it is written long."""
    return {"value": rule["value"]} | rule if isinstance(rule, dict) and "value" in rule else rule


def _apply(edit: Edit, value: dict[str, Any]) -> None:
    """One edit made in a plain value."""
    for step in edit.path[:-1]:
        value = value.setdefault(step, {})
    key = edit.path[-1]
    if isinstance(edit, Put):
        value[key] = edit.value
    elif isinstance(edit, Extend):
        value[key] = [*value[key], *edit.values]
    else:
        value.pop(key, None)
