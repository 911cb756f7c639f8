"""`scripts/generate` gives the same bytes for the same contract, sees every drift and accepts no warning."""

import importlib
import inspect
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract.walk import OPENAPI, PROJECT, bundled

from generator.bundle import ContractError, bundle
from generator.codec import GeneratorError, generate_codec
from mavibot_api import contract

PACKAGE = PROJECT / "generated" / "mavibot_api"
CONTRACT = contract.load()
OPERATIONS = [operation for methods in CONTRACT.actions.values() for operation in methods.values()]


def test_the_package_holds_the_bundle_of_the_sources() -> None:
    assert json.loads((PACKAGE / contract.FILE_NAME).read_text()) == bundled()


def test_no_body_is_any() -> None:
    bodies = {
        file.name: re.findall(r"body: (.*?),?$", file.read_text(), re.M)
        for file in (PACKAGE / "codec/api").rglob("*.py")
    }
    assert any(bodies.values())
    assert not [name for name, kinds in bodies.items() if any("Any" in kind for kind in kinds)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_the_private_functions_that_the_client_uses(operation: contract.Operation) -> None:
    module = importlib.import_module(f"mavibot_api.codec.api.{operation.tag}.{operation.operation_id}")
    build = inspect.signature(module._get_kwargs).parameters
    if operation.method == "POST":
        assert build["body"].default is inspect.Parameter.empty
    else:
        expected = set(operation.query) | operation.aliases
        assert {name.removesuffix("_") for name in build} == expected
    assert set(inspect.signature(module._parse_response).parameters) == {"client", "response"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what generation reads and writes."""
    for folder in ("openapi", "generated", "scripts"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def generate(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=project,
        env={"PYTHONPATH": str(project / "scripts"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_passes_twice_and_changes_nothing(project: Path) -> None:
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file() and file.suffix != ".pyc"}
    run = generate(project, "--check")
    assert run.returncode == 0, run.stderr
    assert {file: file.read_bytes() for file in before} == before


def test_check_names_changed_missing_and_new_files(project: Path) -> None:
    package = project / "generated" / "mavibot_api"
    (package / "facade.py").write_text("# edited by hand\n")
    (package / "py.typed").unlink()
    (package / "codec" / "extra.py").touch()
    run = generate(project, "--check")
    assert run.returncode == 1
    for line in ("differs: facade.py", "missing: py.typed", "not generated: codec/extra.py", "Run scripts/generate"):
        assert line in run.stderr


def test_a_changed_contract_is_a_drift_until_it_is_generated(project: Path) -> None:
    file = project / "openapi/paths/clients/get_clients.yaml"
    file.write_text(file.read_text().replace("maximum: 500", "maximum: 400"))
    assert generate(project, "--check").returncode == 1
    assert generate(project).returncode == 0
    assert '"maximum": 400' in (project / "generated/mavibot_api" / contract.FILE_NAME).read_text()
    assert generate(project, "--check").returncode == 0


def test_a_reference_to_nothing_names_the_file(tmp_path: Path) -> None:
    shutil.copytree(OPENAPI, tmp_path / "openapi")
    (tmp_path / "openapi/components/schemas/Phone.yaml").unlink()
    with pytest.raises(ContractError, match=r"Phone\.yaml"):
        bundle(tmp_path / "openapi/openapi.yaml")


def test_a_warning_of_the_generator_is_an_error(tmp_path: Path) -> None:
    document = bundle(OPENAPI / "openapi.yaml")
    document["paths"]["/message"]["post"]["requestBody"]["content"] = {"application/unheard-of": {"schema": {}}}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    with pytest.raises(GeneratorError, match="message"):
        generate_codec(tmp_path / "openapi.json", tmp_path / "codec")
