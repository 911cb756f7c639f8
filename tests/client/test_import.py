"""What an import costs and offers, each in a fresh interpreter."""

import importlib.resources
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.client.support import BASE_URL, KEY

import mavibot

#: Prepared in front of every script: a client whose server answers `ok`, or what is told.
CLIENT = f"""
import httpx2, mavibot
def client(**content):
    answer = lambda request: httpx2.Response(200, **content or {{"text": "ok"}})
    return mavibot.Mavibot({KEY!r}, base_url={BASE_URL!r}, transport=httpx2.MockTransport(answer))
"""
#: Printed at the end of every script: the modules that were imported.
MODULES = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))\n"
#: What the client never needs, whatever else is installed.
FOREIGN = {
    *("jsonschema", "jsonschema_rs", "openapi_python_client", "schemathesis", "hypothesis", "pytest", "yaml"),
    *("starlette", "uvicorn", "orjson", "typer", "rich", "click", "pydantic", "aiohttp", "pyrate_limiter"),
    *("mavibot_mock", "mavibot_conformance"),
}
#: Makes one package look as if it were not installed.
WITHOUT = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
"""


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh interpreter, in which every warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def modules_after(script: str) -> set[str]:
    """Return the modules that a script imports."""
    done = run(script + MODULES)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def models_in(modules: set[str]) -> set[str]:
    """Return the names of the generated models among modules."""
    start = "mavibot_api.models."
    return {name.removeprefix(start) for name in modules if name.startswith(start)}


@pytest.fixture(scope="module")
def of_httpx() -> set[str]:
    """Modules that `import httpx2` loads; they are not ours to save."""
    return modules_after("import httpx2")


def test_an_import_loads_no_models_and_nothing_of_other_parts(of_httpx: set[str]) -> None:
    modules = modules_after("import mavibot")
    assert not models_in(modules)
    assert not {name.partition(".")[0] for name in modules - of_httpx} & FOREIGN


def test_a_client_loads_no_models() -> None:
    assert not models_in(modules_after(CLIENT + "client()"))


def test_a_call_loads_the_models_that_it_needs(of_httpx: set[str]) -> None:
    modules = modules_after(CLIENT + "client().message(client_id=1, message='Hello')")
    assert models_in(modules) == {"acknowledgement"}
    assert not {name.partition(".")[0] for name in modules - of_httpx} & FOREIGN


def test_a_model_is_there_when_it_is_asked_for() -> None:
    script = "import mavibot\nbutton = mavibot.models.Button(type_=mavibot.models.ButtonType.REPLY)"
    loaded = models_in(modules_after(script))
    assert {"button", "button_type"} <= loaded
    assert "history_message" not in loaded


@pytest.mark.parametrize("name", ["xyzzy", "Xyzzy"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    for module in (mavibot, mavibot.models):
        with pytest.raises(AttributeError, match=name):
            getattr(module, name)


def test_a_star_import_brings_what_all_names() -> None:
    done = run(
        "from mavibot import *\nmodels.Button\nprint(*sorted(name for name in dir() if not name.startswith('__')))"
    )
    assert done.stdout.split() == sorted(mavibot.__all__)


def test_all_names_exist_once() -> None:
    assert len(mavibot.__all__) == len(set(mavibot.__all__))
    assert all(hasattr(mavibot, name) for name in mavibot.__all__)


def test_dir_shows_the_models() -> None:
    assert {"Button", "Messenger"} <= set(dir(mavibot.models))


@pytest.mark.parametrize("package", ["mavibot", "mavibot_api", "mavibot_mock", "mavibot_conformance"])
def test_a_package_tells_that_it_is_typed(package: str) -> None:
    assert importlib.resources.files(package).joinpath("py.typed").is_file()


def test_the_client_is_independent_of_the_other_parts() -> None:
    blocked = run(
        WITHOUT.format(blocked=FOREIGN) + CLIENT + "print(client().message(client_id=1, message='Hello').status)"
    )
    assert (blocked.stdout, blocked.stderr) == ("ok\n", "")


def run_command(arguments: list[str], *, without: set[str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m mavibot` where some packages are not installed."""
    start = f"import runpy\nsys.argv = ['mavibot', *{arguments!r}]\nrunpy.run_module('mavibot', run_name='__main__')"
    return run(WITHOUT.format(blocked=without) + start)


@pytest.mark.parametrize(
    ("arguments", "missing", "extra"),
    [
        (["--help"], {"typer"}, "cli"),
        (["--help"], {"rich"}, "cli"),
        (["mock", "--port", "0"], {"starlette"}, "mock"),
        (["mock", "--port", "0"], {"jsonschema_rs"}, "mock"),
    ],
)
def test_a_missing_extra_is_one_clear_line(arguments: list[str], missing: set[str], extra: str) -> None:
    done = run_command(arguments, without=missing)
    assert done.returncode not in {0, None}
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("mavibot")
    assert f"pip install 'mavibot[{extra}]'" in line


def test_the_command_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mavibot", "--version"], capture_output=True, text=True, timeout=240, check=True
    )
    assert done.stdout.startswith("mavibot ")


def test_httpx2_is_imported_where_something_is_sent_alone() -> None:
    package = Path(mavibot.__file__).parent
    importing = {
        file.name
        for file in package.rglob("*.py")
        if any(line.startswith(("import httpx2", "from httpx2")) for line in file.read_text("utf-8").splitlines())
    }
    assert importing == {"_exchange.py", "_httpx2.py", "_sockets.py", "_streams.py", "_wire.py"}
