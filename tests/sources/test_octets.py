"""Bytes as a column of numbers that shares their memory."""

from __future__ import annotations

import gc
import threading

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datalife.sources import octets as module
from datalife.sources.octets import octets


@given(st.binary(max_size=300))
def test_the_numbers_of_the_bytes(block: bytes) -> None:
    """Each byte is its number, in order, and none is missing."""
    column = octets(block)
    assert column.dtype == pl.UInt8
    assert column.to_list() == list(block)


def test_a_part_keeps_the_bytes_and_the_end_of_all_lets_them_go() -> None:
    """The bytes live as long as anything looks at them, and not longer."""
    column = octets(b"begin" + bytes(1 << 20) + b"end")
    end = column[-3:]
    del column
    gc.collect()
    assert len(module._lent) == 1
    assert bytes(end.to_list()) == b"end"
    del end
    assert module._lent == {}


def test_any_thread_may_let_them_go() -> None:
    """The last that looks at them may be in another thread than the first."""
    held = [octets(bytes([each]) * 1000) for each in range(50)]
    sums: list[int] = []

    def use() -> None:
        while held:
            sums.append(held.pop().sum())

    threads = [threading.Thread(target=use) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert sorted(sums) == [1000 * each for each in range(50)]
    assert module._lent == {}
