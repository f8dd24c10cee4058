"""The engine of a command: this process, and for long work on much data two processes beside it.

Threads of one process wait for each other: for Python, for the one pool of polars, for memory. Processes do not, but it
takes half a second to start them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from datalife.engine import AT_ONCE, Engine, LocalEngine
from datalife.errors import EngineError

if TYPE_CHECKING:
    from datalife.engines.processes import ProcessEngine

LOGGER = logging.getLogger(__name__)
#: Work on fewer values is done before it would be worth it.
MANY = 32_000_000


class AssistedEngine(LocalEngine):
    """As many pieces are in work at once as in the threads of a LocalEngine, so that it takes hardly more memory."""

    def __init__(self) -> None:
        self.assistants: ProcessEngine | None = None

    def alongside(self, values: int) -> Engine:
        """See Engine; this one where the values are few, or there is nobody to help."""
        if values >= MANY:
            self.assistants = self.assistants or _started()
        return self.assistants or self

    def close(self) -> None:
        """See Engine."""
        if self.assistants is not None:
            self.assistants.close()


def _started() -> ProcessEngine | None:
    """Two processes; None where they would take turns on one processor, or the system starts none."""
    from datalife.engines.processes import ProcessEngine  # most work is done before these are imported
    from datalife.engines.workers import processors

    if processors() < AT_ONCE:
        return None
    engine = ProcessEngine(AT_ONCE)
    try:
        engine.start()
    except EngineError as error:
        LOGGER.info("%s", error)
        engine.close()
        return None
    return engine
