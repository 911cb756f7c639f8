"""`value_*` and `delimiter`: the sender says where a parameter is found."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mock.caller import CONTRACT, Caller, deviations

from mavibot_mock.request.aliases import Resolved, resolve
from mavibot_mock.request.deviations import Deviations

_OPERATION = CONTRACT.operation("callback")
_KEYS = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=5)


def test_the_documents_example_equals_the_plain_call(mock: Caller) -> None:
    body = {"my_client": 49177759, "message": "Hello world"}
    response = mock.call("callback", body, query={"value_client_id": "my_client"})
    assert response.text == "ok"
    assert deviations(response) == []
    assert mock.history(49177759)[0]["text"] == "Hello world"
    assert "my_client" not in mock.variables(49177759)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("place", ["query", "body"])
def test_every_alias_of_callback_in_every_place(mock: Caller, method: str, place: str) -> None:
    aliases = {"value_phone": "tel", "value_message": "event"}
    values = {"tel": "8 (987) 514 67 88".replace("8 ", "7 ", 1), "event": "paid", "amount": "10"}
    if place == "body":
        response = mock.call("callback", {**aliases, **values}, method=method)
        assert "value_phone: sent in the body instead of the URL" in deviations(response)
    else:
        response = mock.call("callback", query={**aliases, **values}, method=method)
    assert response.text == "ok"
    assert mock.history(25554)[0]["text"] == "paid"
    saved = mock.variables(25554)
    assert saved["amount"] == "10"
    assert not saved.keys() & {"tel", "event", "value_phone", "value_message"}


def test_alias_of_the_email(mock: Caller) -> None:
    mock.call("callback", {"mail": "Client@Example.com", "message": "x"}, query={"value_email": "mail"})
    assert mock.history(25554)[0]["text"] == "x"


def test_alias_wins_and_may_name_a_declared_parameter(mock: Caller) -> None:
    body = {"client_id": 5, "client_phone": 58, "message": "x"}
    mock.call("callback", body, query={"value_client_id": "client_phone"})
    assert mock.history(58)[0]["text"] == "x"


def test_alias_that_leads_nowhere_is_noted_and_does_nothing(mock: Caller) -> None:
    response = mock.call("callback", {"client_id": 5, "message": "x"}, query={"value_client_id": "typo"})
    assert response.text == "ok"
    assert deviations(response) == ["value_client_id: no key 'typo' was sent"]
    assert mock.history(5)[0]["text"] == "x"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ({"value_client_id": "typo"}, "value_client_id: no key 'typo' was sent"),
        ({"delimiter_value_client_id": "a.id"}, "delimiter_value_client_id: needs `delimiter` beside it"),
        (
            {"delimiter": ".", "delimiter_value_client_id": "a.b"},
            "delimiter_value_client_id: nothing was sent at a > b",
        ),
    ],
)
def test_a_refusal_says_which_alias_leads_nowhere(mock: Caller, query: dict[str, str], note: str) -> None:
    message = mock.refusal("callback", {"message": "x", "a": {"id": 5}}, query=query)
    assert message == f"one of client_id, client_phone, client_email is required; {note}"
    message = mock.refusal("message", {"message": "x", "a": {"id": 5}}, query=query)
    assert message == f"client_id: is required; {note}"


def test_a_refusal_for_another_reason_does_not_speak_of_aliases(mock: Caller) -> None:
    body = {"client_id": 5, "message": "x", "time_shift": -1}
    message = mock.refusal("callback", body, query={"value_client_id": "typo"})
    assert message == "time_shift: at least 0, got -1"


def test_a_long_alias_is_cut_in_the_refusal(mock: Caller) -> None:
    assert len(mock.refusal("callback", {"message": "x"}, query={"value_client_id": "x" * 10_000})) < 300


def test_alias_of_message(mock: Caller) -> None:
    query = {"value_client_id": "user", "value_message": "words"}
    assert mock.call("message", {"user": "58", "words": "hi"}, query=query).text == "ok"
    assert mock.history(58)[0]["text"] == "hi"


@pytest.mark.parametrize("alias", ["value_client_id", "delimiter", "delimiter_value_client_id"])
def test_an_empty_alias_is_absent_and_a_strange_one_is_refused(mock: Caller, alias: str) -> None:
    body = {"client_id": 5, "message": "x"}
    response = mock.call("callback", body, query={alias: ""})
    assert deviations(response) == [f"{alias}: empty, taken as absent"]
    assert mock.refusal("callback", {**body, alias: {"a": 1}}).startswith(f"{alias}: must be text")


def test_delimiter_of_several_characters_is_refused(mock: Caller) -> None:
    body = {"client_id": 5, "message": "x"}
    assert mock.refusal("callback", body, query={"delimiter": "--"}).startswith("delimiter: at most 1")


@pytest.mark.parametrize(
    ("query", "client_id"),
    [
        ({"delimiter": "5", "delimiter_value_client_id": "key15key25id"}, 25554),
        ({"delimiter": ".", "delimiter_value_phone": "key1.key2.phone"}, 25554),
        ({"delimiter": ".", "delimiter_value_client_id": "list.1.id"}, 58),
        ({"delimiter": ".", "delimiter_value_client_id": "top"}, 110),
    ],
)
def test_delimiter(mock: Caller, query: dict[str, str], client_id: int) -> None:
    body = {
        "key1": {"key2": {"id": 25554, "phone": "79875146788"}},
        "list": [{"id": 5}, {"id": 58}],
        "top": 110,
        "message": "nested",
    }
    assert mock.call("callback", body, query=query).text == "ok"
    assert mock.history(client_id)[0]["text"] == "nested"
    assert not mock.variables(client_id).keys() & {"delimiter", *query}


@pytest.mark.parametrize("path", ["a.x", "a.b.c", "list.2.id", "list.-1.id", "list.x", "message.0", "", "list.²"])
def test_delimiter_that_leads_nowhere_does_nothing(mock: Caller, path: str) -> None:
    body = {"a": {"b": None}, "list": [1, 2], "message": "x"}
    query = {"delimiter": ".", "delimiter_value_client_id": path}
    assert mock.refusal("callback", body, query=query).startswith("one of client_id")


def test_delimiter_whose_target_the_action_does_not_have(mock: Caller) -> None:
    query = {"delimiter": ".", "delimiter_value_phone": "a.phone", "delimiter_value_client_id": "a.id"}
    response = mock.call("message", {"a": {"id": 5, "phone": "1"}, "message": "x"}, query=query)
    assert response.text == "ok"
    assert deviations(response) == ["delimiter_value_phone: has no effect on message"]


_TELEGRAM_USER = {"user_id": "2568652", "group_id": "bulls_vs_bears_bot"}


@pytest.mark.parametrize(
    ("action", "body", "query"),
    [
        ("tg_callback", _TELEGRAM_USER, {"delimiter": "1", "delimiter_value_client_id": "a1id"}),
        ("email_callback", {"email": "a@example.com"}, {"delimiter": "1", "delimiter_value_phone": "a1phone"}),
        ("broadcast", {"clients": [5]}, {"delimiter": "1", "delimiter_value_client_id": "a1id"}),
        ("callback", {"client_id": 5}, {"value_user_id": "u", "value_group_id": "g"}),
        ("message", {"client_id": 5}, {"value_phone": "u"}),
        ("email_callback", {"email": "a@example.com"}, {"value_email": "mail"}),
        ("tg_callback", _TELEGRAM_USER, {"value_client_id": "u"}),
    ],
)
def test_an_alias_without_effect_is_noted_and_saved_nowhere(
    mock: Caller, action: str, body: dict[str, Any], query: dict[str, str]
) -> None:
    response = mock.call(action, {**body, "message": "x", "u": "58"}, query=query)
    assert response.text == "ok"
    notes = deviations(response)
    assert [f"{alias}: has no effect on {action}" for alias in query] == [note for note in notes if "no effect" in note]
    [newest] = mock.call("get_clients", query={"limit": 1}).json()["clients"]
    client_id = newest["id"] if action == "email_callback" else 5
    assert mock.history(client_id)[0]["text"] == "x"
    assert not mock.variables(client_id).keys() & {*query, "client_id", "phone"}


@pytest.mark.parametrize(
    ("action", "alias"),
    [
        ("whatsapp_callback", "delimiter_value_client_id"),
        ("whatsapp_message", "delimiter_value_client_id"),
        ("message", "delimiter_value_phone"),
        ("save_variables", "delimiter_value_phone"),
        ("broadcast", "delimiter_value_client_id"),
    ],
)
def test_an_alias_without_effect_alone_is_refused_and_named(mock: Caller, action: str, alias: str) -> None:
    content = {"variables": {"a": "b"}} if action == "save_variables" else {"message": "x"}
    query = {"delimiter": ".", alias: "a.b"}
    message = mock.refusal(action, {**content, "a": {"b": 5}}, query=query)
    assert f"{alias}: has no effect on {action}" in message


@pytest.mark.parametrize(("sent", "text"), [(4900, "4900"), (49.5, "49.5")])
def test_a_number_found_by_value_message_is_text(mock: Caller, sent: float, text: str) -> None:
    for action in ("callback", "message"):
        response = mock.call(action, {"client_id": 5, "sum": sent}, query={"value_message": "sum"})
        assert deviations(response) == []
        assert mock.history(5)[0]["text"] == text
    assert "must be text" in mock.refusal("message", {"client_id": 5, "message": sent})
    assert "must be text" in mock.refusal("message", {"client_id": 5, "sum": True}, query={"value_message": "sum"})


def test_a_nested_variable_is_noted_except_where_an_alias_looks_into_it(mock: Caller) -> None:
    body = {"order": {"client": 5}, "items": [1, 2], "message": "x"}
    query = {"delimiter": ".", "delimiter_value_client_id": "order.client"}
    response = mock.call("callback", body, query=query)
    assert deviations(response) == ["items: nested; variables are flat, so its JSON text is saved (assumed)"]
    assert mock.variables(5)["items"] == "[1,2]"


@given(st.lists(_KEYS, min_size=1, max_size=12), st.integers())
def test_a_path_of_any_depth_finds_its_value(path: list[str], value: int) -> None:
    nested: Any = value
    for key in reversed(path):
        nested = {key: nested}
    aliases = {"delimiter": "/", "delimiter_value_client_id": "/".join(path)}
    noted = Deviations()
    resolved = resolve(nested, aliases, _OPERATION, noted)
    assert resolved.parameters["client_id"] == value
    assert resolved.foreign == {path[0]}
    assert resolved.unresolved == []
    assert noted.shown() == []


@given(st.dictionaries(_KEYS, st.integers(), min_size=1), st.data())
def test_a_move_keeps_all_other_values(parameters: dict[str, int], data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(parameters)))
    moved = resolve(parameters, {"value_client_id": source}, _OPERATION, Deviations()).parameters
    kept = {name: value for name, value in parameters.items() if name != source}
    assert moved == {**kept, "client_id": parameters[source]}


@given(st.dictionaries(_KEYS, st.integers()))
def test_without_aliases_nothing_moves(parameters: dict[str, int]) -> None:
    noted = Deviations()
    assert resolve(parameters, {}, _OPERATION, noted) == Resolved(parameters, moved=set(), foreign=set(), unresolved=[])
    assert noted.shown() == []
