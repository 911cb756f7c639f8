"""What is checked before anything is sent, and what is accepted."""

import json
import math
import re
from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import (
    CONTRACT,
    OPERATIONS,
    Api,
    arguments_with,
    by_method,
    first_example,
    good_reply,
    law,
    sent,
)

from mavibot import InvalidParameters, UnknownAction, models
from mavibot_contract import Operation, Schema

HELLO: dict[str, Any] = {"client_id": 25554, "message": "Hello"}
BUTTON: dict[str, Any] = {"type": "reply", "text": "Prices", "line": 0, "index_in_line": 1}
SURROGATE = "half of a pair: \ud83d"


def parameters(keyword: str) -> list[Any]:
    """Return every parameter whose own schema has a keyword, with its operation."""
    return [
        pytest.param(operation, name, schema, id=f"{operation.operation_id}-{name}")
        for operation in OPERATIONS
        for name, schema in ((n, CONTRACT.resolve(s)) for n, s in operation.schema["properties"].items())
        if keyword in schema
    ]


def attempt(operation: Operation, name: str, value: Any) -> dict[str, Any]:
    """Return the arguments of a good call with one of them replaced."""
    return {**arguments_with(operation, name), name: value, **by_method(operation)}


def items(schema: Schema, count: int) -> list[Any]:
    """Return a list of valid items of an array's schema."""
    return [CONTRACT.resolve(schema["items"])["examples"][0]] * count


# --- what breaks the contract is named and never sent


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("maxItems"))
def test_a_list_over_its_limit_is_refused(api: Api, operation: Operation, name: str, schema: Schema) -> None:
    limit = schema["maxItems"]
    problems = api.refused_by_name(operation.action, **attempt(operation, name, items(schema, limit + 1)))
    assert problems.keys() == {name}
    assert f"at most {limit}" in problems[name]
    assert str(limit + 1) in problems[name]


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("maxItems"))
def test_a_list_at_its_limit_is_sent(api: Api, operation: Operation, name: str, schema: Schema) -> None:
    full = items(schema, schema["maxItems"])
    api.reply(200, json=good_reply(operation))(operation.action, **attempt(operation, name, full))
    assert sent(api.requests[0])[name] == full


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("minItems"))
def test_a_list_with_too_few_items_is_refused(api: Api, operation: Operation, name: str, schema: Schema) -> None:
    arguments = attempt(operation, name, items(schema, schema["minItems"] - 1))
    assert f"at least {schema['minItems']}" in api.refused_by_name(operation.action, **arguments)[name]


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("maximum"))
def test_a_number_above_its_maximum_is_refused(api: Api, operation: Operation, name: str, schema: Schema) -> None:
    problems = api.refused_by_name(operation.action, **attempt(operation, name, schema["maximum"] + 1))
    assert f"at most {schema['maximum']}" in problems[name]


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("minimum"))
def test_a_number_below_its_minimum_is_refused(api: Api, operation: Operation, name: str, schema: Schema) -> None:
    problems = api.refused_by_name(operation.action, **attempt(operation, name, schema["minimum"] - 1))
    assert f"at least {schema['minimum']}" in problems[name]


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("maximum"))
def test_a_number_at_its_maximum_is_sent(operation: Operation, name: str, schema: Schema) -> None:
    api = Api().reply(200, json=good_reply(operation))
    api(operation.action, **attempt(operation, name, schema["maximum"]))
    assert str(sent(api.requests[0])[name]) == str(schema["maximum"])


@pytest.mark.parametrize(("operation", "name", "schema"), parameters("enum"))
def test_a_value_outside_an_enum_is_refused_with_the_values(
    api: Api, operation: Operation, name: str, schema: Schema
) -> None:
    unknown = "unheard-of" if isinstance(schema["enum"][0], str) else max(schema["enum"]) + 1
    problems = api.refused_by_name(operation.action, **attempt(operation, name, unknown))
    assert problems.keys() == {name}
    assert all(str(member) in problems[name] for member in schema["enum"])
    assert str(unknown) in problems[name]


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        pytest.param(operation, name, id=f"{operation.operation_id}-{name}")
        for operation in OPERATIONS
        for name in operation.schema["properties"]
    ],
)
def test_a_value_that_is_no_json_is_refused_by_every_parameter(operation: Operation, name: str) -> None:
    for value in (object(), 1j, b"25554", {"id": {25554}}):
        problems = Api().refused_by_name(operation.action, **attempt(operation, name, value))
        assert any(re.match(rf"{name}\b", field) for field in problems)


