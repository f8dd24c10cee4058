"""How the process keeps memory: garbage is rarely looked for, and each allocator uses again or gives back."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os

from datalife.allocator import ALLOCATOR, allocation

#: So many new objects before Python looks for garbage: nearly all live until the end, and looking took a fifth of the
#: time of a profile of thousands of columns.
OBJECTS = 100_000
#: What tells glibc, which Python uses, how to keep memory: the setting that a process reads when it starts, and the
#: number that it has for one that runs, M_MMAP_THRESHOLD of malloc.h.
C_LIBRARY = ("MALLOC_MMAP_THRESHOLD_", -3)
#: From that size on memory goes back to the system when it is freed. Blocks of text would leave holes of their size in
#: the heap of each thread.
LARGE = 4 << 20

#: Whether the process is there for one command.
_alone = False


def tune(alone: bool) -> None:
    """Sets all that the user did not; `alone` says that the process is there for one command.

    Blocks of text given back take a tenth off the peak of CSV; glibc is told to only in a process of our own, since
    others use it, too.
    """
    global _alone
    _alone = alone
    gc.set_threshold(OBJECTS)
    os.environ[ALLOCATOR] = allocation(os.cpu_count() or 1)
    name, number = C_LIBRARY
    if alone and name not in os.environ:
        with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
            ctypes.CDLL(None).mallopt(number, LARGE)


def settle() -> None:
    """Says that what is imported now stays to the end, where a last look for garbage in it takes a tenth of a second.

    What comes later, some of it of libraries that want to see the end of theirs, is looked at.
    """
    if _alone:
        gc.freeze()
