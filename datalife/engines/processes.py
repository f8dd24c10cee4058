"""Several processes of this machine: `concurrent.futures` runs the tasks, a temporary folder holds what they give.

Results stay in files: this process knows only their names, however large they are.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from logging import LogRecord
from logging.handlers import QueueHandler
from multiprocessing.connection import wait as wait_for_any
from queue import SimpleQueue
from typing import Any

from datalife.engines.tasks import TaskEngine, call
from datalife.engines.workers import PATIENCE, TRIES, deaf_programs, environment, lost, packed, processors
from datalife.errors import EngineError, OutputError, first_line
from datalife.workspace import workspace

#: Of a worker: what was told in its task.
TOLD: SimpleQueue[LogRecord] = SimpleQueue()


@dataclass(frozen=True)
class Stored:
    """A value in a file."""

    path: str

    def load(self) -> Any:
        """The value."""
        with open(self.path, "rb") as stream:
            return pickle.load(stream)

    def save(self, content: bytes) -> None:
        """Writes a pickled value, whole or not at all: a process may be killed at any moment."""
        try:
            with open(f"{self.path}.part", "wb") as stream:
                stream.write(content)
            os.replace(f"{self.path}.part", self.path)
        except OSError as error:
            message = f"a temporary file cannot be written: {error.strerror}"
            raise OutputError(os.path.dirname(self.path), message, "set TMPDIR to a folder with more room") from error


@dataclass(eq=False)
class Task:
    """A function to call with values and the results of other tasks; what it gives goes to `results`."""

    function: Stored
    arguments: Sequence[Any]
    results: list[Stored]
    tries: int = 0
    #: How many of the arguments are not there yet, and who waits for the results.
    missing: int = 0
    waiting: list[Task] = field(default_factory=list)


class ProcessEngine(TaskEngine):
    """A pool of so many processes (by default one for each processor), among which the processors are shared out."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or processors()
        self.others = set(multiprocessing.active_children())
        self.scratch = ExitStack()
        self.folder = self.scratch.enter_context(workspace())
        self.files = 0
        self.makers: dict[Stored, Task] = {}
        self.ready: deque[Task] = deque()
        self.running: dict[Future[list[LogRecord]], Task] = {}
        self.pool: ProcessPoolExecutor | None = None

    def share(self, function: Callable[..., Any]) -> Stored:
        """See TaskEngine."""
        stored = self._new()
        stored.save(packed(function))
        return stored

    def submit(self, function: Stored, arguments: Sequence[Any], results: int = 1) -> Sequence[Stored]:
        """See TaskEngine."""
        task = Task(function, arguments, [self._new() for _ in range(results)])
        for maker in {self.makers[each] for each in arguments if isinstance(each, Stored)}:
            maker.waiting.append(task)
            task.missing += 1
        self.makers |= dict.fromkeys(task.results, task)
        if not task.missing:
            self.ready.append(task)
        return task.results

    def fetch(self, promise: Stored) -> Any:
        """See TaskEngine. After an error nothing is left to do."""
        try:
            while self.ready or self.running:
                while self.ready and len(self.running) < 2 * self.workers:
                    self._begin(self.ready.popleft())
                done, _ = wait(self.running, return_when=FIRST_COMPLETED)
                for future in done:
                    self._finish(future)
        except BaseException:
            self.ready.clear()
            for future in self.running:
                future.cancel()
            self.running.clear()
            raise
        return promise.load()

    def close(self) -> None:
        """See Engine."""
        self._stop()
        self.scratch.close()

    def _new(self) -> Stored:
        self.files += 1
        return Stored(os.path.join(self.folder, str(self.files)))

    def _begin(self, task: Task) -> None:
        task.tries += 1
        try:
            with deaf_programs():  # a task may start a process
                self.pool = self.pool or self._new_pool()
                future = self.pool.submit(_perform, task.function, task.arguments, task.results)
        except BrokenProcessPool:
            future = Future()
            future.set_exception(BrokenProcessPool("a process ended"))
        except (ImportError, NotImplementedError, OSError) as error:  # without semaphores; too many processes
            message = f"no process can be started: {first_line(error)}"
            raise EngineError("--engine", message, "use --engine local") from error
        self.running[future] = task

    def _finish(self, future: Future[list[LogRecord]]) -> None:
        """Takes up what waited for a task; where its process was lost, the tasks of all are begun again."""
        if future not in self.running:
            return
        task = self.running.pop(future)
        try:
            told = future.result()
        except BrokenProcessPool as error:
            if task.tries > TRIES:
                raise lost("processes", error) from error
            self.ready.extendleft([task, *self.running.values()])
            self._stop()
            return
        for record in told:
            logger = logging.getLogger(record.name)
            if logger.isEnabledFor(record.levelno):
                logger.handle(record)
        for argument in task.arguments:
            if isinstance(argument, Stored):
                os.unlink(argument.path)
        for each in task.waiting:
            each.missing -= 1
            if not each.missing:
                self.ready.appendleft(each)

    def _new_pool(self) -> ProcessPoolExecutor:
        # read by the processes when they start; this one read it long ago
        os.environ.update(environment(max(1, processors() // self.workers)))
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=_prepare)

    def _stop(self) -> None:
        self.running.clear()
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - self.others:
                process.terminate()
                process.join(PATIENCE)
                process.kill()
        self.pool = None


def _perform(function: Stored, arguments: Sequence[Any], results: Sequence[Stored]) -> list[LogRecord]:
    """Runs in a worker: calls the function, and stores what it gives. What is told meanwhile comes back."""
    values = [argument.load() if isinstance(argument, Stored) else argument for argument in arguments]
    found = call(_function(function), *values)
    for stored, value in zip(results, found if len(results) > 1 else [found], strict=True):
        stored.save(packed(value))
    return [TOLD.get() for _ in range(TOLD.qsize())]


@lru_cache(maxsize=8)
def _function(stored: Stored) -> Any:
    return stored.load()


def _prepare() -> None:
    """Makes a worker tell what happens to nobody but its tasks, and end with the process that started it."""
    logger = logging.getLogger("datalife")
    logger.addHandler(QueueHandler(TOLD))
    logger.setLevel(logging.INFO)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent.sentinel], daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for_any([sentinel])
    os._exit(1)
