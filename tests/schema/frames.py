"""Profiles of small frames, for the tests of what is made from profiles."""

from dataclasses import dataclass

import polars as pl

from datalife.sources.dataset import Column, Dataset
from datalife.stats.profile import profile_of, summarize


@dataclass
class Frame:
    """A frame as the one shard of a dataset."""

    frame: pl.DataFrame
    where: str = "memory"

    @property
    def rows(self):
        """All rows are there."""
        return self.frame.height

    def read(self, keys=None, row=None):
        """The columns asked for."""
        frame = self.frame if keys is None else self.frame.select(keys)
        return frame.with_row_index(row) if row else frame

    def ask(self, question):
        """The answer to a question about all rows."""
        return question(self.read(row="row").lazy())


def profiled(columns):
    """The profile of columns given as {name: values}."""
    frame = pl.DataFrame([pl.Series(f"c{place}", values) for place, values in enumerate(columns.values())])
    named = zip(columns, frame.columns, frame.dtypes, strict=True)
    dataset = Dataset(("memory",), tuple(Column(*each) for each in named), [Frame(frame)])
    return profile_of(summarize(dataset))
