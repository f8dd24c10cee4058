"""From what the user names to the files meant: literal paths first, then globs, then directories."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from datalife.errors import SourceError, UsageError, did_you_mean

STANDARD_INPUT = "-"
HIVE_PART = re.compile(r"([^=/]+)=(.*)")


@dataclass(frozen=True)
class SourceFile:
    """One file to read: its path, the name to show, and the hive partition values found in its folders."""

    path: Path
    name: str
    partition: dict[str, str | None] = field(default_factory=dict)


def expand(source: str) -> list[SourceFile]:
    """The files that `source` means, in a stable order.

    An existing path is taken literally before it is taken as a pattern. A directory is every data file below it;
    hidden files and names that begin with `_` are skipped.

    Raises:
        SourceError: nothing matches, or what matches is no file that can be read.
    """
    if "://" in source:
        raise SourceError(source, "reading over a network is not supported yet", "download it and name the file")
    if source == STANDARD_INPUT:
        return [SourceFile(Path("/dev/stdin"), "standard input")]
    path = Path(source)
    if os.path.lexists(path):
        return _directory(path, source) if path.is_dir() else [_file(path, source)]
    if glob.has_magic(source):
        matches = sorted(glob.glob(source, recursive=True))
        files = [_file(Path(match), match) for match in matches if not Path(match).is_dir()]
        if not files:
            raise SourceError(source, "no file matches this pattern", _near(path))
        return files
    raise SourceError(source, "no such file or directory", _near(path))


def refuse_twice(sources: Sequence[str]) -> None:
    """Standard input can be read once only.

    Raises:
        UsageError: it is named twice.
    """
    if list(sources).count(STANDARD_INPUT) > 1:
        raise UsageError(STANDARD_INPUT, "standard input is named twice", "name it once")


def _file(path: Path, name: str) -> SourceFile:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(name, f"cannot be read: {error.strerror}") from error
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or path == Path("/dev/stdin")):
        raise SourceError(name, "is a device, not a file", "name a file, or `-` for standard input")
    if not os.access(path, os.R_OK):
        raise SourceError(name, "cannot be read: permission denied")
    return SourceFile(path, name)


def _directory(root: Path, name: str) -> list[SourceFile]:
    files = []
    for path in _walk(root, name):
        relative = path.relative_to(root)
        found = _file(path, str(path))
        files.append(SourceFile(found.path, found.name, _partition(relative)))
    if not files:
        raise SourceError(name, "the directory holds no data files", "hidden files and names with `_` are skipped")
    return files


def _walk(root: Path, name: str) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise SourceError(str(error.filename or name), f"cannot be read: {error.strerror}") from error

    for folder, subfolders, names in os.walk(root, onerror=stop):
        subfolders[:] = sorted(each for each in subfolders if not each.startswith((".", "_")))
        for each in sorted(names):
            if not each.startswith((".", "_")) and not each.endswith(".crc"):
                yield Path(folder, each)


def _partition(relative: Path) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for part in relative.parts[:-1]:
        match = HIVE_PART.fullmatch(part)
        if match:
            text = unquote(match[2])
            values[unquote(match[1])] = None if text == "__HIVE_DEFAULT_PARTITION__" else text
    return values


def _near(path: Path) -> str | None:
    try:
        names = os.listdir(path.parent)
    except OSError:
        return None
    return did_you_mean(path.name, names)
