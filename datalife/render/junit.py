"""Reports as JUnit XML: a test suite a dataset, a test case a rule.

A finding fails its case when it fails the run (`--fail-on`); otherwise it is text of a case that passes. A rule
that could not be looked at is skipped, a dataset that could not be read is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree

from datalife.anomalies import outcomes
from datalife.render.finding import details, place_of, slice_of
from datalife.render.safe import safe, shortened

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Outcome, Project, Report, Rule
    from datalife.render import View

# What XML 1.0, section 2.2 "Characters", does not allow, not even as a character reference.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_NAME = 200
NAME = "datalife"


def render(result: Report | Project, stream: TextIO, _view: View) -> None:
    """Writes the test suites, whole also when there is no finding."""
    suites = [_suite(outcome) for outcome in outcomes(result)]
    root = ElementTree.Element("testsuites", name=NAME)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.extend(suites)
    ElementTree.indent(root)
    stream.write('<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n")


def _suite(outcome: Outcome) -> ElementTree.Element:
    cases = list(_cases(outcome.report)) if outcome.report is not None else [_unread(outcome)]
    suite = ElementTree.Element("testsuite", name=_text(outcome.name), tests=str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _unread(outcome: Outcome) -> ElementTree.Element:
    """The case of a dataset that could not be checked."""
    case = _case(NAME, "validate")
    text = "\n".join(f"{fault.where}: {fault.message}" for fault in outcome.errors)
    ElementTree.SubElement(case, "error", message=_text(text.split("\n")[0])).text = _text(text, lines=True)
    return case


def _cases(report: Report) -> Iterator[ElementTree.Element]:
    """A case for each rule with its findings, and one for each finding that no rule of the schema asks for."""
    found: dict[tuple[str | int, ...], list[Anomaly]] = {}
    for anomaly in report.anomalies:
        found.setdefault(anomaly.route, []).append(anomaly)
    for rule in report.context.rules:
        case = _case(rule.column or "dataset", rule.text, rule.place)
        _judge(case, found.pop(rule.route, []), report, rule)
        yield case
    for anomalies in found.values():
        for anomaly in anomalies:
            case = _case(anomaly.column or "dataset", anomaly.code, anomaly.place)
            _judge(case, [anomaly], report)
            yield case
    if not report.context.rules and not report.anomalies:
        yield _case(NAME, "validate")


def _judge(case: ElementTree.Element, anomalies: Sequence[Anomaly], report: Report, rule: Rule | None = None) -> None:
    """What was found goes into the case."""
    failing = [each for each in anomalies if report.context.fails(each.severity)]
    if failing:
        message = "; ".join(each.message + slice_of(each) for each in failing)
        text = "\n".join(line for each in failing for line in details(each))
        failure = ElementTree.SubElement(case, "failure", type=failing[0].code, message=_text(message))
        failure.text = _text(text, lines=True)
    elif rule is not None and rule.skipped and not anomalies:
        ElementTree.SubElement(case, "skipped", message=_text(rule.skipped))
    told = [f"{each.severity}: {each.message}{slice_of(each)}" for each in anomalies if each not in failing]
    if told:
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(told), lines=True)


def _case(group: str, name: str, place: str | None = None) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=_text(group), name=_text(shortened(name, LONGEST_NAME)))
    if place is not None:
        file, line = place_of(place)
        case.set("file", _text(file))
        case.set("line", str(line or 1))
    return case


def _text(text: str, *, lines: bool = False) -> str:
    shown = "\n".join(map(safe, text.split("\n"))) if lines else safe(text)
    return FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", shown)
