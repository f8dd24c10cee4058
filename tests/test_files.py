"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from datalife.errors import OutputError
from datalife.files import atomic, check_writable, refuse_overwriting, write_text


def test_what_was_written_becomes_the_file(tmp_path: Path) -> None:
    """When the block ends, the file is there, with the permissions of any new file, and nothing else is."""
    before = os.umask(0o027)
    write_text(tmp_path / "x.txt", "é\n\udcff")
    os.umask(before)
    assert (tmp_path / "x.txt").read_bytes() == b"\xc3\xa9\n\\udcff"
    assert (tmp_path / "x.txt").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_an_interrupted_write_changes_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """What was there stays; what was begun is gone; the error goes on."""
    (tmp_path / "x.txt").write_text("old")

    def interrupted() -> None:
        with atomic(tmp_path / "x.txt") as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.txt", "old")]


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod", "open"])
def test_a_failing_step_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Whichever call of the system fails, the old file is whole, and the error names it."""
    (tmp_path / "x.txt").write_text("old")

    def fail(*_arguments: Any, **_settings: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(OutputError, match=r"x\.txt: No space left on device"):
            write_text(tmp_path / "x.txt", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.txt", "old")]


def test_permissions_of_a_file_that_is_replaced_stay(tmp_path: Path) -> None:
    """A private file does not become public."""
    (tmp_path / "x.txt").write_text("old")
    (tmp_path / "x.txt").chmod(0o600)
    write_text(tmp_path / "x.txt", "new")
    assert (tmp_path / "x.txt").stat().st_mode & 0o777 == 0o600


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    """The file that it names gets the new content."""
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_device_is_written_and_not_replaced() -> None:
    """`-o /dev/null` leaves /dev/null as it is."""
    write_text("/dev/null", "gone")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("path", "message"),
    [("no/such/x", "the folder no/such does not exist"), ("folder", "is a folder, not a file")],
)
def test_what_cannot_be_written_is_known_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, message: str
) -> None:
    """The check needs no work to be done first."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=message):
        check_writable(path)


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    """Not by its name, through a link, as one of a glob or below a folder; other files may be."""
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / "b.csv").symlink_to("a.csv")
    for source in ("a.csv", "b.csv", "*.csv"):
        with pytest.raises(OutputError, match="is an input of this command"):
            refuse_overwriting(tmp_path / "a.csv", [str(tmp_path / source)])
    (tmp_path / "day=1").mkdir()
    (tmp_path / "day=1" / "c.csv").write_text("c")
    with pytest.raises(OutputError, match="is an input of this command"):
        refuse_overwriting(tmp_path / "day=1" / "c.csv", [str(tmp_path)])
    refuse_overwriting(tmp_path / "a.csv", [str(tmp_path / "day=1")])
    refuse_overwriting(tmp_path / "new.csv", [str(tmp_path), str(tmp_path / "*.csv"), "s3://bucket/a.csv", "-"])
