"""Feedback as log shippers write it: nested, with fields of their own, a little different from line to line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datalife.errors import SourceError, UsageError
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import JoinOptions, LabelJoin, OutputFiles
from tests.labels.joining import Row, read

PREDICTIONS = """\
{"request_id":"r-1","served_at":"2026-04-06T05:00:00.000Z","score":0.25}
{"request_id":"r-2","served_at":"2026-04-06T05:00:10.000Z","score":0.75}
"""
#: `<format> @type json` with `<inject>` of time and tag, and the metadata of Kubernetes.
FLUENTD = """\
{"time":"2026-04-06T05:00:07.120934017+00:00","tag":"kube.app.clicks","stream":"stdout","kubernetes":{"namespace_name":"shop","labels":{"app":"web"}},"json":{"request":{"id":"r-1"},"clicked":true}}
{"time":"2026-04-06T05:00:19.5+00:00","tag":"kube.app.clicks","stream":"stderr","kubernetes":{"namespace_name":"shop","labels":{"app":"web","tier":"front"}},"json":{"request":{"id":"r-2","retries":2},"clicked":false}}
{"time":"2026-04-06T05:00:20+00:00","tag":"kube.app.health","stream":"stdout","log":"GET /healthz 200"}
"""
#: The default of Fluentd's out_file: time, tag and record, between tabs.
FLUENTD_FILE = """\
2026-04-06T05:00:07+00:00\tapp.clicks\t{"request":{"id":"r-1"},"at":"2026-04-06T05:00:07Z","clicked":true,"text":"a\\tb"}
2026-04-06T05:00:19+00:00\tapp.clicks\t{"request":{"id":"r-2"},"at":"2026-04-06T05:00:19Z","clicked":false}
"""
#: `codec => json_lines` after a json filter.
LOGSTASH = """\
{"@timestamp":"2026-04-06T05:00:07.120Z","@version":"1","host":{"name":"web-1"},"log":{"file":{"path":"/var/log/clicks.log"}},"event":{"original":"{\\"request_id\\":\\"r-1\\"}"},"request_id":"r-1","clicked":1,"tags":["click"]}
{"request_id":"r-2","clicked":0,"@version":"1","@timestamp":"2026-04-06T05:00:19.500Z","host":{"name":"web-2","ip":["10.0.0.7"]}}
{"@timestamp":"2026-04-06T05:00:20.000Z","@version":"1","message":"not json","tags":["_jsonparsefailure"]}
"""
#: The same without the filter: the record is a text in `message`.
LOGSTASH_WRAPPED = """\
{"@timestamp":"2026-04-06T05:00:07.120Z","@version":"1","host":{"name":"web-1"},"message":"{\\"request_id\\":\\"r-1\\",\\"clicked\\":1}"}
"""


def joined(folder: Path, feedback: str, **options: Any) -> tuple[LabelJoin, list[Row]]:
    """The join of PREDICTIONS with a log."""
    (folder / "requests.ndjson").write_text(PREDICTIONS)
    (folder / "clicks.log").write_text(feedback)
    sources = Sources([str(folder / "requests.ndjson")], [str(folder / "clicks.log")])
    rules = JoinOptions(prediction_time="served_at", window="1h", as_of="2026-04-07", **options)
    return join_labels(sources, rules, OutputFiles(output=str(folder / "o.ndjson"))), read(folder / "o.ndjson")


def test_fluentd_as_json(tmp_path: Path) -> None:
    """Fields by their path; what is no click has no key, and is told as invalid."""
    options = {"key": "request_id=json.request.id", "feedback_time": "time", "label": "json.clicked"}
    result, rows = joined(tmp_path, FLUENTD, **options)
    assert [(row["request_id"], row["label"], row["label_delay"]) for row in rows] == [
        ("r-1", True, 7.120934017),
        ("r-2", False, 9.5),
    ]
    assert (result.summary.matched, result.summary.invalid_feedback) == (2, 1)


def test_the_default_file_of_fluentd_needs_its_records_cut_out(tmp_path: Path) -> None:
    """As `cut -f3-` does it; a tab within a record is written as an escape."""
    records = "".join(line.split("\t", 2)[2] + "\n" for line in FLUENTD_FILE.splitlines())
    result, _ = joined(tmp_path, records, key="request_id=request.id", feedback_time="at", label="clicked")
    assert result.summary.matched == 2


def test_logstash_as_json_lines(tmp_path: Path) -> None:
    """`@timestamp` is a name like another; lines that Logstash could not read have no key."""
    result, rows = joined(tmp_path, LOGSTASH, key="request_id", feedback_time="@timestamp", label="clicked")
    assert [(row["request_id"], row["label"], row["label_delay"]) for row in rows] == [
        ("r-1", 1, 7.12),
        ("r-2", 0, 9.5),
    ]
    assert result.summary.invalid_feedback == 1


def test_a_line_that_was_cut_off_is_named(tmp_path: Path) -> None:
    """As a rotation or a full disk leaves it; nothing is written."""
    lines = FLUENTD.splitlines()
    with pytest.raises(SourceError, match=r"clicks.log:2: is not JSON"):
        joined(
            tmp_path,
            "\n".join([lines[0], lines[1][:150], lines[2], ""]),
            key="request_id=json.request.id",
            feedback_time="time",
        )
    assert not (tmp_path / "o.ndjson").exists()


def test_epoch_numbers_and_messages_without_a_record(tmp_path: Path) -> None:
    """Fluent Bit's `json_date_format double`; an event without the record has no key, one of another type no match."""
    log = """\
{"date":1775451607.120934,"json":{"request":{"id":"r-1"},"clicked":1},"kubernetes":{"pod":"web-1"}}
{"date":1775451620.0,"json":null}
{"date":1775451621.0,"json":{"request":{"id":7},"clicked":0}}
"""
    result, rows = joined(tmp_path, log, key="request_id=json.request.id", feedback_time="date", label="json.clicked")
    assert [(row["label"], row["label_delay"]) for row in rows] == [(1, 7.120934), (None, None)]
    counts = result.summary
    assert (counts.matched, counts.orphans, counts.invalid_feedback) == (1, 1, 1)


def test_a_record_within_a_text_is_not_taken_apart(tmp_path: Path) -> None:
    """What is text stays text: the error says how to unpack it."""
    with pytest.raises(
        UsageError, match=r"column .message. is text, so there is no field 'message.request_id'"
    ) as caught:
        joined(tmp_path, LOGSTASH_WRAPPED, key="request_id=message.request_id", feedback_time="@timestamp")
    assert caught.value.faults[0].hint == "if it holds JSON, unpack it first: jq -c '. + (.message | fromjson)'"


def test_unpacked_records_join(tmp_path: Path) -> None:
    """As the hint makes them."""
    lines = [json.loads(line) for line in LOGSTASH_WRAPPED.splitlines()]
    unpacked = "".join(json.dumps(line | json.loads(line["message"])) + "\n" for line in lines)
    result, _ = joined(tmp_path, unpacked, key="request_id", feedback_time="@timestamp", label="clicked")
    assert result.summary.matched == 1
