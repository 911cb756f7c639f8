"""Rules: error shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import NOBODY, harmless, taking, valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError, said
from mavibot_conformance.target.guard import UNKNOWN
from mavibot_conformance.target.judgements import (
    CLIENT_NOT_FOUND,
    INVALID,
    NOT_FOUND,
    NOT_FOUND_ASSUMED,
    UNKNOWN_BOT,
    bot_of,
    is_client_not_found,
    is_envelope,
    is_unknown_bot,
    place_of_unknown_client,
)
from mavibot_conformance.target.request import arguments

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_CONTRACT: Final = mavibot_contract.load()
_ALL: Final = tuple(_CONTRACT.actions)
_DEALS: Final = tuple(
    action
    for action in _ALL
    if _CONTRACT.operation(action).tag == "deals" and "client_id" in _CONTRACT.operation(action).schema["properties"]
)
#: Those of them of which the document shows what they answer for an unknown client.
_SHOWN_FOR_NOBODY: Final = tuple(
    action
    for action in _DEALS
    if (reply := _CONTRACT.operation(action).responses["200"])["x-evidence"] == "documented"
    and {"value": {"status": CLIENT_NOT_FOUND}} in reply["content"]["application/json"]["examples"].values()
)
_WITH_CLIENT: Final = tuple(
    action
    for action in _ALL
    if action not in _DEALS and "client_id" in _CONTRACT.operation(action).schema["properties"]
)
#: Actions that run one bot, with the parameter that names it.
_BOTS: Final = {action: name for action in _ALL if (name := bot_of(action)) is not None}
_WITH_FILES: Final = taking("attachment_url")
_REQUIRED: Final = tuple(action for action in _ALL if _CONTRACT.operation(action).schema.get("required"))


@rule(
    "ERR-1",
    Level.MUST,
    source="document sections on deals: an unknown client is answered client_not_found",
    actions=_DEALS,
    each=True,
    effect="read",
    needs=["stage_ids"],
)
def a_deal_of_an_unknown_client(t: Trial, action: str) -> None:
    """An action on the deals of an unknown client answers `{"status": "client_not_found"}`."""
    exchange = t.call(action, **{**harmless(t, action), "client_id": NOBODY})
    t.expect_refusal(exchange)
    judge = t.expect if action in _SHOWN_FOR_NOBODY else t.should
    judge(exchange.body_status == CLIENT_NOT_FOUND, f"the status {CLIENT_NOT_FOUND}", exchange)
    t.should(exchange.status == 200, "HTTP status 200, as on deals", exchange.status)


@rule(
    "ERR-2",
    Level.SHOULD,
    source="public integration: message answers 404 with client_not_found",
    actions=_WITH_CLIENT,
    each=True,
    effect="read",
    assumptions=[NOT_FOUND, NOT_FOUND_ASSUMED],
)
def an_unknown_client(t: Trial, action: str) -> None:
    """An action for an unknown client answers HTTP 404 with `client_not_found`."""
    exchange = t.call(action, **{**harmless(t, action), "client_id": NOBODY})
    holds = is_client_not_found(exchange)
    t.assume(place_of_unknown_client(action) or "", holds, f"{action}: {said(exchange)}")
    t.expect_refusal(exchange)
    t.expect(holds, "404 client_not_found", exchange)


@rule(
    "ERR-3",
    Level.MUST,
    source="document section 'Add deal variables': an unknown deal is answered 'order 12345 not found'",
    actions=["set_order_vars", "get_order_vars", "create_order"],
    needs=["test_clients"],
)
def an_unknown_deal(t: Trial) -> None:
    """Variables of an unknown deal answer `order NUMBER not found` and are not saved; another client's should too."""
    client_id, other = t.clients(2)
    order_id = t.order(client_id)
    with t.unchanged(variables_of_the_deal=lambda: t.order_variables(client_id, order_id=order_id)):
        exchange = t.refused("set_order_vars", client_id=client_id, order_id=NOBODY, variables={"cnf_deal_a": "lost"})
        t.equal(exchange.body_status, f"order {NOBODY} not found", "the status")
    with t.as_should(), t.unchanged(variables_of_the_deal=lambda: t.order_variables(client_id, order_id=order_id)):
        exchange = t.refused("set_order_vars", client_id=other, order_id=order_id, variables={"cnf_deal_a": "lost"})
        t.equal(exchange.body_status, f"order {order_id} not found", "the status for the deal of another client")


