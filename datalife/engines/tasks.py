"""The work of an engine as tasks: functions called with values and with the promised results of other tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from datalife.engine import Engine, Shuffle, tree

P = TypeVar("P")
B = TypeVar("B")
S = TypeVar("S")
#: A promise of a result, which stays with the workers until it is fetched.
Promise = Any


class TaskEngine(Engine, ABC):
    """An engine that runs single tasks on workers: they make the states and merge them, only the last one travels."""

    shares_memory = False

    @abstractmethod
    def share(self, function: Callable[..., Any]) -> Promise:
        """Sends a function to the workers, once for all tasks that call it."""

    @abstractmethod
    def submit(self, function: Promise, arguments: Sequence[Any], results: int = 1) -> Sequence[Promise]:
        """Promises what a shared function gives for values and promises: its result, or each of several of a list."""

    @abstractmethod
    def fetch(self, promise: Promise) -> Any:
        """The result that was promised, when it is there; errors are those of the functions."""

    def reduce(self, pieces: Sequence[P], work: Callable[[P], S], merge: Callable[[Sequence[S]], S]) -> S:
        """See Engine."""
        first = self.share(work)
        state: S = self.fetch(self._merged(pieces, lambda piece: self.submit(first, [piece])[0], merge))
        return state

    def shuffle(self, pieces: Sequence[P], by: Shuffle[P, B, S]) -> S:
        """See Engine."""
        first = self.share(by.split if by.parts > 1 else partial(_only, by.split))
        second = self.share(partial(_listed, by.work))
        blocks = [self.submit(first, [piece], by.parts) for piece in pieces]
        parted = list(zip(*blocks, strict=True))
        state: S = self.fetch(self._merged(parted, lambda part: self.submit(second, part)[0], by.merge))
        return state

    def _merged(
        self, pieces: Sequence[P], promised: Callable[[P], Promise], merge: Callable[[Sequence[S]], S]
    ) -> Promise:
        later = self.share(partial(_listed, merge))
        return tree(map(promised, pieces), lambda states: self.submit(later, list(states))[0])


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a worker does for a task."""
    return function(*arguments)


def _listed(function: Callable[[Sequence[Any]], Any], *values: Any) -> Any:
    return function(values)


def _only(split: Callable[[P], Sequence[B]], piece: P) -> B:
    [block] = split(piece)
    return block