@pytest.mark.parametrize(
    ("action", "arguments", "field", "message"),
    [
        ("message", HELLO | {"message": 5}, "message", "must be text, got 5"),
        ("message", HELLO | {"message": ["Hello"]}, "message", "must be text"),
        ("message", HELLO | {"message": ""}, "message", "must not be empty"),
        ("message", HELLO | {"client_id": 1.5}, "client_id", "must be a whole number or text, got 1.5"),
        ("message", HELLO | {"client_id": [25554]}, "client_id", "must be a whole number or text"),
        ("message", HELLO | {"client_id": "twelve"}, "client_id", "does not have the expected form"),
        ("message", HELLO | {"client_id": ""}, "client_id", "does not have the expected form"),
        ("message", HELLO | {"client_id": 0}, "client_id", "at least 1, got 0"),
        ("message", HELLO | {"client_id": -5}, "client_id", "at least 1"),
        ("message", HELLO | {"time_shift": "60"}, "time_shift", "must be a number, got '60'"),
        ("message", HELLO | {"send_time": "16.10.2024 13:15"}, "send_time", "expected form"),
        ("message", HELLO | {"send_time": "2024-10-16 13:15:59\n"}, "send_time", "expected form"),
        ("message", HELLO | {"buttons": "Prices"}, "buttons", "must be a list or an object, or either as JSON text"),
        ("message", HELLO | {"buttons": '[{"type": "reply"'}, "buttons", "must be a list or an object, or either as"),
        ("message", HELLO | {"buttons": '"[]"'}, "buttons", "must be a list or an object, or either as JSON text"),
        ("message", HELLO | {"buttons": '[{"text": "A"}]'}, "buttons[0].type", "is required"),
        ("message", HELLO | {"buttons": '[{"type": "reply", "x": NaN}]'}, "buttons[0].x", "cannot be sent as JSON"),
        ("message", HELLO | {"buttons": 5}, "buttons", "must be an object or a list or text, got 5"),
        ("message", HELLO | {"buttons": [{"buttons": ["x"]}]}, "buttons[0].buttons", "at most 0 items, got 1"),
        ("message", HELLO | {"buttons": [BUTTON | {"one_time": 2}]}, "buttons[0].one_time", "at most 1, got 2"),
        ("message", HELLO | {"buttons": [BUTTON, BUTTON | {"line": -1}]}, "buttons[1].line", "at least 0, got -1"),
        ("message", HELLO | {"buttons": [{"text": "Prices"}]}, "buttons[0].type", "is required"),
        ("message", HELLO | {"buttons": {"buttons": [BUTTON], "hnt": "x"}}, "buttons.hnt", "did you mean 'hint'?"),
        ("message", HELLO | {"buttons": {1: [BUTTON]}}, "buttons", "must be an object"),
        ("message", HELLO | {"buttons": {1: [BUTTON]}}, "buttons", "whose names are text, got the name 1"),
        ("save_variables", {"client_id": 1, "variables": {"a": 1, 2: 3}}, "variables", "text, got the name 2"),
        ("message", HELLO | {"client_id": 10**40}, "client_id", "got a number of more than 30 digits"),
        ("callback", HELLO | {"resume_bot": "true"}, "resume_bot", "must be true or false, got 'true'"),
        ("callback", HELLO | {"resume_bot": 1}, "resume_bot", "must be true or false, got 1"),
        ("add_to_list", {"list_id": 1, "clients": 411262772}, "clients", "must be a list, got 411262772"),
        ("add_to_list", {"list_id": 1, "clients": "411262772"}, "clients", "must be a list"),
        ("add_to_list", {"list_id": 1, "clients": [1, None]}, "clients[1]", "must be a whole number or text, got None"),
        ("add_to_list", {"list_id": 1, "clients": {1: 2}}, "clients", "must be a list"),
        ("load_clients", {"clients": [{"platform_id": 1, "client_type": 1}]}, "clients[0].group_id", "is required"),
        ("load_clients", {"clients": {"platform_id": 1}}, "clients", "must be a list"),
        ("create_order", {"client_id": 1, "budget": "much"}, "budget", "expected form"),
        ("find_clients", {"q": {}}, "q", "at least 1 entry"),
        ("find_clients", {"q": {"name": {"_in": "Joe"}}}, "q.name._in", "must be a list"),
        ("get_history", {"client_id": 1, "start_date": "2026-03-01", "stop_date": "01.03.2026"}, "start_date", "form"),
        ("find_client_id_by_email", {"email": "no address"}, "email", "expected form"),
        (
            "find_all_client_id_by_several_vars",
            {"variables": {"a": [1]}},
            "variables.a",
            "must be text or a number, got [1]",
        ),
    ],
)
def test_a_wrong_value_is_named(api: Api, action: str, arguments: dict[str, Any], field: str, message: str) -> None:
    problems = api.refused_by_name(action, **arguments)
    assert problems.keys() == {field}
    assert message in problems[field]


