"""Everything that the README shows can be run as it stands."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mock.curl import curl

from mavibot_mock import DEVIATIONS_HEADER
from mavibot_mock.server.server import Server

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
PYTHON = [code for language, code in BLOCKS if language == "python"]
CONSOLE = "".join(code for language, code in BLOCKS if language == "console")
_ANCHORS = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", README, re.M)}
COMMANDS = re.findall(r"^\$ (.*)$", CONSOLE, re.M)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with Server() as server:
        yield server.url.removeprefix("http://")


@pytest.mark.parametrize("code", PYTHON)
def test_python(code: str, address: str) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code.replace("127.0.0.1:8080", address)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout


def test_what_the_first_example_prints(address: str) -> None:
    code = PYTHON[0].replace("127.0.0.1:8080", address)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[0] == "Paris"
    assert "client_not_found" in out.splitlines()[1]


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("curl")])
def test_curl(command: str, address: str) -> None:
    response = curl(command.replace("127.0.0.1:8080", address))
    assert response.is_success, response.text
    assert DEVIATIONS_HEADER not in response.headers
    assert response.text == "ok" or response.json()["status"] == "success"


def test_scripts_that_are_shown_can_be_run() -> None:
    shown = {command.split()[0] for command in COMMANDS if command.startswith("scripts/")}
    assert shown == {"scripts/demo", "scripts/test"}
    assert all((PROJECT / name).stat().st_mode & 0o111 for name in shown)


def test_it_is_the_short_version() -> None:
    assert README.count("\n") < 150


def test_links_and_folders_exist() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        file, _, heading = target.partition("#")
        assert (PROJECT / file).exists(), target
        assert file or heading in _ANCHORS, target
    for folder in re.findall(r"^\| \[?`(\w+)/`", README, re.M):
        assert (PROJECT / folder).is_dir(), folder
