"""Imports between the packages point one way.

Every import counts, those inside functions and under `TYPE_CHECKING` too: whoever reads a module can read first all
that it names.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.contract.source import PROJECT

#: Package -> the other packages of the project that it may import.
PACKAGES = {
    "mavibot_contract": set[str](),
    "mavibot_api": {"mavibot_contract"},
    "mavibot": {"mavibot_contract", "mavibot_api"},
    "mavibot_mock": {"mavibot_contract"},
    "mavibot_conformance": {"mavibot_contract"},
    "mavibot_cli": {"mavibot_contract", "mavibot_api", "mavibot", "mavibot_mock", "mavibot_conformance"},
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
    return {name: set(imports(name)) - {name} for name in modules()}


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
