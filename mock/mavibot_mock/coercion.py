"""Turns what was sent into the types of the contract where the meaning is plain, and says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.incoming import Texts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mavibot_api.contract import Contract, Operation, Schema

_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
_NUMBERS: Final = frozenset({"integer", "number"})
_PLACES_OF_TYPES: Final = ("anyOf", "oneOf", "allOf")


@dataclass(frozen=True, slots=True)
class Typed:
    """Parameters in the types of the contract.

    Attributes:
        parameters: those that the contract declares.
        others: those that it does not declare: free variables, or keys without meaning.
        deviations: departures from the contract, in words.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    deviations: list[str] = field(default_factory=list)


def coerce(
    sent: Mapping[str, Any], operation: Operation, contract: Contract, *, foreign: Collection[str] = ()
) -> Typed:
    """Sort the parameters that were sent and give each its type; an empty optional one counts as absent.

    Args:
        sent: values by name, after aliases.
        operation: says which parameters there are.
        contract: the contract.
        foreign: names that an alias looked into; that they are no parameters is no slip.
    """
    typed = Typed()
    required = operation.schema.get("required", [])
    for name, value in sent.items():
        if name not in operation.schema["properties"]:
            typed.others[name] = plain(value)
            continue
        types = accepted_types(operation.schema["properties"][name], contract)
        meant = _from_texts(value, types) if isinstance(value, Texts) else _from_json(value, types)
        if meant is None or meant == "":
            if name not in required:
                typed.deviations.append(f"{name}: empty, taken as absent")
                continue
        elif isinstance(value, Texts):
            if len(value.values) > 1 and "array" not in types:
                typed.deviations.append(f"{name}: sent {len(value.values)} times; the last one counts")
        elif type(meant) is not type(value):
            typed.deviations.append(_as_other_type(name, value, types))
        typed.parameters[name] = _items(name, meant, operation.schema["properties"][name], contract, typed.deviations)
    if not operation.free_variables:
        # The target of a delimiter path may be no parameter of this action; that is not the sender's slip.
        unknown = [name for name in typed.others if name not in {*operation.delimiter.values(), *foreign}]
        typed.deviations.extend(f"{name}: no parameter of {operation.action}, ignored" for name in unknown)
    return typed


def defaults(operation: Operation, contract: Contract) -> dict[str, Any]:
    """Return the defaults that the contract states, by parameter."""
    schemas = {name: contract.resolve(schema) for name, schema in operation.schema["properties"].items()}
    return {name: schema["default"] for name, schema in schemas.items() if "default" in schema}


def plain(value: Any) -> Any:
    """Return a value of unknown type as it was sent: a JSON value, one text, or a list of texts."""
    if not isinstance(value, Texts):
        return value
    return list(value.values) if value.bracketed else value.last


def accepted_types(schema: Schema, contract: Contract) -> frozenset[str]:
    """Return the JSON types that a schema accepts, through references and alternatives."""
    schema = contract.resolve(schema)
    stated = schema.get("type", [])
    types = {stated} if isinstance(stated, str) else set(stated)
    for place in _PLACES_OF_TYPES:
        for part in schema.get(place, []):
            types |= accepted_types(part, contract)
    return frozenset(types)


def in_words(types: frozenset[str]) -> str:
    """Return the name of a set of types, as a message says it."""
    words = [word for name, word in _WORDS.items() if name in types]
    return " or ".join(words)


_WORDS: Final = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _items(name: str, value: Any, schema: Schema, contract: Contract, deviations: list[str]) -> Any:
    """Return a list of objects with each field in its type and without fields that the contract does not have."""
    fields = contract.resolve(contract.resolve(schema).get("items", {})).get("properties")
    if fields is None or not isinstance(value, list):
        return value
    types = {field: accepted_types(each, contract) for field, each in fields.items()}
    return [
        _item(f"{name}[{place}]", item, types, deviations) if isinstance(item, dict) else item
        for place, item in enumerate(value)
    ]


def _item(
    place: str, item: dict[str, Any], types: Mapping[str, frozenset[str]], deviations: list[str]
) -> dict[str, Any]:
    typed = {}
    for name, value in item.items():
        if name not in types:
            deviations.append(f"{place}.{name}: no field of an item, ignored")
            continue
        typed[name] = _from_json(value, types[name])
        if type(typed[name]) is not type(value):
            deviations.append(_as_other_type(f"{place}.{name}", value, types[name]))
    return typed


def _as_other_type(place: str, value: Any, types: frozenset[str]) -> str:
    sent = "text" if isinstance(value, str) else "a number"
    return f"{place}: sent as {sent} instead of {in_words(types)}"


def _from_json(value: Any, types: frozenset[str]) -> Any:
    if isinstance(value, str):
        return _scalar(value, types)
    # Python counts true as 1; what is true or false already must stay as it is.
    if type(value) is int and value in (0, 1) and "boolean" in types and not types & _NUMBERS:
        return bool(value)
    return value


def _from_texts(texts: Texts, types: frozenset[str]) -> Any:
    if "array" in types and (texts.bracketed or len(texts.values) > 1):
        return list(texts.values)
    text = texts.last
    if types & {"array", "object"} and text[:1] in ("[", "{"):
        return _json_text(text)
    if types == {"array"} and text:
        return [text]
    return _scalar(text, types)


def _scalar(text: str, types: frozenset[str]) -> Any:
    if "string" in types:
        return text
    if "boolean" in types and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if types & _NUMBERS:
        number = _json_text(text)
        return number if type(number) in (int, float) else text
    return text


def _json_text(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
