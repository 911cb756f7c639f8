"""Further parameters of a callback that are lost here and there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mavibot_mock.defects.registry import defect

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_SAVED: Final = "any parameters you additionally pass will be saved in variable"


@defect("Starting the bot using a WhatsApp number", _SAVED)
def extra_of_whatsapp_callback_lost(parts: Parts) -> None:
    """whatsapp_callback saves no further parameters."""
    parts.call("whatsapp_callback", lambda call: replace(call, variables={}))


@defect("Starting the bot using a Telegram ID", _SAVED)
def extra_of_a_later_tg_callback_lost(parts: Parts) -> None:
    """tg_callback saves no further parameters where it has time_shift or send_time."""

    def at_once_only(call: Call) -> Call:
        return replace(call, variables={}) if {"time_shift", "send_time"} & call.parameters.keys() else call

    parts.call("tg_callback", at_once_only)


@defect("Start the bot", _SAVED)
def extra_beside_an_alias_lost(parts: Parts) -> None:
    """Callback saves no further parameters where the address has a parameter that begins with `value_`."""
    parts.read({"callback"}, lambda call, sent: replace(call, variables={}) if b"value_" in sent.query else call)


@defect("Sending a callback message to a client by email", _SAVED)
def number_beside_an_email_lost(parts: Parts) -> None:
    """email_callback saves further parameters that are texts, and loses numbers."""

    def texts(call: Call) -> Call:
        return replace(call, variables={name: value for name, value in call.variables.items() if type(value) is str})

    parts.call("email_callback", texts)
