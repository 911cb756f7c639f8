"""Rules: clients are found by a value of a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.rules.calls import messenger
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.search.sources import BY_PHONE, BY_VARIABLE, SEARCH
from mavibot_conformance.rules.trial import said
from mavibot_conformance.rules.ways import found_by, give, save_in_deal

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

#: Actions that find clients by the name of a variable and its value.
_BY_PAIR: Final = ("find_client_id_by_var", "find_latest_client_id_by_var", "find_all_client_id_by_var")
_BY_VALUE: Final = (*_BY_PAIR, "find_all_client_id_by_several_vars")
_WITHOUT_BOT: Final = (
    *_BY_PAIR,
    "find_client_id_by_phone",
    "find_client_id_by_email",
    "find_clients",
    "find_client_id_by_platform_id",
)
_WITH_BOT: Final = ("find_client_id_by_var", "whatsapp_client_id", "find_client_id_by_platform_id")


@rule(
    "FIND-5",
    Level.MUST,
    source=f"{SEARCH}: search_in order searches the deals' variables",
    actions=["find_clients", "save_variables", "create_order"],
    needs=["test_clients"],
)
def variables_of_deals_are_apart(t: Trial) -> None:
    """Client variables are searched by default, deal variables with `search_in: order`, each without the other."""
    of_client, of_deal = t.clients(2)
    name, value = t.nonce(), t.nonce()
    deals = []
    with t.optional():
        save_in_deal(t, of_deal, {name: value})
        deals.append(of_deal)
    give(t, of_client, {f"client.{name}": value})
    t.equal(t.ok("find_clients", q={name: value})["client_ids"], [of_client], "who has the variable")
    t.equal(found_by(t.answered("find_clients", q={name: value}, search_in="order")), deals, "whose deal has it")


@rule(
    "FIND-7",
    Level.SHOULD,
    source=f"{SEARCH}: a comparison with a number fails if one client holds a string",
    actions=["find_clients", "save_variables"],
    needs=["test_clients"],
)
def numbers_and_strings_do_not_mix(t: Trial) -> None:
    """A number finds a number; once one client holds a string in that variable the search fails."""
    first, second = t.clients(2)
    name = t.nonce()
    give(t, first, {f"client.{name}": 41})
    give(t, second, {f"client.{name}": 42})
    t.equal(t.ok("find_clients", q={name: 42})["client_ids"], [second], "who has the number")
    give(t, first, {f"client.{name}": "many"})
    exchange = t.call("find_clients", q={name: 42})
    t.expect_refusal(exchange)
    t.says(exchange, status="fail", message="Something went wrong")


@rule(
    "FIND-10",
    Level.MUST,
    source=f"{BY_VARIABLE}: the client whose variable has this value",
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
            give(t, client_id, {f"client.{name}": value})
        give(t, other, {f"client.{name}": value + "x"})
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
    "FIND-23",
    Level.SHOULD,
    source=f"{BY_VARIABLE}: val is the variable's value; in the address a number can only be written as a text",
    actions=[*_BY_VALUE, "save_variables"],
    judges=_BY_VALUE,
    needs=["test_clients"],
)
def numbers_are_found_by_their_text(t: Trial) -> None:
    """A variable that was saved as a number is found by that number, by each search for a value."""
    client_id, other = t.clients(2)
    name, value = t.nonce(), t.number()
    for each, number in ((client_id, value), (other, value - 1)):
        give(t, each, {f"client.{name}": number})

    def check(action: str) -> None:
        t.equal(_found_by(t, action, name, value), [client_id], f"who is found by {action}")

    t.each(check, _BY_VALUE)


@rule(
    "FIND-24",
    Level.MUST,
    source=f"{BY_VARIABLE}: the variable has the specified value",
    actions=[*_BY_VALUE, "find_clients", "save_variables"],
    judges=[*_BY_VALUE, "find_clients"],
    needs=["test_clients"],
)
def values_are_compared_exactly(t: Trial) -> None:
    """No search finds a value in another case, a part of it or one with spaces around it, or another variable."""
    client_id = t.client()
    name, value = t.nonce(), f"Cnf {t.nonce()} ÄÖ"
    give(t, client_id, {f"client.{name}": value})

    def check(action: str) -> None:
        t.equal(_found_by(t, action, name, value), [client_id], f"who is found by {action}")
        for wrong in (value.lower(), value.upper(), value[:-1], value[1:], f"{value}x", value.replace("c", "%", 1)):
            t.equal(_found_by(t, action, name, wrong), [], f"who is found by {action} with {wrong}")
        t.equal(_found_by(t, action, f"{name}x", value), [], f"who is found by {action} with another variable")

    t.each(check, (*_BY_VALUE, "find_clients"))


@rule(
    "FIND-25",
    Level.MUST,
    source=f"{BY_VARIABLE}, 'by WhatsApp number' and 'using the platform_id value': group_id is the bot of the client",
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
            for client_id in clients:
                give(t, client_id, {f"client.{name}": value})
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
        save_in_deal(t, of_deal, {name: value})
        t.equal(_found_by(t, "find_latest_client_id_by_var", name, value), [of_deal], "who is found by the deal alone")
        give(t, of_client, {f"client.{name}": value})
        t.equal(_found_by(t, "find_latest_client_id_by_var", name, value), [newer], "the latest")


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
    give(t, client_id, {"client.cnf_a": value, "client.cnf_b": value})
    exchange = t.wire.call("find_client_id_by_var", query={"var": "cnf_a", "val": value, "cnf_b": "another"})
    t.observe(said(exchange))
    t.expect(
        exchange.succeeded and "client_id" in exchange.data, "one client, found by `var` and `val` alone", exchange
    )


@rule(
    "FIND-37",
    Level.MUST,
    source=f"{BY_PHONE} and those of the other searches: variables are searched, and so what they hold now",
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
        give(t, client_id, {f"client.{name}": value})
    found = [_found_by(t, action, name, value) for value in values]
    t.equal(found, [[], [client_id]], "who is found with the first and with the second value")


def _found_by(t: Trial, action: str, name: str, value: Any) -> list[int]:
    """Return the clients that a search for one value finds."""
    if action == "find_clients":
        exchange = t.answered(action, q={name: value})
    elif action == "find_all_client_id_by_several_vars":
        exchange = t.answered(action, variables={name: value})
    elif action in ("find_client_id_by_phone", "find_client_id_by_email"):
        exchange = t.answered(action, **{name: value})
    else:
        exchange = t.answered(action, var=name, val=value)
    return found_by(exchange)
