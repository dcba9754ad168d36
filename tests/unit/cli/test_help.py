import subprocess
import sys

import pytest

from cli.errors import ExitCode
from tests.unit.cli.conftest import Docqa

COMMANDS = ["upload", "documents", "show", "delete", "reprocess", "ask", "answer"]
COMMANDS += ["explain", "feedback", "export-feedback", "channels", "index", "cost", "budget", "login", "logout"]


def test_help_lists_every_command_and_every_exit_code(docqa: Docqa) -> None:
    shown = docqa("--help").stdout

    assert all(command in shown for command in COMMANDS)
    for code in ExitCode:
        assert f"{code.value} " in shown.split("Exit codes:")[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(docqa: Docqa, command: str) -> None:
    assert docqa(command, "--help").exit_code == 0


def test_help_loads_neither_boto3_nor_httpx_nor_pydantic() -> None:
    program = "import sys, cli.main; print([m for m in ('boto3', 'httpx', 'pydantic') if m in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed == "[]\n"
