"""How the user wants data to be read. Standard library only, so that the command line starts fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadOptions:
    """The reading options shared by every command that reads data.

    `delimiter`, `header` and `input_format` are found out from the data when None. `null_values` are texts that
    mean missing, beside the empty field. With `decimal_comma` text writes 1.234,5 for 1234.5; `time_formats` are
    layouts of strptime in which text may write times, beside ISO 8601. `columns` and `exclude` choose columns by
    name; `where` is a row filter in SQL; `sample` a share of the rows in (0, 1], drawn with `seed`. `query` is
    asked of a database. `max_memory` is the most bytes that a record, a file held whole or a file unpacked may take.
    """

    input_format: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    null_values: tuple[str, ...] = ()
    decimal_comma: bool = False
    time_formats: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    where: str | None = None
    sample: float | None = None
    seed: int = 0
    on_bad_row: str = "error"
    max_memory: int | None = None
    query: str | None = None
