"""Infer a schema from the statistics of data: each rule a small heuristic, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from pydantic import PrivateAttr

from datalife.schema.explain import Explanation, explained
from datalife.schema.inference.batches import Observation, observe
from datalife.schema.inference.dataset import dataset_rules
from datalife.schema.inference.domains import flag_domain, text_domain
from datalife.schema.inference.drift import drift_limit
from datalife.schema.inference.keys import unique
from datalife.schema.inference.model import Heuristic, InferOptions, Observed, Rule, Without
from datalife.schema.inference.presence import column_type, missing, not_numbers, required, tolerance
from datalife.schema.inference.ranges import item_counts, number_range
from datalife.schema.inference.rows import RowFacts
from datalife.schema.inference.texts import text_format, text_lengths, text_pattern
from datalife.schema.model import Schema
from datalife.schema.writer import schema_text
from datalife.sources.model import ReadOptions
from datalife.stats.model import ColumnProfile, Hint, Profile
from datalife.words import plural

#: In order: a later heuristic sees the rules found before it, and keys appear in the schema in this order.
HEURISTICS: list[Heuristic] = [
    column_type,
    required,
    unique,
    missing,
    not_numbers,
    text_format,
    text_domain,
    flag_domain,
    text_pattern,
    text_lengths,
    number_range,
    item_counts,
    tolerance,
]
#: Hints that a rule of the column already says, or that ask nothing of a reviewer.
SILENT_HINTS = frozenset({"all-missing", "constant", "id-like", "outliers"})

Path = tuple[str, ...]


class InferredSchema(Schema):
    """A schema that remembers why: the evidence of each rule, why others are not there, remarks for the reviewer."""

    _evidence: dict[Path, str] = PrivateAttr(default_factory=dict)
    _remarks: dict[Path, list[str]] = PrivateAttr(default_factory=dict)
    _without: dict[Path, list[Without]] = PrivateAttr(default_factory=dict)
    _shared: dict[Path, Any] = PrivateAttr(default_factory=dict)

    @property
    def evidence(self) -> dict[Path, str]:
        """What speaks for a rule, by its path: `("columns", "fare", "max")`."""
        return self._evidence

    @property
    def remarks(self) -> dict[Path, list[str]]:
        """Lines to read before a key, by its path; those of `()` are about the whole schema."""
        return self._remarks

    @property
    def text(self) -> str:
        """The schema as a file to review and keep; what `defaults` say of a column is not said there again."""
        return schema_text(self._with_defaults(), self._evidence, self._remarks)

    @property
    def as_seen(self) -> Schema:
        """What was seen, without the room for chance that all columns have: other tools have no words for that."""
        document = self._with_defaults()
        document.pop("defaults", None)
        return Schema.model_validate(document)

    @property
    def room(self) -> dict[str, Any]:
        """The room for chance that all columns have, by rule: what `defaults` say and `as_seen` lacks."""
        return self.defaults.model_dump(exclude_unset=True) if self.defaults else {}

    def _with_defaults(self) -> dict[str, Any]:
        document = self.model_dump(exclude_unset=True)
        for section, name, key in self._shared:
            del document[section][name][key]
        return document

    def explain(self, name: str) -> Explanation:
        """Why each rule of a column is there, and why others are not.

        Raises:
            UsageError: there is no such column.
        """
        rules = self.model_dump(exclude_unset=True)["columns"]
        return explained(name, rules, self._evidence, self._remarks, self._without)


def infer_schema(data: Profile | Sequence[str], options: InferOptions | None = None) -> InferredSchema:
    """The schema that data, a profile or sources, suggests: it keeps to it, and so does a like batch mostly.

    Every column is named, and required unless a batch lacks it. What a profile cannot know for certain (a distinct
    count estimated, frequencies cut off) makes no rule; nor are keys of several columns seen in one.
    """
    notes, options = _Notes(), options or InferOptions()
    seen = observe(data, options)
    columns = {each.name: _rules(seen.of(each, options), notes) for each in seen.profile.columns}
    for name in columns:
        columns[name] |= _drift(seen, name, options, notes)
    facts = seen.look({name: bool(rules.get("unique")) for name, rules in columns.items()})
    dataset = {rule.key: rule for rule in dataset_rules(seen, facts, options)}
    notes.evidence.update({("dataset", key): rule.evidence for key, rule in dataset.items()})
    _note_order(facts, dataset, notes)
    whole = {"dataset": {key: rule.value for key, rule in dataset.items()}} if dataset else {}
    whole |= _defaults(columns, seen, facts, notes)
    document = {"version": 1, **_how_to_read(options.reading), **whole, "columns": columns}
    schema = InferredSchema.model_validate(document)
    schema._evidence.update(notes.evidence)
    schema._remarks.update({(): _heading(seen), **notes.remarks})
    schema._without.update(notes.without)
    schema._shared.update(notes.shared)
    return schema


def _defaults(columns: dict[str, dict[str, Any]], seen: Observation, facts: RowFacts, notes: _Notes) -> dict[str, Any]:
    """What is the same for all columns; those of a key of several columns are never missing, as one alone is not."""
    for name in facts.key:
        path = ("columns", name, "max_null_fraction")
        if notes.shared.pop(path, None) is not None:
            columns[name]["max_null_fraction"] = 0
            notes.evidence[path] = "part of the key"
    defaults = {key: value for (*_, key), value in notes.shared.items()}
    if defaults:
        rows = plural(seen.profile.rows, "row")
        told = f"what none of {rows} has (a hole, a value out of range) may by chance come so often; 0: never"
        notes.evidence["defaults",] = told
    return {"defaults": defaults} if defaults else {}


def _drift(seen: Observation, name: str, options: InferOptions, notes: _Notes) -> dict[str, Any]:
    """The limit of drift of a column, where limits are asked for."""
    if not (options.drift if options.drift is not None else seen.batches):
        return {}
    found = list(drift_limit(*seen.summaries(name)))
    notes.gather(("columns", name), found)
    return {each.key: each.value for each in found if isinstance(each, Rule)}


def _note_order(facts: RowFacts, dataset: Mapping[str, Rule], notes: _Notes) -> None:
    """Says of times that never go back that they do not; a feed of them can be held to its age."""
    for name in facts.ordered:
        told = "the rows are in its order" + ("" if "freshness" in dataset else ": --now TIME bounds how old it may be")
        notes.remarks.setdefault(("columns", name), []).append(told)


def _how_to_read(reading: ReadOptions) -> dict[str, Any]:
    """What whoever checks the data must know to read it as it was read here."""
    plain = ReadOptions()
    keys = ("delimiter", "quote", "encoding", "header", "decimal_comma")
    unusual = {key: getattr(reading, key) for key in keys if getattr(reading, key) != getattr(plain, key)}
    if reading.time_formats:
        unusual["time_formats"] = list(reading.time_formats)
    nulls = {"null_values": list(reading.null_values)} if reading.null_values else {}
    return nulls | ({"reading": unusual} if unusual else {})


def column_rules(
    column: ColumnProfile, rows: int, options: InferOptions
) -> tuple[dict[str, Any], dict[Path, str], dict[Path, list[str]]]:
    """The rules of one column with the evidence and the remarks, by paths below the column."""
    notes = _Notes()
    rules = _rules(Observed(column, rows, options), notes, (column.name,))
    return rules, notes.evidence, notes.remarks


@dataclass
class _Notes:
    """Evidence, remarks and rules that are not there, gathered while the rules are found."""

    evidence: dict[Path, str] = field(default_factory=dict)
    remarks: dict[Path, list[str]] = field(default_factory=dict)
    without: dict[Path, list[Without]] = field(default_factory=dict)
    shared: dict[Path, Any] = field(default_factory=dict)

    def gather(self, path: Path, found: Sequence[Rule | Without]) -> None:
        """Notes what was found of the column at `path`."""
        rules = [each for each in found if isinstance(each, Rule)]
        self.evidence.update({(*path, rule.key): rule.evidence for rule in rules if rule.evidence})
        self.shared.update({(*path, rule.key): rule.value for rule in rules if rule.shared})
        self.without.setdefault(path, []).extend(each for each in found if isinstance(each, Without))


def _rules(observed: Observed, notes: _Notes, path: Path | None = None) -> dict[str, Any]:
    """The rules of one column as the keys of its schema, nested columns included."""
    here = ("columns", observed.profile.name) if path is None else path
    found: dict[str, Rule] = {}
    for heuristic in HEURISTICS:
        findings = list(heuristic(observed, found))
        notes.gather(here, findings)
        found.update({each.key: each for each in findings if isinstance(each, Rule)})
    remarks = list(_remarks(observed, found))
    if remarks:
        notes.remarks[here] = remarks
    return {key: rule.value for key, rule in found.items()} | _nested(observed, notes, here)


def _remarks(observed: Observed, found: Mapping[str, Rule]) -> Iterator[str]:
    """What a reviewer should know of a column before its rules."""
    profile = observed.profile
    codes = {hint.code for hint in profile.hints}
    for hint in profile.hints:
        said = (hint.code == "numbers-as-text" and "missing-marker" in codes) or _is_padding(hint, profile)
        if hint.code not in SILENT_HINTS and not said:
            yield hint.message
    if "id-like" in codes and "unique" not in found and not profile.distinct_exact and profile.distinct_count:
        about = f"about {profile.distinct_count:,} distinct of {plural(profile.count, 'value')}"
        yield f"{about}, too many to be sure: add `unique: true` if it is a key"


def _is_padding(hint: Hint, profile: ColumnProfile) -> bool:
    """Whether a column has space around every value: a habit of its file, told once for all columns."""
    return hint.code == "leading-or-trailing-space" and hint.count == profile.count


def _nested(observed: Observed, notes: _Notes, path: Path) -> dict[str, Any]:
    """The schemas of the items of a list and of the fields of a struct."""
    profile = observed.profile
    inner: dict[str, Any] = {}
    if profile.items is not None and profile.items.count:
        within = _inner(profile.items, profile.total_items or 0, observed)
        inner["items"] = _rules(within, notes, (*path, "items"))
    if profile.fields:
        inner["fields"] = {}
        for field in profile.fields:
            name = field.name.removeprefix(f"{profile.name}.")
            within = _inner(field, field.count + field.null_count, observed)
            inner["fields"][name] = _rules(within, notes, (*path, "fields", name))
    return inner


def _inner(profile: ColumnProfile, rows: int, outer: Observed) -> Observed:
    return Observed(profile, rows, outer.options, nested=True)


def _heading(seen: Observation) -> list[str]:
    profile = seen.profile
    names = [PurePath(source).name for source in profile.sources[:3]]
    more = len(profile.sources) - len(names)
    of = f" of {', '.join(names)}" if names else ""
    batches = f" in {plural(len(seen.batches), 'batch', 'batches')}" if seen.batches else ""
    lines = [
        f"Inferred from {plural(profile.rows, 'row')}{batches}{of}{f' and {more} more' if more else ''}.",
        "Beside each rule stands what was seen. Review it: the data may be wrong, and you know what it means.",
    ]
    padded = sum(any(_is_padding(hint, column) for hint in column.hints) for column in profile.columns)
    if padded:
        lines.append(f"In {plural(padded, 'column')} every value has space around it, which belongs to the value here.")
    if any(hint.code == "missing-marker" for column in profile.columns for hint in column.hints):
        lines.append("A text that means missing belongs into `null_values`: infer again with --null-value TEXT.")
    return lines
