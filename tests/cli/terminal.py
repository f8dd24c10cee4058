"""A terminal to write to."""

import io


class Terminal(io.StringIO):
    """Says that it is a terminal, and has no file."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """It is one."""
        return True
