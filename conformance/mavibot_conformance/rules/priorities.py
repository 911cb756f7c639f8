"""Rules: which parameter wins."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import NOBODY, messenger, reached, taking, text_of, valid, with_text
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import by_any, came, give, has_deal, mark, save_in_deal

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_CREATE: Final = "document section 'Create a deal': client_id is looked at first, then phone, then email"
_LATER: Final = "document section 'Sending a message to a client': time_shift has priority over send_time"
_TARGETS: Final = "document section 'Bulk message sending': a list, clients, or platform_ids with group_id"
_LONG_AGO: Final = "2020-01-01 00:00:00"
_FAR: Final = "2099-01-01 00:00:00"
_DELAYED: Final = taking("time_shift", "send_time")


@rule(
    "PRI-1",
    Level.MUST,
    source=_CREATE,
    actions=["create_order", "get_orders", "save_variables"],
    needs=["test_clients"],
)
def the_client_of_a_new_deal(t: Trial) -> None:
    """A new deal belongs to the client of `client_id`, else of `phone`, else of `email`, in any combination."""
    phone, email = t.phone(), f"{t.nonce()}@example.com"

    def of_three() -> None:
        by_id, by_phone, by_email = t.clients(3)
        give(t, by_phone, {"client.phone": phone})
        give(t, by_email, {"client.email": email})
        given: list[tuple[str, Any, int]] = [
            ("client_id", by_id, by_id),
            ("phone", phone, by_phone),
            ("email", email, by_email),
        ]
        for count in (1, 2, 3):
            for chosen in combinations(given, count):
                names = [name for name, _value, _client in chosen]
                parameters: dict[str, Any] = {name: value for name, value, _client in chosen}
                created = t.ok("create_order", **parameters, name=t.nonce())["order_id"]
                owner = chosen[0][2]
                for client_id in (by_id, by_phone, by_email):
                    has_it = has_deal(t, client_id, created)
                    t.equal(has_it, client_id == owner, f"whether the client for {names} has the deal")

    def of_one() -> None:
        client_id = t.client()
        others: tuple[dict[str, Any], ...] = ({"phone": phone}, {"email": email}, {"phone": phone, "email": email})
        for each in others:
            created = t.ok("create_order", client_id=client_id, **each, name=t.nonce())["order_id"]
            t.expect(has_deal(t, client_id, created), f"the deal to be the client's, whatever {[*each]} says", created)

    by_any(of_three, of_one)


@rule(
    "PRI-2",
    Level.MUST,
    source="document section 'Create a deal': a client with an unknown phone or email is created",
    actions=["create_order", "find_client_id_by_phone", "find_client_id_by_email", "get_orders"],
)
def an_unknown_phone_or_email_makes_one_client(t: Trial) -> None:
    """An unknown phone or e-mail makes exactly one client; the second deal is that client's too."""
    contacts = {"phone": t.phone(), "email": f"{t.nonce()}@example.com"}

    def check(name: str) -> None:
        parameters: dict[str, Any] = {name: contacts[name]}
        t.finds_nobody(f"find_client_id_by_{name}", **parameters)
        first = t.ok("create_order", **parameters, name=t.nonce())["order_id"]
        client_id = t.ok(f"find_client_id_by_{name}", **parameters)["client_id"]
        t.delete_at_the_end([client_id])
        second = t.ok("create_order", **parameters, name=t.nonce())["order_id"]
        t.equal(
            t.ok(f"find_client_id_by_{name}", **parameters)["client_id"], client_id, "the client at the second time"
        )
        with t.optional():
            t.equal(sorted(t.orders(client_id)), sorted([first, second]), f"the deals of the client with this {name}")

    t.each(check, contacts)


@rule("PRI-3", Level.MUST, source=_CREATE, actions=["create_order"], needs=["test_clients"])
def an_unknown_client_is_not_replaced(t: Trial) -> None:
    """An unknown `client_id` is not found, even with a known phone beside it."""
    client_id, phone = t.client(), t.phone()
    with t.unchanged(deals_of_the_client_with_the_phone=lambda: t.orders(client_id)):
        give(t, client_id, {"client.phone": phone})
        exchange = t.refused("create_order", client_id=NOBODY, phone=phone, name=t.nonce())
        t.equal(exchange.body_status, "client_not_found", "the status in the reply")


