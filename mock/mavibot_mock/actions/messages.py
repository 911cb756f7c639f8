"""Actions that send messages to one client or many, read them back and clear them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.actions import flow, history
from mavibot_mock.actions.call import done
from mavibot_mock.actions.recipients import broadcast_recipients, whatsapp_client
from mavibot_mock.request.deviations import Deviation
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import NotFoundError
from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.schedule import due_time, later, period

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.state import State
    from mavibot_mock.state.steps import Steps

#: What a message holds, whoever gets it.
_CONTENT: Final = ("message", "message_id", "attachment_url", "attachment_type", "buttons")
#: What counts only where no block is sent.
_BESIDE_A_BLOCK: Final = ("message", "attachment_url", "buttons")


def message(call: Call) -> Reply:
    """Send a text, a file or a block to a client, now or later.

    Changes: a message in the history; the client's block, where one is sent.
    Assumed: of a text and a block together the block is sent.
    """
    return _send(call, call.client_id())


def whatsapp_message(call: Call) -> Reply:
    """Send a text, a file or a block to a WhatsApp number, now or later.

    Changes: a message in the history; the client's block, where one is sent; a new client where the number is unknown
    (assumed), in the first WhatsApp channel unless another is named.
    Assumed: from a project without WhatsApp, and to a number without it, the message is accepted and not delivered.
    """
    client_id = whatsapp_client(call, "whatsapp_bot_id")
    is_connected = call.state.store.group_of_bot(WHATSAPP, None) is not None
    return _send(call, client_id, error_message=None if is_connected else "no WhatsApp is connected")


def broadcast(call: Call) -> Steps[Reply]:
    """Send a text, a file or a block to many clients, one after another, now or later.

    Changes: a message in the history of each client; its block, where one is sent.
    Assumed: each client gets it once, the first without delay; who is unknown is passed over; an unknown list is empty;
    a list counts as it is at the call.
    """
    client_ids = yield from broadcast_recipients(call)
    content, due = _content(call), _due(call)
    for client_id in client_ids:
        _deliver(call, {"client_id": client_id, **content}, due)
        due = later(due, call.parameters["shift"])
        yield
    return done(call)


def _send(call: Call, client_id: int, *, error_message: str | None = None) -> Reply:
    """Send what a call holds to a client.

    Args:
        call: holds the content and says when it goes out.
        client_id: who gets it.
        error_message: why it cannot be delivered; `None` if deliverable.

    Raises:
        NotFoundError: there is no such block.
        InvalidValueError: the time is not in the calendar.
    """
    job = {"client_id": client_id, **_content(call)}
    if error_message is not None:
        job["error_message"] = error_message
    _deliver(call, job, _due(call))
    return done(call)


def _content(call: Call) -> dict[str, Any]:
    if "message_id" in call.parameters:
        if call.state.store.block(call.number("message_id")) is None:
            raise NotFoundError("message_id", f"the project has no block {call.number('message_id')}")
        unused = [name for name in _BESIDE_A_BLOCK if name in call.parameters]
        call.deviations.extend(Deviation(name, "has no effect beside message_id: the block is sent") for name in unused)
    return {name: call.parameters[name] for name in _CONTENT if name in call.parameters}


def _due(call: Call) -> float:
    return due_time(call.parameters, now=call.now, zone=call.state.zone)


def _deliver(call: Call, job: dict[str, Any], due: float) -> None:
    if due > call.now:
        call.state.store.add_jobs("message", [(due, job)])
    else:
        deliver_message(call.state, job, call.now)


def deliver_message(state: State, job: dict[str, Any], now: float) -> None:
    """Put a message into the client's history; a block moves the client and sends its answer."""
    client_id = job["client_id"]
    if "message_id" in job:
        block = state.store.block(int(job["message_id"]))
        if block is not None:
            flow.run_block(
                state,
                client_id,
                block,
                now,
                origin=ORIGINS["API"],
                error_message=job.get("error_message"),
            )
        return
    file = {name: job[name] for name in ("attachment_url", "attachment_type") if name in job}
    history.send(
        state,
        client_id,
        text=job.get("message", ""),
        now=now,
        attachments=[file] if file else None,
        buttons=job.get("buttons"),
        error_message=job.get("error_message"),
    )


def get_history(call: Call) -> Reply:
    """List the newest messages of a client, all or of whole days.

    Assumed: a period has both its days, in the project's zone.
    """
    client_id = call.client_id()
    days = period(call.parameters, zone=call.state.zone)
    rows = call.state.store.history(client_id, limit=call.number("limit"), period=days)
    return Reply(200, {"status": "success", "result": [_listed(row, call) for row in rows]})


def clear_history(call: Call) -> Reply:
    """Delete all messages of a client.

    Changes: the client's history.
    Assumed: what is scheduled for later still goes out.
    """
    call.state.store.clear_history(call.client_id())
    return done(call)


def _listed(row: Row, call: Call) -> dict[str, Any]:
    return {
        "id": row["id"],
        "answered": bool(row["answered"]),
        "client_replica": bool(row["client_replica"]),
        "message_id": row["block_id"],
        "message_from_outside": row["message_from_outside"],
        "created_at": call.shown_time(row["created_at"]),
        "text": row["text"],
        "attachments": orjson.loads(row["attachments"]),
        "delivered": bool(row["delivered"]),
        "error_message": row["error_message"],
        "manager_id": row["manager_id"],
        "manager_email": row["manager_email"],
    }
