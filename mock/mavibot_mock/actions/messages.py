"""Actions that send messages and read them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mavibot_mock import delivery
from mavibot_mock.replies import OK, RefusedError, Reply, fail
from mavibot_mock.schedule import due_time, period

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.project import Project


def message(call: Call) -> Reply:
    """Send a text, a file or a block to a client, now or later."""
    call.client()
    if "message_id" in call.parameters and call.project.store.block(call.number("message_id")) is None:
        raise RefusedError(fail(404, f"message_id: the project has no block {call.number('message_id')}"))
    due = due_time(call.parameters, now=call.now, zone=call.project.zone)
    if due > call.now:
        call.project.store.add_job("message", call.parameters, due=due)
    else:
        deliver_message(call.project, call.parameters, call.now)
    return OK


def deliver_message(project: Project, parameters: dict[str, Any], now: float) -> None:
    """Put a message into the client's history; a block moves the client and sends its answer."""
    client_id = int(parameters["client_id"])
    text, block_id = parameters.get("message", ""), None
    if "message_id" in parameters:
        # Assumed: of a text and a block together the block is sent.
        block_id = int(parameters["message_id"])
        block = project.store.block(block_id)
        text = block["answer"] if block else text
        project.store.move_to_block(client_id, block_id, now=now)
    file = {name: parameters[name] for name in ("attachment_url", "attachment_type") if name in parameters}
    delivery.send(project, client_id, text=text, now=now, attachments=[file] if file else None, block_id=block_id)


def get_history(call: Call) -> Reply:
    """List the newest messages of a client, all or of whole days in the project's zone."""
    client = call.client()
    days = period(call.parameters, zone=call.project.zone)
    rows = call.project.store.history(client["id"], limit=call.number("limit"), period=days)
    return Reply(200, {"status": "success", "result": [_listed(row) for row in rows]})


def _listed(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "answered": bool(row["answered"]),
        "client_replica": bool(row["client_replica"]),
        "message_id": row["block_id"],
        "message_from_outside": row["message_from_outside"],
        "created_at": int(row["created_at"]),
        "text": row["text"],
        "attachments": orjson.loads(row["attachments"]),
        "delivered": bool(row["delivered"]),
        "error_message": row["error_message"],
        "manager_id": row["manager_id"],
        "manager_email": row["manager_email"],
    }