@rule(
    "ERR-4",
    Level.SHOULD,
    source="document section 'Retrieve the funnel stage ID in Mavibot CRM': 'order not found', of a given deal too",
    actions=["get_order_state", "set_order_state", "move_order_to_next_state", "get_order_vars"],
    judges=["get_order_state", "set_order_state", "move_order_to_next_state", "get_order_vars"],
    needs=["channel"],
)
def a_stage_without_a_deal(t: Trial) -> None:
    """A client without a deal answers `order not found` to what needs one, and gets none by it."""
    client_id = t.client()

    def ask_for_the_stage() -> None:
        for given in ({}, {"order_id": NOBODY}, {"state_id": NOBODY}):
            sent: dict[str, Any] = {"client_id": client_id, **given}
            t.equal(t.refused("get_order_state", **sent).body_status, "order not found", f"the status with {given}")

    def set_the_stage() -> None:
        if not t.profile.stage_ids:
            raise LacksInputError("the profile lacks stage_ids")
        t.refused("set_order_state", client_id=client_id, state_id=t.profile.stage_ids[0])

    t.parts(
        {
            "get_order_state": ask_for_the_stage,
            "set_order_state": set_the_stage,
            "move_order_to_next_state": lambda: t.refused("move_order_to_next_state", client_id=client_id),
            "get_order_vars": lambda: t.refused("get_order_vars", client_id=client_id),
        }
    )
    with t.optional():
        t.equal(t.current_order(client_id), None, "the current deal")


@rule(
    "ERR-5",
    Level.SHOULD,
    source="public integration: the body explains which parameter is missing; assumption: 400 and the envelope",
    actions=_REQUIRED,
    each=True,
    effect="read",
    assumptions=[INVALID],
    needs=["clients"],
)
def a_missing_parameter_is_named(t: Trial, action: str) -> None:
    """A call without a required parameter is refused, and the reply names the parameter."""
    operation = _CONTRACT.operation(action)
    for name in operation.schema["required"]:
        if operation.body_argument:
            sent: dict[str, Any] = {"body": {}}
        else:
            sent = arguments(operation, _without(t, action, name))
        exchange = t.wire.call(action, **sent)
        t.expect_refusal(exchange)
        if exchange.status != 200:  # the searches have words of their own, with the status 200
            t.assume(INVALID, is_envelope(exchange, 400), said(exchange))
        if action not in ("find_clients", "load_clients"):
            t.should(name in exchange.text, f"the reply to name {name}", exchange)


@rule(
    "ERR-6",
    Level.SHOULD,
    source="public integration: the text holds WRONG_ACTION; assumption: an unknown action is 404",
    actions=["connected_channels"],
    effect="read",
)
def an_unknown_action(t: Trial) -> None:
    """An action that does not exist is refused, not answered with success."""
    for name in (UNKNOWN, "send_message", "push"):
        exchange = t.wire.call(name)
        t.expect_refusal(exchange)
        t.should(exchange.status == 404, "HTTP status 404", exchange.status)
        t.should("WRONG_ACTION" in exchange.text, "the word WRONG_ACTION", exchange)


