"""Layers of a schema file: the base that it `extends`, its `defaults` and its families of columns.

They are resolved in the document, before it becomes a model, so that every fault keeps the file, line and column
where its words stand. What is stronger stands first:

1. a key of a column in the file itself, then in its base, then in the base of that;
2. the last of `columns_matching` that the whole name of the column fits;
3. `defaults`, where they are for the column's type.

A rule is replaced as a whole, and `null` takes it away. Lists are replaced too, but for `checks`, which go by name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from datalife.errors import Location
from datalife.schema.model import family_of
from datalife.schema.vocabulary import APPLIES, can_measure
from datalife.yamlfile import Document, Route, text_of

#: Parts of a file whose keys the layers share; any other part is replaced as a whole.
SECTIONS = ("reading", "domains", "dataset", "defaults", "columns", "columns_matching")
#: Rules of a column that say the same in other words: one in a stronger layer replaces the other.
SAME = {"nullable": "max_null_fraction", "max_null_fraction": "nullable"}


def layered(path: str) -> Document:
    """The document at `path` with all its layers resolved.

    Raises:
        SchemaError: a file cannot be read or is not YAML, at the place that names it.
    """
    document = _with_base(path, (os.path.realpath(path),))
    spread(document)
    return document


def _with_base(path: str, chain: tuple[str, ...]) -> Document:
    """The document at `path` over the one it extends; `chain` are the real paths of the files on the way here."""
    return over_base(Document(text_of(path), path), path, chain)


def over_base(document: Document, path: str, chain: tuple[str, ...] = ()) -> Document:
    """A document, of the file at `path`, over the one that it extends, if any."""
    named = document.value.get("extends") if isinstance(document.value, dict) else None
    if not isinstance(document.value, dict) or not isinstance(named, str):
        return document
    document.value.setdefault("columns", {})
    base = os.path.normpath(os.path.join(os.path.dirname(path), named))
    if os.path.realpath(base) in chain:
        document.fault(("extends",), f"{named} extends this file in turn", "a base stands on its own")
    elif not os.path.isfile(base):
        document.fault(("extends",), f"there is no file {base}", "the path starts from the folder of this file")
    else:
        _lay_over(_with_base(base, (*chain, os.path.realpath(base))), document)
    return document


def _lay_over(base: Document, document: Document) -> None:
    """Puts `base` under `document`, in place."""
    document.faults = [*base.faults, *document.faults]
    if not isinstance(base.value, dict):
        document.fault(("extends",), f"{base.where} holds no schema")
        return
    checks, places = _checks(base, document)
    kept = [
        {route: place for route, place in each.places.items() if len(route) < 2 or route[0] != "checks"}
        for each in (base, document)
    ]
    document.places = kept[0] | kept[1] | places
    below = {key: each for key, each in base.value.items() if key != "extends"}
    document.value = _merged(below, document.value or {}, ())
    if checks:
        document.value["checks"] = checks


def _merged(below: dict[str, Any], above: dict[str, Any], route: Route) -> dict[str, Any]:
    """The keys of both; what is said above holds, and a null above takes away what is below."""
    found = dict(below)
    for key, value in above.items():
        inner = (*route, key)
        if value is None and key in below:
            del found[key]
        elif isinstance(value, dict) and isinstance(below.get(key), dict) and _is_shared(inner):
            found[key] = _merged(below[key], value, inner)
        else:
            found[key] = value
    return found


def _is_shared(route: Route) -> bool:
    """Whether the keys of the part at `route` may come from several layers: down to the rules of a column."""
    section, *rest = route
    if section not in SECTIONS:
        return False
    if section in ("columns", "columns_matching"):
        rest = rest[1:]
    while rest[:1] == ["items"] or (rest[:1] == ["fields"] and len(rest) > 1):
        rest = rest[1:] if rest[0] == "items" else rest[2:]
    return rest in ([], ["fields"], ["statistics"])


def _checks(base: Document, document: Document) -> tuple[list[Any], dict[Route, Location]]:
    """The checks of both with their places: those of the base, replaced by those of the same name, and the others."""
    above = {_name(check, place): place for place, check in enumerate(_listed(document))}
    chosen = [(base, place, _name(check, -1)) for place, check in enumerate(_listed(base))]
    found = [(document, above.pop(name)) if name in above else (source, place) for source, place, name in chosen]
    found += [(document, place) for place in above.values()]
    places: dict[Route, Location] = {}
    for place, (source, old) in enumerate(found):
        places |= {("checks", place, *rest): at for rest, at in _places_below(source, ("checks", old)).items()}
    return [_listed(source)[old] for source, old in found], places


def _listed(document: Document) -> list[Any]:
    found = (document.value or {}).get("checks")
    return found if isinstance(found, list) else []


def _name(check: Any, otherwise: int) -> str | int:
    name = check.get("name") if isinstance(check, dict) else None
    return name if isinstance(name, str) else otherwise


def spread(document: Document) -> None:
    """Puts the rules of families and defaults under those of each column, in place."""
    if not isinstance(document.value, dict):
        return
    families = _mapping(document.value, "columns_matching")
    if families:
        document.value.setdefault("columns", {})
    defaults = _Lower(document, ("defaults",), _mapping(document.value, "defaults"))
    for pattern, rules in families.items():
        defaults.put_under(rules, ("columns_matching", pattern))
    lower = {
        pattern: _Lower(document, ("columns_matching", pattern), rules)
        for pattern, rules in families.items()
        if isinstance(rules, dict)
    }
    for name, rules in _mapping(document.value, "columns").items():
        lower.get(family_of(name, lower) or "", defaults).put_under(rules, ("columns", name))


class _Lower:
    """The rules of a weaker layer, and where they are written."""

    def __init__(self, document: Document, route: Route, rules: Mapping[str, Any]) -> None:
        self.document = document
        self.rules = dict(rules)
        self.places = _places_below(document, route) if rules else {}

    def put_under(self, rules: Any, route: Route) -> None:
        """Gives the column at `route` the rules that it does not have itself and that are for its type."""
        if not isinstance(rules, dict):
            return
        own, kind = set(rules), rules.get("type", self.rules.get("type"))
        for key, value in self.rules.items():
            if key in own or SAME.get(key) in own or not _is_for(key, value, kind):
                continue
            rules[key] = value
            for rest, place in self.places.items():
                if rest[:1] == (key,):
                    self.document.places[(*route, *rest)] = place
        for key in [key for key in own & set(self.rules) if rules[key] is None]:
            del rules[key]


def _is_for(key: str, value: Any, kind: Any) -> bool:
    """Whether columns of a type can have a rule."""
    if key in ("drift", "skew"):
        limits = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
        return all(can_measure(each.get("metric"), kind) for each in limits)
    return key not in APPLIES or kind in APPLIES[key]


def _places_below(document: Document, route: Route) -> dict[Route, Location]:
    size = len(route)
    return {each[size:]: place for each, place in document.places.items() if each[:size] == route}


def _mapping(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
