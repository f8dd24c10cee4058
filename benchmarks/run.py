"""Measures datalife beside its peers: whole processes, in turn, on the same files. See README.md.

python benchmarks/run.py --only 'stats*' --rows 1000000 --repeat 5 --output results.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from cases import ROWS, WIDTHS, Case, Place, Side, all_cases
from measure import Failed, in_turn, middle, ratio
from report import PACKAGES, Installed, Line, heading, installed, row


def main() -> None:
    """The command line. Ends with 1 when a process failed."""
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="datalife-bench-") as temporary:
        folder = given.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = installed(PACKAGES, [sys.executable, *given.peers])
        place = Place(folder, {name: each.python for name, each in found.items()})
        cases = [case for case in all_cases(place, given.rows, given.columns) if matches(case.name, given.only)]
        text, failed = heading(found, given.repeat), False
        print(text, flush=True)
        for case in cases:
            generate(case, folder)
            for line in measured(case, found, given.repeat):
                print(row(line), flush=True)
                text += f"\n{row(line)}"
                failed |= line.reason.startswith("failed")
        if given.output:
            given.output.write_text(f"{text}\n", encoding="utf-8")
    sys.exit(failed or not cases)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", metavar="PATTERN", default="*", help="cases by name, such as 'stats*' or '*5,000,000*'"
    )
    parser.add_argument("--rows", metavar="N", type=int, nargs="+", default=ROWS, help="rows of the tables")
    parser.add_argument(
        "--columns", metavar="N", type=int, nargs="+", default=WIDTHS, help="columns of the wide tables"
    )
    parser.add_argument("--repeat", metavar="N", type=int, default=3, help="measurements of each")
    parser.add_argument("--data", metavar="DIRECTORY", type=Path, help="keeps the data for the next time")
    parser.add_argument("--output", metavar="FILE", type=Path, help="writes the table here too")
    parser.add_argument(
        "--peers", metavar="PYTHON", nargs="+", default=[], help="other Pythons, for the peers that this one lacks"
    )
    return parser.parse_args()


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern fits a case's name, or a part of it."""
    return fnmatch(name, f"*{pattern}*")


def generate(case: Case, folder: Path) -> None:
    """Make the files of a case that are not there yet, in a process of its own: this one stays small."""
    for table in case.tables:
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
