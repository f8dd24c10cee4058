"""From what the user names to the files meant: literal paths first, then globs, then directories."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from datalife.errors import SourceError, UsageError, did_you_mean
from datalife.sources.remote import DELTA_LOG, WEB, is_store, listed, scheme_of, without_secrets

STANDARD_INPUT = "-"
DATABASES = ("postgresql", "postgres", "sqlite", "duckdb")
HIVE_PART = re.compile(r"([^=/]+)=(.*)")


@dataclass(frozen=True)
class SourceFile:
    """One file to read: its path, the name to show, and the hive partition values found in its folders.

    What is not on this machine has a `url`, and a `path` that leads nowhere. `query` is the SQL of a database's URI.
    """

    path: Path
    name: str
    partition: dict[str, str | None] = field(default_factory=dict)
    url: str | None = None
    query: str | None = None


def expand(source: str) -> list[SourceFile]:
    """The files that `source` means, in a stable order.

    An existing path is taken literally before it is taken as a pattern. A directory is every data file below it;
    hidden files and names that begin with `_` are skipped.

    Raises:
        SourceError: nothing matches, or what matches is no file that can be read.
    """
    scheme = scheme_of(source)
    if scheme is not None:
        return _behind(source, scheme)
    if source == STANDARD_INPUT:
        if not os.path.exists("/dev/stdin"):
            raise SourceError("standard input", "is closed", "name a file, or pipe data in")
        return [SourceFile(Path("/dev/stdin"), "standard input")]
    path = Path(source)
    if os.path.lexists(path):
        if (path / DELTA_LOG).is_dir():
            return [SourceFile(_anywhere(path), source)]
        return _directory(path, source) if path.is_dir() else [_file(path, source)]
    if glob.has_magic(source):
        matches = sorted(glob.glob(source, recursive=True))
        files = [_file(Path(match), match) for match in matches if not Path(match).is_dir()]
        if not files:
            raise SourceError(source, "no file matches this pattern", _near(path))
        return files
    raise SourceError(source, "no such file or directory", _near(path))


def _behind(source: str, scheme: str) -> list[SourceFile]:
    """What a URL means."""
    name = without_secrets(source)
    if scheme in WEB:
        return [SourceFile(Path(name), name, url=source)]
    if is_store(scheme):
        return [SourceFile(Path(url), url, _partition(Path(url)), url) for url in listed(source)]
    if scheme not in DATABASES:
        hint = (
            did_you_mean(scheme, ["s3", "gs", "az", "https", *DATABASES]) or "known are s3, gs, az, https, postgresql"
        )
        raise SourceError(name, f"nothing is known of {scheme}://", hint)
    address, _, rest = source.partition("?")
    settings, _, query = f"&{rest}".partition("&query=")  # the query comes last and may hold `&` itself
    asked = unquote(query) or None
    if scheme.startswith("postgres"):
        url = f"{address}?{settings[1:]}" if settings[1:] else address
        return [SourceFile(Path(name), name, url=url, query=asked)]
    path = unquote(address.partition("://")[2])
    relative = path.removeprefix("/")
    return [replace(_file(Path(relative if os.path.exists(relative) else path), name), query=asked)]


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
    return SourceFile(_anywhere(path), name)


def _anywhere(path: Path) -> Path:
    """The same path for processes that work in other folders; devices such as the standard input stay as they are."""
    return path if path.is_absolute() else Path.cwd() / path


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
