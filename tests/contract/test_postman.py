"""The Postman collection: a request for each example of the contract, with variables in place of host and key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.contract.source import PROJECT, bundled

from mavibot_contract import Contract

CONTRACT: Final = Contract(bundled())
FILE: Final[Path] = PROJECT / "generated/mavibot_api/postman_collection.json"
COLLECTION: Final[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


def requests() -> Iterator[tuple[str, dict[str, Any]]]:
    for folder in COLLECTION["item"]:
        for item in folder["item"]:
            yield item["request"]["url"]["path"][2], item["request"]


def test_a_folder_a_tag_with_all_of_its_actions() -> None:
    folders = {
        folder["name"]: list(dict.fromkeys(item["request"]["url"]["path"][2] for item in folder["item"]))
        for folder in COLLECTION["item"]
    }
    assert folders == {
        tag["name"]: [name for name in CONTRACT.actions if CONTRACT.operation(name).tag == tag["name"]]
        for tag in bundled()["tags"]
    }


def test_host_and_key_are_variables_and_those_of_a_mock() -> None:
    assert {each["key"]: each["value"] for each in COLLECTION["variable"]} == {
        "host": "http://127.0.0.1:8080",
        "key": "demo-full",
    }
    for action, request in requests():
        assert request["url"]["raw"].startswith(f"{{{{host}}}}/api/{{{{key}}}}/{action}")


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_bodies_are_the_examples_of_the_contract(action: str) -> None:
    operation = CONTRACT.operation(action)
    node = bundled()["paths"][f"/{action}"][operation.method.lower()]
    sent = [request for name, request in requests() if name == action]
    assert {request["method"] for request in sent} == {operation.method}
    if operation.method == "POST":
        examples = node["requestBody"]["content"]["application/json"]["examples"]
        assert [json.loads(each["body"]["raw"]) for each in sent] == [each["value"] for each in examples.values()]
    else:
        required = {name for name in operation.schema.get("required", ()) if name != "variables"}
        switched_on = {each["key"] for each in sent[0]["url"].get("query", ()) if not each.get("disabled")}
        assert required <= switched_on
