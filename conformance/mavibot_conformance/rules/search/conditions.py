"""Rules: searches with conditions, and lists that are narrowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import client_of_the_online_chat, dialogue
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.search.sources import BY_VARIABLE, SEARCH
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import give, save_in_deal
from mavibot_conformance.target.judgements import FAILED_SEARCH

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_MESSENGERS: Final[list[int]] = mavibot_contract.load().document["components"]["schemas"]["Messenger"]["enum"]
_INCLUDE_ALL: Final = "/paths/~1find_clients/post/requestBody/content/application~1json/schema/properties/include_all"


class _People:
    """Four clients with variables that only they have."""

    def __init__(self, t: Trial) -> None:
        self.t: Final = t
        self.name, self.city, self.absent = t.nonce(), t.nonce(), t.nonce()
        self.joe, self.jane, self.bob, _ = t.clients(4)
        for client_id, name, city in (
            (self.joe, "Joe", "Paris"),
            (self.jane, "Jane", "Paris"),
            (self.bob, "Bob", "Oslo"),
        ):
            give(t, client_id, {f"client.{self.name}": name, f"client.{self.city}": city})

    def find(self, query: dict[str, Any], **parameters: Any) -> list[int]:
        """Return which of the four a query finds, and all others that it finds."""
        found = self.t.ok("find_clients", q=query, **parameters)["client_ids"]
        self.t.equal(len(found), len(set(found)), f"the number of different clients found by {query}")
        return sorted(found)


@rule(
    "FIND-1",
    Level.MUST,
    source=f"{SEARCH}: all conditions must hold",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
    smoke=True,
)
def conditions_hold_together(t: Trial) -> None:
    """Several conditions find the clients that meet all of them; one finds all that meet it."""
    who = _People(t)
    t.equal(who.find({who.city: "Paris"}), sorted([who.joe, who.jane]), "who lives in Paris")
    t.equal(who.find({who.city: "Paris", who.name: "Joe"}), [who.joe], "who is Joe in Paris")
    t.equal(who.find({who.city: "Oslo", who.name: "Joe"}), [], "who is Joe in Oslo")
    t.equal(who.find({who.absent: "Joe"}), [], "who has another variable")


@rule(
    "FIND-2",
    Level.MUST,
    source=f"{SEARCH}: include_all False selects what meets at least one",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
    assumptions=[_INCLUDE_ALL],
)
def include_all(t: Trial) -> None:
    """With `include_all` false at least one condition must hold; with true, or without it, all must."""
    who = _People(t)
    query = {who.city: "Oslo", who.name: "Joe"}
    t.equal(who.find(query, include_all=False), sorted([who.joe, who.bob]), "who is Joe or in Oslo")
    t.equal(who.find(query, include_all=True), [], "who is Joe and in Oslo")
    both = {who.city: "Paris", who.name: "Jane"}
    without = who.find(both)
    t.assume(_INCLUDE_ALL, without == [who.jane], f"without include_all: {len(without)} of 4 clients")
    t.equal(without, who.find(both, include_all=True), "the default")


@rule(
    "FIND-3",
    Level.MUST,
    source=f"{SEARCH}: _in finds equality with one of the values",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def one_of_several_values(t: Trial) -> None:
    """`_in` finds the clients whose variable equals one of the values."""
    who = _People(t)
    t.equal(who.find({who.name: {"_in": ["Joe", "Bob", "Zoe"]}}), sorted([who.joe, who.bob]), "who is Joe, Bob or Zoe")
    t.equal(who.find({who.name: {"_in": ["Zoe"]}}), [], "who is Zoe")
    t.equal(who.find({who.name: {"_in": ["joe", "Jo"]}}), [], "who has a similar name")


@rule(
    "FIND-4",
    Level.MUST,
    source=f"{SEARCH}: _not and _not_in find inequality",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def none_of_several_values(t: Trial) -> None:
    """`_not` and `_not_in` find those with another value, and together with `_in` all that have the variable."""
    who = _People(t)
    in_paris = {who.city: "Paris"}
    t.equal(who.find({**in_paris, who.name: {"_not": "Joe"}}), [who.jane], "who in Paris is not Joe")
    t.equal(
        who.find({**in_paris, who.name: {"_not_in": ["Joe", "Bob"]}}), [who.jane], "who in Paris is neither Joe nor Bob"
    )
    t.equal(who.find({**in_paris, who.name: {"_not_in": ["Joe", "Jane"]}}), [], "who in Paris is neither Joe nor Jane")
    of_three = {who.joe, who.jane, who.bob}
    others = of_three & set(who.find({who.name: {"_not_in": ["Joe"]}}))
    t.equal(others, {who.jane, who.bob}, "who is not Joe")


@rule(
    "FIND-6",
    Level.SHOULD,
    source=f"{SEARCH}: a missing q is answered 'Parameter \"q\" required', a bad one 'Error in parameter format'",
    actions=["find_clients"],
    effect="read",
    assumptions=[FAILED_SEARCH],
)
def failures_of_a_search(t: Trial) -> None:
    """A search without `q`, or with one of another form, fails with the words of the document."""
    missing, wrong = t.call("find_clients"), t.call("find_clients", q="x")
    t.expect_refusal(missing)
    t.expect_refusal(wrong)
    t.assume(FAILED_SEARCH, missing.status == 200 and wrong.status == 200, f"{missing.status} and {wrong.status}")
    t.says(missing, status="fail", message='Parameter "q" required')
    t.says(wrong, status="fail", message="Error in parameter format")


@rule(
    "FIND-11",
    Level.MUST,
    source=f"{BY_VARIABLE}: search_in order searches the deals",
    actions=["find_client_id_by_var", "save_variables"],
    needs=["test_clients"],
)
def search_in_deals(t: Trial) -> None:
    """`search_in=order` finds the client by a variable of the deal, not of the client."""
    of_client, of_deal = t.clients(2)
    name, value = t.nonce(), t.nonce()
    with t.optional():
        save_in_deal(t, of_deal, {name: value})
        found = t.ok("find_client_id_by_var", var=name, val=value, search_in="order")["client_id"]
        t.equal(found, of_deal, "who is found")
    give(t, of_client, {f"client.{name}": value + "x"})
    t.finds_nobody("find_client_id_by_var", var=name, val=value + "x", search_in="order")


@rule(
    "FIND-18",
    Level.MUST,
    source="document section 'Retrieve the list of subscribers': filters by tag, group, date and messenger",
    actions=["subscribers", "online_chat_client_id"],
    needs=["channel"],
)
def subscribers_are_filtered(t: Trial) -> None:
    """Each filter of `subscribers` leaves out those who do not meet it."""
    added = sorted(t.clients(2))
    channel = t.profile.channel or {}

    def found(**parameters: Any) -> list[int]:
        return sorted(t.subscribers(added, **parameters))

    t.equal(found(client_type=channel["client_type"]), added, "who is in the messenger")
    for other in _MESSENGERS:
        if other != channel["client_type"]:
            t.equal(found(client_type=other), [], f"who is in the messenger {other}")
    t.equal(found(group=channel["group_id"]), added, "who is in the group")
    t.equal(found(group=t.nonce()), [], "who is in another group")
    t.equal(found(tag=t.nonce()), [], "who has another tag")
    t.equal(found(date_from=4_000_000_000), [], "who came after the year 2096")
    t.equal(found(date_to=1_000_000_000), [], "who came before the year 2002")
    t.equal(found(date_from=1_000_000_000, date_to=4_000_000_000), added, "who came between")


@rule(
    "FIND-20",
    Level.MUST,
    source="document section 'Retrieve the list of deals': order_status 0 active, 1 successful, 2 unsuccessful deals",
    actions=["get_orders", "create_order"],
    needs=["test_clients"],
)
def deals_by_status(t: Trial) -> None:
    """No deal is listed with two values of `order_status`, on whichever stage; a new one is with 0, not with 1 or 2."""
    client_id = t.client()
    with t.optional():
        for stage in t.profile.stage_ids:
            t.order(client_id)
            t.ok("set_order_state", client_id=client_id, state_id=stage)
    newest: int | None = None
    with t.optional():
        newest = t.order(client_id)
    deals = t.orders(client_id)
    if not deals:
        raise LacksInputError("needs create_order, or a test client who has a deal")
    listed = [t.orders(client_id, order_status=status) for status in (0, 1, 2)]
    found = {order_id: [status for status in (0, 1, 2) if order_id in listed[status]] for order_id in deals}
    several = {order_id: statuses for order_id, statuses in found.items() if len(statuses) > 1}
    t.expect(not several, "no deal with two values of order_status", several)
    if newest is not None:
        t.should(found.get(newest) == [0], "a new deal with order_status 0 alone", found.get(newest))


@rule(
    "FIND-27",
    Level.MUST,
    source="document section 'Retrieve client_id using the platform_id value': the reply shows the client's variables",
    actions=["find_client_id_by_platform_id", "save_variables"],
    needs=["channel"],
)
def found_clients_show_their_variables(t: Trial) -> None:
    """Who is found by a platform id is shown with the variables of that client."""
    clients, channel = t.clients(2), t.profile.channel or {}
    values = {client_id: t.nonce() for client_id in clients}
    for client_id, value in values.items():
        give(t, client_id, {"client.cnf_a": value})
    ids = [t.platform_id(each) for each in clients]
    rows = t.ok("find_client_id_by_platform_id", platform_ids=ids, group_id=channel["group_id"])
    found = {row["id"]: (row["variables"] or {}).get("cnf_a") for row in rows}
    t.equal(found, values, "the variable of each client")


@rule(
    "FIND-28",
    Level.SHOULD,
    source=f"{SEARCH}: _in finds equality with one of the values, so an empty list finds no client",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def none_of_no_values(t: Trial) -> None:
    """An empty `_in` is refused or finds nobody, alone and beside another condition."""
    who = _People(t)
    queries: list[dict[str, Any]] = [{who.name: {"_in": []}}, {who.name: {"_in": []}, who.city: "Paris"}]
    for query in queries:
        exchange = t.call("find_clients", q=query)
        t.expect(exchange.status < 500, "no error of the server", exchange)
        t.expect(not exchange.succeeded or exchange.read["client_ids"] == [], "no client to be found", exchange)


@rule(
    "FIND-29",
    Level.SHOULD,
    source='document section \'Search by variables\': {"q": {"name": {"_in": ["Joe", "Jane"]}}} finds clients by name',
    actions=["find_clients", "online_chat_client_id", "get_variables"],
    needs=["channel", "groups"],
)
def clients_are_found_by_their_own_name(t: Trial) -> None:
    """What `get_variables` shows as `name` is searched like a variable: by value, `_in`, `_not` and `_not_in`."""
    t.group("online_chat")
    names = [t.nonce(), t.nonce()]
    found = [client_of_the_online_chat(t, recipient=dialogue(t), name=each) for each in names]
    t.delete_at_the_end(found)
    with t.optional():
        t.equal([t.variables(each).get("name") for each in found], names, "the names")
    for wanted, expected in (
        (names[0], found[:1]),
        ({"_in": names}, found),
        ({"_not": names[0]}, found[1:]),
        ({"_not_in": names}, []),
    ):
        client_ids = t.ok("find_clients", q={"name": wanted})["client_ids"]
        t.equal(sorted(set(client_ids) & set(found)), sorted(expected), f"the new clients for {wanted}")


@rule(
    "FIND-33",
    Level.MUST,
    source=f"{SEARCH}: search_in order searches the deals, where include_all False selects what meets at least one "
    "condition; _in, _not_in and _not",
    actions=["find_clients", "save_variables", "create_order"],
    needs=["test_clients"],
)
def conditions_on_deals(t: Trial) -> None:
    """In the deals several conditions, one of several, and every operator work as for clients."""
    joe, jane, bob, other = t.clients(4)
    name, city = t.nonce(), t.nonce()
    for client_id, values in ((joe, ("Joe", "Paris")), (jane, ("Jane", "Paris")), (bob, ("Bob", "Oslo"))):
        save_in_deal(t, client_id, dict(zip((name, city), values, strict=True)))
    give(t, other, {f"client.{name}": "Joe", f"client.{city}": "Oslo"})
    for query, parameters, expected in (
        ({city: "Paris"}, {}, [joe, jane]),
        ({city: "Paris", name: "Joe"}, {}, [joe]),
        ({city: "Oslo", name: "Joe"}, {}, []),
        ({city: "Oslo", name: "Joe"}, {"include_all": False}, [joe, bob]),
        ({city: "Oslo", name: "Joe"}, {"include_all": True}, []),
        ({name: {"_in": ["Joe", "Bob"]}}, {}, [joe, bob]),
        ({city: "Paris", name: {"_not": "Joe"}}, {}, [jane]),
        ({city: "Paris", name: {"_not_in": ["Jane", "Bob"]}}, {}, [joe]),
    ):
        sent: dict[str, Any] = dict(parameters)
        found = t.ok("find_clients", q=query, search_in="order", **sent)["client_ids"]
        t.equal(sorted(found), sorted(expected), f"who is found by {query} with {parameters}")


@rule(
    "FIND-34",
    Level.MUST,
    source=f"{SEARCH}: all conditions must hold; with include_all False one is enough",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def each_of_many_conditions_counts(t: Trial) -> None:
    """Each of several conditions counts, wherever it stands among them, with every operator beside the others."""
    client_id = t.client()
    values = {t.nonce(): f"value {number}" for number in range(4)}
    give(t, client_id, {f"client.{name}": value for name, value in values.items()})
    conditions: dict[str, Any] = {
        name: value if index % 2 else {"_in": [value, "another"]} for index, (name, value) in enumerate(values.items())
    }
    t.equal(t.ok("find_clients", q=conditions)["client_ids"], [client_id], "who meets all four")
    for name in values:
        wrong = {**conditions, name: "another"}
        t.equal(t.ok("find_clients", q=wrong)["client_ids"], [], f"who meets all but the condition on {name}")
        alone = {each: conditions[each] if each == name else "another" for each in conditions}
        t.equal(
            t.ok("find_clients", q=alone, include_all=False)["client_ids"],
            [client_id],
            f"who meets that on {name} alone",
        )


@rule(
    "FIND-35",
    Level.SHOULD,
    source=f"{SEARCH}: include_all is written as False",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def include_all_as_text(t: Trial) -> None:
    """`include_all` means the same as a boolean and as the text that the document writes, in any case."""
    who = _People(t)
    query = {who.city: "Oslo", who.name: "Joe"}
    for written in (False, "False", "false"):
        t.equal(who.find(query, include_all=written), sorted([who.joe, who.bob]), f"who is found with {written!r}")
    for written in (True, "True", "true"):
        t.equal(who.find(query, include_all=written), [], f"who is found with {written!r}")
