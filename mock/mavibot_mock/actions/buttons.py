"""Buttons under a message: what a press of one posts, and which of them a messenger refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.facts import MESSENGERS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What Telegram takes as the data of a button, and what it answers to more.
_LONGEST_CALLBACK_BYTES: Final = 64
_TOO_LONG: Final = "Bad Request: BUTTON_DATA_INVALID"
_TELEGRAM: Final = frozenset({MESSENGERS["TELEGRAM"], MESSENGERS["TELEGRAM_BUSINESS"]})


def posted_texts(buttons: Any) -> list[tuple[str, str]]:
    """Return the caption of each button and what a press posts: its `callback`, or the caption itself (field).

    Args:
        buttons: buttons as the API takes them, or `None`; the removal of a keyboard has none.
    """
    return [(each["text"], each.get("callback") or each["text"]) for each in listed(buttons) if "text" in each]


def undeliverable_reason(buttons: Any, client_type: int) -> str | None:
    """Return why a messenger refuses a message with these buttons, or `None` if deliverable.

    Args:
        buttons: buttons as the API takes them, or `None`.
        client_type: number of the messenger.
    """
    if client_type not in _TELEGRAM:
        return None
    callbacks = (button.get("callback", "") for button in listed(buttons))
    return _TOO_LONG if any(len(each.encode()) > _LONGEST_CALLBACK_BYTES for each in callbacks) else None


def listed(buttons: Any) -> list[Mapping[str, Any]]:
    """Return the buttons of a message, whichever form the call gave them."""
    found: list[Mapping[str, Any]] = buttons["buttons"] if isinstance(buttons, dict) else buttons or []
    return found
