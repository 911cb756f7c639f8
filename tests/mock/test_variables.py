"""Callbacks and variables: who is found, what is saved where, and what is read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mock.caller import Caller

_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="."), min_size=1, max_size=100)
_VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


def test_a_callback_appears_in_the_history_as_such(mock: Caller) -> None:
    response = mock.call("callback", {"message": "some_text", "client_id": "25554"})
    assert response.text == "ok"
    assert response.headers["content-type"].startswith("text/plain")
    newest = mock.history(25554)[0]
    assert (newest["text"], newest["message_from_outside"], newest["client_replica"]) == ("some_text", 3, True)


@pytest.mark.parametrize(
    ("lookup", "client_id"),
    [
        ({"client_phone": "79875146788"}, 25554),
        ({"client_phone": "+7 987 514-67-88"}, 25554),
        ({"client_phone": 79875146788}, 25554),
        ({"client_phone": "79000000085"}, 85856),
        ({"client_phone": "79609879898"}, 49177759),
        ({"client_phone": "79000000004"}, 411262772),
        ({"client_phone": "+79000000002"}, 1000002),
        ({"client_email": "client@example.com"}, 25554),
        ({"client_email": "Client@EXAMPLE.com"}, 25554),
        ({"client_id": 5, "client_phone": "79875146788", "client_email": "client@example.com"}, 5),
        ({"client_id": "", "client_phone": "79609879898", "client_email": "client@example.com"}, 49177759),
    ],
)
def test_whom_a_callback_finds(mock: Caller, lookup: dict[str, Any], client_id: int) -> None:
    assert mock.call("callback", {**lookup, "message": "found"}).text == "ok"
    assert mock.history(client_id)[0]["text"] == "found"


def test_an_unknown_number_does_not_fall_back_to_the_phone(mock: Caller) -> None:
    body = {"client_id": 200000001, "client_phone": "79875146788", "message": "x"}
    assert mock.refusal("callback", body, status=404) == "client_not_found"


def test_a_saved_phone_and_email_find_the_client(mock: Caller) -> None:
    variables = {"client.phone": "8 800 555-35-35", "client.email": "Анна@example.com"}
    mock.call("save_variables", {"client_id": 58, "variables": variables})
    mock.call("callback", {"client_phone": 88005553535, "message": "by phone"})
    mock.call("callback", {"client_email": "анна@example.com", "message": "by e-mail"})
    assert [row["text"] for row in mock.history(58)] == ["by e-mail", "by phone"]


def test_where_the_variables_of_a_callback_go(mock: Caller) -> None:
    body = {
        "client_id": 58,
        "message": "paid",
        "amount": 4900,
        "client.city": "Paris",
        "project.rate": 1.5,
        "nested": {"a": [1, None]},
        "client.": "bare",
    }
    mock.call("callback", body)
    saved = mock.variables(58)
    assert {name: saved[name] for name in ("amount", "city", "rate", "nested", "client.")} == {
        "amount": 4900,
        "city": "Paris",
        "rate": 1.5,
        "nested": '{"a":[1,null]}',
        "client.": "bare",
    }
    assert not saved.keys() & {"client_id", "message"}
    other = mock.variables(5)
    assert other["rate"] == 1.5
    assert not other.keys() & {"amount", "city"}
    assert mock.project.store.current_order(58) is not None
    assert mock.project.store.current_order(5) is None


def test_form_values_are_saved_as_text(mock: Caller) -> None:
    form = b"client_id=58&message=x&amount=4900&tags[]=a&tags[]=b&empty="
    mock.call("callback", form, content_type="application/x-www-form-urlencoded")
    saved = mock.variables(58)
    assert (saved["amount"], saved["tags"]) == ("4900", '["a","b"]')
    assert "empty" not in saved


@pytest.mark.parametrize("name", ["", "x" * 200])
def test_a_name_that_no_variable_may_have_is_refused(mock: Caller, name: str) -> None:
    message = mock.refusal("callback", {"client_id": 58, "message": "x", name: 1})
    assert message.startswith(f"body: name '{name[:60]}")


def test_the_variables_of_a_scheduled_callback_wait(mock: Caller) -> None:
    mock.call("callback", {"client_id": 58, "message": "x", "time_shift": 60, "amount": 5})
    assert "amount" not in mock.variables(58)
    mock.now += 60
    assert mock.variables(58)["amount"] == 5


@pytest.mark.parametrize(("sent", "paused"), [({"resume_bot": True}, 0), ({"resume_bot": False}, 1), ({}, 1)])
def test_resume_bot(mock: Caller, sent: dict[str, bool], paused: int) -> None:
    mock.project.store.set_paused(58, paused=True, now=0)
    mock.call("callback", {"client_id": 58, "message": "x", **sent})
    client = mock.project.store.client(58)
    assert client is not None
    assert client["paused"] == paused


def test_one_client_and_many(mock: Caller) -> None:
    body = {"client_id": "110", "clients": [5, "58", 5], "variables": {"client.city": "Paris"}}
    assert mock.call("save_variables", body).text == "ok"
    assert [mock.variables(client_id)["city"] for client_id in (110, 5, 58)] == ["Paris"] * 3


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("name", ["plain", "client.own", "project.all"])
def test_an_empty_value_clears(mock: Caller, name: str, empty: str | None) -> None:
    read = name.rpartition(".")[2]
    mock.call("save_variables", {"client_id": 5, "variables": {name: "x"}})
    assert mock.variables(5)[read] == "x"
    mock.call("save_variables", {"client_id": 5, "variables": {name: empty}})
    assert read not in mock.variables(5)


def test_a_deal_hides_a_client_and_a_client_the_project(mock: Caller) -> None:
    for name, expected in [("project.v", "project.v"), ("client.v", "client.v"), ("v", "v"), ("project.v", "v")]:
        mock.call("save_variables", {"client_id": 5, "variables": {name: name}})
        assert mock.variables(5)["v"] == expected


def test_the_platforms_own_values(mock: Caller) -> None:
    assert mock.variables(25554) == {
        "main_client_id": "NONE",
        "message_id": 390,
        "platform_id": "700025554",
        "client_type": 1,
        "messenger": "Telegram",
        "group": "example_bot",
        "name": "Анна-Мария О'Нил",
        "avatar": "None",
        "tag": "utm_spring",
        "phone": "+7 (987) 514-67-88",
        "email": "client@example.com",
        "utm_source": "spring",
        "var_name1": "111",
        "var_name2": "13.04.2023",
    }
    mock.call("save_variables", {"client_id": 25554, "variables": {"client.name": "Анна"}})
    assert mock.variables(25554)["name"] == "Анна"


@given(name=_NAMES, value=_VALUES, scope=st.sampled_from(["", "client.", "project."]))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_is_read_back(mock: Caller, name: str, value: Any, scope: str) -> None:
    # The deal's and the client's value would hide the one of a wider scope.
    for hiding in ("", "client."):
        mock.call("save_variables", {"client_id": 5, "variables": {hiding + name: None}})
    mock.call("save_variables", {"client_id": 5, "variables": {scope + name: value}})
    if scope == "project." and name in ("name", "tag", "group", "avatar"):
        return
    assert mock.variables(5)[name] == value


@pytest.mark.parametrize(
    "body",
    [{"client_id": 999}, {"clients": [5, 999, 58]}, {"client_id": 5, "clients": ["999"]}],
    ids=str,
)
def test_one_unknown_client_and_nothing_is_saved(mock: Caller, body: dict[str, Any]) -> None:
    sent = {**body, "variables": {"client.city": "Paris", "project.city": "Paris"}}
    assert mock.refusal("save_variables", sent, status=404) == "client_not_found"


def test_nobody_is_named(mock: Caller) -> None:
    before = mock.state()
    assert mock.call("save_variables", {"clients": [], "variables": {"client.city": "Paris"}}).text == "ok"
    assert mock.state() == before
    message = mock.refusal("save_variables", {"variables": {"client.city": "Paris"}})
    assert message == "one of client_id, clients is required"


def test_the_answer_in_json_where_the_project_is_set_so(mock: Caller) -> None:
    mock.project.configure(replace(mock.project.settings, success_reply="json"))
    reply = mock.call("save_variables", {"client_id": 5, "variables": {"city": "Paris"}})
    assert reply.json() == {"status": "success"}


def test_variables_belong_to_the_current_deal(mock: Caller) -> None:
    mock.call("save_variables", {"client_id": 5, "variables": {"plan": "pro", "client.city": "Rome"}})
    first = mock.call("get_current_order_id", query={"client_id": 5}).json()["order_id"]
    assert mock.variables(5)["plan"] == "pro"
    second = mock.call("create_order", {"client_id": 5}).json()["order_id"]
    assert "plan" not in mock.variables(5)
    mock.call("save_variables", {"client_id": 5, "variables": {"plan": "free", "city": "Oslo"}})
    assert (mock.variables(5)["plan"], mock.variables(5)["city"]) == ("free", "Oslo")
    kept = {
        order_id: mock.call("get_order_vars", {"client_id": 5, "order_id": order_id}).json()["result"]
        for order_id in (first, second)
    }
    assert kept == {first: {"plan": "pro"}, second: {"plan": "free", "city": "Oslo"}}


def test_a_name_is_flat_and_has_no_prefix_when_read(mock: Caller) -> None:
    saved = {"client.city": "Rome", "plan": "pro", "project.rate": 2, "a.b": "dotted", "client.a.b": "own"}
    mock.call("save_variables", {"client_id": 5, "variables": saved})
    read = mock.variables(5)
    assert {name: read[name] for name in ("city", "plan", "rate", "a.b")} == {
        "city": "Rome",
        "plan": "pro",
        "rate": 2,
        "a.b": "dotted",
    }
    assert not read.keys() & {"client.city", "project.rate", "client.a.b"}


@pytest.mark.parametrize("value", [["Paris"], {"city": "Paris"}])
def test_a_value_that_is_not_flat_is_refused(mock: Caller, value: Any) -> None:
    message = mock.refusal("save_variables", {"client_id": 5, "variables": {"client.city": value}})
    assert message.startswith("variables.client.city: must be ")
