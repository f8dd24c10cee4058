"""JUnit documents are whole and well-formed XML, with a case for each rule, whatever the data holds."""

from __future__ import annotations

from io import StringIO
from xml.etree import ElementTree

from datalife.anomalies import Anomaly, Context, Example, FaultRecord, Outcome, Project, Report, Rule, Severity
from datalife.render import render

MAX = Rule(route=("columns", "a", "max"), column="a", text="max: 3", place="s.yaml:7:5")
TYPE = Rule(route=("columns", "a", "type"), column="a", text="type: integer", place="s.yaml:6:5")
SKEW = Rule(route=("columns", "b", "skew", 0), column="b", text="skew: psi at most 0.1", skipped="no --training")
BROKEN = Anomaly(
    code="out-of-range",
    column="a",
    message="1 of 3 values (33 %) out of range: 9 (1)",
    expected="at most 3",
    observed="9 (1)",
    examples=[Example(row=2, value=9, where="d.csv:4"), Example(row=5, value=8, where="d.parquet")],
    route=MAX.route,
)


def junit(result: Report | Project) -> ElementTree.Element:
    """The root of the document, read back."""
    stream = StringIO()
    render(result, "junit", stream)
    return ElementTree.fromstring(stream.getvalue())


def failing(root: ElementTree.Element) -> list[str | None]:
    """The names of the cases that fail."""
    return [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]


def test_an_empty_report_is_a_whole_document() -> None:
    """Without rules and findings, the one case `validate` passes."""
    root = junit(Report(rows=3))
    assert [case.get("name") for case in root.iter("testcase")] == ["validate"]
    assert failing(root) == []


def test_one_case_a_rule() -> None:
    """A broken rule fails with all that is known of it, a rule that holds passes, one not looked at is skipped."""
    context = Context(sources=["d.csv"], rules=[TYPE, MAX, SKEW])
    root = junit(Report(rows=3, failed=True, anomalies=[BROKEN], context=context))
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["3", "1", "0", "1"]
    cases = list(root.iter("testcase"))
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("a", "type: integer"),
        ("a", "max: 3"),
        ("b", "skew: psi at most 0.1"),
    ]
    assert (cases[1].get("file"), cases[1].get("line")) == ("s.yaml", "7")
    (failure,) = cases[1]
    assert failure.attrib == {"type": "out-of-range", "message": "1 of 3 values (33 %) out of range: 9 (1)"}
    assert failure.text == "expected: at most 3\nobserved: 9 (1)\nd.csv:4: 9\nrow 5: 8"
    assert [child.tag for child in cases[2]] == ["skipped"]


def test_a_finding_without_a_rule_has_a_case_too() -> None:
    """Nobody asked that a record can be read."""
    found = Anomaly(code="unreadable-row", message="2 records could not be read")
    root = junit(Report(rows=3, failed=True, anomalies=[found], context=Context(rules=[TYPE])))
    assert failing(root) == ["unreadable-row"]


def test_fail_on_decides_what_fails() -> None:
    """A warning is text of a passing case, and a failure with `--fail-on warning`."""
    found = BROKEN.model_copy(update={"severity": Severity.WARNING})
    root = junit(Report(rows=3, anomalies=[found], context=Context(rules=[MAX])))
    assert failing(root) == []
    assert root.findtext(".//system-out") == "warning: 1 of 3 values (33 %) out of range: 9 (1)"
    strict = Context(rules=[MAX], fail_on="warning")
    assert failing(junit(Report(rows=3, failed=True, anomalies=[found], context=strict))) == ["max: 3"]


def test_a_suite_a_dataset() -> None:
    """One that could not be read is an error and does not hide the others."""
    good = Outcome(name="trips", report=Report(rows=1, context=Context(rules=[MAX])))
    bad = Outcome(name="riders", errors=[FaultRecord(where="riders.csv", message="is empty", hint="write it")])
    root = junit(Project(failed=False, counts={}, datasets=[good, bad]))
    suites = [(suite.get("name"), suite.get("tests"), suite.get("errors")) for suite in root]
    assert suites == [("trips", "1", "0"), ("riders", "1", "1")]
    (error,) = root.iter("error")
    assert error.get("message") == "riders.csv: is empty"


def test_hostile_text_stays_text() -> None:
    """Control characters, noncharacters, lone surrogates and markup do not break the document."""
    evil = "a\x00\ufffe\ud800<b>"
    found = Anomaly(code="drift", column=evil, message="\x1b]]>&", examples=[Example(row=0, value=evil)], route=("x",))
    rules = [Rule(route=("x",), column=evil, text=evil * 99, place=f"{evil}:1:2")]
    root = junit(Report(rows=1, anomalies=[found], context=Context(sources=[evil], rules=rules)))
    (case,) = root.iter("testcase")
    assert "<b>" in (case.get("name") or "")
