"""Says everything that the contract knows about an action, as plain data."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mavibot_contract import Contract, Operation, Schema
from mavibot_contract.words import conditions

_LIMITS: Final = (
    *("minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)


def overview(contract: Contract, action: str) -> dict[str, Any]:
    """Return what tells one action from another: name, methods, group, permission, effect, evidence, summary."""
    first = contract.operation(action)
    return {
        "action": action,
        "methods": list(contract.actions[action]),
        "tag": first.tag,
        "permission": first.permission,
        "effect": first.effect,
        "evidence": first.evidence,
        "summary": first.summary,
    }


def details(contract: Contract, action: str) -> dict[str, Any]:
    """Return everything about one action; the values are plain JSON."""
    first = contract.operation(action)
    node = _node(contract, first)
    stated = {name: node[f"x-permission-{name}"] for name in ("stated", "badge") if f"x-permission-{name}" in node}
    parameters = arguments(contract, first)
    return overview(contract, action) | {
        "description": node["description"],
        "permission_in_the_document": stated,
        "idempotent": first.idempotent,
        "free_variables": first.free_variables,
        "parameters": list(_parameters(contract, action)),
        "conditions": conditions(first.schema),
        "aliases": dict(first.value_parameters),
        "paths": dict(first.delimiter),
        "idle_aliases": sorted(first.idle_aliases),
        "replies": list(_replies(contract, first)),
        "source": first.source,
        "examples": {"shell": _shell(first, parameters), "python": _python(action, parameters)},
    }


def arguments(contract: Contract, operation: Operation) -> dict[str, Any]:
    """Return the arguments of the contract's first example of a call."""
    node = _node(contract, operation)
    if "requestBody" not in node:
        properties = operation.schema["properties"]
        return {name: _example(contract, properties[name]) for name in operation.schema["required"]}
    media = node["requestBody"]["content"]["application/json"]
    value = media["example"] if "example" in media else next(iter(media["examples"].values()))["value"]
    return value if operation.body_argument is None else {operation.body_argument: value}


def _node(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    node: Mapping[str, Any] = contract.document["paths"][f"/{operation.action}"][operation.method.lower()]
    return node


def _parameters(contract: Contract, action: str) -> Iterator[dict[str, Any]]:
    first, *twins = contract.actions[action].values()
    shown = arguments(contract, first)
    query = {each["name"]: each for each in map(contract.resolve, _node(contract, first).get("parameters", ()))}
    for name, rule in first.schema["properties"].items():
        schema = contract.resolve(rule)
        # Evidence stands at the parameter or at its schema; without any it is that of the action.
        marked = next((each for each in (query.get(name, {}), schema) if "x-evidence" in each), None)
        found = {
            "name": name,
            "type": contract.words(schema, limits=False),
            "required": name in first.schema.get("required", ()),
            "methods": [first.method, *(twin.method for twin in twins if name in twin.schema["properties"])],
            "limits": _limits(contract, schema),
            "description": schema.get("description", ""),
            # A body that is a list has its examples as a whole.
            "example": shown[name] if name == first.body_argument else _example(contract, schema),
            "evidence": first.evidence if marked is None else marked["x-evidence"],
            "source": first.source if marked is None else marked["x-source"],
        }
        yield found | ({"default": schema["default"]} if "default" in schema else {})


def _limits(contract: Contract, schema: Schema) -> list[dict[str, Any]]:
    """Return the limits of a value, one entry per alternative that has any."""
    schema = contract.resolve(schema)
    branches = [contract.resolve(branch) for branch in schema.get("anyOf", [schema])]
    found = [{name: branch[name] for name in _LIMITS if name in branch} for branch in branches]
    return [limits for limits in found if limits]


def _replies(contract: Contract, operation: Operation) -> Iterator[dict[str, Any]]:
    for status, response in operation.responses.items():
        media = response["content"]["application/json"]
        schema = contract.resolve(media["schema"])
        branches = [contract.resolve(branch) for branch in schema.get("anyOf", [schema])]
        yield {
            "status": status,
            "description": response["description"],
            "types": list(response["content"]),
            "failures": [branch["title"] for branch in branches if branch.get("x-failure")],
            "evidence": response.get("x-evidence", operation.evidence),
        }


def _example(contract: Contract, schema: Schema) -> Any:
    return contract.resolve(schema)["examples"][0]


def _shell(operation: Operation, parameters: Mapping[str, Any]) -> str:
    words = [f"{name}={_as_argument(value)}" for name, value in parameters.items()]
    return " ".join(["mavibot call", operation.action, *map(shlex.quote, words)])


def _as_argument(value: Any) -> str:
    if isinstance(value, str):
        return f"@{value}" if value.startswith("@") else value
    simple = isinstance(value, list) and all(isinstance(item, str | int) for item in value)
    if simple and not any("," in str(item) or str(item).startswith("[") for item in value):
        return ",".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


def _python(action: str, parameters: Mapping[str, Any]) -> str:
    # Names of variables need not be names of Python.
    keywords = {name: value for name, value in parameters.items() if re.fullmatch(r"\w+", name)}
    others = {name: value for name, value in parameters.items() if name not in keywords}
    words = [f"{name}={value!r}" for name, value in keywords.items()]
    return f"bot.{action}({', '.join([*words, *([f'variables={others!r}'] if others else [])])})"
