"""Relax a schema only as far as new data needs, in the text that people keep under review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr

from datalife.engine import Engine
from datalife.schema.edits import apply_edits
from datalife.schema.inference.model import InferOptions
from datalife.schema.lint import load_schema, read_schema
from datalife.schema.model import Schema
from datalife.schema.overrides import overriding
from datalife.schema.reading import reading_of
from datalife.schema.relax import Relaxation, relax
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.model import Profile
from datalife.stats.profile import profile, profile_of, summarize
from datalife.stats.saved import load_profile
from datalife.yamlfile import Document


class UpdatedSchema(Schema):
    """A schema after an update, with its text and what was changed."""

    _text: str = PrivateAttr("")
    _changes: list[str] = PrivateAttr(default_factory=list)
    _notes: list[str] = PrivateAttr(default_factory=list)

    @property
    def text(self) -> str:
        """The file as it was but for the changes."""
        return self._text

    @property
    def changes(self) -> list[str]:
        """One line a change; empty when the data keeps to the schema."""
        return self._changes

    @property
    def notes(self) -> list[str]:
        """What statistics alone could not judge, and so was left as it is."""
        return self._notes


def update_file(path: str, sources: Sequence[str], options: InferOptions) -> UpdatedSchema:
    """The schema in the file `path`, relaxed so that the data of `sources` keeps to it; nothing is written.

    The data is read as the schema says, where `options.reading` says nothing else.

    Raises:
        SchemaError: the file cannot be read or is no valid schema.
    """
    declared = load_schema(path)
    text = Path(path).read_bytes().decode("utf-8")
    reading = reading_of(declared, options.reading)
    return update_schema(text, _profile(sources, reading, declared, options.engine), options, where=path)


def _profile(sources: Sequence[str], reading: ReadOptions, schema: Schema, engine: Engine | None) -> Profile:
    """The profile of the sources, data or saved profiles."""
    if any(load_profile(source) is not None for source in sources):
        return profile(sources, reading, engine)
    return profile_under(open_dataset(sources, reading, engine), schema)


def profile_under(dataset: Dataset, schema: Schema) -> Profile:
    """The profile of a dataset; untyped text that the schema calls text stays it, whatever it looks like."""
    untyped = {column.name for column in dataset.columns if column.text is not None}
    rules = {name: schema.find(name) for name in untyped}
    texts = [name for name, found in rules.items() if found is not None and found.type == "string"]
    return profile_of(summarize(dataset.as_text(texts)))


def update_schema(
    text: str, profile: Profile, options: InferOptions | None = None, *, where: str = "schema"
) -> UpdatedSchema:
    """The schema file `text`, relaxed so that the data of `profile` keeps to it.

    A bound moves to what was seen, a domain gains the values it lacks, a rule that cannot be relaxed goes, a new
    column is added as inference would write it. Comments, order and layout stay; nothing is ever tightened.

    Raises:
        SchemaError: the text is no valid schema; `where` names it.
    """
    declared = read_schema(text, where)
    expanded = declared.about(column.name for column in profile.columns).model_dump(exclude_unset=True)
    whole = expanded | {"columns_matching": declared.model_dump(exclude_unset=True).get("columns_matching", {})}
    found = relax(whole, profile, options or InferOptions())
    return edited(text, whole, found, where)


def edited(text: str, whole: Mapping[str, Any], found: Relaxation, where: str) -> UpdatedSchema:
    """The schema file `text` with changes made; `whole` is the plain value of the schema, all layers resolved."""
    written = Document(text, where).value or {}
    after = apply_edits(text, overriding([change.edit for change in found.changes], written, whole))
    schema = UpdatedSchema.model_validate(read_schema(after, where).model_dump(exclude_unset=True))
    schema._text = after
    schema._changes.extend(change.text for change in found.changes)
    schema._notes.extend(found.notes)
    return schema
