"""Random joins beside the rules in plain Python, and what must not change anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labels.joining import Joined, Row, contents, cut_into, join
from tests.labels.oracle import Oracle, Rules

FEW = settings(max_examples=20)
NEW = ("label", "label_delay", "label_status", "n_feedback", "revision")
KEYS = st.sampled_from(["a", "b", "c", "", None])
TIMES = st.one_of(st.integers(0, 30), st.none())

predictions = st.lists(
    st.fixed_dictionaries({"id": KEYS, "t": TIMES, "pid": st.integers(0, 2)}), min_size=1, max_size=8
)
events = st.lists(
    st.fixed_dictionaries(
        {
            "id": KEYS,
            "t": st.one_of(st.integers(0, 45), st.none()),
            "label": st.one_of(st.integers(-1, 2), st.none()),
            "tie": st.one_of(st.integers(0, 2), st.none()),
            "eid": st.one_of(st.sampled_from(["x", "y"]), st.none()),
            "arrival": st.one_of(st.integers(0, 60), st.none()),
        }
    ),
    max_size=10,
)


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    """Any options that agree with each other, but for `error` and those about keys and times, which have their own."""
    window = draw(st.integers(0, 15))
    on_match = draw(st.booleans())
    mode = draw(st.sampled_from(["unique", "entity"]))
    policies = ["first", "any"] if on_match else ["first", "last", "max", "min", "sum", "mean", "count", "any"]
    return Rules(
        window=None if on_match and draw(st.booleans()) else window,
        min_delay=draw(st.integers(0, window)),
        skew=draw(st.integers(0, 3)),
        closed=draw(st.sampled_from(["both", "left", "right", "none"])),
        lateness=draw(st.integers(0, 4)),
        mode=mode,
        attribution=draw(st.sampled_from(["last", "first", "all"])) if mode == "entity" else "last",
        policy=draw(st.sampled_from(policies)),
        implicit=draw(st.sampled_from([None, 0])),
        duplicate=draw(st.sampled_from(["first", "last"])),
        settle="on-match" if on_match else "on-close",
        revise=draw(st.booleans()),
        arrival=draw(st.booleans()),
        feedback_id=draw(st.booleans()),
    )


def options_of(rules: Rules) -> dict[str, Any]:
    """The same rules for the real join; nothing is forgotten."""
    seconds = {name: f"{getattr(rules, name)}s" for name in ("min_delay", "lateness")}
    return {
        **seconds,
        **{name: getattr(rules, name) for name in ("closed", "mode", "attribution", "policy", "settle")},
        "window": "none" if rules.window is None else f"{rules.window}s",
        "clock_skew": f"{rules.skew}s",
        "implicit_label": rules.implicit,
        "duplicate_prediction": rules.duplicate,
        "on_late_arrival": "revise" if rules.revise else "ignore",
        "arrival": "arrival" if rules.arrival else None,
        "feedback_id": "eid" if rules.feedback_id else None,
        "tie_break": "tie",
        "horizon": "1000d",
    }


def plain(rows: list[Row]) -> list[str]:
    """Rows as a multiset that knows 1 from neither 1.0 nor true."""
    kept = [{name: value for name, value in row.items() if name not in ("label_time",)} for row in rows]
    numbers = [{n: float(v) if isinstance(v, int | float) else v for n, v in row.items()} for row in kept]
    return sorted(str(sorted(row.items(), key=lambda item: item[0])) for row in numbers)


def told(joined: Joined) -> tuple[list[str], list[str], dict[str, int]]:
    """What a join says, in the words of the oracle."""
    pending = [
        {n: v for n, v in row.items() if n not in NEW or n in ("label_status", "n_feedback")}
        for row in joined.files["pending"]
    ]
    summary = joined.summary.model_dump()
    return plain(joined.rows), plain(pending), summary


def check(folder: Path, rules: Rules, runs: list[tuple[list[Row], list[Row], int]]) -> None:
    """Every run of the real join says what the oracle says."""
    oracle = Oracle(rules)
    for number, (made, happened, as_of) in enumerate(runs):
        rows, pending, counts = oracle.run(made, happened, as_of)
        options = {"as_of": str(as_of), "state": len(runs) > 1, "blank_lines": number, **options_of(rules)}
        got = told(join(folder, made, happened, **options))
        assert got[0] == plain(rows)
        assert got[1] == plain(pending)
        assert {name: got[2][name] for name in counts} == counts


@FEW
@given(any_rules(), predictions, events, st.integers(0, 60))
def test_one_run_keeps_the_rules(rules: Rules, made: list[Row], happened: list[Row], as_of: int) -> None:
    """Rows, pending rows and all counts are those of the plain rules, whatever the options."""
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), rules, [(made, happened, as_of)])


def test_a_prediction_that_gives_way_takes_its_events_along(tmp_path: Path) -> None:
    """An event of an open prediction that a later one of its key replaces is told anew: now it came before."""
    rules = Rules(window=None, min_delay=5, skew=3, policy="any", implicit=0, duplicate="last", settle="on-match")
    event = {"id": "c", "t": 18, "label": 0, "arrival": None, "eid": None, "tie": None}
    check(
        tmp_path, rules, [([{"pid": 0, "id": "c", "t": 13}], [event], 30), ([{"pid": 0, "id": "c", "t": 24}], [], 54)]
    )


@FEW
@given(any_rules(), st.lists(st.tuples(predictions, events, st.integers(0, 20)), min_size=2, max_size=4))
def test_runs_with_a_state_keep_the_rules(rules: Rules, steps: list[tuple[list[Row], list[Row], int]]) -> None:
    """So do several runs, each with its own rows and a later as-of."""
    runs, as_of = [], 0
    for made, happened, later in steps:
        as_of += later
        runs.append((made, happened, as_of))
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), rules, runs)


def traces(rules: Rules, steps: list[tuple[list[Row], list[Row]]], size: int) -> list[Any]:
    """Everything that runs leave, each after the one before: the documents and the bytes of all files."""
    window = 0 if rules.window is None else rules.window
    options = {**options_of(rules), "horizon": f"{window + rules.lateness}s", "state": True}
    options["files"] = ("pending", "orphans", "rejected", "late")
    folder = Path(tempfile.gettempdir(), f"datalife-traces-{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    left: list[Any] = []
    for number, (made, happened) in enumerate(steps):
        with cut_into(size):
            joined = join(folder, made, happened, as_of=str(20 * (number + 1)), blank_lines=number, **options)
        left += [joined.result.model_dump(), contents(folder)]
    shutil.rmtree(folder)
    return left


@FEW
@given(any_rules(), st.lists(st.tuples(predictions, events), min_size=2, max_size=2), st.integers(1, 4))
def test_the_number_of_partitions_changes_no_byte(
    rules: Rules, steps: list[tuple[list[Row], list[Row]]], size: int
) -> None:
    """Neither of the files nor of the state nor of the account, in a first run and in one that continues it."""
    assert traces(rules, steps, size) == traces(rules, steps, 1000)


@FEW
@given(any_rules(), predictions, events, st.integers(0, 60), st.randoms())
def test_the_order_of_rows_changes_nothing(
    rules: Rules, made: list[Row], happened: list[Row], as_of: int, random: Any
) -> None:
    """Shuffled sides give the same rows and the same account."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"as_of": str(as_of), **options_of(rules)}
        before = told(join(Path(folder), made, happened, **options))
        random.shuffle(made)
        random.shuffle(happened)
        assert told(join(Path(folder), made, happened, **options)) == before


