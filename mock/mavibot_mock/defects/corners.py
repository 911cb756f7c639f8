"""Defects in the corners: by one method, for one action, when delayed, at a boundary, beside another parameter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import bot, history, messages
from mavibot_mock.defects.methods import by_get
from mavibot_mock.defects.notations import client_id_as_number_only
from mavibot_mock.defects.parts import EVERY, given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.defects.webhooks import changed_event, posted_by_event
from mavibot_mock.request.replies import RefusedError, fail
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.facts import MESSENGERS
from mavibot_mock.state.store.database import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.request.replies import Reply

_BOTH: Final = "The listed methods can now be executed as either POST or GET requests"
_WEBHOOK: Final = "How to receive messages at the Webhook URL specified in the project settings"
_BULK: Final = "Bulk message sending"
_SHIFT: Final = "time_shift, the seconds after which it is sent; it has priority over send_time"
_DEALS: Final = "Move a deal to the next stage in the Mavibot funnel"
_SEARCH: Final = "Search by variables"
_SUBSCRIBERS: Final = "Retrieve the list of bot subscribers in any messenger"
_DAY: Final = 86_400
_FILE: Final = ("attachment_url", "attachment_type")


@defect("Create a deal", "one of client_id, email and phone is required")
def deal_wants_a_budget(parts: Parts) -> None:
    """create_order is refused without a budget."""

    def demanding(operation: Operation) -> Operation:
        return replace(operation, schema={**operation.schema, "required": ["budget"]})

    parts.operation("create_order", demanding)


@defect("Sending a message in WhatsApp", "with an attachment the text is optional")
def whatsapp_file_wants_a_text(parts: Parts) -> None:
    """whatsapp_message refuses a file without a text."""
    _refuse_if(
        parts,
        "whatsapp_message",
        lambda call: {"attachment_url"} == call.parameters.keys() & {"attachment_url", "message"},
    )


@defect("Sending callback messages to a list of clients by platform_id", "group_id, the bot")
def callbacks_in_every_bot(parts: Parts) -> None:
    """send_callback_by_platform_id reaches clients of every bot, whatever group_id says."""
    parts.call("send_callback_by_platform_id", lambda call: without(call, "group_id"))


@defect("Starting the bot using a Telegram ID", "group_id, the bot name")
def telegram_user_of_any_bot(parts: Parts) -> None:
    """tg_callback reaches the first client with the user's id, in whichever bot."""

    def found(old: Around, call: Call, client_type: int, platform_id: str) -> Any:
        known = call.state.store.clients_with_platform_id(platform_id)
        return known[0] if known and client_type == MESSENGERS["TELEGRAM"] else old(call, client_type, platform_id)

    parts.function(bot, "client_in_messenger", found)


@defect(_DEALS, "order_id, the deal")
def current_deal_moves_instead(parts: Parts) -> None:
    """move_order_to_next_state moves the current deal, whichever is named."""
    parts.call("move_order_to_next_state", lambda call: without(call, "order_id"))


@defect("Add deal variables", "without order_id the current deal is meant (assumed)")
def oldest_deal_is_meant(parts: Parts) -> None:
    """set_order_vars without a deal saves in the client's oldest one."""

    def oldest(call: Call) -> Call:
        orders = call.state.store.orders(call.client_id(), None)
        return given(call, order_id=orders[0]) if "order_id" not in call.parameters and orders else call

    parts.call("set_order_vars", oldest)


@defect("Retrieving message history", "limit, start_date and stop_date")
def limit_ignored_in_a_period(parts: Parts) -> None:
    """get_history ignores limit where a period is given."""
    parts.call("get_history", lambda call: given(call, limit=2000) if "start_date" in call.parameters else call)


@defect(_SUBSCRIBERS, "tag, group, date_from, date_to and client_type filter")
def tag_hides_other_filters(parts: Parts) -> None:
    """Subscribers with a tag are listed whatever the other filters say."""
    others = ("group", "date_from", "date_to", "client_type")
    parts.call("subscribers", lambda call: without(call, *others) if "tag" in call.parameters else call)


@defect("Retrieve client_id by variable value", "group_id, the bot; search_in=order searches the deals")
def group_ignored_in_deals(parts: Parts) -> None:
    """find_client_id_by_var ignores group_id where it searches deals."""
    parts.call(
        "find_client_id_by_var",
        lambda call: without(call, "group_id") if call.parameters.get("search_in") == "order" else call,
    )


