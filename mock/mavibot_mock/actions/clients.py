"""Actions that import, list and delete clients, put them on lists and assign them to employees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.call import done
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import InvalidValueError, NotFoundError
from mavibot_mock.state.identity import TELEPHONY, as_text

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.steps import Steps

#: The project's fact that holds the employee chosen last.
_LAST_CHOSEN: Final = "last_manager"


def load_clients(call: Call) -> Steps[Reply]:
    """Import clients one by one; one that is there already keeps its number.

    Changes: new clients.
    Assumed: a client of an unknown channel fails alone; telephony needs no channel; two notations of a WhatsApp or
    telephony number are one client, as are two of an e-mail address.
    """
    items = []
    for item in call.parameters["clients"]:
        items.append(_load_client(call, item))
        yield
    return Reply(200, {"status": "success", "items": items})


def _load_client(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    store = call.state.store
    client_type = int(item["client_type"])
    group_id = as_text(item["group_id"])
    platform_id = as_text(item["platform_id"])
    if client_type != TELEPHONY and not store.has_channel(client_type, group_id):
        # No failed item has been seen; the word and the text are assumed.
        reason = "no such channel: client_type and group_id must be those of a connected channel"
        return {**item, "status": "fail", "message": reason}
    client_id = store.client_of_channel(client_type, group_id, platform_id)
    if client_id is None:
        client_id = store.add_client(client_type=client_type, group_id=group_id, platform_id=platform_id, now=call.now)
    return {**item, "status": "success", "id": client_id}


def get_clients(call: Call) -> Reply:
    """List a page of the project's clients or of one of its lists, newest first; `reverse` does nothing to a list.

    Assumed: of those created in the same second the highest number is the newest; an unknown list is empty.
    """
    store = call.state.store
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
    rows = call.state.store.subscribers(
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
    call.state.store.delete_clients(int(each) for each in call.parameters["client_ids"])
    return done(call)


def add_to_list(call: Call) -> Steps[Reply]:
    """Put clients on a list.

    Changes: who is on the list.
    Assumed: an unknown list is made, since no action makes one; unknown clients are passed over.
    """
    store, list_id = call.state.store, call.number("list_id")
    store.add_list(list_id, None)
    for client_id in store.existing_clients(int(each) for each in call.parameters["clients"]):
        store.add_to_list(list_id, client_id)
        yield
    return done(call)


def remove_from_list(call: Call) -> Steps[Reply]:
    """Take clients off a list.

    Changes: who is on the list.
    Assumed: who is not on it, or an unknown list, changes nothing.
    """
    store, list_id = call.state.store, call.number("list_id")
    for client_id in call.parameters["clients"]:
        store.remove_from_list(list_id, int(client_id))
        yield
    return done(call)


def assign_to_user(call: Call) -> Reply:
    """Assign a client to the employee with this e-mail address, or to the one whose turn it is.

    Changes: the client's employee.
    Assumed: without `email` the employees take turns, and all are on shift; an unknown `email` is not found.
    """
    client = call.client()
    manager = _manager_with_email(call) if "email" in call.parameters else _next_manager(call)
    call.state.store.update_client(client["id"], manager_id=manager["id"], now=call.now)
    return done(call)


def _manager_with_email(call: Call) -> Row:
    manager = call.state.store.manager_with_email(call.text("email"))
    if manager is None:
        raise NotFoundError("email", f"the project has no employee {call.text('email')}")
    return manager


def _next_manager(call: Call) -> Row:
    store = call.state.store
    chosen = store.manager_after(store.fact(_LAST_CHOSEN, 0))
    if chosen is None:
        raise InvalidValueError("email", "the mock's project has no employees; give it some in its seed")
    store.set_fact(_LAST_CHOSEN, chosen["id"])
    return chosen


def _listed(client: Row, call: Call) -> dict[str, Any]:
    return {
        "id": client["id"],
        "platform_id": client["platform_id"],
        "client_type": client["client_type"],
        "name": client["name"],
        "avatar": client["avatar"],
        "message_id": client["block_id"],
        "project_id": call.state.id,
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