def test_more_variables_than_a_search_takes_are_refused(api: Api) -> None:
    schema = CONTRACT.operation("find_all_client_id_by_several_vars").schema["properties"]["variables"]
    limit = schema["maxProperties"]
    problems = api.refused_by_name(
        "find_all_client_id_by_several_vars", variables={f"name{number}": "x" for number in range(limit + 1)}
    )
    assert f"at most {limit}" in problems["variables"]


@pytest.mark.parametrize(
    ("action", "arguments", "field", "suggestion"),
    [
        ("get_history", {"client_id": 1, "limt": 5}, "limt", "limit"),
        ("get_clients", {"ofset": 5}, "ofset", "offset"),
        ("get_history", {"client_id": 1, "id": 1}, "id", "client_id"),
        ("message", HELLO | {"mesage": "Hello"}, "mesage", "message"),
        ("create_order", {"client_id": 1, "descripton": "x"}, "descripton", "description"),
        ("get_orders", {"client_id": 1, "status": 0}, "status", "order_status"),
        ("broadcast", {"clients": [1], "message": "x", "attachment": "x"}, "attachment", "attachment_"),
        ("save_variables", {"client_id": 1, "variables": {}, "variable": {}}, "variable", "variables"),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_one_that_was_meant(
    api: Api, action: str, arguments: dict[str, Any], field: str, suggestion: str
) -> None:
    problems = api.refused_by_name(action, **arguments)
    assert problems.keys() == {field}
    assert f"did you mean '{suggestion}" in problems[field]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if not o.free_variables], ids=lambda o: o.operation_id)
