"""What inference looks at: one batch, or several from which it learns what varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from datalife.errors import UsageError
from datalife.schema.inference.model import InferOptions, Observed
from datalife.schema.inference.rows import RowFacts, look
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.paths import expand
from datalife.stats.model import ColumnProfile, Profile
from datalife.stats.profile import profile_of, summarize, summarize_sources
from datalife.stats.saved import load_profile, summary_from
from datalife.stats.summary import ColumnSummary, Summary


@dataclass(frozen=True)
class Observation:
    """All data together, each batch where there are several, and the rows where they are at hand."""

    profile: Profile
    batches: tuple[Profile, ...] = ()
    dataset: Dataset | None = None

    def of(self, column: ColumnProfile, options: InferOptions) -> Observed:
        """One column, as a heuristic sees it."""
        parts = tuple(part for part in (each.column(column.name) for each in self.batches) if part is not None)
        return Observed(column, self.profile.rows, options, parts=parts, batches=max(1, len(self.batches)))

    def summaries(self, name: str) -> tuple[ColumnSummary, list[ColumnSummary]]:
        """A column in all data and in each batch, ready to be compared."""
        found = [summary_from(_alone(each, name), "profile") for each in (self.profile, *self.batches)]
        whole, *parts = (each.columns.get(name) for each in found)
        assert whole is not None
        return whole, [part for part in parts if part is not None]

    def look(self, keys: Mapping[str, bool]) -> RowFacts:
        """What the rows show; nothing where only a profile of them is at hand, or several batches are."""
        if self.dataset is None:
            return RowFacts()
        return self.dataset.attempt(lambda data: look(data, self.profile, keys))


def _alone(profile: Profile, name: str) -> Profile:
    return profile.model_copy(update={"columns": [each for each in profile.columns if each.name == name]})


def observe(data: Profile | Sequence[str], options: InferOptions) -> Observation:
    """Looks at a profile, or at sources.

    Raises:
        UsageError: batches are asked for where there is one.
    """
    if isinstance(data, Profile):
        return Observation(data)
    if options.batches:
        return _in_batches(data, options)
    if any(load_profile(source) is not None for source in data):
        return Observation(profile_of(summarize_sources(data, options.reading, options.engine)))
    dataset = open_dataset(data, options.reading, options.engine, proven=False)
    return Observation(profile_of(summarize(dataset)), (), dataset)


def _in_batches(sources: Sequence[str], options: InferOptions) -> Observation:
    names = [str(file.path) for source in sources for file in expand(source)]
    if len(names) < 2:
        raise UsageError("--batches", "there is one file, so one batch", "name several files, a folder or a pattern")
    summaries = [summarize_sources([name], options.reading, options.engine) for name in names]
    whole = profile_of(reduce(Summary.merge, summaries))
    return Observation(whole, tuple(profile_of(each) for each in summaries))
