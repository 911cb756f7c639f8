"""Rules: reply shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import valid
from mavibot_conformance.rules.moments import seconds
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import said
from mavibot_conformance.rules.ways import give, write
from mavibot_conformance.target.judgements import (
    ASSUMED_REPLIES,
    NO_DEAL,
    content_type_problem,
    is_bare_word,
    is_no_deal,
    is_open,
    place_of_reply,
    shape_problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_conformance.rules.trial import Trial

_CONTRACT: Final = mavibot_contract.load()
_ASSUMED: Final = tuple(
    action
    for action in _CONTRACT.actions
    if _CONTRACT.operation(action).responses["200"].get("x-evidence") == "assumed"
)
_STATED: Final = tuple(action for action in _CONTRACT.actions if action not in _ASSUMED)
_WITH_MOMENTS: Final = ("get_clients", "subscribers", "get_history", "find_client_id_by_platform_id")
_DAY: Final = 24 * 60 * 60
_REPLIES: Final = "document and recorded reply: the card of the action, as the contract has it"


@rule(
    "SHAPE-1",
    Level.MUST,
    source=_REPLIES,
    actions=_STATED,
    each=True,
    smoke=True,
)
def a_successful_reply_has_its_shape(t: Trial, action: str) -> None:
    """A successful reply has the fields and types that the document shows; it should have those integrators show."""
    # A client with a past would show what other rules have left.
    t.only_new_clients = _CONTRACT.operation(action).effect == "read"
    for method in _CONTRACT.actions[action]:
        _check(t, action, method)


@rule(
    "SHAPE-2",
    Level.INFO,
    source="assumption: no source shows this reply",
    actions=_ASSUMED,
    each=True,
    assumptions=ASSUMED_REPLIES,
)
def an_undocumented_reply(t: Trial, action: str) -> None:
    """What an action answers of which no source shows the reply."""
    for method in _CONTRACT.actions[action]:
        exchange = t.call(action, method=method, **valid(t, action))
        t.observe(said(exchange))
        problem = str(shape_problem(exchange) or "") or content_type_problem(exchange)
        pointer = place_of_reply(action)
        if pointer is not None:
            t.assume(pointer, exchange.succeeded and problem is None, said(exchange))
        t.expect(problem is None, "the shape that the contract assumes", problem or "")


@rule(
    "SHAPE-3",
    Level.MUST,
    source="document section 'Retrieve client list': the fields of a client",
    actions=["get_clients"],
    needs=["channel"],
)
def what_a_client_shows(t: Trial) -> None:
    """A client in the list shows its own number, messenger, id and group, of the right types."""
    client_id = t.client()
    row = t.listed(client_id)
    channel = t.profile.channel or {}
    t.expect(type(row["id"]) is int, "a number as id", row["id"])
    t.equal(row["client_type"], channel["client_type"], "client_type")
    t.equal(str(row["group"]), str(channel["group_id"]), "group")
    t.equal(str(row["platform_id"]), t.platform_id(client_id), "platform_id")


@rule(
    "SHAPE-4",
    Level.MUST,
    source="document section 'Importing clients into the system': an item for each item, in order, with an id",
    actions=["load_clients"],
    needs=["channel"],
)
def an_item_for_each_client(t: Trial) -> None:
    """The reply to an import has one item for each sent one, in order, with the sent values and a number as id."""
    sent = [{"platform_id": str(t.number()), **(t.profile.channel or {})} for _ in range(5)]
    items = t.ok("load_clients", clients=sent)["items"]
    t.delete_at_the_end([each["id"] for each in items])
    t.equal([str(each["platform_id"]) for each in items], [each["platform_id"] for each in sent], "the items' ids")
    t.expect(all(type(each["id"]) is int for each in items), "numbers as ids", items)
    t.equal(len({each["id"] for each in items}), 5, "the number of different clients")


@rule(
    "SHAPE-5",
    Level.INFO,
    source="document: Unix seconds; public integration: text with microseconds",
    actions=["get_clients", "get_history", "message"],
    needs=["test_clients"],
)
def the_form_of_created_at(t: Trial) -> None:
    """Whether moments are numbers or texts."""
    client_id = t.client()

    def sent() -> Any:
        write(t, client_id, "x")
        return t.newest(client_id)["created_at"]

    found = t.parts({"get_clients": lambda: t.listed(client_id)["created_at"], "get_history": sent})
    t.observe("; ".join(f"{action}: {moment!r}" for action, moment in found.items()))


@rule(
    "SHAPE-6",
    Level.INFO,
    source="document: order_id; recorded reply: result",
    actions=["get_orders", "create_order"],
    needs=["test_clients"],
)
def the_key_of_the_deals(t: Trial) -> None:
    """Under which key `get_orders` lists the deals."""
    client_id = t.client()
    t.order(client_id)
    t.observe(f"keys: {sorted(t.ok('get_orders', client_id=client_id))}")


@rule(
    "SHAPE-7",
    Level.SHOULD,
    source="document section 'Retrieving message history': the fields of a message",
    actions=["get_history", "message"],
    needs=["test_clients"],
)
def what_a_message_shows(t: Trial) -> None:
    """A message in the history shows a number of its own, that it was delivered, and when it was made."""
    client_id = t.client()
    t.ok("message", client_id=client_id, message="one")
    t.ok("message", client_id=client_id, message="two")
    history = t.history(client_id)
    rows = [history[0], history[1]]
    t.expect(all(type(row["id"]) is int for row in rows), "numbers as ids", rows)
    t.expect(rows[0]["id"] > rows[1]["id"], "the newer message to have the greater number", rows)
    t.equal([row["delivered"] for row in rows], [True, True], "delivered")
    t.equal([row["message_id"] for row in rows], [None, None], "message_id, the block, of what a call sent")
    t.equal([row["message_from_outside"] for row in rows], [1, 1], "message_from_outside of what a call sent")


@rule(
    "SHAPE-8",
    Level.MUST,
    source="document section 'Get the list of messengers connected to the project': group_id is that of load_clients",
    actions=["connected_channels", "load_clients"],
    needs=["channel"],
)
def the_channel_is_listed(t: Trial) -> None:
    """The group in which clients are made is among the connected channels."""
    channels = t.ok("connected_channels")
    t.expect(type(channels["project_id"]) is int, "a number as project_id", channels["project_id"])
    groups = {str(each.get("group_id")) for value in channels.values() if isinstance(value, list) for each in value}
    wanted = str((t.profile.channel or {})["group_id"])
    t.expect(wanted in groups, f"the group {wanted} among the channels", sorted(groups))


@rule(
    "SHAPE-9",
    Level.SHOULD,
    source="public integration: get_messages lists the blocks, their id is message_id",
    actions=["get_messages", "message", "get_history"],
    needs=["test_clients", "block_id"],
)
def blocks_are_listed_and_run(t: Trial) -> None:
    """The block of the profile is listed, and a message with its number sends its answer as that block."""
    block, client_id = t.block(), t.client()
    t.ok("message", client_id=client_id, message_id=t.profile.block_id)
    newest = t.newest(client_id)
    t.equal([newest["text"], newest["message_id"]], [block["answer"], t.profile.block_id], "the newest message")


@rule(
    "SHAPE-10",
    Level.MUST,
    source="document section 'Sending a message to a client': the five kinds of attachments",
    actions=["message", "get_history"],
    needs=["test_clients"],
)
def each_kind_of_attachment(t: Trial) -> None:
    """Each kind of attachment is taken and kept."""
    client_id = t.client()
    kinds = _CONTRACT.document["components"]["schemas"]["AttachmentType"]["enum"]
    for kind in kinds:
        t.ok("message", client_id=client_id, attachment_type=kind, attachment_url=f"https://files.example.com/{kind}")
    with t.optional():
        rows = t.history(client_id)[: len(kinds)]
        shown = [
            kind for kind, row in zip(reversed(kinds), rows, strict=False) if f"/{kind}" in str(row["attachments"])
        ]
        t.should(shown == kinds[::-1], "each kind in the history", [row["attachments"] for row in rows])


@rule(
    "SHAPE-11",
    Level.SHOULD,
    source="assumption: a client without a deal is answered 'order not found'",
    actions=["get_current_order_id", "get_order_state", "get_orders"],
    needs=["channel"],
    assumptions=[NO_DEAL],
)
def a_client_without_a_deal(t: Trial) -> None:
    """A client without a deal has an empty list of deals, no current one and no stage."""
    client_id = t.client()
    with t.optional():
        t.equal(t.orders(client_id), [], "the deals")
    exchange = t.call("get_current_order_id", client_id=client_id)
    t.assume(NO_DEAL, is_no_deal(exchange), said(exchange))
    t.expect_refusal(exchange)
    with t.optional():
        stage = t.refused("get_order_state", client_id=client_id)
        t.equal(stage.body_status, "order not found", "the status of the stage")


def _rows_of_now(t: Trial, client_id: int) -> dict[str, Callable[[], list[dict[str, Any]]]]:
    """Return what shows a new client, or a message to it, by the actions that do."""

    def history() -> list[dict[str, Any]]:
        write(t, client_id, "x")
        return t.history(client_id)[:1]

    def found() -> list[dict[str, Any]]:
        ids, group_id = [t.platform_id(client_id)], t.channel["group_id"]
        rows: list[dict[str, Any]] = t.ok("find_client_id_by_platform_id", platform_ids=ids, group_id=group_id)
        return rows

    return {
        "get_clients": lambda: [t.listed(client_id)],
        "subscribers": lambda: list(t.subscribers([client_id], client_type=t.channel["client_type"]).values()),
        "get_history": history,
        "find_client_id_by_platform_id": found,
    }


def _check(t: Trial, action: str, method: mavibot_contract.Method) -> None:
    exchange = t.call(action, method=method, **valid(t, action))
    t.expect(exchange.succeeded, f"{action} by {method} to succeed", exchange)
    judge = t.should if is_open(exchange) or is_bare_word(exchange) else t.expect
    problem = shape_problem(exchange)
    judge(problem is None, "the reply of the contract", str(problem))
    wrong_type = content_type_problem(exchange)
    t.should(wrong_type is None, "the content type of the contract", wrong_type or "")


@rule(
    "SHAPE-12",
    Level.SHOULD,
    source="document: moments are Unix seconds; assumption: where they are texts, they are so in every action",
    actions=_WITH_MOMENTS,
    judges=_WITH_MOMENTS,
    needs=["channel"],
)
def moments_have_one_form(t: Trial) -> None:
    """Each action gives moments in the same form: all as numbers, or all as texts."""
    rows = t.parts(_rows_of_now(t, *t.clients(1, just_now=True)))
    if len(rows) < 2:
        t.not_run("the server offers but one action that gives moments")
    forms = {action: type(found[0]["created_at"]).__name__ for action, found in rows.items()}
    t.expect(len(set(forms.values())) == 1, "one form of created_at", forms)


@rule(
    "SHAPE-13",
    Level.SHOULD,
    source="document section 'Retrieve the list of bot subscribers in any messenger': it does not return variables, "
    "though its sample shows them",
    actions=["subscribers", "save_variables"],
    needs=["test_clients"],
)
def subscribers_show_no_variables(t: Trial) -> None:
    """`subscribers` does not return the clients' variables."""
    client_id, value = t.client(), t.nonce()
    give(t, client_id, {"client.cnf_a": value})
    shown = [t.page_of_subscribers(0), *t.subscribers([client_id]).values()]
    t.expect(value not in str(shown), "no variables of a client", "the value that was saved")


