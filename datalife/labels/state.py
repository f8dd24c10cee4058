"""What a join remembers between runs, in a directory that a kill at any instant leaves usable.

    state/
        lock                    held while a run works
        current                 the name of the generation that counts; replaced by one rename
        generation-000007/      manifest.json  predictions.parquet  events.parquet  rows.parquet

A new generation is written beside the old one. Until `current` names it, it does not exist.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from datalife import files
from datalife.errors import OutputError, SourceError, UsageError
from datalife.labels.durations import show_duration
from datalife.labels.model import JoinOptions
from datalife.labels.output import Frames, Target, write_frames
from datalife.labels.rows import Kept

VERSION = 1
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


@dataclass
class Memory:
    """Everything remembered: the account, the predictions and events in narrow form, the open rows in full."""

    account: Account = field(default_factory=Account)
    predictions: pl.DataFrame | None = None
    events: pl.DataFrame | None = None
    kept: Kept = field(default_factory=Kept)


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
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(str(self.path), f"is no usable state directory: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise UsageError(str(self.path), "another run is working with this state", "wait until it ends") from error
        try:
            yield self
        finally:
            os.close(descriptor)

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
            predictions = pl.read_parquet(folder / "predictions.parquet")
            events = pl.read_parquet(folder / "events.parquet")
        except (OSError, ValueError, TypeError, KeyError, pl.exceptions.PolarsError) as error:
            hint = "restore it from a copy, or begin a new state directory"
            raise SourceError(str(self.path), f"the state is damaged: {type(error).__name__}", hint) from error
        return Memory(account, predictions, events, Kept(tuple(account.names), folder / "rows.parquet"))

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

    def commit(self, memory: Memory, rows: Frames) -> None:
        """Writes the next generation, and makes it the current one by a single rename.

        `rows` are those of `rows.parquet`: number, w0, w1 ...

        Raises:
            OutputError: it cannot be written; the old generation stays current.
        """
        assert memory.predictions is not None
        assert memory.events is not None
        folder = self.path / f"generation-{memory.account.run:06d}"
        try:
            self._remove_others()
            folder.mkdir()
            memory.predictions.write_parquet(folder / "predictions.parquet")
            memory.events.write_parquet(folder / "events.parquet")
            write_frames(rows, Target(folder / "rows.parquet", ".parquet", str(folder)))
            manifest = {"version": VERSION, "options": self.rules, "account": asdict(memory.account)}
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
