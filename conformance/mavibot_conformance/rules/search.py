"""Rules: search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import messenger
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import said
from mavibot_conformance.target.judgements import FAILED_SEARCH, finds_no_client
from mavibot_conformance.target.offer import NotOfferedError

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_SEARCH: Final = "document section 'Search by variables'"
_BY_VARIABLE: Final = "document section 'Retrieve client_id by variable value'"
_BY_PHONE: Final = "document section 'Retrieve client_id by phone number'"
_MESSENGERS: Final[list[int]] = mavibot_contract.load().document["components"]["schemas"]["Messenger"]["enum"]
#: Actions that find clients by the name of a variable and its value.
_BY_PAIR: Final = ("find_client_id_by_var", "find_latest_client_id_by_var", "find_all_client_id_by_var")
_BY_VALUE: Final = (*_BY_PAIR, "find_all_client_id_by_several_vars")
#: Actions that find a client by a phone number, with the parameter that holds it.
_BY_NUMBER: Final = {
    "callback": "client_phone",
    **dict.fromkeys(
        ("whatsapp_callback", "whatsapp_message", "whatsapp_client_id", "find_client_id_by_phone", "create_order"),
        "phone",
    ),
}
_WITHOUT_BOT: Final = (
    *_BY_PAIR,
    "find_client_id_by_phone",
    "find_client_id_by_email",
    "find_clients",
    "find_client_id_by_platform_id",
)
_WITH_BOT: Final = ("find_client_id_by_var", "whatsapp_client_id", "find_client_id_by_platform_id")
_SENDING: Final = ("callback", "whatsapp_callback", "whatsapp_message")
_INCLUDE_ALL: Final = "/paths/~1find_clients/post/requestBody/content/application~1json/schema/properties/include_all"


#: How a phone number can be written, from its digits.
_NOTATIONS: Final[tuple[Callable[[str], str], ...]] = (
    lambda digits: digits,
    lambda digits: f"+{digits}",
    lambda digits: f"+{digits[0]} ({digits[1:4]}) {digits[4:7]}-{digits[7:9]}-{digits[9:]}",
    lambda digits: f"{digits[0]} {digits[1:4]} {digits[4:7]} {digits[7:]}",
)


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
            t.ok(
                "save_variables",
                client_id=client_id,
                variables={f"client.{self.name}": name, f"client.{self.city}": city},
            )

    def find(self, query: dict[str, Any], **parameters: Any) -> list[int]:
        """Return which of the four a query finds, and all others that it finds."""
        found = self.t.ok("find_clients", q=query, **parameters)["client_ids"]
        self.t.equal(len(found), len(set(found)), f"the number of different clients found by {query}")
        return sorted(found)


@rule(
    "FIND-1",
    Level.MUST,
    source=f"{_SEARCH}: all conditions must hold",
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
    source=f"{_SEARCH}: include_all False selects what meets at least one",
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
    source=f"{_SEARCH}: _in finds equality with one of the values",
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
    source=f"{_SEARCH}: _not and _not_in find inequality",
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
    "FIND-5",
    Level.MUST,
    source=f"{_SEARCH}: search_in order searches the deals' variables",
    actions=["find_clients", "save_variables", "create_order"],
    needs=["test_clients"],
)
def variables_of_deals_are_apart(t: Trial) -> None:
    """Client variables are searched by default, deal variables with `search_in: order`, each without the other."""
    of_client, of_deal = t.clients(2)
    name, value = t.nonce(), t.nonce()
    t.save_in_deal(of_deal, {name: value})
    t.ok("save_variables", client_id=of_client, variables={f"client.{name}": value})
    t.equal(t.ok("find_clients", q={name: value})["client_ids"], [of_client], "who has the variable")
    t.equal(t.ok("find_clients", q={name: value}, search_in="order")["client_ids"], [of_deal], "whose deal has it")


@rule(
    "FIND-6",
    Level.SHOULD,
    source=f"{_SEARCH}: a missing q is answered 'Parameter \"q\" required', a bad one 'Error in parameter format'",
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
    t.equal(missing.data, {"status": "fail", "message": 'Parameter "q" required'}, "the reply without q")
    t.equal(wrong.data, {"status": "fail", "message": "Error in parameter format"}, "the reply to another form")


@rule(
    "FIND-7",
    Level.SHOULD,
    source=f"{_SEARCH}: a comparison with a number fails if one client holds a string",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def numbers_and_strings_do_not_mix(t: Trial) -> None:
    """A number finds a number; once one client holds a string in that variable the search fails."""
    first, second = t.clients(2)
    name = t.nonce()
    t.ok("save_variables", client_id=first, variables={f"client.{name}": 41})
    t.ok("save_variables", client_id=second, variables={f"client.{name}": 42})
    t.equal(t.ok("find_clients", q={name: 42})["client_ids"], [second], "who has the number")
    t.ok("save_variables", client_id=first, variables={f"client.{name}": "many"})
    exchange = t.call("find_clients", q={name: 42})
    t.expect_refusal(exchange)
    t.equal(exchange.data, {"status": "fail", "message": "Something went wrong"}, "the reply")


@rule(
    "FIND-10",
    Level.MUST,
    source=f"{_BY_VARIABLE}: the client whose variable has this value",
    actions=[*_BY_PAIR, "save_variables"],
    judges=_BY_PAIR,
    needs=["test_clients"],
)
def one_latest_and_all(t: Trial) -> None:
    """One search finds any, one the latest and one all of the clients with a value, and none finds another."""

    def check(action: str) -> None:
        first, second, other = t.clients(3, oldest_first=action == "find_latest_client_id_by_var")
        name, value = t.nonce(), t.nonce()
        for client_id in (first, second):
            t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})
        t.ok("save_variables", client_id=other, variables={f"client.{name}": value + "x"})
        found = t.ok(action, var=name, val=value)
        match action:
            case "find_client_id_by_var":
                t.expect(found["client_id"] in (first, second), "one of the two")
            case "find_latest_client_id_by_var":
                t.equal(found["client_id"], second, "the latest")
            case _:
                t.equal(sorted(found["client_ids"]), sorted([first, second]), "all")

    t.each(check, _BY_PAIR)


@rule(
    "FIND-11",
    Level.MUST,
    source=f"{_BY_VARIABLE}: search_in order searches the deals",
    actions=["find_client_id_by_var", "save_variables"],
    needs=["test_clients"],
)
def search_in_deals(t: Trial) -> None:
    """`search_in=order` finds the client by a variable of the deal, not of the client."""
    of_client, of_deal = t.clients(2)
    name, value = t.nonce(), t.nonce()
    t.save_in_deal(of_deal, {name: value})
    t.equal(t.ok("find_client_id_by_var", var=name, val=value, search_in="order")["client_id"], of_deal, "who is found")
    t.ok("save_variables", client_id=of_client, variables={f"client.{name}": value + "x"})
    t.finds_nobody("find_client_id_by_var", var=name, val=value + "x", search_in="order")


@rule(
    "FIND-12",
    Level.SHOULD,
    source="public integration: 404 or an empty list if no client is found",
    actions=_WITHOUT_BOT,
    judges=_WITHOUT_BOT,
    effect="read",
)
def no_client_is_found(t: Trial) -> None:
    """A search for one client that finds nobody is refused; a search for many gives an empty list."""
    name, value = t.nonce(), t.nonce()

    def check(action: str) -> None:
        match action:
            case "find_client_id_by_phone":
                t.finds_nobody(action, phone=t.phone())
            case "find_client_id_by_email":
                t.finds_nobody(action, email=f"{t.nonce()}@example.com")
            case "find_client_id_by_var" | "find_latest_client_id_by_var":
                t.finds_nobody(action, var=name, val=value)
            case "find_all_client_id_by_var":
                t.equal(t.ok(action, var=name, val=value)["client_ids"], [], "the clients")
            case "find_clients":
                t.equal(t.ok(action, q={name: value})["client_ids"], [], "the clients of a search")
            case _:
                t.equal(t.ok(action, platform_ids=[str(t.number())]), [], "the clients by platform id")

    t.each(check, _WITHOUT_BOT)


@rule(
    "FIND-13",
    Level.MUST,
    source=f"{_BY_PHONE}: searches WhatsApp clients and the variable phone",
    actions=["find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def found_by_phone(t: Trial) -> None:
    """A phone finds the client who has it in the variable `phone`, and no other."""
    client_id, other, phone = *t.clients(2), t.phone()
    t.ok("save_variables", client_id=client_id, variables={"client.phone": phone})
    t.ok("save_variables", client_id=other, variables={"client.cnf_phone": phone})
    t.equal(t.ok("find_client_id_by_phone", phone=phone)["client_id"], client_id, "who is found")


@rule(
    "FIND-14",
    Level.INFO,
    source="document: phones in any notation elsewhere; public integration: four notations are tried",
    actions=["find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def notations_of_a_phone(t: Trial) -> None:
    """Which notations of a phone find a client who has another one of it."""
    client_id, phone = t.client(), t.phone()
    t.ok("save_variables", client_id=client_id, variables={"client.phone": phone})
    written = f"+7 ({phone[1:4]}) {phone[4:7]}-{phone[7:9]}-{phone[9:]}"
    for notation in (phone, f"+{phone}", written, f"8{phone[1:]}", phone[1:]):
        exchange = t.call("find_client_id_by_phone", phone=notation)
        t.observe(f"{notation}: {said(exchange)[:60]}")


@rule(
    "FIND-15",
    Level.MUST,
    source="document section 'Retrieve client_id by email': the client with this address",
    actions=["find_client_id_by_email", "save_variables"],
    needs=["test_clients"],
)
def found_by_email(t: Trial) -> None:
    """An e-mail address finds the client who has it in the variable `email`."""
    client_id, other = t.clients(2)
    email = f"{t.nonce()}@example.com"
    t.ok("save_variables", client_id=client_id, variables={"client.email": email})
    t.ok("save_variables", client_id=other, variables={"client.email": f"x{email}"})
    t.equal(t.ok("find_client_id_by_email", email=email)["client_id"], client_id, "who is found")


@rule(
    "FIND-16",
    Level.MUST,
    source="document section 'Retrieve client_id using the platform_id value': several ids, group_id selects the bot",
    actions=["find_client_id_by_platform_id", "get_clients"],
    needs=["channel"],
)
def found_by_platform_id(t: Trial) -> None:
    """Ids in a messenger find their clients, those that exist, and `group_id` leaves out those of another bot."""
    first, second = t.clients(2)
    ids = [t.platform_id(each) for each in (first, second)]
    group_id = (t.profile.channel or {})["group_id"]
    found = t.ok("find_client_id_by_platform_id", platform_ids=[*ids, str(t.number())], group_id=group_id)
    t.equal(sorted(row["id"] for row in found), sorted([first, second]), "who is found")
    without = t.ok("find_client_id_by_platform_id", platform_ids=ids[:1])
    t.equal([row["id"] for row in without], [first], "who is found without group_id")
    foreign = t.ok("find_client_id_by_platform_id", platform_ids=ids, group_id=t.nonce())
    t.equal(foreign, [], "who is found in another bot")


@rule(
    "FIND-17",
    Level.MUST,
    source="document section 'Retrieve client_id by WhatsApp number': 404 where there is none",
    actions=["whatsapp_client_id", "whatsapp_callback"],
    needs=["test_clients", "groups"],
)
def found_on_whatsapp(t: Trial) -> None:
    """A WhatsApp number finds its client; an unknown one is answered with HTTP 404."""
    phone, group_id = t.phone(), t.group("whatsapp")
    t.equal(t.call("whatsapp_client_id", phone=phone, group_id=group_id).status, 404, "the status before")
    try:
        t.ok("whatsapp_callback", phone=phone, message=t.nonce())
    except NotOfferedError:
        t.load([{"platform_id": phone, "group_id": group_id, "client_type": messenger("whatsapp")}])
    client_id = t.ok("whatsapp_client_id", phone=phone, group_id=group_id)["client_id"]
    t.delete_at_the_end([client_id])
    with t.optional():
        t.equal(t.place(client_id)["client_type"], messenger("whatsapp"), "the messenger of the client")
    t.equal(t.ok("whatsapp_client_id", phone=phone, group_id=group_id)["client_id"], client_id, "the client again")


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
    "FIND-19",
    Level.SHOULD,
    source="document section 'Check if a phone number has WhatsApp': whether it has an account",
    actions=["check_whatsapp"],
    effect="read",
    needs=["phone_without_whatsapp"],
)
def a_number_without_whatsapp(t: Trial) -> None:
    """A number without a WhatsApp account is answered otherwise than one with an account."""
    without = t.ok("check_whatsapp", phone=t.profile.phone_without_whatsapp)
    t.expect(without != t.ok("check_whatsapp", phone=t.phone()), "two different replies", without)


@rule(
    "FIND-20",
    Level.SHOULD,
    source="document section 'Retrieve the list of deals': order_status 0, 1, 2",
    actions=["get_orders", "create_order"],
    needs=["channel"],
)
def deals_by_status(t: Trial) -> None:
    """A new deal is active: listed with `order_status` 0 and without it, not with 1 or 2."""
    client_id = t.client()
    order_id = t.order(client_id)
    found = [
        t.orders(client_id, **each) for each in ({}, {"order_status": 0}, {"order_status": 1}, {"order_status": 2})
    ]
    t.equal(found, [[order_id], [order_id], [], []], "all, active, successful and unsuccessful deals")


@rule(
    "FIND-21",
    Level.MUST,
    source=f"{_BY_PHONE}: searches the variable phone",
    actions=["find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def found_by_the_saved_phone(t: Trial) -> None:
    """A phone is found in the notation in which it was saved."""
    for make in _NOTATIONS:
        client_id, phone = t.client(), make(t.phone())
        t.ok("save_variables", client_id=client_id, variables={"client.phone": phone})
        exchange = t.call("find_client_id_by_phone", phone=phone)
        t.expect(exchange.succeeded, f"{phone} to find the client who has it", exchange)
        t.equal(exchange.data["client_id"], client_id, f"who is found by {phone}")


@rule(
    "FIND-22",
    Level.MUST,
    source="document section 'Check if a phone number has WhatsApp': the number can be in any format",
    actions=["check_whatsapp"],
    needs=["phone_without_whatsapp"],
)
def a_number_in_any_format(t: Trial) -> None:
    """A number is answered the same in any notation, with and without a WhatsApp account."""
    for phone in (t.phone(), t.profile.phone_without_whatsapp or ""):
        expected = t.ok("check_whatsapp", phone=phone)
        for make in _NOTATIONS:
            t.equal(t.ok("check_whatsapp", phone=make(phone)), expected, f"the reply to {make(phone)}")


@rule(
    "FIND-23",
    Level.SHOULD,
    source=f"{_BY_VARIABLE}: val is the variable's value; in the address a number can only be written as a text",
    actions=[*_BY_VALUE, "save_variables"],
    judges=_BY_VALUE,
    needs=["test_clients"],
)
def numbers_are_found_by_their_text(t: Trial) -> None:
    """A variable that was saved as a number is found by that number, by each search for a value."""
    client_id, other = t.clients(2)
    name, value = t.nonce(), t.number()
    for each, number in ((client_id, value), (other, value - 1)):
        t.ok("save_variables", client_id=each, variables={f"client.{name}": number})

    def check(action: str) -> None:
        t.equal(_found_by(t, action, name, value), [client_id], f"who is found by {action}")

    t.each(check, _BY_VALUE)


@rule(
    "FIND-24",
    Level.MUST,
    source=f"{_BY_VARIABLE}: the variable has the specified value",
    actions=[*_BY_VALUE, "find_clients", "save_variables"],
    judges=[*_BY_VALUE, "find_clients"],
    needs=["test_clients"],
)
def values_are_compared_exactly(t: Trial) -> None:
    """No search finds a value in another case, a part of it or one with spaces around it, or another variable."""
    client_id = t.client()
    name, value = t.nonce(), f"Cnf {t.nonce()} ÄÖ"
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})

    def check(action: str) -> None:
        t.equal(_found_by(t, action, name, value), [client_id], f"who is found by {action}")
        for wrong in (value.lower(), value.upper(), value[:-1], value[1:], f"{value}x", value.replace("c", "%", 1)):
            t.equal(_found_by(t, action, name, wrong), [], f"who is found by {action} with {wrong}")
        t.equal(_found_by(t, action, f"{name}x", value), [], f"who is found by {action} with another variable")

    t.each(check, (*_BY_VALUE, "find_clients"))


@rule(
    "FIND-25",
    Level.MUST,
    source=f"{_BY_VARIABLE}, 'by WhatsApp number' and 'using the platform_id value': group_id is the bot of the client",
    actions=[*_WITH_BOT, "load_clients"],
    judges=_WITH_BOT,
    needs=["test_clients", "groups"],
)
def a_search_in_one_bot(t: Trial) -> None:
    """`group_id` of a search selects the client of that bot, and leaves out those of all others."""
    name, value, platform_id = t.nonce(), t.nonce(), t.phone()
    groups = {each: t.group(each) for each in ("telegram", "whatsapp")}
    items = [
        {"platform_id": platform_id, "group_id": group_id, "client_type": messenger(each)}
        for each, group_id in groups.items()
    ]
    clients = t.load(items)
    t.delete_at_the_end(clients)

    def check(action: str) -> None:
        if action == "whatsapp_client_id":
            found = t.ok(action, phone=platform_id, group_id=groups["whatsapp"])["client_id"]
            t.equal(found, clients[1], "who is found by a WhatsApp number")
            for group_id in (groups["telegram"], t.nonce()):
                t.refused(action, phone=platform_id, group_id=group_id)
            return
        if action == "find_client_id_by_var":
            t.ok("save_variables", clients=clients, variables={f"client.{name}": value})
            t.finds_nobody(action, var=name, val=value, group_id=t.nonce())
        for client_id, group_id in zip(clients, groups.values(), strict=True):
            if action == "find_client_id_by_var":
                found = t.ok(action, var=name, val=value, group_id=group_id)["client_id"]
                t.equal(found, client_id, f"who in {group_id} is found by a variable")
            else:
                rows = t.ok(action, platform_ids=[platform_id], group_id=group_id)
                t.equal([row["id"] for row in rows], [client_id], f"who in {group_id} is found by platform id")

    t.each(check, _WITH_BOT)


@rule(
    "FIND-26",
    Level.MUST,
    source="document section 'Retrieve the ID of the most recently created client': client and deal variables",
    actions=["find_latest_client_id_by_var", "save_variables"],
    needs=["test_clients"],
)
def the_latest_of_clients_and_deals(t: Trial) -> None:
    """The latest client is found by a variable of the client or of a deal, whichever belongs to the newer client."""
    for in_deal in (False, True):
        older, newer = t.clients(2, oldest_first=True)
        name, value = t.nonce(), t.nonce()
        of_client, of_deal = (older, newer) if in_deal else (newer, older)
        t.save_in_deal(of_deal, {name: value})
        t.equal(_found_by(t, "find_latest_client_id_by_var", name, value), [of_deal], "who is found by the deal alone")
        t.ok("save_variables", client_id=of_client, variables={f"client.{name}": value})
        t.equal(_found_by(t, "find_latest_client_id_by_var", name, value), [newer], "the latest")


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
        t.ok("save_variables", client_id=client_id, variables={"client.cnf_a": value})
    ids = [t.platform_id(each) for each in clients]
    rows = t.ok("find_client_id_by_platform_id", platform_ids=ids, group_id=channel["group_id"])
    found = {row["id"]: (row["variables"] or {}).get("cnf_a") for row in rows}
    t.equal(found, values, "the variable of each client")


@rule(
    "FIND-28",
    Level.SHOULD,
    source=f"{_SEARCH}: _in finds equality with one of the values, so an empty list finds no client",
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
        t.expect(not exchange.succeeded or exchange.data["client_ids"] == [], "no client to be found", exchange)


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
    found = [t.ok("online_chat_client_id", recipient=t.nonce(), name=each)["client_id"] for each in names]
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
    "FIND-30",
    Level.INFO,
    source="document section 'Retrieve client_id by email': searched by variables; whose is not said",
    actions=["find_client_id_by_phone", "find_client_id_by_email", "save_variables"],
    judges=["find_client_id_by_phone", "find_client_id_by_email"],
    needs=["channel"],
)
def contacts_in_variables_of_deals(t: Trial) -> None:
    """Whether a phone number or e-mail address in a variable of the client's deal is found too."""
    client_id, contacts = t.client(), {"phone": t.phone(), "email": f"{t.nonce()}@example.com"}

    def look(name: str) -> None:
        contact = {name: contacts[name]}
        t.ok("save_variables", client_id=client_id, variables=contact)
        sent: dict[str, Any] = dict(contact)
        t.observe(f"{name} of a deal: {said(t.call(f'find_client_id_by_{name}', **sent))}")

    t.each(look, contacts)


