"""How a command ends that cannot do its work on workers: one error, exit code 2, nothing written."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with four files of rows."""
    monkeypatch.chdir(tmp_path)
    for place in range(4):
        pl.DataFrame({"id": range(1000 * place, 1000 * place + 1000)}).write_parquet(f"{place}.parquet")
    return tmp_path


def test_a_shard_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged file whose footer is whole shows on a worker; the error is that of the local engine."""
    damaged = bytearray(Path("2.parquet").read_bytes())
    damaged[4:400] = bytes(396)
    Path("2.parquet").write_bytes(damaged)
    said = []
    for engine in ("local", "processes"):
        assert main(["stats", "*.parquet", "--engine", engine, "-o", "out.json", "--isolated"]) == 2
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert said[0].startswith("error: 2.parquet: is damaged")
    assert not Path("out.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "dask", "--engine-address", "tcp://127.0.0.1:9"], "tcp://127.0.0.1:9: the cluster cannot be"),
        (["--engine", "ray", "--engine-address", "127.0.0.1"], "'127.0.0.1' is no address of this engine"),
        (["--engine", "local", "--engine-address", "ray://head:10001"], "the engine local runs here"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address where nobody listens, or that is none, is an error at once."""
    assert main(["stats", "0.parquet", *arguments, "--isolated"]) == 2
    assert message in capsys.readouterr().err


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says what to install; the work is not done here instead."""
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["stats", "0.parquet", "--engine", "ray", "--isolated"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == ["error: --engine: the engine ray needs the package ray", "hint: pip install 'datalife[ray]'"]
