"""What all tests of label-join share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def power() -> Iterator[None]:
    """No test cuts the power, so nothing has to be on the disk: with waiting for it they take twice as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield
