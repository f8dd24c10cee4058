"""Other processes, and how long a test waits for one: never without an end, however slow the machine is."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

#: Seconds after which a test that waits gives up.
PATIENCE = 120


def until(holds: Callable[[], Any], what: str, process: subprocess.Popen[Any] | None = None) -> None:
    """Returns when something holds; fails where it does not in time, or the process that is to do it has ended."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if process is not None and process.poll() is not None and not holds():
            raise AssertionError(f"{what}: it ended with {process.returncode} and said {finished(process)}")
        if time.monotonic() > end:
            said = process and killed(process)
            raise AssertionError(f"{what}: waited {PATIENCE} seconds in vain; said {said}")
        time.sleep(0.01)


def finished(process: subprocess.Popen[Any], given: Any = None) -> tuple[Any, Any]:
    """What a process writes until it ends, of its own accord and in time; it is not left behind in any case."""
    try:
        return process.communicate(given, timeout=PATIENCE)
    finally:
        process.kill()


def killed(process: subprocess.Popen[Any]) -> tuple[Any, Any]:
    """What a process has written that does not end by itself."""
    process.kill()
    return finished(process)


def run(command: Sequence[str], **settings: Any) -> subprocess.CompletedProcess[Any]:
    """A process from beginning to end, whatever its exit code."""
    return subprocess.run(command, check=False, **({"timeout": PATIENCE} | settings))


def fed(pipe: Path, process: subprocess.Popen[Any]) -> IO[bytes]:
    """The writing end of a named pipe, as soon as a process reads it: to open it before would wait for ever."""
    ends: list[int] = []

    def opens() -> bool:
        try:
            ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads it yet
            return False
        return True

    until(opens, f"{pipe} is read", process)
    os.set_blocking(ends[0], True)
    return open(ends[0], "wb")
