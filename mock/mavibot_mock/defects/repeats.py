"""Defects of the second call: the first is answered well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import bot, orders, variables
from mavibot_mock.actions import search as searches
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.identity import EMAIL, ONLINE_CHAT
from mavibot_mock.replies import Reply, client_not_found, done
from mavibot_mock.store.clients import Clients
from mavibot_mock.store.search import Search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.store import Store

_CREATE: Final = "Create a deal"


@defect("Assigning variables", "Allows you to save variables in both the lead and the client")
def second_save_of_a_variable_lost(parts: Parts) -> None:
    """save_variables keeps the first value of a deal's variable for ever."""

    def store(old: Around, project: Any, client_id: int, saved: Mapping[str, Any], now: float) -> Any:
        order_id = project.store.current_order(client_id)
        before = {} if order_id is None else project.store.order_variables(order_id)
        return old(project, client_id, {name: v for name, v in saved.items() if name not in before}, now)

    parts.function(variables, "store_variables", store)


@defect(_CREATE, "order_id is the ID of the new active deal")
def second_deal_is_the_first(parts: Parts) -> None:
    """create_order returns the client's current deal where there is one."""

    def once(handler: Any, call: Call) -> Reply:
        current = call.project.store.current_order(call.number("client_id")) if "client_id" in call.parameters else None
        found: Reply = handler(call) if current is None else Reply(200, {"status": "success", "order_id": current})
        return found

    parts.action("create_order", once)


@defect(_CREATE, "If no client exists with that phone number or email, a new client will be created")
def create_order_makes_a_client_each_time(parts: Parts) -> None:
    """create_order does not find the client whom it made for an e-mail address before."""

    def buyer(old: Around, call: Call) -> Any:
        if {"client_id", "phone"} & call.parameters.keys():
            return old(call)
        found = call.project.store.client_by_email(call.text("email"))
        row = None if found is None else call.project.store.client(found)
        if row is None or row["client_type"] != EMAIL:
            return old(call)
        others = {"identity": f"{row['identity']} {call.project.store.last_numbers()['clients']}"}
        place = {"client_type": EMAIL, "group_id": row["group_id"], "platform_id": row["platform_id"]}
        return call.project.store.add_client(**place, **others, now=call.now)

    parts.function(orders, "_buyer", buyer)


@defect("Importing clients into the system", "import clients; the function will return an ID for each item")
def second_import_makes_another_client(parts: Parts) -> None:
    """load_clients makes a new client of one that is there already."""

    def add(old: Around, store: Store, **columns: Any) -> Any:
        taken = Clients.client_of_channel(store, columns["client_type"], columns["group_id"], columns["platform_id"])
        return old(store, **columns, **({} if taken is None else {"identity": _unique(store, columns)}))

    def load(handler: Any, call: Call) -> Any:
        return handler(given(call, clients=[{**item} for item in call.parameters["clients"]]))

    parts.function(Clients, "add_client", add)
    parts.action("load_clients", load)


@defect("Start the bot", "confirm an action on an external resource")
def second_callback_dropped(parts: Parts) -> None:
    """Callback takes the same text as the last message of the history for a repetition and drops it."""

    def report(old: Around, call: Call, client_id: int) -> Any:
        last = call.project.store.history(client_id, limit=1, period=None)
        is_repeated = bool(last) and last[0]["text"] == call.parameters["message"]
        return done(call) if is_repeated else old(call, client_id)

    parts.function(bot, "_report", report)


@defect("Sending a message to a client", "used to send notification messages")
def second_message_dropped(parts: Parts) -> None:
    """Message drops a text that the client was sent in this very second."""

    def once(handler: Any, call: Call) -> Any:
        last = call.project.store.history(call.client()["id"], limit=1, period=(call.now - 1, call.now + 1))
        return done(call) if last and last[0]["text"] == call.parameters.get("message") else handler(call)

    parts.action("message", once)


@defect("Retrieve the client ID from the online chat", "recipient - dialog ID on a website")
def online_chat_forgets_its_clients(parts: Parts) -> None:
    """online_chat_client_id makes a new client at every call for a dialogue."""

    def add(old: Around, store: Store, **columns: Any) -> Any:
        is_chat = columns["client_type"] == ONLINE_CHAT
        return old(store, **columns, **({"identity": _unique(store, columns)} if is_chat else {}))

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
    known: dict[tuple[Any, str], int | None] = {}

    def first(old: Around, store: Store, name: str, value: Any, group_id: str | None = None) -> Any:
        if name != "email":
            return old(store, name, value, group_id)
        return known.setdefault((id(store), str(value)), old(store, name, value, group_id))

    parts.function(Search, "first_client_with", first)


@defect("Clear message history", "Deletes chat history")
def second_clearing_refused(parts: Parts) -> None:
    """clear_history refuses a client without messages as unknown."""

    def clear(handler: Any, call: Call) -> Any:
        if not call.project.store.history(call.number("client_id"), limit=1, period=None):
            raise client_not_found()
        return handler(call)

    parts.action("clear_history", clear)


def _unique(store: Store, columns: Mapping[str, Any]) -> str:
    """Return an identity that no client has yet."""
    return f"{columns['platform_id']} {store.last_numbers()['clients']}"


_ = searches
