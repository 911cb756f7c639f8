"""Wrong parameters: the message names the field and the fix, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mock.caller import Caller


@pytest.mark.parametrize(
    ("action", "parameters", "message"),
    [
        ("message", {"message": "x"}, "client_id: is required"),
        ("message", {"clientid": 5, "message": "x"}, "`clientid` was sent: did you mean `client_id`?"),
        ("message", {"client_id": 5}, "one of message, message_id, attachment_url is required"),
        ("message", {"client_id": 5, "text": "x"}, "; `text` was sent: did you mean `message`?"),
        ("message", {"client_id": "abc", "message": "x"}, "client_id: must look like 25554, got 'abc'"),
        ("message", {"client_id": "0", "message": "x"}, "client_id: must look like 25554, got '0'"),
        ("message", {"client_id": "#{client_id}", "message": "x"}, "client_id: must look like 25554"),
        ("message", {"client_id": 0, "message": "x"}, "client_id: at least 1, got 0"),
        ("message", {"client_id": 10**18, "message": "x"}, "client_id: at most 9007199254740991, got"),
        ("message", {"client_id": [5], "message": "x"}, "client_id: must be a whole number or text, got a list"),
        ("message", {"client_id": 5, "message": 7}, "message: must be text, got 7"),
        (
            "message",
            {"client_id": 5, "attachment_url": "https://example.com/a", "attachment_type": "video/image/file"},
            "attachment_type: must be one of image, video, link, file, audio; got 'video/image/file'",
        ),
        (
            "message",
            {"client_id": 5, "attachment_url": "https://example.com/a"},
            "attachment_type is required together with attachment_url",
        ),
        (
            "message",
            {"client_id": 5, "message": "x", "attachment_type": "image"},
            "attachment_url is required together with attachment_type",
        ),
        ("message", {"client_id": 5, "message": "x", "buttons": [{"type": "x"}]}, "buttons[0].type: must be one of"),
        ("message", {"client_id": 5, "message": "x", "buttons": {"hint": 5}}, "buttons.hint: must be text, got 5"),
        ("message", {"client_id": 5, "message": "x", "buttons": '[{"text": "A"}]'}, "buttons[0]: `type` is required"),
        (
            "message",
            {"client_id": 5, "message": "x", "buttons": "[{"},
            "buttons: must be a list or an object as JSON text",
        ),
        ("message", {"client_id": 5, "message": "x", "buttons": "Prices"}, "as JSON text, got 'Prices'"),
        (
            "message",
            {"client_id": 5, "message": "x", "buttons": '"[]"'},
            "buttons: must be a list or an object as JSON text",
        ),
        (
            "message",
            {"client_id": 5, "message": "x", "buttons": [{"buttons": [{}]}]},
            "buttons[0].buttons: at most 0 items",
        ),
        ("message", {"client_id": 5, "message": "x", "time_shift": -1}, "time_shift: at least 0, got -1"),
        ("message", {"client_id": 5, "message": "x", "send_time": "tomorrow"}, "like '2024-10-16 13:15:59', got"),
        (
            "message",
            {"client_id": 5, "message": "x", "send_time": "2026-02-29 10:00:00"},
            "send_time: '2026-02-29 10:00:00' is not in the calendar",
        ),
        ("callback", {"message": "x"}, "one of client_id, client_phone, client_email is required"),
        ("callback", {"message": "x", "email": "a@b"}, "`email` was sent: did you mean `client_email`?"),
        ("callback", {"message": "x", "phone": "7900"}, "`phone` was sent: did you mean `client_phone`?"),
        ("callback", {"client_id": 5}, "message: is required"),
        ("callback", {"client_id": 5, "message": "x", "resume_bot": "maybe"}, "resume_bot: must be true or false"),
        ("get_clients", {"limit": 501}, "limit: at most 500, got 501"),
        ("get_clients", {"limit": 0}, "limit: at least 1, got 0"),
        ("get_clients", {"offset": -1}, "offset: at least 0, got -1"),
        ("get_clients", {"limit": "many"}, "limit: must be a whole number, got 'many'"),
        ("get_history", {"client_id": 5, "limit": 2001}, "limit: at most 2000, got 2001"),
        ("get_history", {"client_id": 5, "start_date": "01.01.2026"}, "stop_date is required together with start_date"),
        (
            "get_history",
            {"client_id": 5, "start_date": "29.02.2026", "stop_date": "01.03.2026"},
            "start_date: '29.02.2026' is not in the calendar",
        ),
        ("get_history", {"client_id": 5, "start_date": "01.01.0000", "stop_date": "01.01.2026"}, "start_date: "),
        ("save_variables", {"client_id": 5}, "variables: is required"),
        ("save_variables", {"variables": {"a": 1}}, "one of client_id, clients is required"),
        ("save_variables", {"client_id": 5, "variables": {"a": {}}}, "variables.a: must be a number or true or false"),
        ("save_variables", {"client_id": 5, "variables": {"": 1}}, "variables: name '': must not be empty"),
        ("save_variables", {"clients": 5, "variables": {}}, "clients: must be a list, got 5"),
        ("save_variables", {"clients": [5, "x"], "variables": {}}, "clients[1]: must look like 25554, got 'x'"),
        ("load_clients", {"clients": []}, "body: must be the list itself, without the wrapping `clients`"),
        ("load_clients", {"items": []}, "body: must be a JSON list"),
        ("load_clients", [5], "clients[0]: must be an object, got 5"),
        ("load_clients", [{"platform_id": 1, "client_type": 1}], "clients[0]: `group_id` is required"),
        ("load_clients", [{"platform_id": 1, "group_id": "", "client_type": 1}], "clients[0].group_id: must not be ''"),
        ("load_clients", [{"platform_id": 1, "group_id": "x", "client_type": 13}], "clients[0].group_id: must be ''"),
        ("load_clients", [{"platform_id": 1, "group_id": "x", "client_type": "vk"}], "clients[0].client_type: must be"),
    ],
)
def test_the_message_names_field_and_fix(mock: Caller, action: str, parameters: Any, message: str) -> None:
    assert message in mock.refusal(action, parameters)


def test_one_refusal_tells_all_that_is_wrong(mock: Caller) -> None:
    message = mock.refusal("callback", {"client_id": "x", "time_shift": -1})
    for part in ("message: is required", "client_id: must look like", "time_shift: at least 0"):
        assert part in message


def test_one_bad_item_refuses_the_whole_list(mock: Caller) -> None:
    good = {"platform_id": "1", "group_id": "", "client_type": 13}
    assert mock.refusal("load_clients", [good, {**good, "platform_id": ""}]).startswith("clients[1].platform_id")


def test_a_long_value_is_cut(mock: Caller) -> None:
    assert len(mock.refusal("message", {"client_id": "x" * 100_000, "message": "x"})) < 200
    assert len(mock.refusal("load_clients", [{}] * 1000)) < 300
