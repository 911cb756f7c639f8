"""Rules: what was refused has changed nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    NOBODY,
    harmless,
)
from mavibot_conformance.rules.read_your_writes.states import WRITES
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial

#: Actions that a parameter of another form is sent to.
_WITH_BAD_PARTS: Final = ("save_variables", "message", "callback", "set_order_vars", "add_to_list")


@rule(
    "RYW-50",
    Level.MUST,
    source="document section 'Create a deal' and public integration: an unknown client is answered client_not_found",
    actions=[
        action
        for action in WRITES
        if "client_id" in mavibot_contract.load().operation(action).schema["properties"] and action != "save_variables"
    ],
    each=True,
    effect="write",
)
def writes_to_an_unknown_client_are_refused(t: Trial, action: str) -> None:
    """A write for a client who does not exist is refused."""
    exchange = t.call(action, **{**harmless(t, action), "client_id": NOBODY})
    t.expect_refusal(exchange)


@rule(
    "RYW-51",
    Level.MUST,
    source="document section 'Assigning variables' and the other writes: what is refused is not done",
    actions=_WITH_BAD_PARTS,
    judges=_WITH_BAD_PARTS,
    needs=["test_clients"],
)
def refused_writes_change_nothing(t: Trial) -> None:
    """A write that is refused for one of its parameters leaves variables, history, deals and lists as they were.

    No source says that a value of a wrong type is refused at once: a server may take it and look at it later.
    """
    client_id = t.client()
    calls: dict[str, list[dict[str, Any]]] = {
        "save_variables": [{"client_id": client_id, "variables": 5}],
        "message": [{"client_id": client_id, "message": "x", "time_shift": "soon"}],
        "callback": [{"client_id": client_id, "message": "x", "send_time": "soon", "client.cnf_a": "lost"}],
        "set_order_vars": [{"client_id": client_id, "order_id": NOBODY, "variables": {"cnf_deal_b": "lost"}}],
    }
    if t.profile.list_id is not None:
        calls["add_to_list"] = [{"list_id": t.profile.list_id, "clients": {"a": client_id}}]
    with t.optional():
        order_id = t.order(client_id)
        calls["set_order_vars"].append({"client_id": client_id, "order_id": order_id, "variables": 5})
    with t.optional():
        t.ok("save_variables", client_id=client_id, variables={"client.cnf_a": "kept", "cnf_deal_b": "kept"})

    def check(action: str) -> None:
        for parameters in calls[action]:
            before = t.parts(_looks(t, client_id))
            exchange = t.wire.call(action, body=parameters)
            t.should(not exchange.succeeded, f"{action} to be refused for one of its parameters", exchange)
            if not exchange.succeeded:
                t.equal(t.parts(_looks(t, client_id)), before, f"the state after the refused {action}")

    t.each(check, calls)


@rule(
    "RYW-52",
    Level.SHOULD,
    source="assumption: a refused call changes nothing, also where part of it could be done",
    actions=["save_variables", "create_order", "message", "add_to_list", "find_client_id_by_phone", "get_clients"],
    judges=["save_variables", "create_order", "message", "add_to_list"],
    needs=["test_clients"],
)
def refused_writes_do_no_part(t: Trial) -> None:
    """A write that is refused since one part of it cannot be done does no other part either."""
    client_id, phone, email = t.client(), t.phone(), f"{t.nonce()}@example.com"
    contacts: dict[str, dict[str, Any]] = {"phone": {"phone": phone}, "email": {"email": email}}

    def is_found(name: str) -> bool:
        return t.answered(f"find_client_id_by_{name}", **contacts[name]).succeeded

    calls: dict[str, list[dict[str, Any]]] = {
        "save_variables": [{"clients": [client_id, NOBODY], "variables": {"client.cnf_a": "x", "cnf_deal_b": "x"}}],
        "create_order": [
            {"phone": phone, "name": "x", "state_id": NOBODY},
            {"email": email, "name": "x", "state_id": NOBODY},
            {"client_id": client_id, "name": "x", "state_id": NOBODY},
        ],
        "message": [{"client_id": client_id, "message": "x", "message_id": NOBODY}],
        "add_to_list": [{"clients": [client_id], "list_id": NOBODY}],
    }

    looks = _looks(t, client_id)
    for name in contacts:
        looks[f"client with the {name}"] = partial(is_found, name)

    def check(action: str) -> None:
        for parameters in calls[action]:
            before = t.parts(looks)
            exchange = t.call(action, **parameters)
            if not exchange.succeeded:
                t.equal(t.parts(looks), before, f"the state after the refused {action} ({said(exchange)})")

    t.each(check, calls)


def _looks(t: Trial, client_id: int) -> dict[str, Callable[[], object]]:
    """Return what can be looked at of a client."""
    return {
        "variables": lambda: t.variables(client_id),
        "history": lambda: t.texts(client_id),
        "deals": lambda: t.orders(client_id),
        "list": t.members,
    }
