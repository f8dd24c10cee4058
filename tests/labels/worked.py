"""Worked cases in neutral words, and what the command says to them.

A file has a JSON case a line: `id`, `predictions` and `feedback` (lists of rows), `options`, `expect`; one of several
runs with a state has `runs` in place of these, each with `predictions`, `feedback`, `as_of`, `expect`.

`options` are called as those of the command, but `key` and `fb_key` (lists of columns, `["id"]`), `pred_time`,
`fb_time` ("t"), `label` ("label"; null: every event has label 1) and `max_delay` ("7d"; null: unbounded). `gates` is
{"min_match_rate": 0.5 ...}. `expect` has `rows` (what this run settles, in any order), `pending`, `summary`, `exit`, or
`error` (exit code 2); of rows and summary only what is named is compared. Rows have `status label label_time delay_s n
elapsed_s revision` beside their own columns; the summary also `delay_p50 delay_p90 delay_max`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datalife.cli import main
from tests.labels.joining import Row, read, write

NAMES = {"label_status": "status", "label_delay": "delay_s", "n_feedback": "n", "elapsed": "elapsed_s"}


def arguments(case: Row, run: Row) -> Iterator[str]:
    """The options of a case as those of the command."""
    options = {"pred_time": "t", "fb_time": "t", "label": "label", "max_delay": "7d", **case["options"]}
    keys = options.pop("key", ["id"])
    pairs = zip(keys, options.pop("fb_key", None) or keys, strict=True)
    yield from ("--key", ",".join(f"{left}={right}" for left, right in pairs))
    named = {"prediction-time": options.pop("pred_time"), "feedback-time": options.pop("fb_time")}
    longest = options.pop("max_delay")
    named |= {"window": "none" if longest is None else longest, **(options.pop("gates", None) or {}), **options}
    named |= {"as_of": run["as_of"]} if run.get("as_of") is not None else {}
    if "max_duplicate_feedback_rate" in named:
        named["max_duplicate_rate"] = named.pop("max_duplicate_feedback_rate")
    for name, value in named.items():
        if value is not None and name != "km":
            yield from (f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value))


def answers(case: Row, folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Row]:
    """What the command says to each run of a case, in the words of `expect`."""
    state = ["--state", str(folder / "state")] if "runs" in case else []
    paths = {name: folder / f"{name}.ndjson" for name in ("rows", "pending")}
    files = ["-o", str(paths["rows"]), "--pending", str(paths["pending"]), *state]
    for run in case.get("runs", [case]):
        for path in paths.values():
            path.unlink(missing_ok=True)  # a run that is only repeated would leave them as they are
        sides = [write(folder / f"{name}.ndjson", run[name]) for name in ("predictions", "feedback")]
        code = main(
            ["label-join", sides[0], "--feedback", sides[1], *arguments(case, run), *files, "-f", "json", "--isolated"]
        )
        document = json.loads(capsys.readouterr().out)
        if code == 2:
            yield {"error": document["errors"]}
            continue
        rows = {name: [renamed(row) for row in read(path)] for name, path in paths.items()}
        summary = document["summary"] | {f"delay_{name}": value for name, value in document["summary"]["delay"].items()}
        yield {**rows, "summary": summary, "exit": code}


def renamed(row: Row) -> Row:
    """A row in the words of `expect`."""
    return {NAMES.get(name, name): value for name, value in row.items()}


def differences(expected: Row, got: Row) -> list[str]:
    """What is expected and is not there; the words of an error are the command's own."""
    if "error" in expected or "error" in got:
        return [] if "error" in expected and "error" in got else [f"expected {expected}, got {got}"]
    found = []
    for name in ("rows", "pending"):
        left = list(got[name])
        for row in expected.get(name, []):
            same = next((each for each in left if is_like(row, each)), None)
            found += [f"{name}: nothing like {row}"] if same is None else []
            left = [each for each in left if each is not same]
        found += [f"{name}: unexpected {row}" for row in left if name in expected]
    summary = {name: value for name, value in expected.get("summary", {}).items() if name != "km"}
    found += [f"{n}: {got['summary'][n]}, not {v}" for n, v in summary.items() if not is_same(v, got["summary"][n])]
    return found + ([f"exit code {got['exit']}"] if expected.get("exit", got["exit"]) != got["exit"] else [])


def is_like(expected: Row, row: Row) -> bool:
    """Whether a row has the values that are named."""
    return all(is_same(value, row.get(name)) for name, value in expected.items())


def is_same(one: Any, other: Any) -> bool:
    """Equal values: numbers nearly, times as instants, true only true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    return one == other or (isinstance(one, str) and isinstance(other, str) and instant(one) == instant(other) != "")


def instant(text: str) -> str:
    """The instant of a time in UTC, to the nanosecond; empty for other texts."""
    whole, _, rest = text.replace("Z", "+00:00").partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    try:
        read = datetime.fromisoformat(whole + rest[len(digits) :])
    except ValueError:
        return ""
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC).isoformat()} {digits.ljust(9, '0')}"