@rule(
    "PRI-4",
    Level.MUST,
    source=_LATER,
    actions=["message", "callback", "get_history"],
    judges=["message", "callback"],
    needs=["test_clients"],
)
def time_shift_beats_send_time(t: Trial) -> None:
    """With both `time_shift` and `send_time`, `time_shift` decides when a message or callback goes out."""
    client_id = t.client()

    def check(action: str) -> None:
        at_once, later = t.nonce(), t.nonce()
        t.ok(action, client_id=client_id, message=later, time_shift=3600, send_time=_LONG_AGO)
        t.ok(action, client_id=client_id, message=at_once, time_shift=0, send_time=_FAR)
        texts = t.texts_with(at_once, client_id)
        t.equal([at_once in texts, later in texts], [True, False], f"whether the {action}s are there")

    t.each(check, ("message", "callback"))


@rule(
    "PRI-5",
    Level.MUST,
    source=_TARGETS,
    actions=["broadcast", "add_to_list", "get_history"],
    needs=["test_clients"],
)
def each_target_of_a_broadcast(t: Trial) -> None:
    """A broadcast reaches just those of its target: the list, the clients, or the platform ids in the group."""
    listed, named, addressed, other = t.clients(4)
    targets: list[tuple[dict[str, Any], int]] = [({"clients": [named]}, named)]
    with t.optional():
        _put_alone_on_list(t, listed, {named, addressed, other})
        targets.append(({"list": t.list_id}, listed))
    with t.optional():
        group_id = t.channel["group_id"]
        targets.append(({"clients": [str(named)], "group_id": group_id}, named))
        targets.append(({"platform_ids": [t.platform_id(addressed)], "group_id": group_id}, addressed))
    texts = [t.nonce() for _ in targets]
    for text, (target, _) in zip(texts, targets, strict=True):
        t.ok("broadcast", **target, message=text, shift=0)
    t.settle(1, lambda: all(text in t.texts(each) for text, (_, each) in zip(texts, targets, strict=True)))
    for text, (target, client_id) in zip(texts, targets, strict=True):
        for each in (listed, named, addressed, other):
            t.equal(t.texts(each).count(text), int(each == client_id), f"how often it came for {sorted(target)}")


@rule(
    "PRI-6",
    Level.MUST,
    source=f"{_TARGETS}; without any of them nothing is sent",
    actions=["broadcast", "get_history"],
    effect="write",
    needs=["test_clients"],
)
def targets_exclude_each_other(t: Trial) -> None:
    """A broadcast without a target reaches nobody; it should be refused, as should one to two targets at once."""
    client_id, to_both, to_none = t.client(), t.nonce(), t.nonce()
    with t.optional(), t.as_should():
        exchange = t.call("broadcast", clients=[client_id], list=t.list_id, message=to_both)
        t.expect_refusal(exchange, "a broadcast to clients and a list at once")
    targetless: tuple[dict[str, Any], ...] = ({}, {"group_id": "cnf"})
    for further in targetless:
        with t.as_should():
            # With the usual time between two messages everybody would be too many.
            exchange = t.call("broadcast", message=to_none, shift=0.001, **further)
            t.expect_refusal(exchange, "a broadcast without a target")
    t.settle(1)
    with t.optional():
        found = t.texts(client_id)
        t.should(to_both not in found, "a broadcast to two targets to reach nobody", found)
        for each in dict.fromkeys((client_id, *t.profile.clients[:1])):  # a new one may be the last of all
            counts = t.texts(each).count(to_none)
            t.equal(counts, 0, "how often a broadcast without a target reaches a client")


@rule(
    "PRI-7",
    Level.INFO,
    source="assumption: callback looks for client_id, then client_phone, then client_email",
    actions=["callback", "get_history", "save_variables"],
    needs=["test_clients"],
)
def the_client_of_a_callback(t: Trial) -> None:
    """Whom a callback reaches that names several clients."""
    by_id, by_phone, by_email = t.clients(3)
    phone, email = t.phone(), f"{t.nonce()}@example.com"
    give(t, by_phone, {"client.phone": phone})
    give(t, by_email, {"client.email": email})
    given: list[tuple[str, Any, int]] = [
        ("client_id", by_id, by_id),
        ("client_phone", phone, by_phone),
        ("client_email", email, by_email),
    ]
    for chosen in [*combinations(given, 2), tuple(given)]:
        text = t.nonce()
        parameters: dict[str, Any] = {name: value for name, value, _client in chosen}
        t.ok("callback", **parameters, message=text)
        reached = [name for name, _value, client_id in chosen if text in t.texts(client_id)]
        t.observe(f"{' + '.join(parameters)}: {', '.join(reached) or 'no client'}")
        t.equal(reached, [chosen[0][0]], f"who is reached by {list(parameters)}")


