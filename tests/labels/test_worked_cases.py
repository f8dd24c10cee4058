"""Cases worked by hand; `DATALIFE_LABEL_CASES` names more files of them (see `worked`)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.labels.joining import Row
from tests.labels.worked import answers, differences, is_same

FILES = [Path(__file__).parent / "worked_cases.jsonl", *map(Path, os.environ.get("DATALIFE_LABEL_CASES", "").split())]
CASES = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_case(case: Row, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every run says what was worked out for it."""
    said = list(answers(case, tmp_path, capsys))
    expected = [run["expect"] for run in case.get("runs", [case])]
    assert [differences(*each) for each in zip(expected, said, strict=True)] == [[]] * len(expected)


def test_a_case_that_fails_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong row, a row too many, a wrong number and a wrong exit code are told each."""
    case = next(case for case in CASES if case["id"] == "a-click-in-time")
    (said,) = answers(case, tmp_path, capsys)
    wrong = {"rows": [{"id": "a", "label": 7}], "summary": {"matched": 9}, "exit": 1}
    assert [fault.partition(":")[0] for fault in differences(wrong, said)] == ["rows"] * 2 + ["matched", "exit code 0"]
    assert differences({"error": "x"}, said)
    assert not is_same(True, 1)
