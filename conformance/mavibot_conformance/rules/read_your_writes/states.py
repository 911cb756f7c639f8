"""What several rules about reading what was written compare, and whom they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.ways import give

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_conformance.rules.trial import Trial

WRITES: Final = tuple(
    action
    for action, operations in mavibot_contract.load().actions.items()
    if next(iter(operations.values())).effect != "read"
)


def properties(action: str) -> Mapping[str, Any]:
    """Return the parameters of an action, as the contract describes them."""
    found: Mapping[str, Any] = mavibot_contract.load().operation(action).schema["properties"]
    return found


def full_state(t: Trial, client_id: int) -> dict[str, Any]:
    """Give a client variables, deals and a place on the list, as far as the server has them, and return them."""
    with t.optional():
        older = t.order(client_id)
        t.ok("set_order_vars", client_id=client_id, order_id=older, variables={"cnf_deal_b": t.nonce()})
    with t.optional():
        t.order(client_id)
    with t.optional():
        give(t, client_id, {"client.cnf_a": t.nonce(), "cnf_deal_b": t.nonce()})
    with t.optional():
        t.put_on_list([client_id])
    return state(t, client_id)


def state(t: Trial, client_id: int, *, with_history: bool = False) -> dict[str, Any]:
    """Return what can be seen of a client.

    Raises:
        NotOfferedError: nothing can.
    """

    def variables() -> list[Any]:
        found = t.variables(client_id)
        return [found.get("cnf_a"), found.get("cnf_deal_b")]

    looks: dict[str, Callable[[], Any]] = {
        "variables": variables,
        "deals": lambda: t.orders(client_id),
        "current deal": lambda: t.current_order(client_id),
        "variables of deals": lambda: [
            order_variable(t, client_id, each, "cnf_deal_b") for each in t.orders(client_id)
        ],
        "stage": lambda: t.answered("get_order_state", client_id=client_id).data,
        "list": lambda: client_id in t.members(),
    }
    if with_history:
        looks["history"] = lambda: t.texts(client_id)
    return t.parts(looks)


def order_variable(t: Trial, client_id: int, order_id: int, name: str) -> Any:
    """Return a variable of a deal of a client, or `None`."""
    return t.order_variables(client_id, order_id=order_id).get(name)
