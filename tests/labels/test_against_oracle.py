"""Random joins beside the rules in plain Python, and what must not change anything."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import SourceError
from datalife.labels.intake import Sources
from datalife.labels.model import Gates, JoinOptions, OutputFiles
from tests.labels import figures
from tests.labels.drawing import Case, as_ofs, cases, events, on_one_clock, predictions, steps
from tests.labels.joining import Joined, Row, contents, cut_into, join_files
from tests.labels.oracle import BUCKETS, Oracle, Refused, Rules, Said
from tests.labels.spelling import Spelling, iso, nested, write_side

FEW = settings(max_examples=settings.default.max_examples // 5)
FILES = ("pending", "orphans", "late", "rejected")
GATES = Gates(
    min_match_rate=0.5,
    max_orphan_rate=0.2,
    max_late_rate=0.1,
    max_before_rate=0.1,
    max_duplicate_rate=0.1,
    min_settled=2,
)
Rows = list[Row]


def joined(folder: Path, case: Case, made: Rows, happened: Rows, as_of: int | None, **more: Any) -> Joined:
    """The real join of drawn rows, in as many files as the case wants."""
    spelling = case[1]
    salt = more.pop("salt", 0)
    events = [spelling.happened(row) for row in happened]
    sources = Sources(
        write_side(folder, "made", [spelling.made(row) for row in made], spelling.predictions, salt),
        write_side(folder, "happened", nested(events) if spelling.nested else events, spelling.feedback, salt),
    )
    return join_files(folder, sources, files=FILES, gates=GATES, as_of=iso(as_of), **options_of(case), **more)


def options_of(case: Case) -> Row:
    """All options of a case but as-of."""
    rules, spelling = case
    return {
        **spelling.options(),
        **rules.options(spelling.step),
        "arrival": spelling.path("arrival") if rules.arrival else None,
        "feedback_id": spelling.path("eid") if rules.feedback_id else None,
    }


def test_every_option_is_drawn() -> None:
    """A new rule, file or gate has to be a part of the random cases."""
    assert {*options_of((Rules(), Spelling())), "as_of"} == {*JoinOptions.model_fields, "prefix"}
    assert {*FILES, "output", "state", "prefix"} == set(OutputFiles.model_fields)
    assert set(GATES.model_dump(exclude_none=True)) == set(Gates.model_fields)


def plain(rows: Sequence[Row], spelling: Spelling, without: Sequence[str] = ()) -> list[str]:
    """Rows as a multiset that knows 1 from neither 1.0 nor true nor, as text formats have it, "1"."""
    named = [{name.removeprefix(spelling.prefix): value for name, value in row.items()} for row in rows]
    return sorted(
        str(sorted((name, number(value)) for name, value in row.items() if name not in without)) for row in named
    )


def number(value: Any) -> Any:
    """A value as a number where it can be one."""
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


def since(spelling: Spelling, text: str | None) -> float | None:
    """A time of an output, in seconds since tick 0."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() - spelling.base


def told(case: Case, joined: Joined, without: Sequence[str] = ()) -> dict[str, Any]:
    """What a join says, in the words of the oracle; `without` are columns of the predictions."""
    spelling, summary = case[1], joined.summary.model_dump()
    label, time = spelling.prefix + "label_time", spelling.path("t")
    rows = {"written": joined.rows, "pending": joined.files["pending"]}
    for row in (row for each in rows.values() for row in each):
        row[label] = since(spelling, row[label])
    events = {name: joined.files[name] for name in ("orphans", "late")}
    labels = {name: [number(row[spelling.label_name]) for row in rows] for name, rows in events.items()}
    return {
        **{name: plain(each, spelling, without) for name, each in rows.items()},
        **{
            name: Counter(zip([since(spelling, row[time]) for row in rows], labels[name], strict=True))
            for name, rows in events.items()
        },
        "rejected": Counter((row["side"], row["reason"]) for row in joined.files["rejected"]),
        "as_of": since(spelling, summary.pop("as_of")),
        "days": [(since(spelling, day.pop("day")), day) for day in summary.pop("days")],
        "summary": summary,
    }