def test_an_unknown_parameter_is_refused_by_every_action_that_saves_no_variables(operation: Operation) -> None:
    arguments = first_example(operation) | by_method(operation)
    assert Api().refused_by_name(operation.action, **arguments, xyzzy=1) == {"xyzzy": "is no parameter here"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_a_missing_parameter_is_named(operation: Operation) -> None:
    arguments = {**first_example(operation), **by_method(operation)}
    for name in operation.schema.get("required", []):
        left = {other: value for other, value in arguments.items() if other != name}
        assert "is required" in Api().refused_by_name(operation.action, **left)[name]


@pytest.mark.parametrize(
    ("action", "arguments", "alternatives"),
    [
        ("callback", {"message": "paid"}, ["client_id", "client_phone", "client_email"]),
        ("create_order", {"name": "Order 17"}, ["client_id", "phone", "email"]),
        ("save_variables", {"variables": {"city": "Paris"}}, ["client_id", "clients"]),
        ("message", {"client_id": 25554}, ["message", "message_id", "attachment_url"]),
        ("whatsapp_message", {"phone": "79875146788"}, ["message", "message_id", "attachment_url"]),
        ("broadcast", {"message": "some_text"}, ["list", "clients", "platform_ids"]),
        ("broadcast", {"message": "some_text", "group_id": "shop_bot"}, ["list", "clients", "platform_ids"]),
    ],
)
def test_missing_alternatives_are_all_named(
    api: Api, action: str, arguments: dict[str, Any], alternatives: list[str]
) -> None:
    (message,) = api.refused_by_name(action, **arguments).values()
    assert f"one of {', '.join(alternatives)} is required" in message


def test_targets_that_exclude_each_other_are_named(api: Api) -> None:
    (message,) = api.refused_by_name("broadcast", message="some_text", clients=[5], list=7).values()
    assert "only one of list, clients can be given" in message


@pytest.mark.parametrize(
    ("action", "arguments", "field", "because"),
    [
        ("message", HELLO | {"attachment_url": "https://a.example/b.jpg"}, "attachment_type", "attachment_url"),
        ("message", HELLO | {"attachment_type": "image"}, "attachment_url", "attachment_type"),
        ("broadcast", {"message": "some_text", "platform_ids": [1]}, "group_id", "platform_ids"),
        ("get_history", {"client_id": 1, "start_date": "01.03.2026"}, "stop_date", "start_date"),
        ("get_history", {"client_id": 1, "stop_date": "01.03.2026"}, "start_date", "stop_date"),
    ],
)
def test_a_parameter_that_needs_another_says_so(
    api: Api, action: str, arguments: dict[str, Any], field: str, because: str
) -> None:
    assert api.refused_by_name(action, **arguments) == {field: f"is required together with {because}"}


@pytest.mark.parametrize(
    ("client_type", "group_id", "allowed"),
    [(13, "", True), (13, "shop_bot", False), (1, "shop_bot", True), (1, "", False)],
)
def test_a_telephony_client_alone_has_no_group(client_type: int, group_id: str, allowed: bool) -> None:
    client = {"platform_id": "79875555555", "group_id": group_id, "client_type": client_type}
    api = Api().reply(200, json={"status": "success", "items": []})
    if allowed:
        api("load_clients", clients=[client])
        assert sent(api.requests[0]) == [client]
    else:
        assert api.refused_by_name("load_clients", clients=[client]).keys() == {"clients[0].group_id"}


def test_all_problems_are_named_at_once(api: Api) -> None:
    problems = api.refused_by_name(
        "broadcast", clients=["x"], attachment_url="files/a.jpg", shift=-1, message="", shfit=1, buttons=[{}]
    )
    assert problems.keys() == {
        "attachment_type",
        "attachment_url",
        "buttons[0].type",
        "clients[0]",
        "message",
        "shfit",
        "shift",
    }


def test_the_error_shows_action_fields_and_reasons() -> None:
    with pytest.raises(InvalidParameters) as caught:
        Api()("get_history", client_id=True, limit=5000)
    text = str(caught.value)
    assert text.startswith("get_history: ")
    assert all(str(problem) in text for problem in caught.value.problems)
    assert {problem.field for problem in caught.value.problems} == {"client_id", "limit"}


@pytest.mark.parametrize(
    ("action", "suggestion"),
    [("mesage", "message"), ("get_client", "get_clients"), ("sendmessage", "message"), ("xyzzy", None), ("", None)],
)
def test_an_unknown_action_is_refused_with_the_one_that_was_meant(
    api: Api, action: str, suggestion: str | None
) -> None:
    with pytest.raises(UnknownAction) as caught:
        api.call(action, client_id=1)
    assert not api.requests
    assert (caught.value.action, caught.value.suggestion) == (action, suggestion)
    assert ("did you mean" in str(caught.value)) is (suggestion is not None)


@pytest.mark.parametrize("action", ["message/../get_clients", "MESSAGE", "call", "_send", "message?x=1"])
def test_only_the_names_of_the_contract_are_actions(api: Api, action: str) -> None:
    with pytest.raises(UnknownAction):
        api.call(action)
    assert not api.requests


# --- numbers and text that JSON or UTF-8 cannot hold


def ids() -> Iterator[Any]:
    """Yield every parameter that takes a whole number."""
    for operation in OPERATIONS:
        for name, schema in operation.schema["properties"].items():
            branches = [CONTRACT.resolve(schema), *CONTRACT.resolve(schema).get("anyOf", [])]
            if any(CONTRACT.resolve(branch).get("type") == "integer" for branch in branches):
                yield pytest.param(operation, name, id=f"{operation.operation_id}-{name}")


@pytest.mark.parametrize(("operation", "name"), list(ids()))
def test_true_and_false_are_no_numbers(operation: Operation, name: str) -> None:
    for value in (True, False):
        assert Api().refused(operation.action, **attempt(operation, name, value)).keys() == {name}


@pytest.mark.parametrize(("operation", "name"), list(ids()))
def test_what_is_no_finite_number_is_refused(operation: Operation, name: str) -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert Api().refused(operation.action, **attempt(operation, name, value)).keys() == {name}


@pytest.mark.parametrize("value", [10**309, -(10**309), 10**5000], ids=["huge", "negative", "unprintable"])
@pytest.mark.parametrize(
    ("action", "arguments"),
    [("message", {"message": "Hello"}), ("get_history", {}), ("get_clients", {}), ("callback", {"message": "paid"})],
)
def test_a_whole_number_beyond_all_floats_is_refused(action: str, arguments: dict[str, Any], value: int) -> None:
    name = "offset" if action == "get_clients" else "client_id"
    assert Api().refused(action, **arguments, **{name: value}).keys() == {name}


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 10**400, SURROGATE, b"x", object()],
    ids=["nan", "inf", "huge", "half", "bytes", "object"],
)
@pytest.mark.parametrize(
    ("action", "arguments", "field"),
    [
        ("callback", lambda value: HELLO | {"variables": {"price": value}}, "variables.price"),
        ("callback", lambda value: HELLO | {"price": value}, "price"),
        ("save_variables", lambda value: {"client_id": 1, "variables": {"price": value}}, "variables.price"),
        ("find_clients", lambda value: {"q": {"price": {"_in": [1, value]}}}, "q.price._in[1]"),
        ("message", lambda value: HELLO | {"buttons": [BUTTON | {"colour": value}]}, "buttons[0].colour"),
        ("message", lambda value: HELLO | {"buttons": [BUTTON | {"colour": {"a": [value]}}]}, "buttons[0].colour.a[0]"),
    ],
    ids=["variables", "keyword", "save_variables", "query", "button", "deep-in-a-button"],
)
def test_what_json_cannot_hold_is_refused_where_any_value_is_free(
    action: str, arguments: Any, field: str, value: Any
) -> None:
    assert Api().refused(action, **arguments(value)).keys() == {field}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_text_with_half_of_a_character_pair_is_refused(api: Api, method: str) -> None:
    assert api.refused_by_name("message", client_id=1, message=SURROGATE, method=method).keys() == {"message"}


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("callback", HELLO | {"variables": {SURROGATE: "x"}}),
        ("callback", HELLO | {"variables": {SURROGATE: "x"}, "method": "GET"}),
        ("save_variables", {"client_id": 1, "variables": {SURROGATE: "x"}}),
        ("find_clients", {"q": {SURROGATE: "x"}}),
        ("find_all_client_id_by_several_vars", {"variables": {SURROGATE: "x"}}),
        ("message", HELLO | {"buttons": [BUTTON | {SURROGATE: "x"}]}),
    ],
)
def test_a_name_with_half_of_a_character_pair_is_refused(action: str, arguments: dict[str, Any]) -> None:
    assert Api().refused(action, **arguments)


