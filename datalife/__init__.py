"""datalife keeps the data of a machine learning system honest over its whole life.

The verbs are those of the command line: `profile`, `infer_schema`, `validate`, `diff`, `join_labels`. Each returns
the result that the command shows. `validate` takes what `open_dataset` and `load_schema` give; the options of
`join_labels` are in `datalife.labels.model`. Names are imported when they are first used, so that `import datalife`
is light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datalife.anomalies import Anomaly, Report
    from datalife.drift.compare import diff
    from datalife.drift.model import Diff
    from datalife.errors import DatalifeError
    from datalife.labels.join import join_labels
    from datalife.labels.model import LabelJoin
    from datalife.schema.infer import infer_schema
    from datalife.schema.lint import load_schema
    from datalife.schema.model import Schema
    from datalife.schema.validate import validate
    from datalife.sources.dataset import open_dataset
    from datalife.sources.model import ReadOptions
    from datalife.stats.model import Profile
    from datalife.stats.profile import profile

__version__ = "0.1.0"
__all__ = [
    "Anomaly",
    "DatalifeError",
    "Diff",
    "LabelJoin",
    "Profile",
    "ReadOptions",
    "Report",
    "Schema",
    "__version__",
    "diff",
    "infer_schema",
    "join_labels",
    "load_schema",
    "open_dataset",
    "profile",
    "validate",
]
HOMES = {
    "Anomaly": "datalife.anomalies",
    "DatalifeError": "datalife.errors",
    "Diff": "datalife.drift.model",
    "LabelJoin": "datalife.labels.model",
    "Profile": "datalife.stats.model",
    "ReadOptions": "datalife.sources.model",
    "Report": "datalife.anomalies",
    "Schema": "datalife.schema.model",
    "diff": "datalife.drift.compare",
    "infer_schema": "datalife.schema.infer",
    "join_labels": "datalife.labels.join",
    "load_schema": "datalife.schema.lint",
    "open_dataset": "datalife.sources.dataset",
    "profile": "datalife.stats.profile",
    "validate": "datalife.schema.validate",
}


def __getattr__(name: str) -> Any:
    """A public name, imported from where it lives."""
    if name not in HOMES:
        raise AttributeError(f"module 'datalife' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
