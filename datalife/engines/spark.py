"""Spark: an RDD of shards, whose states are merged in rounds on the executors."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import RDD, SparkConf, SparkContext

from datalife.engine import WIDTH, Engine, Shuffle
from datalife.engines.workers import PACE, Watch, check_reachable, deaf_programs, environment, lost, processors, refused
from datalife.quiet import quiet
from datalife.workspace import workspace

P = TypeVar("P")
B = TypeVar("B")
S = TypeVar("S")
#: What a cluster may ask for that a stranger does not know.
SIGN_IN = "is it of the same version, and does it ask for a secret? see docs/engines.md"


class Failed:
    """The error of a task in the place of its state: what a task raises, Spark gives back as text alone."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class SparkEngine(Engine):
    """Spark's own scheduler runs the tasks of a lost executor again."""

    shares_memory = False

    def __init__(self, address: str | None) -> None:
        self.address = address
        self.application: SparkContext | None = None
        self.scratch = ExitStack()

    @cached_property
    def context(self) -> SparkContext:
        """The application on the cluster."""
        if self.address and self.address.startswith("spark:"):
            check_reachable(self.address, ("spark",))
        settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF"}
        settings |= {f"spark.executorEnv.{name}": value for name, value in environment().items()}
        master = self.address or f"local[{processors()},4]"
        if master.startswith("local"):
            # workers on this machine run what runs here; elsewhere the cluster says which Python
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            settings |= _placed(self.scratch.enter_context(workspace()))
        logging.getLogger().addHandler(logging.NullHandler())  # py4j tells there of every interrupt, with its traceback
        conf = SparkConf().setMaster(master).setAppName("datalife").setAll(list(settings.items()))
        try:
            with quiet(), deaf_programs():
                self.application = SparkContext(conf=conf)
            return self.application
        except (Py4JError, OSError, RuntimeError) as error:
            raise refused("spark", error, SIGN_IN) from error

    def reduce(self, pieces: Sequence[P], work: Callable[[P], S], merge: Callable[[Sequence[S]], S]) -> S:
        """See Engine."""
        states = self._placed(pieces).mapValues(lambda piece: _tried(work, piece))
        return self._merged(states, len(pieces), merge)

    def shuffle(self, pieces: Sequence[P], by: Shuffle[P, B, S]) -> S:
        """See Engine."""

        def blocks(placed: tuple[int, P]) -> Iterable[tuple[int, tuple[int, B | Failed]]]:
            place, piece = placed
            found = _tried(by.split, piece)
            each = [found] * by.parts if isinstance(found, Failed) else found
            return [(part, (place, block)) for part, block in enumerate(each)]

        parted = self._placed(pieces).flatMap(blocks).groupByKey(by.parts, int)
        states = parted.mapValues(lambda placed: _tried(by.work, _in_order(placed)))
        return self._merged(states, by.parts, by.merge)

    def close(self) -> None:
        """See Engine."""
        if self.application is not None:
            with suppress(Py4JError, OSError):  # where it is gone already
                self.application.stop()
        self.scratch.close()

    def _placed(self, pieces: Sequence[P]) -> RDD[tuple[int, P]]:
        return self.context.parallelize(list(enumerate(pieces)), len(pieces))

    def _merged(self, states: RDD[tuple[int, Any]], count: int, merge: Callable[[Sequence[S]], S]) -> S:
        """Merges in the rounds of `tree`, each a stage: WIDTH consecutive states are one task of the next."""
        while count > 1:
            count = -(-count // WIDTH)
            groups = states.map(lambda placed: (placed[0] // WIDTH, placed)).groupByKey(count, int)
            states = groups.mapValues(lambda placed: _tried_merge(merge, _in_order(placed)))
        try:
            state: S | Failed = self._watched(states.first)[1]
        except (Py4JError, OSError) as error:
            raise lost("spark", error) from error
        if isinstance(state, Failed):
            raise state.error
        return state

    def _watched(self, action: Callable[[], Any]) -> Any:
        """What an action gives, as long as there are workers for it: Spark itself would wait for new ones for ever."""
        watch, found = Watch("spark"), Future[Any]()
        Thread(target=_fulfil, args=[found, action], daemon=True).start()
        while not wait([found], timeout=PACE).done:
            watch.look(self._running())
        return found.result()

    def _running(self) -> int | None:
        """The tasks that workers have in hand; None before and between stages, when there are none for them."""
        tracker = self.context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return sum(stage.numActiveTasks for stage in stages if stage) if stages else None


def _placed(folder: Path) -> dict[str, str]:
    """Settings that put all temporary files of programs on this machine into a folder; killed, they leave them."""
    place = f'"-Djava.io.tmpdir={folder}"'
    programs = {f"spark.{role}.defaultJavaOptions": place for role in ("driver", "executor")}
    return {"spark.local.dir": str(folder)} | programs


def _fulfil(promise: Future[Any], action: Callable[[], Any]) -> None:
    try:
        promise.set_result(action())
    except BaseException as error:
        promise.set_exception(error)


def _in_order(placed: Iterable[tuple[int, Any]]) -> list[Any]:
    return [value for _, value in sorted(placed, key=lambda each: each[0])]


def _tried(work: Callable[[Any], Any], argument: Any) -> Any:
    try:
        failures = [each for each in argument if isinstance(each, Failed)] if isinstance(argument, list) else []
        return failures[0] if failures else work(argument)
    except Exception as error:
        return Failed(error)


def _tried_merge(merge: Callable[[Sequence[Any]], Any], states: list[Any]) -> Any:
    return states[0] if len(states) == 1 else _tried(merge, states)
