"""The verb behind `stats`: sources, data or saved profiles, into one profile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from datalife.engine import Engine
from datalife.errors import UsageError
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats import frequencies, shapes, weighted
from datalife.stats.blocks import analyzers_of
from datalife.stats.hints import Keys, hints_of, hints_of_slice
from datalife.stats.hints_across import hints_across
from datalife.stats.model import ColumnProfile, Hint, Histogram, Profile, Slice, ValueCount, Weights
from datalife.stats.oddities import look_again
from datalife.stats.quantiles import LEVELS, plain
from datalife.stats.request import Request
from datalife.stats.saved import KEPT, load_profile, state_of, summary_from
from datalife.stats.scan import scan
from datalife.stats.slices import Slices
from datalife.stats.stacks import alike, groups
from datalife.stats.summary import ColumnSummary, Findings, Summary, learn_lines, learn_traits
from datalife.stats.values import from_number, is_number, is_ordered, json_rows

#: Keys of a list that are those of its items pooled.
OF_ALL_ITEMS = (
    *("distinct_count", "distinct_exact", "top_values", "min_length", "max_length", "mean_length"),
    *("mean", "std", "finite_count"),
)

#: Makes many records at once, which is faster than one after the other.
VALUE_COUNTS = TypeAdapter(list[ValueCount])
LOGGER = logging.getLogger(__name__)
#: Orders of the columns by name, each with the key that sorts them; equal ones stay in the order of the data.
SORTS: dict[str, Callable[[ColumnProfile], Any]] = {
    "data": lambda _: 0,
    "name": lambda column: column.name,
    "nulls": lambda column: -column.null_count,
    "distinct": lambda column: -(column.distinct_count or 0),
    "hints": lambda column: -len(column.hints),
}


def profile(
    sources: Sequence[str],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    request: Request | None = None,
) -> Profile:
    """The profile of all sources together, data files and saved profiles alike; `request` says what it tells.

    The work is done by `engine`, by default here.

    Raises:
        UsageError: the request names what is not there, or asks of saved profiles what only data can tell.
        SchemaError: saved profiles that do not fit together.
        SourceError: data that cannot be read.
    """
    request = request or Request()
    return profile_of(summarize_sources(sources, options, engine, request), request)


def summarize_sources(
    sources: Sequence[str],
    options: ReadOptions | None = None,
    engine: Engine | None = None,
    request: Request | None = None,
) -> Summary:
    """One summary of all sources: those that are saved profiles merged with the data of the others.

    Without a request, of the columns alone: weights and slices of saved profiles are left aside, and data that is
    almost of another type is not read again for what is not.
    """
    saved = {source: load_profile(source) for source in sources}
    data = [source for source, found in saved.items() if found is None]
    summaries = [summary_from(found, source) for source, found in saved.items() if found is not None]
    if data:
        asked = request or Request()
        dataset = open_dataset(data, asked.reading(options or ReadOptions()), engine, proven=False)
        summaries.insert(0, scan(dataset, asked))
        if request is not None:
            look_again(dataset, summaries[0])
    if request is not None:
        _check_saved(request, data, saved, summaries)
    if request is None:
        summaries = [replace(each, weight=None, slices=None) for each in summaries]
    return reduce(Summary.merge, summaries)


def _check_saved(
    request: Request, data: Sequence[str], saved: Mapping[str, Profile | None], summaries: Sequence[Summary]
) -> None:
    """What only rows can tell is refused of saved profiles; what these told of it and cannot merge is left out."""
    profiles = [source for source, found in saved.items() if found is not None]
    asked = {"--label": request.label, "--correlations": request.correlations, "--cross": request.cross}
    asked |= {"--group": request.group} | ({} if data else {"--by": request.by, "--weight": request.weight})
    for flag, value in asked.items():
        if value and profiles:
            message = f"needs the rows, and {profiles[0]} is a saved profile, which keeps none"
            raise UsageError(flag, message, "profile the data itself")
    if len(summaries) > 1 and any(each.findings for each in summaries):
        LOGGER.warning("what the profiles tell of label, correlations, crossed columns and groups does not merge")


def summarize(dataset: Dataset) -> Summary:
    """One scan over a dataset; a second one where the type guessed for a text column proves wrong."""
    return scan(dataset, Request())


def profile_of(summary: Summary, request: Request | None = None) -> Profile:
    """What a summary says, in the keys of the contract."""
    request = request or Request()
    keys: dict[str, Any] = {"kind": "profile", "version": 1, "rows": summary.rows, "sources": summary.sources}
    if summary.weight:
        keys["weight"] = Weights(column=summary.weight.column, total=plain(summary.weight.total))
    keys["columns"] = column_profiles(list(summary.columns.values()), request, hints=True)
    _add_hints(keys["columns"], summary)
    if summary.slices:
        keys["slices"] = _slices(summary.slices, request)
    if summary.findings:
        _add_findings(keys, summary.findings)
    keys["columns"].sort(key=SORTS[request.sort])
    return Profile(**keys)


def _add_hints(columns: list[ColumnProfile], summary: Summary) -> None:
    told: dict[str, list[Hint]] = {}
    for name, hint in hints_across(summary):
        told.setdefault(name, []).append(hint)
    for column in columns:
        column.hints = [*column.hints, *told.get(column.name, ())]


def _add_findings(keys: dict[str, Any], findings: Findings) -> None:
    for name in ("label", "correlations", "cross", "fairness"):
        if getattr(findings, name) is not None:
            keys[name] = getattr(findings, name)
    told = findings.associations
    keys["columns"] = [
        each.model_copy(update={"label": told[each.name]}) if each.name in told else each for each in keys["columns"]
    ]


def _slices(slices: Slices, request: Request) -> list[Slice]:
    found = [
        Slice(by=dict(zip(slices.names, by, strict=True)), **_slice_keys(piece, request))
        for by, piece in slices.pieces.items()
    ]
    if slices.rest is not None:
        found.append(Slice(by={}, gathered=slices.gathered, **_slice_keys(slices.rest, request)))
    return found


def _slice_keys(piece: Summary, request: Request) -> dict[str, Any]:
    columns = column_profiles(list(piece.columns.values()), request)
    keys: dict[str, Any] = {"rows": piece.rows, "columns": columns, "hints": hints_of_slice(piece.rows)}
    return keys | ({"weight": plain(piece.weight.total)} if piece.weight else {})


def column_profiles(columns: Sequence[ColumnSummary], request: Request, *, hints: bool = False) -> list[ColumnProfile]:
    """The keys of each column, those that do not apply to its type left unset; `hints` only where asked for.

    What costs less when it is worked out for many columns at once is known before each of them has its turn.
    """
    if hints:
        learn_traits(columns)
    found = []
    for group in groups(columns, lambda column: column.counts.values.height):
        learn_lines(group)
        leaders = _leaders(group, max(request.top, KEPT) if request.state else request.top)
        tops, patterns = _top_values(group, leaders, request.top), _patterns(group)
        for column in group:
            known = tops.get(column.name, {}) | patterns.get(column.name, {})
            if request.state:
                known["state"] = state_of(column, leaders.get(column.name))
            found.append(_column_profile(column, known, request, hints=hints))
            column.forget()
    return found


def _column_profile(column: ColumnSummary, known: Keys, request: Request, *, hints: bool) -> ColumnProfile:
    """One column's keys, some of which are `known`."""
    keys: Keys = {"name": column.name, "type": column.type} | known
    for analyzer in analyzers_of(column.dtype):
        keys |= analyzer.metrics(column.states[analyzer.name], column.dtype)
    if column.type == "integer" and keys["count"]:
        keys["mean"] = keys["sum"] / keys["count"]  # exact, where floats may cancel out
    if is_ordered(column.dtype):
        keys |= _line_keys(column, request.bins)
    if column.items is not None:
        keys |= _item_keys(*column_profiles([column.items], request, hints=hints))
    if column.fields:
        keys["fields"] = column_profiles(list(column.fields.values()), request, hints=hints)
    if column.weighted is not None:
        keys["weighted"] = weighted.statistics(column.weighted, column.dtype, request.top, request.bins)
    keys["hints"] = hints_of(column, keys) if hints else []
    return ColumnProfile(**keys)


