"""The contract has all that the vendor's document has: `document-cards.json` is what its 39 cards state.

Where the contract knows more than a card, a table of this file says so. Each failure names what to edit. An action that
is in neither was added since the cards were read: it needs no entry here, the house rules alone hold for it.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.contract.source import CARDS, CARDS_FILE

import mavibot_contract

CONTRACT = mavibot_contract.load()
BEYOND_THE_CARDS = {
    "vk_callback": "field",
    "ok_callback": "field",
    "max_callback": "field",
    "fb_callback": "assumed",
    "delete_clients": "field",
}
#: The actions that the cards and the tables of this file speak of.
READ = CARDS.keys() | BEYOND_THE_CARDS.keys()
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


# Parameters that no card has, by the evidence that each must carry of its own.
BEYOND_THE_PARAMETERS = {
    ("message", "project_id"): "field",
    ("tg_callback", "tg_business"): "field",
    ("create_order", "state_id"): "field",
    ("get_order_state", "order_id"): "field",
}
# The body of load_clients is an array; the card lists the keys of its items.
THE_BODY_ITSELF = {"load_clients": "clients"}
# Replies for something missing that no card shows; the general `Failure`, which may occur anywhere, is not listed.
NOT_FOUND_BEYOND_THE_CARDS = {
    ("404", "ClientNotFound"): {
        *("callback", "whatsapp_callback", "tg_callback", "vk_callback", "ok_callback", "fb_callback", "max_callback"),
        *("message", "get_history", "clear_history", "assign_to_user", "save_variables", "get_variables"),
        *("find_client_id_by_phone", "find_client_id_by_email", "find_client_id_by_var"),
        "find_latest_client_id_by_var",
    },
    ("200", "ClientNotFound"): {"set_order_vars", "set_order_state", "get_order_state"},
    ("200", "OrderNotFound"): {"get_current_order_id", "move_order_to_next_state", "get_order_vars", "set_order_state"},
}
COMMON_REPLIES = {"400", "401", "403", "429", "default"}
# The document lists both paths for all actions that know `delimiter`; these have no such parameter.
DELIMITER_WITHOUT_USE = {
    *((action, "delimiter_value_client_id") for action in ("whatsapp_callback", "whatsapp_message")),
    *((action, "delimiter_value_phone") for action in ("message", "save_variables")),
    *(
        (action, f"delimiter_value_{name}")
        for action in ("tg_callback", "vk_callback", "ok_callback", "email_callback", "broadcast")
        for name in ("client_id", "phone")
    ),
}
UNLIMITED = {"save_variables"}
MESSENGERS = {
    "VKONTAKTE": 0,
    "TELEGRAM": 1,
    "VIBER": 2,
    "FACEBOOK": 3,
    "TALK_ME": 4,
    "ONLINE_CHAT": 5,
    "WHATSAPP": 6,
    "AVITO": 7,
    "ODNOKLASSNIKI": 8,
    "INSTAGRAM": 10,
    "JIVOSITE": 11,
    "YULA": 12,
    "TELEPHONY": 13,
    "EMAIL": 14,
    "TELEGRAM_BUSINESS": 16,
    "CIAN": 19,
    "MAX": 20,
    "TELEGRAM_ACCOUNT": 21,
    "TIKTOK": 22,
}
# The sample of the section on webhooks, with its spelling of `recepient`.
EVENT_KEYS = {
    "ProjectMessage": {
        *("id", "client", "message", "attachments", "message_id", "project_id", "is_input", "delivered"),
        "error_message",
    },
    "ProjectMessageClient": {"id", "recepient", "client_type", "name", "avatar", "created_at", "tag", "group"},
}


def edit(action: str, table: str = CARDS_FILE) -> str:
    """Return the line of a failure: the two files of which one is wrong."""
    return f"{action}: edit openapi/paths/{CONTRACT.operation(action).tag}/{action}.yaml, or {table}"


def here(table: str) -> str:
    return f"{table} of tests/contract/test_completeness.py"


def declared(action: str) -> dict[str, Mapping[str, Any]]:
    """Return the nodes of the parameters of an action, as the contract holds them."""
    operation = CONTRACT.operation(action)
    node = CONTRACT.document["paths"][f"/{action}"][operation.method.lower()]
    if operation.method == "GET":
        nodes = map(CONTRACT.resolve, node.get("parameters", []))
        return {found["name"]: found for found in nodes if found["name"] not in operation.aliases}
    schema = CONTRACT.resolve(node["requestBody"]["content"]["application/json"]["schema"])
    return dict(CONTRACT.resolve(schema["items"] if action in THE_BODY_ITSELF else schema)["properties"])


def failures(action: str) -> set[tuple[str, str]]:
    """Return status and title of every failure of an action that is not common to all."""
    return {
        (status, shape["title"])
        for status, response in CONTRACT.operation(action).responses.items()
        if status not in COMMON_REPLIES
        for schema in [response["content"]["application/json"]["schema"]]
        for shape in map(CONTRACT.resolve, schema.get("anyOf", [schema]))
        if shape.get("x-failure")
    }


def test_the_document_has_39_cards() -> None:
    assert len(CARDS) == 39


def test_no_action_is_missing() -> None:
    assert not READ - CONTRACT.actions.keys(), f"edit openapi/openapi.yaml, or {CARDS_FILE} if a card is gone"


def test_no_action_has_both_a_card_and_none() -> None:
    assert not CARDS.keys() & BEYOND_THE_CARDS.keys(), f"edit {here('BEYOND_THE_CARDS')}: the action has a card now"


@pytest.mark.parametrize("action", CARDS)
def test_the_parameters_of_a_card(action: str) -> None:
    beyond = {name for name_of, name in BEYOND_THE_PARAMETERS if name_of == action}
    assert set(declared(action)) == set(CARDS[action]["parameters"]) | beyond, edit(
        action, f"{CARDS_FILE}, or {here('BEYOND_THE_PARAMETERS')} where no card has the parameter"
    )
    body = THE_BODY_ITSELF.get(action)
    assert CONTRACT.operation(action).body_argument == body, edit(action, here("THE_BODY_ITSELF"))


@pytest.mark.parametrize(
    ("place", "evidence"), BEYOND_THE_PARAMETERS.items(), ids=[".".join(place) for place in BEYOND_THE_PARAMETERS]
)
def test_parameters_without_a_card_are_marked(place: tuple[str, str], evidence: str) -> None:
    action, name = place
    assert declared(action)[name].get("x-evidence") == evidence, edit(action, here("BEYOND_THE_PARAMETERS"))


@pytest.mark.parametrize("action", CARDS)
def test_the_method_of_a_card(action: str) -> None:
    assert CARDS[action]["method"] in CONTRACT.actions[action], edit(action)


@pytest.mark.parametrize("action", CARDS)
def test_the_permission_of_a_card(action: str) -> None:
    node = CONTRACT.document["paths"][f"/{action}"][CONTRACT.operation(action).method.lower()]
    stated = (
        node.get("x-permission-stated", node["x-permission"]),
        node.get("x-permission-badge", node["x-permission"]),
    )
    assert stated == (CARDS[action]["permission_text"], CARDS[action]["permission_badge"]), edit(action)


@pytest.mark.parametrize("action", CARDS)
def test_what_a_card_says_of_repeating_and_of_variables(action: str) -> None:
    operation, card = CONTRACT.operation(action), CARDS[action]
    found = {
        "effect": operation.effect,
        "idempotent": operation.idempotent,
        "free_variables": operation.free_variables,
        "aliases": operation.value_parameters,
    }
    assert found == {key: card[key] for key in found}, edit(action)


@pytest.mark.parametrize("action", CARDS)
def test_the_failures_that_a_card_shows(action: str) -> None:
    shown = {(status, title) for status, titles in CARDS[action]["failures"].items() for title in titles}
    assert shown <= failures(action), edit(action)


def test_the_replies_for_something_missing_that_no_card_shows() -> None:
    beyond: dict[tuple[str, str], set[str]] = {}
    for action in READ:
        for status, title in failures(action):
            if title != "Failure" and title not in CARDS.get(action, {"failures": {}})["failures"].get(status, []):
                beyond.setdefault((status, title), set()).add(action)
    assert beyond == NOT_FOUND_BEYOND_THE_CARDS, (
        f"edit the replies of openapi/paths/, or {CARDS_FILE}, or {here('NOT_FOUND_BEYOND_THE_CARDS')}"
    )


@pytest.mark.parametrize(("action", "evidence"), BEYOND_THE_CARDS.items())
def test_actions_without_a_card_are_marked(action: str, evidence: str) -> None:
    assert CONTRACT.operation(action).evidence == evidence, edit(action, here("BEYOND_THE_CARDS"))


def test_the_actions_that_work_by_both_methods() -> None:
    methods = {action: CONTRACT.actions[action] for action in READ}
    twins = {action: found["GET"].evidence for action, found in methods.items() if len(found) == 2}
    assert twins == BY_BOTH_METHODS, f"edit openapi/paths/, or {here('BY_BOTH_METHODS')}"


@pytest.mark.parametrize("action", [action for action, methods in CONTRACT.actions.items() if len(methods) == 2])
def test_a_twin_takes_what_a_query_string_can_carry(action: str) -> None:
    post, get = CONTRACT.operation(action, "POST"), CONTRACT.operation(action, "GET")
    assert set(post.schema["properties"]) == set(get.schema["properties"])
    assert get.aliases == post.aliases
    same = ("permission", "effect", "idempotent", "free_variables", "unlimited", "tag")
    assert [getattr(get, name) for name in same] == [getattr(post, name) for name in same]


def test_the_actions_that_count_against_no_limit() -> None:
    unlimited = {action for action in READ if CONTRACT.operation(action).unlimited}
    assert unlimited == UNLIMITED, f"edit openapi/paths/, or {here('UNLIMITED')}"


def test_the_actions_that_know_delimiter() -> None:
    known = {action for action in READ if "delimiter" in CONTRACT.operation(action).aliases}
    assert known == DELIMITER, f"edit openapi/paths/, or {here('DELIMITER')}"


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_value_aliases_lead_to_parameters(action: str) -> None:
    operation = CONTRACT.operation(action)
    assert set(operation.value_parameters.values()) <= set(operation.schema["properties"]), edit(action)
    wrong = [
        alias
        for alias, name in operation.value_parameters.items()
        if alias not in {f"value_{name}", f"value_{name.removeprefix('client_')}"}
    ]
    assert not wrong, edit(action)


def test_delimiter_aliases_lead_to_parameters_or_are_known_to_lead_nowhere() -> None:
    for action in READ:
        operation = CONTRACT.operation(action)
        assert set(operation.delimiter.values()) <= set(operation.schema["properties"]), edit(action)
    nowhere = {
        (action, alias)
        for action in READ
        for alias in CONTRACT.operation(action).idle_aliases
        if alias.startswith("delimiter_")
    }
    assert nowhere == DELIMITER_WITHOUT_USE, f"edit x-delimiter in openapi/paths/, or {here('DELIMITER_WITHOUT_USE')}"


@pytest.mark.parametrize("action", [action for action in CONTRACT.actions if CONTRACT.operation(action).delimiter])
def test_delimiter_aliases_are_named_after_what_they_lead_to(action: str) -> None:
    wrong = [
        alias
        for alias, name in CONTRACT.operation(action).delimiter.items()
        if alias not in {f"delimiter_value_{name}", f"delimiter_value_{name.removeprefix('client_')}"}
    ]
    assert not wrong, edit(action)


def test_the_numbers_of_the_messengers() -> None:
    assert CONTRACT.enum("Messenger") == MESSENGERS, (
        f"edit openapi/components/schemas/Messenger.yaml, or {here('MESSENGERS')}"
    )


@pytest.mark.parametrize(("name", "keys"), EVENT_KEYS.items())
def test_the_keys_of_a_webhook_event(name: str, keys: set[str]) -> None:
    missing = keys - set(CONTRACT.document["components"]["schemas"][name]["properties"])
    assert not missing, f"edit openapi/components/schemas/{name}.yaml, or {here('EVENT_KEYS')}"


def test_the_hosts_hold_the_key_as_a_variable() -> None:
    assert [url.split("/")[2] for url in CONTRACT.servers] == [
        "chatter.mavibot.ai",
        "chatter.mavibot.pro",
        "chatter.salebot.pro",
    ]
    assert all(url.endswith("/api/{api_key}") for url in CONTRACT.servers)
    assert all("{api_key}" not in path for path in CONTRACT.document["paths"])


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_no_parameter_has_better_evidence_than_its_action(action: str) -> None:
    ranks = ("documented", "field", "assumed")
    for method, operation in CONTRACT.actions[action].items():
        node = CONTRACT.document["paths"][f"/{action}"][method.lower()]
        parts = [
            *map(CONTRACT.resolve, node.get("parameters", ())),
            *map(CONTRACT.resolve, operation.schema["properties"].values()),
        ]
        found = {part.get("x-evidence", operation.evidence) for part in parts}
        if method == next(iter(CONTRACT.actions[action])):
            assert all(ranks.index(each) >= ranks.index(operation.evidence) for each in found), (action, found)
