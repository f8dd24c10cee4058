"""Makes the data of the benchmarks: a table of one kind, of so many rows, into one .csv or .parquet file.

    python benchmarks/generate.py trips trips.parquet --rows 5000000

Everything is drawn from one seed, chunk by chunk: memory does not grow with the rows, and a small table is the
beginning of a large one.

    trips        18 columns: 4 texts (one a unique id), 12 numbers, a datetime and a boolean; some values missing
    trips-later  the same trips in another order: 1 % of the fares differ, 0.2 % of the ids are gone, 0.1 % are new
    wide         --columns columns: of ten, seven floats, two integers and one text of few values
    predictions  10 columns: a unique key, a time, and eight numbers
    events       2 for 5 predictions: their keys, times and labels; some twice, corrected, too early, too late or astray
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20260302
CHUNK = 250_000
DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01 in microseconds
DAYS = 60
COMPANIES = [f"{name} {kind}" for name in ("Blue", "City", "Flash", "Medallion", "Sun") for kind in ("Cab", "Taxi")]
PAYMENTS = ["Credit Card", "Cash", "Mobile", "Unknown"]
ZONES = [f"Zone {number:03d}" for number in range(260)]


@dataclass(frozen=True)
class Piece:
    """The rows [start, start + count) of a table, and where their numbers come from."""

    start: int
    count: int
    columns: int
    draw: np.random.Generator


def pieces(rows: int, columns: int) -> Iterator[Piece]:
    """The chunks of a table; each has a seed of its own."""
    for start in range(0, rows, CHUNK):
        yield Piece(start, min(CHUNK, rows - start), columns, np.random.default_rng([SEED, start]))


def keys(numbers: np.ndarray) -> pl.Series:
    """A text of 32 hexadecimal digits for each number, another one for another number, in no order.

    The first half is splitmix64, which is a bijection.
    Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
    """
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    digits = np.column_stack([mixed, ~mixed * np.uint64(3)]).tobytes().hex().encode()
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(numbers), [None, pa.py_buffer(digits)])
    return pl.Series(pl.from_arrow(fixed.cast(pa.binary()).cast(pa.string())))


def chosen(draw: np.random.Generator, words: list[str]) -> pl.Series:
    """One of the words for each row of a chunk, the first ones more often."""
    places = (draw.random(CHUNK) ** 2 * len(words)).astype(np.int64)
    return pl.Series(words).gather(places)


def with_gaps(values: pl.Series, draw: np.random.Generator, share: float) -> pl.Series:
    """The values, this share of them missing."""
    return values.to_frame("x").select(pl.when(pl.Series(draw.random(CHUNK) >= share)).then("x")).to_series()


def instants(microseconds: np.ndarray) -> pl.Series:
    """Datetimes without a zone, of whole seconds."""
    return pl.Series(microseconds.astype(np.int64) // 1_000_000 * 1_000_000).cast(pl.Datetime("us"))


def trips(piece: Piece) -> pl.DataFrame:
    """Taxi trips; each chunk is drawn whole, so that the first rows never depend on how many there are."""
    draw = piece.draw
    miles = pl.Series(np.round(draw.gamma(1.5, 2.5, CHUNK), 1))
    seconds = pl.Series((miles.to_numpy() * 180 + draw.gamma(2, 120, CHUNK)).astype(np.int64))
    fare = pl.Series(np.round(3.25 + 2.25 * miles.to_numpy() + draw.gamma(1, 1.5, CHUNK), 2))
    tips = pl.Series(np.round(np.where(draw.random(CHUNK) < 0.4, fare.to_numpy() * 0.2, 0), 2))
    extras = pl.Series(np.round(draw.integers(0, 5, CHUNK) * 0.5, 2))
    tolls = pl.Series(np.where(draw.random(CHUNK) < 0.02, 4.0, 0.0))
    frame = pl.DataFrame(
        {
            "trip_id": keys(np.arange(piece.start, piece.start + CHUNK)),
            "company": with_gaps(chosen(draw, COMPANIES), draw, 0.02),
            "payment": chosen(draw, PAYMENTS),
            "zone": chosen(draw, ZONES),
            "started_at": instants(START + draw.random(CHUNK) * DAYS * DAY),
            "shared": pl.Series(draw.random(CHUNK) < 0.1),
            "seconds": with_gaps(seconds, draw, 0.001),
            "miles": miles,
            "fare": with_gaps(fare, draw, 0.001),
            "tips": tips,
            "tolls": tolls,
            "extras": extras,
            "total": (fare + tips + extras + tolls).round(2),
            "passengers": pl.Series(draw.integers(1, 7, CHUNK)),
            "pickup_latitude": with_gaps(pl.Series(np.round(draw.normal(41.9, 0.05, CHUNK), 6)), draw, 0.03),
            "pickup_longitude": with_gaps(pl.Series(np.round(draw.normal(-87.65, 0.05, CHUNK), 6)), draw, 0.03),
            "dropoff_latitude": with_gaps(pl.Series(np.round(draw.normal(41.9, 0.05, CHUNK), 6)), draw, 0.05),
            "dropoff_longitude": with_gaps(pl.Series(np.round(draw.normal(-87.65, 0.05, CHUNK), 6)), draw, 0.05),
        }
    )
    return frame.head(piece.count)


def trips_later(piece: Piece) -> pl.DataFrame:
    """The trips as another system keeps them."""
    frame = trips(piece)
    row = pl.Series(np.arange(frame.height))
    renamed = keys(np.arange(piece.start, piece.start + frame.height) + (1 << 40))
    frame = frame.with_columns(
        trip_id=pl.when(row % 1000 == 2).then(renamed).otherwise("trip_id"),
        fare=pl.when(row % 100 == 0).then(pl.col("fare") + 1).otherwise("fare"),
    )
    return frame.filter(row % 1000 != 1).sample(fraction=1, shuffle=True, seed=SEED)


def wide(piece: Piece) -> pl.DataFrame:
    """Many columns, for as few rows as one chunk can hold."""
    draw = piece.draw
    frame = {}
    for number in range(piece.columns):
        match number % 10:
            case 0:
                values = pl.Series(COMPANIES).gather(draw.integers(0, len(COMPANIES), piece.count))
            case 1 | 2:
                values = pl.Series(draw.integers(0, 1000, piece.count))
            case _:
                values = pl.Series(np.round(draw.normal(0, 1, piece.count), 4))
        frame[f"feature_{number}"] = values
    return pl.DataFrame(frame)


def predictions(piece: Piece) -> pl.DataFrame:
    """Requests that a model answered, spread over the days."""
    draw = piece.draw
    numbers = {f"feature_{number}": np.round(draw.normal(0, 1, CHUNK), 4) for number in range(6)}
    frame = pl.DataFrame(
        {
            "request_id": keys(np.arange(piece.start, piece.start + CHUNK)),
            "served_at": instants(START + draw.random(CHUNK) * DAYS * DAY),
            "user_id": draw.integers(0, 1_000_000, CHUNK),
            "score": np.round(draw.random(CHUNK), 6),
            **numbers,
        }
    )
    return frame.head(piece.count)


def events(piece: Piece) -> pl.DataFrame:
    """What became of 2 predictions in 5, mostly within a week: see the top of this file."""
    served = predictions(piece).select("request_id", "served_at")
    draw = np.random.default_rng([SEED, piece.start, 1])
    row = pl.Series(np.arange(served.height))
    delay = pl.Series((draw.exponential(2, served.height) - 0.02) * DAY).cast(pl.Duration("us"))
    astray = keys(np.arange(piece.start, piece.start + served.height) + (1 << 40))
    frame = served.select(
        request_id=pl.when(row % 100 == 5).then(astray).otherwise("request_id"),
        clicked_at=(pl.col("served_at") + delay).dt.truncate("1s"),
        clicked=pl.Series(draw.integers(0, 2, served.height)),
    ).filter(row % 5 < 2)
    again = frame.gather_every(50)
    corrected = frame.gather_every(20).with_columns(
        pl.col("clicked_at") + pl.duration(hours=1), clicked=1 - pl.col("clicked")
    )
    whole = pl.concat([frame.head(frame.height - again.height - corrected.height), again, corrected])
    return whole.sample(fraction=1, shuffle=True, seed=SEED)


KINDS: dict[str, Callable[[Piece], pl.DataFrame]] = {
    "trips": trips,
    "trips-later": trips_later,
    "wide": wide,
    "predictions": predictions,
    "events": events,
}


def write_csv(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """One file of text, with a header and times in ISO 8601."""
    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            frame.write_csv(file, include_header=number == 0, datetime_format="%Y-%m-%dT%H:%M:%S")


def write_parquet(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """One file with a row group for each chunk."""
    first = next(frames).to_arrow()
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for frame in frames:
            writer.write_table(frame.to_arrow().cast(first.schema))


def generate(kind: str, path: Path, rows: int, columns: int = 18) -> None:
    """Write a table; the file has its name only once it is whole."""
    frames = (KINDS[kind](piece) for piece in pieces(rows, columns))
    unfinished = path.with_name(f"{path.name}.part")
    write = {".csv": write_csv, ".parquet": write_parquet}[path.suffix]
    write(unfinished, frames)
    unfinished.replace(path)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=500, help="of a wide table")
    given = parser.parse_args()
    generate(given.kind, given.path, given.rows, given.columns)


if __name__ == "__main__":
    main()
