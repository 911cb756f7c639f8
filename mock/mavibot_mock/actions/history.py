"""Puts a message into a client's history and tells the project's webhook; every message comes to be here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.schedule import shown_moment
from mavibot_mock.state.store.database import from_json, to_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.server.project import Project


def send(
    project: Project,
    client_id: int,
    *,
    text: str,
    now: float,
    attachments: Any = None,
    buttons: Any = None,
    block_id: int | None = None,
    origin: int = ORIGINS["API"],
    obstacle: str | None = None,
) -> int:
    """Send a message to a client and return its number; a blocked client or channel leaves it undelivered.

    Args:
        project: the project.
        client_id: who gets it.
        text: text of the message.
        now: when it goes out, Unix seconds.
        attachments: files, as the history shows them.
        buttons: buttons as the API takes them.
        block_id: the block of the flow that sends it, or `None` for what a call sends.
        origin: what the history gives as its origin, one of `ORIGINS`.
        obstacle: why it cannot be delivered, whatever the client; `None` where nothing is in the way.
    """
    reason = obstacle or project.store.why_undelivered(client_id)
    return _add(
        project,
        client_id,
        text=text,
        now=now,
        attachments=attachments,
        buttons=None if buttons is None else to_json(buttons),
        message_from_outside=origin,
        block_id=block_id,
        delivered=reason is None,
        error_message=reason,
    )


def receive(
    project: Project, client_id: int, *, text: str, now: float, attachments: Any = None, is_callback: bool = False
) -> int:
    """Take a message of a client, or an event that a call reports as if the client had written it.

    Args:
        project: the project.
        client_id: who wrote it, or whom the event is about.
        text: text of the message, or name of the event.
        now: when it came, Unix seconds.
        attachments: files, as the history shows them.
        is_callback: whether a call reported it; the client does not see it then.
    """
    origin = ORIGINS["CALLBACK"] if is_callback else ORIGINS["DIALOGUE"]
    return _add(
        project,
        client_id,
        text=text,
        now=now,
        attachments=attachments,
        message_from_outside=origin,
        client_replica=True,
    )


def event(project: Project, number: int) -> dict[str, Any] | None:
    """Return what the webhook is told of a message, or `None` where the message is no longer kept.

    Args:
        project: the project.
        number: number of the message.
    """
    store = project.store
    message = store.message(number)
    client = None if message is None else store.client(message["client_id"])
    if message is None or client is None:
        return None
    attachments = from_json(message["attachments"]) or None
    return {
        "id": number,
        "client": _client(project, client),
        # Assumed: null only for a file without a caption.
        "message": message["text"] or (None if attachments else ""),
        "attachments": attachments,
        "message_id": message["block_id"],
        "project_id": project.id,
        "is_input": int(message["client_replica"]),
        "delivered": int(message["delivered"]),
        "error_message": message["error_message"],
    }


def _add(project: Project, client_id: int, **columns: Any) -> int:
    number = project.store.add_message(client_id, **columns)
    project.store.prune_messages(project.settings.messages_kept)
    project.outbox.add(number, partial(event, project, number))
    return number


def _client(project: Project, client: Row) -> dict[str, Any]:
    store = project.store
    order_id = store.current_order(client["id"])
    return {
        "id": client["id"],
        "recepient": client["platform_id"],  # spelled as the platform spells it
        "client_type": client["client_type"],
        "name": client["name"],
        "avatar": client["avatar"],
        "created_at": shown_moment(client["created_at"], form=project.settings.created_at, zone=project.zone),
        "tag": client["tag"],
        "group": client["group_id"],
        "variables": store.client_variables(client["id"]),
        "order_variables": {} if order_id is None else store.order_variables(order_id),
        "custom_answer": client["custom_answer"],
        "operator_start_dialog": client["operator_start_dialog"],
    }
