"""Ways through the bundled contract, each step with the source file to edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the source file and the node of every operation, the webhook's too."""
    for path, item in document["paths"].items():
        for node in item.values():
            yield f"openapi/paths/{node['tags'][0]}{path}.yaml", node
    for name, item in document["webhooks"].items():
        yield f"openapi/webhooks/{name}.yaml", item["post"]


def components(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the source file, the kind and the node of every component."""
    for kind, members in document["components"].items():
        for name, node in members.items():
            yield f"openapi/components/{kind}/{name}.yaml", kind, node


def schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every top-level schema with the source file to edit."""
    for file, kind, node in components(document):
        match kind:
            case "schemas":
                yield file, node
            case "parameters":
                yield file, node["schema"]
            case _:
                yield from ((file, media["schema"]) for media in node.get("content", {}).values())
    for file, node in operations(document):
        for parameter in node.get("parameters", []):
            if "schema" in parameter:
                yield file, parameter["schema"]
        bodies = [node["requestBody"]] if "requestBody" in node else []
        for holder in [*bodies, *node["responses"].values()]:
            yield from ((file, media["schema"]) for media in holder.get("content", {}).values())


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas inside it."""
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, []):
            yield from subschemas(branch)
    for key in ("items", "additionalProperties", "if", "then", "else", "not"):
        if isinstance(schema.get(key), dict):
            yield from subschemas(schema[key])
    for node in schema.get("properties", {}).values():
        yield from subschemas(node)
