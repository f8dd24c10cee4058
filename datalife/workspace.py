"""Folders for temporary files; nothing of them stays, even where the process was killed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

from datalife.errors import OutputError
from datalife.locks import hold

PREFIX = "datalife-scratch-"
LOCK = ".lock"


@contextmanager
def workspace() -> Iterator[Path]:
    """A new folder in the folder for temporary files (TMPDIR), removed when the block ends, however it ends.

    Folders that a killed process left there are removed first.

    Raises:
        OutputError: it cannot be made.
    """
    _remove_abandoned()
    try:
        folder, held = _held_folder()
    except OSError as error:
        raise OutputError(tempfile.gettempdir(), f"no temporary folder: {error.strerror}", "set TMPDIR") from error
    try:
        yield folder
    finally:
        _remove(folder, held)


@cache
def lasting() -> Path:
    """The folder for what is needed until this process ends, with which it is removed.

    Raises:
        OutputError: it cannot be made.
    """
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    return until_the_end.enter_context(workspace())


def _held_folder() -> tuple[Path, int]:
    """A new folder and what holds the lock beside it: the lock is there before the folder is, and longer."""
    held = None
    while held is None:  # another process may just have taken the new file for one left behind
        descriptor, lock = tempfile.mkstemp(prefix=PREFIX, suffix=LOCK)
        os.close(descriptor)
        held = hold(Path(lock))
    folder = Path(lock.removesuffix(LOCK))
    folder.mkdir(mode=0o700)
    return folder, held


def _remove_abandoned() -> None:
    """Removes the folders of processes that are gone: nobody holds their locks. Other users' cannot be removed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*{LOCK}"):
        with suppress(OSError):
            held = hold(lock)
            if held is not None:
                _remove(lock.with_suffix(""), held)


def _remove(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)
    with suppress(OSError):
        folder.with_suffix(LOCK).unlink()
