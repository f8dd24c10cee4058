"""Standard error, to which only datalife speaks: what native code and started programs write there is held back."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: The descriptor is one for all threads: blocks of several come one after the other.
ONE = threading.RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """Whatever is written to the descriptor of standard error while the block lasts is lost; programs inherit that.

    A process that was started without standard error has none to hold back: the descriptor may be that of any file.
    """
    if sys.stderr is None:
        yield
        return
    with ONE:
        sys.stderr.flush()
        saved = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
