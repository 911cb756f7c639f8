"""Rules: the second time as the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import SAVING, reached, text_of, valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import CLEARED, shown
from mavibot_conformance.rules.ways import held, held_by_deal, on_list, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial
    from mavibot_contract import Method

_CONTRACT: Final = mavibot_contract.load()
_ACTIONS: Final = _CONTRACT.actions
_CARDS: Final = "document sections of the actions: what an action does, it does whenever it is called"
_READS: Final = tuple(action for action in _ACTIONS if _CONTRACT.operation(action).effect == "read")
_SENDS: Final = tuple(
    action
    for action in _ACTIONS
    if _CONTRACT.operation(action).effect == "send"
    and _CONTRACT.operation(action).schema["properties"].keys() & {"message", "callback_text"}
)
#: What a variable is set to, one after another; an empty text clears.
_VALUES: Final = ("one", "two", "", "three", "", "one")
#: Actions that create the client whom they do not know, by the parameter that names them.
_CREATING: Final = {"whatsapp_callback": "phone", "whatsapp_message": "phone", "email_callback": "email"}


@rule(
    "AGAIN-1",
    Level.MUST,
    source=_CARDS,
    actions=_READS,
    each=True,
    needs=["test_clients"],
)
def a_read_can_be_repeated(t: Trial, action: str) -> None:
    """A read gives the same reply each time, by each method, if nothing happens in between."""
    parameters = valid(t, action)
    if action == "get_history":
        with t.optional():
            write(t, parameters["client_id"], t.nonce())  # a new client has none
    for method in _ACTIONS[action]:
        first = _in_any_order(t.ok(action, method=method, **parameters))
        for _ in range(2):
            again = _in_any_order(t.ok(action, method=method, **parameters))
            t.equal(again, first, f"the reply by {method}, another time")


@rule(
    "AGAIN-2",
    Level.MUST,
    source=f"{_CARDS}; sections of sends and callbacks",
    actions=_SENDS,
    each=True,
    needs=["test_clients"],
)
def a_send_can_be_repeated(t: Trial, action: str) -> None:
    """The same text that is sent several times comes as often, by each method."""
    parameters = valid(t, action)
    text = text_of(parameters)
    methods: list[Method] = [*_ACTIONS[action]] * 3
    for method in methods:
        t.ok(action, method=method, **parameters)
    client_id = reached(t, action, parameters)
    count = t.seen(lambda: t.texts(client_id).count(text), lambda count: count >= len(methods))
    t.equal(count, len(methods), f"how often the text is there after the calls by {', '.join(methods)}")


@rule(
    "AGAIN-3",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: further parameters are saved",
    actions=SAVING,
    each=True,
    needs=["test_clients"],
)
def variables_are_saved_each_time(t: Trial, action: str) -> None:
    """Each callback saves its further parameters: a new value in place of the old one, and others stay."""
    parameters = valid(t, action)
    names = [f"client.{t.nonce()}", t.nonce()]  # a variable of the past could hide one of another name
    kept: dict[str, Any] = {f"client.{t.nonce()}": t.nonce(), t.nonce(): t.nonce()}
    t.ok(action, **parameters, **kept)
    methods: list[Method] = [*_ACTIONS[action]]
    for method in methods * 2:
        values: dict[str, Any] = {name: t.nonce() for name in names}
        t.ok(action, method=method, **parameters, **values)
        client_id = reached(t, action, parameters)
        t.equal(held(t, client_id, values), values, f"the variables saved by {method}")
        t.equal(held(t, client_id, kept), kept, "those of the first callback")


@rule(
    "AGAIN-4",
    Level.SHOULD,
    source="document sections 'Starting the bot using a WhatsApp number' and 'Sending a callback message to a client "
    "by email': the client is found, or created if there is none",
    actions=[*_CREATING, "find_client_id_by_platform_id"],
    judges=_CREATING,
    needs=["groups"],
)
def an_unknown_client_is_created_once(t: Trial) -> None:
    """An action that creates the client whom it does not know creates one, and later calls reach the same client."""

    def check(action: str) -> None:
        name = _CREATING[action]
        group_id = t.group("email" if name == "email" else "whatsapp")
        contact = f"{t.nonce()}@example.com" if name == "email" else t.phone()
        parameters: dict[str, Any] = {name: contact, "message": t.nonce()}
        found = []
        for _ in range(3):
            t.ok(action, **parameters)
            rows = t.ok("find_client_id_by_platform_id", platform_ids=[contact], group_id=group_id)
            found.append([row["id"] for row in rows])
        if found[0]:
            t.delete_at_the_end(found[0])
        t.equal(len(found[0]), 1, f"how many clients {action} has created")
        t.equal(found, [found[0]] * 3, f"the clients after each {action}")
        with t.optional():
            t.equal(t.texts(found[0][0]).count(parameters["message"]), 3, "how often the text came")

    t.each(check, _CREATING)


@rule(
    "AGAIN-5",
    Level.MUST,
    source="document sections 'Clear message history', 'Add clients to a list' and 'Remove clients from a list'",
    actions=["clear_history", "add_to_list", "remove_from_list", "message", "get_clients", "get_history"],
    judges=["clear_history", "add_to_list", "remove_from_list"],
    needs=["test_clients"],
)
def what_was_undone_can_be_done_again(t: Trial) -> None:
    """A history can be cleared several times, and a client added to and removed from a list as often."""
    client_id, turns = t.client(), ("first", "second", "third")

    def clear() -> None:
        for turn in turns:
            text = t.nonce()
            write(t, client_id, text)
            t.expect(text in t.texts_with(text, client_id), f"the message in the {turn} turn to be in the history")
            t.ok("clear_history", client_id=client_id)
            t.equal(t.texts(client_id), [], f"the history cleared in the {turn} turn")

    def add_and_remove() -> None:
        place: dict[str, Any] = {"list_id": t.list_id, "clients": [client_id]}
        t.undo(lambda: t.call("remove_from_list", **place))
        for turn in turns:
            t.ok("add_to_list", **place)
            t.equal(on_list(t, [client_id]), [1], f"how often the client is on the list in the {turn} turn")
            t.ok("remove_from_list", **place)
            t.equal(on_list(t, [client_id]), [0], f"how often the client is on the list after the {turn} turn")

    t.parts({"history": clear, "list": add_and_remove})


@rule(
    "AGAIN-6",
    Level.MUST,
    source="document sections 'Move a deal to the next stage in the Mavibot funnel' and 'Move a deal to a stage in "
    "MavibotCRM'",
    actions=["move_order_to_next_state", "set_order_state", "get_order_state"],
    judges=["move_order_to_next_state", "set_order_state"],
    needs=["test_clients", "stage_ids"],
)
def a_deal_moves_each_time(t: Trial) -> None:
    """A deal moves on with each call, one stage at a time, and can be set to any stage as often."""
    stages = t.profile.stage_ids[:3]
    if len(stages) < 3:
        t.not_run("needs three stages in 'stage_ids'")
    client_id = t.client()
    order_id = t.order(client_id)

    def set_each() -> None:
        for _ in range(2):
            t.ok("set_order_state", client_id=client_id, state_id=stages[0])
            t.equal(t.stage(client_id, order_id=order_id), stages[0], "the stage that was set")
            t.ok("set_order_state", client_id=client_id, state_id=stages[1])
            t.equal(t.stage(client_id, order_id=order_id), stages[1], "the stage that was set after that")

    def move() -> None:
        with t.optional():
            t.ok("set_order_state", client_id=client_id, state_id=stages[0])
        if t.stage(client_id, order_id=order_id) != stages[0]:
            t.not_run("a new deal is not on the first stage of 'stage_ids'")
        for expected in stages[1:]:
            moved = t.ok("move_order_to_next_state", client_id=client_id, order_id=order_id)["state_id"]
            now = t.stage(client_id, order_id=order_id)
            t.equal([moved, now], [expected] * 2, "the next stage, in the reply and afterwards")

    t.parts({"set_order_state": set_each, "move_order_to_next_state": move})


@rule(
    "AGAIN-7",
    Level.SHOULD,
    source="assumption: who was deleted can be imported again, as a client without a past",
    actions=["load_clients", "delete_clients", "get_variables", "get_history", "get_orders"],
    needs=["channel"],
)
def a_deleted_client_can_come_back(t: Trial) -> None:
    """A client who was deleted can be imported again, and has neither variables nor messages nor deals then."""
    item = {"platform_id": str(t.number()), **(t.profile.channel or {})}
    [first] = t.load([item])
    past: dict[str, dict[str, Any]] = {
        "save_variables": {"variables": {"client.cnf_a": "old", "cnf_deal_b": "old"}},
        "message": {"message": "old"},
        "create_order": {"name": t.nonce()},
    }
    t.each(lambda action: t.ok(action, client_id=first, **past[action]), past)
    t.ok("delete_clients", client_ids=[first])
    [again] = t.load([item])
    t.delete_at_the_end([again])
    looks: dict[str, Callable[[], Any]] = {
        "variables": lambda: [each for each in ("cnf_a", "cnf_deal_b") if t.variables(again).get(each) is not None],
        "history": lambda: t.texts(again),
        "deals": lambda: t.orders(again),
    }
    for name, found in t.parts(looks).items():
        t.equal(found, [], f"the {name} of the past")


@rule(
    "AGAIN-8",
    Level.MUST,
    source="document section 'Assigning variables' and 'Add deal variables': variables, names and values",
    actions=["save_variables", "set_order_vars", "get_variables", "get_order_vars"],
    judges=["save_variables", "set_order_vars"],
    needs=["test_clients"],
)
def a_variable_can_be_saved_cleared_and_saved(t: Trial) -> None:
    """A variable of a client or of a deal takes each new value, also after it was cleared."""
    client_id = t.client()

    def expect(found: object, value: str) -> None:
        if value:
            t.equal(found, value, "the variable")
        else:
            t.expect(found in CLEARED, "the variable to be cleared", found)

    def of_client() -> None:
        name, variables = f"client.{t.nonce()}", dict[str, Any]()
        for value in _VALUES:
            before, variables = variables, {name: value}
            t.ok("save_variables", client_id=client_id, variables=variables)
            expect(held(t, client_id, variables if value else before)[name], value)

    def of_deal(action: str, *, is_named: bool) -> None:
        order_id = t.order(client_id)
        place: dict[str, Any] = {"client_id": client_id, **({"order_id": order_id} if is_named else {})}
        name, variables = t.nonce(), dict[str, Any]()
        for value in _VALUES:
            before, variables = variables, {name: value}
            t.ok(action, **place, variables=variables)
            expect(held_by_deal(t, client_id, order_id, variables if value else before)[name], value)

    t.parts(
        {
            "of the client": of_client,
            "of the current deal": lambda: of_deal("save_variables", is_named=False),
            "of a named deal": lambda: of_deal("set_order_vars", is_named=True),
        }
    )


def _in_any_order(value: Any) -> Any:
    """Return a reply with its arrays sorted: no source says in which order they are."""
    if isinstance(value, dict):
        return {name: _in_any_order(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted(map(_in_any_order, value), key=shown)
    return value
