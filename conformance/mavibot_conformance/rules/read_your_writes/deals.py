"""Rules: deals, their stages and their variables are read as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.rules.calls import (
    taking,
)
from mavibot_conformance.rules.read_your_writes.states import order_variable
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.ways import by_any, give_deal, held, held_by_deal

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_DEALS: Final = "document section 'Create a deal': the reply's order_id is the new deal"
_ABOUT_A_DEAL: Final = taking("client_id", "order_id")


@rule(
    "RYW-30",
    Level.MUST,
    source=_DEALS,
    actions=["create_order", "get_current_order_id", "get_orders"],
    needs=["channel"],
    smoke=True,
)
def a_new_deal_is_the_current_one(t: Trial) -> None:
    """A new deal is among the client's deals, once, and is the current one; its number is a number."""
    client_id, other = t.clients(2)
    first, second = t.order(client_id), t.order(client_id)
    t.expect(first != second, "two deals to have two numbers", [first, second])

    def current() -> None:
        t.equal(t.ok("get_current_order_id", client_id=client_id)["order_id"], second, "the current deal")

    def listed() -> None:
        t.equal(sorted(t.orders(client_id)), sorted([first, second]), "the client's deals")
        t.equal(t.orders(other), [], "the deals of another client")

    t.parts({"current": current, "listed": listed})


@rule(
    "RYW-31",
    Level.MUST,
    source="document section 'Add deal variables' and 'Retrieve deal data': what was saved is read",
    actions=["set_order_vars", "get_order_vars"],
    needs=["test_clients"],
)
def variables_of_a_deal_are_read_back(t: Trial) -> None:
    """Variables of a deal are read back from that deal, not from another deal of the same client."""
    client_id = t.client()
    first, second = t.order(client_id), t.order(client_id)
    a, b = t.nonce(), t.nonce()

    def of_each() -> None:
        t.ok("set_order_vars", client_id=client_id, order_id=first, variables={"cnf_deal_a": a, "cnf_deal_b": b})
        result = t.order_variables(client_id, order_id=first, variables=["cnf_deal_a"])
        t.equal(result, {"cnf_deal_a": a}, "the variable that was asked for")
        t.equal(order_variable(t, client_id, first, "cnf_deal_b"), b, "the other variable")
        t.equal(order_variable(t, client_id, second, "cnf_deal_a"), None, "the variable of the other deal")
        t.ok("set_order_vars", client_id=client_id, order_id=first, variables={"cnf_deal_a": b})
        t.equal(order_variable(t, client_id, first, "cnf_deal_a"), b, "the variable after a second value")
        t.equal(order_variable(t, client_id, first, "cnf_deal_b"), b, "the other variable after that")

    def of_current() -> None:
        names = t.nonce(), t.nonce()
        for values in ((a, b), (b, a)):
            expected = dict(zip(names, values, strict=True))
            t.ok("set_order_vars", client_id=client_id, order_id=second, variables=expected)
            t.equal(held(t, client_id, expected), expected, "the variables of the current deal")
        with t.optional():
            other = t.nonce()
            t.ok("set_order_vars", client_id=client_id, order_id=first, variables={other: a})
            t.equal(t.variables(client_id).get(other), None, "the variable of an older deal")

    by_any(of_each, of_current)


@rule(
    "RYW-32",
    Level.MUST,
    source="document section 'Move a deal to a stage in MavibotCRM': the deal is on the stage afterwards",
    actions=["set_order_state", "get_order_state"],
    needs=["test_clients", "stage_ids"],
)
def a_deal_is_on_the_stage_that_was_set(t: Trial) -> None:
    """The current deal is on the stage that was set; an older deal stays where it was."""
    client_id = t.client()
    first = t.order(client_id)
    start = t.stage(client_id, order_id=first)
    t.order(client_id)
    wanted = next(stage for stage in t.profile.stage_ids if stage != start)
    t.ok("set_order_state", client_id=client_id, state_id=wanted)
    t.equal(t.stage(client_id), wanted, "the stage of the current deal")
    t.equal(t.stage(client_id, order_id=first), start, "the stage of the older deal")


@rule(
    "RYW-33",
    Level.MUST,
    source="document section 'Move a deal to the next stage in the Mavibot funnel': the reply names the new stage",
    actions=["move_order_to_next_state", "get_order_state", "set_order_state"],
    needs=["test_clients", "stage_ids"],
)
def a_deal_moves_to_the_next_stage(t: Trial) -> None:
    """A deal moves one stage on, and the reply names the stage on which it then is."""
    client_id = t.client()
    order_id = t.order(client_id)
    stages = t.profile.stage_ids
    with t.optional():
        t.ok("set_order_state", client_id=client_id, state_id=stages[0])
        moved = t.ok("move_order_to_next_state", client_id=client_id, order_id=order_id)["state_id"]
        t.equal(moved, stages[1], "the next stage")
        with t.optional():
            t.equal(t.stage(client_id), stages[1], "the stage afterwards")
        return
    moved = t.ok("move_order_to_next_state", client_id=client_id, order_id=order_id)["state_id"]
    with t.optional():
        t.equal(t.stage(client_id), moved, "the stage afterwards")
    if moved not in stages[:-1]:
        t.not_run("nothing shows from which stage of 'stage_ids' a new deal moves")
    again = t.ok("move_order_to_next_state", client_id=client_id, order_id=order_id)["state_id"]
    t.equal(again, stages[stages.index(moved) + 1], "the stage after that")


