"""How the process keeps memory: garbage is rarely looked for, and each allocator uses again or gives back."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os

#: So many new objects before Python looks for garbage: nearly all live until the end, and looking took a fifth of the
#: time of a profile of thousands of columns.
OBJECTS = 100_000
#: What tells the allocator of polars, jemalloc, how to keep memory; it is read when polars is first imported.
ALLOCATOR = "_RJEM_MALLOC_CONF"
#: What tells glibc, which Python uses, from which size on memory goes back to the system as soon as it is freed; a
#: process reads it when it starts.
LARGE = "MALLOC_MMAP_THRESHOLD_"
#: The size of a block of text that is read.
BLOCK = 4 << 20
#: The number of that setting for a process that runs, M_MMAP_THRESHOLD of malloc.h.
SETTING = -3


def tune() -> None:
    """Sets all three, as far as the user did not.

    One pool of jemalloc for each processor, not four, kept a while: of `stats` over millions of rows it halves the
    time in the kernel, and takes a tenth off the peak. Blocks of text given back: glibc would keep
    up to 150 MB of them.
    """
    gc.set_threshold(OBJECTS)
    os.environ.setdefault(ALLOCATOR, f"narenas:{os.cpu_count() or 1},dirty_decay_ms:2000")
    if LARGE not in os.environ:
        os.environ[LARGE] = str(BLOCK)  # for the workers that are started here
        with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
            ctypes.CDLL(None).mallopt(SETTING, BLOCK)
