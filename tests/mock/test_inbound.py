"""Playing the client: what a person writes, presses or sends, and what the messenger reports."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.mock.caller import CONTRACT, NOON, Caller
from tests.mock.driver import Driver
from tests.mock.receiver import Receiver

from mavibot.webhooks import EventKind, parse_event

_TELEGRAM: Final = 1
#: Of a client whom the project does not know yet.
_STRANGER: Final[dict[str, Any]] = {"client_type": _TELEGRAM, "group_id": "example_bot", "platform_id": "31337"}
_EVENTS: Final = CONTRACT.document["webhooks"]["project_message"]["post"]["x-system-events"]


def clients(mock: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mock.call("get_clients", query={"offset": 0, "limit": 500}).json()["clients"]
    return found


def test_a_text_is_kept_and_told(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    came = driver.post("/inbound", client_id=5, text="How much?")
    assert (came["client_id"], came["is_new"], came["answer_id"]) == (5, False, None)
    [row] = mock.history(5)
    assert (row["id"], row["text"], row["client_replica"], row["created_at"]) == (
        came["message_id"],
        "How much?",
        True,
        NOON,
    )
    assert (row["message_from_outside"], row["message_id"]) == (0, None)
    driver.post("/webhooks/settle")
    [event] = receiver.events
    assert (event["id"], event["message"], event["is_input"]) == (came["message_id"], "How much?", 1)
    assert (event["client"]["id"], event["delivered"]) == (5, 1)


def test_a_text_that_leads_into_a_block_is_answered(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    came = driver.post("/inbound", client_id=5, text="meow")
    asked, answered = reversed(mock.history(5))
    assert (asked["id"], answered["id"]) == (came["message_id"], came["answer_id"])
    assert (answered["text"], answered["client_replica"], answered["message_id"]) == ("Meow meow", False, 390)
    assert mock.variables(5)["message_id"] == 390
    driver.post("/webhooks/settle")
    assert [(event["message"], event["is_input"], event["message_id"]) for event in receiver.events] == [
        ("meow", 1, None),
        ("Meow meow", 0, 390),
    ]


def test_a_paused_bot_does_not_answer(mock: Caller, driver: Driver) -> None:
    mock.project.store.set_paused(5, paused=True, now=NOON)
    assert driver.post("/inbound", client_id=5, text="meow")["answer_id"] is None
    assert [row["text"] for row in mock.history(5)] == ["meow"]


def test_a_block_may_pause_the_bot(mock: Caller, driver: Driver) -> None:
    block = {"id": 700, "message_type": 0, "condition": "human", "answer": "One moment", "paused": True}
    mock.project.store.insert("blocks", block)
    assert driver.post("/inbound", client_id=5, text="human")["answer_id"] is not None
    assert driver.post("/inbound", client_id=5, text="meow")["answer_id"] is None


def test_a_stranger_becomes_a_client(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    known = {"name": "Ada", "avatar": "https://files.example.com/ada.jpg", "tag": "spring"}
    came = driver.post("/inbound", **_STRANGER, **known, text="/start")
    assert came["is_new"] is True
    [client] = [client for client in clients(mock) if client["id"] == came["client_id"]]
    assert (client["platform_id"], client["client_type"], client["group"]) == ("31337", _TELEGRAM, "example_bot")
    assert {name: client[name] for name in known} == known
    again = driver.post("/inbound", **{**_STRANGER, "platform_id": 31337}, name="Eve", text="x")
    assert (again["client_id"], again["is_new"]) == (came["client_id"], False)
    driver.post("/webhooks/settle")
    assert receiver.events[0]["client"]["recepient"] == "31337"
    assert receiver.events[-1]["client"]["name"] == "Ada"


def test_a_known_person_is_found_in_the_messenger(driver: Driver) -> None:
    person = {"client_type": 6, "group_id": 34810, "platform_id": "+7 960 987-98-98"}
    assert driver.post("/inbound", **person, text="x")["client_id"] == 49177759


@pytest.mark.parametrize(
    "attachments",
    [
        ["https://files.example.com/a.jpg", "https://files.example.com/b.jpg"],
        [{"attachment_url": "https://files.example.com/a.jpg", "attachment_type": "image"}],
        [{"url": "https://files.example.com/a.jpg", "name": "a.jpg", "type": "image"}],
        [{"phone_number": "79875146788"}],
        {"photo": "https://files.example.com/a.jpg"},
        "['https://files.example.com/a.jpg']",
    ],
)
@pytest.mark.parametrize("text", [None, "look"])
def test_files_come_in_every_shape(
    mock: Caller, driver: Driver, receiver: Receiver, attachments: Any, text: str | None
) -> None:
    driver.post("/inbound", client_id=5, attachments=attachments, **({} if text is None else {"text": text}))
    [row] = mock.history(5)
    assert row["attachments"] == attachments
    driver.post("/webhooks/settle")
    [event] = receiver.events
    assert (event["attachments"], event["message"]) == (attachments, text)


@pytest.mark.parametrize("buttons", [True, False])
def test_a_button_sends_its_caption(mock: Caller, driver: Driver, *, buttons: bool) -> None:
    bare = [{"type": "reply", "text": "meow"}, {"type": "reply", "text": "No"}]
    sent = {"hint": "1 or 2", "buttons": bare} if buttons else bare
    mock.call("message", {"client_id": 5, "message": "Well?", "buttons": sent})
    mock.call("message", {"client_id": 5, "message": "Take your time"})
    assert driver.post("/inbound", client_id=5, button="meow")["answer_id"] is not None
    assert [row["text"] for row in reversed(mock.history(5))] == ["Well?", "Take your time", "meow", "Meow meow"]
    message = driver.refusal("POST", "/inbound", client_id=5, button="Maybe")
    assert message == "button: 'Maybe' is none of the buttons that the client was sent last: 'meow', 'No'"
    assert "sent last: none" in driver.refusal("POST", "/inbound", client_id=58, button="meow")
    assert "sent last: none" in driver.refusal("POST", "/inbound", **_STRANGER, button="meow")


@pytest.mark.parametrize("named", ["Our cat", "meow"])
def test_a_button_with_a_callback_sends_that(mock: Caller, driver: Driver, receiver: Receiver, named: str) -> None:
    buttons = [{"type": "inline", "text": "Our cat", "callback": "meow"}, {"type": "inline", "text": "B"}]
    mock.call("message", {"client_id": 5, "message": "Well?", "buttons": buttons})
    came = driver.post("/inbound", client_id=5, button=named)
    assert came["answer_id"] is not None
    driver.post("/webhooks/settle")
    [press] = [event for event in receiver.events if event["id"] == came["message_id"]]
    assert (press["message"], press["is_input"]) == ("meow", 1)
    driver.post("/inbound", client_id=5, button="B")
    assert mock.history(5)[0]["text"] == "B"


def test_a_removed_keyboard_has_no_buttons(mock: Caller, driver: Driver) -> None:
    removal = [{"buttons": [], "one_time": True, "line": 0, "index_in_line": 0}]
    for buttons in ([{"type": "reply", "text": "A"}], removal):
        mock.call("message", {"client_id": 5, "message": "x", "buttons": buttons})
    assert "sent last: none" in driver.refusal("POST", "/inbound", client_id=5, button="A")


@pytest.mark.parametrize("described", _EVENTS, ids=lambda event: event["name"])
def test_every_system_event_can_be_reported(
    mock: Caller, driver: Driver, receiver: Receiver, described: dict[str, Any]
) -> None:
    text = " ".join(filter(None, [described["name"], described.get("details")]))
    came = driver.post("/inbound", client_id=5, event=text)
    [row] = mock.history(5)
    assert (row["id"], row["text"], row["client_replica"]) == (came["message_id"], text, True)
    driver.post("/webhooks/settle")
    assert [(event["message"], event["is_input"]) for event in receiver.events] == [(text, 1)]


@pytest.mark.parametrize(
    "event",
    [
        "gnb3mwhqcq_success 11990",
        "prodamus_success 99.90",
        "crm_system_state_changed",
        "crm_system_state_changed Sales:Paid",
        "link_was_pressed https://shop.example.com/landing?x=1",
    ],
)
def test_payments_clicks_and_deals_can_be_reported(driver: Driver, receiver: Receiver, event: str) -> None:
    driver.post("/inbound", client_id=5, event=event)
    driver.post("/webhooks/settle")
    assert [each["message"] for each in receiver.events] == [event]
    parsed = parse_event(receiver.events[0])
    assert parsed.kind is EventKind.SYSTEM
    assert (parsed.system_event, parsed.details or "") == (event.split(maxsplit=1)[0], event.partition(" ")[2])


@pytest.mark.parametrize(
    "event",
    [
        "link_was_pressed",
        "paid_success",
        "paid_success soon",
        "client_exploded",
        "client_left now",
        "crm_state_changed",
        "",
    ],
)
def test_an_unknown_event_is_refused(driver: Driver, event: str) -> None:
    message = driver.refusal("POST", "/inbound", client_id=5, event=event)
    assert message.startswith(f"event: the contract has no event '{event}'; it has: new_chat_member, ")


def test_events_change_the_subscription(mock: Caller, driver: Driver) -> None:
    def subscribed() -> int:
        client = mock.project.store.client(5)
        assert client is not None
        return int(client["subscribed"])

    assert subscribed() == 1
    driver.post("/inbound", client_id=5, event="client_unsubscribed")
    assert subscribed() == 0
    driver.post("/inbound", client_id=5, text="client_subscribed")
    assert subscribed() == 0
    driver.post("/inbound", client_id=5, event="client_subscribed")
    assert subscribed() == 1


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"client_id": 1, "text": "x"}, 404, "client_id: the project has no client 1"),
        ({**_STRANGER, "group_id": "no_bot", "text": "x"}, 404, "client_type, group_id: no such channel"),
        ({"client_id": 5}, 400, "one of text, attachments, button, event is required"),
        ({"text": "x"}, 400, "one of client_id, client_type is required"),
        ({"client_id": 5, **_STRANGER, "text": "x"}, 400, "only one of client_id, client_type"),
        ({"client_type": 1, "platform_id": "3", "text": "x"}, 400, "group_id is required"),
        ({"client_id": 5, "text": "x", "event": "client_left"}, 400, "button, event: only one of them"),
        ({"client_id": 5, "attachments": 5}, 400, "attachments: must be"),
        ({"client_id": 5, "attachments": [{"url": 5}]}, 400, "attachments: must be"),
        ({"client_id": 5, "text": "x", "delivered": 0}, 400, "delivered"),
    ],
)
def test_what_makes_no_sense_is_refused(driver: Driver, body: dict[str, Any], status: int, message: str) -> None:
    assert message in driver.refusal("POST", "/inbound", status, **body)


def test_telephony_needs_no_channel(driver: Driver) -> None:
    caller = {"client_type": 13, "group_id": "", "platform_id": "79000000777"}
    assert driver.post("/inbound", **caller, text="call")["is_new"] is True
