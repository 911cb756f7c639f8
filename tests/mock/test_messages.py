"""Sending messages now and later, and reading the history."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.mock.caller import NOON, Caller, deviations

from mavibot_mock import DEVIATIONS_HEADER
from mavibot_mock.state.settings import Settings


def test_a_text_appears_in_the_history(mock: Caller) -> None:
    response = mock.call("message", {"client_id": "25554", "message": "some_text"})
    assert response.text == "ok"
    assert response.headers["content-type"].startswith("text/plain")
    newest = mock.history(25554)[0]
    assert newest.pop("id") > 104500
    assert newest == {
        "answered": True,
        "client_replica": False,
        "message_id": None,
        "message_from_outside": 1,
        "created_at": NOON,
        "text": "some_text",
        "attachments": {},
        "delivered": True,
        "error_message": None,
        "manager_id": None,
        "manager_email": None,
    }


def test_a_file(mock: Caller) -> None:
    file = {"attachment_type": "image", "attachment_url": "https://files.example.com/a.jpg"}
    mock.call("message", {"client_id": 5, **file})
    newest = mock.history(5)[0]
    assert (newest["text"], newest["attachments"]) == ("", [file])


def test_a_block_sends_its_answer_and_moves_the_client(mock: Caller) -> None:
    mock.call("message", {"client_id": 5, "message_id": "390"})
    newest = mock.history(5)[0]
    assert (newest["text"], newest["message_id"], newest["message_from_outside"]) == ("Meow meow", 390, 1)
    assert mock.variables(5)["message_id"] == 390
    listed = mock.call("get_clients", query={"reverse": "true", "limit": 1}).json()["clients"][0]
    assert (listed["message_id"], listed["updated_at"]) == (390, NOON)


def test_a_block_with_a_text_and_a_file_is_sent_alone(mock: Caller) -> None:
    file = {"attachment_type": "image", "attachment_url": "https://files.example.com/a.jpg"}
    mock.call("message", {"client_id": 5, "message_id": 390, "message": "not sent", **file})
    assert [(row["text"], row["attachments"]) for row in mock.history(5)] == [("Meow meow", {})]


@pytest.mark.parametrize("phone", ["+7 (987) 514-67-88", 79875146788, "79875146788@s.whatsapp.net"])
@pytest.mark.parametrize("bot", [{}, {"whatsapp_bot_id": 34810}, {"whatsapp_bot_id": "41"}])
def test_whatsapp_by_phone(mock: Caller, phone: Any, bot: dict[str, Any]) -> None:
    assert mock.call("whatsapp_message", {"phone": phone, "message": "some_text", **bot}).text == "ok"
    [row] = mock.history(25555)
    assert (row["text"], row["message_from_outside"], row["delivered"]) == ("some_text", 1, True)


@pytest.mark.parametrize(("bot", "group_id"), [({}, "34810"), ({"whatsapp_bot_id": 42}, "1hwF7lwEjv4SKYIGFhQnBw==")])
@pytest.mark.parametrize("later", [{}, {"time_shift": 5}])
def test_an_unknown_whatsapp_number_becomes_a_client(
    mock: Caller, bot: dict[str, Any], group_id: str, later: dict[str, Any]
) -> None:
    mock.call("whatsapp_message", {"phone": "8 (999) 000-00-99", "message_id": 390, **bot, **later})
    listed = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (listed["client_type"], listed["platform_id"], listed["group"]) == (6, "89990000099", group_id)
    mock.now += 5
    [row] = mock.history(listed["id"])
    assert (row["text"], row["delivered"], row["error_message"]) == ("Meow meow", True, None)


@pytest.mark.parametrize("later", [{}, {"time_shift": 5}])
def test_a_number_without_whatsapp_is_sent_nothing(mock: Caller, later: dict[str, Any]) -> None:
    assert mock.call("check_whatsapp", query={"phone": "79000000404"}).json()["exists"] is False
    assert mock.call("whatsapp_message", {"phone": "7 900 000-04-04", "message": "x", **later}).text == "ok"
    client_id = mock.call("whatsapp_client_id", query={"phone": "79000000404"}).json()["client_id"]
    mock.now += 5
    mock.call("message", {"client_id": client_id, "message": "y"})
    rows = mock.history(client_id)
    assert [row["text"] for row in rows] == ["y", "x"]
    assert {(row["delivered"], row["error_message"]) for row in rows} == {(False, "the number has no WhatsApp")}


def test_without_whatsapp_nothing_is_delivered(mock: Caller) -> None:
    mock.project.store._db.execute("DELETE FROM channels WHERE messenger = 'whatsapp'")
    mock.call("whatsapp_message", {"phone": "79875146788", "message": "x"})
    [row] = mock.history(25555)
    assert (row["delivered"], row["error_message"]) == (False, "no WhatsApp is connected")


@pytest.mark.parametrize("action", ["message", "broadcast"])
def test_what_counts_only_without_a_block_is_noted(mock: Caller, action: str) -> None:
    target = {"client_id": 5} if action == "message" else {"clients": [5]}
    file = {"attachment_url": "https://a.example/1.png", "attachment_type": "image"}
    others = {"message": "x", "buttons": [{"type": "reply", "text": "A"}], **file}
    response = mock.call(action, {**target, "message_id": 390, **others})
    noted = ("message", "attachment_url", "buttons")
    assert deviations(response) == [f"{name}: has no effect beside message_id: the block is sent" for name in noted]


def test_whatsapp_shows_the_hint_of_buttons(mock: Caller) -> None:
    buttons = {"hint": "Answer 1 or 2", "buttons": [{"type": "reply", "text": "1"}]}
    for client_id, text in ((25555, "Choose\nAnswer 1 or 2"), (5, "Choose")):
        mock.call("message", {"client_id": client_id, "message": "Choose", "buttons": buttons})
        assert mock.history(client_id)[0]["text"] == text


def test_buttons_are_kept(mock: Caller) -> None:
    buttons = {"hint": "Answer", "buttons": [{"type": "reply", "text": "A"}]}
    mock.call("message", {"client_id": 5, "message": "x", "buttons": buttons})
    query = {"client_id": 58, "message": "x", "buttons": '[{"type": "reply", "text": "B"}]'}
    mock.call("message", query=query)
    assert mock.project.store.last_buttons(5) == buttons
    assert mock.project.store.last_buttons(58) == [{"type": "reply", "text": "B"}]


@pytest.mark.parametrize("block_id", [390, 38327266, "60812489", 1])
def test_the_blocks_of_the_examples(mock: Caller, block_id: int | str) -> None:
    assert mock.call("message", {"client_id": 1000001, "message_id": block_id}).text == "ok"


@pytest.mark.parametrize(
    "buttons",
    [
        {"hint": "Answer", "buttons": [{"type": "reply", "text": "A", "line": 0, "index_in_line": 0}]},
        {"buttons": [{"type": "inline", "text": "A", "url": "https://example.com"}]},
        [{"type": "phone", "text": "A", "one_time": True}],
        [{"buttons": [], "one_time": True, "line": 0, "index_in_line": 0}],
    ],
)
def test_the_forms_of_buttons(mock: Caller, buttons: Any) -> None:
    for sent in (buttons, json.dumps(buttons)):
        reply = mock.call("message", {"client_id": 5, "message": "x", "buttons": sent})
        assert reply.text == "ok"
        assert DEVIATIONS_HEADER not in reply.headers
        assert mock.project.store.last_buttons(5) == buttons
    mock.call("message", query={"client_id": 58, "message": "x", "buttons": json.dumps(buttons)})
    assert mock.project.store.last_buttons(58) == buttons


@pytest.mark.parametrize(("client_id", "is_telegram"), [(5, True), (208, True), (25555, False)])
def test_telegram_refuses_a_long_callback(mock: Caller, client_id: int, is_telegram: bool) -> None:
    def error_message(callback: str) -> str | None:
        buttons = [{"type": "inline", "text": "A"}, {"type": "inline", "text": "B", "callback": callback}]
        mock.call("message", {"client_id": client_id, "message": "x", "buttons": {"buttons": buttons}})
        row = mock.history(client_id)[0]
        assert row["delivered"] is (row["error_message"] is None)
        text: str | None = row["error_message"]
        return text

    assert error_message("x" * 64) is error_message("я" * 32) is None
    expected = "Bad Request: BUTTON_DATA_INVALID" if is_telegram else None
    assert error_message("x" * 65) == error_message("я" * 33) == expected


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("message", {"client_id": 200000001, "message": "x"}),
        ("message", {"client_id": 200000001, "message_id": 999}),
        ("callback", {"client_id": 200000001, "message": "x", "saved": "no"}),
        ("callback", {"client_phone": "70000000000", "message": "x"}),
        ("callback", {"client_email": "nobody@example.com", "message": "x"}),
        ("get_history", {"client_id": 200000001}),
        ("clear_history", {"client_id": 200000001}),
        ("get_variables", {"client_id": 200000001}),
        ("save_variables", {"client_id": 200000001, "variables": {"project.a": 1}}),
        ("save_variables", {"clients": [5, 200000001], "client_id": 58, "variables": {"client.a": 1}}),
    ],
)
def test_an_unknown_client(mock: Caller, action: str, parameters: dict[str, Any]) -> None:
    assert mock.refusal(action, parameters, status=404) == "client_not_found"


def test_the_history_of_the_demo_client(mock: Caller) -> None:
    rows = mock.history(25554)
    assert [row["text"] for row in rows] == ["Чем помочь?", "Meow meow", "meow"]
    assert [row["client_replica"] for row in rows] == [False, False, True]
    assert rows[0]["manager_email"] == "manager@example.com"
    assert [row["text"] for row in mock.history(25554, limit=1)] == ["Чем помочь?"]
    assert mock.history(1000001) == []


def test_days_of_the_history_are_whole_and_in_the_projects_zone(mock: Caller) -> None:
    moments = {"before": -1, "begin": 0, "last": 2 * 86400 - 1, "after": 2 * 86400}
    midnight = NOON - 12 * 3600
    for text, offset in moments.items():
        mock.now = midnight + offset
        mock.call("message", {"client_id": 5, "message": text})
    rows = mock.history(5, start_date="10.03.2026", stop_date="11.03.2026")
    assert [row["text"] for row in rows] == ["last", "begin"]
    assert mock.history(5, start_date="11.03.2026", stop_date="10.03.2026") == []
    assert len(mock.history(5, start_date="01.01.1000", stop_date="31.12.2999")) == 4


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ({"time_shift": 60}, 60),
        ({"time_shift": 0.5}, 0.5),
        ({"send_time": "2026-03-10 12:01:00"}, 60),
        ({"time_shift": 10, "send_time": "2030-01-01 00:00:00"}, 10),
    ],
)
@pytest.mark.parametrize("action", ["message", "callback"])
def test_later_means_later(mock: Caller, action: str, when: dict[str, Any], seconds: float) -> None:
    assert mock.call(action, {"client_id": 5, "message": "late", **when}).text == "ok"
    mock.now = NOON + seconds - 0.25
    assert mock.history(5) == []
    mock.now = NOON + seconds + 100
    [row] = mock.history(5)
    assert (row["text"], row["created_at"]) == ("late", int(NOON + seconds))


@pytest.mark.parametrize(
    "when",
    [{"time_shift": 0}, {"send_time": "2020-01-01 00:00:00"}, {"time_shift": 0, "send_time": "2030-01-01 00:00:00"}],
)
def test_the_past_is_now(mock: Caller, when: dict[str, Any]) -> None:
    mock.call("message", {"client_id": 5, "message": "x", **when})
    [row] = mock.history(5)
    assert row["created_at"] == NOON


def test_jobs_run_in_the_order_in_which_they_are_due(mock: Caller) -> None:
    for text, shift in [("third", 30), ("first", 10), ("second", 20), ("fourth", 30)]:
        mock.call("message", {"client_id": 5, "message": text, "time_shift": shift})
    mock.now += 25
    assert [row["text"] for row in mock.history(5)] == ["second", "first"]
    mock.now += 25
    assert [row["text"] for row in mock.history(5)] == ["fourth", "third", "second", "first"]


def test_a_scheduled_block_and_a_far_future(mock: Caller) -> None:
    mock.call("message", {"client_id": 5, "message_id": 390, "time_shift": 5})
    mock.call("message", {"client_id": 5, "message": "never", "time_shift": 1e308})
    assert mock.variables(5)["message_id"] == "NONE"
    mock.now += 5
    assert mock.variables(5)["message_id"] == 390
    assert [row["text"] for row in mock.history(5)] == ["Meow meow"]


def test_a_block_that_does_not_exist_is_not_found_and_nothing_is_sent(mock: Caller) -> None:
    said = mock.refusal("message", {"client_id": 5, "message_id": 17}, status=404)
    assert said == "message_id: the project has no block 17"


@pytest.mark.parametrize(
    ("action", "target"), [("whatsapp_message", {"phone": "79990000099"}), ("broadcast", {"clients": [5]})]
)
def test_a_block_that_does_not_exist_makes_no_client(mock: Caller, action: str, target: dict[str, Any]) -> None:
    said = mock.refusal(action, {**target, "message_id": 17}, status=404)
    assert said == "message_id: the project has no block 17"


def test_a_cleared_history_is_empty_and_what_is_scheduled_still_comes(mock: Caller) -> None:
    mock.call("message", {"client_id": 5, "message": "another's"})
    mock.call("message", {"client_id": 25554, "message": "newest"})
    newest = mock.history(25554)[0]["id"]
    mock.call("message", {"client_id": 25554, "message": "late", "time_shift": 5})
    assert mock.call("clear_history", query={"client_id": 25554}).json() == {"status": "success"}
    assert mock.history(25554) == []
    assert mock.call("clear_history", query={"client_id": 25554}).json() == {"status": "success"}
    mock.now += 5
    [row] = mock.history(25554)
    assert row["text"] == "late"
    assert row["id"] > newest
    assert [row["text"] for row in mock.history(5)] == ["another's"]


def test_moments_as_text_are_in_the_projects_zone(mock: Caller) -> None:
    mock.project.configure(Settings(created_at="text", time_zone="Asia/Yekaterinburg"))
    mock.call("message", {"client_id": 5, "message": "late", "send_time": "2026-03-10 14:00:30"})
    mock.now += 60
    assert [row["created_at"] for row in mock.history(5)] == ["2026-03-10 14:00:30.000000"]