@rule(
    "ERR-7",
    Level.MUST,
    source="document section 'Sending a message to a client': an attachment needs its type, one of five",
    actions=["message", "get_history"],
    effect="write",
    needs=["test_clients"],
)
def bad_attachments_are_refused(t: Trial) -> None:
    """An attachment without its type and a message without content are refused, as should be a type unlike the five."""
    client_id, url = t.client(), "https://files.example.com/a.jpg"
    with t.unchanged(history=lambda: t.texts(client_id)):
        t.refused("message", client_id=client_id, message="x", attachment_url=url)
        t.refused("message", client_id=client_id)
    exchange = t.call("message", client_id=client_id, message="x", attachment_url=url, attachment_type="picture")
    t.should(not exchange.succeeded, "a type that is none of the five to be refused", exchange)


@rule(
    "ERR-8",
    Level.SHOULD,
    source="document: send_time is written %Y-%m-%d %H:%M:%S; assumption: another form is refused",
    actions=["message", "callback", "broadcast", "get_history"],
    judges=["message", "callback", "broadcast"],
    effect="write",
    needs=["test_clients"],
)
def bad_times_are_refused(t: Trial) -> None:
    """A `send_time` of another form or of no day, and a `time_shift` that is negative or no number, are refused."""
    client_id = t.client()
    times: tuple[dict[str, Any], ...] = (
        {"send_time": "10.03.2026 12:00"},
        {"send_time": "2026-02-30 12:00:00"},
        {"time_shift": "x"},
        {"time_shift": -1},
    )

    def check(action: str) -> None:
        whom: dict[str, Any] = {"clients": [client_id]} if action == "broadcast" else {"client_id": client_id}
        for wrong in times:
            t.refused(action, **whom, message="x", **wrong)

    with t.unchanged(history=lambda: t.texts(client_id)):
        t.each(check, ("message", "callback", "broadcast"))


@rule(
    "ERR-9",
    Level.SHOULD,
    source="assumption: of several items a bad one fails alone",
    actions=["load_clients"],
    needs=["channel"],
)
def one_bad_item(t: Trial) -> None:
    """Of an import with one client of an unknown channel the others are made, and the bad one says that it failed."""
    good = {"platform_id": str(t.number()), **(t.profile.channel or {})}
    bad = {**good, "platform_id": str(t.number()), "group_id": t.nonce()}
    items = t.ok("load_clients", clients=[good, bad])["items"]
    t.delete_at_the_end([items[0]["id"]])
    t.equal(items[0]["status"], "success", "the status of the good item")
    t.expect(items[1]["status"] != "success" and items[1].get("id") is None, "the bad item to fail", items[1])


@rule(
    "ERR-10",
    Level.SHOULD,
    source="assumption: a block that does not exist is refused and nothing is sent",
    actions=["message", "broadcast", "get_history"],
    judges=["message", "broadcast"],
    needs=["test_clients"],
    effect="write",
)
def an_unknown_block(t: Trial) -> None:
    """A message or broadcast with the number of a block that does not exist is refused."""
    client_id = t.client()
    with t.unchanged(history=lambda: t.texts(client_id)):
        t.parts(
            {
                "message": lambda: t.refused("message", client_id=client_id, message_id=NOBODY),
                "broadcast": lambda: t.refused("broadcast", clients=[client_id], message_id=NOBODY),
            }
        )


@rule(
    "ERR-11",
    Level.SHOULD,
    source="document section 'Create a deal': client_id, phone or email names the client; a budget is a number",
    actions=["create_order", "get_orders"],
    needs=["test_clients"],
)
def bad_deals_are_refused(t: Trial) -> None:
    """A deal for nobody, without a name or with a budget that is no number is refused, and none is made."""
    client_id = t.client()
    with t.unchanged(deals=lambda: t.orders(client_id)):
        t.refused("create_order", name="x")
        t.refused("create_order", client_id=client_id, name="x", budget="much")


@rule(
    "ERR-12",
    Level.SHOULD,
    source="assumption: an unknown employee is refused",
    actions=["assign_to_user"],
    needs=["test_clients"],
)
def who_is_assigned(t: Trial) -> None:
    """A client is assigned without an e-mail address; with that of nobody the call is refused."""
    client_id = t.client()
    t.ok("assign_to_user", client_id=client_id)
    t.refused("assign_to_user", client_id=client_id, email=f"{t.nonce()}@example.com")


