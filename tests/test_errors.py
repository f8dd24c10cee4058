"""What errors say."""

import pytest

from datalife.errors import first_line


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no number"), "no number"),
        (ValueError("\n  no number \n\nstack backtrace: ..."), "no number"),
        (ValueError(), "ValueError"),
        (OSError(" \n"), "OSError"),
    ],
)
def test_the_first_line_of_an_error(error, said):
    """A message of a library is cut to the line that a person can use; one without any is named by its type."""
    assert first_line(error) == said
