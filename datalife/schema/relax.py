"""What of a schema new data breaks, and the least change of each rule that lets the data pass.

Judged from a profile alone: what needs the rows themselves (checks, keys of several columns, patterns of columns
with too many distinct values) is named in the notes and left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from datalife.schema.constraints import HasFormat, MatchesPattern
from datalife.schema.edits import Drop, Edit, Extend, Path, Put
from datalife.schema.infer import column_rules
from datalife.schema.inference.bounds import round_up
from datalife.schema.inference.model import InferOptions, Observed
from datalife.schema.literals import bound
from datalife.schema.model import GRADED, UNCHECKED_STAGES, Long
from datalife.schema.typed import ACCEPTED
from datalife.schema.vocabulary import APPLIES, NUMBERS, TIMES
from datalife.schema.writer import entry_lines
from datalife.sources.types import TEXT_TYPES
from datalife.stats.model import ColumnProfile, Profile
from datalife.words import out_of, plural
from datalife.yamltext import flow

#: Rules whose values are of the type of the column, bounds among them.
RANGES = ("min", "max", "exclusive_min", "exclusive_max")
ABOUT_VALUES = ("domain", "min_domain_fraction", *RANGES)
#: Rules of the dataset that a profile cannot judge.
BEYOND_PROFILES = ("unique", "freshness", "rows_vs_baseline")


@dataclass(frozen=True)
class Change:
    """One edit of the file and what to tell about it."""

    edit: Edit
    text: str


@dataclass
class Relaxation:
    """All changes that new data asks of a schema, and what could not be judged."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A column of the schema, where its rules stand in the file, and what the new data shows of it."""

    path: Path
    rules: Mapping[str, Any]
    observed: Observed
    domains: Mapping[str, Any]

    @property
    def profile(self) -> ColumnProfile:
        """The statistics of the new data."""
        return self.observed.profile

    def value(self, key: str) -> Any:
        """What a rule demands, written short or long; None where there is no such rule."""
        rule = self.rules.get(key)
        return rule.get("value") if isinstance(rule, Mapping) else rule

    def place(self, key: str) -> Path:
        """The path of the value of a rule."""
        inner = ("value",) if isinstance(self.rules.get(key), Mapping) else ()
        return (*self.path, key, *inner)

    def put(self, key: str, value: Any) -> Change:
        """The rule with another value."""
        before = f"{flow(self.value(key))} -> " if key in self.rules else ""
        return Change(Put(self.place(key), value), f"{_named(self.path)}: {key} {before}{flow(value)}")

    def drop(self, key: str, why: str) -> Change:
        """The rule gone."""
        return Change(Drop((*self.path, key)), f"{_named(self.path)}: {key} removed, {why}")


def relax(document: Mapping[str, Any], profile: Profile, options: InferOptions) -> Relaxation:
    """What the data of `profile` needs changed in the schema `document` (plain values, valid)."""
    found = Relaxation()
    columns: Mapping[str, Any] = document.get("columns") or {}
    profiles = {each.name: each for each in profile.columns}
    for name, rules in columns.items():
        observed = profiles.get(name)
        if (rules or {}).get("stage") in UNCHECKED_STAGES:
            continue
        if observed is None:
            section = "columns_matching" if name in (document.get("columns_matching") or {}) else "columns"
            found.changes.extend(_absent((section, name), rules or {}, found.notes))
            continue
        seen = Seen(
            ("columns", name), rules or {}, Observed(observed, profile.rows, options), document.get("domains") or {}
        )
        found.changes.extend(_column(seen, found.notes))
    found.changes.extend(_dataset(document, profile))
    found.changes.extend(_new_columns(document, profile, options))
    found.changes = _merged(found.changes)
    found.notes.extend(_not_judged(document))
    return found


def _absent(path: Path, rules: Mapping[str, Any], notes: list[str]) -> Iterator[Change]:
    if rules.get("in") or rules.get("not_in"):
        notes.append(f"{_named(path)} is not in the data; its environments say where it must be")
    elif rules.get("required", True):
        yield Change(Put((*path, "required"), False), f"{_named(path)}: required -> false, it is not in the data")


def _column(seen: Seen, notes: list[str]) -> Iterator[Change]:
    """The changes of one column, those of its items and fields included."""
    changes = [change for relaxation in RELAXATIONS for change in relaxation(seen)]
    yield from changes
    for key in ("pattern", "format", "unique", "domain"):
        if seen.rules.get(key) and seen.observed.values is None and seen.profile.count:
            notes.append(f"{_named(seen.path)}: {key} not judged, too many distinct values for a profile")
    yield from _inner(seen, notes)


def _inner(seen: Seen, notes: list[str]) -> Iterator[Change]:
    profile = seen.profile
    pairs = [("items", seen.rules.get("items"), profile.items, profile.total_items or 0)]
    for each in profile.fields or []:
        name = each.name.removeprefix(f"{profile.name}.")
        pairs.append((name, (seen.rules.get("fields") or {}).get(name), each, each.count + each.null_count))
    for name, rules, inner, rows in pairs:
        if rules and inner is not None and profile.type in ("list", "struct"):
            path = (*seen.path, "items") if name == "items" and profile.type == "list" else (*seen.path, "fields", name)
            observed = Observed(inner, rows, seen.observed.options, nested=True)
            yield from _column(Seen(path, rules, observed, seen.domains), notes)


def types(seen: Seen) -> Iterator[Change]:
    """The type becomes that of the data, or the wider of the two; rules that the new type does not know go."""
    declared, actual = seen.value("type"), seen.profile.type
    if not declared or not seen.profile.count or _accepts(seen):
        return
    yield seen.put("type", actual)
    if (declared, actual) == ("integer", "float"):
        return
    for key in seen.rules:
        if key in ABOUT_VALUES or actual not in APPLIES.get(key, (actual,)):
            yield seen.drop(key, f"which was about {declared} values")


def _accepts(seen: Seen) -> bool:
    """Whether the data is of the type that the schema names, or of one that validation reads as it."""
    declared, actual = seen.value("type"), seen.profile.type
    if declared is None or declared == actual or (actual, declared) in ACCEPTED:
        return True
    if actual != "string" or declared not in ("date", "datetime", "time"):
        return False
    kinds = [kind for kind in TEXT_TYPES if kind.name == declared]
    texts = pl.DataFrame({"text": [value for value, _ in seen.observed.values or []]}, schema={"text": pl.String})
    fit = texts.select(pl.any_horizontal(kind.fits(pl.col("text")) for kind in kinds).all()).item()
    return "time_format" in seen.rules or bool(fit)


def _same_type(seen: Seen) -> bool:
    return _accepts(seen) or (seen.value("type"), seen.profile.type) == ("integer", "float")


def presence(seen: Seen) -> Iterator[Change]:
    """More may be missing, fewer values are enough."""
    profile, rows = seen.profile, seen.observed.rows
    if seen.observed.nested or not rows:
        return
    absent = profile.null_count / rows
    limit = 1.0 if seen.value("nullable") else seen.value("max_null_fraction") or 0.0
    if absent > limit:
        yield seen.put("max_null_fraction", min(1.0, round_up(absent, 4)))
        if "nullable" in seen.rules:
            yield seen.drop("nullable", "max_null_fraction says it")
    if seen.value("min_count") is not None and profile.count < seen.value("min_count"):
        yield seen.put("min_count", profile.count)


def domain(seen: Seen) -> Iterator[Change]:
    """The domain gains the values it lacks, or goes when there are too many of them."""
    allowed, values = seen.value("domain"), seen.observed.values
    if allowed is None or values is None or not _same_type(seen):
        return
    named = isinstance(allowed, str)
    known = list(seen.domains.get(allowed, [])) if named else list(allowed)
    # NaN and infinities, which are text here, are the business of other rules
    counts = {value: count for value, count in values if not (seen.profile.type == "float" and isinstance(value, str))}
    new = _missing_in(known, counts)
    room = 1 - seen.value("min_domain_fraction") if "min_domain_fraction" in seen.rules else 0.0
    if sum(counts[value] for value in new) <= max(room * seen.profile.count, _tolerated(seen, "domain")) + 1e-9:
        return
    if len(known) + len(new) > max(seen.observed.options.max_domain, 2 * len(known)):
        yield seen.drop("domain", f"{plural(len(new), 'new value')} are too many for one")
        if "min_domain_fraction" in seen.rules:
            yield seen.drop("min_domain_fraction", "there is no domain any more")
        return
    added = sorted(new, key=lambda value: (str(type(value)), value))
    place = ("domains", allowed) if named else seen.place("domain")
    yield Change(Extend(place, tuple(added)), f"{_named(seen.path)}: domain + {flow(added)}")


