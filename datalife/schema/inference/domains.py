"""Sets of allowed values.

Whether a set is closed is read off the values seen once: their share of all values is what a batch like this one
holds that was never seen before. Source: Good, "The Population Frequencies of Species and the Estimation of
Population Parameters", Biometrika 1953 (the Good-Turing estimate).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from datalife.schema.inference.bounds import next_share, wilson
from datalife.schema.inference.keys import is_reference
from datalife.schema.inference.model import Observed, Rule, Rules, plural
from datalife.yamltext import scalar

#: A text longer than this is prose.
LONGEST_VALUE = 256
#: Below this many values nothing can be told from how often each occurs, and the reviewer decides.
FEW_VALUES = 10
#: A column where surely more than this share of the next batch is new has no domain.
MOST_NEW = 0.05
#: A room for new values wider than this is no rule any more: the batch is too small to measure it.
WIDEST_ROOM = 0.2
#: Values of 0 and 1 alone that make a flag of an integer column.
FEWEST_FLAGS = 30


def text_domain(observed: Observed, found: Rules) -> Iterable[Rule]:
    """The values of a text column of few values, closed or with room for new ones."""
    values = observed.values
    if observed.profile.type != "string" or not values or found.keys() & {"format", "unique"}:
        return
    if len(values) > observed.options.max_domain or not _is_category(observed, values):
        return
    yield Rule("domain", sorted(value for value, _ in values), _evidence(observed, values))
    yield from _room(observed, values)


def flag_domain(observed: Observed, _found: Rules) -> Iterable[Rule]:
    """Integers that are only ever 0 and 1. Other integer codes get no domain: numbers tend to gain values."""
    values = observed.values
    if observed.profile.type != "integer" or not values or observed.profile.count < FEWEST_FLAGS:
        return
    if {value for value, _ in values} == {0, 1} and _once(values) == 0:
        yield Rule("domain", [0, 1], ", ".join(f"{count:,} are {value}" for value, count in sorted(values)))


def _is_category(observed: Observed, values: list[tuple[Any, int]]) -> bool:
    if max(len(value) for value, _ in values) > LONGEST_VALUE:
        return False
    if any(hint.code == "numbers-as-text" for hint in observed.profile.hints):
        return False
    if observed.profile.count < FEW_VALUES:
        return not is_reference(observed.profile.name)
    surely_new, _ = wilson(_once(values), observed.profile.count, sigmas=2)
    return surely_new <= MOST_NEW


def _room(observed: Observed, values: list[tuple[Any, int]]) -> Iterable[Rule]:
    strictness, once = observed.options.strictness, _once(values)
    if strictness == "strict" or (not once and strictness == "normal"):
        return
    new = next_share(once, observed.profile.count)
    if new <= WIDEST_ROOM:
        what = f"{plural(once, 'value')} seen once" if once else "no value seen only once"
        yield Rule("min_domain_fraction", math.floor(1e4 * (1 - new)) / 1e4, f"{what}: new ones may come")


def _once(values: list[tuple[Any, int]]) -> int:
    return sum(count == 1 for _, count in values)


def _evidence(observed: Observed, values: list[tuple[Any, int]]) -> str:
    present = observed.profile.count
    text = f"{plural(len(values), 'value')} in {plural(present, 'row')}"
    if present < FEW_VALUES:
        return f"{text}: too few rows to tell, please review"
    rare = [f"{scalar(value[:30])} ({count:,})" for value, count in reversed(values) if 1000 * count < present]
    return f"{text}; rarest: {', '.join(rare[:3])}" if rare else text
