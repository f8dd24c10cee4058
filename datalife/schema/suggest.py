"""A schema changed just enough for data to pass: `validate --suggest`.

What statistics can tell is relaxed first, as `infer-schema --update` does. Then the data is validated against the
result, and what it still breaks is relaxed rule by rule, until nothing is left that a schema can allow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalife.anomalies import Anomaly
from datalife.schema.edits import Drop, Extend, Put, value_at
from datalife.schema.lint import read_schema
from datalife.schema.model import Route
from datalife.schema.relax import Change, Relaxation
from datalife.schema.totals import age_of
from datalife.schema.update import UpdatedSchema, edited, profile_under, update_schema
from datalife.schema.validate import Examined, ValidateOptions, examined
from datalife.sources.dataset import Dataset
from datalife.yamlfile import Document
from datalife.yamltext import flow

#: Rounds in which single rules are relaxed; what is broken after them is taken away with the rules around it.
ROUNDS = 6
#: What no schema can allow.
BEYOND = ("unreadable-row",)


@dataclass(frozen=True)
class Suggestion:
    """The text of a schema that the data keeps to, one line a change, and what no schema can allow."""

    text: str
    changes: list[str]
    beyond: list[str]


def suggest(dataset: Dataset, path: str, options: ValidateOptions) -> Suggestion:
    """The schema in the file `path`, changed just enough for the data to pass; the file stays as it is.

    Raises:
        SchemaError: the file is no valid schema.
    """
    text = Path(path).read_bytes().decode("utf-8-sig")
    schema = update_schema(text, profile_under(dataset, read_schema(text, path)), where=path)
    changes = list(schema.changes)
    for number in range(2 * ROUNDS):
        found = examined(dataset, schema, options)
        broken = [each for each in found.findings.anomalies if each.code not in BEYOND]
        if not broken:
            break
        stand = _stand(schema, found, options, path)
        relaxed = (_given_up if number >= ROUNDS else _relaxed)(broken, stand)
        made = list({change.edit.path: change for change in relaxed}.values())
        changes += [change.text for change in made]
        schema = edited(schema.text, stand.whole, Relaxation(made), path)
    return Suggestion(schema.text, changes, [each.message for each in found.findings.anomalies])


@dataclass(frozen=True)
class Stand:
    """Where a round begins: the schema as plain values, all layers resolved and as its file has it, and the data."""

    whole: Mapping[str, Any]
    written: Mapping[str, Any]
    found: Examined
    options: ValidateOptions

    def at(self, route: Route) -> Any:
        """The part of the schema at a route; None where there is none."""
        return value_at(self.whole, route)

    def put(self, route: Route, value: Any) -> Change:
        """Another value at a route."""
        before = self.at(route)
        was = "" if before is None else f"{flow(before)} -> "
        return Change(Put(tuple(map(str, route)), value), f"{_named(route)} {was}{flow(value)}")

    def drop(self, route: Route, why: str) -> Change:
        """Nothing at a route any more."""
        return Change(Drop(tuple(map(str, route))), f"{_named(route)} removed, {why}")

    def without(self, route: Route, why: str) -> Change:
        """The list without the item at a route; the key of a list that had no other goes too."""
        *outer, place = route
        rest = [each for position, each in enumerate(self.at(tuple(outer))) if position != place]
        if not rest:
            return self.drop(tuple(outer), why)
        return Change(Put(tuple(map(str, outer)), rest), f"{_named(route)} removed, {why}")


def _stand(schema: UpdatedSchema, found: Examined, options: ValidateOptions, path: str) -> Stand:
    names = (column.name for column in found.dataset.columns)
    whole = schema.about(names).model_dump(exclude_unset=True)
    whole |= {"columns_matching": schema.model_dump(exclude_unset=True).get("columns_matching", {})}
    return Stand(whole, Document(schema.text, path).value or {}, found, options)


def _named(route: Route) -> str:
    head, *rest = route
    if head == "columns":
        *around, key = rest
        return f"column {'.'.join(map(str, around or [key]))!r}:" + (f" {key}" if around else "")
    return f"{head}: {' '.join(map(str, rest))}" if rest else f"{head}:"


def _relaxed(broken: list[Anomaly], stand: Stand) -> Iterator[Change]:
    retyped = {each.column for each in broken if each.code == "unexpected-type"}
    for each in broken:
        if each.column in retyped and each.code != "unexpected-type":
            continue  # the next round sees what is left of it
        yield RELAXATIONS.get(each.code, _tolerated)(each, stand)


def _given_up(broken: list[Anomaly], stand: Stand) -> Iterator[Change]:
    """What is left goes: the rules of a column but for its type, or a rule of the dataset."""
    for each in broken:
        if each.route[0] == "columns":
            rules = {"nullable": True, "required": False}
            yield Change(Put(tuple(map(str, each.route[:2])), rules), f"{_named(each.route[:2])} rules removed")
        else:
            yield stand.drop(each.route[:2], each.message)


def _up(number: float) -> float:
    """Rounded up to four decimals."""
    return math.ceil(number * 10_000 - 1e-9) / 10_000


def _tolerated(found: Anomaly, stand: Stand) -> Change:
    """The rule tolerates as many failures as there are."""
    if found.failures is None or found.fraction is None:
        return stand.drop(found.route, found.message)
    if found.route[0] == "checks":
        return _check(found, stand, _terms(stand.at(found.route), found))
    rule = stand.at(found.route)
    is_long = isinstance(rule, Mapping)
    return stand.put(found.route, _terms(rule if is_long else {"value": rule}, found))


def _outside(found: Anomaly, stand: Stand) -> Change:
    share = (*found.route[:-1], "min_domain_fraction")
    if stand.at(share) is None:
        return _tolerated(found, stand)
    return stand.put(share, math.floor((1 - (found.fraction or 0)) * 10_000) / 10_000)


def _terms(rule: Mapping[str, Any], found: Anomaly) -> dict[str, Any]:
    """A rule that allows the failures that were found, in the terms in which it allows some already."""
    assert found.failures is not None
    assert found.fraction is not None
    terms = {"max_failures": found.failures, "max_failure_fraction": min(1.0, _up(found.fraction))}
    stated = [key for key in terms if rule.get(key) is not None] or ["max_failures"]
    return dict(rule) | {key: max(terms[key], rule.get(key) or 0) for key in stated}


def _check(found: Anomaly, stand: Stand, check: Mapping[str, Any]) -> Change:
    """A check with other terms, in this file also where it stands in a base."""
    own: list[Any] = stand.written.get("checks") or []
    place = next((place for place, each in enumerate(own) if each.get("name") == check["name"]), None)
    text = f"check {check['name']!r}: {flow({key: check[key] for key in check if key.startswith('max_failure')})}"
    if place is not None:
        key = next(key for key in check if check[key] != stand.at(found.route).get(key))
        return Change(Put(("checks", str(place), key), check[key]), text)
    return Change(Extend(("checks",), (dict(check),)) if own else Put(("checks",), [dict(check)]), text)


def _not_asked(found: Anomaly, stand: Stand) -> Change:
    """Of a rule that is `true` or not."""
    return stand.put(found.route, False)


def _allowed(found: Anomaly, stand: Stand) -> Change:
    return stand.put(found.route, True)


def _column_elsewhere(found: Anomaly, stand: Stand) -> Change:
    """A column that is there in an environment in which it should not be."""
    if found.route[0] != "columns":
        return stand.put(("columns", str(found.column)), {})
    here, rules = stand.options.environment, stand.at(found.route)
    if here in rules.get("not_in", []):
        return stand.put((*found.route, "not_in"), [each for each in rules["not_in"] if each != here])
    return stand.put((*found.route, "in"), [*rules["in"], here])


def _missing_values(found: Anomaly, stand: Stand) -> Change:
    route, share = found.route, _up(found.fraction or 0)
    if stand.at((*route[:-1], "nullable")) is not None:
        return stand.put((*route[:-1], "nullable"), True)
    rule = stand.at(route)
    return stand.put((*route, "value") if isinstance(rule, Mapping) else route, min(1.0, share))


def _mistyped(found: Anomaly, stand: Stand) -> Change:
    """The column is text, or of the type that it has, and no rule of the other type holds."""
    assert found.column is not None
    kind = stand.found.dataset.column(found.column).type
    kept = {key: stand.at(("columns", found.column)).get(key) for key in ("nullable", "max_null_fraction", "severity")}
    rules = {"type": kind} | {key: value for key, value in kept.items() if value is not None}
    return stand.put(("columns", found.column), rules)


def _repeated(found: Anomaly, stand: Stand) -> Change:
    if found.route[0] == "columns":
        return _tolerated(found, stand)
    return stand.without(found.route, found.message)


def _unreferenced(found: Anomaly, stand: Stand) -> Change:
    rule = _terms(stand.at(found.route), found)
    if found.route[0] == "columns":
        return stand.put(found.route, rule)
    *outer, place = found.route
    rules = [rule if position == place else each for position, each in enumerate(stand.at(tuple(outer)))]
    return Change(Put(tuple(map(str, outer)), rules), f"{_named(found.route)} {flow(rule)}")


def _statistic(found: Anomaly, stand: Stand) -> Change:
    return stand.drop(found.route, found.message)


def _rows(found: Anomaly, stand: Stand) -> Change:
    return stand.put(found.route, stand.found.summary.rows)


def _row_change(found: Anomaly, stand: Stand) -> Change:
    assert stand.options.baseline is not None
    ratio = stand.found.summary.rows / stand.options.baseline.rows
    limits = dict(stand.at(found.route))
    if limits.get("min") is not None:
        limits["min"] = min(limits["min"], math.floor(ratio * 10_000) / 10_000)
    if limits.get("max") is not None:
        limits["max"] = max(limits["max"], _up(ratio))
    return stand.put(found.route, limits)


def _stale(found: Anomaly, stand: Stand) -> Change:
    age = age_of(stand.found.summary, str(found.column), stand.options.now)
    return stand.put((*found.route, "max_age"), f"{math.ceil((age or 0) / 3600)}h")


def _moved(found: Anomaly, stand: Stand) -> Change:
    """A limit of drift or skew allows the distance that there is."""
    *outer, place = found.route
    limits = stand.at(tuple(outer))
    many = limits if isinstance(limits, list) else [limits]
    assert found.distance is not None
    wider = [
        dict(each) | ({"max": _up(found.distance)} if position == place else {}) for position, each in enumerate(many)
    ]
    return stand.put(tuple(outer), wider if isinstance(limits, list) else wider[0])


def _unchecked(found: Anomaly, stand: Stand) -> Change:
    """What cannot be checked is not asked for."""
    *outer, place = found.route
    if isinstance(place, int) and isinstance(stand.at(tuple(outer)), list):
        return stand.without(found.route, found.message)
    return stand.drop(tuple(outer) if isinstance(place, int) else found.route, found.message)


#: code -> how its rule is relaxed; the others tolerate the failures that there are.
RELAXATIONS: dict[str, Callable[[Anomaly, Stand], Change]] = {
    "missing-column": _not_asked,
    "unexpected-column": _column_elsewhere,
    "column-order": _not_asked,
    "unexpected-type": _mistyped,
    "too-many-nulls": _missing_values,
    "value-outside-domain": _outside,
    "nan-value": _allowed,
    "infinite-value": _allowed,
    "duplicate-key": _repeated,
    "not-unique": _repeated,
    "broken-reference": _unreferenced,
    "statistic-out-of-range": _statistic,
    "too-few-rows": _rows,
    "too-many-rows": _rows,
    "row-count-change": _row_change,
    "stale-data": _stale,
    "drift": _moved,
    "skew": _moved,
    "not-checked": _unchecked,
}