# --- what is accepted


class Level(Enum):
    LOW = "low"


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("action", "arguments", "body"),
    [
        (
            "message",
            HELLO | {"attachment_url": "https://a.example/b.jpg", "attachment_type": models.AttachmentType.IMAGE},
            HELLO | {"attachment_url": "https://a.example/b.jpg", "attachment_type": "image"},
        ),
        ("message", HELLO | {"client_id": Number.ONE}, HELLO | {"client_id": 1}),
        (
            "message",
            HELLO | {"buttons": [models.Button(type_=models.ButtonType.REPLY, text="Prices")]},
            HELLO | {"buttons": [{"type": "reply", "text": "Prices"}]},
        ),
        (
            "message",
            HELLO | {"buttons": models.ButtonSet(buttons=[models.Button(type_=models.ButtonType.INLINE)], hint="1?")},
            HELLO | {"buttons": {"hint": "1?", "buttons": [{"type": "inline"}]}},
        ),
        (
            "message",
            HELLO | {"buttons": {"buttons": ({"type": models.ButtonType.PHONE, "line": 0},)}},
            HELLO | {"buttons": {"buttons": [{"type": "phone", "line": 0}]}},
        ),
        ("message", HELLO | {"buttons": (BUTTON, BUTTON)}, HELLO | {"buttons": [BUTTON, BUTTON]}),
        ("message", HELLO | {"buttons": json.dumps([BUTTON])}, HELLO | {"buttons": [BUTTON]}),
        (
            "message",
            HELLO | {"buttons": [models.Button(buttons=[], one_time=True, line=0, index_in_line=0)]},
            HELLO | {"buttons": [{"buttons": [], "one_time": True, "line": 0, "index_in_line": 0}]},
        ),
        ("message", HELLO | {"buttons": [BUTTON | {"new_key": [1]}]}, HELLO | {"buttons": [BUTTON | {"new_key": [1]}]}),
        (
            "load_clients",
            {"clients": [models.NewClient(platform_id=1, group_id="shop_bot", client_type=models.Messenger.TELEGRAM)]},
            [{"platform_id": 1, "group_id": "shop_bot", "client_type": models.Messenger.TELEGRAM.value}],
        ),
        ("load_clients", {"clients": []}, []),
        ("add_to_list", {"list_id": "7", "clients": range(1, 4)}, {"list_id": "7", "clients": [1, 2, 3]}),
        ("add_to_list", {"list_id": 7, "clients": {5: "a"}.keys()}, {"list_id": 7, "clients": [5]}),
        ("callback", HELLO | {"variables": OrderedDict(b="x", a=1)}, HELLO | {"b": "x", "a": 1}),
        ("callback", HELLO | {"variables": MappingProxyType({"level": Level.LOW})}, HELLO | {"level": "low"}),
        (
            "save_variables",
            {"client_id": 1, "variables": MappingProxyType({"promo": None, "имя": "Анна 🙂"})},
            {"client_id": 1, "variables": {"promo": None, "имя": "Анна 🙂"}},
        ),
        (
            "find_clients",
            {"q": {"name": {"_in": ("Joe", "Jane")}}, "search_in": models.SearchIn.ORDER},
            {"q": {"name": {"_in": ["Joe", "Jane"]}}, "search_in": "order"},
        ),
    ],
)
def test_models_enum_members_and_any_mapping_or_collection_are_accepted(
    api: Api, action: str, arguments: dict[str, Any], body: Any
) -> None:
    api.reply(200, json=good_reply(CONTRACT.operation(action)))
    api(action, **arguments)
    assert sent(api.requests[0]) == body


