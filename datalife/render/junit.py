"""A report as JUnit XML: one test case a finding, and the case `validate` that holds the verdict.

An error is a failure of its own case; a warning or an info is text of a case that passes, for the gate alone
(`--fail-on`) decides on those.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree

from datalife.render.safe import safe

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Report
    from datalife.render import View

# What XML 1.0, section 2.2 "Characters", does not allow, not even as a character reference.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, stream: TextIO, _view: View) -> None:
    """Writes one test suite, whole also when there is no finding."""
    cases = [_verdict(report), *map(_case, report.anomalies)]
    failures = sum(case.find("failure") is not None for case in cases)
    suite = ElementTree.Element("testsuite", name="datalife", tests=str(len(cases)), failures=str(failures))
    suite.extend(cases)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    stream.write('<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n")


def _verdict(report: Report) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname="datalife", name="validate")
    if report.failed:
        ElementTree.SubElement(case, "failure", message="the data does not keep to its schema")
    return case


def _case(anomaly: Anomaly) -> ElementTree.Element:
    where = "".join(f" [{name}={value}]" for name, value in (anomaly.slice or {}).items())
    name = anomaly.code if anomaly.column is None else f"{anomaly.code} {anomaly.column}"
    case = ElementTree.Element("testcase", classname="datalife.validate", name=_text(name + where))
    if anomaly.severity == "error":
        ElementTree.SubElement(case, "failure", type=anomaly.code, message=_text(anomaly.message))
    else:
        ElementTree.SubElement(case, "system-out").text = _text(f"{anomaly.severity}: {anomaly.message}")
    return case


def _text(text: str) -> str:
    return FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", safe(text))
