"""The rules of label-join in plain Python, slow and without polars: what the real one is compared with.

Times are whole seconds here. What the written values mean is read by `spelling`, what a run comes to in figures is
counted by `figures`.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

from tests.labels.spelling import Row, Spelling

LENGTHS = ("window", "min_delay", "skew", "lateness", "horizon")
STATUSES = ("labeled", "negative", "unlabeled")
BUCKETS = ("matched", "orphans", "before", "too_soon", "late", "future", "late_arrivals")


class Refused(Exception):
    """The option whose rule `error` forbids what was read."""


@dataclass(frozen=True)
class Rules:
    """The options, with lengths in ticks (see `Spelling`)."""

    window: int | None = 10
    min_delay: int = 0
    skew: int = 0
    closed: str = "both"
    lateness: int = 0
    horizon: int | None = None
    mode: str = "unique"
    attribution: str = "last"
    policy: str = "last"
    implicit: int | str | None = 0
    duplicate: str = "first"
    settle: str = "on-close"
    revise: bool = False
    arrival: bool = False
    feedback_id: bool = False

    def options(self, step: int) -> Row:
        """The same for the command; a tick is `step` seconds."""
        lengths = {name: getattr(self, name) for name in ("min_delay", "lateness", "horizon")}
        return {
            **{name: None if ticks is None else f"{ticks * step}s" for name, ticks in lengths.items()},
            **{name: getattr(self, name) for name in ("closed", "mode", "attribution", "policy", "settle")},
            "window": "none" if self.window is None else f"{self.window * step}s",
            "clock_skew": f"{self.skew * step}s",
            "implicit_label": self.implicit,
            "duplicate_prediction": self.duplicate,
            "on_late_arrival": "revise" if self.revise else "ignore",
        }


@dataclass(eq=False)
class Prediction:
    """One prediction that counts."""

    row: Row
    key: tuple[Any, ...]
    time: int
    settled: int | None = None
    emitted: int | None = None
    revision: int = 0
    status: str = "pending"
    label: Any = None
    forgotten: bool = False

    @property
    def content(self) -> tuple[Any, ...]:
        """What makes the row what it is; orders the rows of one key and instant."""
        return (self.key, self.time, *((value is not None, value) for value in self.row.values()))


@dataclass(eq=False)
class Event:
    """One distinct valid event."""

    key: tuple[Any, ...]
    time: int
    label: Any
    tie: Any
    name: str | None
    arrival: int | None
    seen: int | None = None
    bucket: str = ""
    owner: Prediction | None = None
    told_by: list[Prediction] = field(default_factory=list)

    @property
    def order(self) -> tuple[Any, ...]:
        """The total order of events; a missing tie-break comes first."""
        return (self.time, self.tie is not None, self.tie or 0, self.label, self.key)


@dataclass
class Said:
    """What a run says: rows of the files, counts over all runs, and by side and reason what was left out."""

    written: list[Row]
    pending: list[Row]
    orphans: list[Event]
    late: list[Event]
    rejected: Counter[tuple[str, str]]
    counts: Counter[str]


class Oracle:
    """A join over any number of runs."""

    def __init__(self, rules: Rules, spelling: Spelling) -> None:
        scaled = {name: getattr(rules, name) for name in LENGTHS}
        self.rules = replace(rules, **{n: v * spelling.step for n, v in scaled.items() if v is not None})
        self.spelling = spelling
        self.predictions: list[Prediction] = []
        self.events: list[Event] = []
        self.counts: Counter[str] = Counter()
        self.runs = 0
        self.as_of: int | None = None

    def copy(self) -> Oracle:
        """The same, to go back to."""
        return deepcopy(self)

    @property
    def low(self) -> int:
        """The lower end of the window."""
        return self.rules.min_delay - self.rules.skew

    @property
    def oldest(self) -> float:
        """The instant before which the runs up to now have forgotten predictions."""
        rules = self.rules
        if self.as_of is None or (rules.horizon is None and rules.window is None):
            return float("-inf")
        return self.as_of - (2 * (rules.window or 0) + rules.lateness if rules.horizon is None else rules.horizon)

    def run(self, predictions: list[Row], feedback: list[Row], as_of: int | None) -> Said:
        """One run; raises Refused, after which the oracle is of no more use."""
        self.forget()
        self.runs += 1
        self.rejected: Counter[tuple[str, str]] = Counter()
        before = self.oldest
        self.counts.update(prediction_rows=len(predictions), feedback_rows=len(feedback))
        self._admit_predictions([each for row in predictions if (each := self._prediction(row, before)) is not None])
        happened = [each for row in feedback if (each := self._event(row)) is not None]
        self._admit_events(happened)
        newest = max((each.time for each in happened), default=None)
        known = [time for time in (self.as_of, newest if as_of is None else as_of) if time is not None]
        self.as_of = max(known, default=None)
        return self._settle(before)

    def forget(self) -> None:
        """Rows that nothing within the horizon can meet leave the state; their counts stay."""
        reach = (self.rules.window or 0) - self.low
        for each in self.predictions:
            each.forgotten = each.settled is not None and each.time < self.oldest - reach
        gone = [each for each in self.events if each.time < self.oldest + self.low]
        self.counts.update(Counter(f"gone {each.status}" for each in self.predictions if each.forgotten))
        self.counts.update(Counter(f"gone {each.bucket}" for each in gone))
        self.predictions = [each for each in self.predictions if not each.forgotten]
        self.events = [each for each in self.events if each not in gone]

    def _prediction(self, row: Row, oldest: float) -> Prediction | None:
        key = self.spelling.key([value for name, value in row.items() if name.startswith("k")])
        time = self.spelling.instant(row["t"])
        if key is None or time is None:
            return self._reject("prediction", "no key" if key is None else "no valid time")
        if time < oldest:
            return self._reject("prediction", "expired")
        return Prediction(row, key, time)

    def _event(self, row: Row) -> Event | None:
        key = self.spelling.key([value for name, value in row.items() if name.startswith("e") and name != "eid"])
        time = self.spelling.instant(row["t"])
        label = row["label"] if self.spelling.label else 1
        if key is None or time is None or label is None:
            reasons = {"no key": key, "no valid time": time, "no label": label}
            return self._reject("feedback", next(reason for reason, value in reasons.items() if value is None))
        name = row["eid"] if self.rules.feedback_id else None
        tie = row["tie"] if self.spelling.tie else None
        return Event(key, time, label, tie, name, self.spelling.instant(row["arrival"]) if self.rules.arrival else None)

    def _reject(self, side: str, reason: str) -> None:
        self.rejected[side, reason] += 1
        kind = "invalid_feedback" if side == "feedback" else "invalid_predictions"
        self.counts["expired" if reason == "expired" else kind] += 1

    def _admit_predictions(self, fresh: list[Prediction]) -> None:
        known = self.predictions + fresh
        distinct = list({each.content: each for each in reversed(known)}.values())
        if self.rules.mode == "unique":
            groups: dict[Any, list[Prediction]] = {}
            for each in distinct:
                groups.setdefault(each.key, []).append(each)
            if self.rules.duplicate == "error" and any(len(group) > 1 for group in groups.values()):
                raise Refused("--duplicate-prediction")
            distinct = [self._chosen(group) for group in groups.values()]
        kept = set(map(id, distinct))
        self.rejected["prediction", "duplicate"] += sum(id(each) not in kept for each in fresh)
        self.counts["duplicate_predictions"] += len(known) - len(distinct)
        self.predictions = distinct

    def _chosen(self, group: list[Prediction]) -> Prediction:
        settled = [each for each in group if each.settled is not None]
        if settled:
            return settled[0]
        sign = -1 if self.rules.duplicate == "last" else 1
        return min(group, key=lambda each: (sign * each.time, each.content))

    def _admit_events(self, fresh: list[Event]) -> None:
        known = {_identity(each): each for each in self.events}
        for each in sorted(fresh, key=lambda event: event.order):
            copy = known.setdefault(_identity(each), each)
            if copy is each:
                self.events.append(each)
                continue
            self.counts["duplicate_feedback"] += 1
            copy.arrival = min((time for time in (copy.arrival, each.arrival) if time is not None), default=None)

    def _reached(self, delay: int) -> bool:
        return delay >= self.low if self.rules.closed in ("both", "left") else delay > self.low

    def _inside(self, prediction: Prediction, event: Event) -> bool:
        rules, delay = self.rules, event.time - prediction.time
        below = rules.window is None or (
            delay <= rules.window if rules.closed in ("both", "right") else delay < rules.window
        )
        return self._reached(delay) and below

    def _eligible(self, event: Event) -> list[Prediction]:
        if event.owner is not None:
            return [event.owner]
        same = [each for each in self.predictions if each.key == event.key and self._inside(each, event)]
        same.sort(key=lambda each: each.content)
        if self.rules.mode == "entity" and self.rules.attribution == "first":
            return same[:1]
        return same[-1:] if self.rules.mode == "entity" and self.rules.attribution == "last" else same

    def _settle(self, oldest: float) -> Said:
        self.pairs: dict[int, list[Prediction]] = {}
        for event in self.events:
            if event.seen is None and self._is_visible(event):
                event.seen = self.runs
            event.bucket = self._bucket(event)
        if self.rules.policy == "error" and any(
            len(self._of(each)) > 1 for each in self.predictions if each.settled is None or self._has_news(each, oldest)
        ):
            raise Refused("--policy")
        written = [row for each in self.predictions if (row := self._written(each, oldest)) is not None]
        one_of_many = self.rules.mode == "entity" and self.rules.attribution != "all"
        for event in self.events:
            for prediction in self.pairs.get(id(event), []):
                if one_of_many and prediction.emitted == self.runs:
                    event.owner = prediction
        return Said(
            written,
            [self._pending(each) for each in self.predictions if each.settled is None],
            [each for each in self.events if each.bucket == "orphans"],
            [each for each in self.events if each.bucket == "late_arrivals" and each.seen == self.runs],
            +self.rejected,
            self._counts(),
        )

    def _is_visible(self, event: Event) -> bool:
        if self.as_of is None or event.time > self.as_of:
            return False
        return not self.rules.arrival or (event.arrival is not None and event.arrival <= self.as_of)

    def _bucket(self, event: Event) -> str:
        if event.seen is None:
            return "future"
        found = self.pairs[id(event)] = self._eligible(event)
        known = [each for each in self.predictions if each.key == event.key]
        told_by = [each for each in known if each.time <= event.time or each in found]
        had_row = event.bucket in ("matched", "late_arrivals")
        if not found and (had_row or not told_by) and any(each.forgotten for each in event.told_by):
            return event.bucket
        event.told_by = told_by
        if found:
            late = all(each.settled is not None and each.settled < event.seen for each in found)
            return "late_arrivals" if late and event.bucket != "matched" else "matched"
        if not known:
            return "orphans"
        delays = [event.time - each.time for each in known if each.time <= event.time]
        if not delays:
            return "before"
        return "late" if self._reached(min(delays)) else "too_soon"

    def _of(self, prediction: Prediction) -> list[Event]:
        found = [e for e in self.events if any(p is prediction for p in self.pairs.get(id(e), []))]
        return sorted(found, key=lambda event: event.order)

    def _has_news(self, prediction: Prediction, oldest: float) -> bool:
        """Whether a settled prediction has feedback that its row does not know yet."""
        if not self.rules.revise or prediction.time < oldest:
            return False
        return any((event.seen or 0) > (prediction.emitted or 0) for event in self._of(prediction))

    def _written(self, prediction: Prediction, oldest: float) -> Row | None:
        events, rules = self._of(prediction), self.rules
        if prediction.settled is not None:
            if not self._has_news(prediction, oldest):
                return None
            prediction.revision += 1
        else:
            open_for = None if rules.window is None else rules.window + rules.lateness
            closed = None not in (open_for, self.as_of) and self.as_of >= prediction.time + open_for
            hit = any(event.label for event in events) if rules.policy == "any" else bool(events)
            if not closed and not (rules.settle == "on-match" and hit):
                return None
            prediction.settled = self.runs
        prediction.emitted = self.runs
        label, time = label_of(events, rules.policy)
        prediction.label = label if events else rules.implicit
        prediction.status = "labeled" if events else "unlabeled" if rules.implicit is None else "negative"
        return {
            **prediction.row,
            "label": prediction.label,
            "label_time": time if events else None,
            "label_delay": time - prediction.time if events else None,
            "label_status": prediction.status,
            "n_feedback": len(events),
            "revision": prediction.revision,
        }

    def _pending(self, prediction: Prediction) -> Row:
        new = {"label": None, "label_time": None, "label_delay": None, "label_status": "pending", "revision": 0}
        elapsed = None if self.as_of is None else self.as_of - prediction.time
        return {**prediction.row, **new, "n_feedback": len(self._of(prediction)), "elapsed": elapsed}

    def _counts(self) -> Counter[str]:
        counts = Counter({name: count for name, count in self.counts.items() if not name.startswith("gone")})
        standing = Counter([each.status for each in self.predictions] + [each.bucket for each in self.events])
        for name in (*STATUSES, "pending", *BUCKETS):
            counts[name] = standing[name] + self.counts[f"gone {name}"]
        counts["settled"] = sum(counts[name] for name in STATUSES)
        counts["predictions"] = counts["settled"] + counts["pending"]
        return counts


def _identity(event: Event) -> tuple[Any, ...]:
    return (event.name,) if event.name is not None else (event.key, event.time, event.label, event.tie)


def label_of(events: list[Event], policy: str) -> tuple[Any, int]:
    """The label of events in their order, and the time of the event that gave it."""
    if not events:
        return None, 0
    labels, last = [event.label for event in events], events[-1].time
    if policy in ("max", "min"):
        extreme = max(labels) if policy == "max" else min(labels)
        return extreme, next(event.time for event in events if event.label == extreme)
    if policy == "any":
        true = [event.time for event in events if event.label]
        return bool(true), true[0] if true else last
    if policy in ("sum", "mean"):
        return (sum(labels) if policy == "sum" else fmean(labels)), last
    values = {"first": labels[0], "last": labels[-1], "error": labels[-1], "count": len(labels)}
    return values[policy], events[0].time if policy == "first" else last