def test_a_generator_is_accepted(api: Api) -> None:
    api.reply(200, json={"status": "success", "items": []})
    api(
        "load_clients",
        clients=({"platform_id": number, "group_id": "shop_bot", "client_type": 1} for number in range(1, 3)),
    )
    assert [client["platform_id"] for client in sent(api.requests[0])] == [1, 2]


@pytest.mark.parametrize("given", [models.OrderStatus.SUCCESSFUL, models.OrderStatus.SUCCESSFUL.value])
def test_an_enum_member_is_accepted_in_a_query(api: Api, given: Any) -> None:
    api.reply(200, json={"status": "success", "order_id": []})("get_orders", client_id=1, order_status=given)
    assert sent(api.requests[0]) == {"client_id": "1", "order_status": "1"}


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("client_id", [25554, "25554", 9007199254740991, "9007199254740991"])
def test_an_id_is_sent_as_it_was_given(api: Api, client_id: int | str, method: str) -> None:
    api("message", client_id=client_id, message="Hello", method=method)
    received = sent(api.requests[0])["client_id"]
    assert received == (client_id if method == "POST" else str(client_id))
    assert isinstance(received, type(client_id) if method == "POST" else str)


def test_a_whole_number_that_came_as_a_float_travels_in_a_query_without_a_fraction(api: Api) -> None:
    """Tables hand out ids as floats; the contract knows no `25554.0` in an address."""
    api.reply(200, json={"status": "success", "result": []})("get_history", client_id=25554.0)
    assert sent(api.requests[0]) == {"client_id": "25554"}


def test_the_arguments_are_left_as_they_were(api: Api) -> None:
    buttons = [dict(BUTTON)]
    variables = {"city": "Paris"}
    api("message", **HELLO, buttons=buttons)
    api("callback", **HELLO, variables=variables, amount=4900)
    assert buttons == [BUTTON]
    assert variables == {"city": "Paris"}


@pytest.mark.parametrize("reverse", [True, False])
def test_true_and_false_travel_in_a_query_as_json_writes_them(api: Api, reverse: bool) -> None:
    api.reply(200, json={"status": "success", "clients": []})("get_clients", reverse=reverse)
    assert sent(api.requests[0]) == {"reverse": str(reverse).lower()}