@rule(
    "PRI-8",
    Level.MUST,
    source="document section 'Start the bot': client_phone or client_email can stand in place of client_id",
    actions=["callback", "get_history", "save_variables"],
    needs=["test_clients"],
)
def a_callback_finds_by_phone_and_email(t: Trial) -> None:
    """A callback finds its client by phone or by e-mail alone, and nobody else."""
    first, second = t.clients(2)
    phone, email = t.phone(), f"{t.nonce()}@example.com"
    give(t, first, {"client.phone": phone, "client.email": email})
    for parameter in ({"client_phone": phone}, {"client_email": email}):
        text, marked = t.nonce(), mark(t)
        found: dict[str, Any] = dict(parameter)
        t.ok("callback", **found, message=text, **marked)
        reached = [came(t, each, text, marked) for each in (first, second)]
        t.equal(reached, [True, False], f"who is reached by {list(parameter)}")


@rule(
    "PRI-9",
    Level.INFO,
    source="assumption: of a text and a block together the block is sent",
    actions=["message", "get_history"],
    needs=["test_clients", "block_id"],
)
def a_block_beats_a_text(t: Trial) -> None:
    """What a message with a text and a block sends."""
    client_id, text = t.client(), t.nonce()
    t.ok("message", client_id=client_id, message=text, message_id=t.profile.block_id)
    history = t.history(client_id)
    t.observe(f"texts: {[each['text'] for each in history]}")
    t.equal([each["message_id"] for each in history], [t.profile.block_id], "the blocks of the history")
    t.expect(text not in t.texts(client_id), "the text not to be sent", t.texts(client_id))


@rule(
    "PRI-10",
    Level.SHOULD,
    source="document section 'Retrieve client and deal variables': one flat object; assumption: the deal's value wins",
    actions=["get_variables", "save_variables"],
    needs=["test_clients"],
)
def the_deal_hides_the_client(t: Trial) -> None:
    """Of a variable that both have, the current deal's value is read, whichever was saved last."""
    client_id = t.client()
    name = t.nonce()
    save_in_deal(t, client_id, {name: "deal"})
    give(t, client_id, {f"client.{name}": "client"})
    t.equal(t.variables(client_id).get(name), "deal", "the variable")
    with t.optional():
        t.order(client_id)
        t.equal(t.variables(client_id).get(name), "client", "the variable with a new deal")


@rule(
    "PRI-11",
    Level.MUST,
    source="document section 'Retrieve client list': reverse works only without list",
    actions=["get_clients", "add_to_list"],
    needs=["test_clients"],
)
def reverse_has_no_effect_on_a_list(t: Trial) -> None:
    """`reverse` turns the order of all clients, and not that of a list."""
    added = t.clients(3)
    with t.optional():
        t.put_on_list(added)
        turned = [each["id"] for each in t.ok("get_clients", list=t.list_id, reverse=1)["clients"]]
        t.equal(turned, t.members(), "the list with reverse")
    newest = [each["id"] for each in t.ok("get_clients", limit=500)["clients"]]
    oldest = [each["id"] for each in t.ok("get_clients", limit=500, reverse=1)["clients"]]
    t.expect(newest != oldest, "reverse to turn the order of all clients", newest[:5])


@rule(
    "PRI-12",
    Level.INFO,
    source="assumption: an alias wins over the plain parameter",
    actions=["callback", "get_history"],
    needs=["test_clients"],
)
def an_alias_beats_the_plain_parameter(t: Trial) -> None:
    """Whom a callback reaches whose alias and plain parameter name two clients."""
    plain, aliased = t.clients(2)
    text = t.nonce()
    t.ok("callback", client_id=plain, cnf_other=aliased, value_client_id="cnf_other", message=text)
    reached = [name for name, who in (("plain", plain), ("alias", aliased)) if text in t.texts(who)]
    t.observe(f"reached: {reached}")
    t.equal(reached, ["alias"], "who is reached")


