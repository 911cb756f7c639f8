"""`mavibot_contract` says in words what a schema takes, and names the numbers of its enums."""

from typing import Any

import pytest

import mavibot_contract
from mavibot_contract.words import conditions, type_names

CONTRACT = mavibot_contract.load()

WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "any value"),
    ({"type": "boolean"}, "true or false"),
    ({"type": "object"}, "object"),
    ({"type": ["string", "null"]}, "text or null"),
    ({"const": "fail"}, '"fail"'),
    ({"enum": ["image", "video"]}, 'one of "image", "video"'),
    ({"enum": [0, 1], "x-enum-varnames": ["VKONTAKTE", "TELEGRAM"]}, "one of 0 vkontakte, 1 telegram"),
    ({"type": "integer", "minimum": 1, "maximum": 500}, "whole number, 1 to 500"),
    ({"type": "integer", "minimum": 1, "maximum": 9007199254740991}, "whole number, at least 1"),
    ({"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}, "whole number"),
    ({"type": "number", "maximum": 60}, "number, at most 60"),
    ({"type": "string", "minLength": 1}, "text, not empty"),
    ({"type": "string", "minLength": 1, "maxLength": 9}, "text, 1 to 9 characters"),
    ({"type": "string", "pattern": "^a+$"}, "text in the form `^a+$`"),
    ({"type": "string", "pattern": "^[0-9.]+$", "x-time": "%d.%m.%Y"}, "text in the form `%d.%m.%Y`"),
    ({"type": "array"}, "list of values"),
    ({"type": "object", "maxProperties": 3}, "object, at most 3 fields"),
    (
        {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "maxItems": 300},
        "list of whole number or text, at most 300 items",
    ),
]


@pytest.mark.parametrize(("schema", "text"), WORDS)
def test_a_schema_in_words(schema: dict[str, Any], text: str) -> None:
    assert CONTRACT.words(schema) == text


def test_the_types_alone() -> None:
    schema = {"type": "array", "items": {"type": ["integer", "string"], "minimum": 1, "pattern": "^a$"}, "maxItems": 9}
    assert CONTRACT.words(schema, limits=False) == "list of whole number or text"


def test_alternatives_that_read_alike_are_named_once_and_references_are_followed() -> None:
    day = CONTRACT.words({"$ref": "#/components/schemas/Day"})
    assert "%" in day
    schema = {"oneOf": [{"type": "null"}, {"type": "null"}, {"$ref": "#/components/schemas/Day"}]}
    assert CONTRACT.words(schema) == f"null or {day}"


@pytest.mark.parametrize(
    "operation",
    [each for methods in CONTRACT.actions.values() for each in methods.values()],
    ids=lambda each: each.operation_id,
)
def test_every_parameter_has_words(operation: mavibot_contract.Operation) -> None:
    for schema in operation.schema["properties"].values():
        assert CONTRACT.words(schema) not in {"", "any value"}


def test_types_as_a_sentence_names_them() -> None:
    assert type_names(["string", "integer"]) == "a whole number or text"
    assert type_names({"array"}) == "a list"


def test_what_parameters_need_of_each_other() -> None:
    schema = {
        "anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}],
        "allOf": [{"oneOf": [{"required": ["d"]}, {"required": ["e"]}]}, {"anyOf": [{"type": "object"}]}],
        "dependentRequired": {"f": ["g", "h"]},
    }
    assert conditions(schema) == [
        "At least one of a, b and c is required.",
        "Exactly one of d, e is required.",
        "f needs g and h.",
    ]
    assert conditions(schema, "`")[2] == "`f` needs `g` and `h`."
    assert conditions({"type": "object"}) == []


def test_the_numbers_of_an_enum() -> None:
    assert CONTRACT.enum("OrderStatus") == {"ACTIVE": 0, "SUCCESSFUL": 1, "UNSUCCESSFUL": 2}
    with pytest.raises(KeyError):
        CONTRACT.enum("Unheard")
