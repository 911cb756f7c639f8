"""Reads the bundled contract: which actions exist, what they take and what they need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, Literal

from mavibot_contract.words import Schema, resolved, words

__all__ = ["FILE_NAME", "PACKAGE", "Contract", "Effect", "Method", "Operation", "Schema", "load", "served_at"]

Method = Literal["GET", "POST"]
Effect = Literal["read", "write", "send"]

#: The package of generated code, and the file inside it that holds the whole contract.
PACKAGE: Final = "mavibot_api"
FILE_NAME: Final = "openapi.json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One action by one HTTP method.

    Attributes:
        operation_id: name of the operation in the contract; the GET twin of a POST action ends in `_by_get`.
        action: name of the action, the last part of its address.
        method: HTTP method.
        tag: group of the action.
        summary: one line that says what the action does.
        permission: permission that the key needs, such as `clients:write`.
        effect: `read`, `write`, or `send` (reaches a person or runs a bot).
        idempotent: whether doing it twice is doing it once.
        evidence: how sure the contract is: `documented`, `field` or `assumed`.
        source: where the facts come from.
        unlimited: whether its calls count against no limit of the platform.
        free_variables: whether further parameters are saved as variables.
        messenger: messenger of the clients and channels that the action names, such as `TELEGRAM`, if it is of one.
        value_parameters: alias in the URL -> parameter that it stands for.
        delimiter: path parameter in the URL -> parameter that it stands for.
        idle_aliases: aliases that the document offers although the action has no parameter for them: without effect.
        schema: JSON Schema of the parameters by name, after aliases are resolved.
        query: names of the parameters that travel in the URL; empty where there is a body.
        body_argument: name of the argument that is the whole body, where the body is an array.
        responses: OpenAPI responses by status.
        success: JSON Schema of a successful reply, as the first shape that is not a failure.
    """

    operation_id: str
    action: str
    method: Method
    tag: str
    summary: str
    permission: str
    effect: Effect
    idempotent: bool
    evidence: str
    source: str
    unlimited: bool
    free_variables: bool
    messenger: str | None
    value_parameters: Mapping[str, str]
    delimiter: Mapping[str, str]
    idle_aliases: frozenset[str]
    schema: Schema
    query: frozenset[str]
    body_argument: str | None
    responses: Mapping[str, Any]
    success: Schema

    @property
    def aliases(self) -> frozenset[str]:
        """Names in the URL that only say where a parameter is found."""
        names = {*self.value_parameters, *self.delimiter, *self.idle_aliases}
        return frozenset(names | {"delimiter"} if self.delimiter else names)


