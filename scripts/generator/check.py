"""Finds the mistakes in a contract that is plain OpenAPI, but not what the parts of this project rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.walk import operations, schemas, subschemas

Node = dict[str, Any]

_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
# One of them says what a value is.
_KINDS = {"type", "anyOf", "oneOf", "const", "enum"}
_STATED: dict[str, tuple[Any, ...]] = {
    "x-effect": ("read", "write", "send"),
    "x-idempotent": (True, False),
    "x-evidence": ("documented", "field", "assumed"),
}


def mistakes(document: Node) -> Iterator[str]:
    """Yield one line for each mistake: the file, what is wrong, and what it must be.

    Args:
        document: the bundled contract.
    """
    allowed = _STATED | {"x-permission": tuple(document["x-permissions"])}
    described = {tag["name"] for tag in document["tags"]}
    shared = document["components"].get("parameters", {})
    for file, node in operations(document):
        if "x-permission" in node:  # an action, not a webhook
            yield from _stated(file, node, allowed)
            if node["tags"][0] not in described:
                yield f"{file}: tag {node['tags'][0]!r} is not described below `tags` of openapi.yaml"
            yield from _parameters(file, node, shared)
    for file, schema in schemas(document):
        for part in subschemas(schema):
            yield from _schema(file, part, is_whole=part is schema)
    yield from _titles(document)


def _stated(file: str, node: Node, allowed: dict[str, tuple[Any, ...]]) -> Iterator[str]:
    for key, values in allowed.items():
        if node[key] not in values:
            yield f"{file}: {key} is {node[key]!r}, must be one of {', '.join(map(_yaml, values))}"


def _parameters(file: str, node: Node, shared: Node) -> Iterator[str]:
    for parameter in node.get("parameters", []):
        place = shared[parameter["$ref"].rsplit("/", 1)[-1]] if "$ref" in parameter else parameter
        if place["in"] != "query":
            yield f"{file}: parameter {place['name']}: in is {place['in']!r}, must be query"
        yield from _lacking(f"{file}: parameter {place['name']}", {**place, **place["schema"]})


def _schema(file: str, part: Node, *, is_whole: bool) -> Iterator[str]:
    types = part.get("type", [])
    for each in [types] if isinstance(types, str) else types:
        if each not in _TYPES:
            yield f"{file}: type is {each!r}, must be one of {', '.join(_TYPES)}"
    if types == "array" and "items" not in part:
        yield f"{file}: a list without items"
    fields = part.get("properties", {})
    if types == "object":
        about = f"the object of {', '.join([*fields][:3])}" if fields else "an object"
        for key in ("title", "additionalProperties"):
            if key not in part:
                yield f"{file}: {about}: {key} is missing"
    if "title" in part or is_whole:  # the branches of a condition repeat declared properties
        for name, field in fields.items():
            yield from _lacking(f"{file}: property {name}", field)


def _lacking(place: str, node: Node) -> Iterator[str]:
    """Yield what the docs, the commands and the suite need of a value and do not find; a reference has all."""
    if "$ref" not in node:
        lacking = [key for key in ("description", "examples") if not node.get(key)]
        yield from (f"{place}: {key} is missing" for key in lacking + ([] if node.keys() & _KINDS else ["type"]))


def _titles(document: Node) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    for file, schema in schemas(document):
        for part in subschemas(schema):
            if part.get("type") == "object" and "title" in part and file not in places.setdefault(part["title"], []):
                places[part["title"]].append(file)
    for title, files in places.items():
        if len(files) > 1:
            yield f"{' and '.join(sorted(files))}: both have an object with the title {title}, which names a class"


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
