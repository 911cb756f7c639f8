"""Rules: what was written is read, and what was refused is not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    CALLBACKS,
    NOBODY,
    SAVING,
    harmless,
    messenger,
    reached,
    taking,
    text_of,
    valid,
)
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import CLEARED, LacksInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.wire import Exchange
    from mavibot_contract import Method

_SAVED: Final = (
    "document section 'Saving values to variables': names with the prefix client. are the client's, others the deal's"
)
_MERGED: Final = "document section 'Retrieve client and deal variables': one flat object of both"
_HISTORY: Final = "document section 'Retrieving message history': the messages of the client"
_LISTS: Final = "document section 'Add clients to a list': the clients are on the list afterwards"
_DEALS: Final = "document section 'Create a deal': the reply's order_id is the new deal"
_WRITES: Final = tuple(
    action
    for action, operations in mavibot_contract.load().actions.items()
    if next(iter(operations.values())).effect != "read"
)
_WHATSAPP: Final = mavibot_contract.load().enum("Messenger")["WHATSAPP"]
_SEARCHES: Final = (
    "find_client_id_by_platform_id",
    "find_client_id_by_phone",
    "find_client_id_by_email",
    "find_client_id_by_var",
    "find_latest_client_id_by_var",
    "find_all_client_id_by_var",
    "find_all_client_id_by_several_vars",
    "find_clients",
)


def _properties(action: str) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = mavibot_contract.load().operation(action).schema["properties"]
    return properties


_WITH_RESUME: Final = taking("resume_bot")
_NAMING: Final = tuple(
    action
    for action in _WRITES
    if "name" in _properties(action) and mavibot_contract.load().operation(action).messenger is not None
)
#: Actions that a parameter of another form is sent to.
_WITH_BAD_PARTS: Final = ("save_variables", "message", "callback", "set_order_vars", "add_to_list")
_ABOUT_A_DEAL: Final = taking("client_id", "order_id")


@rule(
    "RYW-1", Level.MUST, source=_SAVED, actions=["save_variables", "get_variables"], needs=["test_clients"], smoke=True
)
def client_variables_are_read_back(t: Trial) -> None:
    """A variable saved with the prefix `client.` is read back under its plain name, and with no other name."""
    client_id, other, value = *t.clients(2), t.nonce()
    before, name = t.variables(client_id), t.nonce()
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})
    after = t.variables(client_id)
    t.equal({each: after[each] for each in after.keys() - before.keys()}, {name: value}, "what is new")
    t.expect(name not in t.variables(other), "another client to keep its variables", f"it has {name} too")


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
        "deal's": lambda order_id: _order_variable(t, client_id, order_id, name),
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
    found = t.variables(client_id)
    t.equal({name: found.get(name) for name in values}, values, "the variables")


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
            order_id = t.save_in_deal(client_id, first)
        t.ok("save_variables", client_id=client_id, variables={f"{prefix}{a}": "two"})
        found = t.variables(client_id)
        t.equal([found.get(a), found.get(b)], ["two", "kept"], f"the two variables with the prefix '{prefix}'")
        if order_id is not None:
            with t.optional():
                t.equal(_order_variable(t, client_id, order_id, a), "two", "the deal's variable")

    t.each(overwrite, ("client.", ""))


@rule(
    "RYW-5",
    Level.MUST,
    source="document section 'Saving values to variables': clients, a list of client ids, in place of client_id",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def variables_of_many_clients(t: Trial) -> None:
    """`clients` saves the variables of every client that it names, and of nobody else."""
    first, second, other = t.clients(3)
    value = t.nonce()
    t.ok("save_variables", clients=[first, second], variables={"client.cnf_many": value})
    t.equal([t.variables(each).get("cnf_many") for each in (first, second, other)], [value, value, None], "the values")


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
    t.should(type(value) is int, "a number", value)


@rule(
    "RYW-7",
    Level.MUST,
    source="document section 'Saving values to variables': a hash of names and values; an empty value or null clears",
    actions=["save_variables", "set_order_vars", "get_variables", "get_order_vars"],
    judges=["save_variables", "set_order_vars"],
    needs=["test_clients"],
)
def zero_and_false_are_values(t: Trial) -> None:
    """Zero and false are saved as values, for a client and for a deal; they do not clear."""
    client_id, name = t.client(), t.nonce()

    def of_client(value: object) -> Any:
        t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})
        return t.variables(client_id).get(name)

    def of_current_deal(value: object) -> Any:
        order_id = t.order(client_id)
        t.ok("save_variables", client_id=client_id, variables={"cnf_deal_b": value})
        return _order_variable(t, client_id, order_id, "cnf_deal_b")

    def of_named_deal(value: object) -> Any:
        order_id = t.order(client_id)
        t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables={"cnf_deal_c": value})
        return _order_variable(t, client_id, order_id, "cnf_deal_c")

    for value in (0, False):
        looks = {each.__name__: partial(each, value) for each in (of_client, of_current_deal, of_named_deal)}
        for found in t.parts(looks).values():
            t.expect(str(found).lower() in ("0", "false"), f"{value} to be saved", found)


@rule(
    "RYW-8",
    Level.SHOULD,
    source="document section 'Saving values to variables': names and values; its samples have names with capitals too",
    actions=["save_variables", "get_variables"],
    needs=["test_clients"],
)
def names_keep_their_case(t: Trial) -> None:
    """A variable is read back under its name as it was written, capitals, digits and other letters included."""
    client_id, plain = t.client(), t.nonce()
    values = {name: t.nonce() for name in (plain.upper(), f"Cnf{plain}_1", f"Имя_{plain}")}
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value for name, value in values.items()})
    found = t.variables(client_id)
    t.equal({name: found.get(name) for name in values}, values, "the variables")


@rule("RYW-10", Level.MUST, source=_HISTORY, actions=["message", "get_history"], needs=["test_clients"], smoke=True)
def a_message_is_in_the_history_once(t: Trial) -> None:
    """A message appears once in the history of its client, as the newest, from outside, and in nobody else's."""
    client_id, other, before, text = *t.clients(2), t.nonce(), t.nonce()
    t.ok("message", client_id=client_id, message=before)
    t.ok("message", client_id=client_id, message=text)
    history = t.history(client_id)
    texts = [each["text"] for each in history]
    t.equal(texts[:2], [text, before], "the newest texts")
    t.should(not t.shows_oldest_first, "the history to begin with the newest message")
    t.equal(texts.count(text), 1, "how often the text is there")
    t.equal(history[0]["client_replica"], False, "client_replica of what the API sent")
    t.equal(t.texts(other).count(text), 0, "how often it is in the history of another client")


