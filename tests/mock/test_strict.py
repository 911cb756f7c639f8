"""A strict project refuses what is tolerated otherwise, and says what to send instead; other switches of replies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.mock.caller import CONTRACT, Caller, deviations
from tests.mock.examples import examples

_HELLO = {"client_id": "58", "message": "x"}
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def strict(mock: Caller) -> Caller:
    _switch(mock, strict=True)
    return mock


def _switch(mock: Caller, **settings: Any) -> None:
    mock.project.configure(replace(mock.project.settings, **settings))


def test_a_call_by_the_contract_passes(strict: Caller) -> None:
    assert strict.call("message", _HELLO).text == "ok"
    assert strict.call("message", _HELLO, content_type="application/json; charset=UTF-8").text == "ok"
    assert strict.call("message", query=_HELLO).text == "ok"
    body = {"my_client": 58, "event": "paid", "amount": 5}
    assert strict.call("callback", body, query={"value_client_id": "my_client", "value_message": "event"}).text == "ok"
    assert strict.call("get_clients", query={"limit": 2, "reverse": "True"}).status_code == 200


def test_an_alias_without_effect(strict: Caller) -> None:
    message = strict.refusal("callback", {"client_id": 5, "message": "x"}, query={"value_user_id": "u"})
    assert message == "value_user_id: has no effect on callback; leave it out"


@pytest.mark.parametrize(("action", "method"), [("get_clients", "POST"), ("save_variables", "GET")])
def test_a_method_that_the_contract_does_not_offer(strict: Caller, action: str, method: str) -> None:
    offered = ", ".join(CONTRACT.actions[action])
    before = strict.state()
    response = strict.call(action, query={"client_id": 5, "variables": "{}"}, method=method)
    assert (response.status_code, response.headers["allow"]) == (405, offered)
    assert response.json()["message"] == f"{method}: use {offered}"
    assert strict.state() == before


@pytest.mark.parametrize("label", ["text/plain", _FORM, None])
def test_another_content_label(strict: Caller, label: str | None) -> None:
    message = strict.refusal("message", _HELLO, content_type=label, status=415)
    assert message == f"Content-Type: must be application/json, got {repr(label) if label else 'nothing'}"
    strict.refusal("message", urlencode(_HELLO).encode(), content_type=_FORM, status=415)


@pytest.mark.parametrize(
    ("action", "body", "query", "message"),
    [
        ("message", _HELLO | {"utm": 1}, {}, "utm: no parameter of message; leave it out"),
        (
            "message",
            _HELLO | {"sendtime": "x"},
            {},
            "sendtime: no parameter of message; did you mean `send_time`?",
        ),
        ("message", {"message": "x"}, {"client_id": 58}, "client_id: sent in the URL instead of the body"),
        (
            "message",
            _HELLO,
            {"client_id": 58},
            "client_id: sent in the URL and in the body; send it once",
        ),
        ("message", _HELLO | {"send_time": ""}, {}, "send_time: empty; leave it out"),
        ("callback", _HELLO | {"resume_bot": "true"}, {}, "resume_bot: sent as text instead of true or false"),
        ("callback", _HELLO | {"utm": {"a": 1}}, {}, "utm: nested; send texts and numbers"),
        (
            "callback",
            _HELLO,
            {"value_phone": "tel"},
            "value_phone: no key 'tel' was sent; name the key that holds the value",
        ),
        ("callback", _HELLO | {"value_message": "message"}, {}, "value_message: sent in the body instead of the URL"),
        (
            "load_clients",
            [{"platform_id": "9", "group_id": "34810", "client_type": "6", "name": "Anna"}],
            {},
            "clients[0].client_type: sent as text instead of a whole number; "
            "clients[0].name: no field of an item; leave it out",
        ),
        ("get_clients", None, {"limit[a]": 1}, "limit: must be a whole number, got an object"),
    ],
)
def test_what_is_noted_otherwise_is_refused(
    strict: Caller, action: str, body: Any, query: dict[str, Any], message: str
) -> None:
    assert strict.refusal(action, body, query=query) == message


def test_wrong_parameters_are_told_first(strict: Caller) -> None:
    assert strict.refusal("message", {"message": "x", "clientid": 5}).startswith("client_id: is required; `clientid`")


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_the_examples_of_the_contract_pass(strict: Caller, action: str) -> None:
    for example in examples(action):
        query = example.query.get("variables") if isinstance(example.query.get("variables"), dict) else example.query
        response = strict.call(action, example.body, query=query, method=example.method)
        assert deviations(response) == []
        assert response.status_code in (200, 404)


@pytest.mark.parametrize(("key", "status"), [("demo-none", 403), ("demo-revoked", 401)])
def test_refusals_with_status_200(mock: Caller, key: str, status: int) -> None:
    _switch(mock, refusal_status="ok")
    response = mock.call("message", _HELLO, key=key)
    assert response.status_code == 200
    assert response.json()["status"] == "fail"
    # The contract has no failure with this status here.
    assert mock.call("get_clients", key=key).status_code == status
    assert mock.call("mesage", key="demo-none").status_code == 404


def test_clients_not_found_with_status_200(mock: Caller) -> None:
    assert mock.call("message", {"client_id": 1, "message": "x"}).status_code == 404
    _switch(mock, not_found_status="ok")
    response = mock.call("message", {"client_id": 1, "message": "x"})
    assert (response.status_code, response.json()) == (200, {"status": "client_not_found"})
    assert mock.call("find_client_id_by_phone", query={"phone": "70000000000"}).status_code == 404