def agree(case: Case, got: dict[str, Any], said: Said, oracle: Oracle) -> None:
    """Asserts that a run says what the oracle says: every row, count and figure."""
    spelling, summary = case[1], got["summary"]
    for name, rows in (("written", said.written), ("pending", said.pending)):
        times = [{**row, "label_time": row["label_time"] and row["label_time"] - spelling.base} for row in rows]
        assert got[name] == plain(times, spelling)
    for name, some in (("orphans", said.orphans), ("late", said.late)):
        assert got[name] == Counter((event.time - spelling.base, number(event.label)) for event in some)
    assert got["rejected"] == said.rejected
    expected = said.counts | figures.rates(said.counts)
    assert {name: summary[name] for name in expected} == expected
    gates = figures.gates(expected, GATES.model_dump())
    assert {gate["gate"]: gate["holds"] for gate in summary["gates"]} == gates
    assert summary["failed"] == (False in gates.values())
    written = figures.about_written(said)
    labels = Counter({number(label): count for label, count in written.pop("label_counts").items()})
    assert Counter({number(json.loads(text)): n for text, n in summary["label_counts"].items()}) == labels
    assert summary["delay"] == pytest.approx(written.pop("delay"))
    assert {name: summary[name] for name in written} == written
    assert got["days"] == [(since(spelling, day.pop("day")), day) for day in figures.days(oracle)]
    for point in summary["conversion"]:
        assert point["share"] == pytest.approx(figures.converted(oracle, point["seconds"]), abs=1e-9)


def check(folder: Path, case: Case, runs: list[tuple[Rows, Rows, int | None]]) -> Counter[str]:
    """Every run of the real join says what the oracle says; one that is refused leaves the state as it was.

    Returns the counts of the last run that was not refused.
    """
    rules, spelling = case
    oracle, counts = Oracle(rules, spelling), Counter[str]()
    for salt, (made, happened, tick) in enumerate(runs):
        before = oracle.copy()
        as_of = None if tick is None else max(spelling.moment(tick), oracle.as_of or spelling.moment(tick))
        options = {"state": len(runs) > 1, "salt": salt}
        try:
            said = oracle.run([spelling.made(row) for row in made], [spelling.happened(row) for row in happened], as_of)
        except Refused as refused:
            with pytest.raises(SourceError, match=f"^{refused} error"):
                joined(folder, case, made, happened, as_of, **options)
            oracle = before
        else:
            agree(case, told(case, joined(folder, case, made, happened, as_of, **options)), said, oracle)
            counts = said.counts
    return counts


