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

from datalife.errors import Fault, Location, SchemaError
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
    document = Toml(path) if path.suffix == ".toml" else Document(text_of(str(path)), str(path), as_text=True)
    settings = [] if document.value is None else list(_settings(document, document.value, ()))
    document.refuse_faults()
    return settings


def _settings(document: Document | Toml, value: Any, command: tuple[str, ...]) -> Iterator[Setting]:
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


class Toml:
    """Our table of a TOML file, as a Document of YAML is one: its value, with text for scalars, and its places."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self.text = text_of(self.where)
        self.faults: list[Fault] = []
        try:
            found: Any = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            where = Location(self.where, int(line[1]) if line else None)
            raise SchemaError(where, str(error).split(" (at ")[0]) from error
        for part in TABLE.split("."):
            found = found.get(part, {}) if isinstance(found, dict) else found
        self.value = _as_text(found)

    def place(self, route: tuple[str, ...]) -> Location:
        """The line on which a key is written, as far as it is written plainly; the parser does not say."""
        table, inner = (".".join((TABLE, *steps)) for steps in (route[:-1], route))
        current = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            heading = re.match(r"\s*\[+([^]]+)\]", line)
            current = heading[1].replace('"', "").strip() if heading else current
            is_key = current == table and route and re.match(rf"\s*[\"']?{re.escape(route[-1])}[\"']?\s*=", line)
            if is_key or (heading and current == inner):
                return Location(self.where, number)
        return Location(self.where)

    def fault(self, route: tuple[str, ...], message: str) -> None:
        """Notes a fault at the key at `route`."""
        self.faults.append(Fault(str(self.place(route)), message))

    def refuse_faults(self) -> None:
        """Raises all faults noted."""
        if self.faults:
            raise SchemaError.of(self.faults)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
