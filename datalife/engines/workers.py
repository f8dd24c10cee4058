"""What the adapters have in common: how many workers this machine carries, and whether a cluster is there and stays."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from urllib.parse import urlsplit

from datalife.allocator import ALLOCATOR, allocation
from datalife.errors import EngineError, UsageError, first_line

LOGGER = logging.getLogger(__name__)
#: Seconds after which a cluster that does not answer is given up.
PATIENCE = 10
#: Seconds after which a cluster is given up that has no workers any more.
GONE = 60
#: Seconds after which a cluster is given up that never had any.
LATE = 1800
#: Seconds between two looks whether a cluster is still there.
PACE = 1
#: So often a piece is begun again after the worker that had it was lost.
TRIES = 3
#: What to do when workers are lost.
AGAIN = "nothing was written; run it again"


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment(threads: int = 1) -> dict[str, str]:
    """What polars has to find in the environment of a worker to start so many threads, with memory for as many."""
    return {"POLARS_MAX_THREADS": str(threads), ALLOCATOR: allocation(threads)}


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
        shown = repr(without_secrets(address))
        raise UsageError("--engine-address", f"{shown} is no address of this engine", f"write {examples}")
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        hint = "is it running, and is the port open?"
        raise EngineError(without_secrets(address), f"the cluster cannot be reached: {reason}", hint) from error


def without_secrets(text: str) -> str:
    """A text with addresses in it, such as an error, without their users, passwords and queries."""
    return re.sub(r"(\w://)[^\s/@]*@", r"\1", re.sub(r"(\w://[^\s?]*)\?\S*", r"\1", text))


class Watch:
    """Finds out that a cluster has lost all its workers; `look` is told again and again how many there are.

    A cluster that has none yet is waited for far longer: it may be busy, or about to start some. A cluster that was
    started here `had_some` from its beginning.
    """

    def __init__(self, name: str, had_some: bool = False) -> None:
        self.name = name
        self.had_some = had_some
        self.seen = time.monotonic()
        self.is_told = False

    def look(self, workers: int | None) -> None:
        """Notes that there are so many workers now; None where nobody waits for any.

        Raises:
            EngineError: there have been none for GONE seconds, or for LATE seconds where there never were any.
        """
        now = time.monotonic()
        limit, what = (GONE, "the workers are lost") if self.had_some else (LATE, "the cluster has no workers")
        if workers or workers is None:
            self.seen, self.had_some = now, self.had_some or bool(workers)
        elif now - self.seen > limit:
            raise EngineError(self.name, f"{what}: there have been none for {limit} seconds", AGAIN)
        elif now - self.seen > GONE / 2 and not self.is_told:
            LOGGER.warning("%s: the cluster has no workers for this; waiting for some", self.name)
            self.is_told = True


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


@contextlib.contextmanager
def kept_termination() -> Iterator[None]:
    """What SIGTERM does here stays as it is, whatever a library that is started in the block makes of it."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and handler is not None:
            signal.signal(signal.SIGTERM, handler)


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
    return EngineError(name, f"the workers are lost: {without_secrets(first_line(error))}"[:300], AGAIN)


def refused(name: str, error: BaseException, hint: str) -> EngineError:
    """The error that says a cluster is there but does not take the work; `hint` says how one signs in."""
    return EngineError(name, f"the cluster does not take the work: {without_secrets(first_line(error))}"[:300], hint)
