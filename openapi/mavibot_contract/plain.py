"""The contract as generators of any language digest it: OpenAPI 3.0, one method per action, one type per value.

Few generators handle all of OpenAPI 3.1: an `anyOf` turns into an empty class, a condition into `unknown & …`, an
integer without a size into one of 32 bits. The plain document says less than the contract, and never something else:

* A call has one method, no aliases, and one type per value. What fits the plain document fits the contract, but for
  conditions that join several parameters: the description of the action states them in words.
* A reply is at most wider: what fits the contract fits the plain document.
* A successful reply that may come as plain text is declared as a text, which generated clients return as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mavibot_contract.words import Schema, conditions, resolved

__all__ = ["plain"]

Node = dict[str, Any]

_VERSION: Final = "3.0.3"
_JSON: Final = "application/json"
_TEXT: Final = "text/plain"
#: Keywords of a schema that mean the same in OpenAPI 3.0.
_KEPT: Final = ("description", "deprecated", "default")
#: Those that limit a value; a reply is not held to them.
_LIMITS: Final = (
    *("pattern", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
_NAMED_NUMBERS: Final = ("enum", "x-enum-varnames")
_LARGEST_INT32: Final = 2**31 - 1
#: JSON type -> the Python types of its values.
_PYTHON: Final[Mapping[Any, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "string": (str,),
    "object": (dict,),
    "array": (list,),
}
#: Begins the pattern of texts that are numbers.
_DIGITS: Final = re.compile(r"\^\[[01]-9\]")


def plain(document: Mapping[str, Any]) -> Node:
    """Return a contract as a document for generators of other languages.

    Args:
        document: the bundled contract, as `mavibot_contract.load().document`; it is not changed.
    """
    return _Plain(document).run()


class _Plain:
    """Rewrites one document; objects become components, named by their titles."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document: Final = document
        self._components: Final[dict[str, Node]] = {}

    def run(self) -> Node:
        source = self._document
        paths = {path: self._item(item) for path, item in source["paths"].items()}
        for item in source.get("webhooks", {}).values():
            # OpenAPI 3.0 has no webhooks: only the type of what is posted remains.
            self._reply(item["post"]["requestBody"]["content"][_JSON]["schema"])
        info = source["info"]
        return {
            "openapi": _VERSION,
            "info": {
                "title": info["title"],
                "version": info["version"],
                "description": f"{info['summary']} {info['description']}",
                "license": {"name": info["license"]["name"]},
            },
            **{key: source[key] for key in ("externalDocs", "servers", "security", "tags") if key in source},
            "paths": paths,
            "components": {"schemas": dict(sorted(self._components.items()))},
        }

    def _item(self, item: Mapping[str, Any]) -> Node:
        # POST is the method of choice where an action works by both.
        method = "post" if "post" in item else "get"
        return {method: self._operation(item[method])}

    def _operation(self, node: Mapping[str, Any]) -> Node:
        aliases = {"delimiter", *node.get("x-value-parameters", {}), *node.get("x-delimiter", {})}
        parameters = [self._resolve(parameter) for parameter in node.get("parameters", ())]
        body = node.get("requestBody", {}).get("content", {}).get(_JSON, {})
        joint = conditions({**self._resolve(body.get("schema", {})), **node.get("x-query-schema", {})}, "`")
        made = {key: node[key] for key in ("operationId", "tags", "summary", "deprecated") if key in node}
        made["description"] = " ".join([node["description"], *joint])
        made["parameters"] = [self._parameter(each) for each in parameters if each["name"] not in aliases]
        if body:
            made["requestBody"] = {
                "required": True,
                "content": {_JSON: self._media(body, self._request(body["schema"]))},
            }
        name = "".join(word.title() for word in node["operationId"].split("_"))
        made["responses"] = {
            status: self._response(self._resolve(response), status, name)
            for status, response in node["responses"].items()
        }
        return made

    def _parameter(self, node: Mapping[str, Any]) -> Node:
        kept = ("name", "in", "required", "style", "explode", "description", "deprecated")
        return {**{key: node[key] for key in kept if key in node}, "schema": self._request(node["schema"])}

    def _response(self, node: Mapping[str, Any], status: str, action: str) -> Node:
        made: Node = {"description": node["description"]}
        if "headers" in node:
            made["headers"] = {
                name: {"description": header["description"], "schema": self._reply(header["schema"])}
                for name, header in node["headers"].items()
            }
        content = node["content"]
        if status == "200" and _TEXT in content:
            made["content"] = {_TEXT: self._media(content[_TEXT], {"type": "string"})}
        else:
            name = f"{action}Reply" if status == "200" else f"{action}Reply{status.title()}"
            made["content"] = {_JSON: self._media(content[_JSON], self._reply(content[_JSON]["schema"], name))}
        return made

    def _media(self, media: Mapping[str, Any], schema: Node) -> Node:
        """Return a body with its schema and those of its examples that fit it."""
        examples = {"example": {"value": media["example"]}} if "example" in media else media.get("examples", {})
        fitting = {
            name: {"value": value}
            for name, example in examples.items()
            if self._fits(value := self._fitted(example["value"], schema), schema)
        }
        return {"schema": schema, "examples": fitting} if fitting else {"schema": schema}

    # --- schemas ---

    def _request(self, schema: Schema) -> Node:
        """Return a schema of what is sent."""
        return self._schema(schema, reply=False)

    def _reply(self, schema: Schema, name: str = "") -> Node:
        """Return a schema of what is received; the name is for one that joins several objects."""
        return self._schema(schema, reply=True, name=name)

    def _schema(self, schema: Schema, *, reply: bool, name: str = "") -> Node:
        """Return the schema of a value, a reference where it is an object with fields."""
        whole = self._resolve(schema)
        shapes = list(self._shapes(whole))
        null = {"nullable": True} if any(shape.get("type") == "null" for shape in shapes) else {}
        shapes = [shape for shape in shapes if shape.get("type") != "null"]
        shape = self._widest(shapes, name) if reply else _preferred(shapes)
        if "properties" in shape:
            reference = self._component(shape, reply=reply)
            return {"allOf": [reference], **null} if null else reference
        made = self._typed(shape, reply=reply) | {key: whole[key] for key in _KEPT if key in whole}
        made |= null if "type" in made else {}
        example = next((self._fitted(each, made) for each in whole.get("examples", ())), None)
        return {**made, "example": example} if example is not None and self._fits(example, made) else made

    def _shapes(self, schema: Schema) -> Iterator[Schema]:
        """Yield the alternatives of a schema, each of at most one type."""
        schema = self._resolve(schema)
        if "anyOf" in schema and "properties" not in schema:
            for each in schema["anyOf"]:
                yield from self._shapes(each)
        elif isinstance(schema.get("type"), list):
            yield from ({**schema, "type": kind} for kind in schema["type"])
        else:
            yield schema

    def _widest(self, shapes: Sequence[Schema], name: str) -> Schema:
        """Return one schema that whatever fits one of several fits too."""
        if len(shapes) == 1:
            return shapes[0]
        if all("properties" in shape for shape in shapes):
            return self._merged(shapes, name)
        kinds = {_type(shape) for shape in shapes}
        return {"type": kinds.pop()} if len(kinds) == 1 and "array" not in kinds else {}

    def _merged(self, shapes: Sequence[Schema], name: str) -> Schema:
        """Return an object with the fields of several."""
        fields: dict[str, list[Schema]] = {}
        for shape in shapes:
            for field, schema in shape["properties"].items():
                fields.setdefault(field, []).append(self._resolve(schema))
        return {
            "title": name,
            "description": " Or: ".join(shape.get("description", shape["title"]) for shape in shapes),
            "type": "object",
            "properties": {
                field: {
                    "description": found[0]["description"],
                    "anyOf": found,
                    "examples": found[0].get("examples", []),
                }
                for field, found in fields.items()
            },
            "required": [field for field in fields if all(field in shape.get("required", ()) for shape in shapes)],
        }

    def _component(self, schema: Schema, *, reply: bool) -> Node:
        """Return a reference to an object, which is written down when it is first referred to."""
        name = schema["title"]
        if name not in self._components:
            self._components[name] = {}  # stands for the object while its own fields are followed
            self._components[name] = self._typed(schema, reply=reply)
        return {"$ref": f"#/components/schemas/{name}"}

    def _typed(self, schema: Schema, *, reply: bool) -> Node:
        """Return a schema of one type, or of any value."""
        kind = _type(schema)
        kept = _KEPT if reply else (*_KEPT, *_LIMITS)
        made: Node = {**({"type": kind} if kind else {}), **{key: schema[key] for key in kept if key in schema}}
        made |= {key: schema[key] for key in _NAMED_NUMBERS if key in schema}
        if kind == "integer" and "enum" not in made and made.get("maximum", _LARGEST_INT32 + 1) > _LARGEST_INT32:
            made["format"] = "int64"
        if kind == "array":
            made["items"] = self._schema(schema.get("items", {}), reply=reply)
        if kind == "object":
            fields = {name: self._schema(each, reply=reply) for name, each in schema.get("properties", {}).items()}
            others = schema.get("additionalProperties", True)
            made |= {"properties": fields} if fields else {}
            made |= {"required": schema["required"]} if schema.get("required") else {}
            made["additionalProperties"] = self._schema(others, reply=reply) if isinstance(others, Mapping) else others
        return made

    # --- examples ---

    def _fitted(self, value: Any, schema: Schema) -> Any:
        """Return an example with numbers and texts written as a schema has them, such as 25554 for "25554"."""
        schema = self._written(schema)
        match schema.get("type"), value:
            case "object", dict():
                return {key: self._fitted(each, _field(schema, key)) for key, each in value.items()}
            case "array", list():
                return [self._fitted(each, schema["items"]) for each in value]
            case "integer", str() if value.isdecimal():
                return int(value)
            case "string", int() | float() if not isinstance(value, bool):
                return str(value)
        return value

    def _fits(self, value: Any, schema: Schema) -> bool:
        """Return True if an example has the types of a schema."""
        schema = self._written(schema)
        match schema.get("type"), value:
            case None, _:
                return True
            case _, None:
                return bool(schema.get("nullable"))
            case "object", dict():
                complete = value.keys() >= set(schema.get("required", ()))
                return complete and all(self._fits(each, _field(schema, key)) for key, each in value.items())
            case "array", list():
                return all(self._fits(each, schema["items"]) for each in value)
            case kind, _:
                return type(value) in _PYTHON[kind]

    def _written(self, schema: Schema) -> Schema:
        """Return a plain schema without the reference that it may be."""
        if "allOf" in schema:
            return {**self._written(schema["allOf"][0]), "nullable": True}
        return self._components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _resolve(self, node: Schema) -> Schema:
        return resolved(node, self._document)


def _field(schema: Schema, name: str) -> Schema:
    """Return the schema of a field that an object of a plain schema holds."""
    others = schema["additionalProperties"]
    found: Schema = schema.get("properties", {}).get(name, others if isinstance(others, Mapping) else {})
    return found


def _type(schema: Schema) -> str | None:
    """Return the JSON type of a schema, which a constant may state; `None` for any value."""
    if "type" in schema:
        return str(schema["type"])
    constant = schema.get("const")
    return "string" if isinstance(constant, str) else None


def _preferred(shapes: Sequence[Schema]) -> Schema:
    """Return of several alternatives the one in which a caller can say the most; any value if none can say all."""
    first = shapes[0]
    kinds = {_type(shape) for shape in shapes}
    if len(shapes) == 1 or kinds & {"array", "object"}:
        return first
    if {"boolean", "string"} <= kinds:
        return {}
    texts = [shape for shape in shapes if _type(shape) == "string" and not _DIGITS.match(shape.get("pattern", ""))]
    return texts[0] if texts else shapes[-1] if kinds == {"integer"} else first
