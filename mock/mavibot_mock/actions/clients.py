"""Actions that import, list and delete clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.request.replies import Reply, done
from mavibot_mock.state.identity import TELEPHONY, as_text

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call


def load_clients(call: Call) -> Reply:
    """Import clients one by one; one that is there already keeps its number.

    Changes: new clients.
    Assumed: a client of an unknown channel fails alone; telephony needs no channel; two notations of a WhatsApp or
    telephony number are one client, as are two of an e-mail address.
    """
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
    """List a page of the project's clients or of one of its lists, newest first; `reverse` does nothing to a list.

    Assumed: the newest has the highest number; an unknown list is empty.
    """
    store = call.project.store
    offset, limit = call.number("offset"), call.number("limit")
    if "list" in call.parameters:
        rows = store.clients_of_list(call.number("list"), offset=offset, limit=limit)
    else:
        rows = store.clients(offset=offset, limit=limit, reverse=call.parameters["reverse"])
    return Reply(200, {"status": "success", "clients": [_listed(row, call) for row in rows]})


def subscribers(call: Call) -> Reply:
    """List a page of the clients that fit all filters.

    Assumed: oldest first; both ends of the period are outside it; who has unsubscribed is listed too.
    """
    size = call.operation.responses["200"]["content"]["application/json"]["schema"]["maxItems"]
    rows = call.project.store.subscribers(
        offset=call.number("page") * size,
        limit=size,
        tag=call.parameters.get("tag"),
        group_id=call.text("group") if "group" in call.parameters else None,
        client_type=call.parameters.get("client_type"),
        after=call.parameters.get("date_from"),
        before=call.parameters.get("date_to"),
    )
    return Reply(200, [_subscriber(row, call) for row in rows])


def delete_clients(call: Call) -> Reply:
    """Delete clients for good.

    Changes: the clients with their variables, deals, messages, places on lists and whatever is scheduled for them.
    Assumed: unknown numbers are passed over.
    """
    call.project.store.delete_clients(int(each) for each in call.parameters["client_ids"])
    return done(call)


def _listed(client: Row, call: Call) -> dict[str, Any]:
    return {
        "id": client["id"],
        "platform_id": client["platform_id"],
        "client_type": client["client_type"],
        "name": client["name"],
        "avatar": client["avatar"],
        "message_id": client["block_id"],
        "project_id": call.project.id,
        "created_at": call.shown_time(client["created_at"]),
        "updated_at": call.shown_time(client["updated_at"]),
        "custom_answer": client["custom_answer"],
        "tag": client["tag"],
        "group": client["group_id"],
        "operator_start_dialog": client["operator_start_dialog"],
    }


def _subscriber(client: Row, call: Call) -> dict[str, Any]:
    return {
        "id": client["id"],
        "tag": client["tag"],
        "created_at": call.shown_time(client["created_at"]),
        "name": client["name"],
        "vk_id": client["platform_id"],
        "group": client["group_id"],
        "variables": None,  # the document says that this action returns none
    }
