"""Profiles that grow batch by batch: every source counts once."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def merge(*sources: str) -> int:
    """The exit code of merging sources into `all.json`."""
    return main(["stats", *sources, "--merge-into", "all.json", "--quiet", "--isolated"])


def grown() -> dict:
    """What `all.json` says."""
    return json.loads(Path("all.json").read_text())


def write(name: str, *fares: float) -> str:
    """A batch of fares."""
    pl.DataFrame({"fare": list(fares)}).write_csv(name)
    return name


def test_the_profile_grows_by_each_batch() -> None:
    """After two batches the profile is that of the rows of both."""
    assert merge(write("monday.csv", 1.5, 2.5)) == 0
    assert merge(write("tuesday.csv", 6.5)) == 0
    column = grown()["columns"][0]
    assert (grown()["rows"], column["sum"], column["mean"], column["max"]) == (3, 10.5, 3.5, 6.5)
    assert grown()["sources"] == ["monday.csv", "tuesday.csv"]


def test_a_source_counts_once() -> None:
    """A batch that is merged again, as after a retry, changes no byte of the profile, whatever it is called now."""
    merge(write("monday.csv", 1.5, 2.5), write("tuesday.csv", 6.5))
    once = Path("all.json").read_bytes()
    Path("copy.csv").write_bytes(Path("monday.csv").read_bytes())
    assert merge("monday.csv", "copy.csv", "tuesday.csv") == 0
    assert Path("all.json").read_bytes() == once


def test_the_order_of_batches_in_one_run_or_several_is_all_that_counts() -> None:
    """Two batches in one run hold the same sources, by the same identities, as one after the other."""
    merge(write("monday.csv", 1.5, 2.5), write("tuesday.csv", 6.5))
    together = grown()["merged"]
    Path("all.json").unlink()
    merge("monday.csv")
    merge("tuesday.csv")
    assert grown()["merged"] == together
    assert together[0] == {"source": "monday.csv", "identity": "blake2b:" + together[0]["identity"][8:]}


def test_a_source_that_has_other_content_now_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile cannot forget the rows it holds: a batch that changed is an error, and the profile stays."""
    merge(write("monday.csv", 1.5))
    before = Path("all.json").read_bytes()
    assert merge(write("monday.csv", 1.5, 2.5)) == 2
    assert "monday.csv: was merged before, and has other content now" in capsys.readouterr().err
    assert Path("all.json").read_bytes() == before


def test_what_does_not_fit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Text where numbers were, a profile that grew elsewhere, no profile at all: errors, and nothing is written."""
    merge(write("monday.csv", 1.5))
    Path("words.csv").write_text("fare\ncheap\n")
    before = Path("all.json").read_bytes()
    assert merge("words.csv") == 2
    assert "column 'fare' is float in one profile and string in another" in capsys.readouterr().err
    assert Path("all.json").read_bytes() == before
    main(["stats", "monday.csv", "-o", "plain.json", "--isolated"])
    assert main(["stats", "monday.csv", "--merge-into", "plain.json", "--isolated"]) == 2
    assert "does not say which sources it holds" in capsys.readouterr().err
    assert main(["stats", "words.csv", "--merge-into", "monday.csv", "--isolated"]) == 2
    assert "monday.csv: is no profile" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [["--label", "fare"], ["--correlations"], ["--exact"]])
def test_what_cannot_grow_is_refused(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What no state holds is a usage error, not a number about the last batch alone."""
    assert main(["stats", write("monday.csv", 1.5), "--merge-into", "all.json", *flags, "--isolated"]) == 2
    assert f"--merge-into: does not go with {flags[0]}" in capsys.readouterr().err
    assert not Path("all.json").exists()


def test_standard_input_has_no_identity(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be read once only can be known by nothing."""
    assert merge("-") == 2
    assert "standard input has no content to know it by" in capsys.readouterr().err
