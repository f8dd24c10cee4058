"""The results as a Markdown table, a row for each datalife command and peer."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from measure import Cost

HEAD = (
    "| what | datalife | against | its cost | time | processor | memory |\n| --- | --- | --- | --- | --- | --- | --- |"
)
PACKAGES = ("polars", "duckdb", "pandera", "dataframely", "datacompy")
LOOK = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""


@dataclass(frozen=True)
class Line:
    """One comparison, or why there is none."""

    case: str
    ours: Cost | None
    peer: str
    theirs: Cost | None = None
    ratio: Cost | None = None
    reason: str = ""


def versions_of(packages: Sequence[str], python: str) -> dict[str, str]:
    """The versions of the packages that a Python has."""
    written = subprocess.run([python, "-c", LOOK, *packages], stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(line.split() for line in written.splitlines())


def heading(versions: dict[str, str], repeat: int) -> str:
    """Where, when and with what the numbers were taken."""
    today = datetime.now(UTC).date()
    machine = (
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    peers = ", ".join(f"{package} {versions.get(package, 'not installed')}" for package in PACKAGES)
    busy = f"load {os.getloadavg()[0]:.1f} at the start"
    return f"{today}; datalife {version('datalife')}; {machine}, {busy}; {peers}. Median of {repeat}.\n\n{HEAD}"


def row(line: Line) -> str:
    """A line as a row of the table. Ratios are datalife / peer: below 1 datalife takes less."""
    ratios = [f"{share:.2f}" for share in numbers(line.ratio)] if line.ratio else ["", "", ""]
    theirs = line.reason or cost(line.theirs)
    return "| " + " | ".join([line.case, cost(line.ours), line.peer, theirs, *ratios]) + " |"


def cost(spent: Cost | None) -> str:
    """Wall seconds, processor seconds and memory in short."""
    return f"{spent.wall:.2f} s, {spent.processor:.2f} s cpu, {spent.memory:,.0f} MB" if spent else ""


def numbers(ratio: Cost) -> Sequence[float]:
    """A ratio's three numbers in the order of the table."""
    return ratio.wall, ratio.processor, ratio.memory
