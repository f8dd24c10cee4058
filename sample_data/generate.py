"""Makes the sample data: runners, the runs an app suggested to them, whether they went, how much fun it was.

    python sample_data/generate.py [DIRECTORY]

Everything is drawn from one seed with arithmetic that is alike on every machine (no logarithms, no library
distributions), so the text files are the same bytes everywhere; the Parquet file has the same rows everywhere
and the same bytes for one version of polars.

    training.csv      four weeks of suggested runs with what became of them; nothing is wrong with it
    serving.parquet   the week after, as the model sees it, with the seven faults of `FAULTS` in it
    requests.ndjson   a week of predictions as they were logged
    feedback.ndjson   the answers to them as they came in: hours or days later, twice, too late, or astray
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

SEED = 20260302
RUNNERS = 400
TRAINING_ROWS = 3000
SERVING_ROWS = 1000
REQUESTS = 800

TRAINING_START = datetime(2026, 3, 2, tzinfo=UTC)
SERVING_START = datetime(2026, 3, 30, tzinfo=UTC)
REQUESTS_START = datetime(2026, 4, 6, tzinfo=UTC)
FEEDBACK_END = datetime(2026, 4, 14, 6, tzinfo=UTC)
FEEDBACK_WINDOW = timedelta(days=3)

CITIES = {"Boulder": 0.2, "Bristol": 0.2, "Kyoto": 0.2, "Lisbon": 0.2, "Nairobi": 0.2}
SURFACES = {"road": 0.45, "trail": 0.25, "track": 0.15, "grass": 0.15}
WEATHER = {"clear": 0.4, "clouds": 0.3, "rain": 0.18, "wind": 0.12}
EXPERIENCE = {"beginner": 0.4, "regular": 0.4, "athlete": 0.2}
USUAL_FEET = {"beginner": (17000, 3500), "regular": (30000, 6000), "athlete": (52000, 9000)}
STEEPEST = {"road": 0.04, "trail": 0.08, "track": 0.002, "grass": 0.03}
APPETITE = {"clear": 0.15, "clouds": 0.05, "rain": -0.3, "wind": -0.1}

FAULTS = {
    "heart_rate": "a runner without a sensor is 0 instead of missing",
    "distance": "two of the five cities send metres instead of feet",
    "surface": "a category that training never saw: treadmill",
    "runner_age": "text instead of an integer",
    "temperature": "a sensor that has just been switched on says 85 degrees",
    "weather": "the share of rain has more than doubled",
    "accepted": "the label is not there yet, and neither is fun",
}
METRIC_CITIES = ("Kyoto", "Lisbon")
FEET_PER_METRE = 3.28084
RAINY_WEATHER = {"clear": 0.25, "clouds": 0.22, "rain": 0.43, "wind": 0.10}
TREADMILL_SHARE = 0.04
POWER_ON_TEMPERATURE = 85.0
POWER_ON_ROWS = (211, 212, 213)


class Dice:
    """Seeded draws built on `random()` alone, whose sequence Python promises never to change."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def between(self, low: float, high: float) -> float:
        """A number in [low, high), every one as likely."""
        return low + (high - low) * self._random()

    def around(self, mean: float, spread: float) -> float:
        """A number near `mean`: twelve uniform draws add up to a bell with standard deviation `spread`."""
        return mean + spread * (math.fsum(self._random() for _ in range(12)) - 6)

    def pick(self, shares: dict[str, float]) -> str:
        """One of the names, each with its share; the shares add up to 1."""
        left = self._random()
        for name, share in shares.items():
            left -= share
            if left < 0:
                return name
        return name


@dataclass(frozen=True)
class Runner:
    """Somebody who uses the app. `pulse` is None for a runner who wears no sensor."""

    runner_id: str
    city: str
    age: int
    experience: str
    pulse: float | None


@dataclass(frozen=True)
class Run:
    """One suggested run. `distance` and `elevation_gain` are in feet, `temperature` in degrees Celsius."""

    run_id: str
    runner_id: str
    suggested_at: datetime
    city: str
    surface: str
    distance: int
    elevation_gain: int
    temperature: float
    weather: str
    heart_rate: int | None
    runner_age: int
    experience: str