@defect("How to use a universal webhook", _BOTH)
def file_lost_by_get(parts: Parts) -> None:
    """A file is sent only where the call comes by POST."""
    by_get(parts, lambda call: without(call, *_FILE) if "message" in call.parameters else call)


@defect(_BULK, _SHIFT)
def send_time_beats_time_shift_of_a_broadcast(parts: Parts) -> None:
    """Of time_shift and send_time of a broadcast, send_time decides."""
    parts.call("broadcast", lambda call: without(call, "time_shift") if "send_time" in call.parameters else call)


@defect("Create a deal", "client_id, then phone, then email; only one of them is used")
def known_email_beats_unknown_phone(parts: Parts) -> None:
    """create_order goes by the e-mail address where no client has the phone number."""

    def by_email(call: Call) -> Call:
        given_both = {"phone", "email"} <= call.parameters.keys()
        unknown = given_both and call.state.store.client_by_phone(call.text("phone")) is None
        return without(call, "phone") if unknown else call

    parts.call("create_order", by_email)


@defect(_BULK, "group_id is ignored with the other options")
def group_beside_clients_refused(parts: Parts) -> None:
    """Broadcast to clients or to a list is refused where group_id stands beside them."""
    _refuse_if(parts, "broadcast", lambda call: "group_id" in call.parameters and "platform_ids" not in call.parameters)


@defect("Clear message history", "deletes the chat history")
def cleared_history_takes_lists_along(parts: Parts) -> None:
    """clear_history takes the client off all lists."""

    def clear(handler: Any, call: Call) -> Any:
        for row in call.state.store.rows("lists"):
            call.state.store.remove_from_list(row["id"], call.client_id())
        return handler(call)

    parts.action("clear_history", clear)


@defect("Assigning variables", "with client. the client's variable, by default the deal's")
def cleared_variable_takes_the_deals_along(parts: Parts) -> None:
    """A variable of the client that save_variables clears is cleared in the current deal too."""

    def both(call: Call) -> Call:
        saved = call.parameters["variables"]
        cleared = {name.removeprefix("client."): value for name, value in saved.items() if value in ("", None)}
        return given(call, variables={**cleared, **saved})

    parts.call("save_variables", both)


@defect("Remove clients from a list", "takes clients off the list")
def leaving_a_list_clears_the_history(parts: Parts) -> None:
    """remove_from_list clears the history of the clients that it takes off."""
    _clear_after(parts, "remove_from_list", lambda call, _: call.parameters["clients"])


@defect("Importing clients into the system", "a client that is there keeps its id")
def second_import_clears_the_history(parts: Parts) -> None:
    """load_clients clears the history of clients who are there already."""

    def imported(_call: Call, reply: Reply) -> list[Any]:
        body: Any = reply.body
        return [item["id"] for item in body["items"] if "id" in item]

    _clear_after(parts, "load_clients", imported)


@defect("Move a deal to a stage in MavibotCRM", "moves the deal to the stage")
def moved_deal_loses_its_variables(parts: Parts) -> None:
    """set_order_state clears the variables of the deal."""

    def move(handler: Any, call: Call) -> Any:
        store, order_id = call.state.store, call.state.store.current_order(call.client_id())
        if order_id is not None:
            for name in store.order_variables(order_id):
                store.set_order_variable(order_id, name, None)
        return handler(call)

    parts.action("set_order_state", move)


@defect("Retrieve the client ID from the online chat", "tag, the client's tag")
def tag_of_the_online_chat_lost(parts: Parts) -> None:
    """online_chat_client_id does not keep the tag."""
    parts.call("online_chat_client_id", lambda call: without(call, "tag"))


@defect("Starting the bot using a WhatsApp number", "the client will not see this message")
def whatsapp_callback_is_a_message(parts: Parts) -> None:
    """A callback for a WhatsApp client stands in the history as if the client had written it."""

    def receive(old: Around, state: Any, client_id: int, *, is_callback: bool = False, **how: Any) -> Any:
        is_seen = state.store.client(client_id)["client_type"] == MESSENGERS["WHATSAPP"]
        return old(state, client_id, is_callback=is_callback and not is_seen, **how)

    parts.function(history, "receive", receive)


@defect("Start the bot", "resume_bot")
def resume_bot_lost_by_get(parts: Parts) -> None:
    """resume_bot counts only where the call comes by POST."""
    by_get(parts, lambda call: without(call, "resume_bot"))