class Contract:
    """The bundled contract, by action and method."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Final = document
        self.actions: Final[dict[str, dict[Method, Operation]]] = {}
        for path, item in document["paths"].items():
            action = path.removeprefix("/")
            operations = self.actions[action] = {}
            # POST first: its body is the schema of a GET twin too, and it is the method of choice.
            if "post" in item:
                operations["POST"] = self._operation(action, "POST", item["post"], None)
            if "get" in item:
                operations["GET"] = self._operation(action, "GET", item["get"], operations.get("POST"))

    @cached_property
    def fingerprint(self) -> str:
        """The beginning of its SHA-256."""
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def servers(self) -> list[str]:
        """Addresses of the known hosts, with `{api_key}` where the key belongs."""
        return [server["url"] for server in self.document["servers"]]

    def operation(self, action: str, method: Method | None = None) -> Operation:
        """Return an operation; without a method the one that the contract puts first.

        Raises:
            KeyError: there is no such action, or it does not work by this method.
        """
        operations = self.actions[action]
        return next(iter(operations.values())) if method is None else operations[method]

    def similar(self, action: str) -> str | None:
        """Return the action with the most similar name, or `None` if none is similar."""
        from difflib import get_close_matches  # noqa: PLC0415 - needed for a typo alone

        return next(iter(get_close_matches(action, self.actions, n=1, cutoff=0.6)), None)

    def enum(self, name: str) -> dict[str, int]:
        """Return the numbers of an enum by their names, such as `{"VKONTAKTE": 0, "TELEGRAM": 1}`.

        Args:
            name: a component that has `x-enum-varnames`, such as `Messenger`.
        """
        schema = self.document["components"]["schemas"][name]
        return dict(zip(schema["x-enum-varnames"], schema["enum"], strict=True))

    def words(self, schema: Schema, *, limits: bool = True) -> str:
        """Return type and limits of a schema in words, such as `list of whole number or text, 1 to 500 items`.

        Args:
            schema: JSON Schema of a value.
            limits: whether to say more than the types.
        """
        return words(schema, self.resolve, limits=limits)

    def resolve(self, schema: Schema) -> Schema:
        """Return a schema without the reference that it may be; what stands beside the reference wins."""
        return resolved(schema, self.document)

    def may_be_json_text(self, schema: Schema) -> bool:
        """Return True if a schema takes a list or an object as JSON text too."""
        schema = self.resolve(schema)
        return "contentSchema" in schema or any(map(self.may_be_json_text, schema.get("anyOf", ())))

    def standalone(self, schema: Schema) -> dict[str, Any]:
        """Return a schema that a JSON Schema validator can read without the rest of the contract."""
        return {**schema, "components": {"schemas": self.document["components"]["schemas"]}}

    def _operation(self, action: str, method: Method, node: Mapping[str, Any], post: Operation | None) -> Operation:
        parameters = [self.resolve(parameter) for parameter in node.get("parameters", [])]
        value_parameters, idle_names = _targets(node.get("x-value-parameters", {}))
        delimiter, idle_paths = _targets(node.get("x-delimiter", {}))
        if idle_paths and not delimiter:
            idle_paths.append("delimiter")
        urls = {"delimiter", *value_parameters, *delimiter}
        query = {parameter["name"]: parameter for parameter in parameters if parameter["name"] not in urls}
        body_argument = node.get("x-body-argument")
        if method == "POST":
            schema = self.resolve(node["requestBody"]["content"]["application/json"]["schema"])
            if body_argument is not None:
                schema = _object({body_argument: schema}, [body_argument])
        elif post is not None:
            kept = {name: rule for name, rule in post.schema["properties"].items() if name in query}
            schema = {**post.schema, "properties": kept}
        else:
            required = [name for name, parameter in query.items() if parameter["required"]]
            schema = _object({name: _described(query[name]) for name in query}, required) | node.get(
                "x-query-schema", {}
            )
        responses = {status: self.resolve(response) for status, response in node["responses"].items()}
        return Operation(
            operation_id=node["operationId"],
            action=action,
            method=method,
            tag=node["tags"][0],
            summary=node["summary"],
            permission=node["x-permission"],
            effect=node["x-effect"],
            idempotent=node["x-idempotent"],
            evidence=node["x-evidence"],
            source=node["x-source"],
            unlimited=node.get("x-unlimited", False),
            free_variables=node.get("x-free-variables", False),
            messenger=node.get("x-messenger"),
            value_parameters=value_parameters,
            delimiter=delimiter,
            idle_aliases=frozenset(idle_names + idle_paths),
            schema=schema,
            query=frozenset(query),
            body_argument=body_argument,
            responses=responses,
            success=self._success(responses["200"]["content"]["application/json"]["schema"]),
        )

    def _success(self, schema: Schema) -> Schema:
        shapes = map(self.resolve, schema.get("anyOf", [schema]))
        return next(shape for shape in shapes if not shape.get("x-failure"))


@cache
def load() -> Contract:
    """Return the installed contract; it is read once."""
    return Contract(json.loads((files(PACKAGE) / FILE_NAME).read_bytes()))


def served_at(
    document: Mapping[str, Any], address: str, *, description: str = "", api_key: str = "API_KEY"
) -> dict[str, Any]:
    """Return a contract whose only server is the one at an address.

    Args:
        document: the contract; it is not changed.
        address: scheme and host of the server, such as `http://127.0.0.1:8080`.
        description: what the server is.
        api_key: the key that stands for the user's own.
    """
    variable = document["servers"][0]["variables"]["api_key"]
    server = {
        "url": f"{address}/api/{{api_key}}",
        **({"description": description} if description else {}),
        "variables": {"api_key": {**variable, "default": api_key}},
    }
    return {**document, "servers": [server]}


def _targets(aliases: Mapping[str, str | None]) -> tuple[dict[str, str], list[str]]:
    """Return what aliases stand for, and those that stand for nothing."""
    targets = {alias: target for alias, target in aliases.items() if target is not None}
    return targets, [alias for alias in aliases if alias not in targets]


def _object(properties: Mapping[str, Schema], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _described(parameter: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: parameter[key] for key in ("description", "deprecated", "x-evidence", "x-source") if key in parameter}
    return {**parameter["schema"], **own}