def _missing_in(known: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    """Those of `values` that are not among `known`; 1 and 1.0 are one value, 1 and true are not."""
    there = {(isinstance(each, bool), each) for each in known}
    return [value for value in dict.fromkeys(values) if (isinstance(value, bool), value) not in there]


def _tolerated(seen: Seen, key: str) -> float:
    """How many values may break a rule."""
    rule = seen.rules.get(key)
    own = rule if isinstance(rule, Mapping) else {}
    most, share = own.get("max_failures"), own.get("max_failure_fraction")
    if most is None and share is None and key in GRADED:
        share = seen.value("max_failure_fraction")
    return max(most or 0, (share or 0) * seen.profile.count)


def _are_tolerated(seen: Seen, keys: Sequence[str], breaks: Callable[[Any], bool]) -> bool:
    """Whether no more values break the rules than may; unless all values are known, none may."""
    most = min((_tolerated(seen, key) for key in keys if seen.value(key) is not None), default=0)
    values = seen.observed.values
    return most > 0 and values is not None and sum(count for value, count in values if breaks(value)) <= most


def bounds(seen: Seen) -> Iterator[Change]:
    """A bound moves to the smallest or largest value seen, an exclusive one becomes inclusive there.

    Beyond an infinity there is no place to move to: both go.
    """
    profile = seen.profile
    if not _same_type(seen) or _are_tolerated(seen, RANGES, lambda value: _is_outside(value, seen)):
        return
    for key, extreme, infinity, sign in (("min", profile.min, "-inf", 1), ("max", profile.max, "inf", -1)):
        exclusive = f"exclusive_{key}"
        if _holds(seen, infinity):
            yield from (seen.drop(each, f"{infinity} was seen") for each in (key, exclusive) if each in seen.rules)
            continue
        if extreme is None:
            continue
        if seen.value(key) is not None and _beyond(extreme, seen.value(key), profile.type, sign) > 0:
            yield seen.put(key, extreme)
        if seen.value(exclusive) is not None and _beyond(extreme, seen.value(exclusive), profile.type, sign) >= 0:
            yield seen.drop(exclusive, f"{flow(extreme)} was seen")
            if key not in seen.rules:
                yield seen.put(key, extreme)


def _is_outside(value: Any, seen: Seen) -> bool:
    """Whether a value breaks a bound of its column; NaN breaks none, an infinity any."""
    kind = seen.profile.type
    if kind in NUMBERS and isinstance(value, str):
        return value != "NaN"
    found = ((seen.value(key), -1 if key.endswith("max") else 1, key.startswith("exclusive")) for key in RANGES)
    return any(
        limit is not None and _beyond(value, limit, kind, sign) >= (0 if is_open else 1)
        for limit, sign, is_open in found
    )


def _beyond(extreme: Any, limit: Any, kind: str, sign: int) -> int:
    """1 when an extreme lies outside a limit, 0 when on it, -1 inside; `sign` is 1 for a lower limit."""
    one, other = _point(extreme, kind), _point(limit, kind)
    return sign * (int(one < other) - int(one > other))


def _point(value: Any, kind: str) -> Any:
    """A bound or an extreme as something that compares; times without a zone are taken as UTC."""
    found = bound(value, "datetime" if kind == "date" else kind) if kind in TIMES else value
    return found.astimezone(UTC).replace(tzinfo=None) if isinstance(found, datetime) and found.tzinfo else found


def _holds(seen: Seen, value: Any) -> bool:
    return bool(seen.profile.inf_count) and any(each == value for each, _ in seen.observed.values or [(value, 1)])


def multiples(seen: Seen) -> Iterator[Change]:
    """A step that some value misses goes."""
    step, values = seen.value("multiple_of"), seen.observed.values
    if step and values and any(not isinstance(value, str) and value % step for value, _ in values):
        yield seen.drop("multiple_of", f"not every value is a multiple of {flow(step)}")


def lengths(seen: Seen) -> Iterator[Change]:
    """Lengths of text and of lists reach as far as those seen."""
    profile = seen.profile
    least, most = seen.value("min_length") or 0, seen.value("max_length")
    if profile.type == "string" and _are_tolerated(
        seen, ("min_length", "max_length"), lambda text: len(text) < least or (most is not None and len(text) > most)
    ):
        return
    for key, actual in (("min_length", profile.min_length), ("min_items", profile.min_items)):
        if seen.value(key) is not None and actual is not None and actual < seen.value(key) and _same_type(seen):
            yield seen.put(key, actual)
    for key, actual in (("max_length", profile.max_length), ("max_items", profile.max_items)):
        if seen.value(key) is not None and actual is not None and actual > seen.value(key) and _same_type(seen):
            yield seen.put(key, actual)


def shapes(seen: Seen) -> Iterator[Change]:
    """A pattern or a format that too many values lack goes."""
    values = seen.observed.values
    if seen.profile.type != "string" or not values:
        return
    texts = pl.DataFrame(values, schema={"text": pl.String, "count": pl.Int64}, orient="row")
    for key, kind in (("pattern", MatchesPattern), ("format", HasFormat)):
        if seen.value(key) is not None:
            rule = kind(Long[Any](value=seen.value(key)), pl.String())
            failures = texts.filter(rule.violations(pl.col("text"))).get_column("count").sum()
            if failures > _tolerated(seen, key):
                yield seen.drop(key, f"{out_of(int(failures), seen.profile.count)} values lack it")


def distinct(seen: Seen) -> Iterator[Change]:
    """Values may repeat, and there may be fewer or more of them."""
    profile = seen.profile
    count = profile.distinct_count
    if count is None or not profile.count:
        return
    if seen.value("unique") and profile.distinct_exact and count < profile.count:
        yield seen.put("unique", False)
    if seen.value("min_distinct") is not None and count < seen.value("min_distinct"):
        yield seen.put("min_distinct", count)
    if seen.value("max_distinct") is not None and count > seen.value("max_distinct"):
        yield seen.put("max_distinct", count)
    fraction = seen.value("min_distinct_fraction")
    if fraction is not None and count / profile.count < fraction:
        yield seen.put("min_distinct_fraction", int(10000 * count / profile.count) / 10000)


def not_numbers(seen: Seen) -> Iterator[Change]:
    """NaN and infinities are allowed where there are some, which takes a type."""
    counts = {"allow_nan": seen.profile.nan_count, "allow_infinite": seen.profile.inf_count}
    refused = [key for key, count in counts.items() if count and not seen.value(key)]
    if refused and "type" not in seen.rules:
        yield seen.put("type", seen.profile.type)
    yield from (seen.put(key, True) for key in refused)


def statistics(seen: Seen) -> Iterator[Change]:
    """Bounds of a statistic reach as far as the one measured."""
    for name, limits in (seen.rules.get("statistics") or {}).items():
        actual = getattr(seen.profile, name, None)
        if not isinstance(actual, int | float) or not isinstance(limits, Mapping):
            continue
        for key, broken in (("min", actual < limits.get("min", actual)), ("max", actual > limits.get("max", actual))):
            if broken:
                text = f"{_named(seen.path)}: {name} {key} {flow(limits[key])} -> {flow(actual)}"
                yield Change(Put((*seen.path, "statistics", name, key), actual), text)


#: One function a family of rules, each seeing the column alone.
RELAXATIONS: list[Callable[[Seen], Iterable[Change]]] = [
    types,
    presence,
    domain,
    bounds,
    multiples,
    lengths,
    shapes,
    distinct,
    not_numbers,
    statistics,
]


def _dataset(document: Mapping[str, Any], profile: Profile) -> Iterator[Change]:
    rules = document.get("dataset") or {}
    rows = rules.get("rows") or {}
    for key, broken in (
        ("min", profile.rows < rows.get("min", 0)),
        ("max", profile.rows > rows.get("max", profile.rows)),
    ):
        if broken:
            text = f"dataset: rows {key} {rows[key]} -> {profile.rows}"
            yield Change(Put(("dataset", "rows", key), profile.rows), text)
    named = [column.name for column in profile.columns if column.name in document.get("columns", {})]
    if rules.get("ordered") and named != [name for name in document.get("columns", {}) if name in named]:
        yield Change(Put(("dataset", "ordered"), False), "dataset: ordered true -> false")


def _new_columns(document: Mapping[str, Any], profile: Profile, options: InferOptions) -> Iterator[Change]:
    if (document.get("dataset") or {}).get("other_columns") == "ignore":
        return
    for column in profile.columns:
        if column.name not in (document.get("columns") or {}):
            rules, beside, above = column_rules(column, profile.rows, options)
            lines = entry_lines(column.name, rules, beside, above)
            yield Change(Put(("columns", column.name), rules, lines), f"{_named(('columns', column.name))}: added")


def _merged(changes: list[Change]) -> list[Change]:
    """Each path once: columns that share a domain may ask for the same values."""
    extended: dict[Path, list[Any]] = {}
    for change in changes:
        if isinstance(change.edit, Extend):
            known = extended.setdefault(change.edit.path, [])
            known.extend(_missing_in(known, change.edit.values))
    merged, done = [], set()
    for change in changes:
        if change.edit.path in done:
            continue
        done.add(change.edit.path)
        if isinstance(change.edit, Extend):
            change = Change(Extend(change.edit.path, tuple(extended[change.edit.path])), change.text)
        merged.append(change)
    return merged


def _not_judged(document: Mapping[str, Any]) -> Iterator[str]:
    dataset = document.get("dataset") or {}
    beyond = [f"dataset.{key}" for key in BEYOND_PROFILES if dataset.get(key)]
    beyond += ["checks"] if document.get("checks") else []
    if beyond:
        yield f"not judged here, run validate: {', '.join(beyond)}"


def _named(path: Path) -> str:
    return f"column {'.'.join(path[1:])!r}"
