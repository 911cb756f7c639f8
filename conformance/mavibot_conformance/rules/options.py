"""Rules: optional parts can be left out, and what narrows a call does so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import (
    client_of_the_online_chat,
    dialogue,
    least,
    messenger,
    reached,
    taking,
    valid,
)
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import held, save_in_deal, write

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_CONTRACT: Final = mavibot_contract.load()
_ACTIONS: Final = _CONTRACT.actions
_WITH_FILES: Final = taking("attachment_url")
_OF_A_DEAL: Final = ("move_order_to_next_state", "get_order_state", "set_order_vars", "get_order_vars")


@rule(
    "OPT-1",
    Level.MUST,
    source="document sections of the actions: which parameters are required; the others are optional",
    actions=tuple(_ACTIONS),
    each=True,
    needs=["test_clients"],
)
def only_what_is_required(t: Trial, action: str) -> None:
    """An action succeeds with no more than the parameters that it requires, by each method."""
    for method in _ACTIONS[action]:
        exchange = t.call(action, method=method, **least(t, action))
        t.expect(exchange.succeeded, f"{action} by {method} to succeed without any optional parameter", exchange)


@rule(
    "OPT-2",
    Level.MUST,
    source="document section 'Message sending parameters': with an attachment the text is optional",
    actions=_WITH_FILES,
    each=True,
    needs=["test_clients"],
)
def a_file_needs_no_text(t: Trial, action: str) -> None:
    """A file is sent without a text, by each method."""
    for method in _ACTIONS[action]:
        url = f"https://files.example.com/{t.nonce()}.jpg"
        parameters = {name: value for name, value in valid(t, action).items() if name != "message"}
        exchange = t.call(action, method=method, **parameters, attachment_type="image", attachment_url=url)
        t.expect(exchange.succeeded, f"{action} by {method} of a file alone to succeed", exchange)
        client_id = reached(t, action, parameters)
        rows = t.seen(lambda: t.history(client_id), lambda rows: url in str(rows))  # noqa: B023 - called at once
        files = str([row["attachments"] for row in rows])
        t.expect(url in files, f"the file that was sent by {method} in the history", files)


@rule(
    "OPT-3",
    Level.MUST,
    source="document section 'Sending callback messages to a list of clients by platform_id': group_id, the bot",
    actions=["send_callback_by_platform_id", "load_clients", "get_history"],
    needs=["test_clients", "groups"],
)
def a_callback_is_of_one_bot(t: Trial) -> None:
    """Of two clients with the same id in two bots, a callback by platform id reaches that of `group_id` alone."""
    for names in (("telegram", "whatsapp"), ("whatsapp", "telegram")):
        platform_id, text = t.phone(), t.nonce()
        groups = [t.group(name) for name in names]
        clients = t.load(
            [
                {"platform_id": platform_id, "group_id": group_id, "client_type": messenger(name)}
                for name, group_id in zip(names, groups, strict=True)
            ]
        )
        t.delete_at_the_end(clients)
        t.ok("send_callback_by_platform_id", platform_ids=[platform_id], group_id=groups[0], callback_text=text)
        t.texts_with(text, clients[0])
        t.equal([text in t.texts(each) for each in clients], [True, False], f"who is reached in {groups[0]}")


@rule(
    "OPT-4",
    Level.MUST,
    source="document section 'Starting the bot using a Telegram ID': group_id, the bot; user_id, the user's id",
    actions=["tg_callback", "connected_channels", "load_clients", "get_history", "get_variables"],
    needs=["test_clients", "groups"],
)
def a_user_of_two_bots(t: Trial) -> None:
    """A callback reaches the user in the bot of `group_id`, with its variables, and not the same user in another."""
    bots = [str(each["group_id"]) for each in t.ok("connected_channels")["telegram"]]
    if len(bots) < 2:
        raise LacksInputError("needs a project with two Telegram bots")
    user_id = str(t.number())
    items = [{"platform_id": user_id, "group_id": each, "client_type": messenger("telegram")} for each in bots[:2]]
    clients = t.load(items)
    t.delete_at_the_end(clients)

    def arrived(place: int, text: str) -> None:
        t.texts_with(text, clients[place])
        found = [text in t.texts(each) for each in clients]
        t.equal(found, [place == 0, place == 1], f"who is reached in {bots[place]}")

    def saved(place: int, variables: dict[str, Any]) -> None:
        found = [held(t, each, variables) == variables for each in clients]
        t.equal(found, [place == 0, place == 1], f"who in {bots[place]} has the variable of the callback")

    for place, group_id in enumerate(bots[:2]):
        text = t.nonce()
        variables: dict[str, Any] = {"client.cnf_bot": text}
        t.ok("tg_callback", user_id=user_id, group_id=group_id, message=text, **variables)
        t.parts({"text": partial(arrived, place, text), "variable": partial(saved, place, variables)})


@rule(
    "OPT-5",
    Level.MUST,
    source="document sections 'Retrieve deal data', 'Add deal variables', 'Move a deal to the next stage in the "
    "Mavibot funnel' and 'Retrieve the funnel stage ID in Mavibot CRM': order_id, the deal",
    actions=[*_OF_A_DEAL],
    judges=_OF_A_DEAL,
    needs=["test_clients"],
)
def the_deal_that_is_named(t: Trial) -> None:
    """`order_id` names the deal that is read or changed, also if it is not the current one, which stays as it is."""
    client_id = t.client()
    older, current = t.order(client_id), t.order(client_id)

    def variables() -> None:
        for order_id in (older, current):
            t.ok("set_order_vars", client_id=client_id, order_id=order_id, variables={"cnf_deal_a": str(order_id)})
        for order_id in (older, current):
            found = t.order_variables(client_id, order_id=order_id)
            t.equal(found.get("cnf_deal_a"), str(order_id), f"the variable of deal {order_id}")

    def stages() -> None:
        start = t.stage(client_id, order_id=older)
        moved = t.ok("move_order_to_next_state", client_id=client_id, order_id=older)["state_id"]
        t.expect(moved != start, "the older deal to move", moved)
        found = [t.stage(client_id, order_id=each) for each in (older, current)]
        t.equal(found, [moved, start], "the stages of the older and of the current deal")

    t.parts({"stages": stages, "variables": variables} if t.profile.stage_ids else {"variables": variables})


@rule(
    "OPT-6",
    Level.SHOULD,
    source="document section 'Retrieve the funnel stage ID in Mavibot CRM': without a deal the current one is meant; "
    "assumption: the other actions that may name a deal do so too",
    actions=[*_OF_A_DEAL],
    judges=_OF_A_DEAL,
    needs=["test_clients"],
)
def the_current_deal_is_meant(t: Trial) -> None:
    """Without `order_id` the current deal is read and changed, and no older one."""
    client_id = t.client()
    older, current = t.order(client_id), t.order(client_id)

    def variables() -> None:
        t.ok("set_order_vars", client_id=client_id, variables={"cnf_deal_a": "current"})
        found = [t.order_variables(client_id, **each).get("cnf_deal_a") for each in _named(older, current)]
        t.equal(found, ["current", None, "current"], "the variable without a deal, of the older and of the current one")

    def stages() -> None:
        start = t.stage(client_id, order_id=older)
        moved = t.ok("move_order_to_next_state", client_id=client_id)["state_id"]
        found = [t.stage(client_id, **each) for each in _named(older, current)]
        t.equal(found, [moved, start, moved], "the stage without a deal, of the older and of the current one")

    t.parts({"variables": variables, "stages": stages} if t.profile.stage_ids else {"variables": variables})


@rule(
    "OPT-7",
    Level.MUST,
    source="document section 'Retrieving message history': limit, start_date and stop_date",
    actions=["get_history", "message"],
    needs=["test_clients"],
)
def a_limit_beside_a_period(t: Trial) -> None:
    """`limit` counts within a period too: the newest messages of it."""
    client_id, texts = t.client(), [t.nonce() for _ in range(4)]
    write(t, client_id, *texts)
    period: dict[str, Any] = {"start_date": "01.01.2019", "stop_date": "31.12.2098"}
    for limit in (1, 3, 4):
        found = [each["text"] for each in t.history(client_id, limit=limit, **period)]
        t.equal(found, texts[::-1][:limit], f"the newest {limit} of the period")


@rule(
    "OPT-8",
    Level.MUST,
    source="document section 'Retrieve the list of bot subscribers in any messenger': filters; those of several hold "
    "together",
    actions=["subscribers", "online_chat_client_id"],
    needs=["channel", "groups"],
)
def filters_of_subscribers_hold_together(t: Trial) -> None:
    """`tag` finds who has it, each further filter narrows that, and one that does not fit leaves nobody."""
    group_id, tag = t.group("online_chat"), t.nonce()
    first, second = (client_of_the_online_chat(t, recipient=dialogue(t), tag=each) for each in (tag, t.nonce()))
    t.delete_at_the_end([first, second])

    def found(**parameters: Any) -> list[int]:
        return list(t.subscribers([first, second], **parameters))

    kind = messenger("online_chat")
    t.equal(found(tag=tag), [first], "who has the tag")
    t.equal(found(tag=tag, client_type=kind, group=group_id), [first], "who has it in this messenger and group")
    others: list[dict[str, Any]] = [
        {"client_type": messenger("telegram")},
        {"group": t.nonce()},
        {"date_from": 4_000_000_000},
        {"date_to": 1_000_000_000},
    ]
    for other in others:
        t.equal(found(tag=tag, **other), [], f"who has it with {other}")


@rule(
    "OPT-9",
    Level.MUST,
    source="document section 'Retrieve client_id by variable value': group_id, the bot; search_in=order, the deals",
    actions=["find_client_id_by_var", "load_clients", "create_order", "save_variables"],
    needs=["test_clients", "groups"],
)
def deals_of_one_bot(t: Trial) -> None:
    """A search in the deals looks at those of the clients of `group_id` alone."""
    name, value = t.nonce(), t.nonce()
    groups = {each: t.group(each) for each in ("telegram", "whatsapp")}
    clients = t.load(
        [
            {"platform_id": t.phone(), "group_id": group_id, "client_type": messenger(each)}
            for each, group_id in groups.items()
        ]
    )
    t.delete_at_the_end(clients)
    for client_id in clients:
        save_in_deal(t, client_id, {name: value})
    for client_id, group_id in zip(clients, groups.values(), strict=True):
        found = t.ok("find_client_id_by_var", var=name, val=value, group_id=group_id, search_in="order")["client_id"]
        t.equal(found, client_id, f"whose deal is found in {group_id}")
    t.finds_nobody("find_client_id_by_var", var=name, val=value, group_id=t.nonce(), search_in="order")


def _named(*orders: int) -> list[dict[str, Any]]:
    """Return the parameters that name no deal, and each of some."""
    return [{}, *({"order_id": each} for each in orders)]
