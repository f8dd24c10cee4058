"""Excel workbooks: the first sheet, its first row the names of the columns."""

from __future__ import annotations

import contextlib
import datetime
import logging
import zipfile
from collections import Counter
from typing import Any

import polars as pl

from datalife.errors import SourceError, first_line
from datalife.sources.columnar import opened
from datalife.sources.extras import extra
from datalife.sources.faults import AGAIN, quiet_panics
from datalife.sources.model import ReadOptions
from datalife.sources.packed import check_size
from datalife.sources.paths import SourceFile
from datalife.sources.table import Table

#: The day before the first of Excel's calendar.
DAY_0 = datetime.date(1899, 12, 31)


def open_excel(file: SourceFile, options: ReadOptions) -> Table:
    """Opens the first sheet of a workbook, whole in memory; rows without any value are no rows.

    Raises:
        SourceError: fastexcel is not installed, it is no workbook, or two columns have one name.
    """
    fastexcel = extra("fastexcel", "excel", file.name)
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of every column without values
    _check_unzipped(file, options.max_memory)
    try:
        with quiet_panics():
            sheet = fastexcel.read_excel(file.path).load_sheet(0, header_row=None, n_rows=1, dtypes="string")
            names = _names(sheet, file.name, header=options.header)
            frame = pl.read_excel(
                file.path,
                sheet_id=1,
                has_header=options.header,
                infer_schema_length=None,
                drop_empty_cols=False,
            )
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise SourceError(file.name, f"is damaged or not an Excel workbook{_detail(error)}", AGAIN) from error
    if frame.width == len(names):
        frame.columns = names
    return opened(file, "Excel", pl.DataFrame(map(_meant, frame)).lazy, held=True)


def _detail(error: Exception) -> str:
    """What fastexcel says, unless it is about the insides of the archive."""
    text = first_line(error).removeprefix("calamine error: ").removeprefix("Xlsx error: ")
    return "" if text.startswith(("Zip error", "Xml error", "I/O error")) else f": {text}"


def _meant(column: pl.Series) -> pl.Series:
    """A column as its cells show it: cells with a time alone are those of day 0."""
    if column.null_count() == len(column):
        return column.cast(pl.Null)
    if isinstance(column.dtype, pl.Datetime) and (column.dt.date().drop_nulls() == DAY_0).all():
        return column.dt.time().alias(column.name)
    return column


def _check_unzipped(file: SourceFile, most: int | None) -> None:
    """A workbook is an archive, and may be a bomb like any other."""
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(file.path) as archive:
        size = sum(each.file_size for each in archive.infolist())
        check_size(size, file.path.stat().st_size, file.name, most)


def _names(sheet: Any, name: str, *, header: bool) -> list[str]:
    """The texts of the first row, or `column_1` ... without a header."""
    cells = sheet.to_polars().row(0) if sheet.width and sheet.height else ()
    if not cells:
        raise SourceError(name, "its first sheet is empty", "move the data to the first sheet")
    texts = [str(cell) if header and cell else f"column_{position}" for position, cell in enumerate(cells, 1)]
    twice = [text for text, count in Counter(texts).items() if count > 1]
    if twice:
        raise SourceError(f"{name}:1", f"two columns are called {twice[0]!r}", "rename one, or use --no-header")
    return texts
