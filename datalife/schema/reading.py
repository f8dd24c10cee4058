"""How the data of a schema is read."""

from __future__ import annotations

from dataclasses import replace

from datalife.schema.model import Schema
from datalife.sources.model import ReadOptions


def reading_of(schema: Schema, asked: ReadOptions) -> ReadOptions:
    """How the schema says that text is read, where nothing else was asked for."""
    declared = schema.reading.model_dump(exclude_none=True) if schema.reading else {}
    declared |= {"null_values": schema.null_values} if schema.null_values else {}
    declared = {key: tuple(value) if isinstance(value, list) else value for key, value in declared.items()}
    plain = ReadOptions()
    return replace(
        asked, **{key: value for key, value in declared.items() if getattr(asked, key) == getattr(plain, key)}
    )
