"""Every example of the contract fits the schema that it stands for."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from tests.contract.source import bundled

import mavibot_contract
from generator.walk import components, operations, schemas, subschemas

CONTRACT = mavibot_contract.load()


def media_examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield file, schema and value of every example of a body."""
    holders: list[tuple[str, dict[str, Any]]] = []
    for file, node in operations(bundled()):
        holders += [(file, node["requestBody"])] if "requestBody" in node else []
        holders += [(file, response) for response in node["responses"].values()]
    holders += [(file, node) for file, kind, node in components(bundled()) if kind == "responses"]
    for file, holder in holders:
        for media in holder.get("content", {}).values():
            if "example" in media:
                yield file, media["schema"], media["example"]
            for example in media.get("examples", {}).values():
                yield file, media["schema"], example["value"]


def schema_examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield file, schema and value of every example inside a schema."""
    for file, schema in schemas(bundled()):
        for part in subschemas(schema):
            for example in part.get("examples", []):
                yield file, part, example


def check(examples: Iterator[tuple[str, dict[str, Any], Any]]) -> tuple[int, list[str]]:
    """Return how many examples there are and what is wrong with them."""
    wrong, count = [], 0
    for file, schema, value in examples:
        count += 1
        validator = jsonschema_rs.validator_for(CONTRACT.standalone(schema))
        wrong += [f"{file}: {value!r}: {error.message}" for error in validator.iter_errors(value)]
    return count, wrong


def test_bodies() -> None:
    count, wrong = check(media_examples())
    assert count > len(CONTRACT.actions)
    assert not wrong, "\n".join(wrong)


def test_properties_and_parameters() -> None:
    count, wrong = check(schema_examples())
    assert count > len(CONTRACT.actions)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_each_action_shows_its_success(action: str) -> None:
    content = CONTRACT.operation(action).responses["200"]["content"]
    shown = [key for media in content.values() for key in media if key in {"example", "examples"}]
    assert shown, f"openapi/paths/*/{action}.yaml: no example of a 200 reply"


@pytest.mark.parametrize("action", [name for name, methods in CONTRACT.actions.items() if "POST" in methods])
def test_each_body_has_an_example(action: str) -> None:
    media = CONTRACT.document["paths"][f"/{action}"]["post"]["requestBody"]["content"]["application/json"]
    assert media.get("examples"), f"openapi/paths/*/{action}.yaml: no example of the body"
