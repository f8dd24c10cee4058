"""What is translated, taken apart key by key: what nobody took is lost, and listed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Any, TypeGuard

import polars as pl

from datalife.errors import SchemaError
from datalife.schema.exchange.keywords import inverse
from datalife.schema.model import ColumnSchema, Schema
from datalife.words import shortened
from datalife.yamlfile import Document
from datalife.yamltext import flow

#: Longer values are cut where a loss is told.
LONGEST = 60


class Part:
    """A mapping whose keys are taken one by one; those that are left when it closes are losses.

    `name` tells a person which part it is, such as `column 'fare'`; `where` names the file in errors.
    """

    def __init__(self, value: Any, name: str, losses: list[str], where: str = "schema") -> None:
        if not isinstance(value, Mapping):
            raise SchemaError(where, f"{name or 'it'} should hold keys and values, not {flow(value)[:LONGEST]}")
        self.left = {key: each for key, each in value.items() if each is not None}
        self.name = name
        self.losses = losses
        self.where = where

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key, value in self.left.items():
            self.lose(key, value)

    def take(self, key: str, otherwise: Any = None) -> Any:
        """The value of a key, which is understood now."""
        return self.left.pop(key, otherwise)

    def text(self, key: str) -> str | None:
        """The text of a key; None where there is none.

        Raises:
            SchemaError: it is something else.
        """
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            raise self._fault(key, "text", value)
        return value

    def number(self, key: str) -> int | float | None:
        """The number of a key; None where there is none.

        Raises:
            SchemaError: it is something else.
        """
        value = self.take(key)
        if value is None or is_number(value):
            return value
        raise self._fault(key, "a number", value)

    def listed(self, key: str) -> list[Any]:
        """The list of a key; empty where there is none.

        Raises:
            SchemaError: it is no list.
        """
        value = self.take(key, [])
        if not isinstance(value, list):
            raise self._fault(key, "a list", value)
        return value

    def texts(self, key: str) -> list[str]:
        """The list of a key, all of whose items are text.

        Raises:
            SchemaError: it is something else.
        """
        return self._all(key, str, "a list of texts")

    def mappings(self, key: str) -> list[dict[str, Any]]:
        """The list of a key, all of whose items hold keys and values.

        Raises:
            SchemaError: it is something else.
        """
        return self._all(key, dict, "a list of keys with values")

    def _all(self, key: str, kind: type, wanted: str) -> list[Any]:
        values = self.listed(key)
        if not all(isinstance(value, kind) for value in values):
            raise self._fault(key, wanted, values)
        return values

    def _fault(self, key: str, wanted: str, value: Any) -> SchemaError:
        named = f"{self.name}: {key}" if self.name else key
        return SchemaError(self.where, f"{named} should be {wanted}, not {flow(value)[:LONGEST]}")

    def inner(self, key: str) -> Part:
        """The mapping of a key as a part of its own; an empty one where there is none."""
        return Part(self.take(key, {}), f"{self.name}: {key}" if self.name else key, self.losses, self.where)

    def lose(self, key: str, value: Any) -> None:
        """Lists something as lost."""
        told = shortened(flow(value), LONGEST)
        self.losses.append(f"{self.name}: {key}: {told}" if self.name else f"{key}: {told}")

    def rule(self, key: str) -> Any:
        """The value of a rule of ours; what it says beside, written long, is lost."""
        value = self.take(key)
        if isinstance(value, Mapping) and "value" in value:
            for term, each in value.items():
                if term != "value" and each is not None:
                    self.lose(f"{key}: {term}", each)
            return value["value"]
        return value


#: What a schema means where it says nothing; said or not, it needs no word in another language.
MEANT = {
    "column": {"required": True, "severity": "error", "stage": "production"}
    | dict.fromkeys(("nullable", "unique", "allow_nan", "allow_infinite"), False),
    "dataset": {"other_columns": "error", "ordered": False},
}


def column_part(column: ColumnSchema, name: str, losses: list[str]) -> Part:
    """The rules of a column, to be written in another language."""
    return Part(_beyond(column.model_dump(exclude_unset=True), MEANT["column"]), f"column {name!r}", losses)


def schema_part(schema: Schema, losses: list[str]) -> Part:
    """The parts of a schema beside its columns and domains, to be written in another language."""
    plain = schema.model_dump(exclude_unset=True)
    plain["dataset"] = _beyond(plain.get("dataset", {}), MEANT["dataset"])
    own = ("version", "extends", "defaults", "columns", "domains")
    return Part({key: value for key, value in plain.items() if key not in own and value not in ([], {})}, "", losses)


def _beyond(rules: Mapping[str, Any], meant: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rules.items() if key not in meant or value != meant[key]}


def missing_share(part: Part) -> float:
    """The share of a column of ours that may be missing, 0 to 1."""
    nullable, share = part.take("nullable"), part.rule("max_null_fraction")
    return 1.0 if nullable else share or 0.0


def presence(share: float) -> dict[str, Any]:
    """The rules for a share that may be missing."""
    return {} if share <= 0 else {"nullable": True} if share >= 1 else {"max_null_fraction": share}


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def complement(share: float) -> float:
    """1 - share without the dust of binary fractions."""
    return float(1 - Decimal(repr(float(share))))


def called(kind: str, value: Any) -> str:
    """What a person calls a part that has a name of its own: `field 'fare'`."""
    return f"{kind} {value['name']!r}" if isinstance(value, Mapping) and "name" in value else kind


def hundredth(percent: float) -> float:
    """A share that is given in percent, without the dust of binary fractions."""
    return float(Decimal(repr(float(percent))) / 100)


def value_of(text: str, where: str) -> Any:
    """The value of a text in JSON or YAML.

    Raises:
        SchemaError: it is neither, or an escape in it stands for no character, with line and column.
    """
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            found = json.loads(text)
            json.dumps(found, ensure_ascii=False).encode()  # fails over half of a surrogate pair
            return found
    return Document(text, where).value


def whole(pattern: str) -> str:
    """A pattern that matches anywhere as one of whole values."""
    if len(pattern) > 5 and pattern.startswith("^(?:") and pattern.endswith(")$") and compiles(pattern[4:-2]):
        return pattern[4:-2]
    if pattern.startswith("^") and pattern.endswith("$") and not re.search(r"\\\$$|\|", pattern):
        return pattern[1:-1]
    return f"(?s:.*)(?:{pattern})(?s:.*)"


def compiles(pattern: str) -> bool:
    """Whether a pattern is one of ours: Rust's, without look-around."""
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError:
        return False
    return True


def take_pattern(part: Part) -> dict[str, Any]:
    """The rule for the `pattern` of a foreign schema, which matches anywhere; lost where ours cannot say it."""
    pattern = part.text("pattern")
    if pattern is None:
        return {}
    if compiles(whole(pattern)):
        return {"pattern": whole(pattern)}
    part.lose("pattern", pattern)
    return {}


def written_pattern(part: Part) -> str | None:
    """The pattern of a column of ours, which is of whole values, for a language in which one matches anywhere."""
    pattern = part.rule("pattern")
    return None if pattern is None else f"^(?:{pattern})$"


def written_format(part: Part, words: Mapping[str, str]) -> str | None:
    """What another language calls the format of a column of ours; left, and so lost, where it is none of `words`.

    `words` are theirs -> ours.
    """
    value = part.left.get("format")
    theirs = inverse(words).get(str(value["value"] if isinstance(value, Mapping) else value))
    if theirs is not None:
        part.rule("format")
    return theirs


def only(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules that have a value."""
    return {key: value for key, value in rules.items() if value is not None}