@defect("Starting the bot using a Telegram ID", "any parameters you additionally pass will be saved in variable")
def later_tg_callback_without_variables(parts: Parts) -> None:
    """tg_callback that is delayed saves none of its further parameters."""
    parts.call("tg_callback", lambda call: replace(call, variables={}) if call.parameters.get("time_shift") else call)


@defect("Start the bot", _SHIFT)
def time_shift_a_second_short(parts: Parts) -> None:
    """What is delayed goes out a second early."""

    def short(call: Call, _: Any) -> Call:
        delay = call.parameters.get("time_shift", 0)
        return given(call, time_shift=delay - 1) if delay >= 1 else call

    parts.read(EVERY, short)


@defect("Sending a message to a client", 'send_time, date and time in the format "%Y-%m-%d %H:%M:%S"')
def send_time_a_second_late(parts: Parts) -> None:
    """What has a send_time goes out a second after it."""
    for module in (bot, messages):
        parts.function(
            module,
            "due_time",
            lambda old, parameters, **how: old(parameters, **how) + ("send_time" in parameters),
        )


@defect(_BULK, "shift, the number of seconds between two messages")
def later_broadcast_all_at_once(parts: Parts) -> None:
    """A delayed broadcast sends all of its messages at one moment."""
    parts.call("broadcast", lambda call: given(call, shift=0) if call.parameters.get("time_shift") else call)


@defect("Sending a message to a client", "attachment_url, the address of the file; time_shift")
def later_file_lost(parts: Parts) -> None:
    """A delayed message is sent without its file."""

    def deliver(old: Around, project: Any, job: Any, now: float) -> Any:
        return old(project, {name: value for name, value in job.items() if name not in _FILE}, now)

    parts.job("message", deliver)


@defect("Retrieving message history", "created_at, when the message was sent")
def later_message_an_hour_old(parts: Parts) -> None:
    """The history shows a delayed message as an hour older than it is."""
    parts.job("message", lambda old, project, job, now: old(project, job, now - 3600))


@defect("Retrieving message history", "limit, 2000 by default and at most")
def history_of_1999(parts: Parts) -> None:
    """get_history gives 1999 messages at most."""
    parts.call("get_history", lambda call: given(call, limit=min(1999, call.number("limit"))))


@defect(_SUBSCRIBERS, "date_from, a timestamp")
def date_from_is_its_day(parts: Parts) -> None:
    """date_from of subscribers counts from the beginning of its day."""

    def floored(call: Call) -> Call:
        moment = call.parameters.get("date_from")
        return call if moment is None else given(call, date_from=moment - moment % _DAY)

    parts.call("subscribers", floored)


@defect("Retrieving message history", "start_date and stop_date, days (in the project's zone: assumed)")
def days_of_a_history_in_utc(parts: Parts) -> None:
    """The days of a history begin and end in UTC whatever the project's time zone."""
    parts.function(messages, "period", lambda old, parameters, **_how: old(parameters, zone=UTC))


@defect("Retrieve client list", "offset and limit")
def last_page_is_empty(parts: Parts) -> None:
    """get_clients gives no clients where fewer than the limit are left."""

    def paged(handler: Any, call: Call) -> Any:
        reply = handler(call)
        found = reply.body["clients"]
        is_last = call.parameters.get("offset", 0) > 0 and len(found) < call.number("limit")
        return replace(reply, body={**reply.body, "clients": []}) if is_last else reply

    parts.action("get_clients", paged)


@defect("Retrieve client_id by phone number", "searched among WhatsApp clients")
def phone_not_searched_on_whatsapp(parts: Parts) -> None:
    """find_client_id_by_phone finds no WhatsApp client by the number alone."""

    def found(handler: Any, call: Call) -> Any:
        reply = handler(call)
        client_id = reply.body.get("client_id") if isinstance(reply.body, dict) else None
        if client_id is not None and "phone" not in call.state.store.client_variables(client_id):
            raise ClientNotFoundError
        return reply

    parts.action("find_client_id_by_phone", found)


@defect(_SEARCH, "with search_in order, include_all False selects what meets at least one condition")
def include_all_ignored_in_deals(parts: Parts) -> None:
    """find_clients ignores include_all where it searches deals."""
    parts.call(
        "find_clients",
        lambda call: given(call, include_all=True) if call.parameters.get("search_in") == "order" else call,
    )


@defect(_SEARCH, "the clients that meet all conditions")
def fourth_condition_overlooked(parts: Parts) -> None:
    """find_clients looks at the first three conditions."""
    parts.call("find_clients", lambda call: given(call, q=dict([*call.parameters["q"].items()][:3])))


