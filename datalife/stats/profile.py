"""The verb behind `stats`: sources, data or saved profiles, into one profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from datalife.engine import Engine, run
from datalife.sources.dataset import Dataset, Misfit, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.fields import fields_of
from datalife.stats.hints import hints_of
from datalife.stats.model import ColumnProfile, Histogram, Profile, ValueCount
from datalife.stats.plan import Plan, analyzers_of
from datalife.stats.quantiles import LEVELS
from datalife.stats.saved import load_profile, state_of, summary_from
from datalife.stats.summary import ColumnSummary, Summary, summary_of
from datalife.stats.values import from_number, is_number, is_ordered, to_json


def profile(
    sources: Sequence[str],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    *,
    top: int = 20,
    bins: int = 10,
    state: bool = True,
) -> Profile:
    """The profile of all sources together, data files and saved profiles alike.

    `top` is how many of the most frequent values are told, `bins` the bins of a histogram. Without `state` the
    profile is for reading alone: it cannot be merged or compared later. The work is done by `engine`, by default here.
    """
    return profile_of(summarize_sources(sources, options, engine), top=top, bins=bins, state=state)


def summarize_sources(
    sources: Sequence[str], options: ReadOptions | None = None, engine: Engine | None = None
) -> Summary:
    """One summary of all sources: those that are saved profiles merged with the data of the others."""
    saved = {source: load_profile(source) for source in sources}
    data = [source for source, found in saved.items() if found is None]
    summaries = [summary_from(found, source) for source, found in saved.items() if found is not None]
    if data:
        summaries.insert(0, summarize(open_dataset(data, options, engine, proven=False)))
    whole = summaries[0]
    for each in summaries[1:]:
        whole = whole.merge(each)
    return whole


def summarize(dataset: Dataset) -> Summary:
    """One scan over a dataset; a second one where the type guessed for a text column proves wrong."""
    fields = fields_of(dataset.columns)
    try:
        state = run(dataset, Plan(fields))
    except Misfit:
        return summarize(dataset.proven())
    return summary_of(fields, state, dataset.sources, _rows(dataset, state))


def _rows(dataset: Dataset, state: list[pl.DataFrame]) -> int:
    first = f"{dataset.columns[0].key}|presence|rows" if dataset.columns else None
    return int(state[0].get_column(first)[0]) if first else sum(shard.rows for shard in dataset.shards)


def profile_of(summary: Summary, *, top: int = 20, bins: int = 10, state: bool = True) -> Profile:
    """What a summary says, in the keys of the contract."""
    columns = [column_profile(column, top, bins, state=state) for column in summary.columns.values()]
    return Profile(kind="profile", version=1, rows=summary.rows, sources=summary.sources, columns=columns)


def column_profile(column: ColumnSummary, top: int, bins: int, *, state: bool = False) -> ColumnProfile:
    """One column's keys; those that do not apply to its type are left unset."""
    keys: dict[str, Any] = {"name": column.name, "type": column.type}
    for analyzer in analyzers_of(column.dtype):
        keys |= analyzer.metrics(column.states[analyzer.name], column.dtype)
    if column.type not in ("list", "struct", "null"):
        keys |= _frequency_keys(column, top)
    if is_ordered(column.dtype):
        keys |= _line_keys(column, bins)
    if column.items is not None:
        keys |= _item_keys(column_profile(column.items, top, bins, state=state))
    if column.fields:
        keys["fields"] = [column_profile(child, top, bins, state=state) for child in column.fields.values()]
    keys["hints"] = hints_of(column, keys)
    if state:
        keys["state"] = state_of(column)
    return ColumnProfile(**keys)


def _frequency_keys(column: ColumnSummary, top: int) -> dict[str, Any]:
    leaders = column.frequencies.head(top)
    pairs = zip(to_json(leaders.get_column("value")), leaders.get_column("count"), strict=True)
    return {
        "distinct_count": column.distinct_count,
        "distinct_exact": column.distinct_exact,
        "top_values": [ValueCount(value=value, count=count) for value, count in pairs],
    }


def _line_keys(column: ColumnSummary, bins: int) -> dict[str, Any]:
    line = column.line
    levels = [from_number(value, column.dtype) for value in line.quantiles(LEVELS)]
    named = dict(zip(map(str, LEVELS), levels, strict=True))
    keys: dict[str, Any] = {"median": named["0.5"], "quantiles": named, "quantiles_exact": column.complete}
    if column.type != "time":
        keys["histogram"] = _histogram(column, line.equal_width(bins))
    if is_number(column.dtype):
        keys["quantile_histogram"] = _histogram(column, line.equal_count(bins))
    return keys


def _histogram(column: ColumnSummary, edges: list[float]) -> Histogram | None:
    if not edges:
        return None
    shown = [from_number(edge, column.dtype) for edge in edges]
    return Histogram(edges=shown, counts=column.line.counts_between(edges))


def _item_keys(items: ColumnProfile) -> dict[str, Any]:
    """A list tells its items' profile, and at its own level how many different items there are and their lengths."""
    pooled = items.model_copy(update={"hints": []})
    own = ("distinct_count", "distinct_exact", "top_values", "min_length", "max_length", "mean_length")
    return {"items": pooled} | {key: getattr(items, key) for key in own if key in items.model_fields_set}
