"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datalife.errors import OutputError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A path to write to; when the block ends well, what was written there becomes the file `path`, in one step.

    The path given is a new file beside the final one. When the block raises (also KeyboardInterrupt), it is
    removed and a file that was there before stays as it was. Through a symbolic link the file it names is
    replaced; a device or a pipe, which cannot be replaced, is given itself.

    Raises:
        OutputError: the folder does not exist, the disk is full, writing is not allowed ...
    """
    target = Path(os.path.realpath(path))
    check_writable(path)
    if target.exists() and not target.is_file():
        with _as_output_error(path):
            yield target
        return
    with _as_output_error(path):
        part = _new_beside(target)
        try:
            yield part
            to_disk(part)
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        # a folder that cannot be synced (some network file systems) does not make the file any less written
        with contextlib.suppress(OSError):
            to_disk(target.parent)


def write_text(path: str | Path, text: str) -> None:
    r"""Writes `text` as UTF-8 with `\n` line ends, atomically; lone surrogates are escaped.

    Raises:
        OutputError: it cannot be written.
    """
    with atomic(path) as part, open(part, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        stream.write(text)


def check_writable(path: str | Path) -> None:
    """Finds out before the work whether its result can be written.

    Raises:
        OutputError: the folder does not exist, or `path` is a folder or may not be written.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputError(str(path), "is a folder, not a file")
    if not target.parent.is_dir():
        folder = Path(path).parent
        raise OutputError(str(path), f"the folder {folder} does not exist", f"mkdir -p {folder}")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise OutputError(str(path), "permission to write is denied")


def refuse_overwriting(path: str | Path, inputs: Iterable[str]) -> None:
    """A result never replaces what it was made from.

    Raises:
        OutputError: `path` is one of `inputs`, or is among the files of one that is a glob or a folder.
    """
    if not os.path.isfile(path):
        return
    for source in inputs:
        found = [source] if os.path.exists(source) else glob.glob(source, recursive=True)
        if any(os.path.samefile(path, each) or (os.path.isdir(each) and _is_within(path, each)) for each in found):
            raise OutputError(str(path), "is an input of this command", "write the result to another file")


def _is_within(path: str | Path, folder: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _new_beside(target: Path) -> Path:
    """An empty file of a new name in the folder of `target`, with the permissions of a usual new file."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~mask)
    except BaseException:
        os.unlink(name)
        raise
    finally:
        os.close(descriptor)
    return Path(name)


def to_disk(path: Path) -> None:
    """Returns when the file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _as_output_error(path: str | Path) -> Iterator[None]:
    """An error of the system while writing names the output file and not the one beside it."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(str(path), error.strerror or str(error)) from error