@rule(
    "FIND-31",
    Level.INFO,
    source="document section 'Retrieve client_id by variable value': up to three variables and a list of clients",
    actions=["find_client_id_by_var", "save_variables"],
    needs=["channel"],
)
def one_client_by_one_variable(t: Trial) -> None:
    """Whether a search for one client takes further pairs of names and values, as a sentence of its card says."""
    client_id, value = t.client(), t.nonce()
    t.ok("save_variables", client_id=client_id, variables={"client.cnf_a": value, "client.cnf_b": value})
    exchange = t.wire.call("find_client_id_by_var", query={"var": "cnf_a", "val": value, "cnf_b": "another"})
    t.observe(said(exchange))
    t.expect(
        exchange.succeeded and "client_id" in exchange.data, "one client, found by `var` and `val` alone", exchange
    )


@rule(
    "FIND-32",
    Level.MUST,
    source=f"{_BY_PHONE}: searches among the clients of WhatsApp",
    actions=["find_client_id_by_phone", "load_clients"],
    needs=["test_clients", "groups"],
)
def a_whatsapp_client_is_found_by_phone(t: Trial) -> None:
    """A phone finds the WhatsApp client of that number, and no client whose id elsewhere looks the same."""
    phone, other = t.phone(), t.phone()
    whatsapp = {"group_id": t.group("whatsapp"), "client_type": messenger("whatsapp")}
    telegram = {"group_id": t.group("telegram"), "client_type": messenger("telegram")}
    elsewhere, client_id, alone = t.load(
        [{"platform_id": phone, **telegram}, {"platform_id": phone, **whatsapp}, {"platform_id": other, **telegram}]
    )
    t.delete_at_the_end([elsewhere, client_id, alone])
    t.equal(t.ok("find_client_id_by_phone", phone=phone)["client_id"], client_id, "who is found")
    t.finds_nobody("find_client_id_by_phone", phone=other)


