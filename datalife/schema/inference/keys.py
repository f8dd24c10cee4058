"""Columns that identify rows."""

from __future__ import annotations

import re

from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without
from datalife.stats.model import ColumnProfile
from datalife.words import plural

#: Words at the start or the end of a name that say: this number or text is a reference, not a measurement.
REFERENCE_WORDS = frozenset(
    ("id", "ids", "uuid", "guid", "key", "hash", "token", "code", "zip", "zipcode", "postcode", "phone", "ssn", "isbn")
)
#: Fewer values than this may all be distinct by luck.
FEWEST_KEYS = 20


def is_reference(name: str) -> bool:
    """Whether the name says that the values refer to something (`user_id`, `zipCode`, `ID`)."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    return bool(words) and (words[0] in REFERENCE_WORDS or words[-1] in REFERENCE_WORDS)


def all_distinct(observed: Observed) -> bool:
    """Whether no value occurs twice, known exactly and of enough values to mean something."""
    profile = observed.profile
    enough = profile.count >= FEWEST_KEYS
    return enough and bool(profile.distinct_exact) and profile.distinct_count == profile.count


def unique(observed: Observed, _found: Rules) -> Findings:
    """No value twice: identifiers whose values are all distinct."""
    profile = observed.profile
    if observed.nested or profile.type in ("list", "struct", "null"):
        return
    if not all_distinct(observed):
        yield Without("unique", _repeats(profile))
    elif is_reference(profile.name) or _is_sequence(observed) or _is_token(observed):
        yield Rule("unique", True, f"{plural(profile.count, 'value')}, all distinct")
    else:
        yield Without("unique", "all distinct, but neither name nor values look like those of a key")


def _repeats(profile: ColumnProfile) -> str:
    if profile.count < FEWEST_KEYS:
        return f"{plural(profile.count, 'value')} are too few to tell"
    about = "" if profile.distinct_exact else "about "
    return f"{about}{plural(profile.distinct_count or 0, 'distinct value')} of {profile.count:,}"


def _is_sequence(observed: Observed) -> bool:
    """Distinct integers that fill at least half of their range: a row number, not a measurement."""
    profile = observed.profile
    return profile.type == "integer" and profile.max - profile.min + 1 <= 2 * profile.count


def _is_token(observed: Observed) -> bool:
    """Short texts without any white space, all of one length: a code, not prose."""
    profile, values = observed.profile, observed.values
    if profile.type != "string" or values is None or profile.min_length != profile.max_length:
        return False
    return not any(re.search(r"\s", value) for value, _ in values)
