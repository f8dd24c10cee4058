"""A validation's report as a table and as annotations of GitHub."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from datalife.anomalies import Anomaly, Change, Context, Example, Measure, Report, Rule, Severity
from datalife.render import View, render
from datalife.stats.model import Profile

from ..page import Page
from .samples import column, line, top


def failed(rows: int, *, errors: int = 1, warnings: int = 0, **keys: Any) -> Report:
    """The report of a run that fails."""
    return Report(rows=rows, failed=True, counts={"error": errors, "warning": warnings, "info": 0}, **keys)


REPORT = failed(
    71_236,
    errors=2,
    warnings=1,
    environment="serving",
    anomalies=[
        Anomaly(
            code="value-outside-domain",
            column="payer_code",
            message="12 of 71,236 values (0.017 %) outside the domain: FR (11), MX (1)",
            expected="one of HM, MC, SP",
            failures=12,
            examples=[Example(row=1042, value="FR"), Example(row=5, value="FR")],
        ),
        Anomaly(
            code="check-failed",
            message="rows: 1 of 71,236 rows (<0.01 %) break b >= a",
            expected="b >= a",
            examples=[Example(row=7, value={"a": 2.5, "b": None})],
            slice={"zone": "A"},
        ),
        Anomaly(code="stale-data", severity=Severity.WARNING, column="at", message="100% old:, stale"),
    ],
    measures=[
        Measure(
            column="fare",
            kind="drift",
            metric="l_infinity",
            distance=0.034,
            threshold=0.03,
            noise_floor=0.009,
            largest_change=Change(value="MC", baseline=0.51, current=0.54),
        ),
        Measure(column="age", kind="skew", metric="psi", distance=0.0, threshold=0.1),
    ],
)
TABLE = """\
FAILED  2 errors, 1 warning  (71,236 rows in serving)

error  value-outside-domain  payer_code
  12 of 71,236 values (0.017 %) outside the domain: FR (11), MX (1); expected
  one of HM, MC, SP
  row 1,042: FR; row 5: FR

error  check-failed  [zone=A]
  rows: 1 of 71,236 rows (<0.01 %) break b >= a
  row 7: a 2.5, b –

warning  stale-data  at
  100% old:, stale

distances
  fare  drift  l_infinity 0.034  above 0.03  (chance alone: 0.009)
  age  skew  psi 0  within 0.1
