"""A folder for the temporary files of a join; nothing of it stays, even where the process was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from datalife.errors import OutputError
from datalife.labels.locks import hold

PREFIX = "datalife-join-"
LOCK = "lock"


@contextmanager
def workspace() -> Iterator[Path]:
    """A new folder in the folder for temporary files (TMPDIR), removed when the block ends, however it ends.

    Folders that a killed process left there are removed first.

    Raises:
        OutputError: it cannot be made.
    """
    _remove_abandoned()
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        held = hold(folder / LOCK)
    except OSError as error:
        raise OutputError(tempfile.gettempdir(), f"no temporary folder: {error.strerror}", "set TMPDIR") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _remove_abandoned() -> None:
    """Removes the folders of processes that are gone: nobody holds their locks. Other users' cannot be removed."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):
            held = hold(lock)
            if held is not None:
                shutil.rmtree(lock.parent, ignore_errors=True)
                os.close(held)
