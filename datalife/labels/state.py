"""What a join remembers between runs, in a directory that a kill at any instant leaves usable.

    state/
        lock                    held while a run works
        current                 the name of the generation that counts; replaced by one rename
        generation-000007/      manifest.json  predictions.parquet  events.parquet  rows.parquet

A new generation is written beside the old one. Until `current` names it, it does not exist.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from datalife import files
from datalife.durations import show_duration
from datalife.errors import OutputError, SourceError, UsageError
from datalife.labels.model import JoinOptions
from datalife.locks import hold
from datalife.sources.writing import Frames, Target, write_frames

VERSION = 2
TABLES = ("predictions", "events", "rows")
LENGTHS = ("window", "min_delay", "clock_skew", "lateness", "horizon")


@dataclass
class Account:
    """What is carried on between runs beside the rows.

    `counts` are rows read, refused and collapsed so far; `gone` counts by status and bucket what is no longer
    remembered. `naive` says whether times have no offset (None: not known). `key_types` are logical types.
    `consumed` are the digests of the files read, by side; `written` those of the files that the last run which
    read anything wrote, by option.
    """

    run: int = 0
    as_of: int | None = None
    naive: bool | None = None
    next_number: int = 0
    key_types: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    consumed: dict[str, list[str]] = field(default_factory=lambda: {"predictions": [], "feedback": []})
    written: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A Parquet file of the state, of which a piece at a time is read."""

    path: Path
    schema: dict[str, pl.DataType]
    rows: int

    @classmethod
    def at(cls, path: Path) -> Table:
        """The table in a file; raises OSError or PolarsError where it is damaged."""
        scan = pl.scan_parquet(path)
        return cls(path.absolute(), dict(scan.collect_schema()), int(scan.select(pl.len()).collect().item()))

    def frame(self, start: int, size: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """At most `size` rows from the row `start` on."""
        return pl.scan_parquet(self.path).select(columns or list(self.schema)).slice(start, size).collect()


@dataclass
class Memory:
    """Everything remembered: the account, the predictions and events in narrow form, the open rows in full."""

    account: Account = field(default_factory=Account)
    predictions: Table | None = None
    events: Table | None = None
    rows: Table | None = None


@dataclass(frozen=True)
class Generation:
    """What the next run shall remember: the account, and frames for each of the tables."""

    account: Account
    predictions: Frames
    events: Frames
    rows: Frames


class StateDirectory:
    """The state of one join in a directory; only inside `locked` is it read or written."""

    def __init__(self, path: str, options: JoinOptions) -> None:
        self.path = Path(path)
        self.rules = options.rules()

    @contextmanager
    def locked(self) -> Iterator[StateDirectory]:
        """Holds the directory for one run; made when it does not exist.

        Raises:
            UsageError: another run holds it.
            OutputError: it cannot be made or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            held = hold(self.path / "lock")
        except OSError as error:
            raise OutputError(str(self.path), f"is no usable state directory: {error.strerror}") from error
        if held is None:
            raise UsageError(str(self.path), "another run is working with this state", "wait until it ends")
        try:
            yield self
        finally:
            os.close(held)

    def load(self) -> Memory:
        """What the last finished run left; nothing in a new directory.

        Raises:
            SourceError: the directory is damaged, or of another version of datalife.
            UsageError: it was made with other options.
        """
        current = self.path / "current"
        if not current.exists():
            self._refuse_strange_folder()
            return Memory()
        try:
            folder = self.path / current.read_text(encoding="utf-8").strip()
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            self._check(manifest)
            account = Account(**manifest["account"])
            tables = {name: Table.at(folder / f"{name}.parquet") for name in TABLES}
        except (OSError, ValueError, TypeError, KeyError, pl.exceptions.PolarsError) as error:
            hint = "restore it from a copy, or begin a new state directory"
            raise SourceError(str(self.path), f"the state is damaged: {type(error).__name__}", hint) from error
        return Memory(account, **tables)

    def _refuse_strange_folder(self) -> None:
        strange = sorted(p.name for p in self.path.iterdir() if p.name != "lock" and not _is_ours(p.name))
        if strange:
            message = f"is not a state directory: it holds {strange[0]!r}"
            raise UsageError(str(self.path), message, "name a directory of its own")

    def _check(self, manifest: dict[str, Any]) -> None:
        if manifest["version"] != VERSION:
            raise SourceError(str(self.path), f"was written by another version ({manifest['version']})")
        before, now = manifest["options"], json.loads(json.dumps(self.rules))
        changed = [name for name in now if before.get(name) != now[name]]
        if changed:
            name = changed[0]
            flag = "--" + name.replace("_", "-")
            message = f"the state was made with {_shown(name, before.get(name))}, not {_shown(name, now[name])}"
            raise UsageError(flag, message, "keep to the options of the state, or begin a new state directory")

    def commit(self, generation: Generation) -> None:
        """Writes the next generation, and makes it the current one by a single rename.

        Raises:
            OutputError: it cannot be written; the old generation stays current.
        """
        folder = self.path / f"generation-{generation.account.run:06d}"
        try:
            self._remove_others()
            folder.mkdir()
            for name in TABLES:
                write_frames(getattr(generation, name), Target(folder / f"{name}.parquet", ".parquet", str(folder)))
            manifest = {"version": VERSION, "options": self.rules, "account": asdict(generation.account)}
            (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            for each in (*folder.iterdir(), folder):
                files.to_disk(each)
        except OSError as error:
            raise OutputError(str(folder), error.strerror or str(error)) from error
        files.write_text(self.path / "current", folder.name + "\n")
        self._remove_others()

    def _remove_others(self) -> None:
        """Removes every generation but the current one: what crashed runs and finished ones left behind."""
        current = self.path / "current"
        keep = current.read_text(encoding="utf-8").strip() if current.exists() else ""
        for each in self.path.iterdir():
            if each.name.startswith("generation-") and each.name != keep:
                shutil.rmtree(each)
            elif each.name.startswith(".current."):
                each.unlink()


def _is_ours(name: str) -> bool:
    return name.startswith(("generation-", ".current."))


def _shown(name: str, value: Any) -> str:
    return show_duration(value) if name in LENGTHS and isinstance(value, int) else repr(value)


def digest(path: Path) -> str:
    """The content of a file as a hexadecimal SHA-256."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
