"""Rules: each of several, not the first alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import SAVING, messenger, reached, valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import give, held, held_by_deal, is_there, on_list

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_ACTIONS: Final = mavibot_contract.load().actions
_FINDING_ALL: Final = (
    "find_all_client_id_by_var",
    "find_all_client_id_by_several_vars",
    "find_clients",
    "find_client_id_by_platform_id",
)
_BULK: Final = "document section 'Bulk message sending': the message goes to each client of the target"
#: More than two: a mistake about the last or the middle one shows too.
_SEVERAL: Final = 5


@rule(
    "EACH-1",
    Level.MUST,
    source=f"{_BULK}; with a text, and with a file beside it",
    actions=["broadcast", "add_to_list", "get_history"],
    needs=["test_clients"],
)
def a_broadcast_reaches_each_of_its_target(t: Trial) -> None:
    """A broadcast with a file reaches each client of a list, each of `clients` and each of `platform_ids`, once."""
    clients = t.clients(_SEVERAL)
    targets: list[dict[str, Any]] = [{"clients": clients}]
    with t.optional():
        t.put_on_list(clients)
        targets.append({"list": t.list_id})
    with t.optional():
        ids = [t.platform_id(each) for each in clients]
        targets.append({"platform_ids": ids, "group_id": t.channel["group_id"]})
    sent = [(target, t.nonce(), f"https://files.example.com/{t.nonce()}.jpg") for target in targets]
    for target, text, url in sent:
        t.ok("broadcast", **target, message=text, attachment_type="image", attachment_url=url, shift=0)
    t.settle(2, lambda: all(text in t.texts(clients[-1]) for _, text, _ in sent))
    histories = [t.history(each) for each in clients]
    for target, text, url in sent:
        counts = [sum(row["text"] == text for row in history) for history in histories]
        t.equal(counts, [1] * len(clients), f"how often the text came to each for {sorted(target)}")
        files = [url in str([row["attachments"] for row in history]) for history in histories]
        t.equal(files, [True] * len(clients), f"who has the file for {sorted(target)}")


@rule(
    "EACH-2",
    Level.MUST,
    source="document section 'Assigning variables': clients, and variables, names with values; "
    "by default the deal's, with client. the client's",
    actions=["save_variables", "get_variables", "get_order_vars"],
    needs=["test_clients"],
)
def each_variable_of_each_client_is_saved(t: Trial) -> None:
    """Several variables of several clients are each saved: with `client.` the client's, without it their deals'."""
    clients, deals = t.clients(3), []
    with t.optional():
        deals = [t.order(each) for each in clients]
    own, of_deal = ({t.nonce(): f"value {index}" for index in range(2)} for _ in range(2))
    if not deals:
        of_deal = {}
    saved = {**{f"client.{name}": value for name, value in own.items()}, **of_deal}
    t.ok("save_variables", clients=clients, variables=saved)

    def merged() -> None:
        for client_id in clients:
            t.equal(held(t, client_id, saved), saved, f"the variables of client {client_id}")

    def of_deals() -> None:
        if not deals:
            raise LacksInputError("needs create_order")
        for client_id, order_id in zip(clients, deals, strict=True):
            found = t.order_variables(client_id, order_id=order_id)
            expected = {**dict.fromkeys(own), **of_deal}
            t.equal({name: found.get(name) for name in expected}, expected, f"those of the deal of client {client_id}")

    t.parts({"merged": merged, "of the deals": of_deals})


@rule(
    "EACH-3",
    Level.MUST,
    source="document section 'Sending callback messages to a list of clients by platform_id': "
    "the clients whose id is on the list get the callback",
    actions=["send_callback_by_platform_id", "get_history"],
    needs=["channel"],
)
def each_id_gets_its_callback(t: Trial) -> None:
    """A callback by platform ids comes to each of several clients once, in any place among ids of nobody."""
    clients, text = t.clients(_SEVERAL), t.nonce()
    ids = [t.platform_id(each) for each in clients]
    ids.insert(2, str(t.number()))
    group_id = (t.profile.channel or {})["group_id"]
    t.ok("send_callback_by_platform_id", platform_ids=ids, group_id=group_id, callback_text=text)
    t.texts_with(text, clients[-1])
    t.equal([t.texts(each).count(text) for each in clients], [1] * len(clients), "how often it came to each")


@rule(
    "EACH-4",
    Level.MUST,
    source="document sections 'Add clients to a list' and 'Remove clients from a list': clients, ids of several",
    actions=["add_to_list", "remove_from_list", "get_clients"],
    needs=["test_clients", "list_id"],
)
def each_client_is_added_and_removed(t: Trial) -> None:
    """Several clients that are added at once are all on the list; of these, all that are removed at once are gone."""
    clients, list_id = t.clients(_SEVERAL), t.profile.list_id
    others: list[int] = []
    with t.optional():
        others = [each for each in t.members() if each not in clients]
    t.undo(lambda: t.call("remove_from_list", list_id=list_id, clients=clients))
    t.ok("add_to_list", list_id=list_id, clients=clients)
    t.equal(on_list(t, clients), [1] * _SEVERAL, "how often each is on the list after adding five")
    with t.optional():
        t.equal(sorted(t.members()), sorted([*others, *clients]), "the members after adding five")
    with t.optional():
        t.ok("remove_from_list", list_id=list_id, clients=clients[1:4])
        t.equal(on_list(t, clients), [1, 0, 0, 0, 1], "how often each is on it after removing three of them")
        left = sorted([*others, clients[0], clients[4]])
        t.equal(sorted(t.members()), left, "the members after removing three of them")


@rule(
    "EACH-5",
    Level.MUST,
    source="vendor's Russian document: delete_clients deletes the clients that it names",
    actions=["delete_clients", "get_variables"],
    needs=["channel"],
)
def each_client_is_deleted(t: Trial) -> None:
    """Of several clients those that are deleted at once are all gone, and the others are all there."""
    clients = t.clients(_SEVERAL)
    t.ok("delete_clients", client_ids=clients[1:4])
    there = [is_there(t, each) for each in clients]
    t.equal(there, [True, False, False, False, True], "which of the five clients are there")


@rule(
    "EACH-6",
    Level.MUST,
    source="document section 'Importing clients into the system': each item has its own platform_id, group_id and "
    "client_type, and gets an id and a status",
    actions=["load_clients", "get_variables", "find_client_id_by_platform_id"],
    needs=["test_clients", "groups"],
)
def each_item_belongs_to_its_own_channel(t: Trial) -> None:
    """Items of several channels in one import are clients each of its own channel, and are found there."""
    items = [
        {"platform_id": t.phone(), "group_id": t.group(name), "client_type": messenger(name)}
        for name in ("telegram", "whatsapp", "vkontakte")
    ]
    clients = t.load(items)
    t.delete_at_the_end(clients)

    def place() -> None:
        for client_id, item in zip(clients, items, strict=True):
            found = t.place(client_id)
            t.equal(str(found["client_type"]), str(item["client_type"]), f"client_type of client {client_id}")
            t.equal(str(found["platform_id"]), item["platform_id"], f"platform_id of client {client_id}")

    def find() -> None:
        for client_id, item in zip(clients, items, strict=True):
            rows = t.ok("find_client_id_by_platform_id", platform_ids=[item["platform_id"]], group_id=item["group_id"])
            t.equal([row["id"] for row in rows], [client_id], f"who is found in {item['group_id']}")

    t.parts({"place": place, "find": find})


@rule(
    "EACH-7",
    Level.MUST,
    source="document sections 'Retrieve client_id using the platform_id value', 'Retrieve a list of client_id values "
    "by variable value', '… based on multiple variable values' and 'Search by variables': all that meet it",
    actions=[*_FINDING_ALL, "save_variables"],
    judges=_FINDING_ALL,
    needs=["test_clients"],
)
def each_client_is_found(t: Trial) -> None:
    """A search for all clients finds each of several, once, and with `_in` those of each of several values."""
    clients, name, value = t.clients(_SEVERAL), t.nonce(), t.nonce()
    own, is_given = [t.nonce() for _ in clients], False
    with t.optional():
        for client_id, each in zip(clients, own, strict=True):
            give(t, client_id, {f"client.{name}": value, f"client.{name}_own": each})
        is_given = True
    searches: dict[str, list[dict[str, Any]]] = {
        "find_all_client_id_by_var": [{"var": name, "val": value}],
        "find_all_client_id_by_several_vars": [{"variables": {name: value}}],
        "find_clients": [{"q": {name: value}}, {"q": {f"{name}_own": {"_in": own}}}],
    }

    def check(action: str) -> None:
        if action not in searches:
            rows = t.ok(action, platform_ids=[t.platform_id(each) for each in clients])
            t.equal(sorted({row["id"] for row in rows} & {*clients}), sorted(clients), "who is found by platform ids")
            return
        if not is_given:
            t.wire.offer.check("save_variables")
        for parameters in searches[action]:
            t.equal(sorted(t.ok(action, **parameters)["client_ids"]), sorted(clients), f"who is found by {action}")

    t.each(check, _FINDING_ALL)


@rule(
    "EACH-8",
    Level.MUST,
    source="document sections 'Add deal variables' and 'Retrieve deal data': variables, several names",
    actions=["set_order_vars", "get_order_vars"],
    needs=["test_clients"],
)
def each_variable_of_a_deal(t: Trial) -> None:
    """Several variables of a deal are each saved, and of several names that are asked for each is given, no other."""
    client_id = t.client()
    order_id = t.order(client_id)
    saved = {t.nonce(): t.nonce() for _ in range(_SEVERAL)}
    t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables=saved)
    t.equal(held_by_deal(t, client_id, order_id, saved), saved, "the variables")
    asked = dict(list(saved.items())[1:4])
    with t.optional():
        some = t.order_variables(client_id, order_id=order_id, variables=list(asked))
        t.equal(some, asked, "the three variables that were asked for")


@rule(
    "EACH-9",
    Level.MUST,
    source="document sections 'Create a deal', 'Retrieve the list of deals' and 'Retrieve deal data': each deal is its "
    "own",
    actions=["create_order", "get_orders", "set_order_vars", "get_order_vars"],
    needs=["test_clients"],
)
def each_deal_is_its_own(t: Trial) -> None:
    """Each of several deals of a client is listed once, and keeps its own variables."""
    client_id = t.client()
    before = t.orders(client_id)
    deals = [t.order(client_id) for _ in range(4)]
    t.equal(sorted(t.orders(client_id)), sorted([*before, *deals]), "the deals")
    values = {order_id: t.nonce() for order_id in deals}
    with t.optional():
        for order_id, value in values.items():
            t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables={"cnf_deal_a": value})
        for order_id, value in values.items():
            found = t.order_variables(client_id, order_id=order_id)
            t.equal(found.get("cnf_deal_a"), value, f"the variable of deal {order_id}")


@rule(
    "EACH-10",
    Level.MUST,
    source="document section 'Start the bot' and those of the other callbacks: further parameters are saved",
    actions=SAVING,
    each=True,
    needs=["test_clients"],
)
def each_further_parameter_is_saved(t: Trial, action: str) -> None:
    """Each of several further parameters becomes a variable, by each method."""
    for method in _ACTIONS[action]:
        parameters = valid(t, action)
        values: dict[str, Any] = {
            f"{'client.' if index % 2 else ''}{t.nonce()}": f"value {index}" for index in range(_SEVERAL)
        }
        t.ok(action, method=method, **parameters, **values)
        t.equal(held(t, reached(t, action, parameters), values), values, f"the variables saved by {method}")
