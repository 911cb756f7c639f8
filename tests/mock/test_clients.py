"""Importing and listing clients, and the channels that they come from."""

from __future__ import annotations

from dataclasses import replace
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


def test_telephony_has_no_channel(mock: Caller) -> None:
    item = {"platform_id": "79875555555", "group_id": "", "client_type": 13}
    [first], [again] = _load(mock, item), _load(mock, {**item, "platform_id": "+7 987 555-55-55"})
    assert first["id"] == again["id"]
    assert mock.refusal("load_clients", [{**item, "group_id": "34810"}]).startswith("clients[0].group_id: ")
    assert mock.refusal("load_clients", [{**item, "client_type": 6}]).startswith("clients[0].group_id: ")


def test_an_email_client_is_one_in_any_case_of_letters(mock: Caller) -> None:
    item = {"platform_id": "Who@Example.com", "group_id": "shop@example.com", "client_type": 14}
    [first], [again] = _load(mock, item), _load(mock, {**item, "platform_id": "who@example.COM"})
    assert first["id"] == again["id"]


def test_an_empty_import(mock: Caller) -> None:
    assert _load(mock) == []


def test_newest_first_and_reverse(mock: Caller) -> None:
    newest_first = [client["id"] for client in mock.call("get_clients").json()["clients"]]
    assert newest_first == sorted(newest_first, reverse=True)
    assert {5, 58, 110, 25554, 85856, 1234565, 49177759, 411262772, 646410963, 1000001, 1000002} <= {*newest_first}
    reverse = mock.call("get_clients", query={"reverse": "true"}).json()["clients"]
    assert [client["id"] for client in reverse] == newest_first[::-1]


def test_pages_cover_all_clients_once(mock: Caller) -> None:
    everybody = mock.call("get_clients").json()["clients"]
    pages = [
        mock.call("get_clients", query={"offset": offset, "limit": 4}).json()["clients"]
        for offset in range(0, len(everybody) + 4, 4)
    ]
    assert [client for page in pages for client in page] == everybody
    assert {len(page) for page in pages[:-2]} == {4}
    assert mock.call("get_clients", query={"offset": 2**53 - 1}).json()["clients"] == []


def test_no_more_than_500_a_page(mock: Caller) -> None:
    items = [{"platform_id": number, "group_id": "example_bot", "client_type": 1} for number in range(1, 502)]
    loaded = [item["id"] for item in _load(mock, *items)]
    assert [client["id"] for client in mock.call("get_clients").json()["clients"]] == loaded[:0:-1]
    assert mock.refusal("get_clients", query={"limit": 501}).startswith("limit: at most 500")
    assert mock.refusal("get_clients", query={"limit": 0}).startswith("limit: at least 1")


def test_clients_of_a_list(mock: Caller) -> None:
    mock.call("add_to_list", {"list_id": 1170282, "clients": [5]})
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
    assert channels.keys() >= schema["properties"].keys()
    assert channels["project_id"] == 1
    groups = {name: [each["group_id"] for each in found] for name, found in channels.items() if name != "project_id"}
    expected = {
        "vkontakte": ["143414131", "169166236"],
        "telegram": ["bulls_vs_bears_bot", "example_bot", "Mavibotai_bot"],
        "viber": [11],
        "whatsapp": [34810, "1hwF7lwEjv4SKYIGFhQnBw=="],
    }
    assert {name: groups[name] for name in expected} == expected
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


def test_moments_as_text(mock: Caller) -> None:
    item = {"platform_id": 42, "group_id": "example_bot", "client_type": 1}
    [loaded] = _load(mock, item)
    mock.now += 90
    mock.call("message", {"client_id": loaded["id"], "message_id": 390})
    mock.project.configure(replace(mock.project.settings, created_at="text"))
    client = mock.call("get_clients", query={"limit": 500}).json()["clients"]
    [shown] = [each for each in client if each["id"] == loaded["id"]]
    assert (shown["created_at"], shown["updated_at"]) == ("2026-03-10 12:00:00.000000", "2026-03-10 12:01:30.000000")


def _client_with_everything(mock: Caller, platform_id: int) -> int:
    """Load a client with variables, a deal, a place on a list, a message, and one that waits."""
    [item] = _load(mock, {"platform_id": platform_id, "group_id": "example_bot", "client_type": 1})
    client_id: int = item["id"]
    mock.call("save_variables", {"client_id": client_id, "variables": {"client.city": "Rome", "plan": "pro"}})
    mock.call("add_to_list", {"list_id": 1170282, "clients": [client_id]})
    mock.call("message", {"client_id": client_id, "message": "now"})
    mock.call("message", {"client_id": client_id, "message": "later", "time_shift": 60})
    return client_id


