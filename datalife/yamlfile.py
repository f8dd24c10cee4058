"""YAML files as models: the text is read by YAML 1.2's rules, and every fault has its line and column.

Aliases, tags and duplicate keys are refused; only `true` and `false` are booleans, and `No`, `on`, `010`, `1_000`
and `2026-01-01` are text. JSON is YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from datalife.errors import Fault, Location, SchemaError, did_you_mean, first_line
from datalife.words import shortened

Model = TypeVar("Model", bound=BaseModel)
Route = tuple[str | int, ...]
#: A file is no larger, and holds no more values: a bomb ends here.
LARGEST = 16 << 20
MOST_NODES = 1_000_000
DEEPEST = 60
#: Integers of more digits are text; none of them is a value of a column.
LONGEST_INTEGER = 1000
#: A character beyond 16 bits as JSON escapes it, in two halves, which YAML does not know.
PAIR = re.compile(r"(?<!\\)(?P<before>(?:\\\\)*)(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
#: What the YAML reader says of an escape such as half of such a pair.
NO_CHARACTER = "found invalid Unicode character escape code"
QUOTED = ("'", '"', "|", ">")
SCALARS = (
    ("bool", re.compile(r"true|false")),
    ("null", re.compile(r"null|~|")),
    ("int", re.compile(r"-?(?:0|[1-9][0-9]*)")),
    ("float", re.compile(r"-?(?:0|[1-9][0-9]*|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|-?\.inf|\.nan")),
)


class Document:
    """A YAML document: its plain value, and where each part of it is written.

    With `as_text` every scalar is the text that is written.
    """

    def __init__(self, text: str, where: str, *, as_text: bool = False) -> None:
        self.where = where
        self.faults: list[Fault] = []
        self.places: dict[Route, Location] = {(): Location(where)}
        self._scalar: Callable[[yaml.ScalarNode], Any] = _written if as_text else _scalar
        node = _composed(text, where)
        self.value = self._plain(node, ()) if node is not None else None

    def known(self, route: Route) -> Route:
        """The steps of `route` that are written in the document; names of alternatives in between are not."""
        known: Route = ()
        for step in route:
            known = (*known, step) if (*known, step) in self.places else known
        return known

    def place(self, route: Route) -> Location:
        """Where the part at `route` is written, or the nearest part around it."""
        return self.places[self.known(route)]

    def fault(self, route: Route, message: str, hint: str | None = None) -> None:
        """Notes a fault at the part at `route`."""
        self.faults.append(Fault(str(self.place(route)), message, hint))

    def refuse_faults(self) -> None:
        """Raises all faults noted, in the order of the file."""
        if self.faults:
            raise SchemaError.of(sorted(set(self.faults), key=lambda fault: _order(fault.where)))

    def _plain(self, node: yaml.Node, route: Route) -> Any:
        self.places[route] = self.places.get(route) or _at(node, self.where)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(each, (*route, position)) for position, each in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.faults.append(Fault(str(_at(key, self.where)), "a key must be plain text"))
                continue
            if key.value in found:
                self.faults.append(Fault(str(_at(key, self.where)), f"the key {key.value!r} stands here twice"))
            self.places[(*route, key.value)] = _at(key, self.where)
            found[key.value] = self._plain(value, (*route, key.value))
        return found


def text_of(path: str) -> str:
    """The text of a file for people, without a byte order mark.

    Raises:
        SchemaError: it cannot be read, is too large, or is no UTF-8.
    """
    try:
        content = Path(path).read_bytes()
        if len(content) > LARGEST:
            raise SchemaError(path, f"is larger than {LARGEST >> 20} MiB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise SchemaError(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SchemaError(f"{path}:{line}", f"is not UTF-8: byte 0x{content[error.start]:02x}") from error


def model_of(document: Document, model: type[Model]) -> Model:
    """The model that a document holds.

    Raises:
        SchemaError: it holds none; all that is wrong with it.
    """
    if document.value is None:
        raise SchemaError(document.where, "is empty", "the smallest schema is `columns: {}`")
    try:
        found = model.model_validate(document.value)
    except ValidationError as error:
        for each in {document.known(each["loc"]) + _absent(each): each for each in error.errors()}.values():
            _note(document, each, model)
        document.refuse_faults()
        raise
    document.refuse_faults()
    return found


def _composed(text: str, where: str) -> yaml.Node | None:
    if text.lstrip()[:1] == "{":
        text = PAIR.sub(lambda found: found["before"] + json.loads(f'"{found["pair"]}"'), text)
    try:
        nodes = _refuse_traps(text, where)
        return yaml.compose(text, Loader=yaml.CSafeLoader) if nodes else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Location(where, mark.line + 1, mark.column + 1) if mark else Location(where)
        if error.problem == NO_CHARACTER:
            raise SchemaError(place, "an escape stands for no character", "write the character itself") from error
        raise SchemaError(place, f"is not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8", "replace").count(b"\n", 0, error.position) + 1
        raise SchemaError(Location(where, line), f"is not YAML: {first_line(error)}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SchemaError(where, f"is not YAML: {first_line(error)}") from error


def _refuse_traps(text: str, where: str) -> int:
    """Counts the values; an alias, a tag, too many or too deep values are refused before anything is built."""
    count = depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark = event.start_mark
        place = Location(where, mark.line + 1, mark.column + 1) if mark else Location(where)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise SchemaError(place, "aliases and anchors are not supported", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise SchemaError(place, f"tags such as {tag} are not supported", "quote what is text")
        count += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if count > MOST_NODES or depth > DEEPEST:
            raise SchemaError(place, f"more than {MOST_NODES:,} values or {DEEPEST} levels are not supported")
    return count


def _at(node: yaml.Node, where: str) -> Location:
    return Location(where, node.start_mark.line + 1, node.start_mark.column + 1)


def _order(where: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r":(\d+)", where))


def _written(node: yaml.ScalarNode) -> str:
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> Any:
    """The value of a scalar by YAML 1.2's core rules; anything quoted is text."""
    text = node.value
    if node.style in QUOTED:
        return text
    kind = next((kind for kind, pattern in SCALARS if pattern.fullmatch(text)), "str")
    match kind:
        case "bool":
            return text == "true"
        case "null":
            return None
        case "int":
            return int(text) if len(text) <= LONGEST_INTEGER else text
        case "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
        case _:
            return text


