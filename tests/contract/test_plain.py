"""The plain contract: nothing that a generator of another language chokes on, and nothing that the contract forbids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from tests.contract.source import bundled

from mavibot_contract import Contract, served_at
from mavibot_contract.plain import plain

CONTRACT: Final = Contract(bundled())
#: What means nothing, or something else, to many generators.
UNFIT: Final = frozenset(
    ("anyOf", "oneOf", "not", "if", "then", "else", "const", "propertyNames", "dependentRequired", "contentSchema")
)


@cache
def document() -> dict[str, Any]:
    return plain(bundled())


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        [operation] = item.values()
        yield path.removeprefix("/"), operation


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema below a node of the document."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in {"schema", "items"} or (key == "additionalProperties" and isinstance(value, Mapping)):
                yield value
                yield from schemas(value)
            elif key in {"properties", "schemas"}:
                yield from value.values()
                yield from schemas({"": list(value.values())})
            elif key not in {"example", "examples", "default"}:
                yield from schemas(value)
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each)


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Return what checks values by a plain schema: OpenAPI 3.0's `nullable` as JSON Schema says it."""
    return Draft202012Validator(_as_json_schema({**schema, "components": document()["components"]}))


def _as_json_schema(node: Any) -> Any:
    if isinstance(node, list):
        return [_as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_json_schema(value) for key, value in node.items() if key not in {"example", "nullable", "format"}}
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made


def test_it_is_openapi_3_0() -> None:
    assert document()["openapi"] == "3.0.3"
    assert not [*OpenAPIV30SpecValidator(document()).iter_errors()]


def test_the_contract_is_not_changed_by_it() -> None:
    before = deepcopy(bundled())
    plain(bundled())
    assert bundled() == before


def test_each_action_is_there_once_by_its_method_of_choice() -> None:
    assert {action: operation["operationId"] for action, operation in operations()} == {
        action: action for action in CONTRACT.actions
    }
    assert all(
        [method.upper() for method in document()["paths"][f"/{action}"]] == [CONTRACT.operation(action).method]
        for action in CONTRACT.actions
    )


def test_the_parameters_are_those_of_the_action_without_aliases() -> None:
    for action, operation in operations():
        known = CONTRACT.operation(action)
        names = {parameter["name"] for parameter in operation["parameters"]}
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
            names |= set(found.get("properties", [known.body_argument]))
        assert names == set(known.schema["properties"])


def test_no_keyword_is_unfit() -> None:
    assert [*schemas(document())]
    for schema in schemas(document()):
        assert not schema.keys() & UNFIT, schema
        assert not isinstance(schema.get("type"), list)
        assert schema.keys() <= {"allOf", "nullable"} or "allOf" not in schema
        assert "$ref" not in schema or len(schema) == 1


def test_a_large_number_has_64_bits() -> None:
    for schema in schemas(document()):
        if schema.get("type") == "integer" and "enum" not in schema:
            assert (schema.get("format") == "int64") == (schema.get("maximum", 2**40) > 2**31), schema


def test_conditions_stand_in_words() -> None:
    text = dict(operations())["callback"]["description"]
    assert text.endswith("At least one of `client_id`, `client_phone`, `client_email` is required.")
    assert "`start_date` needs `stop_date`." in dict(operations())["get_history"]["description"]


def test_a_reply_that_may_be_text_is_one() -> None:
    content = dict(operations())["message"]["responses"]["200"]["content"]
    assert content == {"text/plain": {"schema": {"type": "string"}, "examples": {"example": {"value": "ok"}}}}


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_its_example_calls_fit_it_and_the_contract(action: str) -> None:
    operation, known = dict(operations())[action], CONTRACT.operation(action)
    if "requestBody" not in operation:
        return
    media = operation["requestBody"]["content"]["application/json"]
    calls = [example["value"] for example in media["examples"].values()]
    assert calls
    whole = Draft202012Validator(CONTRACT.standalone(known.schema))
    for call in calls:
        assert validator(media["schema"]).is_valid(call), call
        assert whole.is_valid({known.body_argument: call} if known.body_argument else call), call


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_every_example_reply_of_the_contract_fits_it(action: str) -> None:
    responses = dict(operations())[action]["responses"]
    for status, response in CONTRACT.operation(action).responses.items():
        for kind, media in responses[status]["content"].items():
            source = response["content"][kind]
            examples = [source["example"]] if "example" in source else [e["value"] for e in source["examples"].values()]
            wrong = [each for each in examples if not validator(media["schema"]).is_valid(each)]
            assert not wrong, (status, kind)


def test_a_server_of_ones_own() -> None:
    address = "http://127.0.0.1:8080"
    [server] = plain(served_at(bundled(), address, description="A mock", api_key="demo-full"))["servers"]
    assert (server["url"], server["description"]) == (f"{address}/api/{{api_key}}", "A mock")
    assert server["variables"]["api_key"]["default"] == "demo-full"


def test_it_is_json() -> None:
    assert json.loads(json.dumps(document())) == document()
