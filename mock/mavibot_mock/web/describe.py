"""Puts the schemas of an OpenAPI document into words: types, limits, fields and examples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_contract import Schema

_NAMES: Final = {"integer": "whole number", "string": "text", "boolean": "true or false"}
#: The contract's upper bound of ids, which says no more than that every JSON reader keeps the number exact.
_GREATEST: Final = 9007199254740991
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of an object.

    Attributes:
        name: its name.
        required: whether it must be there.
        deprecated: whether another one should be used.
        type: type and limits in words.
        description: what it means.
        example: an example as JSON, or `None`.
        default: what counts where it is not sent, as JSON, or `None`.
        evidence: how sure this is, where the contract says it of this field.
        source: where that comes from.
        fields: fields of the object, or of each item of the list, that it is.
    """

    name: str
    required: bool
    deprecated: bool
    type: str
    description: str
    example: str | None
    default: str | None
    evidence: str | None
    source: str | None
    fields: tuple[Field, ...]


class Describer:
    """Describes schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Describe schemas whose references lead into this document."""
        self._document: Final = document

    def resolve(self, node: Schema) -> Schema:
        """Return a node without the reference that it may be; what stands beside the reference wins."""
        while "$ref" in node:
            target: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def field(self, name: str, schema: Schema, *, required: bool, depth: int = 0) -> Field:
        """Describe a parameter or field."""
        whole = self.resolve(schema)
        return Field(
            name=name,
            required=required,
            deprecated=whole.get("deprecated", False),
            type=self.words(whole),
            description=whole.get("description", ""),
            example=as_json(whole["examples"][0]) if "examples" in whole else None,
            default=as_json(whole["default"]) if "default" in whole else None,
            evidence=whole.get("x-evidence"),
            source=whole.get("x-source"),
            fields=self.fields(whole, depth=depth + 1),
        )

    def fields(self, schema: Schema, *, depth: int = 0) -> tuple[Field, ...]:
        """Describe the fields of an object, of each item of a list, or of the first alternative that has any."""
        whole = self.resolve(schema)
        if depth > _DEEPEST:
            return ()
        if "properties" in whole:
            required = whole.get("required", ())
            return tuple(
                self.field(name, each, required=name in required, depth=depth)
                for name, each in whole["properties"].items()
            )
        inner = [whole["items"]] if "items" in whole else _alternatives(whole)
        return next(filter(None, (self.fields(each, depth=depth) for each in inner)), ())

    def words(self, schema: Schema) -> str:
        """Return type and limits of a schema in words."""
        whole = self.resolve(schema)
        if "const" in whole:
            return as_json(whole["const"])
        if "enum" in whole:
            names = whole.get("x-enum-varnames", [""] * len(whole["enum"]))
            pairs = zip(whole["enum"], names, strict=True)
            return ", ".join(f"{as_json(value)} {name.lower()}".strip() for value, name in pairs)
        if alternatives := _alternatives(whole):
            return _joined(self.words(each) for each in alternatives)
        types = whole.get("type", "any value")
        return _joined(self._typed(each, whole) for each in ([types] if isinstance(types, str) else types))

    def example(self, schema: Schema) -> Any:
        """Return a value that a schema describes: its example, or one made of the examples of its required fields."""
        whole = self.resolve(schema)
        if "examples" in whole:
            return whole["examples"][0]
        for key in ("default", "const"):
            if key in whole:
                return whole[key]
        if "enum" in whole:
            return whole["enum"][0]
        if alternatives := _alternatives(whole):
            return self.example(alternatives[0])
        if "properties" in whole:
            return {name: self.example(whole["properties"][name]) for name in whole.get("required", ())}
        if "items" in whole:
            return [self.example(whole["items"])]
        return {"integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}.get(
            whole.get("type", ""), "text"
        )

    def _typed(self, name: str, schema: Schema) -> str:
        if name == "array":
            items = self.words(schema["items"]) if "items" in schema else "values"
            return f"list of {items}" + _limits(schema, "minItems", "maxItems", "items")
        word = _NAMES.get(name, name)
        if name == "string":
            return word + _limits(schema, "minLength", "maxLength", "characters") + _form(schema)
        if name in ("integer", "number"):
            return word + _limits(schema, "minimum", "maximum", "")
        if name == "object":
            return word + _limits(schema, "minProperties", "maxProperties", "fields")
        return word


def conditions(schema: Schema) -> list[str]:
    """Return what a schema asks of several parameters together, in words."""
    found = []
    for rule in schema.get("allOf", []):
        for key, word in (("anyOf", "One of"), ("oneOf", "Exactly one of")):
            names = [f"`{name}`" for each in rule.get(key, []) for name in each.get("required", [])]
            if names:
                found.append(f"{word} {', '.join(names)} is required.")
    for trigger, needed in schema.get("dependentRequired", {}).items():
        found.append(f"`{trigger}` needs {', '.join(f'`{name}`' for name in needed)} beside it.")
    return found


def as_json(value: Any) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)


def _alternatives(schema: Schema) -> list[Schema]:
    return [*schema.get("anyOf", []), *schema.get("oneOf", [])]


def _joined(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _limits(schema: Schema, least: str, most: str, unit: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if high == _GREATEST:
        high, low = None, None if low == -_GREATEST else low
    if low is None and high is None:
        return ""
    if low == 1 and high is None and unit:
        return ", not empty"
    if low is None or high is None:
        words = f"at least {low}" if high is None else f"at most {high}"
    else:
        words = f"{low} to {high}"
    return f", {words} {unit}".rstrip()


def _form(schema: Schema) -> str:
    # The pattern of a moment tells a reader less than the way in which it is written.
    form = schema.get("x-time", schema.get("pattern"))
    return f" in the form `{form}`" if form else ""
