"""The composite action: its steps run as GitHub runs them, with every input in a variable."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mavibot_mock import Server

_ROOT = Path(__file__).parents[2]
_ACTION: dict[str, Any] = yaml.safe_load((_ROOT / "action.yml").read_text(encoding="utf-8"))
_STEPS = _ACTION["runs"]["steps"]


def _run(step: dict[str, Any], home: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step as `shell: bash` does; what stands in ${{ }} is an input or the runner's folder."""
    values = {
        **{f"inputs.{name}": str(each.get("default", "")) for name, each in _ACTION["inputs"].items()},
        **{f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()},
        "runner.temp": str(home),
    }

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda found: values[found[1]], text)

    own = {name: filled(value) for name, value in step.get("env", {}).items()}
    files = {f"GITHUB_{name}": str(home / name.lower()) for name in ("OUTPUT", "STEP_SUMMARY")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", filled(step["run"])],
        env={**os.environ, **files, **own, "GITHUB_ACTION_PATH": str(_ROOT)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A runner's folder in which the suite is installed: that of this environment."""
    programs = tmp_path / "mavibot-conformance-env" / "bin"
    programs.mkdir(parents=True)
    (programs / "mavibot").symlink_to(Path(sys.executable).parent / "mavibot")
    return tmp_path


def test_no_input_stands_in_a_script() -> None:
    assert [step["name"] for step in _STEPS if "${{" in step["run"]] == []
    assert all(step["shell"] == "bash" for step in _STEPS)


def test_each_input_reaches_the_command_as_its_option(tmp_path: Path) -> None:
    # Stands in for the command, and keeps its arguments.
    command = tmp_path / "mavibot-conformance-env" / "bin" / "mavibot"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > called\n')
    command.chmod(0o755)
    options = set(_ACTION["inputs"]) - {"url", "api-key", "reports"}
    given = {name: f"a {name}" for name in options}
    done = _run(_STEPS[1], tmp_path, **{name.replace("-", "_"): value for name, value in given.items()})
    assert done.returncode == 0, done.stderr
    called = (tmp_path / "called").read_text().splitlines()
    assert {name: called[called.index(f"--{name}") + 1] for name in options} == given
    assert {"level", "rules", "actions", "rate", "patience", "seed"} <= options


@pytest.mark.heavy
def test_the_run_writes_reports_summary_and_output(home: Path) -> None:
    with Server() as server:
        done = _run(_STEPS[1], home, url=server.url, rules="AUTH-8,RYW-1")
    assert done.returncode == 0, done.stderr
    assert "conforms to the contract" in done.stdout
    reports = home / "mavibot-conformance"
    assert {each.name for each in reports.iterdir()} == {
        *("results.json", "junit.xml", "report.html", "calls.har", "results.ndjson")
    }
    assert (home / "output").read_text() == "exit-code=0\n"
    assert (home / "step_summary").read_text(encoding="utf-8").startswith("## ✅ ")


@pytest.mark.heavy
def test_an_input_is_no_command(home: Path) -> None:
    with Server() as server:
        done = _run(_STEPS[1], home, url=server.url, rules='EQ-1"; touch broken; echo "$(touch broken)')
    assert done.returncode == 2
    assert (home / "output").read_text() == "exit-code=2\n"
    assert not (home / "broken").exists()


def test_the_suite_is_installed_from_the_action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands in for Python and its pip, which would ask a registry.
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\nmkdir -p "$3/bin"\ncp "$0" "$3/bin/pip"\nprintf "%s\\n" "$@" >> calls\n')
    python.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = _run(_STEPS[0], tmp_path)
    assert done.returncode == 0, done.stderr
    home = tmp_path / "mavibot-conformance-env"
    called = (tmp_path / "calls").read_text().splitlines()
    assert called[:3] == ["-m", "venv", str(home)]
    assert called[3] == "install"
    assert called[-1] == f"{_ROOT}[conformance,mock]"
