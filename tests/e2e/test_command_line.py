"""The command `mavibot` as a user runs it."""

import json
import signal
import socket
import subprocess
import sys
from importlib.metadata import version

import httpx
import pytest


def mavibot(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", f"{code}\nfrom mavibot.__main__ import main\nmain()"] if code else ["-m", "mavibot"]
    return subprocess.run(
        [sys.executable, *program, *arguments], capture_output=True, text=True, check=False, timeout=60
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


def test_a_port_that_is_taken_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = mavibot("mock", "--port", port)
    assert run.returncode == 1
    assert f"127.0.0.1:{port}" in run.stderr
    assert "Traceback" not in run.stderr


def test_ready_json_is_one_line_once_it_answers_and_sigterm_stops_it() -> None:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        reply = httpx.get(f"{ready['url']}/api/{ready['api_key']}/connected_channels")
        assert reply.json()["project_id"] == ready["project_id"]
        # An open connection must not hold up the end.
        with httpx.Client() as client:
            client.get(f"{ready['url']}/api/{ready['api_key']}/get_clients")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_the_start_up_lines_hold_a_curl_that_works() -> None:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        shown = "".join(lines).split("Try it:")[1]
        run = subprocess.run(shown.replace("curl", "curl -s"), shell=True, capture_output=True, text=True, check=False)
        process.terminate()
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("ok{")
    assert '"text":"Hello"' in run.stdout