@given(message=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@law()
def test_any_text_arrives_unchanged_in_a_body_and_in_a_query(message: str) -> None:
    for method in ("POST", "GET"):
        api = Api()
        api("callback", client_phone="+7 (987) 514-67-88", message=message, method=method)
        assert sent(api.requests[0]) == {"client_phone": "+7 (987) 514-67-88", "message": message}


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


@given(variables=st.dictionaries(NAMES, VALUES | st.text(st.characters(exclude_categories=["Cs"]))))
@law()
def test_any_variable_arrives_unchanged(variables: dict[str, Any]) -> None:
    api = Api()
    api("save_variables", client_id=1, variables=variables)
    assert sent(api.requests[0])["variables"] == variables


# --- free variables

FREE = [operation for operation in OPERATIONS if operation.free_variables]
SAVES_VARIABLES = pytest.mark.parametrize("operation", FREE, ids=lambda operation: operation.operation_id)


@SAVES_VARIABLES
@pytest.mark.parametrize(
    "given",
    [
        {"amount": 4900, "client.city": "Paris"},
        {"variables": {"amount": 4900, "client.city": "Paris"}},
        {"variables": {"amount": 4900}, "client.city": "Paris"},
    ],
    ids=["keywords", "variables", "both"],
)
def test_variables_lie_flat_beside_the_parameters(api: Api, operation: Operation, given: dict[str, Any]) -> None:
    arguments = {name: value for name, value in first_example(operation).items() if name != "wheel_prize"}
    api(operation.action, **arguments, **given, **by_method(operation))
    received = sent(api.requests[0])
    text = str if operation.method == "GET" else lambda value: value
    assert received == {name: text(value) for name, value in arguments.items()} | {
        "amount": text(4900),
        "client.city": "Paris",
    }


@SAVES_VARIABLES
def test_empty_variables_send_nothing_more(operation: Operation) -> None:
    api = Api()
    arguments = first_example(operation) | by_method(operation)
    api(operation.action, **arguments)
    api(operation.action, **arguments, variables={})
    api(operation.action, **arguments, variables=None)
    first, *others = api.requests
    assert all((other.url, other.content) == (first.url, first.content) for other in others)


@SAVES_VARIABLES
def test_a_variable_cannot_have_the_name_of_a_parameter(operation: Operation) -> None:
    arguments = first_example(operation) | by_method(operation)
    for name in operation.schema["properties"]:
        problems = Api().refused(operation.action, **arguments, variables={name: "x"})
        assert problems.keys() == {f"variables.{name}"}
        assert "name of a parameter" in problems[f"variables.{name}"]


@SAVES_VARIABLES
def test_the_aliases_of_a_webhook_address_are_no_variables(operation: Operation) -> None:
    for name in operation.aliases:
        for extra in ({name: "x"}, {"variables": {name: "x"}}):
            problems = Api().refused(operation.action, **first_example(operation), **extra, **by_method(operation))
            assert {field.removeprefix("variables.") for field in problems} == {name}


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        pytest.param(operation, name, id=f"{operation.operation_id}-{name}")
        for operation in OPERATIONS
        for name in sorted(operation.aliases)
    ],
)
def test_the_aliases_of_a_webhook_address_are_refused_in_a_call_by_name(operation: Operation, name: str) -> None:
    arguments = {**first_example(operation), name: "my_client", **by_method(operation)}
    problems = Api().refused_by_name(operation.action, **arguments)
    assert {field.removeprefix("variables.") for field in problems} == {name}


def test_a_variable_given_twice_is_refused(api: Api) -> None:
    problems = api.refused("callback", **HELLO, variables={"city": "Paris"}, city="Rome")
    assert "is given twice" in problems["variables.city"]


@pytest.mark.parametrize("given", [{"promo": None}, {"variables": {"promo": None}}], ids=["keyword", "variables"])
def test_none_clears_a_variable(api: Api, given: dict[str, Any]) -> None:
    api("callback", **HELLO, **given)
    assert sent(api.requests[0]) == HELLO | {"promo": None}


@pytest.mark.parametrize("given", [{"promo": None}, {"variables": {"promo": None}}], ids=["keyword", "variables"])
def test_a_query_cannot_clear_a_variable_with_none(api: Api, given: dict[str, Any]) -> None:
    ((field, message),) = api.refused("callback", **HELLO, **given, method="GET").items()
    assert field.removeprefix("variables.") == "promo"
    assert "None" in message


