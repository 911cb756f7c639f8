"""Imports point one way: between the packages, between the rooms inside of them, and never in a circle.

Every import counts, those inside functions and under `TYPE_CHECKING` too: whoever reads a module can read first all
that it names.
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from tests.contract.source import PROJECT
from typer.main import get_command

from mavibot_cli.app import app
from mavibot_cli.commands import Later

#: Package -> the other packages of the project that it may import.
PACKAGES = {
    "mavibot_contract": set[str](),
    "mavibot_api": {"mavibot_contract"},
    "mavibot": {"mavibot_contract", "mavibot_api"},
    "mavibot_mock": {"mavibot_contract"},
    "mavibot_conformance": {"mavibot_contract"},
    "mavibot_proxy": {"mavibot_contract", "mavibot", "mavibot_mock", "mavibot_conformance"},
    "mavibot_cli": {
        *("mavibot_contract", "mavibot_api", "mavibot"),
        *("mavibot_mock", "mavibot_conformance", "mavibot_proxy"),
    },
}

#: Package -> its rooms, from the bottom up: a module imports from its own room and from those before it in this list.
#: A single module that belongs elsewhere than the rest of its folder has a place of its own.
ROOMS = {
    "mavibot_proxy": (
        *("exchange", "passing", "records", "playback", "checks", "facts", "guards", "summary", "watch"),
        *("app", "server", "__init__", "pytest_plugin"),
    ),
    "mavibot_mock": (
        *("hosts", "state", "request", "serving", "actions", "webhook", "seeds", "server", "control", "web"),
        # The application joins all that it serves.
        *("server.app", "server.server", "testing", "defects", "__init__", "pytest_plugin"),
    ),
    "mavibot_conformance": (
        *("results", "target", "rules", "baseline", "assumptions", "statements", "findings"),
        *(
            "plan",
            "lateness",
            "hidden",
            "lanes",
            "session",
            "contact",
            "rehearsal",
            "engine",
            "suite",
            "reports",
            "__init__",
            "pytest_plugin",
        ),
    ),
}


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module of the product by name; a package has the name of its folder."""
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for folder in [next(PROJECT.glob(f"*/{package}")).parent]
        for path in (folder / package).rglob("*.py")
    }


@cache
def graph() -> dict[str, set[str]]:
    """Return the modules of the product that each of them imports."""
    found = {name: set(imports(name)) - {name} for name in modules()}
    # No import statement names them: a command is imported when it is used.
    found["mavibot_cli.app"] |= {command.module for command in command_line()}
    return found


def command_line() -> list[Later]:
    """Return the commands that stand behind `mavibot`."""
    group: Any = get_command(app)
    return list(group.commands.values())


def imports(name: str) -> Iterator[str]:
    """Yield the modules of the product that a module names in its import statements, at any depth."""
    package = name if modules()[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from package import name` names a module of the package, or what the package itself defines.
                yield from [each for each in (f"{base}.{alias.name}", base) if each in modules()][:1]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    wrong = [
        f"{modules()[name].relative_to(PROJECT)} imports {imported}"
        for name in modules()
        if name.partition(".")[0] == package
        for imported in graph()[name]
        if imported.partition(".")[0] not in PACKAGES[package] | {package}
    ]
    assert not wrong, "\n" + "\n".join(sorted(wrong))


def floor(name: str) -> int:
    """Return how far up its package a module stands."""
    package, _, path = name.partition(".")
    path = path or "__init__"
    inside = [room for room in ROOMS[package] if path == room or path.startswith(f"{room}.")]
    assert inside, f"{modules()[name].relative_to(PROJECT)} is in no room: name it in ROOMS of {Path(__file__).name}"
    return ROOMS[package].index(max(inside, key=len))


@pytest.mark.parametrize("package", ROOMS)
def test_a_room_imports_only_those_below_it(package: str) -> None:
    wrong = [
        f"{modules()[name].relative_to(PROJECT)} imports {imported}"
        for name in modules()
        if name.partition(".")[0] == package
        for imported in graph()[name]
        if imported.partition(".")[0] == package and floor(imported) > floor(name)
    ]
    assert not wrong, "\n" + "\n".join(sorted(wrong))


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("mavibot_mock", {"hosts", "request", "serving"}),
        ("mavibot_conformance", {"assumptions", "results", "target.guard", "target.judgements", "target.shape"}),
    ],
)
def test_the_proxy_knows_only_what_it_shares(package: str, rooms: set[str]) -> None:
    wrong = [
        f"{modules()[name].relative_to(PROJECT)} imports {imported}"
        for name in modules()
        if name.partition(".")[0] == "mavibot_proxy"
        for imported in graph()[name]
        if imported.partition(".")[0] == package
        and not any(f"{imported}.".startswith(f"{package}.{room}.") for room in rooms)
    ]
    assert not wrong, "\n" + "\n".join(sorted(wrong))


def test_there_is_no_import_circle() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))
