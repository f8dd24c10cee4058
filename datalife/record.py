"""What results, profiles and options are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A model that knows all of its keys: one that it does not know is a fault, and never passed over."""

    model_config = ConfigDict(extra="forbid")
