"""Small joins on files: rows in, what the command would write out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import Gates, JoinOptions, LabelJoin, OutputFiles, Summary
from datalife.sources.model import ReadOptions

Row = dict[str, Any]
#: What decides how the work is cut: rows of a partition (and of a task that divides rows), of a piece, of a batch and
#: of one read of sorted runs, and how many of these there are; bytes and values of a shard or a block of wide rows.
SIZES = (
    "datalife.labels.partitions.ROWS",
    "datalife.labels.run.SIDE_BY_SIDE",
    "datalife.labels.runs.ROWS",
    "datalife.labels.runs.BATCH",
    "datalife.labels.runs.MOST",
    "datalife.labels.rows.CELLS",
    "datalife.sources.columnar.CELLS",
    "datalife.sources.columnar.FEWEST",
    "datalife.sources.delimited.BLOCK",
    "datalife.sources.ndjson.BLOCK",
)
COLUMNS = {"key": "id", "prediction_time": "t", "feedback_time": "t", "window": "10s", "label": "label"}


@dataclass
class Joined:
    """What one run left: its result and the rows of every file it wrote."""

    result: LabelJoin
    rows: list[Row]
    files: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def summary(self) -> Summary:
        """The account."""
        return self.result.summary


@contextmanager
def cut_into(rows: int) -> Iterator[None]:
    """Within the block everything is done for so many rows at a time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SIZES:
            patch.setattr(name, rows)
        yield


def write(path: Path, rows: Sequence[Row], blank_lines: int = 0) -> str:
    """Rows as NDJSON; blank lines make another file of the same rows."""
    path.write_text(
        "".join(json.dumps(row) + "\n" for row in rows) + "\n" * (blank_lines if rows else 0), encoding="utf-8"
    )
    return str(path)


def read(path: Path) -> list[Row]:
    """The rows of an NDJSON file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def join(
    folder: Path,
    predictions: Sequence[Row],
    feedback: Sequence[Row],
    *,
    gates: Gates | None = None,
    **options: Any,
) -> Joined:
    """Joins rows that are NDJSON in `folder`; see `join_files`."""
    blank = options.pop("blank_lines", 0)
    sources = Sources(
        [write(folder / "predictions.ndjson", predictions, blank)],
        [write(folder / "feedback.ndjson", feedback, blank)],
        options.pop("reading", ReadOptions()),
    )
    return join_files(folder, sources, gates=gates, **{**COLUMNS, **options})


def join_files(
    folder: Path, sources: Sources, *, files: Sequence[str] = ("pending",), gates: Gates | None = None, **options: Any
) -> Joined:
    """Joins files into NDJSON in `folder`; `state=True` keeps a state there."""
    state = str(folder / "state") if options.pop("state", False) else None
    prefix = options.pop("prefix", "")
    paths = {name: folder / f"{name}.ndjson" for name in ("output", *files)}
    outputs = OutputFiles(**{name: str(path) for name, path in paths.items()}, state=state, prefix=prefix)
    result = join_labels(sources, JoinOptions(**options), outputs, gates)
    return Joined(result, read(paths["output"]), {name: read(paths[name]) for name in files})