@FEW
@given(any_rules(), predictions, events, st.integers(0, 60))
def test_doubled_rows_change_only_their_counts(rules: Rules, made: list[Row], happened: list[Row], as_of: int) -> None:
    """At-least-once delivery: every row twice gives the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"as_of": str(as_of), **options_of(rules)}
        once = told(join(Path(folder), made, happened, **options))
        twice = told(join(Path(folder), made * 2, happened * 2, **options))
        assert twice[:2] == once[:2]
        assert twice[2]["matched"] == once[2]["matched"]


@FEW
@given(any_rules(), predictions, events, st.integers(0, 60), st.integers(-(10**9), 10**9))
def test_a_shifted_clock_shifts_only_the_times(
    rules: Rules, made: list[Row], happened: list[Row], as_of: int, shift: int
) -> None:
    """Only differences of times count, before 1970 too."""

    def shifted(rows: list[Row]) -> list[Row]:
        return [
            {n: v + shift if n in ("t", "arrival") and v is not None else v for n, v in row.items()} for row in rows
        ]

    with tempfile.TemporaryDirectory() as folder:
        options = options_of(rules)
        before = join(Path(folder), made, happened, as_of=str(as_of), **options)
        after = join(Path(folder), shifted(made), shifted(happened), as_of=str(as_of + shift), **options)
        assert plain(after.rows) == plain(shifted(before.rows))
        assert after.summary.matched == before.summary.matched


@FEW
@given(predictions, events, st.sampled_from(["unique", "entity"]))
def test_split_into_runs_gives_the_union_of_one(made: list[Row], happened: list[Row], mode: str) -> None:
    """Rows delivered day by day, before as-of passes them, settle to the same rows as all at once."""
    rules = options_of(Rules(mode=mode, window=5, lateness=1))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        at_once = join(Path(one), made, happened, as_of="100", **rules)
        rows: list[Row] = []
        for start, stop in ((-1, 10), (10, 20), (20, 30), (30, 100)):
            some = [row for row in made if start < (row["t"] or 0) <= stop]
            then = [row for row in happened if start < (row["t"] or 0) <= stop]
            rows += join(Path(many), some, then, as_of=str(stop), state=True, **rules).rows
        assert plain(rows) == plain(at_once.rows)