@rule(
    "FIND-33",
    Level.MUST,
    source=f"{_SEARCH}: search_in order searches the deals, where include_all False selects what meets at least one "
    "condition; _in, _not_in and _not",
    actions=["find_clients", "save_variables", "create_order"],
    needs=["test_clients"],
)
def conditions_on_deals(t: Trial) -> None:
    """In the deals several conditions, one of several, and every operator work as for clients."""
    joe, jane, bob, other = t.clients(4)
    name, city = t.nonce(), t.nonce()
    for client_id, values in ((joe, ("Joe", "Paris")), (jane, ("Jane", "Paris")), (bob, ("Bob", "Oslo"))):
        t.save_in_deal(client_id, dict(zip((name, city), values, strict=True)))
    t.ok("save_variables", client_id=other, variables={f"client.{name}": "Joe", f"client.{city}": "Oslo"})
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
    source=f"{_SEARCH}: all conditions must hold; with include_all False one is enough",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def each_of_many_conditions_counts(t: Trial) -> None:
    """Each of several conditions counts, wherever it stands among them, with every operator beside the others."""
    client_id = t.client()
    values = {t.nonce(): f"value {number}" for number in range(4)}
    t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value for name, value in values.items()})
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
    source=f"{_SEARCH}: include_all is written as False",
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


