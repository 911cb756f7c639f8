"""Defects of the second call: the first is answered well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import pipeline, variables
from mavibot_mock.actions.call import done
from mavibot_mock.actions.recipients import client_by_contact
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.identity import EMAIL, ONLINE_CHAT
from mavibot_mock.state.store.clients import Clients
from mavibot_mock.state.store.search import Search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.store import Store

_CREATE: Final = "Create a deal"
#: The columns that say where a client belongs.
_PLACE: Final = frozenset({"client_type", "group_id", "platform_id"})


@defect("Assigning variables", "Allows you to save variables in both the lead and the client")
def second_save_of_a_variable_lost(parts: Parts) -> None:
    """save_variables keeps the first value of a deal's variable forever."""

    def store(old: Around, project: Any, client_id: int, saved: Mapping[str, Any], now: float) -> Any:
        order_id = project.store.current_order(client_id)
        before = {} if order_id is None else project.store.order_variables(order_id)
        return old(project, client_id, {name: v for name, v in saved.items() if name not in before}, now)

    parts.function(variables, "store_variables", store)


@defect(_CREATE, "order_id is the ID of the new active deal")
def second_deal_is_the_first(parts: Parts) -> None:
    """create_order returns the client's current deal where there is one."""

    def once(handler: Any, call: Call) -> Reply:
        current = call.state.store.current_order(call.number("client_id")) if "client_id" in call.parameters else None
        found: Reply = handler(call) if current is None else Reply(200, {"status": "success", "order_id": current})
        return found

    parts.action("create_order", once)


@defect(_CREATE, "If no client exists with that phone number or email, a new client will be created")
def create_order_makes_a_client_each_time(parts: Parts) -> None:
    """create_order does not find the client that it created for an e-mail address before."""

    def buyer(old: Around, call: Call) -> Any:
        if {"client_id", "phone"} & call.parameters.keys():
            return old(call)
        store = call.state.store
        found = store.client_by_email(call.text("email"))
        row = {} if found is None else _columns(store, found)
        if row.get("client_type") != EMAIL:
            return old(call)
        known = {name: value for name, value in row.items() if name in _PLACE}
        return store.add_client(**known, now=call.now, identity=_unique(store))

    parts.function(pipeline, "find_buyer", buyer)


@defect("Importing clients into the system", "import clients; the function will return an ID for each item")
def second_import_makes_another_client(parts: Parts) -> None:
    """load_clients makes a new client of one that is there already."""

    def load(handler: Any, call: Call) -> Reply:
        store, items = call.state.store, []
        for item in call.parameters["clients"]:
            last = store.last_numbers().get("clients", 0)
            [outcome] = handler(given(call, clients=[item])).body["items"]
            if outcome.get("id", last + 1) <= last:
                known = {name: value for name, value in _columns(store, outcome["id"]).items() if name in _PLACE}
                outcome["id"] = store.add_client(**known, now=call.now, identity=_unique(store))
            items.append(outcome)
        return Reply(200, {"status": "success", "items": items})

    parts.action("load_clients", load)


@defect("Start the bot", "confirm an action on an external resource")
def second_callback_dropped(parts: Parts) -> None:
    """Callback takes the same text as the last message of the history for a repetition and drops it."""

    def report(handler: Any, call: Call) -> Any:
        last = call.state.store.history(client_by_contact(call), limit=1, period=None)
        is_repeated = bool(last) and last[0]["text"] == call.parameters["message"]
        return done(call) if is_repeated else handler(call)

    parts.action("callback", report)


@defect("Retrieve the client ID from the online chat", "recipient - dialog ID on a website")
def online_chat_forgets_its_clients(parts: Parts) -> None:
    """online_chat_client_id makes a new client at every call for a dialogue."""

    def add(old: Around, store: Store, **columns: Any) -> Any:
        is_chat = columns["client_type"] == ONLINE_CHAT
        return old(store, **columns, **({"identity": _unique(store)} if is_chat else {}))

    parts.function(Clients, "add_client", add)


@defect("Add clients to a list", "Adds clients to a list")
def second_adding_takes_off(parts: Parts) -> None:
    """add_to_list takes a client off who is on the list already."""

    def toggle(old: Around, store: Store, list_id: int, client_id: int) -> None:
        on_list = client_id in store.clients_on_list(list_id)
        (store.remove_from_list if on_list else lambda *where: old(store, *where))(list_id, client_id)

    parts.function(Clients, "add_to_list", toggle)


@defect("Retrieve client_id by email", "returns the client ID; The search is performed using variables")
def second_search_is_the_first(parts: Parts) -> None:
    """find_client_id_by_email remembers what it found and never looks again."""
    known: dict[tuple[Store, str], int | None] = {}

    def first(old: Around, store: Store, name: str, value: Any, group_id: str | None = None) -> Any:
        if name != "email":
            return old(store, name, value, group_id)
        return known.setdefault((store, str(value)), old(store, name, value, group_id))

    parts.function(Search, "first_client_with", first)


def _columns(store: Store, client_id: int) -> dict[str, Any]:
    """Return what the table of clients has of one."""
    row = store.client(client_id)
    return {} if row is None else dict(row)


def _unique(store: Store) -> str:
    """Return an identity that no client has yet."""
    return f"client after {store.last_numbers().get('clients', 0)}"