@rule(
    "SHAPE-14",
    Level.SHOULD,
    source="document section 'Get the list of messengers connected to the project': an empty list where none is",
    actions=["connected_channels"],
)
def every_messenger_is_listed(t: Trial) -> None:
    """`connected_channels` has a list for each messenger of the document, empty where there is no channel."""
    found = t.ok("connected_channels")
    properties = _CONTRACT.operation("connected_channels").success["properties"]
    for name, schema in properties.items():
        if "$ref" in schema and "x-evidence" not in schema:
            t.expect(isinstance(found.get(name), list), f"a list under '{name}'", sorted(found))


@rule(
    "SHAPE-15",
    Level.MUST,
    source="document section 'Get the list of messengers connected to the project': WhatsApp has a status",
    actions=["connected_channels"],
    needs=["groups"],
)
def whatsapp_shows_its_status(t: Trial) -> None:
    """A WhatsApp channel shows its status."""
    group_id = t.group("whatsapp")
    channels = t.ok("connected_channels")["whatsapp"]
    channel = t.single([each for each in channels if str(each["group_id"]) == group_id], "the WhatsApp channel")
    t.expect("status" in channel, "a status of the WhatsApp channel", channel)


@rule(
    "SHAPE-16",
    Level.MUST,
    source="document section 'Retrieve the list of blocks from the bot's flow': the list of blocks",
    actions=["get_messages"],
    needs=["control"],
)
def every_block_is_listed(t: Trial) -> None:
    """Every block of the flow is listed once, also one into which no text leads."""
    expected = sorted(each["id"] for each in t.control("GET", "/state")["blocks"])
    t.equal(sorted(each["id"] for each in t.blocks()), expected, "the blocks")


