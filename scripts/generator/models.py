"""Runs openapi-python-client over the schemas that the facade's methods take and return: the models."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mavibot_contract import Contract, Schema

_TEMPLATES: Final = Path(__file__).parent / "templates"
# Models are named by the contract's titles alone. Ruff runs later, over all files.
_CONFIG: Final = "use_path_prefixes_for_title_model_names: false\npost_hooks: []\n"
# What is kept of the generator's output; its HTTP client and endpoint modules are not used.
_KEPT: Final = ("models", "types.py")
_WIDTH: Final = 110
# The class of an object whose keys are all free, with its docstring and the type of its values.
_FREE_OBJECT: Final = re.compile(
    r'''class (?P<name>\w+):\s+(""" ?(?P<words>[^"]*?)\s*"""\s+)?'''
    r"additional_properties: dict\[str, (?P<kind>[^=]+)\] = _attrs_field"
)


class GeneratorError(Exception):
    """openapi-python-client refused the schemas or warned about them."""


def generate_models(contract: Contract, package: Path) -> None:
    """Write the subpackage `models`, and the module `types` that it imports.

    Args:
        contract: the bundled contract.
        package: folder of the package to write into.

    Raises:
        GeneratorError: with the generator's own words; a warning is an error too.
    """
    with tempfile.TemporaryDirectory(prefix="mavibot-models-") as folder:
        document, config, output = (Path(folder, name) for name in ("openapi.json", "config.yaml", "output"))
        document.write_text(json.dumps(_document(contract)), encoding="utf-8")
        config.write_text(_CONFIG, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"),
            *("--path", str(document), "--config", str(config), "--output-path", str(output)),
            *("--custom-template-path", str(_TEMPLATES)),
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise GeneratorError(f"openapi-python-client failed:\n{run.stdout}{run.stderr}")
        for name in _KEPT:
            shutil.move(output / name, package / name)
    _write_free_objects(package / "models")


def _write_free_objects(folder: Path) -> None:
    """Make an object of free keys a plain `dict`, where the generator has a class without fields of its own."""
    free: dict[str, Path] = {}
    for path in folder.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        match = _FREE_OBJECT.search(source)
        if match is not None:
            free[match["name"]] = path
            words = textwrap.fill(f'"""{" ".join(match["words"].split())}"""', _WIDTH) if match["words"] else ""
            alias = f"{match['name']}: TypeAlias = dict[str, {match['kind']}]"
            path.write_text(f"from typing import Any, TypeAlias\n\n{alias}\n{words}\n", encoding="utf-8")
    tested = re.compile(rf"(isinstance\([\w.]+, )({'|'.join(free)})\)")
    for path in folder.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        path.write_text(tested.sub(r"\1dict)", source), encoding="utf-8")


def _document(contract: Contract) -> dict[str, Any]:
    """Return an OpenAPI document that holds the schemas of the models and no operation."""
    return {
        "openapi": contract.document["openapi"],
        "info": contract.document["info"],
        "paths": {},
        "components": {"schemas": model_schemas(contract)},
    }


def model_schemas(contract: Contract) -> dict[str, Schema]:
    """Return the schemas, by name, of the models in the facade's signatures and of everything these refer to."""
    found: dict[str, Schema] = {}

    def add(name: str, schema: Schema) -> None:
        if name not in found:
            found[name] = schema
            for reference in _references(schema):
                add(_name(reference), contract.resolve({"$ref": reference}))

    def visit(schema: Schema) -> None:
        """Look for models where the facade does: a mapping of free names is a plain one in a signature."""
        target = contract.resolve(schema)
        if "enum" in target or "properties" in target:
            add(_name(schema["$ref"]) if "$ref" in schema else target["title"], target)
        for part in (*target.get("anyOf", ()), target.get("items"), target.get("additionalProperties")):
            if isinstance(part, Mapping):
                visit(part)

    for methods in contract.actions.values():
        for operation in methods.values():
            for schema in (operation.success, *operation.schema["properties"].values()):
                visit(schema)
    return dict(sorted(found.items()))


def _references(node: Any) -> Iterator[str]:
    """Yield every `$ref` below a node."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
