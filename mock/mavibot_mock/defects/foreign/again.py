"""What is right at the first call, and not at the second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from mavibot_mock.actions import bot, pipeline
from mavibot_mock.actions.call import done
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.identity import EMAIL, search_text
from mavibot_mock.state.store.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.state import State
    from mavibot_mock.state.store import Store

_Kept = TypeVar("_Kept")


class _Memory(Generic[_Kept]):
    """What a defect remembers of the calls before, for each project."""

    def __init__(self, empty: Callable[[], _Kept]) -> None:
        self._empty = empty
        self._kept: WeakKeyDictionary[State, _Kept] = WeakKeyDictionary()

    def of(self, call: Call) -> _Kept:
        """Return what is remembered of the calls of a project."""
        return self._kept.setdefault(call.state, self._empty())


@defect("Clear message history", "Deletes chat history")
def history_cleared_once_only(parts: Parts) -> None:
    """A client's history that was cleared once stays as it is when it is cleared again."""
    cleared = _Memory[set[int]](set)

    def clear(handler: Any, call: Call) -> Any:
        if call.client_id() in cleared.of(call):
            return done(call)
        cleared.of(call).add(call.client_id())
        return handler(call)

    parts.action("clear_history", clear)


@defect("Retrieve client_id by email", "The search is performed using variables")
def changed_email_not_found(parts: Parts) -> None:
    """A client whose e-mail address was changed is still found by the first address, and not by the new one."""

    def save(old: Around, store: Store, client_id: int, name: str, value: Any) -> None:
        before = store.client_variables(client_id).get("email") if name == "email" else None
        old(store, client_id, name, value)
        if before is not None:
            query = "UPDATE client_variables SET found = ? WHERE owner = ? AND name = 'email'"
            store._db.execute(query, (search_text("email", before), client_id))

    parts.function(Variables, "set_client_variable", save)


@defect("Sending a callback message to a client by email", "locate the client's email or create it if not found")
def email_callback_makes_a_client_each_time(parts: Parts) -> None:
    """email_callback makes one more client with an address at every call after the first."""
    called = _Memory[Counter[str]](Counter)

    def client(old: Around, call: Call) -> int:
        address = call.text("email").lower()
        called.of(call)[address] += 1
        client_id: int = old(call)
        if (times := called.of(call)[address]) == 1:
            return client_id
        first = call.state.store.client(client_id)
        columns: dict[str, Any] = {
            "group_id": "" if first is None else first["group_id"],
            "platform_id": call.text("email"),
            "identity": f"{address} {times}",
        }
        return call.reach(call.state.store.add_client(client_type=EMAIL, now=call.now, **columns))

    parts.function(bot, "email_client", client)


@defect("Add deal variables", "a dictionary of variables: the value is what should be saved in that variable")
def deal_variable_set_once_only(parts: Parts) -> None:
    """set_order_vars leaves a variable as it is that the deal has already."""

    def new_ones(call: Call) -> Call:
        there = call.state.store.order_variables(pipeline.find_order(call)["id"])
        fresh = {name: value for name, value in call.parameters["variables"].items() if name not in there}
        return given(call, variables=fresh)

    parts.call("set_order_vars", new_ones)


@defect("Add clients to a list", "Adds clients to a list")
def client_taken_off_a_list_cannot_return(parts: Parts) -> None:
    """add_to_list does nothing for a client that was on the list before and was taken off."""
    taken_off = _Memory[set[tuple[int, int]]](set)

    def remove(handler: Any, call: Call) -> Any:
        taken_off.of(call).update((call.number("list_id"), int(each)) for each in call.parameters["clients"])
        return handler(call)

    def add(call: Call) -> Call:
        gone, list_id = taken_off.of(call), call.number("list_id")
        return given(call, clients=[each for each in call.parameters["clients"] if (list_id, int(each)) not in gone])

    parts.action("remove_from_list", remove)
    parts.call("add_to_list", add)
