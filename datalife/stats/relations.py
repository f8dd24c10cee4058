"""What a request asks of columns together: their jobs for the scan, and what these found."""

from __future__ import annotations

from datalife.engine import Job, State, Together
from datalife.errors import UsageError
from datalife.sources.dataset import Dataset
from datalife.stats.associations import correlations, features_of, label_column, label_summary, with_label
from datalife.stats.combinations import Counts, cross, plain_columns
from datalife.stats.fairness import Groups, fairness, subject_of
from datalife.stats.request import Request
from datalife.stats.sample import Sample
from datalife.stats.summary import Findings


class Relations:
    """The jobs of the label, the correlations, the crossed columns and the groups: those that are asked for.

    Raises:
        UsageError: a column is not there, or not of the kind that is needed.
    """

    def __init__(self, dataset: Dataset, request: Request) -> None:
        self.columns = dataset.columns
        self.request = request
        self.label = label_column(dataset, request.label) if request.label else None
        named: dict[str, Job] = {}
        if self.label or request.correlations:
            named["sample"] = self.sample = Sample(dataset.columns, exact=request.exact)
        if request.cross:
            self.crossed = plain_columns(dataset, request.cross, "--cross")
            if len(self.crossed) != 2:
                raise UsageError("--cross", f"takes two columns, not {len(self.crossed)}", "such as --cross age,income")
            named["cross"] = Counts(self.crossed, "--cross")
        if request.group:
            if self.label is None:
                raise UsageError("--group", "compares the labels of groups and needs one", "add --label COLUMN")
            self.subject = subject_of(dataset, plain_columns(dataset, request.group, "--group"), self.label)
            named["groups"] = Groups(self.subject)
        self.names = list(named)
        self.jobs = Together(list(named.values()))

    def findings(self, state: State, rows: int) -> Findings | None:
        """What was found in a dataset of so many rows; None when nothing was asked."""
        if not self.names:
            return None
        states = dict(zip(self.names, self.jobs.split(state), strict=True))
        keys: dict[str, object] = {}
        if "sample" in states:
            keys |= self._associations(states["sample"], rows)
        if "cross" in states:
            keys["cross"] = cross(self.crossed, states["cross"][0])
        if "groups" in states:
            keys["fairness"] = fairness(self.subject, states["groups"])
        return Findings(**keys)  # type: ignore[arg-type]

    def _associations(self, state: State, rows: int) -> dict[str, object]:
        features, is_exact = features_of(self.sample.columns, state[0]), rows <= state[0].height
        keys: dict[str, object] = {}
        if self.label:
            label = next(each for each in features if each.name == self.label.name)
            keys |= {"label": label_summary(label, is_exact), "associations": with_label(features, label.name)}
        if self.request.correlations:
            keys["correlations"] = correlations(features, is_exact)
        return keys
