"""Every command line of scripts/ that a document or a script's own help names does its least work."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

import floor

pytestmark = pytest.mark.heavy

PROJECT: Final = Path(__file__).parents[2]

#: What each documented command line is given to do as little as it can. What is too much for a test shows its help:
#: scripts/test is what runs this test, and the others have tests of their own beside this one.
LEAST: Final = {
    "scripts/bench client": ["--rounds", "2", "--calls", "5", "--clients", "1"],
    "scripts/bench mock": ["start", "--rounds", "1"],
    "scripts/bench mock --help": [],
    "scripts/bench record": ["--rounds", "2", "--calls", "5", "--seconds", "1", "--no-prism", "--to", os.devnull],
    "scripts/build": ["--help"],
    "scripts/container": ["--help"],
    "scripts/contract-diff": ["HEAD", "HEAD"],
    "scripts/defects": ["duplicate-keys-take-the-first", "--seeds", "0"],
    "scripts/demo": ["--help"],
    "scripts/docs": ["--help"],
    "scripts/floor": ["--help"],
    "scripts/fresh-machine": ["--help"],
    "scripts/generate": ["--help"],
    "scripts/screenshots": ["--help"],
    "scripts/lock": ["--help"],
    "scripts/other-languages": ["--help"],
    "scripts/release": ["--help"],
    "scripts/soak": ["--requests", "1", "--kills", "0"],
    "scripts/test": ["--help"],
}
#: What it prints then.
SAYS: Final = {
    "scripts/bench client": "paging 1 clients",
    "scripts/bench mock": "mavibot mock --port 0",
    "scripts/build": "Builds wheel and sdist",
    "scripts/contract-diff": "The contract has not changed.",
    "scripts/bench record": f"wrote {os.devnull}",
    "scripts/lock": "Writes uv.lock anew",
    "scripts/other-languages": "Generates clients",
    "scripts/defects": "survivors: none",
    "scripts/soak": "malformed requests: 1 ",
}


def run(*command: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ if path is None else {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", LEAST)
def test_it_does_its_least_work(command: str) -> None:
    done = run(*command.split(), *LEAST[command])
    assert done.returncode == 0, done.stderr
    assert SAYS.get(command, command.removesuffix(" --help")) in done.stdout


def test_every_documented_command_line_is_run() -> None:
    programs = {file.name for file in PROJECT.glob("scripts/*") if file.is_file() and os.access(file, os.X_OK)}
    named = re.compile(rf"\bscripts/(?:{'|'.join(programs - {'bench'})}|bench (?:client|mock|record))\b")
    texts = [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("openapi/*.md"),
        *PROJECT.glob("scripts/*"),
    ]
    found = {name for file in texts if file.is_file() for name in named.findall(file.read_text())}
    assert found <= set(LEAST)
    assert {command.split()[0] for command in LEAST} == {f"scripts/{name}" for name in programs}


def test_what_cannot_be_measured_is_explained() -> None:
    done = run("scripts/bench", "everything")
    assert done.returncode != 0
    assert done.stderr.strip() == (
        "Name what to measure: scripts/bench client, mock or proxy, or scripts/bench record for the site"
    )


# --- scripts/floor ---


def test_the_lowest_versions_follow_from_the_bounds() -> None:
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", pin) for part in floor.PARTS for pin in floor.lowest(part))
    base, mock = (set(floor.lowest(part)) for part in ("base", "mock"))
    assert any(pin.startswith("httpx2==") for pin in base)
    assert base < mock


def test_every_extra_is_a_part() -> None:
    extras = floor.PROJECT["optional-dependencies"]
    assert set(floor.PARTS) == {"base", *extras} - {"all"}


@pytest.mark.parametrize("part", floor.PARTS)
def test_the_tests_of_a_part_exist(part: str) -> None:
    assert all(any(PROJECT.glob(pattern)) for pattern in floor.PARTS[part])


def test_an_unknown_part_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        floor.main(["mokc"])
    assert "there is no part mokc; choose from base, cli" in capsys.readouterr().err


# --- scripts/fresh-machine ---


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder for the programs that a machine has, with what every machine has."""
    for name in ("bash", "dirname", "cat"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    return tmp_path


def user(folder: Path, number: int) -> None:
    """Be a user for programs of a folder."""
    file = folder / "id"
    file.write_text(f"#!/bin/bash\necho {number}\n")
    file.chmod(0o755)


def test_without_root_a_fresh_machine_says_so(programs: Path) -> None:
    user(programs, 1000)
    done = run("scripts/fresh-machine", "trixie", path=str(programs))
    assert (done.returncode, done.stderr) == (1, "scripts/fresh-machine: this needs root, for mounts and chroot\n")


def test_without_debootstrap_a_fresh_machine_says_how_to_get_it(programs: Path) -> None:
    user(programs, 0)
    done = run("scripts/fresh-machine", "trixie", path=str(programs))
    assert done.returncode == 1
    assert done.stderr == ("scripts/fresh-machine: debootstrap is missing; install it: apt-get install debootstrap\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which suite? Try scripts/fresh-machine trixie, or --help"),
        (["--kep", "x"], "there is no option --kep; see --help"),
        (["--mirror"], "--mirror needs a value; see --help"),
        (["--wheel", "trixie", "-k"], "--wheel runs no tests, so it takes no -k; see --help"),
    ],
)
def test_a_wrong_command_line_is_explained(arguments: list[str], message: str) -> None:
    done = run("scripts/fresh-machine", *arguments)
    assert (done.returncode, done.stderr) == (2, f"scripts/fresh-machine: {message}\n")
