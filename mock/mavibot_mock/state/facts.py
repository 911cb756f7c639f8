"""What the mock knows from the contract's shared schemas: numbers by name, and how dates are written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from jsonschema_rs import Draft202012Validator

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTRACT: Final = mavibot_contract.load()
_DOCUMENT: Final = _CONTRACT.document
_SCHEMAS: Final = _DOCUMENT["components"]["schemas"]


#: Number of a messenger (`client_type`) by its name in the contract.
MESSENGERS: Final[Mapping[str, int]] = _CONTRACT.enum("Messenger")

#: Value of the variable `messenger` by number, where integrators have seen one.
SHOWN_MESSENGERS: Final = {
    MESSENGERS["VKONTAKTE"]: "VK",
    MESSENGERS["TELEGRAM"]: "Telegram",
    MESSENGERS["VIBER"]: "Viber",
    MESSENGERS["FACEBOOK"]: "Facebook",
    MESSENGERS["ONLINE_CHAT"]: "Онлайн-чат",
    MESSENGERS["WHATSAPP"]: "WhatsApp",
    MESSENGERS["INSTAGRAM"]: "Instagram",
    MESSENGERS["MAX"]: "MAX",
}

#: Number of a message's origin (`message_from_outside`) by its name in the contract.
ORIGINS: Final[Mapping[str, int]] = _CONTRACT.enum("MessageOrigin")

#: Number of a deal's outcome (`order_status`) by its name in the contract.
ORDER_STATUSES: Final[Mapping[str, int]] = _CONTRACT.enum("OrderStatus")

#: Number of a WhatsApp channel's state by its name in the contract.
WHATSAPP_STATUSES: Final[Mapping[str, int]] = _CONTRACT.enum("WhatsAppStatus")

#: What a key can be allowed to do, such as `clients:read`.
PERMISSIONS: Final = frozenset(_DOCUMENT["x-permissions"])

#: How `send_time` and the days of a history are written, for `strptime`.
SEND_TIME_FORMAT: Final[str] = _SCHEMAS["SendTime"]["x-time"]
DAY_FORMAT: Final[str] = _SCHEMAS["Day"]["x-time"]


def fits(value: object, schema: str) -> bool:
    """Return True if a value has the form of one of the contract's shared schemas."""
    return _validator(schema).is_valid(value)


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(_CONTRACT.standalone({"$ref": f"#/components/schemas/{schema}"}))