@rule("RYW-11", Level.MUST, source=_HISTORY, actions=["message", "get_history"], needs=["test_clients"])
def a_file_is_in_the_history(t: Trial) -> None:
    """A file that is sent is among the attachments of the history."""
    client_id, url = t.client(), f"https://files.example.com/{t.nonce()}.jpg"
    t.ok("message", client_id=client_id, message="file", attachment_type="image", attachment_url=url)
    newest = t.newest(client_id)
    t.expect(url in str(newest["attachments"]), f"the attachment {url}", newest)


@rule(
    "RYW-12",
    Level.MUST,
    source="document section 'Start the bot': the client does not see it; public integration: message_from_outside 3",
    actions=["callback", "get_history"],
    needs=["test_clients"],
    smoke=True,
)
def a_callback_is_in_the_history(t: Trial) -> None:
    """A callback appears once in the history, with `message_from_outside` 3, and sends the client nothing."""
    client_id, text = t.client(), t.nonce()
    t.ok("callback", client_id=client_id, message=text)
    history = t.history(client_id)
    t.equal([each["text"] for each in history].count(text), 1, "how often the text is there")
    t.equal(history[0]["text"], text, "the newest text")
    t.should(history[0].get("message_from_outside") == 3, "message_from_outside to be 3", history[0])


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
        found = t.variables(client_id)
        t.equal([found.get(own), found.get(of_deal)], [a, b], "the merged variables")
        t.expect(f"client.{own}" not in found, "the prefix to be cut", sorted(found))

    def of_the_deal() -> None:
        if order_id is None:
            raise LacksInputError("needs create_order")
        found = t.order_variables(client_id, order_id=order_id)
        t.equal(found.get(of_deal), b, "the deal's variable")
        t.equal(found.get(own), None, "the client's variable among those of the deal")

    t.parts({"merged": merged, "of the deal": of_the_deal})


