"""Joins the files of `openapi/` into one document and writes out what they state in short.

The source tree keeps each fact in one place. Four extensions are therefore expanded here into plain OpenAPI;
they are described in `openapi/README.md`:

* `x-common-responses` of the root goes into every operation;
* `x-value-parameters` and `x-delimiter` become the query parameters that they name;
* `x-twin-of` becomes the GET operation of an action that works by both methods.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import yaml

Node = dict[str, Any]

_COMPONENTS = "components"
_METHODS = ("get", "post")
# What a twin has in common with the operation that it repeats.
_TWIN_KEYS = (
    "tags",
    "description",
    "x-permission",
    "x-permission-stated",
    "x-permission-badge",
    "x-effect",
    "x-idempotent",
    "x-unlimited",
    "x-free-variables",
    "x-value-parameters",
    "x-delimiter",
)


class ContractError(Exception):
    """The contract's source has a mistake; the message names the file to edit."""


def bundle(root: Path) -> Node:
    """Return the whole contract as one document.

    Args:
        root: the contract's root file, `openapi/openapi.yaml`.

    Raises:
        ContractError: a file is missing, is not YAML, or uses an extension wrongly.
    """
    return _Bundler(root).run()


class _Bundler:
    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._base = self._root.parent
        self._components: dict[str, Node] = {}

    def run(self) -> Node:
        document = cast(Node, self._resolve(_load(self._root), self._root))
        common = document.pop("x-common-responses")
        for path, item in document["paths"].items():
            for method in [name for name in _METHODS if name in item]:
                if "x-twin-of" not in item[method]:
                    self._add_aliases(item[method])
                    item[method]["responses"] |= deepcopy(common)
            for method in [name for name in _METHODS if "x-twin-of" in item.get(name, {})]:
                item[method] = self._twin(item, item[method], path)
        document[_COMPONENTS] = {
            kind: dict(sorted(members.items())) for kind, members in sorted(self._components.items())
        }
        return document

    def _resolve(self, node: Any, file: Path) -> Any:
        if isinstance(node, list):
            return [self._resolve(item, file) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {key: self._resolve(value, file) for key, value in node.items()}
        siblings = {key: self._resolve(value, file) for key, value in node.items() if key != "$ref"}
        target = (file.parent / node["$ref"]).resolve()
        if not target.is_file():
            raise ContractError(f"{file}: $ref {node['$ref']!r} leads to no file")
        match target.relative_to(self._base).parts:
            case (folder, kind, _) if folder == _COMPONENTS:
                return self._component(kind, target.stem) | siblings
            case _:
                return cast(Node, self._resolve(_load(target), target)) | siblings

    def _component(self, kind: str, name: str) -> Node:
        """Return a reference to a component, which is read when it is first referred to."""
        members = self._components.setdefault(kind, {})
        if name not in members:
            file = self._base / _COMPONENTS / kind / f"{name}.yaml"
            members[name] = {}  # stands for the component while its own references are followed
            members[name] = self._resolve(_load(file), file)
        return {"$ref": f"#/{_COMPONENTS}/{kind}/{name}"}

    def _add_aliases(self, operation: Node) -> None:
        names = list(operation.get("x-value-parameters", {}))
        if "x-delimiter" in operation:
            names += ["delimiter", *operation["x-delimiter"]]
        if names:
            operation["parameters"] = operation.get("parameters", []) + [
                self._component("parameters", name) for name in names
            ]

    def _twin(self, item: Node, stub: Node, path: str) -> Node:
        """Return the GET operation that does what the POST operation of the same path does."""
        post = item.get("post", {})
        if stub["x-twin-of"] != post.get("operationId"):
            raise ContractError(f"openapi{path}: x-twin-of must name the POST operation of the same file")
        body = post["requestBody"]["content"]["application/json"]["schema"]
        parameters = [
            self._query_parameter(name, schema, name in body.get("required", ()))
            for name, schema in body["properties"].items()
            if self._fits_a_query(schema)
        ]
        if post.get("x-free-variables"):
            parameters.append(
                {
                    "name": "variables",
                    "in": "query",
                    "required": False,
                    "style": "form",
                    "explode": True,
                    "description": "Variables to save; each is a query parameter of its own.",
                    "schema": self._component("schemas", "Variables"),
                }
            )
        return {
            "operationId": f"{post['operationId']}_by_get",
            "summary": f"{post['summary']} (by GET)",
            **{key: deepcopy(post[key]) for key in _TWIN_KEYS if key in post},
            **stub,
            "parameters": parameters + deepcopy(post.get("parameters", [])),
            "responses": deepcopy(post["responses"]),
        }

    def _query_parameter(self, name: str, schema: Node, required: bool) -> Node:
        evidence: Node = {key: schema[key] for key in ("x-evidence", "x-source") if key in schema}
        pure = {key: value for key, value in schema.items() if key not in evidence}
        return {
            "name": name,
            "in": "query",
            "required": required,
            "description": self._description(schema),
            "schema": pure,
            **evidence,
        }

    def _description(self, schema: Node) -> str:
        return str(schema.get("description") or self._target(schema)["description"])

    def _fits_a_query(self, schema: Node) -> bool:
        target = self._target(schema)
        if "anyOf" in target:
            return all(self._fits_a_query(branch) for branch in target["anyOf"])
        return target.get("type") not in {"array", "object"}

    def _target(self, schema: Node) -> Node:
        if "$ref" not in schema:
            return schema
        return cast(Node, self._components["schemas"][schema["$ref"].rsplit("/", 1)[1]])


def _load(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ContractError(f"{file}: {error}") from error
