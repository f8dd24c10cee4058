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
#: The peers, by the names of their packages.
PACKAGES = (
    "polars",
    "duckdb",
    "tensorflow-data-validation",
    "whylogs",
    "ydata-profiling",
    "pandera",
    "dataframely",
    "pointblank",
    "great-expectations",
    "evidently",
    "datacompy",
)
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


@dataclass(frozen=True)
class Installed:
    """A package's version, and the Python that has it."""

    version: str
    python: str


def installed(packages: Sequence[str], pythons: Sequence[str]) -> dict[str, Installed]:
    """Which of the packages are there, each in the first of several Pythons that has it."""
    found: dict[str, Installed] = {}
    for python in reversed(pythons):
        written = subprocess.run([python, "-c", LOOK, *packages], stdout=subprocess.PIPE, text=True, check=True).stdout
        found |= {name: Installed(number, python) for name, number in map(str.split, written.splitlines())}
    return found


def heading(found: dict[str, Installed], repeat: int) -> str:
    """Where, when and with what the numbers were taken."""
    today = datetime.now(UTC).date()
    machine = (
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    peers = ", ".join(f"{package} {found[package].version}" for package in PACKAGES if package in found)
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