@dataclass(frozen=True)
class Answer:
    """What became of a suggestion. Only a run that was run can be rated: `fun` is 1 to 5, or None."""

    accepted: bool
    fun: int | None


def make_runners(dice: Dice) -> list[Runner]:
    """The people, the same ones in training and in serving."""
    return [
        Runner(
            runner_id=f"runner-{number:03d}",
            city=dice.pick(CITIES),
            age=round(min(max(dice.around(38, 11), 16), 79)),
            experience=dice.pick(EXPERIENCE),
            pulse=dice.around(138, 10) if dice.chance(0.88) else None,
        )
        for number in range(1, RUNNERS + 1)
    ]


def make_run(dice: Dice, run_id: str, runner: Runner, day: datetime, weather: dict[str, float]) -> Run:
    """A run suggested to `runner` between five in the morning and nine in the evening of `day`."""
    surface = dice.pick(SURFACES)
    distance = round(max(dice.around(*USUAL_FEET[runner.experience]), 7000))
    return Run(
        run_id=run_id,
        runner_id=runner.runner_id,
        suggested_at=day + timedelta(minutes=int(dice.between(5 * 60, 21 * 60))),
        city=runner.city,
        surface=surface,
        distance=distance,
        elevation_gain=round(distance * dice.between(0, STEEPEST[surface])),
        temperature=round(dice.around(14, 5), 1),
        weather=dice.pick(weather),
        heart_rate=None if runner.pulse is None else round(runner.pulse + dice.around(0, 6)),
        runner_age=runner.age,
        experience=runner.experience,
    )