#: What pydantic asks for, in words of YAML.
WANTED = {
    "int_type": "should be a whole number",
    "float_type": "should be a number",
    "string_type": "should be text",
    "bool_type": "should be true or false",
    "list_type": "should be a list",
    "dict_type": "should hold keys and values",
    "model_type": "should hold keys and values",
}


def _absent(error: ErrorDetails) -> Route:
    """The key that is missing, which no place in the document can tell from the others."""
    return error["loc"][-1:] if error["type"] == "missing" else ()


def _note(document: Document, error: ErrorDetails, model: type[BaseModel]) -> None:
    loc, message, kind = error["loc"], error["msg"], error["type"]
    route = document.known(loc)
    name = next((step for step in reversed(route) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        known = sorted(_known_keys(model, loc[:-1]))
        document.fault(loc, f"unknown key {name!r}", did_you_mean(name, known) or _listing(known))
    elif kind == "literal_error":
        given, expected = error["input"], error["ctx"]["expected"]
        known = re.findall(r"'([^']*)'", expected) or [expected]
        hint = did_you_mean(str(given), known) or f"known are {', '.join(known)}"
        document.fault(loc, f"unknown {name} {in_quotes(given)}", hint)
    elif kind == "missing":
        document.fault(loc, f"the key {str(loc[-1])!r} is missing")
    else:
        told = message.removeprefix("Value error, ").replace("Input should", "should", 1)
        told = WANTED.get(kind, told[:1].lower() + told[1:])
        document.fault(loc, f"{name}: {told}" if name else told)


def in_quotes(value: object) -> str:
    """A value as a message quotes it."""
    return shortened(repr(value), 60)


def _listing(known: list[str]) -> str | None:
    return f"known are {', '.join(known)}" if known and len(known) <= 12 else None


def _known_keys(model: type[BaseModel], route: Route) -> set[str]:
    """The keys of the model at `route` below `model`."""
    found: list[type[BaseModel]] = [model]
    for step in route:
        fields = [(each, name) for each in found for name in each.model_fields]
        named = [
            each.model_fields[name].annotation for each, name in fields if step in (name, each.model_fields[name].alias)
        ]
        found = [inner for annotation in named for inner in _models(annotation)] or found
    return {field.alias or name for each in found for name, field in each.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, UnionType, list, dict, Mapping):
        for each in get_args(annotation):
            yield from _models(each)
