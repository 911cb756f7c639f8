"""What takes something along that was not to be cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.call import Call
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.facts import ORDER_STATUSES
from mavibot_mock.state.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Row

    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.store import Store

_HISTORY: Final = "Clear message history"
_CHAT_ONLY: Final = "Deletes chat history"


@defect(_HISTORY, _CHAT_ONLY)
def clearing_takes_the_variables(parts: Parts) -> None:
    """clear_history deletes the client's variables too."""

    def variables(call: Call) -> None:
        for name in call.state.store.client_variables(call.number("client_id")):
            call.state.store.set_client_variable(call.number("client_id"), name, None)

    _also(parts, "clear_history", variables)


@defect(_HISTORY, _CHAT_ONLY)
def clearing_takes_the_client_off_its_lists(parts: Parts) -> None:
    """clear_history takes the client off all lists too."""
    _also(parts, "clear_history", lambda call: _off_all_lists(call.state.store, call.number("client_id")))


@defect("Remove clients from a list", "list_id - list number")
def taken_off_every_list(parts: Parts) -> None:
    """remove_from_list takes the clients off every other list too."""

    def everywhere(call: Call) -> None:
        for client_id in call.parameters["clients"]:
            _off_all_lists(call.state.store, int(client_id))

    _also(parts, "remove_from_list", everywhere)


@defect("Assigning variables", "To update variables in the client profile, use the client. prefix")
def saving_empties_the_profile(parts: Parts) -> None:
    """save_variables of a client's variable deletes the client's other variables."""

    def saved(handler: Any, call: Call) -> Any:
        names = {name.removeprefix("client.") for name in call.parameters["variables"] if name.startswith("client.")}
        one = [call.parameters["client_id"]] if "client_id" in call.parameters else []
        for client_id in map(int, [*one, *call.parameters.get("clients", [])] if names else []):
            for name in call.state.store.client_variables(client_id).keys() - names:
                call.state.store.set_client_variable(client_id, name, None)
        return handler(call)

    parts.action("save_variables", saved)


@defect("Move a deal to a stage in MavibotCRM", "state_id - the stage number to which the deal should be moved")
def closed_deal_loses_its_variables(parts: Parts) -> None:
    """A deal that comes to a stage which closes it loses its variables."""

    def moved(old: Around, store: Store, order_id: int, stage: Row) -> None:
        old(store, order_id, stage)
        if stage["order_status"] != ORDER_STATUSES["ACTIVE"]:
            for name in store.order_variables(order_id):
                store.set_order_variable(order_id, name, None)

    parts.function(Orders, "move_order", moved)


def _also(parts: Parts, action: str, more: Callable[[Call], None]) -> None:
    """Do more than an action, after it."""

    def both(handler: Any, call: Call) -> Any:
        reply = handler(call)
        more(call)
        return reply

    parts.action(action, both)


def _off_all_lists(store: Store, client_id: int) -> None:
    for row in store._db.execute("SELECT list_id FROM list_members WHERE client_id = ?", (client_id,)).fetchall():
        store.remove_from_list(row["list_id"], client_id)