@rule(
    "RYW-14",
    Level.MUST,
    source="document section 'Clear message history': the history is empty afterwards",
    actions=["clear_history", "get_history", "message"],
    needs=["test_clients"],
)
def a_cleared_history_is_empty(t: Trial) -> None:
    """Clearing empties the history of that client alone, and new messages come in again."""
    client_id, other = t.clients(2)
    kept, after = t.nonce(), t.nonce()
    for each in (client_id, other):
        t.ok("message", client_id=each, message=kept)
        t.texts_with(kept, each)
    t.ok("clear_history", client_id=client_id)
    t.equal(t.texts(client_id), [], "the history")
    t.equal(t.texts(other).count(kept), 1, "how often the message is in the history of another client")
    t.ok("message", client_id=client_id, message=after)
    t.equal(t.texts_with(after, client_id), [after], "the history after a new message")


@rule(
    "RYW-15",
    Level.MUST,
    source="document section 'Bulk message sending': the message goes to each of the clients",
    actions=["broadcast", "get_history"],
    needs=["test_clients"],
)
def a_broadcast_reaches_each_client_once(t: Trial) -> None:
    """A broadcast to clients reaches each of them once, and nobody else."""
    first, second, other = t.clients(3)
    text = t.nonce()
    t.ok("broadcast", clients=[first, second], message=text, shift=0.2)
    t.settle(1, lambda: text in t.texts(first) and text in t.texts(second))
    counts = [t.texts(each).count(text) for each in (first, second, other)]
    t.equal(counts, [1, 1, 0], "how often the text is in the histories")


@rule(
    "RYW-16",
    Level.MUST,
    source="document section 'Sending a message to a client': the text is optional beside a file, so both can be sent",
    actions=taking("attachment_url"),
    each=True,
)
def a_text_beside_a_file_is_sent(t: Trial, action: str) -> None:
    """A text and a file that are sent together both arrive."""
    parameters, url = valid(t, action), f"https://files.example.com/{t.nonce()}.jpg"
    t.ok(action, **parameters, attachment_type="image", attachment_url=url)
    client_id = reached(t, action, parameters)
    t.settle(1, lambda: parameters["message"] in t.texts(client_id))
    history = t.history(client_id)
    t.equal([each["text"] for each in history].count(parameters["message"]), 1, "how often the text came")
    t.expect(url in str([each["attachments"] for each in history]), f"the attachment {url}", history)


@rule(
    "RYW-17",
    Level.MUST,
    source="document section 'Start the bot': triggers a funnel; resume_bot unpauses the bot where it is paused",
    actions=_WITH_RESUME,
    judges=_WITH_RESUME,
    needs=["test_clients", "block_id", "control"],
)
def a_callback_runs_the_bot(t: Trial) -> None:
    """Each callback runs the block with its text, and one with `resume_bot` does so though the bot is paused."""
    block, pausing = _reacting_and_pausing(t)

    def check(action: str) -> None:
        parameters = {**valid(t, action), "message": block["condition"]}
        client_id = reached(t, action, parameters)
        # A client of the profile may have a past.
        before = 0 if client_id is None else t.texts(client_id).count(block["answer"])
        t.ok(action, **parameters)
        client_id = reached(t, action, parameters)
        t.until(lambda: t.texts(client_id).count(block["answer"]) > before)
        t.equal(t.texts(client_id).count(block["answer"]) - before, 1, f"the answers to {action}")
        t.ok("message", client_id=client_id, message_id=pausing["id"])
        t.ok(action, **parameters, resume_bot=True)
        t.until(lambda: t.texts(client_id).count(block["answer"]) > before + 1)
        t.equal(t.texts(client_id).count(block["answer"]) - before, 2, f"the answers after {action} with resume_bot")

    t.each(check, _WITH_RESUME)


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
        found = t.variables(reached(t, action, parameters))
        # Whether a number stays one is asked elsewhere; that it is saved at all is asked here.
        saved = [str(found.get(name)).removesuffix(".0") for name in names]
        t.equal(saved, [str(value) for value in values.values()], f"the variables saved by {action}")

    t.each(check, SAVING)


@rule("RYW-20", Level.MUST, source=_LISTS, actions=["add_to_list", "get_clients"], needs=["test_clients", "list_id"])
def clients_are_added_to_a_list(t: Trial) -> None:
    """Clients that are added to a list are on it once, however often they are added, and leave others there."""
    clients = first, second = t.clients(2)

    def take_off() -> None:
        t.call("remove_from_list", list_id=t.profile.list_id, clients=clients)

    before = t.members()
    if not set(clients).isdisjoint(before):
        take_off()  # a client of the profile may have a past
        before = t.members()
    t.undo(take_off)
    for added in ([first], [first], [second]):
        t.ok("add_to_list", list_id=t.profile.list_id, clients=added)
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
    members = t.members()
    t.equal([first in members, second in members], [False, True], "who is still on the list")
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[first, second])
    with t.optional():
        t.variables(first)


