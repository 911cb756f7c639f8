"""`scripts/generate` gives the same bytes for the same contract, sees every drift and accepts no warning."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contract.source import OPENAPI, PROJECT, bundled

import mavibot_contract
from generator import __main__ as command
from generator.models import GeneratorError, generate_models
from mavibot_api import models
from mavibot_contract import Contract

GENERATED = PROJECT / "generated"
PACKAGE = GENERATED / "mavibot_api"


def test_the_package_holds_the_bundle_of_the_sources() -> None:
    assert json.loads((PACKAGE / mavibot_contract.FILE_NAME).read_text()) == bundled()


def test_every_model_is_one_that_a_method_takes_or_returns_or_part_of_one() -> None:
    sources = {file.stem: file.read_text("utf-8") for file in (PACKAGE / "models").glob("*.py")}
    del sources["__init__"]
    reached = set(re.findall(r"models[.](\w+)", (PACKAGE / "facade.py").read_text("utf-8")))
    defined = re.compile(r"^(?:class )?(\w+)(?=[(:])", re.MULTILINE)
    modules = {name: source for source in sources.values() for name in defined.findall(source)}
    waiting = list(reached)
    for name in waiting:  # grows
        parts = set(re.findall(r"^ *from [.][.]models[.]\w+ import (\w+)", modules[name], re.MULTILINE))
        waiting += parts - reached
        reached |= parts
    assert reached == modules.keys() == set(models.__all__)


def test_what_is_generated_imports_attrs_and_the_standard_library_alone() -> None:
    imported = {
        match[1]
        for file in PACKAGE.rglob("*.py")
        for match in re.finditer(r"^ *(?:import|from) (\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert imported <= {*sys.stdlib_module_names, "attrs", "mavibot_api"}


@pytest.mark.heavy
def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    """The only test that generates the whole package: twice, side by side, under unlike conditions."""
    shutil.copytree(OPENAPI, tmp_path / "a longer way" / "openapi")
    runs = []
    for seed, source in (("1", OPENAPI), ("2", tmp_path / "a longer way" / "openapi")):
        (tmp_path / seed).mkdir()
        statement = (
            "import sys; from pathlib import Path; from generator.__main__ import generate;"
            "generate(Path(sys.argv[1]), Path(sys.argv[2]))"
        )
        run = subprocess.Popen(
            [sys.executable, "-c", statement, str(source / "openapi.yaml"), str(tmp_path / seed / "mavibot_api")],
            cwd=tmp_path / seed,
            env={"PYTHONPATH": str(PROJECT / "scripts"), "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed},
            stderr=subprocess.PIPE,
            text=True,
        )
        runs.append(run)
    assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0), ("", 0)]
    assert (tmp_path / "1/mavibot_api/facade.py").stat().st_size > 0
    assert command.differences(tmp_path / "1", tmp_path / "2") == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the folder that holds the package."""
    return Path(shutil.copytree(GENERATED, tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def generated_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the generation: what is committed counts as what the contract gives."""
    monkeypatch.setattr(command, "generate", lambda source, target: shutil.copytree(PACKAGE, target))


def write(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("# by hand\n")

    return damage


def link(folder: Path) -> None:
    (folder / "mavibot_api/py.typed").unlink()
    (folder / "mavibot_api/py.typed").symlink_to("/dev/null")


HOLES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a changed file": (write("mavibot_api/facade.py"), ["differs: mavibot_api/facade.py"]),
    "a missing file": (
        lambda folder: (folder / "mavibot_api/py.typed").unlink(),
        ["missing: mavibot_api/py.typed"],
    ),
    "a new module": (write("mavibot_api/models/new.py"), ["not generated: mavibot_api/models/new.py"]),
    "a file beside the package": (write("notes.txt"), ["not generated: notes.txt"]),
    "a package beside the package": (write("more/a.py"), ["not generated: more/", "not generated: more/a.py"]),
    "a hidden file": (write("mavibot_api/.hidden"), ["not generated: mavibot_api/.hidden"]),
    "compiled code that is imported": (
        write("mavibot_api/extra.pyc"),
        ["not generated: mavibot_api/extra.pyc"],
    ),
    "an empty folder": (
        lambda folder: (folder / "mavibot_api/old").mkdir(),
        ["not generated: mavibot_api/old/"],
    ),
    "a folder that only a cache is left of": (
        write("mavibot_api/old/__pycache__/a.pyc"),
        ["not generated: mavibot_api/old/"],
    ),
    "a missing package": (
        lambda folder: shutil.rmtree(folder / "mavibot_api/models"),
        [
            "missing: mavibot_api/models/",
            *(
                f"missing: mavibot_api/models/{file.name}"
                for file in (PACKAGE / "models").iterdir()
                if file.name != "__pycache__"
            ),
        ],
    ),
    "an executable bit": (
        lambda folder: (folder / "mavibot_api/facade.py").chmod(0o755),
        ["executable file instead of file: mavibot_api/facade.py"],
    ),
    "a link": (link, ["link instead of file: mavibot_api/py.typed"]),
    "a link to nothing": (
        lambda folder: (folder / "mavibot_api/gone").symlink_to("nowhere"),
        ["not generated: mavibot_api/gone"],
    ),
    "a link to a folder": (
        lambda folder: (folder / "again").symlink_to("mavibot_api", target_is_directory=True),
        ["not generated: again"],
    ),
}


@pytest.mark.usefixtures("generated_now")
@pytest.mark.parametrize(("damage", "lines"), HOLES.values(), ids=HOLES.keys())
def test_check_names(
    damage: Callable[[Path], object], lines: list[str], copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(copy)
    assert command.main(["--check"], generated=copy) == 1
    found = capsys.readouterr().err
    assert [line.strip() for line in found.splitlines() if line.startswith("  ")] == sorted(lines)
    assert "Run scripts/generate" in found


@pytest.mark.usefixtures("generated_now")
def test_check_passes_over_the_caches_of_python_alone(copy: Path) -> None:
    write("mavibot_api/models/__pycache__/a.pyc")(copy)
    write("__pycache__/b.pyc")(copy)
    before = sorted(copy.rglob("*"))
    assert command.main(["--check"], generated=copy) == 0
    assert sorted(copy.rglob("*")) == before


@pytest.mark.usefixtures("generated_now")
def test_generation_mends_the_package_and_names_what_is_not_its_own(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for damage in ("mavibot_api/facade.py", "mavibot_api/old/__pycache__/a.pyc", "notes.txt"):
        write(damage)(copy)
    assert command.main([], generated=copy) == 1
    assert command.differences(copy, GENERATED) == ["not generated: notes.txt"]
    assert "not generated: notes.txt" in capsys.readouterr().err
    (copy / "notes.txt").unlink()
    assert command.main([], generated=copy) == 0


@pytest.mark.usefixtures("generated_now")
def test_generation_into_nothing(tmp_path: Path) -> None:
    assert command.main([], generated=tmp_path / "generated") == 0
    assert command.differences(tmp_path / "generated", GENERATED) == []


def test_an_interruption_leaves_the_old_package_and_the_next_run_clears_up(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(source: Path, target: Path, **options: object) -> None:
        target.mkdir()
        (target / "half.py").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(shutil, "copytree", stop)
        with pytest.raises(KeyboardInterrupt):
            command.replace(copy / "mavibot_api", PACKAGE)
    assert command.differences(copy / "mavibot_api", PACKAGE) == []
    command.replace(copy / "mavibot_api", PACKAGE)
    assert command.differences(copy, GENERATED) == []


def test_a_slip_in_the_contract_is_one_line_and_touches_nothing(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")
    assert command.main([], generated=copy, contract=tmp_path / "openapi.yaml") == 1
    assert re.fullmatch(r"scripts/generate: .*openapi\.yaml: paths is missing\n", capsys.readouterr().err)
    assert command.differences(copy, GENERATED) == []


def test_a_warning_of_the_generator_is_an_error(tmp_path: Path) -> None:
    document = json.loads(json.dumps(bundled()))
    schemas = document["components"]["schemas"]
    schemas["Second"] = schemas["ButtonSet"]  # the title names one class, so a second of them is left out
    schemas["NewClient"]["properties"]["second"] = {"$ref": "#/components/schemas/Second"}
    with pytest.raises(GeneratorError, match='duplicate models with name "ButtonSet"'):
        generate_models(Contract(document), tmp_path)
