"""Actions that put clients on lists and take them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.request.replies import done

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.request.replies import Reply


def add_to_list(call: Call) -> Reply:
    """Put clients on a list.

    Changes: who is on the list.
    Assumed: an unknown list is made, since no action makes one; unknown clients are passed over.
    """
    store, list_id = call.project.store, call.number("list_id")
    store.add_list(list_id, None)
    for client_id in store.existing_clients(int(each) for each in call.parameters["clients"]):
        store.add_to_list(list_id, client_id)
    return done(call)


def remove_from_list(call: Call) -> Reply:
    """Take clients off a list.

    Changes: who is on the list.
    Assumed: who is not on it, or an unknown list, changes nothing.
    """
    store, list_id = call.project.store, call.number("list_id")
    for client_id in call.parameters["clients"]:
        store.remove_from_list(list_id, int(client_id))
    return done(call)