@rule(
    "SHAPE-17",
    Level.SHOULD,
    source="assumption: what is accepted is answered with a word of success",
    actions=_ASSUMED,
    judges=_ASSUMED,
)
def success_is_told(t: Trial) -> None:
    """An action whose reply nobody shows still answers success with a word."""

    def check(action: str) -> None:
        exchange = t.call(action, **valid(t, action))
        t.expect(exchange.succeeded, f"{action} to succeed", exchange)
        t.expect(exchange.text.strip(), f"{action} to answer something", exchange)

    t.each(check, _ASSUMED)


@rule(
    "SHAPE-18",
    Level.MUST,
    source="document: moments are Unix seconds, such as created_at of a client and of a message",
    actions=_WITH_MOMENTS,
    judges=_WITH_MOMENTS,
    needs=["channel"],
)
def moments_are_seconds(t: Trial) -> None:
    """What was made just now is shown as made just now: moments are seconds, or texts of the same moment."""
    rows = t.parts(_rows_of_now(t, *t.clients(1, just_now=True)))
    shown = {
        f"{name} of {action}": row.get(name)
        for action, found in rows.items()
        for row in found
        for name in ("created_at", "updated_at")
        if row.get(name) is not None
    }
    now = t.now()
    for name, moment in shown.items():
        age = seconds(moment)
        t.expect(age is not None and abs(now - age) < _DAY, f"{name} to be today, {now:.0f} in seconds", moment)


@rule(
    "SHAPE-19",
    Level.MUST,
    source="document section 'Retrieve client list': project_id, the project",
    actions=["get_clients", "connected_channels"],
    needs=["test_clients"],
)
def clients_show_their_project(t: Trial) -> None:
    """Each client of the list shows the number of the project that `connected_channels` shows."""
    t.client()
    project = t.ok("connected_channels")["project_id"]
    t.equal(
        {row["project_id"] for row in t.ok("get_clients", limit=500)["clients"]}, {project}, "the clients' projects"
    )


@rule(
    "SHAPE-20",
    Level.MUST,
    source="document section 'Get the list of messengers connected to the project': WhatsApp has a status from 0 to 3",
    actions=["connected_channels"],
    effect="read",
)
def a_status_of_whatsapp_is_one_of_four(t: Trial) -> None:
    """The status of a WhatsApp channel is 0, 1, 2 or 3."""
    statuses = [each["status"] for each in t.ok("connected_channels")["whatsapp"] if "status" in each]
    if not statuses:
        t.not_run("the project has no WhatsApp channel with a status")
    t.expect(all(type(each) is int and 0 <= each <= 3 for each in statuses), "statuses from 0 to 3", statuses)
