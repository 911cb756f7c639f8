"""What a record adds to the views: messages that its calls have sent, and those that its webhooks tell of.

They are no part of the project's state, so that a record can be played on the mock that shows it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import orjson

import mavibot_contract
from mavibot_mock.actions.buttons import listed
from mavibot_mock.actions.inbound import is_system_event
from mavibot_mock.control.conversations import files
from mavibot_mock.control.journal import named_clients
from mavibot_mock.state.errors import InvalidValueError
from mavibot_mock.state.schedule import due_time
from mavibot_mock.state.store.database import GREATEST

if TYPE_CHECKING:
    from collections.abc import Collection

    from mavibot_mock.server.journal import Entry
    from mavibot_mock.server.project import Project
    from mavibot_mock.webhook.outbox import Attempt

#: Tag of an action -> who says what its calls send.
_SENDERS: Final = {"messages": "bot", "bot": "callback"}
_CONTRACT: Final = mavibot_contract.load()
#: Action that sends a text, a file or a block -> who says it.
_SENDS: Final = {
    name: _SENDERS[operation.tag]
    for name in _CONTRACT.actions
    if (operation := _CONTRACT.operation(name)).effect == "send" and operation.tag in _SENDERS
}


def event_of(attempt: Attempt) -> dict[str, Any]:
    """Return the event of a recorded attempt; without fields where it cannot be read."""
    try:
        event = orjson.loads(attempt.request or b"")
    except orjson.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) else {}


def client_of(event: dict[str, Any]) -> int | None:
    """Return the id of the client of an event, or `None` where it has none."""
    client = event.get("client")
    return _id(client.get("id")) if isinstance(client, dict) else None


def text_of(event: dict[str, Any]) -> str:
    """Return the text of an event's message."""
    text = event.get("message")
    return text if isinstance(text, str) else ""


def messages_of(project: Project, client_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the messages of a record by client, oldest first, in the form that those of the project have.

    `record` is the place of the call, or of the webhook, in its view; `whole` where the control interface has the text.
    """
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in client_ids}
    for entry in project.journal.recorded():
        # What a record remarks of a call is why it may not have been carried out.
        if entry.action in _SENDS and entry.status == 200 and entry.parameters and not entry.recorded:
            for number in found.keys() & named_clients(entry.parameters):
                found[number].append(_sent(project, entry))
    known = Counter((number, message["text"]) for number, messages in found.items() for message in messages)
    events = [
        (attempt, event) for attempt in project.outbox.recorded() if client_of(event := event_of(attempt)) in found
    ]
    seeded = {
        (row["id"], row["client_id"], row["text"])
        for row in project.store.messages_with(_id(event.get("id")) or 0 for _, event in events)
    }
    for attempt, event in events:
        number, text = client_of(event) or 0, text_of(event)
        if known[number, text]:
            known[number, text] -= 1  # the call that sent it is shown
        elif (_id(event.get("id")), number, text) not in seeded:
            found[number].append(_told(attempt, event))
    for messages in found.values():
        messages.sort(key=lambda message: message["time"])
    return found


def _sent(project: Project, entry: Entry) -> dict[str, Any]:
    """Return the message that a call has sent to each of its clients."""
    given = entry.parameters or {}
    try:
        moment = due_time(given, now=entry.time, zone=project.zone)
    except InvalidValueError:
        moment = entry.time
    return {
        "id": f"call-{entry.number}",
        "record": f"calls/{entry.number}",
        "whole": f"/projects/{project.id}/journal/{entry.number}",
        "time": moment,
        "sender": _SENDS[entry.action],
        "text": str(given.get("message", given.get("callback_text", ""))),
        "files": list(files({name: value for name, value in given.items() if name.startswith("attachment_")})),
        "buttons": [dict(button) for button in listed(given.get("buttons"))],
        "delivered": True,
        "error_message": None,
        "block_id": given.get("message_id"),
        "manager": None,
    }


def _told(attempt: Attempt, event: dict[str, Any]) -> dict[str, Any]:
    """Return the message that a webhook tells of."""
    text = text_of(event)
    from_client = "event" if is_system_event(text) else "client"
    return {
        "id": f"webhook-{attempt.number}",
        "record": f"webhooks/{attempt.number}",
        "whole": None,
        "time": attempt.time,
        "sender": from_client if event.get("is_input") else "bot",
        "text": text,
        "files": list(files(event.get("attachments"))),
        "buttons": [],
        "delivered": bool(event.get("delivered", True)),
        "error_message": str(event.get("error_message") or ""),
        "block_id": event.get("message_id"),
        "manager": None,
    }


def _id(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= GREATEST else None
