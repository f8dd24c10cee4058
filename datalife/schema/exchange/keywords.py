"""The words of JSON Schema for rules, which Table Schema and data contracts have taken over: theirs -> ours."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS = {
    "minimum": "min",
    "maximum": "max",
    "exclusiveMinimum": "exclusive_min",
    "exclusiveMaximum": "exclusive_max",
}
LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}
RULES = BOUNDS | {"multipleOf": "multiple_of"} | LENGTHS | {"minItems": "min_items", "maxItems": "max_items"}
FORMATS = {"email": "email", "uri": "url", "uuid": "uuid", "ipv4": "ipv4", "ipv6": "ipv6"}


def inverse(words: Mapping[str, str]) -> dict[str, str]:
    """Ours -> theirs."""
    return {ours: theirs for theirs, ours in words.items()}
