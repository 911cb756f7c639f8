"""Calls as integrators really send them: answered, and each departure from the contract is named."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from tests.mock.caller import Caller, deviations

_HELLO = {"client_id": "58", "message": "Привет"}
_FORM = "application/x-www-form-urlencoded"


def test_a_call_by_the_contract_has_no_deviations(mock: Caller) -> None:
    assert deviations(mock.call("message", _HELLO)) == []
    assert deviations(mock.call("message", {**_HELLO, "client_id": 58})) == []
    assert deviations(mock.call("message", _HELLO, content_type="application/json; charset=UTF-8")) == []
    assert deviations(mock.call("message", query=_HELLO)) == []
    assert deviations(mock.call("get_clients", query={"limit": 2, "reverse": "True", "offset": "0"})) == []
    assert [row["text"] for row in mock.history(58)] == ["Привет"] * 4


@pytest.mark.parametrize(
    "label", ["text/plain", _FORM, "multipart/form-data", "Massange", "application/octet-stream", None]
)
def test_json_under_any_label(mock: Caller, label: str | None) -> None:
    [text] = deviations(mock.call("message", _HELLO, content_type=label))
    assert text.startswith("body: JSON ")
    assert (label or "without a content type") in text
    assert mock.history(58)[0]["text"] == "Привет"


@pytest.mark.parametrize("label", [_FORM, f"{_FORM}; charset=utf-8", "Massange", None])
def test_forms(mock: Caller, label: str | None) -> None:
    [text] = deviations(mock.call("message", urlencode(_HELLO).encode(), content_type=label))
    assert "form" in text
    assert (label or "without a content type").split(";")[0] in text
    assert mock.history(58)[0]["text"] == "Привет"


def test_multipart(mock: Caller) -> None:
    response = mock.send("POST", "/api/demo-full/message", data=_HELLO, files={"upload": b"ignored"})
    assert response.text == "ok"
    assert deviations(response) == ["body: a multipart/form-data form instead of application/json"]
    assert mock.history(58)[0]["text"] == "Привет"


@pytest.mark.parametrize(
    ("action", "method", "query", "named"),
    [
        ("connected_channels", "POST", {}, "POST"),
        ("get_variables", "POST", {"client_id": 5}, "POST"),
        ("save_variables", "GET", {"client_id": 5, "variables": '{"a": 1}'}, "GET"),
        ("load_clients", "GET", {"clients": '[{"platform_id":1,"group_id":"","client_type":13}]'}, "GET"),
    ],
)
def test_either_method(mock: Caller, action: str, method: str, query: dict[str, Any], named: str) -> None:
    response = mock.call(action, query=query, method=method)
    assert response.status_code == 200
    [text] = deviations(response)
    assert text.startswith(f"{named}: {action} is documented for ")


def test_reads_by_post_with_json(mock: Caller) -> None:
    response = mock.call("get_clients", {"offset": 0, "limit": 3})
    assert len(response.json()["clients"]) == 3
    assert deviations(response) == ["POST: get_clients is documented for GET"]


def test_parameters_in_the_url_of_a_post(mock: Caller) -> None:
    response = mock.call("message", {"message": "from the body"}, query={"client_id": 58, "message": "from the URL"})
    assert sorted(deviations(response)) == [
        "client_id: sent in the URL instead of the body",
        "message: sent in the URL and in the body; the body counts",
    ]
    assert mock.history(58)[0]["text"] == "from the body"


def test_body_of_a_get(mock: Caller) -> None:
    response = mock.call("message", _HELLO, method="GET")
    assert deviations(response) == ["body: sent with GET, where parameters belong in the URL"]
    assert mock.history(58)[0]["text"] == "Привет"


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("True", True), ("false", False)])
def test_booleans_as_text_in_json(mock: Caller, text: str, *, expected: bool) -> None:
    mock.project.store.set_paused(5, paused=True, now=0)
    response = mock.call("callback", {"client_id": 5, "message": "x", "resume_bot": text})
    assert deviations(response) == ["resume_bot: sent as text instead of true or false"]
    client = mock.project.store.client(5)
    assert client is not None
    assert bool(client["paused"]) is not expected


@pytest.mark.parametrize("number", [0, 1])
def test_booleans_as_numbers_in_json(mock: Caller, number: int) -> None:
    mock.project.store.set_paused(5, paused=True, now=0)
    response = mock.call("callback", {"client_id": 5, "message": "x", "resume_bot": number})
    assert deviations(response) == ["resume_bot: sent as a number instead of true or false"]
    client = mock.project.store.client(5)
    assert client is not None
    assert bool(client["paused"]) is not bool(number)
    assert "resume_bot: must be" in mock.refusal("callback", {"client_id": 5, "message": "x", "resume_bot": 2})


def test_a_number_stays_one_where_numbers_are_allowed(mock: Caller) -> None:
    assert deviations(mock.call("save_variables", {"client_id": 5, "variables": {"flag": 1}})) == []
    assert mock.variables(5)["flag"] == 1


@pytest.mark.parametrize("label", ["application/json", None])
def test_a_byte_order_mark_before_json(mock: Caller, label: str | None) -> None:
    response = mock.call("message", json.dumps(_HELLO).encode("utf-8-sig"), content_type=label)
    assert response.text == "ok"
    assert "body: begins with a byte order mark" in deviations(response)
    assert mock.history(58)[0]["text"] == "Привет"


def test_text_and_unknown_keys_inside_the_items_of_a_list(mock: Caller) -> None:
    item = {"platform_id": "9", "group_id": "34810", "client_type": "6", "name": "Anna"}
    response = mock.call("load_clients", [item])
    [loaded] = response.json()["items"]
    assert deviations(response) == [
        "clients[0].client_type: sent as text instead of a whole number",
        "clients[0].name: no field of an item, ignored",
    ]
    assert loaded == {
        "platform_id": "9",
        "group_id": "34810",
        "client_type": 6,
        "status": "success",
        "id": loaded["id"],
    }
    [client] = mock.call("get_clients", query={"limit": 1}).json()["clients"]
    assert (client["id"], client["client_type"]) == (loaded["id"], 6)


def test_numbers_as_text_in_json(mock: Caller) -> None:
    response = mock.call("get_clients", {"limit": "2", "offset": "1"})
    assert [client["id"] for client in response.json()["clients"]] == [411262772, 49177759]
    assert "limit: sent as text instead of a whole number" in deviations(response)


@pytest.mark.parametrize("empty", ["", None])
def test_empty_optional_parameters_are_absent(mock: Caller, empty: str | None) -> None:
    body = {**_HELLO, "attachment_url": empty, "attachment_type": empty, "message_id": empty, "send_time": empty}
    response = mock.call("message", body)
    assert response.text == "ok"
    assert deviations(response) == [
        f"{name}: empty, taken as absent" for name in ("attachment_url", "attachment_type", "message_id", "send_time")
    ]


def test_empty_parameters_of_a_url_and_of_a_form_are_absent(mock: Caller) -> None:
    response = mock.call("get_clients", query={"list": "", "limit": "1"})
    assert deviations(response) == ["list: empty, taken as absent"]
    form = urlencode({"client_id": "", "client_phone": "", "client_email": "client@example.com", "message": "x"})
    response = mock.call("callback", form.encode(), content_type=_FORM)
    assert response.text == "ok"
    assert {"client_id: empty, taken as absent", "client_phone: empty, taken as absent"} < {*deviations(response)}


def test_an_empty_required_parameter_is_refused(mock: Caller) -> None:
    assert "client_id" in mock.refusal("message", {"client_id": "", "message": "x"})
    assert mock.refusal("callback", {"client_id": 5, "message": ""}) == "message: must not be empty"
    assert "client_id" in mock.refusal("get_variables", query={"client_id": ""})


def test_unknown_keys_are_ignored_where_nothing_is_saved(mock: Caller) -> None:
    response = mock.call("message", {**_HELLO, "utm": "x"})
    assert deviations(response) == ["utm: no parameter of message, ignored"]
    assert "utm" not in mock.variables(58)


@pytest.mark.parametrize(
    "form",
    [
        "clients=5&clients=58",
        "clients[]=5&clients[]=58",
        "clients=[5,58]",
        'clients=["5","58"]',
        "client_id=5&clients=58",
        "client_id=5&clients[]=58",
    ],
)
def test_lists_in_forms_and_urls(mock: Caller, form: str) -> None:
    variables = urlencode({"variables": json.dumps({"client.city": "Paris", "promo": None})})
    sent = f"{form}&{variables}"
    assert mock.call("save_variables", sent.encode(), content_type=_FORM).text == "ok"
    assert [mock.variables(client_id)["city"] for client_id in (5, 58)] == ["Paris", "Paris"]


def test_a_repeated_key_that_is_no_list(mock: Caller) -> None:
    response = mock.call("message", b"client_id=5&client_id=58&message=x", content_type=_FORM)
    assert "client_id: sent 2 times; the last one counts" in deviations(response)
    assert mock.history(58)[0]["text"] == "x"


def test_a_careless_call_gets_a_bounded_header(mock: Caller) -> None:
    response = mock.call("message", {**_HELLO, **{f"ключ{n}" * 50: n for n in range(500)}})
    _assert_small(response, 500)


def test_the_header_stays_small_whatever_the_names_are(mock: Caller) -> None:
    _assert_small(mock.call("message", {**_HELLO, **{f"{'я' * 60}{n}": n for n in range(25)}}), 25)
    _assert_small(mock.call("message", {**_HELLO, **{f"{'😀' * 300}{n}": n for n in range(25)}}), 25)


def test_short_deviations_are_counted_too(mock: Caller) -> None:
    response = mock.call("message", {**_HELLO, **{f"k{n}": n for n in range(25)}})
    assert len(deviations(response)) == 21
    assert deviations(response)[-1] == "and 5 more"


def _assert_small(response: httpx2.Response, count: int) -> None:
    name = "Mavibot-Mock-Deviations"
    assert len(f"{name}: {response.headers[name]}\r\n") < 4096
    *shown, rest = deviations(response)
    assert shown
    assert rest == f"and {count - len(shown)} more"


@pytest.mark.parametrize(
    ("form", "saved"),
    [
        ("variables[city]=Paris&variables[client.age]=5", {"city": "Paris", "age": "5"}),
        ('variables={"city": "Paris"}', {"city": "Paris"}),
    ],
)
def test_objects_in_forms_as_php_writes_them(mock: Caller, form: str, saved: dict[str, str]) -> None:
    response = mock.call("save_variables", f"client_id=5&{form}".encode(), content_type=_FORM)
    assert response.text == "ok"
    noted = "variables: written with brackets; read as an object or a list"
    assert (noted in deviations(response)) is ("[" in form)
    assert saved.items() <= mock.variables(5).items()


@pytest.mark.parametrize("steps", [("[0]", "[1]"), ("[]", "[]")])
def test_lists_in_forms_as_php_writes_them(mock: Caller, steps: tuple[str, str]) -> None:
    one, two = steps
    form = f"clients{one}=5&clients{two}=58&variables[a]=1"
    assert mock.call("save_variables", form.encode(), content_type=_FORM).text == "ok"
    assert [mock.variables(client_id)["a"] for client_id in (5, 58)] == ["1", "1"]


def test_a_list_of_objects_in_a_form(mock: Caller) -> None:
    form = "clients[0][platform_id]=9&clients[0][group_id]=34810&clients[0][client_type]=6"
    response = mock.call("load_clients", query=dict(each.split("=") for each in form.split("&")), method="GET")
    [loaded] = response.json()["items"]
    assert (loaded["status"], loaded["client_type"]) == ("success", 6)
    assert "clients: written with brackets; read as an object or a list" in deviations(response)


def test_nested_names_of_a_form_serve_a_delimiter(mock: Caller) -> None:
    form = b"order[client][id]=58&message=x&order[lines][][sku]=7"
    query = {"delimiter": ".", "delimiter_value_client_id": "order.client.id"}
    assert mock.call("callback", form, query=query, content_type=_FORM).text == "ok"
    assert mock.history(58)[0]["text"] == "x"
    assert json.loads(mock.variables(58)["order"]) == {"client": {"id": "58"}, "lines": [{"sku": "7"}]}


@pytest.mark.parametrize("name", ["a[b", "a]b[c]", "[a]", "a[b]c"])
def test_other_brackets_are_letters_of_a_name(mock: Caller, name: str) -> None:
    form = urlencode({"client_id": 5, "message": "x", name: "1"})
    assert mock.call("callback", form.encode(), content_type=_FORM).text == "ok"
    assert mock.variables(5)[name] == "1"


def test_variables_spread_over_the_query_string(mock: Caller) -> None:
    mock.call("save_variables", {"client_id": 58, "variables": {"client.city": "Omsk", "client.plan": "pro"}})
    action, wanted = "find_all_client_id_by_several_vars", {"city": "Omsk", "plan": "pro"}
    spread = mock.call(action, query=wanted)
    assert spread.json()["client_ids"] == [58]
    assert deviations(spread) == []
    for body in (wanted, {"variables": wanted}):
        response = mock.call(action, body)
        assert response.json()["client_ids"] == [58]
        assert deviations(response) == [f"POST: {action} is documented for GET"]
    assert mock.call(action, query={"variables": json.dumps(wanted)}).json()["client_ids"] == [58]
    assert mock.call(action, query={"city": "Omsk", "plan": "free"}).json()["client_ids"] == []
    assert "variables" in mock.refusal(action)
    assert "variables: " in mock.refusal(action, query={"a": 1, "b": 2, "c": 3, "d": 4})


def test_the_reason_survives_a_long_name(mock: Caller) -> None:
    [text] = deviations(mock.call("message", {**_HELLO, "x" * 5000: 1}))
    assert text == f"{'x' * 60}…: no parameter of message, ignored"


def test_a_name_with_its_words_turned_is_hinted_at(mock: Caller) -> None:
    [text] = deviations(mock.call("create_order", {"client_id": 5, "name": "A", "id_state": 37}))
    assert text == "id_state: no parameter of create_order, ignored; did you mean `state_id`?"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("клиент.city", "client.city"),
        ("Клиент.city", "client.city"),
        ("clent.city", "client.city"),
        ("проект.a", "project.a"),
    ],
)
def test_a_prefix_that_is_misspelled_is_hinted_at(mock: Caller, name: str, meant: str) -> None:
    expected = f"{name}: no prefix of a variable, saved in the deal under this name; did you mean `{meant}`?"
    saved = mock.call("save_variables", {"client_id": 5, "variables": {name: "Paris", "other.city": "x"}})
    assert deviations(saved) == [expected]
    assert deviations(mock.call("callback", {"client_id": 5, "message": "x", name: "Paris"})) == [expected]
    assert mock.variables(5)[name] == "Paris"


def test_true_as_a_number_by_get_is_noted(mock: Caller) -> None:
    response = mock.call("get_clients", query={"reverse": "1"})
    assert deviations(response) == ["reverse: sent as 1 instead of true or false"]
    assert response.json() == mock.call("get_clients", query={"reverse": "true"}).json()
