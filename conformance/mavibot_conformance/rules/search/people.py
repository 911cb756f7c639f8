"""Rules: clients are found by phone, e-mail or id on the platform."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import messenger
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.search.sources import BY_PHONE
from mavibot_conformance.rules.trial import said
from mavibot_conformance.rules.ways import give
from mavibot_conformance.target.offer import NotOfferedError

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

#: Actions that find a client by a phone number, with the parameter that holds it.
_BY_NUMBER: Final = {
    "callback": "client_phone",
    **dict.fromkeys(
        ("whatsapp_callback", "whatsapp_message", "whatsapp_client_id", "find_client_id_by_phone", "create_order"),
        "phone",
    ),
}
_SENDING: Final = ("callback", "whatsapp_callback", "whatsapp_message")
#: How a phone number can be written, from its digits.
_NOTATIONS: Final[tuple[Callable[[str], str], ...]] = (
    lambda digits: digits,
    lambda digits: f"+{digits}",
    lambda digits: f"+{digits[0]} ({digits[1:4]}) {digits[4:7]}-{digits[7:9]}-{digits[9:]}",
    lambda digits: f"{digits[0]} {digits[1:4]} {digits[4:7]} {digits[7:]}",
)


@rule(
    "FIND-13",
    Level.MUST,
    source=f"{BY_PHONE}: searches WhatsApp clients and the variable phone",
    actions=["find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def found_by_phone(t: Trial) -> None:
    """A phone finds the client who has it in the variable `phone`, and no other."""
    client_id, other, phone = *t.clients(2), t.phone()
    give(t, client_id, {"client.phone": phone})
    give(t, other, {"client.cnf_phone": phone})
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
    give(t, client_id, {"client.phone": phone})
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
    give(t, client_id, {"client.email": email})
    give(t, other, {"client.email": f"x{email}"})
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
    without = t.call("find_client_id_by_platform_id", platform_ids=ids[:1])
    if without.succeeded:
        t.equal([row["id"] for row in without.read], [first], "who is found without group_id")
    t.should(without.succeeded, "a search without group_id to succeed", without)
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
        t.load([{"platform_id": phone, "group_id": group_id, "client_type": messenger("whatsapp")}])
    except NotOfferedError:
        t.ok("whatsapp_callback", phone=phone, message=t.nonce())
    client_id = t.ok("whatsapp_client_id", phone=phone, group_id=group_id)["client_id"]
    t.delete_at_the_end([client_id])
    with t.optional():
        t.equal(str(t.place(client_id)["client_type"]), str(messenger("whatsapp")), "the messenger of the client")
    t.equal(t.ok("whatsapp_client_id", phone=phone, group_id=group_id)["client_id"], client_id, "the client again")


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
    "FIND-21",
    Level.MUST,
    source=f"{BY_PHONE}: searches the variable phone",
    actions=["find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def found_by_the_saved_phone(t: Trial) -> None:
    """A phone is found in the notation in which it was saved."""
    for make in _NOTATIONS:
        client_id, phone = t.client(), make(t.phone())
        give(t, client_id, {"client.phone": phone})
        exchange = t.call("find_client_id_by_phone", phone=phone)
        t.expect(exchange.succeeded, f"{phone} to find the client who has it", exchange)
        t.equal(exchange.read["client_id"], client_id, f"who is found by {phone}")


@rule(
    "FIND-22",
    Level.MUST,
    source="document section 'Check if a phone number has WhatsApp': the number can be in any format",
    actions=["check_whatsapp"],
)
def a_number_in_any_format(t: Trial) -> None:
    """A number is answered the same in any notation, with and without a WhatsApp account."""
    for phone in filter(None, (t.phone(), t.profile.phone_without_whatsapp)):
        expected = t.ok("check_whatsapp", phone=phone)
        for make in _NOTATIONS:
            t.equal(t.ok("check_whatsapp", phone=make(phone)), expected, f"the reply to {make(phone)}")


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
        give(t, client_id, contact)
        sent: dict[str, Any] = dict(contact)
        t.observe(f"{name} of a deal: {said(t.call(f'find_client_id_by_{name}', **sent))}")

    t.each(look, contacts)


@rule(
    "FIND-32",
    Level.MUST,
    source=f"{BY_PHONE}: searches among the clients of WhatsApp",
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
        give(t, client_id, {"client.phone": digits})
    for method in mavibot_contract.load().actions[action]:
        made: dict[str, Any] = {}
        for make in _NOTATIONS:
            text, written = t.nonce(), make(digits)
            sent: dict[str, Any] = {parameter: written}
            if action in _SENDING:
                sent["message"] = text
            exchange = t.call(action, method=method, **sent)
            t.expect(exchange.succeeded, f"{action} by {method} to find the client of {written}", exchange)
            if action in _SENDING:
                made[written] = text
            elif action == "create_order":
                made[written] = exchange.data["order_id"]
            else:
                t.equal(exchange.read["client_id"], client_id, f"who is found by {method} with {written}")
        if made:
            look: Callable[[int], list[Any]] = t.orders if action == "create_order" else t.texts
            found = t.seen(partial(look, client_id), lambda found: {*made.values()} <= {*found})  # noqa: B023 - at once
            reaching = [written for written, each in made.items() if each in found]
            t.equal(reaching, [*made], f"the notations by which {action} by {method} reaches the client")


@rule(
    "FIND-38",
    Level.MUST,
    source=f"{BY_PHONE}: searches among the clients of WhatsApp, of which a project can connect several accounts",
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
