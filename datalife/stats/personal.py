"""Values that name a person: known by their form, and where there is one by their checksum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

#: Checksums are worked out for so many values at most.
CHECKED = 500


@dataclass(frozen=True)
class PersonalKind:
    """A kind of personal data: `pattern` fits a whole value; `holds` is its checksum, where it has one."""

    name: str
    pattern: str
    holds: Callable[[str], bool] | None = None


def luhn(text: str) -> bool:
    """The checksum of payment cards (ISO/IEC 7812-1)."""
    digits = [int(each) for each in reversed(text) if each.isdigit()]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(digits)]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def iban(text: str) -> bool:
    """The checksum of international bank account numbers (ISO 13616): letters as 10 to 35, modulo 97 it is 1."""
    plain = text.replace(" ", "").upper()
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
#: The areas 000, 666 and 900 to 999 are never issued.
AREA = r"(?:00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])"
KINDS = (
    PersonalKind("e-mail addresses", r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
    PersonalKind("IP addresses", rf"^(?:{BYTE}\.){{3}}{BYTE}$|^(?:[0-9A-Fa-f]{{1,4}}:){{7}}[0-9A-Fa-f]{{1,4}}$"),
    PersonalKind("phone numbers", r"^\+[0-9][0-9 ().-]{7,17}$|^\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}$"),
    PersonalKind("payment card numbers", r"^[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3,4}$", luhn),
    PersonalKind("US social security numbers", rf"^{AREA}-[0-9]{{2}}-[0-9]{{4}}$"),
    PersonalKind("bank account numbers (IBAN)", r"^[A-Z]{2}[0-9]{2} ?(?:[0-9A-Z]{4} ?){2,7}[0-9A-Z]{1,4}$", iban),
)
#: Of values of any kind, and of few others.
ANY_KIND = "|".join(kind.pattern for kind in KINDS)


def personal_kind(values: pl.DataFrame) -> tuple[str, float] | None:
    """What most of (value, count) pairs of text or whole numbers look like, and the share that does."""
    texts = values.select(pl.col("value").cast(pl.String), "count").filter(pl.col("value") != "")
    total = int(texts.get_column("count").sum() or 0)
    counts = (pl.col("count").filter(pl.col("value").str.contains(kind.pattern)).sum() for kind in KINDS)
    matches = texts.select(count.alias(kind.name) for count, kind in zip(counts, KINDS, strict=True)).row(0)
    for kind, found in zip(KINDS if total else (), matches, strict=False):
        if found < total / 2:
            continue
        checked = texts.filter(pl.col("value").str.contains(kind.pattern)).get_column("value").head(CHECKED)
        if kind.holds is None or sum(map(kind.holds, checked)) >= 0.9 * len(checked):
            return kind.name, found / total
    return None