@rule(
    "RYW-22",
    Level.MUST,
    source="document section 'Importing clients into the system': a client that is there already keeps its id",
    actions=["load_clients", "find_client_id_by_platform_id"],
    needs=["channel"],
)
def loading_twice_is_loading_once(t: Trial) -> None:
    """A client that is loaded twice keeps its number, and is found by its platform id."""
    channel = dict(t.profile.channel or {})
    platform_id = str(t.number())
    item = {"platform_id": platform_id, **channel}
    first = t.ok("load_clients", clients=[item])["items"]
    again = t.ok("load_clients", clients=[item, {**item, "platform_id": str(t.number())}])["items"]
    t.undo(lambda: t.call("delete_clients", client_ids=[each["id"] for each in again]))
    t.equal([each["status"] for each in first + again], ["success"] * 3, "the items' status")
    t.equal(again[0]["id"], first[0]["id"], "the number at the second time")
    t.expect(again[1]["id"] != first[0]["id"], "another client to have another number", again)
    with t.optional():
        found = t.ok("find_client_id_by_platform_id", platform_ids=[platform_id], group_id=channel["group_id"])
        t.expect(str(first[0]["id"]) in str(found), f"the client {first[0]['id']} to be found", found)


@rule(
    "RYW-23",
    Level.MUST,
    source="vendor's Russian document: delete_clients deletes the clients that it names",
    actions=["delete_clients", "get_variables", "get_clients"],
    needs=["channel"],
)
def deleted_clients_are_gone(t: Trial) -> None:
    """Deleted clients are gone with their place on lists; others stay."""
    first, second = t.clients(2)
    is_on_the_list = False
    with t.optional():
        t.put_on_list([first, second])
        is_on_the_list = True
    t.ok("delete_clients", client_ids=[first])

    def look() -> None:
        t.refused("get_variables", client_id=first)
        t.variables(second)

    def look_at_the_list() -> None:
        if not is_on_the_list:
            raise LacksInputError("needs list_id and add_to_list")
        members = t.members()
        t.equal([first in members, second in members], [False, True], "who is still on the list")

    t.parts({"variables": look, "list": look_at_the_list})


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
    "RYW-25",
    Level.MUST,
    source="vendor's Russian document: delete_clients deletes the clients for good",
    actions=["delete_clients", *_SEARCHES],
    needs=["channel"],
)
def deleted_clients_are_not_found(t: Trial) -> None:
    """No search finds a client who was deleted, by none of what it was found by before."""
    client_id, phone, email, value = t.client(), t.phone(), f"{t.nonce()}@example.com", t.nonce()
    saved = {"client.phone": phone, "client.email": email, "client.cnf_a": value}
    t.ok("save_variables", client_id=client_id, variables=saved)
    sought: dict[str, Any] = {
        "phone": phone,
        "email": email,
        "var": "cnf_a",
        "val": value,
        "variables": {"cnf_a": value},
        "q": {"cnf_a": value},
        "platform_ids": [t.platform_id(client_id)],
    }

    def finders() -> dict[str, bool]:
        replies = t.parts({action: partial(t.call, action, **_known(action, sought)) for action in _SEARCHES})
        return {action: each.succeeded and str(client_id) in each.text for action, each in replies.items()}

    before = finders()
    t.equal(before, dict.fromkeys(before, True), "whether each search finds the client before")
    t.ok("delete_clients", client_ids=[client_id])
    t.equal(finders(), dict.fromkeys(before, False), "whether each search finds the client after")


