"""Tells when two notations of an id, a phone number or an e-mail address mean the same."""

from __future__ import annotations

from typing import Any, Final

import orjson

from mavibot_mock.facts import MESSENGERS

#: Numbers of the messengers that have rules of their own.
WHATSAPP: Final = MESSENGERS["WHATSAPP"]
TELEPHONY: Final = MESSENGERS["TELEPHONY"]
EMAIL: Final = MESSENGERS["EMAIL"]


def as_text(value: float | str) -> str:
    """Return an id as text; ids come as numbers and as text, and JSON may write 5 as 5.0."""
    return value if isinstance(value, str) else str(int(value))


def digits(text: str) -> str:
    """Return the digits of a phone number in any notation."""
    return "".join(character for character in text if character in "0123456789")


def platform_identity(client_type: int, platform_id: str) -> str:
    """Return what identifies a client inside a channel.

    The digits identify a WhatsApp client, so that `+7 953 …` and `7953…@s.whatsapp.net` are one client.
    """
    if client_type == WHATSAPP:
        return digits(platform_id) or platform_id
    if client_type == EMAIL:
        return platform_id.lower()
    return platform_id


def search_text(name: str, value: Any) -> str:
    """Return the text by which a search finds a variable: of a phone the digits, of an e-mail address small letters."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if name == "phone":
        return digits(text) or text
    if name == "email":
        return text.lower()
    return text
