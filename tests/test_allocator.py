"""What polars is told about memory, by the command and for its workers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from datalife.allocator import ALLOCATOR, allocation
from datalife.cli import main


def test_each_process_has_as_many_pools_as_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command as many as there are processors; a worker as many as it may use of them."""
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.delenv(ALLOCATOR, raising=False)
    main(["--version"])
    assert os.environ[ALLOCATOR] == "narenas:6,dirty_decay_ms:2000"
    assert allocation(1) == "narenas:1,dirty_decay_ms:2000"


def test_a_process_that_polars_is_used_in_tells_its_workers_the_same() -> None:
    """When it is imported, polars itself writes something before what is there."""
    program = (
        "import os; from datalife import allocator; from datalife.cli import memory; memory.tune(alone=True)\n"
        "import polars; print(os.environ[allocator.ALLOCATOR], allocator.allocation(1))"
    )
    without = {name: value for name, value in os.environ.items() if name != ALLOCATOR}
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, env=without, stdout=subprocess.PIPE, check=True, timeout=60, text=True).stdout
    here, worker = said.split()
    assert here.endswith(f"narenas:{os.cpu_count()},dirty_decay_ms:2000")
    assert worker == "narenas:1,dirty_decay_ms:2000"


def test_what_the_user_told_the_allocator_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here and in workers."""
    monkeypatch.setenv(ALLOCATOR, "narenas:3")
    main(["--version"])
    assert os.environ[ALLOCATOR] == allocation(1) == "narenas:3"
