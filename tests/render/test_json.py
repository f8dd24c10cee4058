"""JSON documents: the keys of the contract, numbers as they are, nothing that JSON does not know."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from datalife.anomalies import Anomaly, Report
from datalife.render import render
from datalife.stats.model import ColumnProfile, ColumnState, Profile

from .samples import PROFILE


def written(result: BaseModel) -> str:
    """The JSON document of a result."""
    stream = io.StringIO()
    render(result, "json", stream)
    return stream.getvalue()


def refuse(word: str) -> None:
    """Fails on the words that Python's JSON has beyond JSON."""
    raise AssertionError(word)


def test_document_starts_with_kind_and_version() -> None:
    """A program sees at once what it reads."""
    assert list(json.loads(written(PROFILE)))[:2] == ["kind", "version"]
    assert written(PROFILE).startswith('{\n  "kind": "profile",\n  "version": 1,\n')


def test_keys_that_do_not_apply_are_absent_in_a_profile() -> None:
    """Text has no mean and a number no length, but a mean that does not exist is null."""
    empty = ColumnProfile(name="x", type="float", count=0, null_count=3, null_fraction=1.0, mean=None)
    column = json.loads(written(Profile(kind="profile", version=1, rows=3, columns=[empty])))["columns"][0]
    assert column == {"name": "x", "type": "float", "count": 0, "null_count": 3, "null_fraction": 1.0, "mean": None}


def test_other_documents_have_every_key() -> None:
    """A report names what is empty, too, so that a program need not ask whether a key is there."""
    report = json.loads(written(Report(rows=0, anomalies=[Anomaly(code="too-few-rows", message="no rows")])))
    assert list(report) == ["kind", "version", "rows", "environment", "failed", "counts", "anomalies", "measures"]
    assert report["anomalies"][0]["slice"] is None


def test_what_is_no_number_is_null() -> None:
    """NaN and infinities are not JSON; a strict reader takes the document."""
    column = ColumnProfile(
        name="x", type="float", count=1, null_count=0, null_fraction=0, mean=float("nan"), std=float("inf")
    )
    text = written(Profile(kind="profile", version=1, rows=1, columns=[column]))
    read = json.loads(text, parse_constant=refuse)["columns"][0]
    assert (read["mean"], read["std"]) == (None, None)


def test_integers_stay_integers_of_any_size() -> None:
    """A count is `3` and not `3.0`; a sum beyond 64 bits keeps all its digits."""
    column = ColumnProfile(name="x", type="integer", count=3, null_count=0, null_fraction=0, sum=10**30)
    text = written(Profile(kind="profile", version=1, rows=3, columns=[column]))
    assert '"count": 3,' in text
    assert '"sum": 1000000000000000000000000000000' in text


def test_the_state_is_one_line_and_the_rest_is_for_reading() -> None:
    """Thousands of stored frequencies do not push the statistics off the screen."""
    state = ColumnState(dtype="Int64", frequencies=[(value, 1) for value in range(5000)])
    column = ColumnProfile(name="x", type="integer", count=5000, null_count=0, null_fraction=0, state=state)
    lines = written(Profile(kind="profile", version=1, rows=5000, columns=[column])).splitlines()
    assert len(lines) < 20


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_layout_changes_nothing(value: Any) -> None:
    """However values are broken into lines, they read back the same."""
    column = ColumnProfile(name="x", type="string", count=1, null_count=0, null_fraction=0, min=value)
    text = written(Profile(kind="profile", version=1, rows=1, columns=[column]))
    assert json.loads(text)["columns"][0]["min"] == value


def test_document_of_a_profile(snapshot: Any) -> None:
    """The whole document, as it is stored."""
    assert written(PROFILE) == snapshot