@rule(
    "FIND-36",
    Level.SHOULD,
    source="document sections 'Check if a phone number has WhatsApp' and 'Importing clients into the system': a number "
    "in any format; assumption: other actions take it so too",
    actions=_BY_NUMBER,
    each=True,
    needs=["test_clients", "groups"],
)
def a_number_in_any_notation(t: Trial, action: str) -> None:
    """A phone number reaches the same client in any notation, by each method."""
    digits, parameter = t.phone(), _BY_NUMBER[action]
    channel = {"group_id": t.group("whatsapp"), "client_type": messenger("whatsapp")}
    [client_id] = t.load([{"platform_id": digits, **channel}])
    t.delete_at_the_end([client_id])
    with t.optional():  # the number is that of its channel too
        t.ok("save_variables", client_id=client_id, variables={"client.phone": digits})
    for method in mavibot_contract.load().actions[action]:
        for make in _NOTATIONS:
            text, written = t.nonce(), make(digits)
            sent: dict[str, Any] = {parameter: written}
            if action in _SENDING:
                sent["message"] = text
            exchange = t.call(action, method=method, **sent)
            t.expect(exchange.succeeded, f"{action} by {method} to find the client of {written}", exchange)
            if action in _SENDING:
                t.expect(text in t.texts_with(text, client_id), f"the client to be reached by {method} with {written}")
            elif action == "create_order":
                t.expect(
                    exchange.data["order_id"] in t.orders(client_id), f"the deal to be that of {written}", exchange
                )
            else:
                t.equal(exchange.data["client_id"], client_id, f"who is found by {method} with {written}")


