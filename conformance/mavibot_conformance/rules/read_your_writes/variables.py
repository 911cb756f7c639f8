"""Rules: variables are read as they were written."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    SAVING,
    client_of_the_online_chat,
    reached,
    valid,
)
from mavibot_conformance.rules.read_your_writes.states import WRITES, order_variable, properties
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import CLEARED, LacksInputError, shown
from mavibot_conformance.rules.ways import by_any, held, save_in_deal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_conformance.rules.trial import Trial

_SAVED: Final = (
    "document section 'Assigning variables': names with the prefix client. are the client's, others the deal's"
)
_MERGED: Final = "document section 'Retrieve client and deal variables': one flat object of both"
_NAMING: Final = tuple(
    action
    for action in WRITES
    if "name" in properties(action) and mavibot_contract.load().operation(action).messenger is not None
)


@rule(
    "RYW-1", Level.MUST, source=_SAVED, actions=["save_variables", "get_variables"], needs=["test_clients"], smoke=True
)
def client_variables_are_read_back(t: Trial) -> None:
    """A variable saved with the prefix `client.` is read back under its plain name, and with no other name."""
    client_id, other, value = *t.clients(2), t.nonce()
    before: dict[str, Any] | None = None
    with t.optional():
        before = t.variables(client_id)
    name = t.nonce()
    saved = {f"client.{name}": value}
    t.ok("save_variables", client_id=client_id, variables=saved)
    if before is None:
        t.equal(held(t, client_id, saved), saved, "the variable")
    else:
        after = t.variables(client_id)
        t.equal({each: after[each] for each in after.keys() - before.keys()}, {name: value}, "what is new")
    t.expect(held(t, other, saved) != saved, "another client to keep its variables", f"it has {name} too")


@rule(
    "RYW-2",
    Level.MUST,
    source=_SAVED,
    actions=["save_variables", "get_order_vars", "get_variables"],
    needs=["test_clients"],
)
def plain_names_go_to_the_current_deal(t: Trial) -> None:
    """A variable saved without a prefix belongs to the client's current deal, not to the client."""
    client_id, name, value = t.client(), t.nonce(), t.nonce()
    first = t.order(client_id)
    t.ok("save_variables", client_id=client_id, variables={name: value})
    looks: dict[str, Callable[[int], Any]] = {
        "deal's": lambda order_id: order_variable(t, client_id, order_id, name),
        "merged": lambda _order_id: t.variables(client_id).get(name),
    }
    before = t.parts({each: partial(look, first) for each, look in looks.items()})
    t.equal(before, dict.fromkeys(before, value), "the variable with its deal")
    second = t.order(client_id)
    after = t.parts({each: partial(look, second) for each, look in looks.items()})
    t.equal(after, dict.fromkeys(after), "the variable with a newer deal")


@rule("RYW-3", Level.MUST, source=_MERGED, actions=["get_variables", "save_variables"], needs=["test_clients"])
def variables_are_flat_and_keep_their_values(t: Trial) -> None:
    """Texts with any characters are saved as they are."""
    client_id = t.client()
    values = {t.nonce(): value for value in ('Привет 🦊 "quoted" & <b>', "line\nline", "0012", "+7 900")}
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value for name, value in values.items()})
    expected = {f"client.{name}": value for name, value in values.items()}
    t.equal(held(t, client_id, expected), expected, "the variables")


@rule("RYW-4", Level.MUST, source=_SAVED, actions=["save_variables", "get_variables"], needs=["test_clients"])
def variables_are_overwritten(t: Trial) -> None:
    """A second value replaces the first and leaves other variables alone, of a client and of a deal."""
    client_id = t.client()

    def overwrite(prefix: str) -> None:
        order_id, a, b = None, t.nonce(), t.nonce()
        first = {f"{prefix}{a}": "one", f"{prefix}{b}": "kept"}
        if prefix:
            t.ok("save_variables", client_id=client_id, variables=first)
        else:
            order_id = save_in_deal(t, client_id, first)
        t.ok("save_variables", client_id=client_id, variables={f"{prefix}{a}": "two"})
        expected = {f"{prefix}{a}": "two", f"{prefix}{b}": "kept"}
        t.equal(held(t, client_id, expected), expected, f"the two variables with the prefix '{prefix}'")
        if order_id is not None:
            with t.optional():
                t.equal(order_variable(t, client_id, order_id, a), "two", "the deal's variable")

    t.each(overwrite, ("client.", ""))


