"""Measures datalife beside its peers, how its cost grows, and what a larger cluster would cost. See README.md.

python benchmarks/run.py --only 'stats*' --rows 1000000 --repeat 5 --output results.md
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import model
import readme
import scaling
from cases import HERE, ROWS, WIDTHS, Case, Place, Side, Table, all_cases
from measure import Failed, in_turn, middle, ratio
from report import PACKAGES, Installed, Line, heading, installed, row

#: Rows of the tables from which the model is made.
MODELLED = 5_000_000


class Told:
    """What is printed as it comes, and kept."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: str) -> None:
        """One line, or several."""
        print(text, flush=True)
        self.text += f"{text}\n"


def main() -> None:
    """The command line. Ends with 1 when a process failed."""
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="datalife-bench-") as temporary:
        folder = given.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = installed(PACKAGES, [sys.executable, *given.peers])
        place = Place(folder, {name: each.python for name, each in found.items()})
        told = Told()
        told.add(heading(found, given.repeat))
        lines = list(beside_peers(place, found, given, told))
        failed = any(line.reason.startswith("failed") for line in lines)
        try:
            growth(place, given, told)
            on_a_cluster(place, given, told)
        except (Failed, subprocess.CalledProcessError) as failure:
            told.add(f"failed: {failure}")
            failed = True
        if given.output:
            given.output.write_text(told.text, encoding="utf-8")
        if given.readme:
            readme.write(given.readme, lines)
    sys.exit(failed or told.text.count("\n| ") < 2)


def beside_peers(place: Place, found: dict[str, Installed], given: argparse.Namespace, told: Told) -> Iterator[Line]:
    """The cases that were asked for, each beside its peers."""
    for case in all_cases(place, given.rows or ROWS, given.columns):
        if matches(case.name, given.only):
            generate(case.tables, place.folder)
            for line in measured(case, found, given.repeat):
                told.add(row(line))
                yield line


def growth(place: Place, given: argparse.Namespace, told: Told) -> None:
    """How the cost grows, where it was asked for: as `scaling`."""
    if matches("scaling", given.only):
        told.add(f"\nHow the cost grows; each once.\n\n{scaling.HEAD}")
        for step in scaling.steps(place, given.rows or scaling.ROWS, given.columns):
            generate(step.tables, place.folder)
            for line in scaling.measured(step):
                told.add(line)


def on_a_cluster(place: Place, given: argparse.Namespace, told: Told) -> None:
    """What a larger cluster would cost, where it was asked for: as `model`."""
    if matches("model", given.only):
        rows = max(given.rows or (MODELLED,))
        generate([Table(kind, ".parquet", rows) for kind in ("trips", "predictions", "events")], place.folder)
        command = (sys.executable, str(HERE / "inputs.py"), str(place.folder), str(rows))
        alone = os.environ | {"POLARS_MAX_THREADS": "1"}
        answer = subprocess.run(command, stdout=subprocess.PIPE, env=alone, text=True, check=True).stdout
        told.add("\nOn a larger cluster.\n")
        for text in model.told(model.Inputs.of(json.loads(answer))):
            told.add(text)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    only = "cases by name, such as 'stats*' or '*5,000,000*'; also 'scaling' and 'model'"
    parser.add_argument("--only", metavar="PATTERN", default="*", help=only)
    parser.add_argument("--rows", metavar="N", type=int, nargs="+", help="rows of the tables")
    parser.add_argument(
        "--columns", metavar="N", type=int, nargs="+", default=WIDTHS, help="columns of the wide tables"
    )
    parser.add_argument("--repeat", metavar="N", type=int, default=3, help="measurements of each")
    parser.add_argument("--data", metavar="DIRECTORY", type=Path, help="keeps the data for the next time")
    parser.add_argument("--output", metavar="FILE", type=Path, help="writes everything here too")
    parser.add_argument("--readme", metavar="FILE", type=Path, help="writes the short table between its marks here")
    parser.add_argument(
        "--peers", metavar="PYTHON", nargs="+", default=[], help="other Pythons, for the peers that this one lacks"
    )
    return parser.parse_args()


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern fits a case's name, or a part of it."""
    return fnmatch(name, f"*{pattern}*")


def generate(tables: Iterable[Table], folder: Path) -> None:
    """Make the files that are not there yet, in a process of its own: this one stays small."""
    for table in tables:
        if not table.path(folder).exists():
            print(f"making {table.path(folder).name}", file=sys.stderr, flush=True)
            subprocess.run(table.made_by(folder), check=True)


def measured(case: Case, found: dict[str, Installed], repeat: int) -> Iterator[Line]:
    """A line for each peer; one that is not installed is said to be missing."""
    for side in case.peers:
        if side.needs is not None and side.needs not in found:
            yield Line(case.name, None, side.name, reason="not installed")
        else:
            yield compared(case, side, repeat)


def compared(case: Case, side: Side, repeat: int) -> Line:
    """Our side of a case and one peer."""
    try:
        ours, theirs = in_turn([case.ours.commands, side.commands], repeat)
    except Failed as failure:
        return Line(case.name, None, side.name, reason=f"failed: {failure}")
    return Line(case.name, middle(ours), side.name, middle(theirs), ratio(ours, theirs))


if __name__ == "__main__":
    main()
