"""What inference works with: its options, what it sees of a column, and a rule with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from datalife.schema.inference.bounds import allowed, next_share, round_up, unseen_share
from datalife.sources.model import ReadOptions
from datalife.stats.model import ColumnProfile

if TYPE_CHECKING:
    from datalife.engine import Engine

#: A column of which at least this share is present is as good as one without gaps.
NEARLY_ALL = 0.85
#: No more of the values of a sparse column are called chance.
MOST_VALUES = 0.02
Strictness = Literal["loose", "normal", "strict"]
Ranges = Literal["none", "observed", "margin"]


@dataclass(frozen=True)
class InferOptions:
    """How far the rules keep to the data they were learned from.

    `strict` allows what was seen and nothing else; `normal` leaves the room that chance needs in a batch as
    large as this one; `loose` also where nothing unusual was seen at all. `ranges` is `observed` for `strict`
    and `margin` otherwise, unless given. A text column of more than `max_domain` values gets no domain.
    With `batches` every file is a batch of its own, and the rules leave room for what varies between them.
    `drift` asks for limits of drift; without an answer there are some where there are batches. `now` is the clock
    that freshness needs. `reading` is how the data was read, which the schema then says too; `engine` where, by
    default here.
    """

    strictness: Strictness = "normal"
    ranges: Ranges | None = None
    max_domain: int = 100
    batches: bool = False
    drift: bool | None = None
    now: datetime | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    engine: Engine | None = None

    @property
    def range_mode(self) -> Ranges:
        """How ranges and lengths are bounded."""
        return self.ranges or ("observed" if self.strictness == "strict" else "margin")


@dataclass(frozen=True)
class Rule:
    """One key of a column's schema, its value, and in a few words what in the data speaks for it.

    A `shared` one is the same for all columns that have it, and a file says it once, in `defaults`.
    """

    key: str
    value: Any
    evidence: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Without:
    """A rule that a column does not get although its type has it, and why not."""

    key: str
    reason: str


Rules = Mapping[str, Rule]
Findings = Iterable[Rule | Without]


@dataclass(frozen=True)
class Observed:
    """What a heuristic sees: the statistics of one column among `rows` rows, and what the user wants.

    `values` are all (value, count) pairs of the column, or None when the profile does not hold every one.
    `nested` columns (the items of a list, the fields of a struct) repeat by nature. `batches` is how many batches
    the rows came in, and `parts` the column in each of those that have it; none where it was one.
    """

    profile: ColumnProfile
    rows: int
    options: InferOptions = field(default_factory=InferOptions)
    nested: bool = False
    parts: tuple[ColumnProfile, ...] = ()
    batches: int = 1

    @property
    def unseen(self) -> float:
        """The share of the rows of another batch that may have, by chance, what no row of this one has."""
        if self.options.strictness == "strict" or not self.rows:
            return 0.0
        return round_up(next_share(0, self.rows)) if self.options.strictness == "loose" else unseen_share(self.rows)

    @property
    def unseen_values(self) -> float:
        """The same of the values: as many of them as of the rows, where they are rather fewer."""
        present = self.profile.count
        if not present or present >= NEARLY_ALL * self.rows:
            return self.unseen
        share = min(MOST_VALUES, round_up(self.unseen * self.rows / present))
        return share if allowed(share, present) else 0.0

    @cached_property
    def values(self) -> list[tuple[Any, int]] | None:
        """Every value with its count, most frequent first; None when some are not known."""
        return values_of(self.profile)


def values_of(profile: ColumnProfile) -> list[tuple[Any, int]] | None:
    """Every value of a column with its count, most frequent first; None when some are not known."""
    state, top = profile.state, profile.top_values
    if state is not None and state.complete and state.frequencies:
        return state.frequencies
    if top is not None and sum(each.count for each in top) == profile.count:
        return [(each.value, each.count) for each in top]
    return None


Heuristic = Callable[[Observed, Rules], Findings]
