"""Rules: clients that were imported, found or deleted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.rules.calls import dialogue, messenger
from mavibot_conformance.rules.read_your_writes.states import full_state, properties, state
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import give, write
from mavibot_conformance.target.profile import messenger_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_conformance.rules.trial import Trial

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
    give(t, client_id, saved)
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
        replies = t.parts({action: partial(t.answered, action, **_known(action, sought)) for action in _SEARCHES})
        return {action: each.succeeded and str(client_id) in each.text for action, each in replies.items()}

    before = finders()
    t.equal(before, dict.fromkeys(before, True), "whether each search finds the client before")
    t.ok("delete_clients", client_ids=[client_id])
    t.equal(finders(), dict.fromkeys(before, False), "whether each search finds the client after")


@rule(
    "RYW-40",
    Level.MUST,
    source="document section 'Retrieve the client ID from the online chat': one recipient is one client",
    actions=["online_chat_client_id"],
    needs=["channel"],
)
def a_recipient_of_the_online_chat_is_one_client(t: Trial) -> None:
    """The same recipient is the same client, another recipient another one."""
    recipient, other = dialogue(t), t.nonce()
    found = [t.ok("online_chat_client_id", recipient=each)["client_id"] for each in (recipient, recipient, other)]
    t.undo(lambda: t.call("delete_clients", client_ids=[found[0], found[2]]))
    t.equal(found[0], found[1], "the client at the second time")
    t.expect(found[0] != found[2], "another recipient to be another client", found)


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
        full_state(t, client_id)
    with t.optional():
        write(t, kept, t.nonce())
    before = state(t, kept, with_history=True)
    t.ok("delete_clients", client_ids=[gone])
    t.equal(state(t, kept, with_history=True), before, "variables, deals, stage, list and history of another client")


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
    full_state(t, client_id)
    with t.optional():
        write(t, client_id, t.nonce())
    before = state(t, client_id, with_history=True)
    t.equal(t.load([item]), [client_id], "the client of the second import")
    t.equal(state(t, client_id, with_history=True), before, "variables, deals, stage, list and history of the client")


@rule(
    "RYW-66",
    Level.MUST,
    source="document section 'Importing clients into the system': group_id, the group that connected_channels names; "
    "'Retrieve client_id using the platform_id value': the bot of the client",
    actions=["load_clients", "connected_channels"],
    needs=["test_clients"],
)
def the_same_person_in_two_bots(t: Trial) -> None:
    """The same id in two bots of one messenger is two clients, each of whom keeps its number."""
    channels: dict[str, Any] = t.ok("connected_channels")
    numbers = {name: number for number, name in messenger_names().items()}
    bots = {
        name: [each["group_id"] for each in rows if isinstance(each, dict) and each.get("group_id")]
        for name, rows in channels.items()
        if name in numbers and isinstance(rows, list)
    }
    several = {name: groups[:2] for name, groups in bots.items() if len(groups) > 1}
    if not several:
        raise LacksInputError("needs a project with two bots of one messenger")
    for name, groups in several.items():
        platform_id = t.phone()
        items = [{"platform_id": platform_id, "group_id": each, "client_type": numbers[name]} for each in groups]
        found = [*t.load(items), *t.load(items[::-1])[::-1]]
        t.delete_at_the_end([*{*found}])
        t.expect(found[0] != found[1], f"another client in the second bot of {name}", found[:2])
        t.equal(found[2:], found[:2], f"the clients of {name} at the second time")


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


def _known(action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the parameters that an action has."""
    return {name: value for name, value in parameters.items() if name in properties(action)}
