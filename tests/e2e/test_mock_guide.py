"""Everything that docs/guides/mock.md shows can be run as it stands, and what it lists is all there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import httpx2
import pytest
from tests.mock.curl import curl

from mavibot_mock import Mock, Server
from mavibot_mock.server.faults import PRESETS, Wire
from mavibot_mock.state.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.heavy

_GUIDES: Final = Path(__file__).parents[2] / "docs/guides"
_GUIDE: Final = (_GUIDES / "mock.md").read_text(encoding="utf-8")
_BLOCKS: Final = re.findall(r"```(\w+)\n(.*?)```", _GUIDE, re.S)
_PYTHON: Final = [code for language, code in _BLOCKS if language == "python"]
_COMMANDS: Final = re.findall(r"^\$ (.*)$", "".join(code for language, code in _BLOCKS if language == "console"), re.M)
#: They go on until they are stopped; test_mock_command does so.
_ENDLESS: Final = ("mavibot mock --port 8080", "mavibot mock tail")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_the_examples_in_python(tmp_path: Path) -> None:
    tests = 0
    for number, code in enumerate(_PYTHON):
        # What is no test runs when pytest collects it.
        (tmp_path / f"test_{number}.py").write_text(code, encoding="utf-8")
        tests += code.count("\ndef test_")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout
    assert f"{tests} passed" in run.stdout
    assert tests > 8


@pytest.mark.parametrize(
    "command", [each for each in _COMMANDS if each.startswith("mavibot ") and each not in _ENDLESS]
)
def test_the_commands(command: str, server: Server) -> None:
    with Mock(server.url, project_id=1) as mock:
        mock.snapshot("before")
    settings = {"MAVIBOT_BASE_URL": server.url, "MAVIBOT_MOCK_TOKEN": ""}
    run = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings},
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("command", [each for each in _COMMANDS if each.startswith("curl")])
def test_the_calls_of_curl(command: str, server: Server) -> None:
    response = curl(command.replace("http://127.0.0.1:8080", server.url))
    assert response.is_success, response.text


def test_all_commands_are_known() -> None:
    assert {command.split()[0] for command in _COMMANDS} == {"pip", "mavibot", "curl"}


def test_what_a_failed_expectation_says() -> None:
    [shown] = [text for language, text in _BLOCKS if language == "text"]
    with Mock() as mock, httpx2.Client(transport=mock.transport()) as client:
        client.post(f"{mock.url}/api/{mock.api_key}/message", json={"client_id": 25554, "message": "Helo"})
        with pytest.raises(AssertionError) as caught:
            mock.expect("message", client_id=25554, message="Hello").once()
    assert str(caught.value) == shown.rstrip("\n")


def test_the_lists_are_whole() -> None:
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (.*?) \|", _GUIDE, re.M))))
    assert named >= {field.name for field in fields(Settings)} | set(PRESETS) | set(get_args(Wire))


def test_the_defaults_stand_first() -> None:
    found = re.findall(r"^\| `([a-z_]+)` \| `(\w+)`", _GUIDE, re.M)
    assert len(found) == 6
    for name, default in found:
        assert getattr(Settings(), name) == default


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", _GUIDE):
        assert (_GUIDES / target.partition("#")[0]).exists(), target
