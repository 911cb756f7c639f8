"""Actions that import and list clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.identity import TELEPHONY, as_text
from mavibot_mock.replies import Reply

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call


def load_clients(call: Call) -> Reply:
    """Import clients one by one; one that is there already keeps its number."""
    items = [_load_client(call, item) for item in call.parameters["clients"]]
    return Reply(200, {"status": "success", "items": items})


def _load_client(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    store = call.project.store
    client_type = int(item["client_type"])
    group_id = as_text(item["group_id"])
    platform_id = as_text(item["platform_id"])
    if client_type != TELEPHONY and not store.has_channel(client_type, group_id):
        # Nobody has shown a failed item; the word and the text are assumed.
        reason = "no such channel: client_type and group_id must be those of a connected channel"
        return {**item, "status": "fail", "message": reason}
    client_id = store.client_of_channel(client_type, group_id, platform_id)
    if client_id is None:
        client_id = store.add_client(client_type=client_type, group_id=group_id, platform_id=platform_id, now=call.now)
    return {**item, "status": "success", "id": client_id}


def get_clients(call: Call) -> Reply:
    """List a page of the project's clients or of one of its lists; an unknown list is empty (assumed)."""
    store = call.project.store
    offset, limit = call.number("offset"), call.number("limit")
    if "list" in call.parameters:
        rows = store.clients_of_list(call.number("list"), offset=offset, limit=limit)
    else:
        rows = store.clients(offset=offset, limit=limit, reverse=call.parameters["reverse"])
    return Reply(200, {"status": "success", "clients": [_listed(row, call.project.id) for row in rows]})


def _listed(client: Row, project_id: int) -> dict[str, Any]:
    return {
        "id": client["id"],
        "platform_id": client["platform_id"],
        "client_type": client["client_type"],
        "name": client["name"],
        "avatar": client["avatar"],
        "message_id": client["block_id"],
        "project_id": project_id,
        "created_at": client["created_at"],
        "updated_at": client["updated_at"],
        "custom_answer": client["custom_answer"],
        "tag": client["tag"],
        "group": client["group_id"],
        "operator_start_dialog": client["operator_start_dialog"],
    }
