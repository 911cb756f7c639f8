"""The pytest plugin: its fixtures, beside xdist too, and that it costs those nothing who do not use them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from typing import Final

import pytest

pytest_plugins = "pytester"

_PLUGIN: Final = "mavibot_mock.pytest_plugin"
#: Packages of the extras, and what else is slow to import.
_COSTLY: Final = {
    *(
        "httpx2",
        "attrs",
        "starlette",
        "uvicorn",
        "orjson",
        "jsonschema_rs",
        "yaml",
        "h11",
        "jinja2",
        "python_multipart",
    ),
    *("typer", "rich", "schemathesis", "hypothesis", "mavibot", "mavibot_api", "mavibot_conformance"),
}
#: Seconds that no run takes, on any machine.
_LONG: Final = 200
_USES_BOTH: Final = """
import pytest
from mavibot import Mavibot

@pytest.mark.parametrize("n", range(4))
def test_a_project_of_its_own(mavibot_mock, n):
    with Mavibot(mavibot_mock.api_key, base_url=mavibot_mock.url, transport=mavibot_mock.transport()) as bot:
        bot.message(client_id=25554, message="Hello")
    mavibot_mock.expect("message", client_id=25554).once()

@pytest.mark.parametrize("n", range(4))
def test_a_port(mavibot_mock_server, n):
    before = mavibot_mock_server.journal.count()
    with Mavibot(mavibot_mock_server.api_key, base_url=mavibot_mock_server.url) as bot:
        bot.message(client_id=25554, message="Hello")
    assert mavibot_mock_server.journal.count() == before + 1
    assert mavibot_mock_server.api_key == "demo-full"
"""


def test_the_plugin_is_registered() -> None:
    assert [point.value for point in entry_points(group="pytest11", name="mavibot_mock")] == [_PLUGIN]


def test_loading_it_imports_nothing_of_an_extra() -> None:
    script = f"""
import json, sys, pytest
before = set(sys.modules)
import {_PLUGIN}
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=_LONG)
    loaded = json.loads(run.stdout)
    assert set(loaded) == {"mavibot_mock", _PLUGIN}


def test_a_test_run_without_the_fixtures_imports_nothing_of_an_extra(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""
import sys

def test_nothing():
    assert {_PLUGIN!r} in sys.modules
    assert not {_COSTLY!r} & set(sys.modules)
""")
    other_plugins = {point.name for point in entry_points(group="pytest11")} - {"mavibot_mock"}
    off = [argument for name in sorted(other_plugins) for argument in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*off, timeout=_LONG).assert_outcomes(passed=1)


@pytest.mark.heavy
@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_the_fixtures(pytester: pytest.Pytester, workers: list[str]) -> None:
    pytester.makepyfile(_USES_BOTH)
    pytester.runpytest_subprocess("-W", "error", *workers, timeout=_LONG).assert_outcomes(passed=8)


@pytest.mark.heavy
def test_a_failed_expectation_points_at_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
def test_hello(mavibot_mock):
    mavibot_mock.expect("message", client_id=25554).once()

def test_wait(mavibot_mock):
    mavibot_mock.journal.wait_for("message", timeout=0.01)
""")
    run = pytester.runpytest_subprocess(timeout=_LONG)
    run.assert_outcomes(failed=2)
    run.stdout.fnmatch_lines(
        [
            '>   *mavibot_mock.expect("message", client_id=25554).once()',
            "E   *AssertionError: expected one message to client 25554; no call was made",
            ">   *mavibot_mock.journal.wait_for*",
            "E   *AssertionError: expected 1 calls with action message within 0.01 s, got 0; nearest calls: none*",
        ]
    )
    run.stdout.no_fnmatch_line("*expectation.py*")
    run.stdout.no_fnmatch_line("*connection.py*")


@pytest.mark.heavy
def test_a_missing_extra_is_named_when_a_fixture_is_used(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('import sys\nsys.modules["starlette"] = None')
    pytester.makepyfile("""
def test_without():
    pass

def test_with(mavibot_mock):
    pass
""")
    run = pytester.runpytest_subprocess(timeout=_LONG)
    run.assert_outcomes(passed=1, errors=1)
    run.stdout.fnmatch_lines(["*mavibot_mock needs starlette*pip install 'mavibot[[]mock[]]'"])