@contextmanager
def folders(count: int = 1) -> Any:
    """Empty folders."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(count)]
        for path in paths:
            path.mkdir()
        yield paths


@FEW
@given(cases(), predictions, events, as_ofs)
def test_one_run_keeps_the_rules(case: Case, made: Rows, happened: Rows, as_of: int | None) -> None:
    """Rows, side files, counts and figures are those of the plain rules, whatever the options."""
    with folders() as (folder,):
        check(folder, case, [(made, happened, as_of)])


@FEW
@given(cases(), steps())
def test_runs_with_a_state_keep_the_rules(case: Case, steps: list[tuple[Rows, Rows, int | None]]) -> None:
    """So do several runs, each with its own rows and a later as-of."""
    runs, tick = [], 0
    for made, happened, later in steps:
        tick += later or 0
        runs.append((made, happened, None if later is None else tick))
    with folders() as (folder,):
        check(folder, case, runs)


@pytest.mark.parametrize("rules", [Rules(min_delay=5, skew=3, duplicate="last"), Rules(min_delay=8, duplicate="last")])
def test_a_prediction_that_gives_way_takes_its_events_along(tmp_path: Path, rules: Rules) -> None:
    """An event that was matched or too soon is told anew: beside the prediction that counts now it came before."""
    runs = [(prediction_at(13), event_at(18), 20), (prediction_at(22), [], 40)]
    assert check(tmp_path, (rules, Spelling()), runs)["before"] == 1


def prediction_at(tick: int) -> Rows:
    """A prediction of the one key."""
    return [{"pid": 0, "id": (1,), "t": tick}]


def event_at(tick: int) -> Rows:
    """An event of the same key."""
    return [{"id": (1,), "t": tick, "label": 0, "arrival": None, "eid": None, "tie": None}]


@pytest.mark.parametrize("mode", ["unique", "entity"])
def test_the_closest_prediction_tells_an_event_anew(tmp_path: Path, mode: str) -> None:
    """What was late for a prediction that is forgotten is too soon for a later one of its key."""
    rules = Rules(window=8, min_delay=3, mode=mode)
    runs = [(prediction_at(7), event_at(19), 31), (prediction_at(18), [], 31)]
    assert check(tmp_path, (rules, Spelling()), runs)["too_soon"] == 1


#: Rows are final at their first event; later ones fall on them too, and outlive them in the state.
ON_MATCH = Rules(window=None, horizon=10, policy="first", settle="on-match")
TOO_CLOSE = [(prediction_at(0), event_at(20), 20), (prediction_at(18), [], 21)]
REVISED = [(prediction_at(0), event_at(5), 5), ([], event_at(8), 9), ([], [], 16), ([], [], 17)]
OLDER_CAME_LATER = [
    (prediction_at(10), event_at(11), 12),
    (prediction_at(5), event_at(13), 13),
    ([], [], 16),
    ([], [], 17),
]


@pytest.mark.parametrize(
    ("more", "runs", "expected"),
    [
        ({"min_delay": 5}, TOO_CLOSE, {"matched": 1}),
        ({"min_delay": 5, "mode": "entity", "attribution": "all"}, TOO_CLOSE, {"matched": 1}),
        ({"min_delay": 5, "duplicate": "last"}, [*TOO_CLOSE, (prediction_at(25), [], 25)], {"matched": 1}),
        ({"mode": "entity", "revise": True}, REVISED, {"matched": 1, "late_arrivals": 1}),
        ({"mode": "entity", "attribution": "all"}, OLDER_CAME_LATER, {"matched": 2}),
    ],
    ids=["unique", "entity", "unique that gave way", "late but revised", "late for one of two"],
)
def test_what_a_forgotten_prediction_matched_stays(
    tmp_path: Path, more: dict[str, Any], runs: list[tuple[Rows, Rows, int | None]], expected: dict[str, int]
) -> None:
    """An event stays in its bucket when the prediction it fell on leaves the state, whatever came beside it."""
    counts = check(tmp_path, (replace(ON_MATCH, **more), Spelling()), runs)
    assert {name: counts[name] for name in BUCKETS if counts[name]} == expected


def answer(folder: Path, case: Case, made: Rows, happened: Rows, as_of: int | None) -> dict[str, Any]:
    """What a join says, times since tick 0; or the option that forbids it to say anything."""
    moment = None if as_of is None else case[1].moment(as_of)
    try:
        return told(case, joined(folder, case, made, happened, moment), without=("t",))
    except SourceError as refused:
        return {"refused": str(refused).partition(":")[0]}


@FEW
@given(cases(), predictions, events, as_ofs, st.randoms())
def test_the_order_of_rows_changes_nothing(
    case: Case, made: Rows, happened: Rows, as_of: int | None, random: Any
) -> None:
    """Shuffled sides, cut into files elsewhere, give the same rows, side files and account."""
    with folders(2) as (one, other):
        before = answer(one, case, made, happened, as_of)
        random.shuffle(made)
        random.shuffle(happened)
        assert answer(other, case, made, happened, as_of) == before


#: What rows that are read twice do change, with the gate that watches it.
COUNTED_AS_READ = (
    "duplicate_predictions",
    "invalid_predictions",
    "duplicate_feedback",
    "invalid_feedback",
    "duplicate_feedback_rate",
    "gates",
    "failed",
)


@FEW
@given(cases(), predictions, events, as_ofs)
def test_doubled_rows_change_only_their_counts(case: Case, made: Rows, happened: Rows, as_of: int | None) -> None:
    """At-least-once delivery: every row twice gives the same rows, buckets and figures."""
    with folders(2) as (one, other):
        once = answer(one, case, made, happened, as_of)
        twice = answer(other, case, made * 2, happened * 2, as_of)
        for each in (once, twice):
            each.pop("rejected", None)
            summary = each.get("summary", {})
            for name in ("prediction_rows", "feedback_rows", *COUNTED_AS_READ):
                summary.pop(name, None)
        assert twice == once


@FEW
@given(cases(), predictions, events, as_ofs, st.integers(-10_000, 10_000))
def test_a_shifted_clock_shifts_only_the_times(
    case: Case, made: Rows, happened: Rows, as_of: int | None, days: int
) -> None:
    """Only differences of times count, before 1970 too."""
    now, then = ((case[0], on_one_clock(case[1], shift)) for shift in (0, days))
    with folders(2) as (one, other):
        assert answer(other, then, made, happened, as_of) == answer(one, now, made, happened, as_of)


@FEW
@given(cases(), predictions, events, st.lists(st.integers(0, 15), min_size=1, max_size=3), st.data())
def test_split_into_runs_gives_the_union_of_one(
    case: Case, made: Rows, happened: Rows, later: list[int], data: st.DataObject
) -> None:
    """Rows delivered before as-of passes them settle to the same rows as all at once.

    A prediction that has to be seen beside another one is there when the first of them is: of several with one key the
    last, or the one that an event of a fast clock belongs to.
    """
    case = delivered_in_time(case)
    for row in happened:
        row["arrival"] = row["t"]
    stops = [sum(later[: n + 1]) for n in range(len(later))] + [100]
    all_at_first = case[0].duplicate == "last" or case[0].skew > 0
    with folders(2) as (one, many):
        at_once = rows_of(one, case, [(made, happened, 100)], state=False)
        runs: list[tuple[Rows, Rows, int]] = [([], [], stop) for stop in stops]
        for row in made:
            last = run_of(case, stops, row, case[1].predictions.times)
            runs[0 if all_at_first else data.draw(st.integers(0, last))][0].append(row)
        for row in happened:
            runs[run_of(case, stops, row, case[1].feedback.times)][1].append(row)
        assert rows_of(many, case, runs, state=True) == at_once


def delivered_in_time(case: Case) -> Case:
    """The case on a clock that never changes, with a memory for everything."""
    return replace(case[0], horizon=10_000), on_one_clock(case[1])


def run_of(case: Case, stops: list[int], row: Row, form: str) -> int:
    """The run in which as-of reaches a row; the last one for rows without a time."""
    instant = case[1].instant(case[1].time(row["t"], form))
    if instant is None:
        return len(stops) - 1
    return next((n for n, stop in enumerate(stops) if instant <= case[1].moment(stop)), len(stops) - 1)


def rows_of(folder: Path, case: Case, runs: list[tuple[Rows, Rows, int]], state: bool) -> list[str] | None:
    """The rows that runs write, each as it was written last; None where a rule `error` forbids them.

    A row that is final as soon as it matches does not wait for its other events, so these are not counted.
    """
    last: dict[str, Row] = {}
    without = ("revision", *(["n_feedback"] if case[0].settle == "on-match" else []))
    for salt, (made, happened, stop) in enumerate(runs):
        try:
            join = joined(folder, case, made, happened, case[1].moment(stop), state=state, salt=salt)
        except SourceError:
            return None
        own = [name for name in join.rows[0] if name[0] == "k" or name in ("t", "pid")] if join.rows else []
        last |= {str([number(row[name]) for name in own]): row for row in join.rows}
    return plain(list(last.values()), case[1], without)


def traces(case: Case, steps: list[tuple[Rows, Rows, int | None]], size: int) -> list[Any]:
    """Everything that runs leave, each after the one before: the documents and the bytes of all files."""
    folder = Path(tempfile.gettempdir(), f"datalife-traces-{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    left: list[Any] = []
    for salt, (made, happened, _) in enumerate(steps):
        with cut_into(size):
            try:
                join = joined(folder, case, made, happened, case[1].moment(20 * (salt + 1)), state=True, salt=salt)
                left.append(join.result.model_dump())
            except SourceError as refused:
                left.append(str(refused))
        left.append(contents(folder))
    shutil.rmtree(folder)
    return left


@settings(max_examples=FEW.max_examples // 2)
@given(cases(), steps(2, 2), st.integers(1, 4))
def test_the_number_of_partitions_changes_no_byte(
    case: Case, steps: list[tuple[Rows, Rows, int | None]], size: int
) -> None:
    """Neither of the files nor of the state nor of the account, in a first run and in one that continues it."""
    assert traces(case, steps, size) == traces(case, steps, 1000)