@rule(
    "RYW-5",
    Level.MUST,
    source="document section 'Assigning variables': clients, a list of client ids, in place of client_id",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def variables_of_many_clients(t: Trial) -> None:
    """`clients` saves the variables of every client that it names, and of nobody else."""
    first, second, other = t.clients(3)
    value = {"client.cnf_many": t.nonce()}
    t.ok("save_variables", clients=[first, second], variables=value)
    found = [held(t, each, value) for each in (first, second, other)]
    t.equal(found, [value, value, dict.fromkeys(value)], "the values")


@rule(
    "RYW-6",
    Level.SHOULD,
    source="public integration: numbers are sent as values, and read as numbers",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def numbers_stay_numbers(t: Trial) -> None:
    """A number that is saved is read as the same number."""
    client_id = t.client()
    t.ok("save_variables", client_id=client_id, variables={"client.cnf_number": 42})
    value = t.variables(client_id).get("cnf_number")
    t.expect(value in (42, "42"), "the value 42", value)
    t.should(not isinstance(value, str), "the number 42", 'the text "42"')


@rule(
    "RYW-7",
    Level.MUST,
    source="document section 'Assigning variables': a hash of names and values; an empty value or null clears",
    actions=["save_variables", "set_order_vars", "get_variables", "get_order_vars"],
    judges=["save_variables", "set_order_vars"],
    needs=["test_clients"],
)
def zero_and_false_are_values(t: Trial) -> None:
    """Zero and false are saved as values, for a client and for a deal; they do not clear."""
    client_id, name = t.client(), t.nonce()

    def shown(order_id: int, of_deal: str) -> Any:
        return by_any(
            lambda: order_variable(t, client_id, order_id, of_deal), lambda: t.variables(client_id).get(of_deal)
        )

    def of_client(value: object) -> Any:
        t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})
        return t.variables(client_id).get(name)

    def of_current_deal(value: object) -> Any:
        order_id = t.order(client_id)
        t.ok("save_variables", client_id=client_id, variables={"cnf_deal_b": value})
        return shown(order_id, "cnf_deal_b")

    def of_named_deal(value: object) -> Any:
        order_id = t.order(client_id)
        t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables={"cnf_deal_c": value})
        return shown(order_id, "cnf_deal_c")

    for value in (0, False):
        looks = {each.__name__: partial(each, value) for each in (of_client, of_current_deal, of_named_deal)}
        for found in t.parts(looks).values():
            t.expect(str(found).lower() in ("0", "false"), f"{value} to be saved", found)


@rule(
    "RYW-8",
    Level.SHOULD,
    source="document section 'Assigning variables': names and values; its samples have names with capitals too",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def names_keep_their_case(t: Trial) -> None:
    """A variable is read back under its name as it was written, capitals, digits and other letters included."""
    client_id, plain = t.client(), t.nonce()
    values = {name: t.nonce() for name in (plain.upper(), f"Cnf{plain}_1", f"Имя_{plain}")}
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value for name, value in values.items()})
    expected = {f"client.{name}": value for name, value in values.items()}
    t.equal(held(t, client_id, expected), expected, "the variables")


@rule(
    "RYW-13",
    Level.MUST,
    source="document section 'Start the bot': further parameters become variables, with client. the client's",
    actions=["callback", "get_variables", "get_order_vars"],
    needs=["test_clients"],
)
def further_parameters_of_a_callback_are_variables(t: Trial) -> None:
    """Further parameters of a callback become variables: with `client.` the client's, without it the current deal's."""
    client_id, order_id = t.client(), None
    with t.optional():
        order_id = t.order(client_id)
    own, of_deal, a, b = t.nonce(), t.nonce(), t.nonce(), t.nonce()
    variables: dict[str, Any] = {f"client.{own}": a, of_deal: b}
    t.ok("callback", client_id=client_id, message=t.nonce(), **variables)

    def merged() -> None:
        t.equal(held(t, client_id, variables), variables, "the merged variables")
        with t.optional():
            found = t.variables(client_id)
            t.expect(f"client.{own}" not in found, "the prefix to be cut", sorted(found))

    def of_the_deal() -> None:
        if order_id is None:
            raise LacksInputError("needs create_order")
        found = t.order_variables(client_id, order_id=order_id)
        # The document says so of save_variables alone.
        t.should(found.get(of_deal) == b, f"the deal's variable to be {b}", found.get(of_deal))
        t.equal(found.get(own), None, "the client's variable among those of the deal")

    t.parts({"merged": merged, "of the deal": of_the_deal})


