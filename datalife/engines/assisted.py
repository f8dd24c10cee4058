"""The engine of a command: threads of this process, and for long work on many values two processes beside it.

Threads of one process wait for each other: for Python, for the one pool of polars, for memory. Processes do not, but it
takes half a second to start them, and room on a disk for what they find.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from datalife.engine import AT_ONCE, Engine, LocalEngine
from datalife.errors import EngineError, OutputError

if TYPE_CHECKING:
    from datalife.engines.processes import ProcessEngine

P = TypeVar("P")
S = TypeVar("S")
LOGGER = logging.getLogger(__name__)
#: Work on fewer values is done before it would be worth it.
MANY = 32_000_000


class AssistedEngine(LocalEngine):
    """As many pieces are in work at once as in the threads of a LocalEngine, so that it takes hardly more memory."""

    def __init__(self) -> None:
        self.assistants = Assistants()

    def alongside(self, values: int) -> Engine:
        """See Engine; this one where the values are few, or two processes would take turns on one processor."""
        return self.assistants if values >= MANY and _has_processors() else self

    def close(self) -> None:
        """See Engine."""
        self.assistants.close()


class Assistants(LocalEngine):
    """Two processes, from the first work on; where the system does not let them do it, threads begin it again."""

    shares_memory = False

    def __init__(self) -> None:
        self.processes: ProcessEngine | None = None

    def reduce(self, pieces: Sequence[P], work: Callable[[P], S], merge: Callable[[Sequence[S]], S]) -> S:
        """See Engine."""
        from datalife.engines.processes import ProcessEngine  # most work is done before this is imported

        try:
            self.processes = self.processes or ProcessEngine(AT_ONCE)
            return self.processes.reduce(pieces, work, merge)
        except (EngineError, OutputError) as error:  # not started, killed, or no room for what they find
            LOGGER.info("%s", error)
        self.close()
        return super().reduce(pieces, work, merge)

    def close(self) -> None:
        """See Engine."""
        if self.processes is not None:
            self.processes.close()
        self.processes = None


def _has_processors() -> bool:
    from datalife.engines.workers import processors  # as above

    return processors() >= AT_ONCE
