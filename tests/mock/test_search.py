"""Where each single search looks, what it returns, and that phones may be written in any way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.mock.caller import NOON, Caller, deviations

from mavibot_mock.state.settings import Settings

_WHATSAPP = {"client_type": 6, "group_id": 34810}
_OTHER_WHATSAPP = {"client_type": 6, "group_id": "1hwF7lwEjv4SKYIGFhQnBw=="}
_TELEGRAM = {"client_type": 1, "group_id": "example_bot"}
_OTHER_TELEGRAM = {"client_type": 1, "group_id": "bulls_vs_bears_bot"}
_TELEPHONY = {"client_type": 13, "group_id": ""}

_NOTATIONS = [
    "79538550785",
    79538550785,
    "+7 (953) 855-07-85",
    "7.953.855.0785",
    "79538550785@s.whatsapp.net",
    " +79538550785",
]


def _load(mock: Caller, channel: dict[str, Any], platform_id: str | int) -> int:
    [item] = mock.call("load_clients", [{**channel, "platform_id": platform_id}]).json()["items"]
    found: int = item["id"]
    return found


def _save(mock: Caller, client_id: int, **variables: Any) -> None:
    mock.call("save_variables", {"client_id": client_id, "variables": variables})


def _single(mock: Caller, action: str, **query: Any) -> int | None:
    reply = mock.call(action, query=query)
    if reply.status_code == 404:
        assert reply.json() == {"status": "client_not_found"}
        return None
    assert reply.status_code == 200
    found: int = reply.json()["client_id"]
    return found


def _all(mock: Caller, action: str, **query: Any) -> list[int]:
    reply = mock.call(action, query=query).json()
    assert reply.keys() == {"status", "client_ids"}
    found: list[int] = reply["client_ids"]
    return found


def test_by_platform_id(mock: Caller) -> None:
    client_id = _load(mock, _TELEGRAM, 42)
    _save(mock, client_id, **{"client.tg_username": "@belik", "deal": 1})
    assert mock.call("find_client_id_by_platform_id", {"platform_ids": ["42"]}).json() == [
        {
            "id": client_id,
            "tag": None,
            "created_at": NOON,
            "name": None,
            "avatar": None,
            "platform_id": "42",
            "group": "example_bot",
            "variables": {"tg_username": "@belik"},
        }
    ]
    mock.project.configure(replace(mock.project.settings, created_at="text"))
    [found] = mock.call("find_client_id_by_platform_id", {"platform_ids": [42]}).json()
    assert found["created_at"] == "2026-03-10 12:00:00.000000"


def test_several_platform_ids_and_one_channel(mock: Caller) -> None:
    first, second = _load(mock, _TELEGRAM, 42), _load(mock, _OTHER_TELEGRAM, 42)
    other = _load(mock, _TELEGRAM, 43)

    def found(**body: Any) -> list[tuple[int, Any]]:
        listed = mock.call("find_client_id_by_platform_id", body).json()
        return [(each["id"], each["variables"]) for each in listed]

    assert found(platform_ids=["43", 42, "42", "nobody"]) == [(other, None), (first, None), (second, None)]
    assert found(platform_ids=["42"], group_id="bulls_vs_bears_bot") == [(second, None)]
    assert found(platform_ids=["42"], group_id="nobodys_bot") == []
    assert found(platform_ids=["nobody"]) == found(platform_ids=[]) == []


@pytest.mark.parametrize("stored", _NOTATIONS)
@pytest.mark.parametrize("asked", _NOTATIONS)
def test_a_whatsapp_number_in_any_notation(mock: Caller, stored: str | int, asked: str | int) -> None:
    client_id = _load(mock, _WHATSAPP, stored)
    for action in ("whatsapp_client_id", "find_client_id_by_phone"):
        assert _single(mock, action, phone=asked) == client_id
    [found] = mock.call("find_client_id_by_platform_id", {"platform_ids": [asked]}).json()
    assert (found["id"], found["platform_id"]) == (client_id, str(stored))


def test_a_whatsapp_number_in_one_channel(mock: Caller) -> None:
    first, second = _load(mock, _WHATSAPP, "79538550785"), _load(mock, _OTHER_WHATSAPP, "79538550785")
    assert _single(mock, "whatsapp_client_id", phone="79538550785") == first
    assert _single(mock, "whatsapp_client_id", phone="79538550785", group_id="34810") == first
    assert _single(mock, "whatsapp_client_id", phone="79538550785", group_id=_OTHER_WHATSAPP["group_id"]) == second
    assert _single(mock, "whatsapp_client_id", phone="79538550785", group_id="115000") is None


def test_whatsapp_alone_is_whatsapp(mock: Caller) -> None:
    _load(mock, _TELEPHONY, "79538550785")
    _save(mock, _load(mock, _TELEGRAM, "79538550785"), **{"client.phone": "79538550785"})
    assert _single(mock, "whatsapp_client_id", phone="79538550785") is None
    assert mock.call("whatsapp_client_id", query={"phone": "79609879898"}).json() == {"client_id": 49177759}


@pytest.mark.parametrize("saved", ["8 (800) 555-35-35", 88005553535, "88005553535@s.whatsapp.net"])
def test_by_phone_in_variables(mock: Caller, saved: str | int) -> None:
    client_id = _load(mock, _TELEGRAM, 42)
    _save(mock, client_id, phone=saved)
    assert _single(mock, "find_client_id_by_phone", phone="8-800-555-35-35") is None  # of the deal
    _save(mock, client_id, **{"client.phone": saved})
    reply = mock.call("find_client_id_by_phone", query={"phone": "8-800-555-35-35"}).json()
    assert reply == {"status": "success", "client_id": client_id}
    _save(mock, client_id, **{"client.phone": None})
    assert _single(mock, "find_client_id_by_phone", phone="8-800-555-35-35") is None


def test_by_phone_looks_at_whatsapp_and_variables_alone(mock: Caller) -> None:
    _load(mock, _TELEPHONY, "88005553535")
    _save(mock, _load(mock, _TELEGRAM, "88005553535"), **{"client.mobile": "88005553535"})
    assert _single(mock, "find_client_id_by_phone", phone="88005553535") is None
    variable = _load(mock, _TELEGRAM, 42)
    whatsapp = _load(mock, _WHATSAPP, "88005553535")
    _save(mock, variable, **{"client.phone": "88005553535"})
    assert _single(mock, "find_client_id_by_phone", phone="88005553535") == min(variable, whatsapp)


def test_what_is_no_phone_number_has_no_digits(mock: Caller) -> None:
    _save(mock, _load(mock, _TELEGRAM, 42), **{"client.phone": "caller42@example.com"})
    assert _single(mock, "find_client_id_by_phone", phone="42") is None
    telephony = _load(mock, _TELEPHONY, "caller7@example.com")
    assert _load(mock, _TELEPHONY, "caller-7@example.com") != telephony != _load(mock, _TELEPHONY, "7")
    assert _load(mock, _TELEPHONY, "+7") == _load(mock, _TELEPHONY, 7)


def test_by_email_in_variables_alone(mock: Caller) -> None:
    client_id = _load(mock, _TELEGRAM, 42)
    _save(mock, client_id, email="Who@Example.com", **{"client.mail": "who@example.com"})
    assert _single(mock, "find_client_id_by_email", email="who@example.com") is None
    _save(mock, client_id, **{"client.email": "Who@Example.com"})
    assert _single(mock, "find_client_id_by_email", email="wHO@eXAMPLE.com") == client_id


def test_by_variable(mock: Caller) -> None:
    older, newer = _load(mock, _TELEGRAM, 42), _load(mock, _OTHER_TELEGRAM, 42)
    _save(mock, newer, code="SPRING", **{"client.code": "SPRING"})
    _save(mock, older, code="AUTUMN", **{"client.code": "AUTUMN"})
    search = "find_client_id_by_var"
    assert mock.call(search, query={"var": "code", "val": "SPRING"}).json() == {
        "status": "success",
        "client_id": newer,
    }
    assert _single(mock, search, var="code", val="spring") is None
    assert _single(mock, search, var="Code", val="SPRING") is None
    assert _single(mock, search, var="client.code", val="SPRING") is None
    _save(mock, older, **{"client.code": "SPRING"})
    assert _single(mock, search, var="code", val="SPRING") == older
    assert _single(mock, search, var="code", val="SPRING", group_id="bulls_vs_bears_bot") == newer
    assert _single(mock, search, var="code", val="SPRING", group_id="nobodys_bot") is None


def test_by_variable_of_a_deal(mock: Caller) -> None:
    older, newer = _load(mock, _TELEGRAM, 42), _load(mock, _OTHER_TELEGRAM, 42)
    _save(mock, newer, code="SPRING")
    _save(mock, older, code="AUTUMN", **{"client.code": "SPRING"})
    search, order = "find_client_id_by_var", {"search_in": "order"}
    assert _single(mock, search, var="code", val="SPRING", **order) == newer
    assert _single(mock, search, var="code", val="SPRING") == older
    assert _single(mock, search, var="code", val="SPRING", group_id="example_bot", **order) is None
    assert _single(mock, search, var="code", val="AUTUMN", group_id="example_bot", **order) == older
    message = mock.refusal(search, query={"var": "code", "val": "x", "search_in": "client"})
    assert message.startswith("search_in: must be ")


@pytest.mark.parametrize(("saved", "asked"), [(5, "5"), (5.0, 5), ("5", 5), (0.5, "0.5"), (True, "true"), (-3, -3)])
def test_a_number_and_its_text_are_found_by_either(mock: Caller, saved: Any, asked: Any) -> None:
    client_id = _load(mock, _TELEGRAM, 42)
    _save(mock, client_id, **{"client.level": saved})
    assert _single(mock, "find_client_id_by_var", var="level", val=asked) == client_id


def test_the_latest_by_variable_of_client_or_deal(mock: Caller) -> None:
    first, second, third = (_load(mock, _TELEGRAM, number) for number in (41, 42, 43))
    latest = "find_latest_client_id_by_var"
    assert _single(mock, latest, var="code", val="SPRING") is None
    for client_id, name in ((second, "client.code"), (first, "code"), (third, "code")):
        _save(mock, client_id, **{name: "SPRING"})
        assert _single(mock, latest, var="code", val="SPRING") == max(client_id, second)
    _save(mock, third, code="", **{"client.code": "AUTUMN"})
    assert mock.call(latest, query={"var": "code", "val": "SPRING"}).json() == {
        "status": "success",
        "client_id": second,
    }


def test_all_by_variable_of_clients(mock: Caller) -> None:
    first, second, third = (_load(mock, _TELEGRAM, number) for number in (41, 42, 43))
    assert _all(mock, "find_all_client_id_by_var", var="code", val="SPRING") == []
    for client_id in (third, first):
        _save(mock, client_id, **{"client.code": "SPRING"})
    _save(mock, second, code="SPRING")
    assert _all(mock, "find_all_client_id_by_var", var="code", val="SPRING") == [first, third]


def test_all_by_several_variables(mock: Caller) -> None:
    first, second = _load(mock, _TELEGRAM, 41), _load(mock, _TELEGRAM, 42)
    _save(mock, first, plan="pro", **{"client.town": "Paris", "client.level": 5})
    _save(mock, second, **{"client.town": "Paris", "client.level": "6", "client.plan": "pro"})
    search = "find_all_client_id_by_several_vars"
    assert _all(mock, search, town="Paris") == [first, second]
    assert _all(mock, search, town="Paris", level=5) == [first]
    assert _all(mock, search, town="Paris", level=6, plan="pro") == [second]
    assert _all(mock, search, town="Paris", level=5, plan="pro") == []
    assert deviations(mock.call(search, query={"town": "Paris"})) == []


def test_at_most_three_variables(mock: Caller) -> None:
    search = "find_all_client_id_by_several_vars"
    assert mock.refusal(search, query=dict.fromkeys("abcd", "x")).startswith("variables: ")
    assert mock.refusal(search) == "variables: is required"


def test_a_search_does_not_see_deleted_clients(mock: Caller) -> None:
    client_id = _load(mock, _WHATSAPP, "79538550785")
    _save(mock, client_id, code="SPRING", **{"client.code": "SPRING", "client.email": "who@example.com"})
    mock.call("delete_clients", {"client_ids": [client_id]})
    assert _single(mock, "whatsapp_client_id", phone="79538550785") is None
    assert _single(mock, "find_client_id_by_email", email="who@example.com") is None
    assert _single(mock, "find_client_id_by_var", var="code", val="SPRING", search_in="order") is None
    assert _single(mock, "find_latest_client_id_by_var", var="code", val="SPRING") is None
    assert _all(mock, "find_all_client_id_by_var", var="code", val="SPRING") == []
    assert mock.call("find_client_id_by_platform_id", {"platform_ids": ["79538550785"]}).json() == []


def test_a_visitor_of_the_website_becomes_a_client(mock: Caller) -> None:
    reply = mock.call("online_chat_client_id", query={"recipient": "0f1e2d3c", "tag": "spring", "name": "John Smith"})
    client_id = reply.json()["client_id"]
    assert reply.json() == {"client_id": client_id}
    newest = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    expected = {
        "id": client_id,
        "client_type": 5,
        "group": "shop.example.com",
        "platform_id": "0f1e2d3c",
        "tag": "spring",
        "name": "John Smith",
    }
    assert {name: newest[name] for name in expected} == expected
    assert mock.variables(client_id)["messenger"] == "Онлайн-чат"


def test_a_known_visitor_stays_the_same_client(mock: Caller) -> None:
    client_id = _single(mock, "online_chat_client_id", recipient="0f1e2d3c", name="John")
    before = mock.state()
    assert _single(mock, "online_chat_client_id", recipient="0f1e2d3c", name="", tag="") == client_id
    assert mock.state() == before
    assert _single(mock, "online_chat_client_id", recipient="0f1e2d3c", tag="spring") == client_id
    newest = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (newest["name"], newest["tag"]) == ("John", "spring")
    assert _single(mock, "online_chat_client_id", recipient="0F1E2D3C") != client_id
    assert mock.refusal("online_chat_client_id", query={"recipient": ""}).startswith("recipient: ")


@pytest.mark.parametrize(("name", "value"), [("phone", "+7 999 555-44-33"), ("email", "Deal@Example.com")])
def test_contacts_in_variables_of_deals_where_the_project_is_set_so(mock: Caller, name: str, value: str) -> None:
    mock.call("save_variables", {"client_id": 5, "variables": {name: value}})
    query = {name: value.lower().replace("-", "")}
    assert mock.call(f"find_client_id_by_{name}", query=query).status_code == 404
    mock.project.configure(Settings(contact_variables="client_and_deals"))
    assert mock.call(f"find_client_id_by_{name}", query=query).json()["client_id"] == 5
