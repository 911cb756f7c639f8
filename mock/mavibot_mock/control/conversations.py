"""Conversations as the client sees them, and what happens behind: callbacks, system events, messages that failed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.buttons import listed
from mavibot_mock.actions.inbound import is_system_event
from mavibot_mock.request.replies import RefusedError, Reply, fail
from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from sqlite3 import Row

    from mavibot_mock.control.call import ControlCall

#: As the document says.
_SHOWN: Final = 100
#: Under which names files of every origin hold their address and their type.
_ADDRESSES: Final = ("url", "attachment_url", "link", "src")
_TYPES: Final = ("type", "attachment_type")


async def find_client(call: ControlCall) -> Reply:
    """Return the id of the client with an id in a channel, if there is one."""
    query = call.query
    client_id = call.project.store.client_of_channel(query["client_type"], query["group_id"], query["platform_id"])
    return Reply(200, {"client_id": client_id})


async def list_messages(call: ControlCall) -> Reply:
    """Return the newest messages of a client, oldest first."""
    store, client_id = call.project.store, call.path["number"]
    client = store.client(client_id)
    if client is None:
        raise RefusedError(fail(404, f"the project has no client {client_id}"))
    rows = store.messages_after(client_id, call.query.get("after", 0), limit=call.query.get("limit", _SHOWN))
    return Reply(200, [shown_message(row, client) for row in reversed(rows)])


def shown_message(row: Row, client: Row) -> dict[str, Any]:
    """Return a message ready for JSON.

    Args:
        row: the message.
        client: the client whose it is.
    """
    # WhatsApp has no buttons: the hint stands in the text.
    has_buttons = row["buttons"] is not None and client["client_type"] != WHATSAPP
    return {
        "id": row["id"],
        "time": row["created_at"],
        "sender": _sender(row),
        "text": row["text"],
        "files": list(files(from_json(row["attachments"]))),
        "buttons": [dict(button) for button in listed(from_json(row["buttons"]))] if has_buttons else [],
        "delivered": bool(row["delivered"]),
        "error_message": row["error_message"],
        "block_id": row["block_id"],
        "manager": row["manager_email"],
    }


def _sender(row: Row) -> str:
    if not row["client_replica"]:
        return "bot"
    if row["message_from_outside"] == ORIGINS["CALLBACK"]:
        return "callback"
    return "event" if is_system_event(row["text"]) else "client"


def files(attachments: Any) -> Iterator[dict[str, Any]]:
    """Yield the files of a message, whatever the shape in which the call brought them."""
    if isinstance(attachments, str):
        try:
            attachments = ast.literal_eval(attachments)  # a list as Python would print it
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            attachments = [attachments]
    each: Any
    for each in attachments if isinstance(attachments, list | tuple) else [attachments]:
        if isinstance(each, str):
            yield {"url": each, "type": None}
        elif isinstance(each, dict) and (url := _first(each, _ADDRESSES)):
            yield {"url": url, "type": _first(each, _TYPES)}
        elif isinstance(each, dict):
            yield from ({"url": value, "type": None} for value in each.values() if isinstance(value, str) and value)


def _first(holder: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((holder[name] for name in names if isinstance(holder.get(name), str) and holder[name]), None)


OPERATIONS: Final = {"find_client": find_client, "list_messages": list_messages}
