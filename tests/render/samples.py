"""A profile by hand with every type of column, as `stats` would give it."""

from __future__ import annotations

from typing import Any

from datalife.stats.model import ColumnProfile, Hint, Histogram, Profile, Slice, ValueCount


def column(name: str, kind: str, count: int = 1000, missing: int = 0, **keys: Any) -> ColumnProfile:
    """A column of `count` values present and `missing` others."""
    share = missing / (count + missing) if count + missing else None
    return ColumnProfile(
        name=name, type=kind, count=count, null_count=missing, null_fraction=share, **{"hints": []} | keys
    )


def top(**counts: int) -> list[ValueCount]:
    """The most frequent values."""
    return [ValueCount(value=value, count=count) for value, count in counts.items()]


def line(low: float, middle: float, high: float, *counts: int) -> dict[str, Any]:
    """The keys of a column of numbers with these figures and bins."""
    edges = [low + (high - low) * place / len(counts) for place in range(len(counts) + 1)]
    return {
        "min": low,
        "max": high,
        "mean": middle,
        "std": (high - low) / 4,
        "median": middle,
        "nan_count": 0,
        "inf_count": 0,
        "histogram": Histogram(edges=edges, counts=list(counts)),
    }


def times(low: str, middle: str, high: str, *counts: int) -> dict[str, Any]:
    """The keys of a column of times."""
    return {"min": low, "median": middle, "max": high, "histogram": Histogram(edges=[low, high], counts=list(counts))}


PROFILE = Profile(
    kind="profile",
    version=1,
    rows=1000,
    sources=["trips/january.csv", "trips/february.csv"],
    columns=[
        column(
            "trip_id",
            "string",
            distinct_count=1000,
            distinct_exact=True,
            min_length=8,
            max_length=8,
            top_values=top(t0000001=1, t0000002=1, t0000003=1, t0000004=1, t0000005=1, t0000006=1),
            hints=[Hint(code="id-like", message="all 1,000 values differ", count=1000)],
        ),
        column(
            "pickup_at",
            "datetime",
            distinct_count=990,
            distinct_exact=True,
            **times("2026-01-01T00:03:00Z", "2026-01-31T12:00:00Z", "2026-02-28T23:58:12Z", 90, 110, 100, 100, 105),
        ),
        column(
            "day",
            "date",
            distinct_count=59,
            distinct_exact=True,
            **times("2026-01-01", "2026-01-31", "2026-02-28", 1, 2, 4),
        ),
        column(
            "fare",
            "float",
            880,
            120,
            distinct_count=412,
            distinct_exact=False,
            **line(-3.5, 12.25, 412.75, 700, 120, 40, 10, 5, 3, 1, 0, 0, 1),
        ),
        column(
            "passengers",
            "integer",
            999,
            1,
            distinct_count=7,
            distinct_exact=True,
            **line(0, 1, 6, 20, 700, 150, 60, 40, 19, 10),
        ),
        column(
            "odometer", "integer", distinct_count=1000, distinct_exact=True, **line(17, 48_211, 9_876_543, 500, 500)
        ),
        column(
            "vendor",
            "string",
            940,
            60,
            distinct_count=3,
            distinct_exact=True,
            min_length=0,
            max_length=9,
            top_values=top(**{"Curb": 700, " Helix": 200, "": 40}),
            hints=[
                Hint(code="missing-marker", message="'?' in 60 values may mean missing", count=60),
                Hint(code="leading-or-trailing-space", message="200 values with space before or after", count=200),
            ],
        ),
        column(
            "tipped",
            "boolean",
            1000,
            true_count=590,
            false_count=410,
            distinct_count=2,
            distinct_exact=True,
            top_values=[ValueCount(value=True, count=590), ValueCount(value=False, count=410)],
        ),
        column(
            "stops",
            "list",
            min_items=0,
            max_items=12,
            mean_items=1.75,
            total_items=1750,
            items=column(
                "item", "integer", 1750, distinct_count=44, distinct_exact=True, **line(1, 20, 44, 10, 20, 30)
            ),
        ),
        column(
            "driver",
            "struct",
            fields=[
                column("rating", "float", distinct_count=31, distinct_exact=True, **line(1.0, 4.5, 5.0, 1, 2, 5, 20))
            ],
        ),
        column("reserved", "null", 0, 1000),
    ],
)
HOSTILE = Profile(
    kind="profile",
    version=1,
    rows=4,
    sources=["\x1b]0;title\x07.csv"],
    columns=[
        column(
            "[bold red]name[/] [/oops] :smile:",
            "string",
            4,
            distinct_count=4,
            distinct_exact=True,
            min_length=1,
            max_length=9,
            top_values=top(**{"\x1b[2J\x1b[31m": 1, "[link=http://x]y[/link]": 1, "a\u202eb": 1, "\x9b1m": 1}),
            hints=[Hint(code="odd\x1b", message="[blink]\x1b[5m\u2066\n", count=4)],
        )
    ],
)
SLICED = Profile(
    kind="profile",
    version=1,
    rows=3,
    sources=["a.csv"],
    columns=[column("fare", "integer", 3, distinct_count=3, distinct_exact=True, **line(1, 2, 3, 1, 1, 1))],
    slices=[
        Slice(
            by={"zone": "A"},
            rows=2,
            columns=[column("fare", "integer", 2, distinct_count=2, distinct_exact=True, **line(1, 1.5, 2, 1, 1))],
        )
    ],
)
EMPTY = Profile(kind="profile", version=1, rows=0, sources=["empty.csv"], columns=[column("a", "null", 0)])
WIDE = Profile(
    kind="profile",
    version=1,
    rows=10,
    sources=["wide.csv"],
    columns=[
        column(f"sensor_{number:03}", "integer", 10, distinct_count=10, distinct_exact=True, **line(0, 5, 9, 5, 5))
        for number in range(200)
    ],
)
