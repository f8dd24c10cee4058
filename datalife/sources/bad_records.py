"""Records that cannot be read: an error that names them, unless the user wants the others all the same."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from datalife.errors import Fault, SourceError
from datalife.sources.model import ReadOptions
from datalife.sources.table import Table
from datalife.words import plural

#: How many bad records are named.
NAMED = 5
LOGGER = logging.getLogger(__name__)


def judge(table: Table, options: ReadOptions, hint: str) -> None:
    """Bad records are an error with a hint, are left for a report, or are left out with a note.

    Raises:
        SourceError: the first of them, and how many there are.
    """
    bad = table.bad_records
    if not bad or options.on_bad_row == "report":
        return
    if options.on_bad_row == "skip":
        table.notes.append(f"{table.name}: {len(bad)} bad records skipped, the first at {bad[0][0]}: {bad[0][1]}")
        table.bad_records = []
        return
    faults = [Fault(where, _told(reason)) for where, reason in bad[:NAMED]]
    if len(bad) > NAMED:
        faults.append(Fault(table.name, f"{len(bad)} bad records in all", hint))
    else:
        faults[-1] = Fault(faults[-1].where, faults[-1].message, hint)
    raise SourceError.of(faults)


def warn(bad: Sequence[tuple[str, str]]) -> None:
    """Says which records were left out: the report of a command whose result has no place for one."""
    for where, reason in bad[:NAMED]:
        LOGGER.warning("%s: left out: %s", where, _told(reason))
    if len(bad) > NAMED:
        LOGGER.warning("%s left out in all", plural(len(bad), "record"))


def _told(reason: str) -> str:
    return f"the record {reason}" if reason.startswith("has") else reason
