"""Puts a message into a client's history and tells the project's webhook; every message comes to be here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.facts import ORIGINS
from mavibot_mock.store.database import to_json

if TYPE_CHECKING:
    from mavibot_mock.project import Project


def send(
    project: Project,
    client_id: int,
    *,
    text: str,
    now: float,
    attachments: Any = None,
    buttons: Any = None,
    block_id: int | None = None,
) -> int:
    """Send a message to a client and return its number; a blocked client or channel leaves it undelivered.

    Args:
        project: the project.
        client_id: who gets it.
        text: text of the message.
        now: when it goes out, Unix seconds.
        attachments: files, as the history shows them.
        buttons: buttons as the API takes them.
        block_id: the block of the flow that sends it, or `None` for what a call sends.
    """
    return project.store.add_message(
        client_id,
        text=text,
        now=now,
        attachments=attachments,
        buttons=None if buttons is None else to_json(buttons),
        message_from_outside=ORIGINS["API"],
        block_id=block_id,
    )


def receive(
    project: Project, client_id: int, *, text: str, now: float, attachments: Any = None, is_callback: bool = False
) -> int:
    """Take a message of a client, or an event that a call reports as if the client had written it.

    Args:
        project: the project.
        client_id: who wrote it, or whom the event is about.
        text: text of the message, or name of the event.
        now: when it came, Unix seconds.
        attachments: files, as the history shows them.
        is_callback: whether a call reported it; the client does not see it then.
    """
    origin = ORIGINS["CALLBACK"] if is_callback else ORIGINS["DIALOGUE"]
    return project.store.add_message(
        client_id, text=text, now=now, attachments=attachments, message_from_outside=origin, client_replica=True
    )