def test_deleted_clients_are_gone_and_others_stay(mock: Caller) -> None:
    gone, stays = (_client_with_everything(mock, platform_id) for platform_id in (41, 42))
    assert mock.call("delete_clients", {"client_ids": [gone, str(gone), 999]}).json() == {"status": "success"}
    for action, query in {"get_variables": {}, "get_history": {}, "message": {"message": "x"}}.items():
        assert mock.refusal(action, query={"client_id": gone, **query}, status=404) == "client_not_found"
    assert mock.call("get_current_order_id", query={"client_id": gone}).json() == {"status": "client_not_found"}
    members = [each["id"] for each in mock.call("get_clients", query={"list": 1170282}).json()["clients"]]
    assert (gone in members, stays in members) == (False, True)
    assert (mock.variables(stays)["city"], mock.variables(stays)["plan"]) == ("Rome", "pro")
    mock.now += 60
    assert [row["text"] for row in mock.history(stays)] == ["later", "now"]


def test_nothing_of_a_deleted_client_is_kept(mock: Caller) -> None:
    before = mock.state()
    client_id = _client_with_everything(mock, 41)
    assert _rows(mock.state()) != _rows(before)
    mock.call("delete_clients", {"client_ids": [client_id]})
    assert _rows(mock.state()) == _rows(before)


def _rows(state: str) -> set[str]:
    """Return what a project keeps, without the counters that tell the next numbers."""
    return {line for line in state.splitlines() if "sqlite_sequence" not in line}


def test_the_number_of_a_deleted_client_is_not_given_again(mock: Caller) -> None:
    item = {"platform_id": 42, "group_id": "example_bot", "client_type": 1}
    [first] = _load(mock, item)
    mock.call("delete_clients", {"client_ids": [first["id"]]})
    [again] = _load(mock, item)
    assert again["id"] > first["id"]


def test_deleting_has_a_permission_and_a_limit(mock: Caller) -> None:
    for key in ("demo-clients-write", "demo-clients-read", "demo-none"):
        assert "clients:delete" in mock.refusal("delete_clients", {"client_ids": [5]}, key=key, status=403)
    assert mock.refusal("delete_clients", {"client_ids": list(range(1, 502))}).startswith("client_ids: at most 500")
    assert (
        mock.call("delete_clients", {"client_ids": list(range(5, 505))}, key="demo-clients-delete").status_code == 200
    )
    assert mock.project.store.client(5) is None


@pytest.mark.parametrize("phone", ["79000000404", "+7 (900) 000-04-04", 79000000404, "79000000404@s.whatsapp.net"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_without_whatsapp(mock: Caller, phone: str | int, method: str) -> None:
    sent: dict[str, Any] = {"query": {"phone": phone}} if method == "GET" else {"body": {"phone": phone}}
    assert mock.call("check_whatsapp", **sent).json() == {"exists": False}


def test_every_other_number_has_whatsapp(mock: Caller) -> None:
    for phone in ("79000000405", "8 800 555-35-35"):
        assert mock.call("check_whatsapp", {"phone": phone}).json() == {"exists": True}


@pytest.mark.parametrize(
    ("shown", "is_connected"),
    [
        ({"enabled": True, "status": 1}, True),
        ({}, True),
        ({"status": 0}, False),
        ({"status": 2}, False),
        ({"status": 3}, False),
        ({"enabled": False, "status": 1}, False),
        ({"messenger": "telegram"}, False),
    ],
)
def test_a_number_is_checked_by_a_started_channel_alone(
    mock: Caller, shown: dict[str, Any], *, is_connected: bool
) -> None:
    channel = {"id": 1, "messenger": "whatsapp", "group_id": "34810", **shown}
    project = {"seed": {"channels": [channel]}, "keys": {"full": {"value": "another-project"}}}
    assert mock.send("POST", "/_mock/v1/projects", json=project).status_code == 201
    [listed] = mock.call("connected_channels", key="another-project").json()[channel["messenger"]]
    assert listed.get("status") == shown.get("status")
    reply = mock.call("check_whatsapp", {"phone": "79000000404"}, key="another-project")
    if is_connected:
        assert reply.json() == {"exists": True}
    else:
        assert reply.status_code == 400
        assert "no WhatsApp channel" in reply.json()["message"]


def test_the_blocks_of_the_flow(mock: Caller) -> None:
    reply = mock.call("get_messages").json()
    assert reply["status"] == "success"
    blocks = {block["id"]: block for block in reply["messages"]}
    assert [*blocks] == sorted(blocks)
    assert blocks[390] == {
        "id": 390,
        "condition": "meow",
        "answer": "Meow meow",
        "message_type": 0,
        "description": "The example of the vendor's document",
    }
    mock.call("message", {"client_id": 5, "message_id": 390})
    assert mock.history(5)[0]["text"] == blocks[390]["answer"]
