"""Tells when two notations of an id, a phone number, an e-mail address or a value mean the same."""

from __future__ import annotations

from typing import Any, Final

import orjson

from mavibot_mock.state.facts import MESSENGERS

#: Numbers of the messengers that have rules of their own.
ONLINE_CHAT: Final = MESSENGERS["ONLINE_CHAT"]
WHATSAPP: Final = MESSENGERS["WHATSAPP"]
TELEPHONY: Final = MESSENGERS["TELEPHONY"]
EMAIL: Final = MESSENGERS["EMAIL"]

#: What WhatsApp's own ids have after the number.
_WHATSAPP_ENDING: Final = "@s.whatsapp.net"


def as_text(value: float | str) -> str:
    """Return an id as text; ids come as numbers and as text, and JSON may write 5 as 5.0."""
    return value if isinstance(value, str) else str(int(value))


def digits(text: str) -> str:
    """Return the digits of a phone number in any notation."""
    return "".join(character for character in text if character in "0123456789")


def phone_identity(text: str) -> str:
    """Return what all notations of a phone number have in common, or the text itself where it is not a phone number.

    The digits tell, so that `+7 953 …` and `7953…@s.whatsapp.net` are one number; an e-mail address stays as it is.
    """
    number = text.removesuffix(_WHATSAPP_ENDING)
    is_phone = not any(character.isalpha() or character == "@" for character in number)
    return digits(number) or text if is_phone else text


def platform_identity(client_type: int, platform_id: str) -> str:
    """Return what identifies a client inside a channel."""
    if client_type in (WHATSAPP, TELEPHONY):
        return phone_identity(platform_id)
    if client_type == EMAIL:
        return platform_id.lower()
    return platform_id


def search_text(name: str, value: Any) -> str:
    """Return the text by which a search finds a variable; the number 5 and the text `5` have the same (assumed)."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = orjson.dumps(value).decode()
    if name == "phone":
        return phone_identity(text)
    if name == "email":
        return text.lower()
    return text
