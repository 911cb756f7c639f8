"""Sending one message to many clients: who gets it, when, and which targets go together."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mock.caller import NOON, Caller


def _reached(mock: Caller) -> dict[int, list[str]]:
    """Return the texts of new messages by client."""
    rows = mock.call("get_clients", query={"limit": 500}).json()["clients"]
    histories = {row["id"]: mock.history(row["id"]) for row in rows if row["id"] != 25554}
    return {client_id: [row["text"] for row in history] for client_id, history in histories.items() if history}


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ({"clients": ["5", "58", "110"]}, {5, 58, 110}),
        ({"clients": [5, 200000001, "58", 5]}, {5, 58}),
        ({"clients": [200000001]}, set()),
        ({"clients": [5], "list": "", "platform_ids": [], "group_id": ""}, {5}),
        ({"list": 1170282, "clients": [], "platform_ids": None}, {411262772}),
        ({"list": "1170282", "group_id": "example_bot"}, {411262772}),
        ({"list": 5}, set()),
        ({"platform_ids": [571830542, "2568652", "1"], "group_id": "bulls_vs_bears_bot"}, {5, 58}),
        ({"platform_ids": [571830542], "group_id": "example_bot"}, set()),
        ({"platform_ids": ["+7 960 987-98-98"], "group_id": 34810}, {49177759}),
    ],
)
def test_who_gets_it(mock: Caller, target: dict[str, Any], reached: set[int]) -> None:
    assert mock.call("broadcast", {"message": "News", "shift": 0, **target}).text == "ok"
    assert _reached(mock) == {client_id: ["News"] for client_id in reached}


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({}, "one of list, clients, platform_ids is required"),
        ({"group_id": "example_bot"}, "one of list, clients, platform_ids is required"),
        ({"clients": [], "list": None}, "one of list, clients, platform_ids is required"),
        ({"clients": [5], "list": 1170282}, "only one of list, clients can be given"),
        ({"clients": [5], "platform_ids": [5], "group_id": "example_bot"}, "only one of clients, platform_ids can be"),
        ({"platform_ids": ["2568652"]}, "group_id is required together with platform_ids"),
    ],
)
def test_exactly_one_target(mock: Caller, target: dict[str, Any], named: str) -> None:
    assert named in mock.refusal("broadcast", {"message": "News", **target})


def test_a_file_with_buttons_and_a_block(mock: Caller) -> None:
    file = {"attachment_type": "image", "attachment_url": "https://files.example.com/a.jpg"}
    mock.call("broadcast", {"clients": [5], **file, "buttons": [{"type": "reply", "text": "A"}]})
    mock.call("broadcast", {"clients": [5], "message_id": 390, "message": "not sent"})
    [block, attached] = mock.history(5)
    assert (attached["text"], attached["attachments"], attached["message_from_outside"]) == ("", [file], 1)
    assert (block["text"], block["message_id"], block["message_from_outside"]) == ("Meow meow", 390, 1)


def test_nothing_to_send_or_an_unknown_block(mock: Caller) -> None:
    assert "message, message_id, attachment_url is required" in mock.refusal("broadcast", {"clients": [5]})
    said = mock.refusal("broadcast", {"clients": [5], "message_id": 17}, status=404)
    assert said == "message_id: the project has no block 17"


@pytest.mark.parametrize(
    ("spacing", "moments"),
    [
        ({}, [0, 0.2, 0.4]),
        ({"shift": 30}, [0, 30, 60]),
        ({"shift": 30, "time_shift": 60}, [60, 90, 120]),
        ({"shift": 1.5, "send_time": "2026-03-10 12:00:10"}, [10, 11.5, 13]),
        ({"shift": 1, "time_shift": 5, "send_time": "2030-01-01 00:00:00"}, [5, 6, 7]),
        ({"shift": 1, "send_time": "2020-01-01 00:00:00"}, [0, 1, 2]),
    ],
)
def test_spacing(mock: Caller, spacing: dict[str, Any], moments: list[float]) -> None:
    clients = [58, 5, 110]
    mock.call("broadcast", {"message": "News", "clients": clients, **spacing})
    for client_id, moment in zip(clients, moments, strict=True):
        mock.now = NOON + max(moment - 0.1, 0)
        assert len(mock.history(client_id)) == (moment == 0)
        mock.now = NOON + moment + 0.01
        assert [row["created_at"] for row in mock.history(client_id)] == [int(NOON + moment)]


def test_a_list_counts_as_it_is_at_the_call(mock: Caller) -> None:
    mock.call("add_to_list", {"list_id": 7, "clients": [5, 58]})
    mock.call("broadcast", {"message": "News", "list": 7, "time_shift": 10, "shift": 0})
    mock.call("remove_from_list", {"list_id": 7, "clients": [58]})
    mock.call("add_to_list", {"list_id": 7, "clients": [110]})
    mock.now += 10
    assert _reached(mock) == {5: ["News"], 58: ["News"]}


def test_who_was_deleted_meanwhile_gets_nothing(mock: Caller) -> None:
    mock.call("broadcast", {"message": "News", "clients": [58, 5, 110], "shift": 10})
    assert mock.call("delete_clients", {"client_ids": [5]}).status_code == 200
    mock.now += 20
    assert _reached(mock) == {58: ["News"], 110: ["News"]}


@pytest.mark.heavy
def test_ten_thousand_clients(mock: Caller) -> None:
    added = [
        mock.project.store.add_client(client_type=1, group_id="example_bot", platform_id=f"n{number}", now=NOON)
        for number in range(10_000)
    ]
    mock.call("broadcast", {"message": "News", "clients": added})
    mock.now = NOON + 0.2 * 9_999 + 0.01
    assert [row["created_at"] for row in mock.history(added[-1])] == [int(NOON + 1999.8)]
    counted = mock.project.store._number("SELECT count(DISTINCT client_id) FROM messages WHERE text = 'News'")
    assert counted == 10_000
