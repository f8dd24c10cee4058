"""Reports as SARIF 2.1.0, for code scanning: a run a dataset, a result a finding.

A result is at the line of the data where that has lines, else at the line of the schema that asks for the rule;
the other places are related to it. Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version
2.1.0", 2020.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

import datalife
from datalife.anomalies import outcomes
from datalife.render.explanations import EXPLANATIONS
from datalife.render.finding import Place, data_place, details, place_of, schema_place, slice_of
from datalife.render.safe import safe

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Outcome, Project, Report
    from datalife.render import View

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(result: Report | Project, stream: TextIO, _view: View) -> None:
    """Writes one log, whole also when there is no finding."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(each) for each in outcomes(result)]}
    stream.write(json.dumps(log, indent=2, ensure_ascii=False) + "\n")


def _run(outcome: Outcome) -> dict[str, Any]:
    """A run of one dataset; its name keeps the results of several apart."""
    report = outcome.report
    anomalies = report.anomalies if report is not None else []
    sources = report.context.sources if report is not None else []
    codes = sorted({anomaly.code for anomaly in anomalies})
    return {
        "tool": {"driver": _driver(codes)},
        "automationDetails": {"id": f"{safe(outcome.name)}/"},
        "invocations": [_invocation(outcome)],
        "results": [_result(anomaly, codes.index(anomaly.code), sources) for anomaly in anomalies],
        "columnKind": "unicodeCodePoints",
    }


def _invocation(outcome: Outcome) -> dict[str, Any]:
    faults = [{"level": "error", "message": {"text": safe(f"{each.where}: {each.message}")}} for each in outcome.errors]
    return {"executionSuccessful": not faults} | ({"toolExecutionNotifications": faults} if faults else {})


def _driver(codes: list[str]) -> dict[str, Any]:
    rules = [_rule(code) for code in codes]
    return {
        "name": "datalife",
        "version": datalife.__version__,
        "semanticVersion": datalife.__version__,
        "rules": rules,
    }


def _rule(code: str) -> dict[str, Any]:
    explanation = EXPLANATIONS[code]
    first, _, _ = explanation.meaning.partition(". ")
    text = f"{explanation.meaning}\n\nMend: {explanation.mend}"
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": _plain(first.removesuffix(".") + ".")},
        "fullDescription": {"text": _plain(explanation.meaning)},
        "help": {"text": _plain(text), "markdown": text},
    }


def _plain(markdown: str) -> str:
    return markdown.replace("`", "")


def _result(anomaly: Anomaly, position: int, sources: list[str]) -> dict[str, Any]:
    places = list(_places(anomaly, sources))
    lines = [anomaly.message + slice_of(anomaly), *details(anomaly)]
    result: dict[str, Any] = {
        "ruleId": anomaly.code,
        "ruleIndex": position,
        "level": LEVELS[anomaly.severity],
        "message": {"text": "\n".join(map(safe, lines))},
        "locations": [_location(place, anomaly) for place in places[:1]],
    }
    if places[1:]:
        result["relatedLocations"] = [{"id": number} | _location(each) for number, each in enumerate(places[1:], 1)]
    return result | {"partialFingerprints": {"datalife/v1": _fingerprint(anomaly)}}


def _places(anomaly: Anomaly, sources: list[str]) -> Iterator[Place]:
    """Where a finding is, the most telling place first: lines of the data, the line of the schema, a file."""
    first = data_place(anomaly)
    if first is not None:
        yield first
    asked = schema_place(anomaly)
    if asked is not None:
        yield asked
    for example in anomaly.examples:
        place = place_of(example.where) if example.where is not None else None
        if place is not None and place.line is not None and place != first:
            yield place
    if first is None and asked is None:
        yield from (Place(source, None) for source in sources[:1])


def _location(place: Place, anomaly: Anomaly | None = None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}, "region": {"startLine": place.line or 1}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if anomaly is not None and anomaly.column is not None:
        location["logicalLocations"] = [{"name": safe(anomaly.column), "kind": "member"}]
    return location


def _uri(file: str) -> str:
    """A path as a relative URI; an address stays one."""
    return file if "://" in file else quote(PurePath(file).as_posix(), errors="backslashreplace")


def _fingerprint(anomaly: Anomaly) -> str:
    """The same for the same rule, column and slice in every run, however many rows break it."""
    what = json.dumps([anomaly.code, anomaly.column, list(anomaly.route), anomaly.slice], default=str)
    return hashlib.sha256(what.encode(errors="backslashreplace")).hexdigest()[:32]
