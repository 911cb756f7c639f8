"""Defects of which parameter counts where several are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.parts import EVERY, without
from mavibot_mock.defects.registry import defect

if TYPE_CHECKING:
    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts

_BULK: Final = "Bulk message sending"
_BUYER: Final = "The priority order is: client_id > phone > email"


@defect("Create a deal", _BUYER)
def create_order_by_email_before_phone(parts: Parts) -> None:
    """create_order takes the e-mail address where a phone number is given too."""
    parts.call("create_order", lambda call: _prefer(call, "email", "phone"))


@defect("Create a deal", _BUYER)
def create_order_by_phone_before_client_id(parts: Parts) -> None:
    """create_order takes the phone number where a client id is given too."""
    parts.call("create_order", lambda call: _prefer(call, "phone", "client_id"))


@defect("Create a deal", "If multiple parameters are provided, only one will be used")
def create_order_with_two_identifiers_refused(parts: Parts) -> None:
    """create_order refuses a call that gives more than one of client_id, phone and email."""

    def change(operation: Operation) -> Operation:
        one = [{"oneOf": [{"required": [name]} for name in ("client_id", "phone", "email")]}]
        return replace(operation, schema={**operation.schema, "allOf": one})

    parts.operation("create_order", change)


@defect("Start the bot", "If both time_shift and send_time are specified, time_shift will take precedence")
def send_time_before_time_shift(parts: Parts) -> None:
    """Where both are given, send_time counts and time_shift does not."""
    parts.read(EVERY, lambda call, _: _prefer(call, "send_time", "time_shift"))


@defect("Start the bot", "client_id - client ID in the builder (assumed: it comes before phone and e-mail)")
def callback_by_email_before_client_id(parts: Parts) -> None:
    """Callback takes the e-mail address where a client id or phone number is given too."""
    parts.call("callback", lambda call: _prefer(call, "client_email", "client_phone", "client_id"))


@defect(_BULK, "You can use one of the following mutually exclusive options")
def broadcast_merges_its_targets(parts: Parts) -> None:
    """Broadcast takes `list` and `clients` together and sends to both."""

    def recipients(old: Around, call: Call) -> Any:
        alone = [without(call, *_TARGETS - {name}) for name in ("list", "clients") if name in call.parameters]
        return list(dict.fromkeys(each for part in alone for each in old(part))) if alone else old(call)

    parts.operation("broadcast", _without_targets)
    parts.recipients(recipients)


@defect(_BULK, "If none of the above parameters are provided, the broadcast will not be sent")
def broadcast_without_target_goes_to_all(parts: Parts) -> None:
    """Broadcast without any target is sent to every client of the project."""

    def recipients(old: Around, call: Call) -> Any:
        if not _TARGETS.isdisjoint(call.parameters):
            return old(call)
        return [row["id"] for row in call.state.store.clients(offset=0, limit=-1, reverse=True)]

    parts.operation("broadcast", _without_targets)
    parts.recipients(recipients)


@defect(_BULK, "an array of platform_ids (messenger IDs) for the specified bot (group_id)")
def broadcast_ignores_the_bot(parts: Parts) -> None:
    """Broadcast to platform_ids reaches clients of every bot."""

    def recipients(old: Around, call: Call) -> Any:
        store = call.state.store
        if "platform_ids" not in call.parameters:
            return old(call)
        found = (store.clients_with_platform_id(str(each), None) for each in call.parameters["platform_ids"])
        return list(dict.fromkeys(client_id for clients in found for client_id in clients))

    parts.recipients(recipients)


@defect("Retrieve the funnel stage ID in Mavibot CRM", "state_id - deal ID (if not specified, of the current deal)")
def get_order_state_of_the_current_deal_only(parts: Parts) -> None:
    """get_order_state answers for the current deal, whichever is named."""
    parts.call("get_order_state", lambda call: without(call, "state_id", "order_id"))


@defect("Starting the bot using a Telegram ID", "resume_bot - if the bot is paused, use this to resume it")
def resume_bot_ignored(parts: Parts) -> None:
    """resume_bot does not unpause the bot."""
    parts.read(EVERY, lambda call, _: without(call, "resume_bot"))


#: The targets of a broadcast that exclude each other.
_TARGETS: Final = frozenset({"list", "clients", "platform_ids"})


def _without_targets(operation: Operation) -> Operation:
    """Return the description of broadcast without the rule that one target is given."""
    kept = [rule for rule in operation.schema["allOf"] if "oneOf" not in rule]
    return replace(operation, schema={**operation.schema, "allOf": kept})


def _prefer(call: Call, name: str, *others: str) -> Call:
    return without(call, *others) if name in call.parameters else call
