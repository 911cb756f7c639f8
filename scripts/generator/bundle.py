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

from generator.check import mistakes

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
# The best comes first.
_EVIDENCE = ("documented", "field", "assumed")
# What every operation states of its own; a twin has the rest from its POST operation.
_TWIN_STATES = ("operationId", "summary", "description", "tags", "x-evidence", "x-source")
_ACTION_STATES = (*_TWIN_STATES, "x-permission", "x-effect", "x-idempotent", "responses")
_PARAMETER_STATES = ("name", "in", "required", "description", "schema")


class ContractError(Exception):
    """The contract's source has a mistake; the message names the file to edit."""


def bundle(root: Path) -> Node:
    """Return the whole contract as one document.

    Args:
        root: the contract's root file, `openapi/openapi.yaml`.

    Raises:
        ContractError: a file is missing, is not YAML, lacks a key that the generator needs, uses an extension
            wrongly, or has one of the `generator.check.mistakes`.
    """
    bundler = _Bundler(root)
    document = bundler.run()
    if wrong := [*bundler.unlisted(), *dict.fromkeys(mistakes(document))]:
        raise ContractError("\n".join(wrong))
    for item in document["paths"].values():
        for method in [name for name in _METHODS if name in item]:
            bundler.cap_evidence(item[method])
    return document


