"""`mavibot mock` as a user runs it: the server with its options, and the commands that drive one."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from tests.mock.receiver import Receiver
from tests.running import started

from mavibot import Mavibot
from mavibot_mock import Mock, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.heavy

_MOCK: Final = [sys.executable, "-m", "mavibot", "mock"]
_ANNA: Final = 25554
_SHOP: Final = """
channels: [{id: 1, messenger: telegram, group_id: shop}]
clients: [{id: 10, messenger: telegram, group_id: shop, platform_id: "200"}]
"""
#: What would point the commands elsewhere, or colour them.
_OURS: Final = ("MAVIBOT_BASE_URL", "MAVIBOT_API_KEY", "MAVIBOT_MOCK_TOKEN", "FORCE_COLOR", "NO_COLOR", "COLUMNS")


def _environment(**settings: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OURS} | settings


def _run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command below `mavibot mock`."""
    return subprocess.run(
        [*_MOCK, *arguments], capture_output=True, text=True, check=False, timeout=240, env=_environment(**settings)
    )


def _done(*arguments: str, **settings: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    run = _run(*arguments, **settings)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def _refused(*arguments: str, code: int, **settings: str) -> str:
    """Run a command that must end with a code, and return what it says on stderr."""
    run = _run(*arguments, **settings)
    assert (run.returncode, run.stdout) == (code, ""), run.stderr
    assert run.stderr.startswith("mavibot mock: ")
    assert "Traceback" not in run.stderr
    return run.stderr


@contextmanager
def _started(*arguments: str, stdout: int = subprocess.PIPE, token: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start a command that drives a mock, or a mock."""
    environment = _environment(MAVIBOT_MOCK_TOKEN=token)
    with started([*_MOCK, *arguments], stdout=stdout, env=environment) as process:
        yield process


def _lines(process: subprocess.Popen[str], n: int = 1) -> list[str]:
    """Return the next lines that a command prints."""
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(n)]


def _without_times(line: str) -> str:
    """Return what follows the project's time and the true time at the start of a call's line."""
    found = re.fullmatch(r"project (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), wall (\d\d:\d\d:\d\d) (.*)", line)
    assert found, line
    return found[3]


@contextmanager
def _served(*arguments: str, token: str = "") -> Iterator[dict[str, Any]]:
    """Run the server to its clean end, and yield its ready line."""
    with _started("--port", "0", "--ready-json", *arguments, token=token) as process:
        [ready] = _lines(process)
        yield json.loads(ready)
        process.terminate()
        assert process.communicate(timeout=240) == ("", "")
        assert process.returncode == 0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def mock(server: Server) -> Iterator[Mock]:
    with Mock(server.url) as mock:
        yield mock


@pytest.fixture
def at(mock: Mock) -> list[str]:
    """The options that lead to the project."""
    return ["--url", mock.url, "--project", str(mock.project_id)]


def _say(mock: Mock, text: str, **more: Any) -> None:
    with Mavibot(mock.api_key, base_url=mock.url) as bot:
        bot.message(client_id=_ANNA, message=text, **more)


# The server


def test_a_directory_keeps_what_was_done(tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    with _served("--db", folder) as ready, Mock(ready["url"], project_id=1) as mock:
        _say(mock, "kept")
    with _served("--db", folder) as ready, Mock(ready["url"], project_id=1) as mock:
        assert mock.export_state()["messages"][-1]["text"] == "kept"


def test_a_seed_strictness_and_a_host_for_webhooks(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(_SHOP)
    with (
        _served("--seed", str(file), "--strict", "--allow-host", "hooks.test") as ready,
        Mock(ready["url"], project_id=ready["project_id"]) as mock,
    ):
        assert [row["id"] for row in mock.export_state()["clients"]] == [10]
        assert mock.settings(webhook_url="https://hooks.test/")["strict"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "bad.yaml"], r"bad.yaml: clients[0]: `messenger` is required"),
        (["--db", "file/below"], "file"),
    ],
)
def test_files_that_cannot_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("clients: [{id: 10}]")
    (tmp_path / "file").touch()
    assert said in _refused("--port", "0", *arguments, code=2)


def test_the_token_is_told_and_needed_where_other_machines_reach_the_mock() -> None:
    with _started("--host", "0.0.0.0", "--port", "0") as process:
        lines = _lines(process, 7)
        url = lines[0].split(" answers at ")[1].split(". ")[0].replace("0.0.0.0", "127.0.0.1")
        [token] = [line.removeprefix("Token: ") for line in lines if line.startswith("Token: ")]
        assert "MAVIBOT_MOCK_TOKEN" in "".join(lines)
        assert "set MAVIBOT_MOCK_TOKEN to it" in _refused("reset", "--url", url, code=1)
        _done("reset", "--url", url, MAVIBOT_MOCK_TOKEN=token)


def test_the_token_of_the_environment() -> None:
    with _served("--host", "0.0.0.0", token="of-the-environment") as ready:
        assert ready["token"] == "of-the-environment"


# The commands that drive one


def test_the_clock_is_advanced(mock: Mock, at: list[str]) -> None:
    noon = mock.clock.freeze()["now"]
    _say(mock, "soon", time_shift=3600)
    assert _done("advance", "1h30m", *at).endswith("; jobs run: 1\n")
    assert mock.clock.get()["now"] == noon + 5400
    _done("advance", "60", *at)
    assert mock.clock.get()["now"] == noon + 5460
    assert "by: '1x' is not a duration" in _refused("advance", "1x", *at, code=2)


def test_reset_and_seed(mock: Mock, at: list[str], tmp_path: Path) -> None:
    whole = mock.export_state()
    _say(mock, "Hello")
    assert _done("reset", *at) == f"project {mock.project_id} is reset\n"
    assert mock.export_state() == whole
    file = tmp_path / "shop.yaml"
    file.write_text(_SHOP)
    _done("seed", str(file), *at)
    assert [row["id"] for row in mock.export_state()["clients"]] == [10]
    _done("seed", "demo", *at)
    assert mock.export_state() == whole
    for text, said in (("clients: [{id: 0}]", "clients[0]"), ("{", "is not valid YAML or JSON")):
        file.write_text(text)
        assert said in _refused("seed", str(file), *at, code=2)
    assert "none.yaml: cannot be read" in _refused("seed", "none.yaml", *at, code=2)
    assert mock.export_state() == whole


def test_snapshots(mock: Mock, at: list[str]) -> None:
    assert _done("snapshot", "before", *at) == "saved as before\n"
    _say(mock, "Hello")
    _done("snapshot", "before", "--restore", *at)
    assert mock.export_state()["messages"][-1]["text"] != "Hello"
    assert "there is no snapshot 'other'" in _refused("snapshot", "other", "--restore", *at, code=1)


def test_without_a_project_the_first_is_meant(server: Server) -> None:
    with Mavibot(server.api_key, base_url=server.url) as bot:
        bot.message(client_id=_ANNA, message="Hello")
    _done("reset", MAVIBOT_BASE_URL=server.url)
    assert not list(server.project.journal.entries())


def test_what_is_no_mock(server: Server) -> None:
    assert "start one with: mavibot mock" in _refused("reset", "--url", "http://127.0.0.1:9", code=4)
    assert "is the live platform" in _refused("reset", MAVIBOT_BASE_URL="https://chatter.mavibot.ai/", code=2)
    assert "--url: it must begin with https://" in _refused("reset", "--url", "127.0.0.1:8080", code=2)
    assert "there is no project 999" in _refused("reset", "--url", server.url, "--project", "999", code=1)
    with Receiver() as other:
        assert "is no Mavibot mock" in _refused("reset", "--url", other.url, code=1)


def test_options_of_the_server_are_not_passed_over() -> None:
    assert "--port starts a mock" in _refused("--port", "9000", "reset", code=2)


def test_calls_are_shown_as_they_come_until_ctrl_c(mock: Mock, at: list[str]) -> None:
    url = f"{mock.url}/api/{mock.api_key}"
    _say(mock, "before \x1b[2J")
    with _started("tail", *at) as process:
        [first] = _lines(process)
        start, _, parameters = first.partition("{")
        assert _without_times(start) == "200 POST message "
        assert json.loads("{" + parameters) == {"client_id": _ANNA, "message": "before \x1b[2J"}
        httpx2.get(f"{url}/message", params={"client_id": 1, "message": "Hello"})
        call, reply = _lines(process, 2)
        assert _without_times(call).startswith("404 GET message ")
        assert reply == '         {"status":"client_not_found"}'
        httpx2.get(f"{url}/load_clients")
        call, reply, deviation = _lines(process, 3)
        assert _without_times(call) == "400 GET load_clients "
        assert "clients: is required" in reply
        assert deviation == "         ! GET: load_clients is documented for POST"
        mock.faults.add(action="get_clients", preset="server_error")
        httpx2.get(f"{url}/get_clients")
        call, _, fault = _lines(process, 3)
        assert _without_times(call) == "500 GET get_clients "
        assert fault == "         fault 1"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=240) == ("", "")
        assert process.returncode == 130
    assert "\x1b" not in first


def test_no_call_prints_a_line_that_it_is_not(mock: Mock, at: list[str]) -> None:
    url = f"{mock.url}/api/{mock.api_key}"
    httpx2.get(f"{url}/mess%0a00:00:00%20200%20POST%20forged%1b%c2%9b2J%e2%80%a8x", params={"a": "\n\u202e"})
    _say(mock, "the next")
    with _started("tail", *at) as process:
        first, reply, following = _lines(process, 3)
    assert "404 GET mess\\n00:00:00 200 POST forged\\x1b\\u009b2J\\u2028x" in first
    assert reply.startswith("         ")
    assert "the next" in following


def test_a_terminal_shows_colours(mock: Mock, at: list[str]) -> None:
    _say(mock, "Hello")
    ours, theirs = pty.openpty()
    with _started("tail", *at, stdout=theirs), os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = b""
        while b"message" not in shown:
            shown += terminal.read(1000)
        os.close(theirs)
    assert b"\x1b[" in shown


def test_the_mock_ends_while_its_calls_are_shown() -> None:
    with ExitStack() as served:
        server = served.enter_context(Server())
        mock = served.enter_context(Mock(server.url, project_id=1))
        with _started("tail", "--url", server.url) as process:
            _say(mock, "Hello")
            assert "Hello" in _lines(process)[0]
            served.close()
            _, error = process.communicate(timeout=240)
    assert process.returncode == 4
    assert error.startswith("mavibot mock: no mock answers at ")


def test_no_output_holds_the_key(mock: Mock, at: list[str]) -> None:
    _say(mock, f"The key is {mock.api_key}")
    with _started("tail", *at) as process:
        [line] = _lines(process)
    assert "The key is " in line
    assert mock.api_key not in line
