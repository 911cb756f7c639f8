"""The command `mavibot` as a user runs it."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import httpx2
import pytest
from tests.mock.curl import curl
from tests.running import started

from mavibot_mock.server.server import Server


def mavibot(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", f"{code}\nfrom mavibot_cli.__main__ import main\nmain()"] if code else ["-m", "mavibot"]
    return subprocess.run(
        [sys.executable, *program, *arguments], capture_output=True, text=True, check=False, timeout=240
    )


def test_version() -> None:
    run = mavibot("--version")
    assert run.stdout.split() == ["mavibot", version("mavibot")]


def test_help_names_the_commands_and_says_what_they_do() -> None:
    run = mavibot("--help")
    assert run.returncode == 0
    assert "mock" in run.stdout
    assert "--ready-json" in mavibot("mock", "--help").stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    run = mavibot("mok")
    assert run.returncode == 2
    assert "mok" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [("typer", ("--help",), "mavibot[cli]"), ("starlette", ("mock", "--port", "0"), "mavibot[mock]")],
)
def test_a_missing_extra_is_one_clear_line(missing: str, arguments: tuple[str, ...], extra: str) -> None:
    run = mavibot(*arguments, code=f"import sys\nsys.modules[{missing!r}] = None")
    assert run.returncode != 0
    assert len(run.stderr.strip().splitlines()) == 1
    assert f"pip install '{extra}'" in run.stderr


def test_an_action_without_a_handler_is_explained() -> None:
    code = "from mavibot_mock.actions import project\ndel project.connected_channels"
    run = mavibot("mock", "--port", "0", code=code)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(
        "mavibot mock: the mock has no handler for the action connected_channels;"
        " add to mock/mavibot_mock/actions/project.py:\n"
    )
    assert "Traceback" not in run.stderr


def test_a_port_that_is_taken_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = mavibot("mock", "--port", port)
    assert run.returncode == 1
    assert f"127.0.0.1:{port}" in run.stderr
    assert "Traceback" not in run.stderr


def test_ready_json_is_one_line_once_it_answers_and_sigterm_stops_it() -> None:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json"]
    with started(command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        reply = httpx2.get(f"{ready['url']}/api/{ready['api_key']}/connected_channels")
        assert reply.json()["project_id"] == ready["project_id"]
        # An open connection must not hold up the end.
        with httpx2.Client() as client:
            client.get(f"{ready['url']}/api/{ready['api_key']}/get_clients")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=240) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_the_start_up_lines_hold_a_curl_that_works() -> None:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0"]
    with started(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(8)]
        shown = "".join(lines).split("Try it:")[1]
        send, read = shown.replace("\\\n", "").strip().splitlines()
        sent, history = curl(send), curl(read)
        page = httpx2.get(lines[2].split()[1])
        reference = httpx2.get(lines[3].removeprefix("Reference: ").strip())
    assert sent.text == "ok"
    assert [row["text"] for row in history.json()["result"]] == ["Hello"]
    assert page.is_success
    assert reference.is_success


def test_ctrl_c_ends_listening_and_events_are_shown() -> None:
    command = [sys.executable, "-m", "mavibot", "listen", "--port", "0"]
    with started(command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stderr.readline().split()[2].rstrip(";")
        event = {"client": {"id": 25554, "name": "\x1b[2JAnna", "client_type": 1}, "message": "Hello", "is_input": 1}
        assert httpx2.post(address, json=event).text == "ok"
        assert process.stdout.readline() == "in  client 25554 \\x1b[2JAnna (Telegram): Hello\n"
        assert httpx2.post(address, content=b"nonsense").status_code == 400
        assert "refused a request" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=240) == 130
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_listening_prints_json_as_it_came() -> None:
    command = [sys.executable, "-m", "mavibot", "listen", "--port", "0", "--json"]
    with started(command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stderr.readline().split()[2].rstrip(";")
        event = {"client": {"id": 25554}, "message": "Привет", "new_field": [1]}
        httpx2.post(address, json=event)
        assert json.loads(process.stdout.readline()) == event


def test_listening_where_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = mavibot("listen", "--port", str(taken.getsockname()[1]))
    assert run.returncode == 2
    assert run.stderr.startswith("mavibot listen: cannot listen on 127.0.0.1")


def test_ctrl_c_during_a_call_ends_it_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "mavibot", "call", "get_messages", "--base-url", url]
        environment = {**os.environ, "MAVIBOT_API_KEY": "demo-full"}
        with started(command, env=environment) as process:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(1)
                process.send_signal(signal.SIGINT)
                _, error = process.communicate(timeout=240)
    assert process.returncode == 130
    assert error == ""


def test_ctrl_c_while_the_command_is_loaded_is_no_traceback() -> None:
    code = """
import signal, sys

class Interrupting:
    @staticmethod
    def find_spec(name, *_):
        if name == "mavibot_cli.app":
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting)
"""
    run = mavibot("--help", code=code)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    run = subprocess.run(
        f"{shlex.quote(sys.executable)} -m mavibot actions --json | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "["
    assert run.stderr == ""


# docs/guides/command-line.md

GUIDE = (Path(__file__).parents[2] / "docs/guides/command-line.md").read_text(encoding="utf-8")
CONSOLE = "\n".join(re.findall(r"```console\n(.*?)```", GUIDE, re.S))
# A command and the lines that it prints.
SHOWN = re.findall(r"^\$ (.*)\n((?:(?!\$ ).+\n)*)", CONSOLE, re.M)
SERVERS = ("mavibot mock", "mavibot listen", "mavibot proxy")


@pytest.fixture(scope="module")
def guide_environment() -> Iterator[dict[str, str]]:
    with Server() as server:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        settings = {"PATH": path, "MAVIBOT_BASE_URL": server.url, "MAVIBOT_API_KEY": server.api_key}
        # A wide terminal's and a build server's settings must not change what is compared.
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
        yield kept | settings


@pytest.fixture(scope="module")
def guide_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guide")


@pytest.mark.heavy
def test_every_command_of_the_guide(guide_environment: dict[str, str], guide_folder: Path) -> None:
    # In one test, because later commands use the files of earlier ones.
    done = 0
    for command, printed in SHOWN:
        if command.startswith(("pip ", "export ", *SERVERS)):
            continue
        run = subprocess.run(
            command, shell=True, capture_output=True, text=True, check=False, env=guide_environment, cwd=guide_folder
        )
        assert run.returncode == 0, (command, run.stderr)
        lines = run.stdout.splitlines()
        assert all(line in lines for line in printed.splitlines()), (command, run.stdout)
        done += 1
    assert done > 15


@pytest.mark.parametrize("command", [command for command, _ in SHOWN if command.startswith(SERVERS)])
def test_the_servers_of_the_guide_start(command: str, guide_environment: dict[str, str], tmp_path: Path) -> None:
    free_port = re.sub(r"--port \d+", "--port 0", command)
    with started(
        shlex.split(free_port), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=guide_environment, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()


def test_the_guide_names_every_command_and_exit_code() -> None:
    assert set(re.findall(r"^## .*`mavibot ([a-z-]+)`$", GUIDE, re.M)) == {
        *("call", "actions", "contract", "webhook-url", "clients", "listen", "mock", "proxy")
    }
    documented = dict(re.findall(r"^\| (\d+) \| (.*) \|$", GUIDE, re.M))
    shown = " ".join(mavibot("--help").stdout.split())
    for code, meaning in documented.items():
        assert f"{code}: {meaning}" in shown
    assert len(documented) == len(re.findall(r" \d+: ", shown))