def _leaders(columns: Sequence[ColumnSummary], most: int) -> dict[str, list[tuple[Any, int]]]:
    """The most frequent (value, count) pairs, by column, as JSON has them; of lists and structs there are none."""
    counted, found = (column for column in columns if column.type not in ("list", "struct", "null")), {}
    for together in alike(counted, lambda column: column.counts.values.schema["value"]):
        pairs = iter(json_rows(frequencies.firsts([column.counts.values for column in together], most)))
        for column in together:
            found[column.name] = list(islice(pairs, min(most, column.counts.values.height)))
    return found


def _top_values(columns: Sequence[ColumnSummary], leaders: Mapping[str, list[Any]], top: int) -> dict[str, Keys]:
    """Distinct and most frequent values, by column."""
    counted = [(column, leaders[column.name][:top]) for column in columns if column.name in leaders]
    shown = [{"value": value, "count": count} for _, pairs in counted for value, count in pairs]
    made = iter(VALUE_COUNTS.validate_python(shown))
    return {
        column.name: {
            "distinct_count": column.distinct_count,
            "distinct_exact": column.distinct_exact,
            "top_values": list(islice(made, len(pairs))),
        }
        for column, pairs in counted
    }


def _patterns(columns: Sequence[ColumnSummary]) -> dict[str, Keys]:
    """The shapes of texts, by column: of all values while they are known, else of the rows looked at, scaled to all."""
    texts = [column for column in columns if column.type == "string"]
    drawn = iter(shapes.leaders([column.counts.values for column in texts if column.complete]))
    found = {}
    for column in texts:
        seen = column.glance.shapes if column.glance else None
        estimated = shapes.patterns(seen, column.count) if seen is not None else []
        patterns = next(drawn) if column.complete else estimated
        found[column.name] = {"patterns": patterns, "patterns_exact": column.complete}
    return found


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
    """A list tells its items' profile, and the figures of all items together at its own level too."""
    pooled = items.model_copy(update={"hints": []})
    own = {key: getattr(items, key) for key in OF_ALL_ITEMS if key in items.model_fields_set}
    return {"items": pooled} | own