def make_runs(dice: Dice, runners: list[Runner], rows: int, start: datetime, days: int) -> list[Run]:
    """`rows` suggestions spread evenly over the days from `start`, numbered in the order of time."""
    weather = RAINY_WEATHER if start == SERVING_START else WEATHER
    runs = []
    for number in range(rows):
        runner = runners[int(dice.between(0, len(runners)))]
        day = start + timedelta(days=number * days // rows)
        runs.append(make_run(dice, "", runner, day, weather))
    runs.sort(key=lambda run: (run.suggested_at, run.runner_id))
    return [replace(run, run_id=f"{start:%m%d}-{number:04d}") for number, run in enumerate(runs, start=1)]


def willingness(run: Run) -> float:
    """The probability that the runner goes: weather counts most, then steepness and cold."""
    steep = -0.15 if run.elevation_gain > 0.04 * run.distance else 0.0
    cold = -0.15 if run.temperature < 8 else 0.0
    return 0.6 + APPETITE[run.weather] + steep + cold


def answer(dice: Dice, run: Run) -> Answer:
    """Whether the runner went, and the rating if there is one."""
    if not dice.chance(willingness(run)):
        return Answer(accepted=False, fun=None)
    fun = min(max(round(dice.around(3.4 + 2 * APPETITE[run.weather], 0.9)), 1), 5)
    return Answer(accepted=True, fun=fun if dice.chance(0.9) else None)


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def cell(value: object) -> str:
    """A value as the text of one CSV field; nothing here needs quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return timestamp(value) if isinstance(value, datetime) else str(value)


def training_csv(dice: Dice, runners: list[Runner]) -> str:
    """Four weeks of suggestions with their answers."""
    runs = make_runs(dice, runners, TRAINING_ROWS, TRAINING_START, days=28)
    rows = [asdict(run) | asdict(answer(dice, run)) for run in runs]
    lines = [",".join(rows[0]), *(",".join(cell(value) for value in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def with_faults(dice: Dice, number: int, run: Run) -> dict[str, object]:
    """The run as the serving pipeline writes it: all `FAULTS` but the rain, which `make_runs` lets fall."""
    row: dict[str, object] = asdict(run)
    row["runner_age"] = str(run.runner_age)
    row["heart_rate"] = run.heart_rate or 0
    if run.city in METRIC_CITIES:
        row["distance"] = round(run.distance / FEET_PER_METRE)
    if dice.chance(TREADMILL_SHARE):
        row["surface"] = "treadmill"
    if number in POWER_ON_ROWS:
        row["temperature"] = POWER_ON_TEMPERATURE
    return row


def serving_frame(dice: Dice, runners: list[Runner]) -> pl.DataFrame:
    """The week after training, without answers."""
    runs = make_runs(dice, runners, SERVING_ROWS, SERVING_START, days=7)
    return pl.DataFrame([with_faults(dice, number, run) for number, run in enumerate(runs)])


def make_requests(dice: Dice, runners: list[Runner]) -> list[tuple[Run, dict[str, object]]]:
    """A week of predictions: the run that was judged, and the line that was logged about it."""
    runs = make_runs(dice, runners, REQUESTS, REQUESTS_START, days=7)
    logged = []
    for number, run in enumerate(runs, start=1):
        guess = min(max(willingness(run) + dice.around(0, 0.06), 0.01), 0.99)
        line = {
            "request_id": f"request-{number:04d}",
            "served_at": timestamp(run.suggested_at),
            "runner_id": run.runner_id,
            "city": run.city,
            "surface": run.surface,
            "distance": run.distance,
            "weather": run.weather,
            "predicted": round(guess, 3),
        }
        logged.append((run, line))
    return logged


def make_delay(dice: Dice) -> timedelta:
    """How long an answer takes: mostly hours, sometimes days, and one in thirty is past the window."""
    hours = {"soon": (0.1, 4), "today": (4, 24), "later": (24, 71), "too late": (73, 110)}
    kind = dice.pick({"soon": 0.55, "today": 0.28, "later": 0.14, "too late": 0.03})
    return timedelta(seconds=int(3600 * dice.between(*hours[kind])))


def make_answers(dice: Dice, requests: list[tuple[Run, dict[str, object]]]) -> list[dict[str, object]]:
    """The events that answer the requests, one in four requests staying without any.

    One event in fifty comes from a phone whose clock is an hour behind the server's and more, so that the
    answer seems older than the question; one in forty names a request that nobody logged.
    """
    events: list[dict[str, object]] = []
    for number, (run, line) in enumerate(requests, start=1):
        if not dice.chance(0.75):
            continue
        moment = run.suggested_at + make_delay(dice)
        if dice.chance(0.02):
            moment = run.suggested_at - timedelta(minutes=int(dice.between(60, 180)))
        said = answer(dice, run)
        request_id = f"request-9{number:03d}" if dice.chance(0.025) else line["request_id"]
        if moment <= FEEDBACK_END:
            event = {
                "event_id": f"event-{number:04d}",
                "request_id": request_id,
                "answered_at": timestamp(moment),
            }
            events.append(event | asdict(said))
    return events


def make_feedback(dice: Dice, requests: list[tuple[Run, dict[str, object]]]) -> list[dict[str, object]]:
    """The events as they were delivered: out of order, and one in twenty-five twice."""
    events = make_answers(dice, requests)
    delivered = events + [event for event in events if dice.chance(0.04)]
    return sorted(delivered, key=lambda event: (str(event["answered_at"])[:13], dice.between(0, 1)))


def ndjson(lines: Iterable[dict[str, object]]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(line) + "\n" for line in lines)


def write_text(path: Path, text: str) -> None:
    """UTF-8 with plain line feeds, on Windows too."""
    path.write_bytes(text.encode())


def generate(directory: Path) -> None:
    """Writes the four files into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    runners = make_runners(Dice(SEED))
    write_text(directory / "training.csv", training_csv(Dice(SEED + 1), runners))
    serving_frame(Dice(SEED + 2), runners).write_parquet(directory / "serving.parquet")
    requests = make_requests(Dice(SEED + 3), runners)
    write_text(directory / "requests.ndjson", ndjson(line for _, line in requests))
    write_text(directory / "feedback.ndjson", ndjson(make_feedback(Dice(SEED + 4), requests)))


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