@defect("Start the bot", "client_phone, in the notation of check_whatsapp (assumed)")
def callback_wants_bare_digits(parts: Parts) -> None:
    """Callback finds no client by a phone number with plus, brackets or spaces."""

    def bare(handler: Any, call: Call) -> Any:
        if not str(call.parameters.get("client_phone", "0")).isdecimal():
            raise ClientNotFoundError
        return handler(call)

    parts.action("callback", bare)


@defect("Assigning a client to an employee", "client_id, as text in the sample")
def assigning_wants_numbers(parts: Parts) -> None:
    """assign_to_user finds no client where client_id is text."""
    client_id_as_number_only(parts, "assign_to_user")


@defect("Retrieve client list", "created_at, Unix seconds")
def created_at_in_milliseconds(parts: Parts) -> None:
    """get_clients gives created_at in milliseconds."""

    def thousandfold(body: Any) -> Any:
        return {**body, "clients": [{**row, "created_at": row["created_at"] * 1000} for row in body["clients"]]}

    parts.reply("get_clients", thousandfold)


@defect("Retrieve client list", "project_id")
def clients_of_project_1(parts: Parts) -> None:
    """get_clients shows 1 as the project of every client."""
    parts.reply("get_clients", lambda body: {**body, "clients": [{**row, "project_id": 1} for row in body["clients"]]})


@defect("Get the list of messengers connected to the project", "status, a number from 0 to 3")
def whatsapp_status_of_4(parts: Parts) -> None:
    """connected_channels shows 4 as the status of a WhatsApp channel."""
    parts.reply(
        "connected_channels", lambda body: {**body, "whatsapp": [{**each, "status": 4} for each in body["whatsapp"]]}
    )


@defect(_BULK, "attachment_type is required if attachment_url is given")
def broadcast_of_a_file_without_type(parts: Parts) -> None:
    """Broadcast sends a file without its type."""
    parts.without_rule("broadcast", "dependentRequired")


@defect(_WEBHOOK, '"name": "client\'s name", "tag": "subscription key"')
def webhook_shows_the_tag_as_name(parts: Parts) -> None:
    """The name of an event's client is the tag."""
    changed_event(parts, lambda event: {**event, "client": {**event["client"], "name": event["client"]["tag"]}})


@defect(_WEBHOOK, "each message")
def webhook_not_told_of_email(parts: Parts) -> None:
    """The webhook does not receive messages of e-mail clients."""
    posted_by_event(parts, lambda event: event["client"]["client_type"] != MESSENGERS["EMAIL"])


@defect(_WEBHOOK, '"attachments": "array containing file links"')
def webhook_without_files_of_whatsapp(parts: Parts) -> None:
    """The event of a WhatsApp client shows no file."""

    def bare(event: dict[str, Any]) -> dict[str, Any]:
        is_whatsapp = event["client"]["client_type"] == MESSENGERS["WHATSAPP"]
        return {**event, "attachments": None} if is_whatsapp else event

    changed_event(parts, bare)


@defect("How to create a JSON request", "JSON, which is UTF-8")
def json_called_windows_1251(parts: Parts) -> None:
    """The content type of get_history's JSON names the charset windows-1251."""

    def named(handler: Any, call: Call) -> Any:
        reply = handler(call)
        return replace(reply, body=to_json(reply.body), content_type="application/json; charset=windows-1251")

    parts.action("get_history", named)


@defect("How to create a JSON request", "JSON, which has no NaN")
def nan_in_variables(parts: Parts) -> None:
    """get_variables shows the name that a client does not have as NaN."""

    def shown(handler: Any, call: Call) -> Any:
        reply = handler(call)
        text = to_json(reply.body).replace('"name":"None"', '"name":NaN')
        return replace(reply, body=text, content_type="application/json")

    parts.action("get_variables", shown)


def _refuse_if(parts: Parts, action: str, is_refused: Callable[[Call], bool]) -> None:
    def strict(handler: Any, call: Call) -> Any:
        if is_refused(call):
            raise RefusedError(fail(400, "not allowed"))
        return handler(call)

    parts.action(action, strict)


def _clear_after(parts: Parts, action: str, whose: Callable[[Call, Reply], list[Any]]) -> None:
    def cleared(handler: Any, call: Call) -> Any:
        reply = handler(call)
        for client_id in whose(call, reply):
            call.state.store.clear_history(int(client_id))
        return reply

    parts.action(action, cleared)
