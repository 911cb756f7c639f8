"""The action that sends one message to many clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.actions.messages import send
from mavibot_mock.state.identity import as_text

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.request.replies import Reply


def broadcast(call: Call) -> Reply:
    """Send a text, a file or a block to many clients, one after another, now or later.

    Changes: a message in the history of each client; its block, where one is sent.
    Assumed: each client gets it once, the first without delay; who is unknown is passed over; an unknown list is empty;
    a list counts as it is at the call.
    """
    return send(call, _recipients(call), shift=call.parameters["shift"])


def _recipients(call: Call) -> list[int]:
    """Return whom the one given target means."""
    store = call.project.store
    if "list" in call.parameters:
        return store.clients_on_list(call.number("list"))
    if "clients" in call.parameters:
        return store.existing_clients(map(int, call.parameters["clients"]))
    group_id = call.text("group_id")
    found = (store.clients_with_platform_id(as_text(each), group_id) for each in call.parameters["platform_ids"])
    return list(dict.fromkeys(client_id for clients in found for client_id in clients))
