"""Sets of allowed values.

Whether a set is closed is read off the values seen once: their share of all values is what a batch like this one
holds that was never seen before. Source: Good, "The Population Frequencies of Species and the Estimation of
Population Parameters", Biometrika 1953 (the Good-Turing estimate).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from datalife.schema.inference.bounds import next_share, reach, round_up, wilson
from datalife.schema.inference.keys import is_reference
from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without, values_of
from datalife.stats.model import ColumnProfile
from datalife.words import fine_share, plural
from datalife.yamltext import scalar

NUMBER = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")
#: A text longer than this is prose.
LONGEST_VALUE = 256
#: Below this many values nothing can be told from how often each occurs, and the reviewer decides.
FEW_VALUES = 10
#: A column where surely more than this share of the next batch is new has no domain.
MOST_NEW = 0.05
#: A room for new values wider than this is no rule any more: the batch is too small to measure it.
WIDEST_ROOM = 0.2
#: Standard deviations of the share of new values: Wilson's bound of a handful is wide enough with fewer than elsewhere.
SIGMAS_OF_NEW = 2.5
#: A set is closed where every value was seen as often as this, and with this part of the share that it would have if
#: all were alike: weekdays, sexes, sizes. Rarer ones (the sixth marital status) have likes that are rarer still.
COMMON = 10
EVEN = 0.25
#: It is, too, where every value was seen so often: one that never was would be a hundred times rarer than any.
ABUNDANT = 200
#: Values of 0 and 1 alone that make a flag of an integer column.
FEWEST_FLAGS = 30


def text_domain(observed: Observed, found: Rules) -> Findings:
    """The values of a text column of few values, closed or with room for new ones."""
    if observed.profile.type != "string":
        return
    values, reason = observed.values, None
    if found.keys() & {"format", "unique"}:
        reason = f"{'its format' if 'format' in found else 'a key'} says more"
    elif not values or len(values) > observed.options.max_domain:
        about = "" if observed.profile.distinct_exact else "about "
        distinct = plural(observed.profile.distinct_count or 0, "distinct value")
        reason = f"{about}{distinct}, more than --max-domain {observed.options.max_domain}" if values != [] else ""
    else:
        reason = _no_category(observed, values)
    if reason is not None or not values:
        yield Without("domain", reason or "no values")
        return
    yield Rule("domain", sorted(value for value, _ in values), _evidence(observed, values))
    yield from _room(observed, values)


def flag_domain(observed: Observed, _found: Rules) -> Findings:
    """Integers that are only ever 0 and 1. Other integer codes get no domain: numbers tend to gain values."""
    values = observed.values
    if observed.profile.type != "integer":
        return
    is_flag = values is not None and {value for value, _ in values} == {0, 1} and _once(values) == 0
    if values and is_flag and observed.profile.count >= FEWEST_FLAGS:
        yield Rule("domain", [0, 1], ", ".join(f"{count:,} are {value}" for value, count in sorted(values)))
    else:
        yield Without("domain", "only integers that are 0 and 1 alone are a set; other numbers tend to gain values")


def _no_category(observed: Observed, values: list[tuple[Any, int]]) -> str | None:
    """Why the values are no set of categories; None where they are."""
    if max(len(value) for value, _ in values) > LONGEST_VALUE:
        return "long texts are prose"
    if any(hint.code == "numbers-as-text" for hint in observed.profile.hints):
        return "the values are numbers, written as text"
    if all(NUMBER.fullmatch(value) for value, _ in values) and any(value != value.strip() for value, _ in values):
        return "the values are numbers with space around them"
    if observed.profile.count < FEW_VALUES:
        return "few values of a reference" if is_reference(observed.profile.name) else None
    if observed.parts:
        new = reach(_new_shares(observed.parts))[1]
        return None if new <= MOST_NEW else f"up to {fine_share(new)} of the values of a batch are new"
    surely_new, _ = wilson(_once(values), observed.profile.count, sigmas=2)
    if surely_new <= MOST_NEW:
        return None
    return f"{plural(_once(values), 'value')} seen once: too many of the next batch would be new"


def _new_shares(parts: Sequence[ColumnProfile]) -> list[float]:
    """Of each batch the share of its values that no other batch has."""
    counts = [dict(values) for values in map(values_of, parts) if values]
    known = Counter(value for each in counts for value in each)
    return [sum(count for value, count in each.items() if known[value] == 1) / sum(each.values()) for each in counts]


def _room(observed: Observed, values: list[tuple[Any, int]]) -> Findings:
    """What share of the values must be of the domain, where it is not closed."""
    strictness, once = observed.options.strictness, _once(values)
    new_shares = _new_shares(observed.parts) if observed.parts else [0.0]
    is_closed = _are_common(values) and strictness == "normal" and not any(new_shares)
    if strictness == "strict" or is_closed or observed.profile.count < FEW_VALUES:
        why = "all values are common" if is_closed else "what was seen is allowed"
        yield Without("min_domain_fraction", f"{why}, so the set is closed")
        return
    by_chance = next_share(once, observed.profile.count, SIGMAS_OF_NEW) if once else observed.unseen_values
    new = max(by_chance, reach(new_shares)[1])
    if 0 < new <= WIDEST_ROOM:
        rarest = min(count for _, count in values)
        what = f"{plural(once, 'value')} seen once" if once else f"the rarest was seen {plural(rarest, 'time')}"
        if any(new_shares):
            what = f"up to {fine_share(max(new_shares))} of the values of a batch were in no other"
        yield Rule("min_domain_fraction", round(1 - round_up(new), 12), f"{what}: new ones may come")
    else:
        yield Without("min_domain_fraction", "too few values to say how many new ones may come")


def _are_common(values: list[tuple[Any, int]]) -> bool:
    """Whether several values are all common, so that one too rare to have been seen would be out of their kind."""
    present, rarest = sum(count for _, count in values), min(count for _, count in values)
    is_even = rarest >= COMMON and rarest * len(values) >= EVEN * present
    return len(values) > 1 and (is_even or rarest >= ABUNDANT)


def _once(values: list[tuple[Any, int]]) -> int:
    return sum(count == 1 for _, count in values)


def _evidence(observed: Observed, values: list[tuple[Any, int]]) -> str:
    present = observed.profile.count
    text = f"{plural(len(values), 'value')} in {plural(present, 'row')}"
    if present < FEW_VALUES:
        return f"{text}: too few rows to tell, please review"
    rare = [f"{scalar(value[:30])} ({count:,})" for value, count in reversed(values) if 1000 * count < present]
    return f"{text}; rarest: {', '.join(rare[:3])}" if rare else text
