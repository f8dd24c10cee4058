"""Formats, shapes and lengths of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from datalife.schema.inference.bounds import round_up
from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without
from datalife.words import plural

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
EMAIL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}")
URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](:[0-9]{1,5})?(/[!-~]*)?")
IPV4 = re.compile(r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(?!$)|$)){4}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")


def _matches(expression: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: expression.fullmatch(text) is not None


def _is_moment(shape: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether a text of that shape also names a day and time that exist."""

    def fits(text: str) -> bool:
        try:
            return shape.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
        except ValueError:
            return False

    return fits


#: Formats that inference recognises; each test is at least as narrow as what the rule `format` accepts.
FORMATS: dict[str, Callable[[str], bool]] = {
    "uuid": _matches(UUID),
    "email": _matches(EMAIL),
    "url": _matches(URL),
    "ipv4": _matches(IPV4),
    "date": _is_moment(DAY),
    "datetime": _is_moment(MOMENT),
}
#: One distinct text proves no format.
FEWEST_FORMATTED = 3
#: Distinct values of one shape that make the next one sure enough to have it too.
FEWEST_SHAPED = 100
#: A shape of more parts than this is the structure of one text, not of a code.
MOST_PARTS = 15
FEWEST_LENGTHS = 20
CLASSES = {"upper": "[A-Z]", "lower": "[a-z]", "digit": "[0-9]"}


def text_format(observed: Observed, _found: Rules) -> Findings:
    """A well-known format that every value has."""
    if observed.profile.type != "string":
        return
    values = observed.values
    if not values or len(values) < FEWEST_FORMATTED:
        yield Without("format", "too few distinct values, or too many for a profile to keep")
        return
    for name, fits in FORMATS.items():
        if all(fits(value) for value, _ in values):
            yield Rule("format", name, f"all of {plural(len(values), 'distinct value')}")
            return
    yield Without("format", "no well-known format that every value has")


def text_pattern(observed: Observed, found: Rules) -> Findings:
    """A shape of letters, digits and fixed characters that every value has (`AA-3859-IAH`)."""
    if observed.profile.type != "string":
        return
    values = observed.values
    tighter = sorted(found.keys() & {"domain", "format"})
    if tighter or not values or len(values) < FEWEST_SHAPED:
        few = f"fewer than {FEWEST_SHAPED} distinct values, or too many for a profile to keep"
        yield Without("pattern", f"the {tighter[0]} says more" if tighter else few)
        return
    pattern = common_pattern(value for value, _ in values)
    if pattern is not None:
        yield Rule("pattern", pattern, f"all of {plural(len(values), 'distinct value')}")
    else:
        yield Without("pattern", "no one shape that every value has")


def common_pattern(texts: Iterable[str]) -> str | None:
    """A regular expression of the one shape that all of `texts` have; None without one worth stating.

    A shape is a sequence of runs: upper case, lower case, digits (each of a length, or of any length where it
    varies) and literal characters. A single run says too little unless its length is fixed.
    """
    shape: list[str] | None = None
    lengths: list[set[int]] = []
    for text in texts:
        runs = _runs(text)
        if runs is None:
            return None
        kinds = [kind for kind, _ in runs]
        if shape is None:
            shape, lengths = kinds, [set() for _ in kinds]
        elif shape != kinds:
            return None
        for seen, (_, length) in zip(lengths, runs, strict=True):
            seen.add(length)
    if not shape or (len(shape) == 1 and len(lengths[0]) > 1):
        return None
    return "".join(_part(kind, seen) for kind, seen in zip(shape, lengths, strict=True))


def _runs(text: str) -> list[tuple[str, int]] | None:
    """(class or literal character, length) of each run; None for prose and for characters beyond ASCII."""
    if not text.isascii() or not text.isprintable():
        return None
    runs = [
        (match.lastgroup or match[0], len(match[0]))
        for match in re.finditer(r"(?P<upper>[A-Z]+)|(?P<lower>[a-z]+)|(?P<digit>[0-9]+)|.", text)
    ]
    return runs if len(runs) <= MOST_PARTS else None


def _part(kind: str, lengths: set[int]) -> str:
    if kind not in CLASSES:
        return re.sub(r"([^A-Za-z0-9_ :/@,;=%!'\"<>`-])", r"\\\1", kind)
    if len(lengths) > 1:
        return f"{CLASSES[kind]}+"
    length = min(lengths)
    return CLASSES[kind] if length == 1 else f"{CLASSES[kind]}{{{length}}}"


def text_lengths(observed: Observed, found: Rules) -> Findings:
    """Lengths in characters, where nothing tighter is known: exact when fixed, else with room for twice the text."""
    profile, mode = observed.profile, observed.options.range_mode
    if profile.type != "string" or mode == "none" or profile.min_length is None or profile.max_length is None:
        return
    tighter = sorted(found.keys() & {"domain", "format", "pattern"})
    if any(hint.code == "numbers-as-text" for hint in profile.hints):
        yield Without("max_length", "the values are numbers, written as text")
        return
    if tighter or profile.count < FEWEST_LENGTHS:
        few = f"fewer than {FEWEST_LENGTHS} values"
        yield Without("max_length", f"the {tighter[0]} says more" if tighter else few)
        return
    evidence = f"{profile.min_length:,} to {profile.max_length:,} characters seen"
    if mode == "observed" or profile.min_length == profile.max_length:
        yield Rule("min_length", profile.min_length, evidence)
        yield Rule("max_length", profile.max_length)
        return
    if profile.min_length > 0:
        yield Rule("min_length", 1, evidence)
    yield Rule("max_length", int(round_up(2 * profile.max_length)), "" if profile.min_length > 0 else evidence)
