"""A file that one process at a time holds. The system lets go of it when the process ends, however it ends."""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from datalife.errors import OutputError

LOGGER = logging.getLogger(__name__)
#: Seconds between two looks whether a file is free.
PACE = 0.1
#: What the system says of a file that another process holds.
HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(path: Path) -> int | None:
    """A descriptor that holds the file, which is made when it does not exist, until it is closed; None when it is held.

    Raises:
        OSError: the file cannot be made or opened, or its file system cannot hold files.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        if error.errno in HELD:
            return None
        raise
    return descriptor


@contextmanager
def alone(path: str | Path) -> Iterator[None]:
    """One process at a time is in this block for the file `path`; others wait at its beginning, and say so.

    What is held is a hidden file beside it, which exists meanwhile only.

    Raises:
        OutputError: no file can be made there.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name[:100]}.lock")
    held = _held_in_turn(lock, path)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(held)


def _held_in_turn(lock: Path, path: str | Path) -> int:
    is_told = False
    try:
        while True:
            held = hold(lock)
            if held is not None and _is_file_of(held, lock):
                return held
            if held is not None:  # removed by the one before, after it was opened here
                os.close(held)
                continue
            if not is_told:
                LOGGER.warning("%s: another run is writing it; this one waits for its end", path)
                is_told = True
            time.sleep(PACE)
    except OSError as error:
        raise OutputError(str(path), f"cannot be locked: {error.strerror}") from error


def _is_file_of(descriptor: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