@rule(
    "PRI-13",
    Level.SHOULD,
    source="assumption: the client's number comes before phone and e-mail, as the document says of a new deal",
    actions=["callback", "get_history", "save_variables"],
    needs=["test_clients"],
)
def the_number_of_a_client_comes_first(t: Trial) -> None:
    """A callback with a client's number reaches that client alone, whatever phone or e-mail stands beside it."""
    by_id, other = t.clients(2)
    contacts: dict[str, Any] = {"client_phone": t.phone(), "client_email": f"{t.nonce()}@example.com"}
    saved = {name.replace("_", "."): value for name, value in contacts.items()}
    give(t, other, saved)
    for names in (["client_phone"], ["client_email"], list(contacts)):
        text, marked = t.nonce(), mark(t)
        t.ok("callback", client_id=by_id, message=text, **{name: contacts[name] for name in names}, **marked)
        reached = [came(t, each, text, marked) for each in (by_id, other)]
        t.equal(reached, [True, False], f"who is reached beside {names}")


@rule(
    "PRI-14",
    Level.MUST,
    source="document section 'Bulk message sending': platform_ids go to the bot of group_id",
    actions=["broadcast", "load_clients", "get_history"],
    needs=["test_clients", "groups"],
)
def a_broadcast_is_of_one_bot(t: Trial) -> None:
    """Of two clients with the same id in two bots, a broadcast to `platform_ids` reaches that of `group_id` alone."""
    platform_id = t.phone()
    items: list[dict[str, Any]] = [
        {"platform_id": platform_id, "group_id": t.group(name), "client_type": messenger(name)}
        for name in ("telegram", "whatsapp")
    ]
    clients = t.load(items)
    t.delete_at_the_end(clients)
    texts = [t.nonce() for _ in items]
    for text, item in zip(texts, items, strict=True):
        t.ok("broadcast", platform_ids=[platform_id], group_id=item["group_id"], message=text)
    t.settle(1, lambda: all(text in t.texts(each) for text, each in zip(texts, clients, strict=True)))
    for text, item, client_id in zip(texts, items, clients, strict=True):
        reached = [each for each in clients if text in t.texts(each)]
        t.equal(reached, [client_id], f"who is reached in the group {item['group_id']}")


@rule(
    "PRI-15",
    Level.MUST,
    source=f"{_LATER}; the sections of the other sends and callbacks say the same",
    actions=_DELAYED,
    each=True,
    needs=["test_clients"],
)
def time_shift_beats_send_time_everywhere(t: Trial, action: str) -> None:
    """With both, `time_shift` decides for every action that takes them, by each method."""
    for method in mavibot_contract.load().actions[action]:
        at_once = valid(t, action)
        later = with_text(at_once, t.nonce())
        t.ok(action, method=method, **later, time_shift=3600, send_time=_LONG_AGO)
        t.ok(action, method=method, **at_once, time_shift=0, send_time=_FAR)
        client_id = reached(t, action, at_once)
        texts = [] if client_id is None else t.texts_with(text_of(at_once), client_id)
        found = [text_of(each) in texts for each in (at_once, later)]
        t.equal(found, [True, False], f"whether what is due now and in an hour is there, by {method}")


@rule(
    "PRI-16",
    Level.MUST,
    source=f"{_CREATE}; only one of them is used, and a client with an unknown phone is created",
    actions=["create_order", "get_orders", "find_client_id_by_phone", "save_variables"],
    needs=["test_clients"],
)
def an_unknown_phone_beats_a_known_email(t: Trial) -> None:
    """With an unknown phone beside a known e-mail address the deal is a new client's, who gets nothing of the other."""
    known, phone, email = t.client(), t.phone(), f"{t.nonce()}@example.com"
    give(t, known, {"client.email": email})
    with t.unchanged(
        deals_of_the_client_with_the_address=lambda: t.orders(known),
        variables_of_the_client_with_the_address=lambda: t.variables(known),
    ):
        order_id = t.ok("create_order", phone=phone, email=email, name=t.nonce())["order_id"]
        client_id = t.ok("find_client_id_by_phone", phone=phone)["client_id"]
        t.expect(client_id != known, "a new client for the phone number", client_id)
        t.delete_at_the_end([client_id])
    with t.optional():
        t.equal(t.orders(client_id), [order_id], "the deals of the new client")


