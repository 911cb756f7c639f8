"""What shows all commands imports none of them; each is listed with what its own help says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from mavibot_cli.app import app

GROUP: Any = get_command(app)
#: Runs the command with the arguments that follow, and prints what of the project and of its HTTP library it imported.
PROGRAM = """
import sys
from mavibot_cli.__main__ import main
try:
    main()
finally:
    print(*sorted(name for name in sys.modules if name.partition(".")[0] in {
        "httpx2", "mavibot", "mavibot_api", "mavibot_cli", "mavibot_conformance", "mavibot_contract", "mavibot_mock",
        "mavibot_proxy"}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "settings", "shown"),
    [
        (["--help"], {}, "conformance"),
        (["--version"], {}, "mavibot "),
        ([], {"_MAVIBOT_COMPLETE": "complete_bash", "COMP_WORDS": "mavibot cl", "COMP_CWORD": "1"}, "clients"),
    ],
    ids=["help", "version", "completion"],
)
def test_what_shows_all_commands_imports_none(arguments: list[str], settings: dict[str, str], shown: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
    known = ["mavibot_cli", *(f"mavibot_cli.{name}" for name in ("__main__", "app", "commands", "exits", "terminal"))]
    assert done.stderr.split() == known


@pytest.mark.parametrize("name", GROUP.commands)
def test_the_list_of_all_commands_says_what_each_says_of_itself(name: str) -> None:
    listed = GROUP.commands[name]
    assert listed.loaded.name == name
    assert listed.help == " ".join(listed.loaded.help.partition("\n\n")[0].split())
