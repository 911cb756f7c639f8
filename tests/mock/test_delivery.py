"""A message that is not delivered is data, not an error; and the history is bounded."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mock.caller import NOON, Caller
from tests.mock.driver import Driver
from tests.mock.receiver import Receiver

from mavibot_mock.actions import history
from mavibot_mock.state.store import Store
from mavibot_mock.state.store.database import GREATEST

if TYPE_CHECKING:
    pass

#: The channel of client 25554 and another client of it.
_CHANNEL: Final = 24
_NEIGHBOUR: Final = 1000001


def outcome(mock: Caller, client_id: int = 25554) -> tuple[Any, Any]:
    """Send a message and return how the history shows its delivery."""
    assert mock.call("message", {"client_id": client_id, "message": "x"}).status_code == 200
    row = mock.history(client_id, limit=1)[0]
    assert row["text"] == "x"
    return row["delivered"], row["error_message"]


def test_nothing_reaches_a_blocked_client(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    reason = "Forbidden: bot was blocked by the user"
    assert driver.put("/clients/25554/block", reason=reason) == {"id": 25554, "blocked": reason}
    assert outcome(mock) == (False, reason)
    assert outcome(mock, _NEIGHBOUR) == (True, None)
    assert driver.delete("/clients/25554/block") == {"id": 25554, "blocked": None}
    assert outcome(mock) == (True, None)
    driver.post("/webhooks/settle")
    assert [(event["delivered"], event["error_message"]) for event in receiver.events] == [
        (0, reason),
        (1, None),
        (1, None),
    ]


def test_nothing_goes_out_through_a_blocked_channel(mock: Caller, driver: Driver) -> None:
    driver.put(f"/channels/{_CHANNEL}/block", reason="Unauthorized")
    assert outcome(mock) == (False, "Unauthorized")
    assert outcome(mock, _NEIGHBOUR) == (False, "Unauthorized")
    assert outcome(mock, 58) == (True, None)
    driver.delete(f"/channels/{_CHANNEL}/block")
    assert outcome(mock) == (True, None)


def test_the_clients_reason_comes_first(mock: Caller, driver: Driver) -> None:
    driver.put(f"/channels/{_CHANNEL}/block", reason="channel")
    driver.put("/clients/25554/block", reason="client")
    assert outcome(mock) == (False, "client")


def test_who_is_blocked_can_still_write(mock: Caller, driver: Driver) -> None:
    driver.put("/clients/25554/block", reason="blocked")
    came = driver.post("/inbound", client_id=25554, text="meow")
    answered, asked = mock.history(25554, limit=2)
    assert (asked["delivered"], asked["error_message"]) == (True, None)
    assert (answered["id"], answered["delivered"]) == (came["answer_id"], False)


def test_a_later_message_meets_the_block_of_its_moment(mock: Caller, driver: Driver) -> None:
    mock.call("message", {"client_id": 5, "message": "later", "time_shift": 60})
    driver.put("/clients/5/block", reason="gone")
    driver.advance(60)
    [row] = mock.history(5)
    assert (row["delivered"], row["error_message"]) == (False, "gone")


@pytest.mark.parametrize("what", ["clients", "channels"])
def test_only_what_exists_is_blocked(driver: Driver, what: str) -> None:
    assert "has no" in driver.refusal("PUT", f"/{what}/999/block", 404, reason="x")
    assert "has no" in driver.refusal("DELETE", f"/{what}/999/block", 404)
    assert "reason" in driver.refusal("PUT", f"/{what}/24/block", reason="")


def test_buttons_and_files_are_kept(mock: Caller) -> None:
    buttons = {"hint": "1", "buttons": [{"type": "reply", "text": "Contacts", "line": 0, "index_in_line": 0}]}
    files = ["https://files.example.com/a.jpg"]
    number = history.send(mock.project, 5, text="x", now=NOON, buttons=buttons, attachments=files)
    assert mock.history(5)[0]["attachments"] == files
    assert mock.project.store.last_buttons(5) == buttons
    message = mock.project.store.message(number)
    assert message is not None
    assert message["text"] == "x"


@pytest.mark.heavy
@settings(deadline=None)
@given(kept=st.integers(1, 350), sent=st.integers(0, 800))
def test_the_oldest_messages_go(kept: int, sent: int) -> None:
    store = Store()
    for number in range(1, sent + 1):
        store.add_message(5, text=str(number), now=NOON)
        store.prune_messages(kept)
    rows = store.history(5, limit=1000, period=None)
    store.close()
    assert [row["text"] for row in rows] == [str(number) for number in range(sent, sent - len(rows), -1)]
    assert min(sent, kept) <= len(rows) <= min(sent, kept + kept // 100)


def test_the_project_says_how_many_messages_are_kept(mock: Caller) -> None:
    mock.project.configure(replace(mock.project.settings, messages_kept=3))
    for text in "abcde":
        mock.call("message", {"client_id": 5, "message": text})
    assert [row["text"] for row in mock.history(5)] == ["e", "d", "c"]
    assert mock.history(25554) == []


@pytest.mark.heavy
@settings(deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["message", "message", "note", "clear", "delete", "prune"]), st.integers(1, 5))
    )
)
def test_conversations_go_by_the_newest_messages_whether_these_are_noted_or_not(steps: list[tuple[str, int]]) -> None:
    with closing(Store()) as store:
        for name in "abcde":
            store.add_client(client_type=1, group_id="shop_bot", platform_id=name, now=NOON)
        newest = dict.fromkeys(range(1, 6), 0)
        kept: dict[int, int] = {}
        for step, client_id in steps:
            if step == "message" and client_id in newest:
                kept[store.add_message(client_id, text="x", now=NOON)] = client_id
            elif step == "note":
                store.note_newest_messages()
            elif step == "clear":
                store.clear_history(client_id)
                kept = {message: owner for message, owner in kept.items() if owner != client_id}
            elif step == "delete":
                store.delete_clients([client_id])
                newest.pop(client_id, None)
                kept = {message: owner for message, owner in kept.items() if owner != client_id}
            elif step == "prune":
                store.prune_messages(3)
                kept = {row["id"]: row["client_id"] for row in store.rows("messages")}
        newest.update(sorted((owner, message) for message, owner in kept.items()))
        wanted = sorted(((message, owner) for owner, message in newest.items()), reverse=True)
        shown: list[tuple[int, int]] = []
        while page := store.conversations(before=shown[-1] if shown else (GREATEST, GREATEST), limit=2):
            shown += [(row["last_message"], row["id"]) for row in page]
        assert shown == wanted
        found, _ = store.clients_holding("", at_once=9, limit=9)
        assert {(row["last_message"], row["id"]) for row in found} == set(wanted)
