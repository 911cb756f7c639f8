"""With `--mavibot-url` pytest runs the rules as tests beside a project's own; without it costs nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

import mavibot_contract
from mavibot_conformance.rules.rule import chosen
from mavibot_mock import Server, demo_keys

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.heavy

[EQ_2] = chosen("EQ-2")
OWN = "def test_own():\n    pass\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project, with the plugin alone, whether it is installed as an entry point or not."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.plugins = ["mavibot_conformance.pytest_plugin"]
    pytester.makepyfile(OWN)
    return pytester


def test_the_rules_are_tests_beside_others(project: pytest.Pytester, server: Server) -> None:
    done = project.runpytest_subprocess("-v", "--mavibot-url", server.url, "--mavibot-rules", "EQ-2,AUTH-8")
    done.assert_outcomes(passed=1 + 1 + len(EQ_2.actions))
    done.stdout.fnmatch_lines(["*::test_own PASSED*", "*AUTH-8 PASSED*", "*EQ-2*callback* PASSED*"])


def test_k_chooses_among_them(project: pytest.Pytester, server: Server) -> None:
    done = project.runpytest_subprocess("-k", "AUTH", "--mavibot-url", server.url, "--mavibot-rules", "EQ-2,AUTH-8")
    done.assert_outcomes(passed=1, deselected=1 + len(EQ_2.actions))


def test_a_deviation_fails_with_source_and_curl(
    project: pytest.Pytester, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makefile(".toml", p='[keys]\nfull = "NO_RIGHTS"\nnone = "ALL_RIGHTS"\n[test]\nclients = [25554]\n')
    monkeypatch.setenv("NO_RIGHTS", "demo-none")
    monkeypatch.setenv("ALL_RIGHTS", "demo-full")
    done = project.runpytest_subprocess(
        *("--mavibot-url", server.url, "--mavibot-profile", "p.toml"),
        *("--mavibot-rules", "AUTH-4,AUTH-8,HOOK-1,AUTH-9", "-k", "AUTH-8 or HOOK or AUTH-9 or connected_channels"),
        "-rs",
    )
    # Deselected are AUTH-4 for every other action and the project's own test.
    done.assert_outcomes(passed=1, failed=2, skipped=1, deselected=len(mavibot_contract.load().actions))
    done.stdout.fnmatch_lines(
        [
            "*AUTH-4[[]connected_channels[]]*",
            "MUST     A key without any permission, or else with other ones alone, is refused*",
            "expected connected_channels to be refused",
            "got      200 *",
            "source   document section 'How to generate an API key'*",
            'curl -sS "http://127.0.0.1:*/api/$ALL_RIGHTS"/connected_channels',
            "SKIPPED*the profile lacks webhook",
        ]
    )
    done.stdout.no_fnmatch_line("*demo-full*")
    done.stdout.no_fnmatch_line("*demo-none*")


def test_a_missed_should_is_an_expected_failure(
    project: pytest.Pytester, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a project whose stages stand in another order than the profile says, RYW-34 misses its SHOULD.
    seed = {
        "channels": [{"id": 1, "messenger": "telegram", "group_id": "bot"}],
        "stages": [{"id": each, "pipeline": "p", "name": str(each), "position": each} for each in (1, 2, 3, 4)],
    }
    made = httpx2.post(f"{server.url}/_mock/v1/projects", json={"seed": seed}).json()
    project.makefile(
        ".toml",
        p='[keys]\nfull = "PROJECT_KEY"\n[test]\nstage_ids = [1, 2, 3, 4]\n'
        'channel = {client_type = 1, group_id = "bot"}\n',
    )
    monkeypatch.setenv("PROJECT_KEY", made["keys"]["full"])
    done = project.runpytest_subprocess(
        "--mavibot-url", server.url, "--mavibot-profile", "p.toml", "--mavibot-rules", "RYW-34"
    )
    done.assert_outcomes(passed=1, xfailed=1)


def test_with_patience_the_rules_that_wait_do_so_together(
    project: pytest.Pytester, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makefile(".toml", p='[keys]\nfull = "PROJECT_KEY"\n[test]\nclients = [25554]\n')
    monkeypatch.setenv("PROJECT_KEY", demo_keys()["full"])
    chosen = ("--mavibot-url", server.url, "--mavibot-profile", "p.toml", "--mavibot-rules", "TIME-3,TIME-7,AUTH-8")
    project.runpytest_subprocess(*chosen).assert_outcomes(passed=2, skipped=2)
    done = project.runpytest_subprocess(*chosen, "--mavibot-patience", "5m", "-v")
    done.assert_outcomes(passed=4)
    done = project.runpytest_subprocess(*chosen, "--mavibot-patience", "2s", "--mavibot-seed", "2", "-rs")
    done.assert_outcomes(passed=2, skipped=2)
    done.stdout.fnmatch_lines(["SKIPPED*needs more patience than 2 s"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--mavibot-url", "http://127.0.0.1:9"), "mavibot: http://127.0.0.1:9 does not answer"),
        (("--mavibot-url", "staging"), "mavibot: URL: give scheme and host"),
        (
            ("--mavibot-url", "http://staging.example", "--mavibot-rules", "EQ-999"),
            "there is no rule or family 'EQ-999'",
        ),
        (("--mavibot-url", "http://staging.example", "--mavibot-allow-effects", "send"), "mavibot: confirm-host: "),
        (("--mavibot-url", "http://staging.example", "--mavibot-patience", "2h"), "mavibot: patience: give a time"),
    ],
)
def test_wrong_usage_is_told(
    project: pytest.Pytester, arguments: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", "demo-full")
    done = project.runpytest_subprocess(*arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: *{says}*"])


def test_without_the_option_nothing_happens(project: pytest.Pytester) -> None:
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_plugin_imports_nothing_until_it_is_used() -> None:
    script = "import pytest, sys; before = set(sys.modules); import mavibot_conformance.pytest_plugin; "
    done = subprocess.run(
        [sys.executable, "-c", script + "print(*sorted(set(sys.modules) - before))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["mavibot_conformance", "mavibot_conformance.pytest_plugin"]


def test_pytest_finds_the_plugin() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"]["mavibot_conformance"] == "mavibot_conformance.pytest_plugin"
