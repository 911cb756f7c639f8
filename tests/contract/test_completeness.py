"""The contract has all that the vendor's document has: `document-cards.json` is what its 39 cards state."""

import json

import pytest
from tests.contract.walk import PROJECT

from mavibot_api import contract

CONTRACT = contract.load()
CARDS = json.loads((PROJECT / "tests/data/document-cards.json").read_text())
BEYOND_THE_CARDS = {
    "vk_callback": "field",
    "ok_callback": "field",
    "max_callback": "field",
    "fb_callback": "assumed",
    "delete_clients": "field",
}
BY_BOTH_METHODS = {
    "callback": "documented",
    "whatsapp_callback": "documented",
    "message": "documented",
    "whatsapp_message": "documented",
    "check_whatsapp": "documented",
    "vk_callback": "field",
    "ok_callback": "field",
}
DELIMITER = {
    *("callback", "whatsapp_callback", "tg_callback", "email_callback", "vk_callback", "ok_callback"),
    *("message", "whatsapp_message", "broadcast", "save_variables"),
}


def test_the_document_has_39_cards() -> None:
    assert len(CARDS) == 39


def test_there_are_no_other_actions() -> None:
    assert CONTRACT.actions.keys() == CARDS.keys() | BEYOND_THE_CARDS.keys()


@pytest.mark.parametrize("action", CARDS)
def test_every_parameter_of_a_card(action: str) -> None:
    operation = CONTRACT.operation(action)
    declared = set(operation.schema["properties"])
    if operation.body_argument is not None:
        items = operation.schema["properties"][operation.body_argument]["items"]
        declared = set(CONTRACT.resolve(items)["properties"])
    assert set(CARDS[action]["parameters"]) <= declared


@pytest.mark.parametrize("action", CARDS)
def test_the_method_of_a_card(action: str) -> None:
    assert CARDS[action]["method"] in CONTRACT.actions[action]


@pytest.mark.parametrize("action", CARDS)
def test_the_permission_of_a_card(action: str) -> None:
    node = CONTRACT.document["paths"][f"/{action}"][CONTRACT.operation(action).method.lower()]
    stated = (
        node.get("x-permission-stated", node["x-permission"]),
        node.get("x-permission-badge", node["x-permission"]),
    )
    assert stated == (CARDS[action]["permission_text"], CARDS[action]["permission_badge"])


@pytest.mark.parametrize(("action", "evidence"), BEYOND_THE_CARDS.items())
def test_actions_without_a_card_are_marked(action: str, evidence: str) -> None:
    assert CONTRACT.operation(action).evidence == evidence


def test_the_actions_that_work_by_both_methods() -> None:
    twins = {action: methods["GET"].evidence for action, methods in CONTRACT.actions.items() if len(methods) == 2}
    assert twins == BY_BOTH_METHODS


@pytest.mark.parametrize("action", BY_BOTH_METHODS)
def test_a_twin_takes_what_a_query_string_can_carry(action: str) -> None:
    post, get = CONTRACT.operation(action, "POST"), CONTRACT.operation(action, "GET")
    assert set(post.schema["properties"]) - set(get.schema["properties"]) <= {"buttons"}
    assert get.aliases == post.aliases
    same = ("permission", "effect", "idempotent", "free_variables", "tag")
    assert [getattr(get, name) for name in same] == [getattr(post, name) for name in same]


def test_the_actions_that_know_delimiter() -> None:
    assert {action for action in CONTRACT.actions if CONTRACT.operation(action).delimiter} == DELIMITER


def test_aliases_lead_to_parameters_or_variables() -> None:
    for action in CONTRACT.actions:
        operation = CONTRACT.operation(action)
        assert set(operation.value_parameters.values()) <= set(operation.schema["properties"])
        assert all(
            alias == f"delimiter_value_{name.removeprefix('client_')}" or alias == f"delimiter_value_{name}"
            for alias, name in operation.delimiter.items()
        )


def test_the_hosts_hold_the_key_as_a_variable() -> None:
    assert [url.split("/")[2] for url in CONTRACT.servers] == [
        "chatter.mavibot.ai",
        "chatter.mavibot.pro",
        "chatter.salebot.pro",
    ]
    assert all(url.endswith("/api/{api_key}") for url in CONTRACT.servers)
    assert all("{api_key}" not in path for path in CONTRACT.document["paths"])
