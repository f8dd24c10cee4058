"""Text-format protocol buffers without their descriptions: names, scalars and messages, as far as schemas need them.

Source: protobuf.dev/reference/protobuf/textformat-spec.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datalife.errors import Location, SchemaError

#: A message: every field with all its values, in order. A value is a message, a text, a number or a boolean.
Message = dict[str, list[Any]]
TOKENS = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?\s*(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?))(?![\w.])
    |(?P<name>-?\s*[A-Za-z_]\w*)
    |(?P<extension>\[[\w./-]+\])
    |(?P<mark>[{}<>:;,\[\]])""",
    re.VERBOSE,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
WORDS = {"true": True, "false": False, "inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}
CLOSING = {"{": "}", "<": ">"}
#: Messages within messages; a schema has a handful.
DEEPEST = 60


@dataclass(frozen=True)
class Token:
    """A word of the text, its kind (a group of TOKENS) and where it stands."""

    kind: str
    text: str
    start: int


def parse(text: str, where: str) -> Message:
    """The message that a text is; `where` names the file.

    Raises:
        SchemaError: it is none, with line and column.
    """
    return _Parser(text, where).message(None, 0)


class _Parser:
    """One pass over the tokens, looking one ahead."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self.tokens = self._tokens()
        self.next: Token | None = next(self.tokens, None)

    def _tokens(self) -> Iterator[Token]:
        position = 0
        while position < len(self.text):
            found = TOKENS.match(self.text, position)
            if found is None or found.lastgroup is None:
                raise self._fault(f"{self.text[position]!r} is not expected", position)
            if found.lastgroup != "space":
                yield Token(found.lastgroup, found[0], position)
            position = found.end()

    def message(self, closing: str | None, depth: int) -> Message:
        """The fields up to a closing mark, or (None) the end of the text."""
        found: Message = {}
        while self.next is not None and self.next.text != closing:
            token = self._advance()
            if token.kind not in ("name", "extension"):
                raise self._fault(f"expected the name of a field, not {token.text}", token.start)
            found.setdefault(token.text, []).extend(self._values(depth))
            if self._sees(";", ","):
                self._advance()
        if closing is not None:
            self._advance(closing)
        return found

    def _values(self, depth: int) -> list[Any]:
        has_colon = self._sees(":")
        if has_colon:
            self._advance()
        if not self._sees("["):
            return [self._value(depth, has_colon)]
        self._advance()
        values = []
        while not self._sees("]"):
            values.append(self._value(depth, has_colon))
            if self._sees(","):
                self._advance()
        self._advance("]")
        return values

    def _value(self, depth: int, has_colon: bool) -> Any:
        token = self._advance()
        if token.text in CLOSING:
            if depth >= DEEPEST:
                raise self._fault(f"more than {DEEPEST} levels are not supported", token.start)
            return self.message(CLOSING[token.text], depth + 1)
        if not has_colon:
            raise self._fault("expected ':' or '{' behind the name of a field", token.start)
        if token.kind == "text":
            texts = [_unescaped(token.text)]
            while self.next is not None and self.next.kind == "text":
                texts.append(_unescaped(self._advance().text))
            return "".join(texts)
        if token.kind == "number":
            return _number(token.text)
        if token.kind == "name":
            word = re.sub(r"\s", "", token.text)
            return WORDS.get(word, word)
        raise self._fault(f"expected a value, not {token.text}", token.start)

    def _sees(self, *marks: str) -> bool:
        return self.next is not None and self.next.kind == "mark" and self.next.text in marks

    def _advance(self, expected: str | None = None) -> Token:
        token = self.next
        if token is None or (expected is not None and token.text != expected):
            shown = "the end of the file" if token is None else token.text
            raise self._fault(
                f"expected {expected or 'a value'}, not {shown}", token.start if token else len(self.text)
            )
        self.next = next(self.tokens, None)
        return token

    def _fault(self, message: str, position: int) -> SchemaError:
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        hint = "this should be a schema in protobuf's text format (.pbtxt)"
        return SchemaError(Location(self.where, line, column), message, hint)


def _number(text: str) -> int | float:
    word = re.sub(r"\s", "", text)
    if "x" in word.lower():
        return int(word, 16)
    try:
        return int(word)
    except ValueError:
        return float(word.rstrip("fF"))


def _unescaped(literal: str) -> str:
    """The text of a literal; octal and hexadecimal escapes are bytes of UTF-8."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        if code[0] in "xX":
            return chr(int(code[1:], 16))
        if code[0] in "uU":
            return chr(int(code[1:], 16)).encode("utf-8", "replace").decode("latin-1")
        return ESCAPES.get(code, code)

    body = literal[1:-1].encode("utf-8").decode("latin-1")
    pattern = r"\\([0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
    return re.sub(pattern, one, body, flags=re.DOTALL).encode("latin-1").decode("utf-8", "replace")


class Word(str):
    """A name that is written without quotes: one of an enumeration."""

    __slots__ = ()


def written(message: Mapping[str, Any], indent: str = "") -> str:
    """A message as text: mappings are messages, lists are repeated fields, None is left out."""
    lines = []
    for name, value in message.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                lines.append(f"{indent}{name} {{\n{written(each, indent + '  ')}{indent}}}\n")
            elif each is not None:
                lines.append(f"{indent}{name}: {_scalar(each)}\n")
    return "".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
