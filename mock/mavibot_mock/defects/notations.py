"""Defects of notation: numbers as text, text that looks like a number, phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.call import Call
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import invalid
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.identity import TELEPHONY, WHATSAPP
from mavibot_mock.state.store import clients
from mavibot_mock.state.store.search import Search
from mavibot_mock.state.store.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.store import Store

_EXAMPLE: Final = 'params = {"message": "some_text", "client_id": "25554"}'
_HASH: Final = "variables – Hash of variables (key-value pairs)"
#: What JSON's numbers hold exactly.
_MOST_DIGITS: Final = 15
_ASSIGN: Final = "Assigning variables"
_IMPORT: Final = "Importing clients into the system"


@defect("Sending a message to a client", _EXAMPLE)
def client_id_as_text_unknown(parts: Parts) -> None:
    """Message finds no client where client_id is text."""
    client_id_as_number_only(parts, "message")


@defect("Bulk message sending", 'params = {"message": "some_text", "clients": ["5", "58", "110"]}')
def broadcast_passes_over_text_ids(parts: Parts) -> None:
    """Broadcast sends to those of `clients` that are numbers and passes over text."""

    def change(call: Call) -> Call:
        numbers = [each for each in call.parameters.get("clients", ()) if not isinstance(each, str)]
        return given(call, clients=numbers) if "clients" in call.parameters else call

    parts.call("broadcast", change)


@defect("Retrieve client_id using the platform_id value", "platform_ids - ID's array in a messanger")
def platform_ids_as_numbers_not_found(parts: Parts) -> None:
    """find_client_id_by_platform_id passes over ids that are numbers."""
    parts.call("find_client_id_by_platform_id", _only_texts)


@defect(_IMPORT, 'Example: [{"platform_id":"79875555555","group_id":34810,"client_type":6}]')
def group_id_as_number_unknown(parts: Parts) -> None:
    """load_clients knows no channel where group_id is a number."""

    def change(call: Call) -> Call:
        items = call.parameters["clients"]
        return given(call, clients=[item if isinstance(item["group_id"], str) else _lost(item) for item in items])

    parts.call("load_clients", change)


@defect(_IMPORT, 'If client_type = 13 (telephony), then group_id is an empty string: ""')
def telephony_needs_a_channel(parts: Parts) -> None:
    """load_clients refuses clients of telephony, since no channel has the id ""."""

    def load(handler: Any, call: Call) -> Any:
        if any(int(item["client_type"]) == TELEPHONY for item in call.parameters["clients"]):
            raise invalid("group_id: must not be empty")
        return handler(call)

    parts.action("load_clients", load)


@defect(_IMPORT, "you can provide the number in any format, either with the ending @s.whatsapp.net or without it")
def whatsapp_ending_makes_another_client(parts: Parts) -> None:
    """load_clients takes a number with the ending and without it for two clients."""

    def identity(old: Around, client_type: int, platform_id: str) -> Any:
        return platform_id if client_type == WHATSAPP else old(client_type, platform_id)

    parts.function(clients, "platform_identity", identity)


@defect(_ASSIGN, _HASH)
def numbers_saved_as_text(parts: Parts) -> None:
    """A variable that is sent as a number is saved as text."""
    _saved(parts, lambda value: str(value) if type(value) in (int, float) else value)


@defect(_ASSIGN, '{"client.phone":"88888888888"}')
def texts_of_digits_saved_as_numbers(parts: Parts) -> None:
    """A variable whose text looks like a number is saved as that number, so "0012" is 12."""

    def number(value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS else value

    _saved(parts, number)


@defect(_ASSIGN, _HASH)
def leading_zeros_lost(parts: Parts) -> None:
    """A text of digits loses the zeros that it begins with."""

    def strip(value: Any) -> Any:
        return (value.lstrip("0") or "0") if isinstance(value, str) and value.isdecimal() else value

    _saved(parts, strip)


@defect(_ASSIGN, _HASH)
def zero_taken_for_nothing(parts: Parts) -> None:
    """The number 0 and false clear a variable as null does."""
    _saved(parts, lambda value: value or None)


@defect("Retrieve client_id by phone number", "The search is performed both among WhatsApp clients and via variables")
def phone_with_plus_not_found(parts: Parts) -> None:
    """find_client_id_by_phone finds no client where the number begins with +."""

    def find(handler: Any, call: Call) -> Any:
        if call.text("phone").startswith("+"):
            raise ClientNotFoundError
        return handler(call)

    parts.action("find_client_id_by_phone", find)


@defect("Check if a phone number has WhatsApp", "The phone number can be provided in any format")
def check_whatsapp_wants_bare_digits(parts: Parts) -> None:
    """check_whatsapp knows a number only where it is written as digits alone."""
    parts.function(Search, "has_whatsapp", lambda old, store, phone: phone.isdecimal() and old(store, phone))


@defect("Retrieve client_id by variable value", "val - variable value")
def number_in_a_variable_not_found(parts: Parts) -> None:
    """find_client_id_by_var does not find a variable that was saved as a number."""

    def find(handler: Any, call: Call) -> Any:
        reply = handler(call)
        value = call.state.store.client_variables(reply.body["client_id"]).get(call.parameters["var"])
        if isinstance(value, int | float):
            raise ClientNotFoundError
        return reply

    parts.action("find_client_id_by_var", find)


@defect("Start the bot", 'client_id - client ID in the builder ({"client_id":49177759} and "25554")')
def large_ids_rounded(parts: Parts) -> None:
    """An id of more than 31 bits wraps round, so that list 4294967303 is list 7."""

    def number(old: Around, call: Call, name: str) -> int:
        found: int = old(call, name)
        return found % 2**31

    parts.function(Call, "number", number)


def _saved(parts: Parts, change: Callable[[Any], Any]) -> None:
    """Save another value of a variable than the one that was sent."""

    def save(old: Around, store: Store, *where_and_value: Any) -> None:
        *where, value = where_and_value
        old(store, *where, change(value))

    parts.function(Variables, "set_client_variable", save)
    parts.function(Variables, "set_order_variable", save)


def _only_texts(call: Call) -> Call:
    return given(call, platform_ids=[each for each in call.parameters["platform_ids"] if isinstance(each, str)])


def _lost(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "group_id": "unknown"}


def client_id_as_number_only(parts: Parts, action: str) -> None:
    """Let an action find no client where client_id is text."""

    def strict(handler: Any, call: Call) -> Any:
        if isinstance(call.parameters["client_id"], str):
            raise ClientNotFoundError
        return handler(call)

    parts.action(action, strict)
