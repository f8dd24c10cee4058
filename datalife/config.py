"""Settings from `datalife.yaml`, or from `[tool.datalife]` of `pyproject.toml`.

Keys are the names of flags; a key that is the name of a command holds settings of that command alone. Values are
kept as text, as on the command line: YAML's and TOML's own ideas of types do not matter.

    format: json
    validate:
      fail-on: warning
    datasets:
      trips: {source: data/trips.csv, schema: schemas/trips.yaml}
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalife.errors import Location, SchemaError
from datalife.yamlfile import Document, text_of

FILE = "datalife.yaml"
PROJECT_FILE = "pyproject.toml"
TABLE = "tool.datalife"
#: The part of a file that lists the datasets of a project: below its name, each has the flags of `validate`.
DATASETS = "datasets"


@dataclass(frozen=True)
class Setting:
    """One flag's value, for one command or (None) for each that has the flag, and where it is written.

    Of the settings of a `dataset` of the project, `command` is DATASETS.
    """

    command: str | None
    name: str
    value: str | list[str]
    where: Location
    dataset: str | None = None


def find(folder: Path) -> Path | None:
    """The settings file of `folder` or of the nearest folder above that has one."""
    for each in (folder, *folder.parents):
        if (each / FILE).is_file():
            return each / FILE
        project = each / PROJECT_FILE
        if project.is_file() and f"[{TABLE}" in text_of(str(project)):
            return project
    return None


def read(path: Path) -> list[Setting]:
    """The settings of a file, in its order.

    Raises:
        SchemaError: it cannot be read, or is more than flags and their values; all faults together.
    """
    return _read_toml(path) if path.suffix == ".toml" else _read_yaml(path)


def _read_yaml(path: Path) -> list[Setting]:
    document = Document(text_of(str(path)), str(path), as_text=True)
    settings = [] if document.value is None else list(_settings(document, document.value, ()))
    document.refuse_faults()
    return settings


def _settings(document: Document, value: Any, command: tuple[str, ...]) -> Iterator[Setting]:
    """The settings of all commands, or below the name of one those of it."""
    if not isinstance(value, dict):
        document.fault(command, "expected flags and their values, such as 'format: json'")
        return
    for name, each in value.items():
        route = (*command, name)
        if (route[:1] == (DATASETS,) and len(route) < 3) or (isinstance(each, dict) and not command):
            yield from _settings(document, each, route)
        elif isinstance(each, dict) or (isinstance(each, list) and any(not isinstance(one, str) for one in each)):
            document.fault(route, "expected one value or a list of values")
        else:
            yield Setting(_step(command, 0), name, each, document.place(route), _step(command, 1))


def _step(route: tuple[str, ...], place: int) -> str | None:
    return route[place] if len(route) > place else None


def _read_toml(path: Path) -> list[Setting]:
    text = text_of(str(path))
    try:
        document: dict[str, Any] = tomllib.loads(text)
        for part in TABLE.split("."):
            document = document.get(part, {})
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = Location(str(path), int(line[1]) if line else None)
        raise SchemaError(where, str(error).split(" (at ")[0]) from error
    settings: list[Setting] = []
    for name, value in document.items():
        if name == DATASETS and isinstance(value, dict):
            settings += [
                _from_toml(path, text, (name, dataset), inner, each)
                for dataset, table in value.items()
                for inner, each in (table if isinstance(table, dict) else {dataset: value}).items()
            ]
        elif isinstance(value, dict):
            settings += [_from_toml(path, text, (name,), inner, each) for inner, each in value.items()]
        else:
            settings.append(_from_toml(path, text, (), name, value))
    return settings


def _from_toml(path: Path, text: str, route: tuple[str, ...], name: str, value: Any) -> Setting:
    where = Location(str(path), _line(text, route, name))
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict | list) for each in value)):
        raise SchemaError(where, f"{name!r}: expected one value or a list of values")
    words = [_word(each) for each in value] if isinstance(value, list) else _word(value)
    return Setting(_step(route, 0), name, words, where, _step(route, 1))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(text: str, route: tuple[str, ...], name: str) -> int | None:
    """The line on which a key of our tables is written, as far as it is written plainly; the parser does not say."""
    table = ".".join((TABLE, *route))
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"\s*\[([^]]+)\]", line)
        current = heading[1].replace('"', "").strip() if heading else current
        if current == table and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line):
            return number
    return None