class _Bundler:
    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._base = self._root.parent
        self._components: dict[str, Node] = {}
        self._actions: set[Path] = set()

    def run(self) -> Node:
        source = self._load(self._root)
        _require(source, ("paths", "tags", "x-permissions", "x-common-responses"), self._name(self._root))
        document = cast(Node, self._resolve(source, self._root))
        common = document.pop("x-common-responses")
        for path, item in document["paths"].items():
            file = self._action(path, source["paths"][path], item)
            for method in [name for name in _METHODS if name in item]:
                if "x-twin-of" not in item[method]:
                    where = f"{file}: {method}"
                    self._check(item[method], where, body=method == "post")
                    self._add_aliases(item[method], where)
                    item[method]["responses"] |= deepcopy(common)
            for method in [name for name in _METHODS if "x-twin-of" in item.get(name, {})]:
                item[method] = self._twin(item, item[method], f"{file}: {method}")
        document[_COMPONENTS] = {
            kind: dict(sorted(members.items())) for kind, members in sorted(self._components.items())
        }
        return document

    def unlisted(self) -> list[str]:
        """Return one line for each file of an action that `openapi.yaml` does not name."""
        return [
            f"{self._name(file)}: openapi.yaml does not name it; add below `paths`: {_line(file)}"
            for file in sorted((self._base / "paths").rglob("*.yaml"))
            if file not in self._actions
        ]

    def _action(self, path: str, node: Node, item: Node) -> str:
        """Return the name of an action's file; refuse one whose name, folder and content do not fit each other."""
        target = (self._base / str(node.get("$ref"))).resolve()
        if node.keys() != {"$ref"} or target.parent.parent != self._base / "paths" or path != f"/{target.stem}":
            name = path.removeprefix("/")
            raise ContractError(
                f"{self._name(self._root)}: paths: the line of {path} must be /{name}: {{$ref: paths/TAG/{name}.yaml}}"
            )
        self._actions.add(target)
        file, action, tag = self._name(target), target.stem, target.parent.name
        if not item.keys() & set(_METHODS):
            raise ContractError(f"{file}: must begin with `get:` or `post:`")
        for method in [name for name in _METHODS if name in item and "x-twin-of" not in item[name]]:
            for key, value, origin in (("operationId", action, "name"), ("tags", [tag], "folder")):
                found = item[method].get(key)
                if found and found != value:
                    raise ContractError(
                        f"{file}: {method}: {key} is {found!r}, must be {value!r} like the file's {origin}"
                    )
        return file

    def _name(self, file: Path) -> str:
        """Return a file's name from the project's root, as in `openapi/paths/clients/get_clients.yaml`."""
        return file.resolve().relative_to(self._base.parent).as_posix()

    def _check(self, operation: Node, where: str, *, body: bool) -> None:
        """Refuse an operation that lacks what the generator reads."""
        _require(operation, _ACTION_STATES, where)
        _require(operation["responses"], ("200",), f"{where}: responses")
        self._body(self._target(operation["responses"]["200"]), f"{where}: responses: 200")
        for parameter in operation.get("parameters", []):
            target = self._target(parameter)
            _require(target, _PARAMETER_STATES, f"{where}: parameter {target.get('name')}")
        if body:
            _require(operation, ("requestBody",), where)
            schema = self._body(operation["requestBody"], f"{where}: requestBody")
            properties = schema.get("properties", {"the body": schema})
            for name, node in properties.items():
                _require({**self._target(node), **node}, ("description",), f"{where}: requestBody: {name}")

    def _body(self, holder: Node, where: str) -> Node:
        """Return the schema of the JSON body that a request or a response has."""
        for key in ("content", "application/json", "schema"):
            _require(holder, (key,), where)
            holder, where = holder[key], f"{where}: {key}"
        return self._target(holder)

    def _resolve(self, node: Any, file: Path) -> Any:
        if isinstance(node, list):
            return [self._resolve(item, file) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {key: self._resolve(value, file) for key, value in node.items()}
        siblings = {key: self._resolve(value, file) for key, value in node.items() if key != "$ref"}
        target = (file.parent / str(node["$ref"])).resolve()
        if not target.is_relative_to(self._base):
            raise ContractError(f"{self._name(file)}: $ref {node['$ref']!r} leaves {self._base.name}/")
        if not target.is_file():
            hint = "; name the file, as in ../../components/schemas/ClientId.yaml" if "#" in str(node["$ref"]) else ""
            raise ContractError(f"{self._name(file)}: $ref {node['$ref']!r} leads to no file{hint}")
        match target.relative_to(self._base).parts:
            case (folder, kind, _) if folder == _COMPONENTS:
                return self._component(kind, target.stem) | siblings
            case _:
                return cast(Node, self._resolve(self._load(target), target)) | siblings

    def _component(self, kind: str, name: str) -> Node:
        """Return a reference to a component, which is read when it is first referred to."""
        members = self._components.setdefault(kind, {})
        if name not in members:
            file = self._base / _COMPONENTS / kind / f"{name}.yaml"
            members[name] = {}  # stands for the component while its own references are followed
            members[name] = self._resolve(self._load(file), file)
        return {"$ref": f"#/{_COMPONENTS}/{kind}/{name}"}

    def _add_aliases(self, operation: Node, where: str) -> None:
        aliases = {**operation.get("x-value-parameters", {}), **operation.get("x-delimiter", {})}
        for name in aliases:
            if not (self._base / _COMPONENTS / "parameters" / f"{name}.yaml").is_file():
                raise ContractError(f"{where}: alias {name!r} has no file in {_COMPONENTS}/parameters/")
        # One that stands for no parameter has no effect, so it is not offered.
        names = [name for name, target in aliases.items() if target is not None]
        if any(name in operation.get("x-delimiter", {}) for name in names):
            names.insert(len(set(names) & set(operation.get("x-value-parameters", {}))), "delimiter")
        if names:
            operation["parameters"] = operation.get("parameters", []) + [
                self._component("parameters", name) for name in names
            ]

    def cap_evidence(self, operation: Node) -> None:
        """Give no parameter better evidence than the action has: a shared component does not know where it stands."""
        own = {key: operation[key] for key in ("x-evidence", "x-source")}

        def is_better(*nodes: Node) -> bool:
            marks = [node["x-evidence"] for node in nodes if "x-evidence" in node]
            return bool(marks) and _EVIDENCE.index(marks[0]) < _EVIDENCE.index(own["x-evidence"])

        for place, parameter in enumerate(operation.get("parameters", [])):
            target = self._target(parameter)
            if is_better(parameter, target, target["schema"], self._target(target["schema"])):
                operation["parameters"][place] = {**target, **own}
        if "requestBody" in operation:
            properties = self._body(operation["requestBody"], "").get("properties", {})
            for name, schema in properties.items():
                if is_better(schema, self._target(schema)):
                    properties[name] = {**schema, **own}

    def _twin(self, item: Node, stub: Node, where: str) -> Node:
        """Return the GET operation that does what the POST operation of the same path does."""
        post = item.get("post", {})
        if stub["x-twin-of"] != post.get("operationId"):
            raise ContractError(f"{where}: x-twin-of must name the POST operation of the same file")
        body = self._body(post["requestBody"], f"{where}: requestBody")
        _require(body, ("properties",), f"{where}: x-twin-of: the body")
        parameters = [
            self._query_parameter(name, schema, fitting, name in body.get("required", ()))
            for name, schema in body["properties"].items()
            if (fitting := self._fitting_a_query(schema)) is not None
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
        twin = {
            "operationId": f"{post['operationId']}_by_get",
            "summary": f"{post['summary']} (by GET)",
            **{key: deepcopy(post[key]) for key in _TWIN_KEYS if key in post},
            **stub,
            "parameters": parameters + deepcopy(post.get("parameters", [])),
            "responses": deepcopy(post["responses"]),
        }
        _require(twin, _TWIN_STATES, where)
        return twin

    def _query_parameter(self, name: str, schema: Node, fitting: Node, required: bool) -> Node:
        evidence: Node = {key: schema[key] for key in ("x-evidence", "x-source") if key in schema}
        pure = {key: value for key, value in fitting.items() if key not in evidence}
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

    def _fitting_a_query(self, schema: Node) -> Node | None:
        """Return what a query string can carry of a schema: all, some of its alternatives, or `None` for nothing."""
        target = self._target(schema)
        if "anyOf" not in target:
            return None if target.get("type") in {"array", "object"} else schema
        found = [branch for branch in map(self._fitting_a_query, target["anyOf"]) if branch is not None]
        if found == target["anyOf"]:
            return schema
        return found[0] if len(found) == 1 else {**target, "anyOf": found} if found else None

    def _target(self, node: Node) -> Node:
        if "$ref" not in node:
            return node
        kind, name = node["$ref"].split("/")[-2:]
        return cast(Node, self._components[kind][name])

    def _load(self, file: Path) -> Node:
        name = self._name(file)
        try:
            node = _parsed(file.read_text(encoding="utf-8"))
        except yaml.MarkedYAMLError as error:
            fix = next((fix for words, fix in _MENDED_BY.items() if words in str(error.problem)), "")
            line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
            raise ContractError(f"{name}{line}: {error.problem}{f'; {fix}' if fix else ''}") from error
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ContractError(f"{name}: {error}") from error
        if not isinstance(node, dict):
            raise ContractError(f"{name}: is not a mapping of keys to values")
        return node


def _parsed(text: str) -> Any:
    """Return what a YAML text holds.

    Raises:
        yaml.YAMLError: it is not YAML, or has a key twice.
    """
    try:
        return yaml.load(text, _FastLoader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader; it says best what is wrong


class _NoKeyTwice(yaml.constructor.SafeConstructor):
    """Refuses a mapping that has a key twice, where YAML's own loader keeps the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


class _Loader(_NoKeyTwice, yaml.SafeLoader):
    """The loader in Python."""


if yaml.__with_libyaml__:

    class _FastLoader(_NoKeyTwice, yaml.CSafeLoader):
        """The loader in C, ten times as fast."""

else:
    _FastLoader = _Loader  # type: ignore[misc, assignment]


#: What YAML calls a mistake -> how to fix it.
_MENDED_BY = {
    "mapping values are not allowed": "put a text that holds a colon in quotes",
    "cannot start any token": "indent with spaces, and put a text with special characters in quotes",
    "expected <block end>": "indent the line like those beside it",
    "could not find expected ':'": "write a colon after the key",
}


def _line(file: Path) -> str:
    """Return the line of `openapi.yaml` that names the file of an action."""
    return f"  /{file.stem}: {{$ref: paths/{file.parent.name}/{file.name}}}"


def _require(node: Any, keys: tuple[str, ...], where: str) -> None:
    """Refuse a node that lacks a key, by the names of its file and of the key."""
    if not isinstance(node, dict):
        raise ContractError(f"{where}: is not a mapping of keys to values")
    for key in keys:
        if node.get(key) in (None, "", [], {}):
            raise ContractError(f"{where}: {key} is missing")
