"""Actions that save and read variables, and the rule that tells whose variable a name is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.call import done, existing_client
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.facts import SHOWN_MESSENGERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.state import State
    from mavibot_mock.state.steps import Steps

#: What the platform's own values say where they are unset, as integrators have seen them.
_NO_NUMBER: Final = "NONE"
_NO_TEXT: Final = "None"


def save_variables(call: Call) -> Steps[Reply]:
    """Save variables of one client or many.

    Changes: variables of the clients, of their current deals, or of the project; null or empty text clears one.
    Assumed: where one client is unknown, nothing is saved; a client without a current deal gets one.
    """
    client_ids = [int(each) for each in call.parameters.get("clients", [])]
    if "client_id" in call.parameters:
        client_ids.append(call.number("client_id"))
    for client_id in client_ids:
        existing_client(call.state, client_id)
        yield
    for client_id in dict.fromkeys(client_ids):
        yield from variables_stored(call.state, client_id, call.parameters["variables"], call.now)
    return done(call)


def variables_stored(state: State, client_id: int, variables: Mapping[str, Any], now: float) -> Steps[None]:
    """Save variables as `store_variables` does, in steps."""
    for name, value in variables.items():
        store_variables(state, client_id, {name: value}, now)
        yield


def store_variables(state: State, client_id: int, variables: Mapping[str, Any], now: float) -> None:
    """Save variables where their names say: `client.`, `project.`, else the client's current deal.

    A client without a deal gets one (assumed).
    """
    for name, value in variables.items():
        scope, _, rest = name.partition(".")
        if scope == "client" and rest:
            state.store.set_client_variable(client_id, rest, value)
        elif scope == "project" and rest:
            state.store.set_project_variable(rest, value)
        else:
            order_id = state.store.current_order(client_id)
            if order_id is None:
                order_id = state.store.add_order(client_id, now=now)
            state.store.set_order_variable(order_id, name, value)


def get_variables(call: Call) -> Reply:
    """Read everything under its plain name: a deal's value hides a client's, and that one the project's."""
    return Reply(200, visible_variables(call.state, call.client()))


def visible_variables(state: State, client: Row) -> dict[str, Any]:
    """Return what a client's names of variables stand for: a deal's value before the client's, then the project's."""
    store = state.store
    order_id = store.current_order(client["id"])
    return {
        **store.project_variables(),
        **_own_values(client),
        **store.client_variables(client["id"]),
        **(store.order_variables(order_id) if order_id is not None else {}),
    }


def _own_values(client: Row) -> dict[str, Any]:
    """Return the values that the platform itself keeps of a client."""
    return {
        "main_client_id": _NO_NUMBER,
        "message_id": client["block_id"] or _NO_NUMBER,
        "platform_id": client["platform_id"],
        "client_type": client["client_type"],
        "messenger": SHOWN_MESSENGERS.get(client["client_type"], _NO_TEXT),
        "group": client["group_id"],
        "name": client["name"] or _NO_TEXT,
        "avatar": client["avatar"] or _NO_TEXT,
        "tag": client["tag"] or _NO_TEXT,
    }
