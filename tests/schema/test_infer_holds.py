"""What is inferred holds for the data it was inferred from."""

import tempfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.schema.infer import infer_schema
from datalife.schema.inference.model import InferOptions
from datalife.schema.update import update_schema
from datalife.schema.validate import validate
from datalife.sources.dataset import open_dataset
from datalife.stats.profile import profile
from tests.frames import profiled
from tests.schema.validating import schema_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
COLUMNS = {
    pl.Int64: st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
    pl.Float64: st.floats(-1e12, 1e12) | st.sampled_from([float("nan"), float("inf"), 1e-9, 0.5]),
    pl.Boolean: st.booleans(),
    pl.String: TEXTS | st.sampled_from(["a@b.org", "2024-01-01", "A-12", "No", "1"]),
    pl.Date: st.dates(),
    pl.Null: st.none(),
    pl.List(pl.Int64): st.lists(st.integers(0, 9), max_size=3),
}


@st.composite
def tables(draw):
    """A few columns of any type, some values missing, some repeated so that rules have something to go by."""
    rows, columns = draw(st.integers(0, 25)), {}
    for name in draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True)):
        dtype = draw(st.sampled_from(list(COLUMNS)))
        values = draw(st.lists(st.none() | COLUMNS[dtype], min_size=rows, max_size=rows))
        columns[name] = pl.Series(values * draw(st.sampled_from([1, 1, 2, 20])), dtype=dtype)
    height = min(len(each) for each in columns.values())
    return {name: values.head(height) for name, values in columns.items()}


@pytest.mark.parametrize(
    "options", [InferOptions(), InferOptions("strict"), InferOptions("loose"), InferOptions(ranges="none")]
)
@settings(max_examples=30)
@given(table=tables())
def test_the_data_keeps_to_its_own_schema(table, options):
    """For any table and any strictness there is nothing to relax, in the very text that is written."""
    profile = profiled(table)
    updated = update_schema(infer_schema(profile, options).text, profile)
    assert updated.changes == []


@pytest.mark.parametrize("suffix", ["parquet", "ndjson", "csv"])
@settings(max_examples=30)
@given(table=tables())
def test_validation_finds_nothing_in_the_data_a_schema_was_inferred_from(table, suffix):
    """Whatever the format; but for a table without rows, which never passes."""
    frame = pl.DataFrame(list(table.values()))
    frame.columns = [name if name.isprintable() and name.strip() == name and name else f"n{place}"
                     for place, name in enumerate(table)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/data.{suffix}"
        if suffix == "csv":
            frame = frame.select(pl.exclude(pl.List(pl.Int64))).with_row_index("a row is no blank line")
        if not frame.width or not frame.height:
            return
        getattr(frame, f"write_{suffix}")(path)
        schema = infer_schema(profile([path]), InferOptions("strict"))
        report = validate(open_dataset([path]), schema_of(schema.text))
    assert [(each.code, each.message) for each in report.anomalies] == []
