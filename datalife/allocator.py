"""How polars keeps memory: what its allocator, jemalloc, finds in the environment when polars is first imported."""

from __future__ import annotations

import os

ALLOCATOR = "_RJEM_MALLOC_CONF"


def allocation(threads: int) -> str:
    """The setting ALLOCATOR of a process of so many threads: one pool for each, not four, kept a while.

    Of `stats` over millions of rows it halves the time in the kernel, and takes a tenth off the peak. A setting of the
    user stays as it is.
    """
    ours = _pools(os.cpu_count() or 1)
    found = os.environ.get(ALLOCATOR, ours)
    return _pools(threads) if found.endswith(ours) else found  # polars puts its own setting before it


def _pools(number: int) -> str:
    return f"narenas:{number},dirty_decay_ms:2000"
