"""What an experienced eye would notice about several columns together."""

from __future__ import annotations

from collections.abc import Iterator

from datalife.stats.hints import shown
from datalife.stats.model import Hint
from datalife.stats.summary import Findings, Summary
from datalife.words import share

#: From this correlation on, one column says what the other does.
HIGH = 0.95
#: So few rows correlate by chance.
FEWEST_ROWS = 30
#: A label is out of balance when its rarest value has less than this share of the rows.
RARE = 0.05
#: A label with more values is none that is learnt as classes.
MOST_CLASSES = 20

Told = tuple[str, Hint]


def hints_across(summary: Summary) -> Iterator[Told]:
    """Hints with the name of the column that they are about."""
    yield from _duplicates(summary)
    if summary.findings:
        yield from _correlated(summary.findings)
        yield from _imbalance(summary)


def _duplicates(summary: Summary) -> Iterator[Told]:
    """Columns of equal values, row by row: of equal fingerprints and equal statistics."""
    first: dict[object, str] = {}
    for name, column in summary.columns.items():
        if column.glance is None or column.distinct_count < 2:
            continue
        seen = (str(column.dtype), column.glance.fingerprint, column.null_count, column.distinct_count)
        if seen in first:
            message = f"the same values as {shown(first[seen])} in every row"
            yield name, Hint(code="duplicate-column", message=message, count=column.count)
        first.setdefault(seen, name)


def _correlated(findings: Findings) -> Iterator[Told]:
    found = findings.correlations
    for pair in found.pairs if found and found.rows >= FEWEST_ROWS else ():
        if abs(pair.value or 0) >= HIGH:
            one, other = pair.columns
            measure = pair.measure.replace("_", " ")
            message = f"hardly tells more than {shown(one)}: {measure} {pair.value:.3f}"
            yield other, Hint(code="highly-correlated", message=message)


def _imbalance(summary: Summary) -> Iterator[Told]:
    label = summary.findings.label if summary.findings else None
    column = summary.columns.get(label.column) if label else None
    if label is None or column is None or label.task != "classification" or not column.complete:
        return
    values = column.frequencies
    if not 2 <= values.height <= MOST_CLASSES:
        return
    rarest, count = values.row(-1)
    if count < RARE * column.count:
        message = (
            f"the rarest of {values.height} labels, {shown(rarest)}, has {share(count / column.count)} of the rows"
        )
        yield label.column, Hint(code="class-imbalance", message=message, count=count)
