"""How a schema reads for people: its types, its limits, and what it asks of several parameters together."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import zip_longest
from typing import Any, Final

Schema = Mapping[str, Any]
#: Returns a schema without the `$ref` that it may be.
Resolve = Callable[[Schema], Schema]

#: The name of a JSON type as a sentence says it, in the order in which several are named.
_TYPES: Final = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
#: The contract's upper bound of ids, which says no more than that every JSON reader keeps the number exact.
_GREATEST: Final = 9007199254740991


def resolved(node: Schema, document: Mapping[str, Any]) -> Schema:
    """Return a node of a document without the reference that it may be; what stands beside the reference wins.

    Raises:
        ValueError: the reference leads back to itself.
        KeyError: it leads nowhere.
    """
    followed: set[str] = set()
    while "$ref" in node:
        if node["$ref"] in followed:
            raise ValueError(f"the reference {node['$ref']} leads back to itself")
        followed.add(node["$ref"])
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target if len(node) == 1 else {**target, **{key: node[key] for key in node if key != "$ref"}}
    return node


def type_names(types: Collection[str]) -> str:
    """Return the names of JSON types as an error message says them, such as `a whole number or text`."""
    return " or ".join(name for kind, name in _TYPES.items() if kind in types)


def words(schema: Schema, resolve: Resolve, *, limits: bool = True) -> str:
    """Return type and limits of a schema in words, such as `list of whole number or text, 1 to 500 items`.

    Args:
        schema: JSON Schema of a value.
        resolve: follows the schema's `$ref`.
        limits: whether to say more than the types.
    """
    return _words(schema, resolve, limits, ())


def _words(schema: Schema, resolve: Resolve, limits: bool, within: tuple[str, ...]) -> str:
    """Return a schema in words, where it stands within others that were reached by these references."""
    if "$ref" in schema:
        if schema["$ref"] in within:
            return "the same"
        within = (*within, schema["$ref"])
    schema = resolve(schema)
    if "const" in schema:
        return as_json(schema["const"])
    if "enum" in schema:
        pairs = zip_longest(schema["enum"], schema.get("x-enum-varnames", ())[: len(schema["enum"])], fillvalue="")
        return "one of " + ", ".join(f"{as_json(value)} {name.lower()}".rstrip() for value, name in pairs)
    if alternatives := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        return _joined(_words(each, resolve, limits, within) for each in alternatives)
    types = schema.get("type", "any value")
    kinds = [types] if isinstance(types, str) else types
    return _joined(
        _type(kind, schema, resolve, limits, within) + (_limits(kind, schema) if limits else "") for kind in kinds
    )


def conditions(schema: Schema, mark: str = "") -> list[str]:
    """Return what a schema asks of several parameters together, a sentence each.

    Args:
        schema: JSON Schema of an action's parameters.
        mark: stands on both sides of a parameter's name, such as a backtick.
    """

    def named(names: Iterable[str], joint: str = " and ") -> str:
        return joint.join(f"{mark}{name}{mark}" for name in names)

    found = []
    for rule in (schema, *schema.get("allOf", ())):
        for keyword, start in (("anyOf", "At least one of"), ("oneOf", "Exactly one of")):
            branches = rule.get(keyword, ())
            if branches and all("required" in branch for branch in branches):
                found.append(f"{start} {', '.join(named(branch['required']) for branch in branches)} is required.")
    together = schema.get("dependentRequired", {})
    return found + [f"{named([name])} needs {named(needed)}." for name, needed in together.items()]


def as_json(value: Any) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)


def _type(kind: str, schema: Schema, resolve: Resolve, limits: bool, within: tuple[str, ...]) -> str:
    if kind != "array":
        return _TYPES.get(kind, kind).removeprefix("a ").removeprefix("an ")
    items = _words(schema["items"], resolve, limits, within) if "items" in schema else "values"
    return f"list of {items}"


def _joined(alternatives: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(alternatives))


def _limits(kind: str, schema: Schema) -> str:
    match kind:
        case "array":
            return _range(schema.get("minItems"), schema.get("maxItems"), " items")
        case "object":
            return _range(schema.get("minProperties"), schema.get("maxProperties"), " fields")
        case "string":
            return _range(schema.get("minLength"), schema.get("maxLength"), " characters") + _form(schema)
        case _:
            return _range(schema.get("minimum"), schema.get("maximum"), "")


def _range(low: float | None, high: float | None, unit: str) -> str:
    if high == _GREATEST:
        high, low = None, None if low == -_GREATEST else low
    if low is None and high is None:
        return ""
    if high is None:
        return ", not empty" if low == 1 and unit else f", at least {low}{unit}"
    return f", at most {high}{unit}" if low is None else f", {low} to {high}{unit}"


def _form(schema: Schema) -> str:
    # The pattern of a moment tells a reader less than the way in which it is written.
    form = schema.get("x-time", schema.get("pattern"))
    return f" in the form `{form}`" if form else ""
