"""Makes what the webhook receives of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.schedule import shown_moment
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.state.state import State


def event(state: State, message_id: int) -> dict[str, Any] | None:
    """Return what the webhook receives of a message, or `None` where the message is no longer kept.

    Args:
        state: the project's state.
        message_id: id of the message.
    """
    store = state.store
    message = store.message(message_id)
    client = None if message is None else store.client(message["client_id"])
    if message is None or client is None:
        return None
    attachments = from_json(message["attachments"]) or None
    return {
        "id": message_id,
        "client": _client(state, client),
        # Assumed: null only for a file without a caption.
        "message": message["text"] or (None if attachments else ""),
        "attachments": attachments,
        "message_id": message["block_id"],
        "project_id": state.id,
        "is_input": int(message["client_replica"]),
        "delivered": int(message["delivered"]),
        "error_message": message["error_message"],
    }


def _client(state: State, client: Row) -> dict[str, Any]:
    store = state.store
    order_id = store.current_order(client["id"])
    return {
        "id": client["id"],
        "recepient": client["platform_id"],  # spelled as the platform spells it
        "client_type": client["client_type"],
        "name": client["name"],
        "avatar": client["avatar"],
        "created_at": shown_moment(client["created_at"], form=state.settings.created_at, zone=state.zone),
        "tag": client["tag"],
        "group": client["group_id"],
        "variables": store.client_variables(client["id"]),
        "order_variables": {} if order_id is None else store.order_variables(order_id),
        "custom_answer": client["custom_answer"],
        "operator_start_dialog": client["operator_start_dialog"],
    }