@rule(
    "RYW-18",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: further parameters are saved",
    actions=SAVING,
    judges=SAVING,
    needs=["test_clients"],
)
def every_callback_saves_variables(t: Trial) -> None:
    """Further parameters of each action that takes them become variables of the client whom it reaches."""

    def check(action: str) -> None:
        parameters, names = valid(t, action), [t.nonce() for _ in range(3)]
        values: dict[str, Any] = {f"client.{names[0]}": t.nonce(), names[1]: t.nonce(), names[2]: t.number() % 1000}
        t.ok(action, **parameters, **values)
        found = held(t, reached(t, action, parameters), values)
        # Whether a number stays one is asked elsewhere; that it is saved at all is asked here.
        saved = [None if value is None else str(value).removesuffix(".0") for value in found.values()]
        t.equal(saved, [str(value) for value in values.values()], f"the variables saved by {action}")

    t.each(check, SAVING)


@rule(
    "RYW-56",
    Level.MUST,
    source=f"{_SAVED}; an empty value or null clears",
    actions=["save_variables", "set_order_vars", "get_variables", "get_order_vars"],
    needs=["test_clients"],
)
def clearing_a_variable_takes_no_other_along(t: Trial) -> None:
    """A variable that is cleared is the one that is named: its namesakes in client, current and older deal stay."""
    for empty in ("", None):
        _clear_each(t, empty)


@rule(
    "RYW-61",
    Level.MUST,
    source="document sections 'Starting the bot using a WhatsApp number', 'Sending a callback message to a client by "
    "email' and 'Retrieve the client ID from the online chat': name, the client's name; tag, the client's tag",
    actions=[*_NAMING, "get_variables", "get_clients"],
    judges=_NAMING,
)
def a_name_is_the_clients(t: Trial) -> None:
    """The name that a call gives to its client is shown by `get_clients`, and by `get_variables`, as is a tag.

    No source says that a client who is there already takes another name.
    """

    def of_a_new_number(action: str, parameters: Mapping[str, Any]) -> Any:
        unknown = {**parameters, "phone": t.phone()}
        return reached(t, action, unknown) if t.call(action, **unknown).succeeded else None

    def check(action: str) -> None:
        parameters = {**valid(t, action, having="name"), "name": t.nonce()}
        expected, is_there = {"name": parameters["name"]}, False
        if "tag" in properties(action):
            parameters["tag"] = expected["tag"] = t.nonce()
        client_id: Any = of_a_new_number(action, parameters) if "phone" in parameters else None
        if action == "online_chat_client_id":
            client_id = client_of_the_online_chat(t, **parameters)
        elif client_id is None:
            t.ok(action, **parameters)
            client_id, is_there = reached(t, action, parameters), "phone" in parameters
        t.delete_at_the_end([client_id])
        row = t.listed(client_id)
        with t.as_should() if is_there else nullcontext():
            t.equal({name: row[name] for name in expected}, expected, f"what get_clients shows after {action}")
        with t.optional():
            found = t.variables(client_id)
            there = {name: found.get(name) for name in expected}
            t.should(there == expected, f"get_variables to show {shown(expected)} after {action}", there)

    t.each(check, _NAMING)


def _clear_each(t: Trial, empty: str | None) -> None:
    """Clear a variable of a client, of the current deal and of an older one, and look at its namesakes each time."""
    client_id = t.client()
    both, own, of_deal = t.nonce(), t.nonce(), t.nonce()
    older, current = t.order(client_id), t.order(client_id)
    saved = {each: {both: f"deal {each}", of_deal: f"kept {each}"} for each in (older, current)}
    all_of_deals = [value for variables in saved.values() for value in variables.values()]

    def fill() -> None:
        t.ok("save_variables", client_id=client_id, variables={f"client.{both}": "client", f"client.{own}": "kept"})
        for order_id, variables in saved.items():
            t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables=variables)

    def of_deals() -> list[Any]:
        found = [order_variable(t, client_id, order_id, name) for order_id in saved for name in (both, of_deal)]
        return [None if each in CLEARED else each for each in found]

    fill()
    t.ok("save_variables", client_id=client_id, variables={f"client.{both}": empty})
    t.equal(of_deals(), all_of_deals, "the deals' variables after that of the client was cleared")
    t.equal(t.variables(client_id).get(own), "kept", "the client's other variable")
    fill()
    t.ok("save_variables", client_id=client_id, variables={both: empty})
    t.equal(of_deals(), [*all_of_deals[:2], None, all_of_deals[3]], "those after that of the current deal was cleared")
    t.order(client_id)  # no source says which of two namesakes is shown, if that of the deal is empty
    t.equal(t.variables(client_id).get(both), "client", "the client's variable of the same name")
    fill()
    t.ok("set_order_vars", client_id=client_id, order_id=older, variables={both: empty})
    t.equal(of_deals(), [None, *all_of_deals[1:]], "those after that of the older deal was cleared")
