"""Random joins: any options that agree with each other, any way of writing the rows, and rows that often meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.labels.oracle import Rules
from tests.labels.spelling import Row, Side, Spelling

PARTS = st.sampled_from([1, 1, 1, 1, 1, 2, 2, 2, 3, 5, None])
#: Kinds of keys that compare by value; text compares with text only, unless everything is text (`--key-cast string`).
ALIKE = [("text", "text"), *((one, other) for one in ("integer", "float") for other in ("integer", "float"))]
ANY_KINDS = [(one, other) for one in ("text", "integer", "float") for other in ("text", "integer", "float")]
#: Midnight and an hour before it of days on which a clock changes in Lisbon; 1970, and the year of the Moon.
BASES = [0, -14_169_600, 1_729_983_600, 1_711_839_600]
WITHOUT_OFFSET = ("naive", "date")

IDS = st.tuples(PARTS, st.sampled_from([1, 1, 1, 2]))


def mostly(values: Iterable[int]) -> st.SearchStrategy[int | None]:
    """One of the values, and now and then nothing."""
    some = list(values)
    return st.sampled_from([*some * (10 // len(some) + 1), None])


predictions = st.lists(
    st.fixed_dictionaries({"id": IDS, "t": mostly(range(31)), "pid": st.integers(0, 2)}), min_size=1, max_size=8
)
events = st.lists(
    st.fixed_dictionaries(
        {
            "id": IDS,
            "t": mostly(range(46)),
            "label": mostly(range(-1, 3)),
            "tie": mostly(range(3)),
            "eid": st.sampled_from(["x", "y", *[None] * 4]),
            "arrival": mostly(range(61)),
        }
    ),
    max_size=12,
)
as_ofs = mostly(range(61))
Case = tuple[Rules, Spelling]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Rules, and a way to write the rows that they are about."""
    spelling = draw(spellings())
    return draw(rules(arithmetic=spelling.label != "text")), spelling


@st.composite
def rules(draw: st.DrawFn, arithmetic: bool = True) -> Rules:
    """Any rules; those that calculate only where labels are numbers."""
    window = draw(st.integers(0, 20))
    lateness = draw(st.integers(0, 4))
    mode = draw(st.sampled_from(["unique", "entity"]))
    policies = ["first", "last", "max", "min", "count", "error", *(["sum", "mean", "any"] if arithmetic else [])]
    policy = draw(st.sampled_from(policies))
    on_match = policy in ("first", "any") and draw(st.booleans())
    return Rules(
        window=None if on_match and draw(st.booleans()) else window,
        min_delay=draw(st.one_of(st.just(0), st.integers(0, window))),
        skew=draw(st.integers(0, 3)),
        closed=draw(st.sampled_from(["both", "left", "right", "none"])),
        lateness=lateness,
        horizon=draw(st.one_of(st.none(), st.integers(window + lateness, window + lateness + 10), st.just(10_000))),
        mode=mode,
        attribution=draw(st.sampled_from(["last", "first", "all"])) if mode == "entity" else "last",
        policy=policy,
        implicit=draw(st.sampled_from([None, 0 if arithmetic or policy == "count" else "no"])),
        duplicate=draw(st.sampled_from(["first", "first", "last", "last", "error"])),
        settle="on-match" if on_match else "on-close",
        revise=draw(st.booleans()),
        arrival=draw(st.booleans()),
        feedback_id=draw(st.booleans()),
    )


@st.composite
def spellings(draw: st.DrawFn) -> Spelling:
    """Any way to write both sides such that they can be compared."""
    cast = draw(st.sampled_from(["strict", "string"]))
    kinds = draw(st.lists(st.sampled_from(ALIKE if cast == "strict" else ANY_KINDS), min_size=1, max_size=2))
    step = draw(st.sampled_from([1, 600, 86_400]))
    unit = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    forms = ["epoch", "aware", "naive", *(["date"] if step == 86_400 else ["float"] if unit in ("s", "ms") else [])]
    times = draw(st.tuples(st.sampled_from(forms), st.sampled_from(forms)))
    mixed = "aware" in times and any(form in times for form in WITHOUT_OFFSET)
    sides = [
        Side(parts, form, draw(st.sampled_from(_formats(parts))), draw(st.integers(1, 3)))
        for parts, form in zip(zip(*kinds, strict=True), times, strict=True)
    ]
    base = draw(st.sampled_from(BASES))
    return Spelling(
        *sides,
        unit=unit,
        zone=draw(st.sampled_from(["Europe/Lisbon", "UTC", *([] if mixed else [None])])),
        ambiguous=draw(st.sampled_from(["reject", "earliest", "latest"])),
        base=base // step * step,
        step=step,
        label=draw(st.sampled_from(["integer", "float", "boolean", "text", None])),
        tie=draw(st.sampled_from(["integer", "text", None])),
        nested=sides[1].format != "csv" and draw(st.booleans()),
        cast=cast,
        prefix=draw(st.sampled_from(["", "fb_"])),
    )


def _formats(parts: tuple[str, ...]) -> list[str]:
    """CSV has text only for keys."""
    return ["ndjson", "parquet", *(["csv"] if set(parts) == {"text"} else [])]


def on_one_clock(spelling: Spelling, days: int = 0) -> Spelling:
    """The same where no clock on the wall changes, so many days later."""
    zone = spelling.zone and "Etc/GMT-5"
    return replace(spelling, zone=zone, base=spelling.base + days * 86_400)


def steps(least: int = 2, most: int = 4) -> st.SearchStrategy[list[tuple[list[Row], list[Row], Any]]]:
    """What is read in each of several runs, and how many ticks later each is; None where nobody says."""
    later = mostly(range(21))
    return st.lists(st.tuples(predictions, events, later), min_size=least, max_size=most)
