"""Rules: who was put on a list or taken from it is read there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_conformance.rules.read_your_writes.states import full_state, state
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.ways import on_list, write

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_LISTS: Final = "document section 'Add clients to a list': the clients are on the list afterwards"


@rule("RYW-20", Level.MUST, source=_LISTS, actions=["add_to_list", "get_clients"], needs=["test_clients", "list_id"])
def clients_are_added_to_a_list(t: Trial) -> None:
    """Clients that are added to a list are on it once, however often they are added, and leave others there."""
    clients = first, second = t.clients(2)

    def take_off() -> None:
        t.call("remove_from_list", list_id=t.profile.list_id, clients=clients)

    before: list[int] = []
    with t.optional():
        before = t.members()
        if not set(clients).isdisjoint(before):
            take_off()  # a client of the profile may have a past
            before = t.members()
    t.undo(take_off)
    for added in ([first], [first], [second]):
        t.ok("add_to_list", list_id=t.profile.list_id, clients=added)
    t.equal(on_list(t, clients), [1, 1], "how often each is on the list")
    with t.optional():
        t.equal(sorted(t.members()), sorted([*before, *clients]), "the members of the list")


@rule(
    "RYW-21",
    Level.MUST,
    source=_LISTS,
    actions=["remove_from_list", "get_clients", "add_to_list"],
    needs=["test_clients", "list_id"],
)
def clients_are_removed_from_a_list(t: Trial) -> None:
    """A client that is removed from a list is on it no longer; others stay, and the client itself stays too."""
    first, second = t.clients(2)
    t.put_on_list([first, second])
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[first])
    t.equal(on_list(t, [first, second]), [0, 1], "how often each is still on the list")
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[first, second])
    with t.optional():
        t.variables(first)


@rule(
    "RYW-24",
    Level.MUST,
    source=_LISTS,
    actions=["add_to_list", "broadcast", "get_history"],
    needs=["channel", "list_id"],
)
def a_list_is_written_to_once(t: Trial) -> None:
    """A broadcast to a list comes once to a client who was added several times."""
    first, second, text = *t.clients(2), t.nonce()
    for added in ([first], [first, second], [second, first]):
        t.ok("add_to_list", list_id=t.profile.list_id, clients=added)
    t.undo(lambda: t.call("remove_from_list", list_id=t.profile.list_id, clients=[first, second]))
    t.ok("broadcast", list=t.profile.list_id, message=text, shift=0)
    t.settle(2, lambda: t.texts(first) and t.texts(second))
    t.equal([t.texts(first), t.texts(second)], [[text], [text]], "the histories")


@rule(
    "RYW-57",
    Level.MUST,
    source="document section 'Remove clients from a list': it takes the clients off the list",
    actions=["remove_from_list", "get_variables", "get_history", "get_orders"],
    needs=["test_clients", "list_id"],
)
def leaving_a_list_takes_nothing_along(t: Trial) -> None:
    """A client who is taken off a list keeps variables, messages and deals."""
    client_id = t.client()
    full_state(t, client_id)
    with t.optional():
        write(t, client_id, t.nonce())
    before = state(t, client_id, with_history=True)
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[client_id])
    after = state(t, client_id, with_history=True)
    if "list" in before:
        before["list"] = False
    t.equal(after, before, "variables, deals and stage of the client, and the history")


@rule(
    "RYW-65",
    Level.MUST,
    source="document section 'Remove clients from a list': list_id is the list that they are taken off",
    actions=["remove_from_list", "add_to_list", "get_clients"],
    needs=["test_clients", "list_id"],
)
def leaving_a_list_leaves_no_other(t: Trial) -> None:
    """A client who is taken off one list stays on another."""
    client_id, other = t.client(), t.number() % 2**31  # no action tells which lists there are

    def is_on_the_other() -> bool:
        exchange = t.answered("get_clients", list=other)
        return exchange.succeeded and client_id in [row["id"] for row in exchange.data["clients"]]

    t.put_on_list([client_id])
    t.call("add_to_list", list_id=other, clients=[client_id])
    t.undo(lambda: t.call("remove_from_list", list_id=other, clients=[client_id]))
    if not is_on_the_other():
        t.not_run("there is no second list, and adding a client makes none")
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[client_id])
    t.expect(is_on_the_other(), f"the client to be on the list {other} still")
