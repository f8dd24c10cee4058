"""What the adapters have in common: how many workers this machine carries, and whether a cluster is there at all."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from urllib.parse import urlsplit

from datalife.errors import EngineError, UsageError, first_line

#: Seconds after which a cluster that does not answer is given up.
PATIENCE = 10
#: What a worker finds in its environment: each has one processor, and polars must not start threads on all of them.
ENVIRONMENT = {"POLARS_MAX_THREADS": "1"}
#: So often a piece is begun again after the worker that had it was lost.
TRIES = 3


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_reachable(address: str, schemes: tuple[str, ...]) -> None:
    """Finds out within PATIENCE seconds whether somebody listens at an address such as `tcp://scheduler:8786`.

    Raises:
        UsageError: it is no address of one of these schemes.
        EngineError: nobody answers.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in schemes or host is None or port is None:
        examples = " or ".join(f"{scheme}://HOST:PORT" for scheme in schemes)
        raise UsageError("--engine-address", f"{address!r} is no address of this engine", f"write {examples}")
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        hint = "is it running, and is the port open?"
        raise EngineError(address, f"the cluster cannot be reached: {reason}", hint) from error


@contextlib.contextmanager
def deaf_programs() -> Iterator[None]:
    """Programs started meanwhile never hear Ctrl-C, which a terminal sends to all: this process alone ends the work.

    Here a Ctrl-C is raised when the block is over, so that nothing is left half started.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # where Python starts it later, it unblocks the signal by itself
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # of this thread, for what it starts
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if heard:
        raise KeyboardInterrupt


def packed(value: object) -> bytes:
    """A value as bytes for another process.

    Raises:
        EngineError: it holds a Python function that only the package cloudpickle can send.
    """
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except RuntimeError as error:  # polars says so of functions in expressions
        message = "a rule is checked by a Python function, which cannot be sent to other processes"
        raise EngineError("--engine", message, "pip install cloudpickle") from error


def lost(name: str, error: BaseException) -> EngineError:
    """The error that says the workers of an engine are gone."""
    return EngineError(name, f"the workers are lost: {first_line(error)}"[:300], "nothing was written; run it again")