@rule(
    "ERR-14",
    Level.SHOULD,
    source="document section 'Search by variables': the failure 'Error in parameter format'",
    actions=["find_clients"],
    effect="read",
)
def a_search_that_is_no_json(t: Trial) -> None:
    """A search whose body cannot be read is answered `Error in parameter format`."""
    for body in ('{"q": {"cnf_a": ', "no JSON", '["q"]'):
        exchange = t.wire.call("find_clients", body=body)
        t.expect_refusal(exchange)
        message = exchange.data.get("message") if isinstance(exchange.data, dict) else None
        t.equal(message, "Error in parameter format", f"the message after {body}")


@rule(
    "ERR-15",
    Level.SHOULD,
    source="assumption: a bot that the project does not have is refused and nothing is sent or created",
    actions=_BOTS,
    each=True,
    effect="write",
    assumptions=[UNKNOWN_BOT],
)
def an_unknown_bot(t: Trial, action: str) -> None:
    """An action that names its bot is refused with 404 where the project has no such bot, and the reply names it."""
    name = _BOTS[action]
    unknown = f"{t.nonce()}@example.com"  # fits every form that such a parameter has
    exchange = t.call(action, **{**valid(t, action), name: unknown})
    t.assume(UNKNOWN_BOT, is_unknown_bot(exchange, name), f"{action}: {said(exchange)}")
    t.expect_refusal(exchange)


@rule(
    "ERR-13",
    Level.MUST,
    source="document section 'Move a deal to a stage in MavibotCRM': the deal is moved to the stage of state_id; "
    "vendor's Russian document: so does create_order",
    actions=["set_order_state", "create_order", "get_order_state"],
    needs=["test_clients", "stage_ids"],
)
def an_unknown_stage(t: Trial) -> None:
    """Where a stage that does not exist is refused, as it should be, the deal stays where it was."""
    client_id = t.client()
    t.order(client_id)
    before = t.stage(client_id)
    exchange = t.call("set_order_state", client_id=client_id, state_id=NOBODY)
    t.should(not exchange.succeeded, "a stage that does not exist to be refused", exchange)
    if not exchange.succeeded:
        t.equal(t.stage(client_id), before, "the stage of the deal")
    exchange = t.call("create_order", client_id=client_id, name="x", state_id=NOBODY)
    t.should(not exchange.succeeded, "a new deal on a stage that does not exist to be refused", exchange)


@rule(
    "ERR-16",
    Level.MUST,
    source="document sections 'Sending a message to a client', 'Sending a message in WhatsApp' and 'Bulk message "
    "sending': attachment_url needs attachment_type, one of five; something must be sent",
    actions=_WITH_FILES,
    each=True,
    needs=["test_clients"],
)
def no_file_without_its_type(t: Trial, action: str) -> None:
    """A file without its type and a send of nothing are refused, as a type unlike the five should be, everywhere."""
    parameters = valid(t, action)
    nothing = {name: value for name, value in parameters.items() if name != "message"}
    url = "https://files.example.com/cnf.jpg"
    for method in _CONTRACT.actions[action]:
        for lacking in ({**parameters, "attachment_url": url}, nothing):
            t.refused(action, method=method, **lacking)
        # No source says when such a type is found to be wrong, and the document's own sample sends the second.
        for kind in ("picture", "video/image/file"):
            exchange = t.call(action, method=method, **parameters, attachment_url=url, attachment_type=kind)
            t.should(not exchange.succeeded, f"{action} to refuse the type {kind!r}", exchange)


def _without(t: Trial, action: str, name: str) -> dict[str, Any]:
    """Return a call without a parameter; it reaches at most a test client, should the server accept it anyway."""
    parameters = valid(t, action) if _CONTRACT.operation(action).effect == "read" else harmless(t, action)
    return {key: value for key, value in parameters.items() if key != name}