def test_an_empty_text_clears_a_variable_by_both_methods(api: Api) -> None:
    api("callback", **HELLO, promo="")
    api("callback", **HELLO, promo="", method="GET")
    assert [sent(request)["promo"] for request in api.requests] == ["", ""]


@pytest.mark.parametrize("value", [{"city": "Paris"}, ["Paris"], ("Paris",), [], {}])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_variable_cannot_be_nested(api: Api, value: Any, method: str) -> None:
    for extra, field in (({"address": value}, "address"), ({"variables": {"address": value}}, "variables.address")):
        assert api.refused("callback", **HELLO, **extra, method=method).keys() == {field}


@pytest.mark.parametrize("value", ["city=Paris", [("city", "Paris")], 5, ["city"]])
def test_variables_that_are_no_mapping_are_named(api: Api, value: Any) -> None:
    assert api.refused("callback", **HELLO, variables=value).keys() == {"variables"}


@pytest.mark.parametrize("name", ["", "x" * 109])
def test_a_variable_needs_a_name_of_a_possible_length(api: Api, name: str) -> None:
    assert "its name: " in api.refused("callback", **HELLO, variables={name: "x"})[f"variables.{name}"]


@pytest.mark.parametrize(
    ("action", "name", "meant"),
    [
        ("callback", "phone", "client_phone"),
        ("callback", "email", "client_email"),
        ("tg_callback", "id", "user_id"),
        ("callback", "time", "send_time"),
        ("callback", "clientid", "client_id"),
        ("callback", "client_pone", "client_phone"),
        ("callback", "sendtime", "send_time"),
    ],
)
def test_what_is_almost_the_name_of_a_parameter_is_taken_for_a_typo(
    api: Api, action: str, name: str, meant: str
) -> None:
    arguments = first_example(CONTRACT.operation(action))
    problems = api.refused(action, **arguments, **{name: "x"})
    assert problems.keys() == {name}
    assert f"looks like the parameter '{meant}'" in problems[name]
    assert "variables={…}" in problems[name]


@pytest.mark.parametrize("name", ["phone", "id", "clientid", "city", "имя", "client.name"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_variable_can_have_any_name_on_purpose(api: Api, name: str, method: str) -> None:
    api("callback", **HELLO, variables={name: "79875146788"}, method=method)
    assert sent(api.requests[0]).items() >= {(name, "79875146788")}


@pytest.mark.parametrize("name", ["amount", "city", "client", "status", "order", "name", "utm_source", "text"])
def test_a_keyword_of_another_name_is_a_variable(api: Api, name: str) -> None:
    api("callback", **HELLO, **{name: "x"})
    assert sent(api.requests[0]) == HELLO | {name: "x"}


def test_a_call_by_name_takes_variables_as_the_method_does(api: Api) -> None:
    api("callback", **HELLO, variables={"city": "Paris"}, amount=4900)
    api.call("callback", **HELLO, variables={"city": "Paris"}, amount=4900)
    by_its_method, by_its_name = api.requests
    assert sent(by_its_name) == sent(by_its_method) == HELLO | {"city": "Paris", "amount": 4900}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_variables_keep_their_order(api: Api, method: str) -> None:
    variables = {f"name{number}": "x" for number in range(20)}
    api("callback", **HELLO, **variables, method=method)
    api.call("callback", **HELLO, **variables, method=method)
    for request in api.requests:
        assert [name for name in sent(request) if name in variables] == list(variables)


def test_problems_keep_the_order_of_the_parameters(api: Api) -> None:
    unknown = {f"xyzzy{number}": "x" for number in range(20)}
    assert list(api.refused_by_name("broadcast", clients=[1], message="x", **unknown)) == list(unknown)


@pytest.mark.parametrize("buttons", [[BUTTON], json.dumps([BUTTON]), [models.Button.from_dict(BUTTON)]])
def test_by_get_buttons_are_json_text(api: Api, buttons: Any) -> None:
    api("message", **HELLO, buttons=buttons, method="GET")
    assert json.loads(api.requests[0].url.params["buttons"]) == [BUTTON]


def test_buttons_are_checked_by_get_too(api: Api) -> None:
    assert api.refused_by_name("message", **HELLO, buttons=[{}], method="GET").keys() == {"buttons[0].type"}