@rule(
    "RYW-26",
    Level.SHOULD,
    source="assumption: a broadcast to clients of which one is unknown is refused, or reaches the others",
    actions=["broadcast", "get_history"],
    needs=["test_clients"],
)
def an_unknown_client_ends_no_broadcast(t: Trial) -> None:
    """A broadcast to clients of whom one is unknown reaches all others, or is refused and reaches nobody."""
    first, second = t.clients(2)
    replies: list[tuple[str, Exchange]] = []
    for place in range(3):
        text, named = t.nonce(), [first, second]
        named.insert(place, NOBODY)
        replies.append((text, t.call("broadcast", clients=named, message=text)))
    accepted = [text for text, exchange in replies if exchange.succeeded]
    t.settle(2, lambda: all(text in t.texts(second) for text in accepted))
    for place, (text, exchange) in enumerate(replies):
        counts = [t.texts(each).count(text) for each in (first, second)]
        t.equal(
            counts,
            [1, 1] if exchange.succeeded else [0, 0],
            f"how often it came with an unknown client at index {place}",
        )


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
    t.ok("set_order_vars", client_id=client_id, order_id=first, variables={"cnf_deal_a": a, "cnf_deal_b": b})
    result = t.order_variables(client_id, order_id=first, variables=["cnf_deal_a"])
    t.equal(result, {"cnf_deal_a": a}, "the variable that was asked for")
    t.equal(_order_variable(t, client_id, first, "cnf_deal_b"), b, "the other variable")
    t.equal(_order_variable(t, client_id, second, "cnf_deal_a"), None, "the variable of the other deal")
    t.ok("set_order_vars", client_id=client_id, order_id=first, variables={"cnf_deal_a": b})
    t.equal(_order_variable(t, client_id, first, "cnf_deal_a"), b, "the variable after a second value")
    t.equal(_order_variable(t, client_id, first, "cnf_deal_b"), b, "the other variable after that")


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
    first, second = t.profile.stage_ids[:2]
    t.ok("set_order_state", client_id=client_id, state_id=first)
    moved = t.ok("move_order_to_next_state", client_id=client_id, order_id=order_id)["state_id"]
    t.equal(moved, second, "the next stage")
    t.equal(t.stage(client_id), second, "the stage afterwards")


@rule(
    "RYW-34",
    Level.SHOULD,
    source="vendor's Russian document: closed and archived deals are not active",
    actions=["get_orders", "set_order_state", "get_current_order_id"],
    needs=["channel", "stage_ids"],
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
    found = [t.orders(client_id, order_status=status) for status in (0, 1, 2)]
    t.equal(found, [[active], [won], [lost]], "active, successful and unsuccessful deals")
    t.equal(sorted(t.orders(client_id)), sorted([won, lost, active]), "all deals")
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
    Level.MUST,
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
    "RYW-40",
    Level.MUST,
    source="document section 'Retrieve the client ID from the online chat': one recipient is one client",
    actions=["online_chat_client_id"],
    needs=["channel"],
)
def a_recipient_of_the_online_chat_is_one_client(t: Trial) -> None:
    """The same recipient is the same client, another recipient another one."""
    recipient, other = t.nonce(), t.nonce()
    found = [t.ok("online_chat_client_id", recipient=each)["client_id"] for each in (recipient, recipient, other)]
    t.undo(lambda: t.call("delete_clients", client_ids=[found[0], found[2]]))
    t.equal(found[0], found[1], "the client at the second time")
    t.expect(found[0] != found[2], "another recipient to be another client", found)


