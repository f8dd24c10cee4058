"""The rules of label-join in plain Python, slow and without polars: what the real one is compared with.

Times are whole seconds, labels are numbers, every event is delivered with its `arrival`. The oracle remembers
everything, so it knows no horizon.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

Row = dict[str, Any]


@dataclass
class Rules:
    """The options, with lengths in seconds."""

    window: int | None = 10
    min_delay: int = 0
    skew: int = 0
    closed: str = "both"
    lateness: int = 0
    mode: str = "unique"
    attribution: str = "last"
    policy: str = "last"
    implicit: int | None = 0
    duplicate: str = "first"
    settle: str = "on-close"
    revise: bool = False
    arrival: bool = False
    feedback_id: bool = False


@dataclass
class Prediction:
    """One prediction that counts."""

    row: Row
    settled: int | None = None
    emitted: int | None = None
    revision: int = 0
    status: str = "pending"

    @property
    def content(self) -> tuple[Any, ...]:
        """What makes the row what it is; orders the rows of one key and instant."""
        return tuple(self.row[name] for name in ("id", "t", "pid"))


@dataclass
class Event:
    """One distinct valid event."""

    row: Row
    seen: int | None = None
    bucket: str = ""
    owner: Prediction | None = None


@dataclass
class Oracle:
    """A join over any number of runs."""

    rules: Rules
    predictions: list[Prediction] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    runs: int = 0

    def run(
        self, predictions: list[Row], feedback: list[Row], as_of: int
    ) -> tuple[list[Row], list[Row], dict[str, int]]:
        """The rows written, the rows pending, the counts so far."""
        self.runs += 1
        self._count("prediction_rows", len(predictions))
        self._count("feedback_rows", len(feedback))
        self._admit_predictions([row for row in predictions if self._valid(row, "invalid_predictions")])
        self._admit_events([row for row in feedback if self._valid(row, "invalid_feedback", "label")])
        written = self._settle(as_of)
        waiting = [prediction for prediction in self.predictions if prediction.settled is None]
        pending = [
            {**p.row, "label_status": "pending", "n_feedback": len(self._of(p)), "elapsed": as_of - p.row["t"]}
            for p in waiting
        ]
        return written, pending, self._summary()

    def _count(self, name: str, more: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def _valid(self, row: Row, name: str, *needed: str) -> bool:
        valid = row["id"] not in (None, "") and row["t"] is not None and all(row[each] is not None for each in needed)
        self._count(name, 0 if valid else 1)
        return valid

    def _admit_predictions(self, rows: list[Row]) -> None:
        before = len(self.predictions) + len(rows)
        fresh = [Prediction(row) for row in rows]
        if self.rules.mode == "entity":
            known = {each.content: each for each in reversed(self.predictions + fresh)}
            self.predictions = list(known.values())
        else:
            groups: dict[str, list[Prediction]] = {}
            for each in self.predictions + fresh:
                groups.setdefault(each.row["id"], []).append(each)
            self.predictions = [self._chosen(group) for group in groups.values()]
        self._count("duplicate_predictions", before - len(self.predictions))

    def _chosen(self, group: list[Prediction]) -> Prediction:
        settled = [each for each in group if each.settled is not None]
        if settled:
            return settled[0]
        sign = -1 if self.rules.duplicate == "last" else 1
        return min(group, key=lambda each: (sign * each.row["t"], each.content))

    def _admit_events(self, rows: list[Row]) -> None:
        for row in sorted(rows, key=_order):
            copy = next((each for each in self.events if self._identity(each.row) == self._identity(row)), None)
            if copy is None:
                self.events.append(Event(dict(row)))
                continue
            self._count("duplicate_feedback", 1)
            arrivals = [each["arrival"] for each in (copy.row, row) if each["arrival"] is not None]
            copy.row["arrival"] = min(arrivals, default=None)

    def _identity(self, row: Row) -> tuple[Any, ...]:
        if self.rules.feedback_id and row["eid"] is not None:
            return (row["eid"],)
        return (row["id"], row["t"], row["label"], row["tie"])

    def _inside(self, prediction: Prediction, event: Event) -> bool:
        rules, delay = self.rules, event.row["t"] - prediction.row["t"]
        low = rules.min_delay - rules.skew
        above = delay >= low if rules.closed in ("both", "left") else delay > low
        below = rules.window is None or (
            delay <= rules.window if rules.closed in ("both", "right") else delay < rules.window
        )
        return above and below

    def _eligible(self, event: Event) -> list[Prediction]:
        if event.owner is not None:
            return [event.owner]
        same = [each for each in self.predictions if each.row["id"] == event.row["id"] and self._inside(each, event)]
        same.sort(key=lambda each: (each.row["t"], each.content))
        if self.rules.mode == "entity" and self.rules.attribution == "first":
            return same[:1]
        return same[-1:] if self.rules.mode == "entity" and self.rules.attribution == "last" else same

    def _settle(self, as_of: int) -> list[Row]:
        self.pairs: dict[int, list[Prediction]] = {}
        for event in self.events:
            arrived = not self.rules.arrival or (event.row["arrival"] is not None and event.row["arrival"] <= as_of)
            if event.seen is None and event.row["t"] <= as_of and arrived:
                event.seen = self.runs
            event.bucket = self._bucket(event)
        written = [row for each in self.predictions if (row := self._written(each, as_of)) is not None]
        one_of_many = self.rules.mode == "entity" and self.rules.attribution != "all"
        for event in self.events:
            for prediction in self.pairs.get(id(event), []):
                if one_of_many and prediction.emitted == self.runs:
                    event.owner = prediction
        return written

    def _bucket(self, event: Event) -> str:
        if event.seen is None:
            return "future"
        found = self.pairs[id(event)] = self._eligible(event)
        if found:
            late = all(each.settled is not None and each.settled < event.seen for each in found)
            return "late_arrivals" if late else "matched"
        same = [each for each in self.predictions if each.row["id"] == event.row["id"]]
        if not same:
            return "orphans"
        delays = [event.row["t"] - each.row["t"] for each in same if each.row["t"] <= event.row["t"]]
        if not delays:
            return "before"
        low = self.rules.min_delay - self.rules.skew
        reached = min(delays) >= low if self.rules.closed in ("both", "left") else min(delays) > low
        return "late" if reached else "too_soon"

    def _of(self, prediction: Prediction) -> list[Event]:
        found = [e for e in self.events if any(p is prediction for p in self.pairs.get(id(e), []))]
        return sorted(found, key=lambda event: _order(event.row))

    def _written(self, prediction: Prediction, as_of: int) -> Row | None:
        events, rules = self._of(prediction), self.rules
        if prediction.settled is not None:
            news = any(event.seen is not None and event.seen > (prediction.emitted or 0) for event in events)
            if not (rules.revise and news):
                return None
            prediction.revision += 1
        else:
            closed = rules.window is not None and as_of >= prediction.row["t"] + rules.window + rules.lateness
            hit = any(event.row["label"] for event in events) if rules.policy == "any" else bool(events)
            if not closed and not (rules.settle == "on-match" and hit):
                return None
            prediction.settled = self.runs
        prediction.emitted = self.runs
        label, time = label_of([event.row for event in events], rules.policy)
        without = "unlabeled" if rules.implicit is None else "negative"
        prediction.status = "labeled" if events else without
        return {
            **prediction.row,
            "label": label if events else rules.implicit,
            "label_delay": time - prediction.row["t"] if events else None,
            "label_status": prediction.status,
            "n_feedback": len(events),
            "revision": prediction.revision,
        }

    def _summary(self) -> dict[str, int]:
        counts = dict(self.counts)
        for name in ("labeled", "negative", "unlabeled", "pending"):
            counts[name] = sum(each.status == name for each in self.predictions)
        for name in ("matched", "orphans", "before", "too_soon", "late", "future", "late_arrivals"):
            counts[name] = sum(each.bucket == name for each in self.events)
        return {**counts, "predictions": len(self.predictions)}


def _order(row: Row) -> tuple[Any, ...]:
    """The total order of events; a missing tie-break comes first."""
    return (row["t"], row["tie"] is not None, row["tie"] or 0, row["label"], row["id"])


def label_of(events: list[Row], policy: str) -> tuple[Any, int]:
    """The label of events in their order, and the time of the event that gave it."""
    if not events:
        return None, 0
    labels, last = [event["label"] for event in events], events[-1]["t"]
    if policy in ("max", "min"):
        extreme = max(labels) if policy == "max" else min(labels)
        return extreme, next(event["t"] for event in events if event["label"] == extreme)
    if policy == "any":
        true = [event["t"] for event in events if event["label"]]
        return bool(true), true[0] if true else last
    values = {"first": labels[0], "last": labels[-1], "sum": sum(labels), "mean": fmean(labels), "count": len(labels)}
    return values[policy], events[0]["t"] if policy == "first" else last