@rule(
    "RYW-34",
    Level.SHOULD,
    source="vendor's Russian document: closed and archived deals are not active",
    actions=["get_orders", "set_order_state", "get_current_order_id"],
    needs=["test_clients", "stage_ids"],
)
def a_closed_deal_is_no_active_one(t: Trial) -> None:
    """A deal on a closing stage is listed as successful or unsuccessful, and is not the current one, even if newest."""
    if len(t.profile.stage_ids) < 4:
        t.not_run("needs four stages in 'stage_ids', the last two the successful and the unsuccessful one")
    client_id = t.client()
    won = t.order(client_id)
    t.ok("set_order_state", client_id=client_id, state_id=t.profile.stage_ids[-2])
    active, lost = t.order(client_id), t.order(client_id)
    t.ok("set_order_state", client_id=client_id, state_id=t.profile.stage_ids[-1])
    deals = {won, lost, active}  # a client of the profile may have others
    found = [[each for each in t.orders(client_id, order_status=status) if each in deals] for status in (0, 1, 2)]
    t.equal(found, [[active], [won], [lost]], "active, successful and unsuccessful deals")
    t.equal(deals & {*t.orders(client_id)}, deals, "all deals")
    with t.optional():
        t.equal(t.current_order(client_id), active, "the current deal")


@rule(
    "RYW-35",
    Level.SHOULD,
    source="vendor's Russian document: create_order takes state_id, the stage on which the deal begins",
    actions=["create_order", "get_order_state"],
    needs=["test_clients", "stage_ids"],
)
def a_deal_begins_on_the_stage_asked_for(t: Trial) -> None:
    """`state_id` of a new deal is the stage on which it begins."""
    client_id = t.client()
    wanted = t.profile.stage_ids[1]
    t.ok("create_order", client_id=client_id, name=t.nonce(), state_id=wanted)
    t.equal(t.stage(client_id), wanted, "the stage")


@rule(
    "RYW-36",
    Level.SHOULD,
    source="document section 'Retrieve deal data' and others: client_id and order_id, a client and its deal",
    actions=_ABOUT_A_DEAL,
    judges=_ABOUT_A_DEAL,
    needs=["test_clients"],
)
def deals_of_others_are_not_reached(t: Trial) -> None:
    """A deal is neither read nor changed under another client's number."""
    owner, other = t.clients(2)
    order_id = t.order(owner)
    t.order(other)
    with t.optional():
        t.ok("set_order_vars", client_id=owner, order_id=order_id, variables={"cnf_deal_a": t.nonce()})

    def check(action: str) -> None:
        others: dict[str, Any] = {"variables": {"cnf_deal_a": "lost"}} if action == "set_order_vars" else {}
        if action == "get_order_state":
            others["state_id"] = order_id  # the document's name of the deal
        exchange = t.call(action, client_id=other, order_id=order_id, **others)
        t.expect(not exchange.succeeded, f"{action} to refuse a deal of another client", exchange)

    looks = {
        "variables_of_the_deal": lambda: t.order_variables(owner, order_id=order_id),
        "stage": lambda: t.stage(owner, order_id=order_id),
    }
    with t.unchanged(**looks):
        t.each(check, _ABOUT_A_DEAL)


@rule(
    "RYW-58",
    Level.MUST,
    source="document sections 'Move a deal to a stage in MavibotCRM', 'Move a deal to the next stage in the Mavibot "
    "funnel' and 'Create a deal': what a change of a deal leaves as it is",
    actions=["set_order_state", "move_order_to_next_state", "create_order", "get_order_vars"],
    judges=["set_order_state", "move_order_to_next_state", "create_order"],
    needs=["test_clients", "stage_ids"],
)
def a_deal_keeps_its_variables(t: Trial) -> None:
    """A deal keeps its variables when it moves to any stage, a closing one too, and when a newer one is made."""
    client_id = t.client()
    order_id = t.order(client_id)
    saved = {"cnf_deal_a": t.nonce(), "cnf_deal_b": t.nonce()}
    give_deal(t, client_id, order_id, saved)
    changes: dict[str, dict[str, Any]] = {
        "set_order_state": {"state_id": t.profile.stage_ids[0]},
        "move_order_to_next_state": {"order_id": order_id},
        "create_order": {"name": t.nonce()},
    }

    def change(action: str) -> None:
        t.ok(action, client_id=client_id, **changes[action])
        if action == "create_order":  # the deal is no longer the current one
            found = {name: order_variable(t, client_id, order_id, name) for name in saved}
        else:
            found = held_by_deal(t, client_id, order_id, saved)
        t.equal(found, saved, f"the deal's variables after {action}")

    t.each(change, changes)
    with t.optional():
        for stage in t.profile.stage_ids:
            newer = t.order(client_id)
            give_deal(t, client_id, newer, saved)
            t.ok("set_order_state", client_id=client_id, state_id=stage)
            found = [order_variable(t, client_id, newer, name) for name in saved]
            t.equal(found, list(saved.values()), f"the deal's variables on the stage {stage}")
