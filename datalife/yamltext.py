"""Values as YAML text that YAML 1.1 and 1.2 readers understand alike, and that is one line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

#: Text that may stand plain: it begins with a letter and holds nothing that YAML gives a meaning.
PLAIN = re.compile(r"[^\W\d_](?:[\w./()+&'-]| (?=[\w./()+&'-]))*|_\w*")
#: Words that some YAML version reads as a boolean, a null or a number.
RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf", "infinity"))
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def scalar(value: Any) -> str:
    """A boolean, number, null or text as a scalar; anything else as its text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    text = str(value)
    return text if is_plain(text) else quoted(text)


def is_plain(text: str) -> bool:
    """Whether `text` without quotes is text to every YAML reader, and looks like it to a person."""
    return PLAIN.fullmatch(text) is not None and text.lower() not in RESERVED and text.isprintable()


def quoted(text: str) -> str:
    """`text` in double quotes; whatever a terminal or an editor could act on is escaped. JSON where JSON can."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _float(value: float) -> str:
    """A float keeps its point: YAML 1.1 reads `1e-05` as text and an integer would change the type."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent


def flow(value: Any) -> str:
    """A value of any depth on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow_key(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)


def block(value: Any) -> str:
    """A value of any depth as a block: a key or an entry a line, lists of plain values in brackets."""
    return "".join(f"{line}\n" for line in _block(value))


def _block(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            if _has_block(each):
                yield f"{flow_key(key)}:"
                yield from (f"  {line}" for line in _block(each))
            else:
                yield f"{flow_key(key)}: {flow(each)}"
    elif _has_block(value):
        for each in value:
            first, *rest = _block(each)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield flow(value)


def _has_block(value: Any) -> bool:
    """Whether a value takes several lines."""
    return bool(value) and (isinstance(value, dict) or (isinstance(value, list) and any(map(_has_block, value))))


def flow_key(name: Any) -> str:
    """A key of a mapping; one too long for YAML to see it on its line is marked as a key."""
    text = scalar(name)
    return text if len(text) <= LONGEST_KEY else f"? {text} "


#: YAML allows 1,024 characters; a few are kept for the indentation.
LONGEST_KEY = 1000


def comment(text: str) -> str:
    """`text` as it may stand behind a `#`: one line, nothing that a terminal could act on."""
    return "".join(character if character.isprintable() else _escaped(character) for character in text)
