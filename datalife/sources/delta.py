"""Delta Lake tables: the rows of the newest version."""

from __future__ import annotations

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.sources.columnar import opened
from datalife.sources.extras import extra
from datalife.sources.model import ReadOptions
from datalife.sources.paths import SourceFile
from datalife.sources.remote import sign_in
from datalife.sources.table import Table


def open_delta(file: SourceFile, options: ReadOptions) -> Table:  # noqa: ARG001 - one signature for all readers
    """Opens a Delta Lake table, a directory or the URL of one.

    Raises:
        SourceError: deltalake is not installed, or this is no table.
    """
    errors = extra("deltalake.exceptions", "delta", file.name)
    place = file.url or str(file.path)
    try:
        return opened(file, "Delta Lake", lambda: pl.scan_delta(place, storage_options=sign_in(place) or None))
    except errors.DeltaError as error:
        raise SourceError(file.name, f"is damaged or not a Delta Lake table: {first_line(error)}") from error
