"""Importing and listing clients, and the channels that they come from."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mock.caller import CONTRACT, NOON, Caller

_GREATEST = 1_000_000_000


def _load(mock: Caller, *items: dict[str, Any]) -> list[dict[str, Any]]:
    reply = mock.call("load_clients", list(items)).json()
    assert reply["status"] == "success"
    found: list[dict[str, Any]] = reply["items"]
    return found


def test_new_clients_continue_after_the_greatest_number(mock: Caller) -> None:
    newest = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]["id"]
    items: list[dict[str, Any]] = [
        {"platform_id": 274827917, "group_id": 169166236, "client_type": 0},
        {"platform_id": "79538550785@s.whatsapp.net", "group_id": "1hwF7lwEjv4SKYIGFhQnBw==", "client_type": 6},
        {"platform_id": "79875555555", "group_id": "", "client_type": 13},
    ]
    loaded = _load(mock, *items)
    assert loaded == [{**item, "status": "success", "id": newest + n} for n, item in enumerate(items, start=1)]
    client = mock.call("get_clients", query={"limit": 3}).json()["clients"][2]
    assert client == {
        "id": newest + 1,
        "platform_id": "274827917",
        "client_type": 0,
        "name": None,
        "avatar": None,
        "message_id": None,
        "project_id": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "custom_answer": None,
        "tag": None,
        "group": "169166236",
        "operator_start_dialog": None,
    }


def test_loading_again_gives_the_same_number(mock: Caller) -> None:
    item = {"platform_id": 42, "group_id": "example_bot", "client_type": 1}
    [first], [again], [as_text] = _load(mock, item), _load(mock, item), _load(mock, {**item, "platform_id": "42"})
    assert first["id"] == again["id"] == as_text["id"]
    [other] = _load(mock, {**item, "group_id": "bulls_vs_bears_bot"})
    assert other["id"] != first["id"]
    assert _load(mock, item, item)[0] == first


@pytest.mark.parametrize("notation", ["79538550785", "+7 (953) 855-07-85", "79538550785@s.whatsapp.net", 79538550785])
def test_notations_of_a_whatsapp_number_are_one_client(mock: Caller, notation: str | int) -> None:
    item = {"group_id": 34810, "client_type": 6}
    [first] = _load(mock, {**item, "platform_id": "79538550785@s.whatsapp.net"})
    [again] = _load(mock, {**item, "platform_id": notation, "group_id": "34810"})
    assert again["id"] == first["id"]
    assert (again["platform_id"], again["group_id"]) == (notation, "34810")


def test_a_client_of_an_unknown_channel_fails_alone(mock: Caller) -> None:
    good = {"platform_id": "1", "group_id": "example_bot", "client_type": 1}
    failed, wrong_messenger, loaded = _load(mock, {**good, "group_id": "nobodys_bot"}, {**good, "client_type": 2}, good)
    assert failed["status"] == wrong_messenger["status"] == "fail"
    assert failed["group_id"] == "nobodys_bot"
    assert "channel" in failed["message"]
    assert "id" not in failed
    assert loaded["status"] == "success"


def test_an_empty_import(mock: Caller) -> None:
    assert _load(mock) == []


def test_newest_first_and_reverse(mock: Caller) -> None:
    newest_first = [client["id"] for client in mock.call("get_clients").json()["clients"]]
    assert newest_first == sorted(newest_first, reverse=True)
    assert {5, 58, 110, 25554, 85856, 1234565, 49177759, 411262772, 646410963, 1000001, 1000002} == {*newest_first}
    reverse = mock.call("get_clients", query={"reverse": "true"}).json()["clients"]
    assert [client["id"] for client in reverse] == newest_first[::-1]


def test_pages_cover_all_clients_once(mock: Caller) -> None:
    pages = [mock.call("get_clients", query={"offset": n, "limit": 4}).json()["clients"] for n in (0, 4, 8, 12)]
    assert [len(page) for page in pages] == [4, 4, 3, 0]
    assert [client for page in pages for client in page] == mock.call("get_clients").json()["clients"]
    assert mock.call("get_clients", query={"offset": 2**53 - 1}).json()["clients"] == []


def test_clients_of_a_list(mock: Caller) -> None:
    mock.project.store.add_to_list(1170282, 5)
    for reverse in ("false", "true"):
        page = mock.call("get_clients", query={"list": "1170282", "reverse": reverse}).json()["clients"]
        assert [client["id"] for client in page] == [411262772, 5]
    second = mock.call("get_clients", query={"list": 1170282, "offset": 1, "limit": 1}).json()["clients"]
    assert [client["id"] for client in second] == [5]
    assert mock.call("get_clients", query={"list": 999}).json()["clients"] == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_connected_channels(mock: Caller, method: str) -> None:
    channels = mock.call("connected_channels", method=method).json()
    schema = CONTRACT.operation("connected_channels").responses["200"]["content"]["application/json"]["schema"]
    assert channels.keys() == schema["properties"].keys()
    assert channels["project_id"] == 1
    groups = {name: [each["group_id"] for each in found] for name, found in channels.items() if name != "project_id"}
    assert {name: found for name, found in groups.items() if found} == {
        "vkontakte": ["143414131", "169166236"],
        "telegram": ["bulls_vs_bears_bot", "example_bot", "Mavibotai_bot"],
        "viber": [11],
        "whatsapp": [34810, "1hwF7lwEjv4SKYIGFhQnBw=="],
    }
    assert [channel["status"] for channel in channels["whatsapp"]] == [1, 1]


def test_every_channel_takes_clients(mock: Caller) -> None:
    types = {"vkontakte": 0, "telegram": 1, "viber": 2, "whatsapp": 6}
    channels = mock.call("connected_channels").json()
    items = [
        {"platform_id": "79000000099", "group_id": channel["group_id"], "client_type": client_type}
        for messenger, client_type in types.items()
        for channel in channels[messenger]
    ]
    loaded = _load(mock, *items)
    assert len(loaded) == 8
    assert {item["status"] for item in loaded} == {"success"}
    assert all(item["id"] < _GREATEST for item in loaded)
