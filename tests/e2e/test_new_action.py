"""A new action is two files: a copy of the project gets those that `openapi/README.md` shows, and the rest follows."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "openapi/README.md").read_text(encoding="utf-8")
DESCRIPTION, LINE = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[:2]
SAID = re.search(r"the mock has no handler for .*?(?=\n```)", README, re.DOTALL)
FUNCTION = re.search(r"```python\n(def get_managers.*?)```", README, re.DOTALL)

#: A second action, which no section of the document describes.
TEAMS = re.sub(
    r'"document section.*',
    '"public integration: this action; assumption: the limits"',
    DESCRIPTION.replace("managers", "teams").replace("Managers", "Teams").replace("employees", "teams"),
).replace("x-evidence: documented", "x-evidence: field")
TEAMS_FUNCTION = '''\
def get_teams(call: Call) -> Reply:
    """List the teams of the project; it has none."""
    return Reply(200, {"status": "success", "teams": []})
'''

HANDLERS = "mock/mavibot_mock/actions/clients.py"

ROOTS = ("openapi", "generated", "overrides", "mock", "conformance", "cli", "scripts", ".")
#: What a copy needs; the folder of this test is not among it.
COPIED = (*ROOTS[:-1], "docs", "tests/contract", "tests/conformance", "tests/data", "pyproject.toml")
#: Tests of the contract that take long and know nothing of the action.
SLOW = [f"--ignore=tests/contract/test_{name}.py" for name in ("generation", "mistakes", "layers")]
#: The rules as they judge the mock; each seeded defect says nothing about the action.
RULES = ("tests/conformance/test_rules.py", "-k", "clean or decided or succeeds or assumption or matrix")

PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
USE = """
from mavibot import Mavibot
from mavibot_mock import Mock

with Mock() as mock, Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport()) as bot:
    assert bot.get_managers(limit=1).managers == ["manager@example.com"]
    mock.expect("get_managers", limit=1).once()
    assert bot.get_teams().teams == []
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project with an action that is described, and not carried out."""
    for name in COPIED:
        source, target = PROJECT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    describe(tmp_path, DESCRIPTION, "get_managers")
    return tmp_path


def describe(tree: Path, description: str, action: str) -> None:
    """Write an action's YAML, and its line below the one of a neighbour."""
    (tree / f"openapi/paths/clients/{action}.yaml").write_text(description, encoding="utf-8")
    root = tree / "openapi/openapi.yaml"
    line = LINE.replace("get_managers", action)
    text, count = re.subn(r"(?m)^  /get_clients: .*\n", lambda found: found[0] + line, root.read_text(encoding="utf-8"))
    assert count == 1
    root.write_text(text, encoding="utf-8")


def run(tree: Path, *commands: Sequence[str]) -> list[tuple[int, str]]:
    """Run Python side by side in the copy, which comes before the installed project; return exit codes and outputs."""
    path = os.pathsep.join(str(tree / root) for root in ROOTS)
    with contextlib.ExitStack() as stack:
        running = []
        for command in commands:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, *command],
                    cwd=tree,
                    env={**os.environ, "PYTHONPATH": path},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                )
            )
            stack.callback(process.kill)
            running.append(process)
        outputs = [process.communicate()[0] for process in running]
        return [(process.returncode, output) for process, output in zip(running, outputs, strict=True)]


def test_an_action_is_two_files(tree: Path) -> None:
    assert FUNCTION, "openapi/README.md: no function get_managers"
    describe(tree, TEAMS, "get_teams")
    with (tree / HANDLERS).open("a", encoding="utf-8") as handlers:
        handlers.write(f"\n\n{FUNCTION[1]}\n\n{TEAMS_FUNCTION}")
    for module in ("generator", "mock_table"):
        [(code, output)] = run(tree, ["-m", module])
        assert code == 0, output
    done = run(tree, ["-c", USE], [*PYTEST, "tests/contract", *SLOW], [*PYTEST, *RULES])
    assert [code for code, _ in done] == [0, 0, 0], "\n".join(output for _, output in done)


def test_without_its_function_everything_names_it(tree: Path) -> None:
    assert SAID, "openapi/README.md: no text about a missing handler"
    assert run(tree, ["-m", "generator"])[0][0] == 0
    mock = "from mavibot_mock import Mock; Mock().__enter__()"
    commands = (["-m", "mock_table"], ["-m", "mock_table", "--check"], ["-m", "mavibot_cli", "mock"], ["-c", mock])
    for code, output in run(tree, *commands):
        assert code != 0
        assert SAID[0] in output