"""
GITHUB = """\
::error title=value-outside-domain payer_code::12 of 71,236 values (0.017 %25) outside the domain: FR (11), MX (1) (rows 1042, 5)
::error title=check-failed::rows: 1 of 71,236 rows (<0.01 %25) break b >= a [zone=A] (rows 7)
::warning title=stale-data at::100%25 old:, stale
::notice title=datalife validate::failed: 2 errors, 1 warning, 71,236 rows
"""  # noqa: E501
EVIL = "a\n::error title=x::[bold]\x1b[2J\r%0A,:\u202e</b>"
HOSTILE = failed(
    1,
    anomalies=[
        Anomaly(
            code="check-failed",
            column=EVIL,
            message=EVIL,
            expected=EVIL * 2,
            examples=[Example(row=0, value={EVIL: EVIL}), Example(row=1, value=EVIL)],
            slice={EVIL: EVIL},
        )
    ],
    measures=[Measure(column=EVIL, kind="skew", metric="psi", distance=1, threshold=0)],
)


def written(report: Report, name: str, view: View | None = None) -> str:
    """The document of a report in a format."""
    stream = io.StringIO()
    render(report, name, stream, view or View())
    return stream.getvalue()


def test_the_table_at_eighty_columns() -> None:
    """The verdict, each finding with its rows, each distance with its limit."""
    assert written(REPORT, "table", View(80)) == TABLE


def test_a_pipe_wraps_nothing() -> None:
    """One finding has one line for its message."""
    lines = written(REPORT, "table").splitlines()
    assert "MX (1); expected one of HM, MC, SP" in lines[3]


def test_annotations_of_github() -> None:
    """One line each, and the verdict as a notice at the end."""
    assert written(REPORT, "github") == GITHUB


def test_nothing_found() -> None:
    """Every format says so."""
    report = Report(rows=1, counts={"error": 0, "warning": 0, "info": 0})
    assert written(report, "table") == "passed  no findings  (1 row)\n"
    assert written(report, "github") == "::notice title=datalife validate::passed: no findings, 1 row\n"


def test_infos_are_counted() -> None:
    """Everywhere: what is no fault is a finding all the same."""
    note = Anomaly(code="stale-data", severity=Severity.INFO, message="old")
    report = Report(rows=2, counts={"error": 0, "warning": 0, "info": 1}, anomalies=[note])
    assert written(report, "table").startswith("passed  1 info  (2 rows)\n")
    assert written(report, "github").endswith("::notice title=datalife validate::passed: 1 info, 2 rows\n")
    assert "</span>, 1 info</h1>" in written(report, "html")


def test_text_from_data_starts_no_command() -> None:
    """An annotation stays on its line, and its title holds no separator."""
    lines = written(HOSTILE, "github").splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"::error title=[^:,]*::.*", lines[0])
    assert "\\n" in lines[0]


@pytest.mark.parametrize("name", ["table", "github", "markdown", "html"])
def test_text_from_data_is_shown_not_obeyed(name: str) -> None:
    """No control character, no mark of direction, no tag comes through."""
    document = written(HOSTILE, name)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", document)
    assert "[bold]" in document
    assert name != "html" or "</b>" not in document


def test_the_json_of_a_report_is_whole() -> None:
    """What was rendered can be read back."""
    assert Report.model_validate_json(written(REPORT, "json")) == REPORT


PAGE = failed(
    3,
    anomalies=[
        Anomaly(
            code="out-of-range",
            column="fare",
            message="1 of 3 values out of range: -1 (1)",
            examples=[Example(row=1, value=-1, where="d.csv:3")],
            route=("columns", "fare", "min"),
        )
    ],
    measures=[Measure(column="fare", kind="drift", metric="psi", distance=0.25, threshold=0.5, noise_floor=0.125)],
    context=Context(
        sources=["d.csv"],
        rules=[
            Rule(route=("columns", "zone", "type"), column="zone", text="type: string"),
            Rule(route=("columns", "fare", "min"), column="fare", text="min: 0", place="s.yaml:3:5"),
            Rule(route=("columns", "fare", "drift", 0), column="fare", text="drift: psi at most 0.5"),
            Rule(
                route=("columns", "fare", "skew", 0), column="fare", text="skew: psi at most 1", skipped="no --training"
            ),
        ],
        profile=Profile(rows=3, columns=[column("fare", "integer", 3, **line(-1, 2, 9, 1, 0, 2))]),
    ),
)


def test_the_page_has_every_rule_with_the_profile_beside() -> None:
    """Columns with findings first; what holds, what is broken and where, what was not looked at, what was measured."""
    page = Page(written(PAGE, "html"))
    shown = " | ".join(page.words)
    assert "failed | , 1 error | 3 rows · d.csv | fare | ✗ | min: 0 | s.yaml:3:5 | out-of-range | 1 of 3" in shown
    assert "observed" not in shown
    assert "d.csv:3: -1" in shown
    assert "✓ | drift: psi at most 0.5 | 0.25, chance alone 0.125 | – | skew: psi at most 1 | no --training" in shown
    assert "median | 2 |" in shown
    assert page.words.index("zone") > page.words.index("fare")
    assert "svg" in page.tags


def test_the_page_needs_nothing() -> None:
    """No script, no link, no picture from elsewhere, whatever the report holds."""
    for report in (PAGE, REPORT, HOSTILE, Report(rows=0)):
        page = Page(written(report, "html"))
        assert set(page.tags) & {"script", "link", "img", "iframe", "object"} == set()
        assert page.links == []


def test_hostile_text_is_text_on_the_page() -> None:
    """Wherever it comes from, also out of the profile."""
    evil = "<script>alert(1)</script>\u202e"
    profile = Profile(rows=1, columns=[column(evil, "string", 1, top_values=top(**{evil: 1}))])
    rules = [Rule(route=("x",), column=evil, text=evil, skipped=evil, place=evil)]
    context = Context(sources=[evil], schema_file=evil, rules=rules, profile=profile)
    page = Page(written(HOSTILE.model_copy(update={"context": context, "environment": evil}), "html"))
    assert "script" not in page.tags
    assert any("<script>alert(1)</script>\\u202e" in word for word in page.words)
