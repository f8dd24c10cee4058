"""JUnit documents are whole and well-formed XML, whatever the data holds."""

from __future__ import annotations

from io import StringIO
from xml.etree import ElementTree

from datalife.anomalies import Anomaly, Report, Severity
from datalife.render import render


def junit(report: Report) -> ElementTree.Element:
    """The root of the document, read back."""
    stream = StringIO()
    render(report, "junit", stream)
    return ElementTree.fromstring(stream.getvalue())


def test_an_empty_report_is_a_whole_document() -> None:
    """Without findings, the one case `validate` passes."""
    root = junit(Report(rows=3))
    assert [case.get("name") for case in root.iter("testcase")] == ["validate"]
    assert list(root.iter("failure")) == []


def test_only_errors_are_failures() -> None:
    """An error fails its case and the verdict; a warning is text of a passing case."""
    found = [
        Anomaly(code="nan-value", column="a", message="1 NaN"),
        Anomaly(code="drift", severity=Severity.WARNING, column="b", message="moved"),
    ]
    root = junit(Report(rows=3, failed=True, anomalies=found))
    failing = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
    assert failing == ["validate", "nan-value a"]
    assert root.findtext(".//system-out") == "warning: moved"


def test_hostile_text_stays_text() -> None:
    """Control characters, noncharacters, lone surrogates and markup do not break the document."""
    root = junit(Report(rows=1, anomalies=[Anomaly(code="drift", column="a\x00\ufffe\ud800<b>", message="\x1b]]>&")]))
    assert len(list(root.iter("testcase"))) == 2
    assert "<b>" in (root.findall(".//testcase")[1].get("name") or "")