@rule(
    "RYW-50",
    Level.MUST,
    source="document section 'Create a deal' and public integration: an unknown client is answered client_not_found",
    actions=[
        action
        for action in _WRITES
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
    source="document section 'Saving values to variables' and the other writes: what is refused is not done",
    actions=_WITH_BAD_PARTS,
    judges=_WITH_BAD_PARTS,
    needs=["test_clients"],
)
def refused_writes_change_nothing(t: Trial) -> None:
    """A write that is refused for one of its parameters leaves variables, history, deals and lists as they were."""
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
            with t.unchanged(**_looks(t, client_id)):
                t.expect_refusal(t.wire.call(action, body=parameters))

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
        return t.call(f"find_client_id_by_{name}", **contacts[name]).succeeded

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


@rule(
    "RYW-53",
    Level.INFO,
    source="document section 'Message sending parameters': the hint of buttons will be displayed in WhatsApp",
    actions=["message", "load_clients", "get_history"],
    needs=["channel", "groups"],
)
def whatsapp_shows_the_hint(t: Trial) -> None:
    """Whether the history of a WhatsApp client shows the hint of buttons with the text."""
    number, channel = t.phone(), {"client_type": _WHATSAPP, "group_id": t.group("whatsapp")}
    client_id = t.ok("load_clients", clients=[{"platform_id": number, **channel}])["items"][0]["id"]
    t.delete_at_the_end([client_id])
    hint, text = t.nonce(), t.nonce()
    buttons = {"hint": hint, "buttons": [{"type": "reply", "text": "1", "line": 0, "index_in_line": 0}]}
    t.ok("message", client_id=client_id, message=text, buttons=buttons)
    shown = t.newest(client_id)["text"] or ""
    t.observe(f"the text is {shown!r}")
    t.expect(hint in shown and text in shown, "text and hint in the history", shown)


@rule(
    "RYW-54",
    Level.INFO,
    source="assumption: a message to a number that has no WhatsApp is accepted and not delivered",
    actions=["whatsapp_message", "whatsapp_client_id", "get_history"],
    needs=["phone_without_whatsapp"],
)
def a_number_without_whatsapp(t: Trial) -> None:
    """Whether a message to a number without WhatsApp is taken and not delivered."""
    phone, text = t.profile.phone_without_whatsapp, t.nonce()
    exchange = t.call("whatsapp_message", phone=phone, message=text)
    found = t.call("whatsapp_client_id", phone=phone)
    t.observe(f"whatsapp_message: {said(exchange)}; whatsapp_client_id: {said(found)}")
    t.expect(exchange.succeeded and found.succeeded, "both to succeed", exchange)
    newest = t.newest(found.data["client_id"])
    t.equal((newest["text"], newest["delivered"]), (text, False), "the newest message")


@rule(
    "RYW-55",
    Level.MUST,
    source="document section 'Clear message history': it deletes the chat history, and names nothing else",
    actions=["clear_history", "get_variables", "get_orders", "get_order_state", "get_clients"],
    needs=["test_clients"],
)
def clearing_a_history_takes_nothing_along(t: Trial) -> None:
    """Clearing a history leaves the client's variables, deals with their variables and stage, and places on lists."""
    client_id = t.client()
    before = _full_state(t, client_id)
    with t.optional():
        t.ok("message", client_id=client_id, message=t.nonce())
    t.ok("clear_history", client_id=client_id)
    t.equal(_state(t, client_id), before, "variables, deals, stage and list of the client")


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
    "RYW-57",
    Level.MUST,
    source="document section 'Remove clients from a list': it takes the clients off the list",
    actions=["remove_from_list", "get_variables", "get_history", "get_orders"],
    needs=["test_clients", "list_id"],
)
def leaving_a_list_takes_nothing_along(t: Trial) -> None:
    """A client who is taken off a list keeps variables, messages and deals."""
    client_id = t.client()
    _full_state(t, client_id)
    with t.optional():
        t.ok("message", client_id=client_id, message=t.nonce())
    before = _state(t, client_id, with_history=True)
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[client_id])
    after = _state(t, client_id, with_history=True)
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
        exchange = t.call("get_clients", list=other)
        return exchange.succeeded and client_id in [row["id"] for row in exchange.data["clients"]]

    t.put_on_list([client_id])
    t.call("add_to_list", list_id=other, clients=[client_id])
    t.undo(lambda: t.call("remove_from_list", list_id=other, clients=[client_id]))
    if not is_on_the_other():
        t.not_run("there is no second list, and adding a client makes none")
    t.ok("remove_from_list", list_id=t.profile.list_id, clients=[client_id])
    t.expect(is_on_the_other(), f"the client to be on the list {other} still")


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
    t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables=saved)
    changes: dict[str, dict[str, Any]] = {
        "set_order_state": {"state_id": t.profile.stage_ids[0]},
        "move_order_to_next_state": {"order_id": order_id},
        "create_order": {"name": t.nonce()},
    }

    def change(action: str) -> None:
        t.ok(action, client_id=client_id, **changes[action])
        found = [_order_variable(t, client_id, order_id, name) for name in saved]
        t.equal(found, list(saved.values()), f"the deal's variables after {action}")

    t.each(change, changes)
    with t.optional():
        for stage in t.profile.stage_ids:
            newer = t.order(client_id)
            t.ok("set_order_vars", client_id=client_id, order_id=newer, variables=saved)
            t.ok("set_order_state", client_id=client_id, state_id=stage)
            found = [_order_variable(t, client_id, newer, name) for name in saved]
            t.equal(found, list(saved.values()), f"the deal's variables on the stage {stage}")


@rule(
    "RYW-59",
    Level.MUST,
    source="vendor's Russian document: delete_clients deletes the clients that it names",
    actions=["delete_clients", "get_variables", "get_history", "get_orders", "get_clients"],
    needs=["channel"],
)
def deleting_a_client_takes_no_other_along(t: Trial) -> None:
    """Who was not deleted keeps variables, messages, deals and places on lists."""
    kept, gone = t.clients(2)
    for client_id in (kept, gone):
        _full_state(t, client_id)
    with t.optional():
        t.ok("message", client_id=kept, message=t.nonce())
    before = _state(t, kept, with_history=True)
    t.ok("delete_clients", client_ids=[gone])
    t.equal(_state(t, kept, with_history=True), before, "variables, deals, stage, list and history of another client")


