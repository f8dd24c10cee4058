"""Commands run in this process."""

import pytest

from datalife.cli import main


@pytest.fixture
def run(capsys, request):
    """Runs the COMMAND of the test's module; gives exit code, standard output, standard error."""

    def command(*arguments):
        code = main([request.module.COMMAND, *arguments])
        return code, *capsys.readouterr()

    return command
