"""What speaks against the data: of each broken rule the count, the first rows and the worst values, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from datalife.anomalies import Anomaly, Example, Severity
from datalife.engine import run
from datalife.schema.model import Terms
from datalife.schema.probes import Collect, Probe
from datalife.sources.dataset import Dataset
from datalife.stats.values import most_frequent, to_json
from datalife.words import fine_share, plural, shortened

#: How many different bad values a message names.
NAMED = 5
#: Characters of a bad value in a message.
LONGEST = 40


@dataclass(frozen=True)
class Evidence:
    """A broken rule: `failures` of `checked` values break it."""

    probe: Probe
    failures: int
    checked: int
    rows: pl.DataFrame
    values: pl.DataFrame

    def anomaly(self, *, samples: bool) -> Anomaly:
        """The finding; without `samples` it holds no value of the data."""
        probe = self.probe
        shown = to_json(self.rows.get_column("value")) if samples else [None] * self.rows.height
        worst = worst_of(self.values) if samples and not self.values.schema["value"].is_nested() else ""
        name = "" if probe.name is None else f"{probe.name}: "
        message = f"{name}{of(self.failures, self.checked, _noun(probe), probe.rule)} {probe.says}"
        return Anomaly(
            code=probe.code,
            severity=Severity(probe.severity),
            column=probe.column,
            message=probe.rule.message or (f"{message}: {worst}" if worst else message),
            expected=probe.expected,
            observed=worst or None,
            failures=self.failures,
            fraction=self.failures / self.checked if self.checked else None,
            examples=[
                Example(row=row, value=value) for row, value in zip(self.rows.get_column("row"), shown, strict=True)
            ],
            route=probe.route,
        )


def gather(dataset: Dataset, probes: Sequence[Probe], counts: pl.DataFrame, examples: int) -> list[Evidence]:
    """The evidence of every broken rule, by a second look at the data; none when all rules hold."""
    row = counts.row(0, named=True)
    broken = [each for each in probes if _is_broken(each, row)]
    if not broken:
        return []
    state = run(dataset, Collect(broken, examples))
    return [
        Evidence(
            probe,
            row[f"{probe.key}|failures"],
            row[f"{probe.key}|checked"],
            rows=state[2 * place],
            values=state[2 * place + 1],
        )
        for place, probe in enumerate(broken)
    ]


def _is_broken(probe: Probe, counts: dict[str, Any]) -> bool:
    failures, checked = counts[f"{probe.key}|failures"] or 0, counts[f"{probe.key}|checked"] or 0
    return failures > 0 and not tolerates(probe.rule, failures, checked)


def tolerates(rule: Terms, failures: int, checked: int) -> bool:
    """Whether a rule allows so many failures; a stated count and a stated share must both hold."""
    most, share = rule.max_failures, rule.max_failure_fraction
    if most is None and share is None:
        return failures == 0
    return (most is None or failures <= most) and (share is None or failures <= share * checked * (1 + 1e-12))


def of(part: int, whole: int, noun: str, rule: Terms | None = None) -> str:
    """`12 of 71,236 values (0.02 %)`, and of a rule that tolerates some `(0.02 %, 5 allowed)`."""
    return f"{part:,} of {plural(whole, noun)} ({fine_share(part / whole if whole else 0)}{_allowed(rule)})"


def _allowed(rule: Terms | None) -> str:
    most, share = (None, None) if rule is None else (rule.max_failures, rule.max_failure_fraction)
    if not most and not share:
        return ""
    stated = [f"{most:,}"] if most is not None else []
    stated += [fine_share(share)] if share is not None else []
    return f", {' and '.join(stated)} allowed"


def worst_of(values: pl.DataFrame) -> str:
    """The most frequent of bad values, (value, count) pairs, in words: `MC (4), FR (1)`."""
    return most_frequent(values, NAMED, _short)


def _short(value: Any) -> str:
    text = shortened(str(value), LONGEST)
    return text if text.strip() == text and text else repr(text)


def _noun(probe: Probe) -> str:
    return "row" if probe.column is None else "value"