@rule(
    "FIND-37",
    Level.MUST,
    source=f"{_BY_PHONE} and those of the other searches: variables are searched, and so what they hold now",
    actions=[
        "find_client_id_by_phone",
        "find_client_id_by_email",
        "find_client_id_by_var",
        "find_latest_client_id_by_var",
        "find_all_client_id_by_var",
        "find_all_client_id_by_several_vars",
        "find_clients",
    ],
    each=True,
    needs=["test_clients"],
)
def a_changed_value_is_found(t: Trial, action: str) -> None:
    """A client whose variable was changed is found by the new value, and no longer by the one before."""
    client_id = t.client()
    name, values = {
        "find_client_id_by_phone": ("phone", [t.phone(), t.phone()]),
        "find_client_id_by_email": ("email", [f"{t.nonce()}@example.com", f"{t.nonce()}@example.com"]),
    }.get(action, (t.nonce(), [t.nonce(), t.nonce()]))
    for value in values:
        t.ok("save_variables", client_id=client_id, variables={f"client.{name}": value})
    found = [_found_by(t, action, name, value) for value in values]
    t.equal(found, [[], [client_id]], "who is found with the first and with the second value")


@rule(
    "FIND-38",
    Level.MUST,
    source=f"{_BY_PHONE}: searches among the clients of WhatsApp, of which a project can connect several accounts",
    actions=["find_client_id_by_phone", "load_clients", "connected_channels"],
    needs=["test_clients", "groups"],
)
def every_whatsapp_account_is_searched(t: Trial) -> None:
    """A phone finds the client of each WhatsApp account that is connected, not of the first one alone."""
    accounts = t.ok("connected_channels").get("whatsapp", [])
    if len(accounts) < 2:
        t.not_run("the project has fewer than two WhatsApp accounts")
    for account in accounts:
        phone = t.phone()
        item = {"platform_id": phone, "group_id": account["group_id"], "client_type": messenger("whatsapp")}
        [client_id] = t.load([item])
        t.delete_at_the_end([client_id])
        found = t.ok("find_client_id_by_phone", phone=phone)["client_id"]
        t.equal(found, client_id, f"who is found of the account {account['group_id']}")


def _found_by(t: Trial, action: str, name: str, value: Any) -> list[int]:
    """Return the clients that a search for one value finds."""
    if action == "find_clients":
        exchange = t.call(action, q={name: value})
    elif action == "find_all_client_id_by_several_vars":
        exchange = t.call(action, variables={name: value})
    elif action in ("find_client_id_by_phone", "find_client_id_by_email"):
        exchange = t.call(action, **{name: value})
    else:
        exchange = t.call(action, var=name, val=value)
    if not exchange.succeeded or finds_no_client(exchange):
        return []
    data = exchange.data
    return list(data["client_ids"]) if "client_ids" in data else [data["client_id"]]