@rule(
    "RYW-60",
    Level.MUST,
    source="document section 'Importing clients into the system': a client that is there already keeps its id",
    actions=["load_clients", "get_variables", "get_history", "get_orders", "get_clients"],
    needs=["channel"],
)
def importing_a_client_takes_nothing_away(t: Trial) -> None:
    """A client who is imported again keeps variables, messages, deals and places on lists."""
    item = {"platform_id": str(t.number()), **(t.profile.channel or {})}
    [client_id] = t.load([item])
    t.delete_at_the_end([client_id])
    _full_state(t, client_id)
    with t.optional():
        t.ok("message", client_id=client_id, message=t.nonce())
    before = _state(t, client_id, with_history=True)
    t.equal(t.load([item]), [client_id], "the client of the second import")
    t.equal(_state(t, client_id, with_history=True), before, "variables, deals, stage, list and history of the client")


@rule(
    "RYW-61",
    Level.MUST,
    source="document sections 'Starting the bot using a WhatsApp number', 'Sending a callback message to a client by "
    "email' and 'Retrieve the client ID from the online chat': name, the client's name; tag, the client's tag",
    actions=[*_NAMING, "get_variables", "get_clients"],
    judges=_NAMING,
)
def a_name_is_the_clients(t: Trial) -> None:
    """The name that a call gives to its client is shown by `get_clients`, and by `get_variables`, as is a tag."""

    def check(action: str) -> None:
        parameters = {**valid(t, action, having="name"), "name": t.nonce()}
        expected = {"name": parameters["name"]}
        if "tag" in _properties(action):
            parameters["tag"] = expected["tag"] = t.nonce()
        data = t.ok(action, **parameters)
        client_id = data["client_id"] if action == "online_chat_client_id" else reached(t, action, parameters)
        t.delete_at_the_end([client_id])
        row = t.listed(client_id)
        t.equal({name: row[name] for name in expected}, expected, f"what get_clients shows after {action}")
        with t.optional():
            found = t.variables(client_id)
            shown = {name: found.get(name) for name in expected}
            t.should(shown == expected, f"get_variables to show {expected} after {action}", shown)

    t.each(check, _NAMING)


@rule(
    "RYW-62",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: the client does not see the text; "
    "public integration: message_from_outside 3",
    actions=CALLBACKS,
    each=True,
    needs=["test_clients"],
)
def no_client_sees_a_callback(t: Trial, action: str) -> None:
    """A callback is in the history once as one, and not as a message to the client, by each method."""
    for method in mavibot_contract.load().actions[action]:
        parameters = valid(t, action)
        t.ok(action, method=method, **parameters)
        client_id, text = reached(t, action, parameters), text_of(parameters)
        rows = [row["message_from_outside"] for row in t.history(client_id) if row["text"] == text]
        t.equal(len(rows), 1, f"how often the callback by {method} is in the history")
        t.should(rows == [3], f"message_from_outside of the callback by {method} to be 3", rows)


@rule(
    "RYW-63",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: resume_bot starts a paused bot again",
    actions=_WITH_RESUME,
    each=True,
    needs=["test_clients", "block_id", "control"],
)
def a_paused_bot_is_resumed_each_time(t: Trial, action: str) -> None:
    """A paused bot stays paused without `resume_bot`, and goes on with it: by each method, a second time too."""
    block, pausing = _reacting_and_pausing(t)
    parameters = {**valid(t, action), "message": block["condition"]}
    t.ok(action, **parameters)
    client_id = reached(t, action, parameters)
    count = t.texts_with(block["answer"], client_id).count(block["answer"])
    methods: list[Method] = [*mavibot_contract.load().actions[action]]
    for method in methods * 2:
        t.ok("message", client_id=client_id, message_id=pausing["id"])
        t.ok(action, method=method, **parameters)
        t.equal(t.texts(client_id).count(block["answer"]), count, f"the answers to {method} while the bot is paused")
        t.ok(action, method=method, **parameters, resume_bot=True)
        count += 1
        t.until(lambda: t.texts(client_id).count(block["answer"]) >= count)  # noqa: B023 - called at once
        t.equal(t.texts(client_id).count(block["answer"]), count, f"the answers after {method} with resume_bot")


