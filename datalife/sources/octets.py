"""The bytes of a block as a column of numbers, without a copy, so that polars can look at them.

What Python's own functions do to many bytes keeps every other thread of the process waiting; polars lets them go on,
and is faster. It takes memory of others by the Arrow C data interface
(https://arrow.apache.org/docs/format/CDataInterface.html), of which this is what a column of unsigned bytes needs.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int64, c_void_p
from itertools import count
from typing import Any

import polars as pl


class _Schema(ctypes.Structure):
    """ArrowSchema."""

    _fields_ = (
        ("format", c_char_p),
        ("name", c_char_p),
        ("metadata", c_char_p),
        ("flags", c_int64),
        ("n_children", c_int64),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    )


class _Array(ctypes.Structure):
    """ArrowArray."""

    _fields_ = (
        ("length", c_int64),
        ("null_count", c_int64),
        ("offset", c_int64),
        ("n_buffers", c_int64),
        ("n_children", c_int64),
        ("buffers", c_void_p),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    )


#: Unsigned integers of eight bits, in the words of the interface.
UNSIGNED = b"C"
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype, _capsule.argtypes = ctypes.py_object, (c_void_p, c_char_p, c_void_p)
#: What polars still looks at, by the number that is the private data of its array.
_lent: dict[int, object] = {}
_numbers = count(1)


def _release_schema(schema: Any) -> None:
    schema.contents.release = None


def _release_array(array: Any) -> None:
    del _lent[array.contents.private_data]
    array.contents.release = None


_schema_released = CFUNCTYPE(None, POINTER(_Schema))(_release_schema)
_array_released = CFUNCTYPE(None, POINTER(_Array))(_release_array)


class _Lender:
    """Hands out the memory of some bytes, which stay until they are released."""

    def __init__(self, block: bytes) -> None:
        number = next(_numbers)
        buffers = (c_void_p * 2)(None, ctypes.cast(c_char_p(block), c_void_p))  # no value is missing; the values
        _lent[number] = block, buffers
        release = ctypes.cast(_schema_released, c_void_p), ctypes.cast(_array_released, c_void_p)
        self.schema = _Schema(UNSIGNED, b"", None, 0, 0, None, None, release[0], None)
        self.array = _Array(len(block), 0, 0, 2, 0, ctypes.addressof(buffers), None, None, release[1], number)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The two structures, which the caller takes over."""
        return (
            _capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )


def octets(block: bytes) -> pl.Series:
    """The bytes as a UInt8 column that shares their memory and keeps it."""
    return pl.Series(_Lender(block))
