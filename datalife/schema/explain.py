"""Why each rule of an inferred column is there, and why others are not: the evidence that inference itself had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datalife.errors import UsageError, did_you_mean
from datalife.record import Record
from datalife.schema.inference.model import Without
from datalife.schema.writer import Path, entry_lines
from datalife.yamltext import comment


class ExplainedRule(Record):
    """A rule of the column and what speaks for it; null where it goes with the rule before."""

    key: str
    value: Any
    evidence: str | None


class MissingRule(Record):
    """A rule that the column does not have although its type could, and why."""

    key: str
    reason: str


class Explanation(Record):
    """All there is to say about a column of an inferred schema."""

    kind: str = "explanation"
    version: int = 1
    column: str
    rules: list[ExplainedRule]
    without: list[MissingRule]
    remarks: list[str]

    @property
    def text(self) -> str:
        """The column as it stands in the schema, each rule with its evidence; below it what is not there."""
        rules = {rule.key: rule.value for rule in self.rules}
        beside: dict[Path, str] = {(self.column, rule.key): rule.evidence for rule in self.rules if rule.evidence}
        lines = list(entry_lines(self.column, rules, beside, {(self.column,): self.remarks}))
        lines += [f"  # no {comment(each.key)}: {comment(each.reason)}" for each in self.without]
        return "\n".join(lines) + "\n"


def explained(
    name: str,
    columns: Mapping[str, Mapping[str, Any]],
    evidence: Mapping[Path, str],
    remarks: Mapping[Path, Sequence[str]],
    without: Mapping[Path, Sequence[Without]],
) -> Explanation:
    """The explanation of the column called `name`.

    Raises:
        UsageError: there is none.
    """
    if name not in columns:
        raise UsageError("--explain", f"there is no column {name!r}", did_you_mean(name, columns))
    path = ("columns", name)
    rules = [
        ExplainedRule(key=key, value=value, evidence=evidence.get((*path, key))) for key, value in columns[name].items()
    ]
    missing = [MissingRule(key=each.key, reason=each.reason) for each in without.get(path, ())]
    return Explanation(column=name, rules=rules, without=missing, remarks=list(remarks.get(path, ())))