@rule(
    "RYW-64",
    Level.SHOULD,
    source="document sections 'Sending a callback message to a client by email', 'Starting the bot using a WhatsApp "
    "number' and 'Sending a message in WhatsApp': the bot is named by email_id_bot, bot_id and whatsapp_bot_id",
    actions=["email_callback", "whatsapp_callback", "whatsapp_message", "get_variables"],
    judges=["email_callback", "whatsapp_callback", "whatsapp_message"],
    needs=["groups"],
)
def a_new_client_belongs_to_the_bot(t: Trial) -> None:
    """A client who is created for an address or a number belongs to the bot that was named."""
    bots = {
        "email_callback": ("email", "email_id_bot"),
        "whatsapp_callback": ("phone", "bot_id"),
        "whatsapp_message": ("phone", "whatsapp_bot_id"),
    }

    def check(action: str) -> None:
        contact, bot = bots[action]
        name = "email" if contact == "email" else "whatsapp"
        group_id, value = t.group(name), f"{t.nonce()}@example.com" if contact == "email" else t.phone()
        parameters: dict[str, Any] = {contact: value, bot: group_id, "message": t.nonce()}
        t.ok(action, **parameters)
        rows = t.ok("find_client_id_by_platform_id", platform_ids=[value], group_id=group_id)
        row = t.single(rows, "the client")
        t.delete_at_the_end([row["id"]])
        found = t.place(row["id"])
        t.equal(
            [found["client_type"], str(found["group"]), str(found["platform_id"])],
            [messenger(name), group_id, value],
            f"messenger, group and id of the client of {action}",
        )

    t.each(check, bots)


def _reacting_and_pausing(t: Trial) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the profile's block, which reacts to a text, and a block that pauses the bot.

    Raises:
        LacksInputError: there are no such blocks.
    """
    blocks = t.blocks()
    reacting = [each for each in blocks if each["id"] == t.profile.block_id and each["condition"]]
    pausing = [each for each in blocks if "pauses" in (each["description"] or "")]
    if not reacting or not pausing:
        raise LacksInputError("needs a condition of 'block_id', and a block described as one that pauses the bot")
    return reacting[0], pausing[0]


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
        found = [_order_variable(t, client_id, order_id, name) for order_id in saved for name in (both, of_deal)]
        return [None if each in CLEARED else each for each in found]

    fill()
    t.ok("save_variables", client_id=client_id, variables={f"client.{both}": empty})
    t.equal(of_deals(), all_of_deals, "the deals' variables after that of the client was cleared")
    t.equal(t.variables(client_id).get(own), "kept", "the client's other variable")
    fill()
    t.ok("save_variables", client_id=client_id, variables={both: empty})
    t.equal(of_deals(), [*all_of_deals[:2], None, all_of_deals[3]], "those after that of the current deal was cleared")
    t.equal(t.variables(client_id).get(both), "client", "the client's variable of the same name")
    fill()
    t.ok("set_order_vars", client_id=client_id, order_id=older, variables={both: empty})
    t.equal(of_deals(), [None, *all_of_deals[1:]], "those after that of the older deal was cleared")


def _full_state(t: Trial, client_id: int) -> dict[str, Any]:
    """Give a client variables, deals and a place on the list, as far as the server has them, and return them."""
    with t.optional():
        older = t.order(client_id)
        t.ok("set_order_vars", client_id=client_id, order_id=older, variables={"cnf_deal_b": t.nonce()})
    with t.optional():
        t.order(client_id)
    with t.optional():
        t.ok("save_variables", client_id=client_id, variables={"client.cnf_a": t.nonce(), "cnf_deal_b": t.nonce()})
    with t.optional():
        t.put_on_list([client_id])
    return _state(t, client_id)


def _state(t: Trial, client_id: int, *, with_history: bool = False) -> dict[str, Any]:
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
            _order_variable(t, client_id, each, "cnf_deal_b") for each in t.orders(client_id)
        ],
        "stage": lambda: t.call("get_order_state", client_id=client_id).data,
        "list": lambda: client_id in t.members(),
    }
    if with_history:
        looks["history"] = lambda: t.texts(client_id)
    return t.parts(looks)


def _looks(t: Trial, client_id: int) -> dict[str, Callable[[], object]]:
    """Return what can be looked at of a client."""
    return {
        "variables": lambda: t.variables(client_id),
        "history": lambda: t.texts(client_id),
        "deals": lambda: t.orders(client_id),
        "list": t.members,
    }


def _known(action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the parameters that an action has."""
    return {name: value for name, value in parameters.items() if name in _properties(action)}


def _order_variable(t: Trial, client_id: int, order_id: int, name: str) -> Any:
    return t.order_variables(client_id, order_id=order_id).get(name)
