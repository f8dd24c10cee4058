"""What is said while the work goes on."""

from __future__ import annotations

import logging
import sys

import pytest

from datalife.cli import notes
from tests.cli.terminal import Terminal

ROWS = logging.getLogger("datalife.progress")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any work is long enough for progress."""
    monkeypatch.setattr(notes, "PATIENCE", 0.0)
    monkeypatch.setattr(notes, "PACE", 0.0)


def test_progress_is_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows add up in one place, and at the end nothing is left of it."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with notes.shown(quiet=False):
        ROWS.info("%d rows", 1000)
        ROWS.info("%d rows", 500)
    shown = terminal.getvalue().split("\r")
    assert [each.split(",")[0:2] for each in shown[1:3]] == [["1", "000 rows"], ["1", "500 rows"]]
    assert shown[-1] == "\x1b[K"
    assert "\n" not in terminal.getvalue()


def test_progress_tells_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rows of a scan are known they are told, and a second scan counts from the beginning."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with notes.shown(quiet=False):
        for _ in range(2):
            ROWS.info("%d of %d rows", 0, 2000)
            ROWS.info("%d rows", 1500)
    assert terminal.getvalue().count("1,500 of 2,000 rows, ") == 2


def test_a_warning_takes_the_place_of_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of words never begins behind the count of rows, and control characters in it are escaped."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with notes.shown(quiet=False):
        ROWS.info("%d rows", 1000)
        logging.getLogger("datalife.sources").warning("a.csv:3: odd \x1b[2J")
    assert terminal.getvalue().endswith("\r\x1b[Kwarning: a.csv:3: odd \\x1b[2J\n")


@pytest.mark.parametrize(("quiet", "patience"), [(True, 0.0), (False, 60.0)])
def test_no_progress_when_quiet_or_soon_done(quiet: bool, patience: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work of less than a second shows nothing, and `--quiet` nothing at all."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr(notes, "PATIENCE", patience)
    with notes.shown(quiet=quiet):
        ROWS.info("%d rows", 1000)
    assert terminal.getvalue() == ""


def test_no_progress_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file has no use for a line that is overwritten."""
    with notes.shown(quiet=False):
        ROWS.info("%d rows", 1000)
    assert capsys.readouterr().err == ""


def test_nothing_is_left_behind() -> None:
    """After a run the loggers are as they were, for whoever uses datalife as a library."""
    with notes.shown(quiet=False):
        pass
    assert (logging.getLogger("datalife").handlers, ROWS.handlers, ROWS.level) == ([], [], logging.NOTSET)


@pytest.mark.parametrize(
    ("quiet", "verbose", "said"), [(False, True, True), (False, False, False), (True, True, False)]
)
def test_what_the_sources_found_out_is_said_when_asked_for(
    capsys: pytest.CaptureFixture[str], quiet: bool, verbose: bool, said: bool
) -> None:
    """With `-v`, and not `-q`, notes of the sources are shown; progress is none of them."""
    with notes.shown(quiet=quiet, verbose=verbose):
        logging.getLogger("datalife.sources").info("%s: the delimiter is %r", "t.csv", ";")
        ROWS.info("%d rows", 7)
    assert capsys.readouterr().err == ("note: t.csv: the delimiter is ';'\n" if said else "")