@rule(
    "PRI-19",
    Level.MUST,
    source=f"{_CREATE}; only one of them is used",
    actions=["create_order", "find_client_id_by_phone", "find_client_id_by_email"],
    needs=["test_clients"],
)
def what_is_not_used_makes_no_client(t: Trial) -> None:
    """A phone number or e-mail address beside the parameter that is used makes no client."""
    client_id, phone, email = t.client(), t.phone(), f"{t.nonce()}@example.com"
    t.ok("create_order", client_id=client_id, phone=phone, email=email, name=t.nonce())
    t.parts(
        {
            "phone": lambda: t.finds_nobody("find_client_id_by_phone", phone=phone),
            "email": lambda: t.finds_nobody("find_client_id_by_email", email=email),
        }
    )
    with t.optional():
        t.ok("create_order", phone=phone, email=email, name=t.nonce())
        t.delete_at_the_end([t.ok("find_client_id_by_phone", phone=phone)["client_id"]])
        t.finds_nobody("find_client_id_by_email", email=email)


@rule(
    "PRI-17",
    Level.MUST,
    source=f"{_TARGETS}; these exclude each other",
    actions=["broadcast", "add_to_list", "get_history"],
    needs=["test_clients"],
)
def no_two_targets_are_reached(t: Trial) -> None:
    """A broadcast that names several targets reaches the clients of one of them at most, and is better refused."""
    clients = listed, named, addressed = t.clients(3)
    targets: dict[str, dict[str, Any]] = {"clients": {"clients": [named]}}
    with t.optional():
        _put_alone_on_list(t, listed, {named, addressed})
        targets = {"list": {"list": t.list_id}, **targets}
    with t.optional():
        ids = [t.platform_id(addressed)]
        targets["platform_ids"] = {"platform_ids": ids, "group_id": t.channel["group_id"]}
    several = [each for count in range(2, len(targets) + 1) for each in combinations(targets, count)]
    if not several:
        raise LacksInputError("needs list_id or channel, for a second target")
    sent = []
    for chosen in several:
        text, both = t.nonce(), " and ".join(chosen)
        exchange = t.answered("broadcast", message=text, **{k: v for name in chosen for k, v in targets[name].items()})
        t.should(not exchange.succeeded, f"a broadcast to {both} to be refused", exchange)
        sent.append((text, both, exchange.succeeded))
    t.settle(1)
    for text, both, is_accepted in sent:
        got = [each for each in clients if text in t.texts(each)]
        t.expect(len(got) <= int(is_accepted), f"no two of {both} to be reached", got)


@rule(
    "PRI-18",
    Level.MUST,
    source="document section 'Bulk message sending': group_id is ignored beside other targets than platform_ids",
    actions=["broadcast", "add_to_list", "get_history"],
    needs=["test_clients"],
)
def a_group_beside_other_targets_is_ignored(t: Trial) -> None:
    """`group_id` beside a list or clients has no effect, whichever bot it names."""
    client_id, own = t.client(), (t.profile.channel or {}).get("group_id")
    targets: list[dict[str, Any]] = [{"clients": [client_id]}]
    with t.optional():
        t.put_on_list([client_id])
        targets.append({"list": t.list_id})
    others = [group_id for group_id in t.profile.groups.values() if group_id != own]
    sent = [(target, group_id, t.nonce()) for target in targets for group_id in (t.nonce(), *others[:1])]
    for target, group_id, text in sent:
        t.ok("broadcast", **target, group_id=group_id, message=text, shift=0)
    t.settle(1, lambda: {text for _, _, text in sent} <= set(t.texts(client_id)))
    for target, _, text in sent:
        t.equal(t.texts(client_id).count(text), 1, f"how often it came for {sorted(target)}")


def _put_alone_on_list(t: Trial, client_id: int, others: set[int]) -> None:
    """Add a client to the profile's list, on which others must not be.

    Raises:
        LacksInputError: test clients of the profile are on it.
    """
    if not others.isdisjoint(t.members()):
        raise LacksInputError("needs test clients who are not on the list")
    t.put_on_list([client_id])
