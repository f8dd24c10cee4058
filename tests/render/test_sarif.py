"""SARIF documents are what OASIS asks of SARIF 2.1.0, and lead to the line that is wrong."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from jsonschema import Draft7Validator

from datalife.anomalies import Anomaly, Context, Example, FaultRecord, Outcome, Project, Report, Severity
from datalife.render import render
from datalife.render.explanations import EXPLANATIONS

MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[^\s\\]+$"}},
                },
                "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
#: What the official schema asks of the parts that datalife writes.
ESSENTIALS: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": MESSAGE,
                                                "fullDescription": MESSAGE,
                                                "help": MESSAGE,
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "automationDetails": {"properties": {"id": {"type": "string"}}},
                    "invocations": {"type": "array", "items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": MESSAGE,
                                "locations": {"type": "array", "items": LOCATION},
                                "relatedLocations": {"type": "array", "uniqueItems": True, "items": LOCATION},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                },
            },
        },
    },
}
FOUND = Anomaly(
    code="out-of-range",
    column="fare",
    message="2 of 3 values (67 %) out of range: -3.0 (2)",
    expected="at least 0",
    examples=[Example(row=1, value=-3.0, where="my data.csv:3"), Example(row=2, value=-3.0, where="my data.csv:4")],
    route=("columns", "fare", "min"),
    place="schemas/s.yaml:7:5",
)
WITHOUT_LINES = FOUND.model_copy(update={"examples": [Example(row=1, where="data.parquet")], "column": "tips"})
NOWHERE = Anomaly(code="unreadable-row", severity=Severity.WARNING, message="1 record")


def sarif(result: Report | Project) -> list[dict[str, Any]]:
    """The runs of the document, which is checked on the way."""
    stream = StringIO()
    render(result, "sarif", stream)
    document = json.loads(stream.getvalue())
    Draft7Validator(ESSENTIALS).validate(document)
    runs: list[dict[str, Any]] = document["runs"]
    return runs


def places(result: dict[str, Any], key: str = "locations") -> list[tuple[str, int]]:
    """(file, line) of the locations of a result."""
    physical = [each["physicalLocation"] for each in result.get(key, [])]
    return [(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in physical]


def test_a_result_leads_to_the_line() -> None:
    """Of the data where it has lines, else of the schema; the other lines are related."""
    about = Context(sources=["my data.csv"])
    (run,) = sarif(Report(rows=3, anomalies=[FOUND, WITHOUT_LINES, NOWHERE], context=about))
    found, without, nowhere = run["results"]
    assert places(found) == [("my%20data.csv", 3)]
    assert places(found, "relatedLocations") == [("schemas/s.yaml", 7), ("my%20data.csv", 4)]
    assert places(without) == [("schemas/s.yaml", 7)]
    assert places(nowhere) == [("my%20data.csv", 1)]
    assert (found["level"], nowhere["level"]) == ("error", "warning")


def test_rules_are_explained() -> None:
    """Each code once, with what it means and how to mend it."""
    (run,) = sarif(Report(rows=3, anomalies=[FOUND, WITHOUT_LINES, NOWHERE]))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["out-of-range", "unreadable-row"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert rules[0]["shortDescription"]["text"] == (
        "A number or a time lies outside its bounds, or is no multiple of its step."
    )
    assert EXPLANATIONS["out-of-range"].mend in rules[0]["help"]["markdown"]


def test_the_fingerprint_is_that_of_the_rule() -> None:
    """More rows that break it are no other alert; another column or slice is."""
    more = FOUND.model_copy(update={"message": "3 of 3 values", "failures": 3})
    other = FOUND.model_copy(update={"slice": {"zone": "A"}})
    (run,) = sarif(Report(rows=3, anomalies=[FOUND, more, WITHOUT_LINES, other]))
    prints = [each["partialFingerprints"]["datalife/v1"] for each in run["results"]]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_nothing_found_is_a_whole_document() -> None:
    """A run without results closes the alerts of the run before."""
    (run,) = sarif(Report(rows=3))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_a_run_a_dataset() -> None:
    """Their names keep them apart; one that could not be read says why."""
    fault = FaultRecord(where="riders.csv", message="is empty")
    datasets = [Outcome(name="trips", report=Report(rows=1)), Outcome(name="riders", errors=[fault])]
    trips, riders = sarif(Project(failed=False, counts={}, datasets=datasets))
    assert (trips["automationDetails"], riders["automationDetails"]) == ({"id": "trips/"}, {"id": "riders/"})
    (invocation,) = riders["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "riders.csv: is empty"


def test_hostile_text_stays_text() -> None:
    """Control characters and lone surrogates come out escaped."""
    evil = "a\x00\u202e\ud800<b>\n"
    found = FOUND.model_copy(update={"message": evil, "column": evil, "place": f"{evil}:1:2"})
    (run,) = sarif(Report(rows=1, anomalies=[found], context=Context(sources=[evil])))
    assert run["results"][0]["message"]["text"].startswith("a\\x00\\u202e\\ud800<b>\\n\n")
