"""Puts the schemas of an OpenAPI document into words: types, limits, fields and examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_contract.words import as_json, resolved, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_contract import Schema

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
        return resolved(node, self._document)

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
        return words(schema, self.resolve)

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


def _alternatives(schema: Schema) -> list[Schema]:
    return [*schema.get("anyOf", []), *schema.get("oneOf", [])]
