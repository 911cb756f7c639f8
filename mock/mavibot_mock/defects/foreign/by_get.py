"""What is right by POST, and not by GET."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.call import done
from mavibot_mock.actions.recipients import client_by_contact
from mavibot_mock.defects.methods import by_get
from mavibot_mock.defects.parts import given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import RefusedError, wrong_method

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Answer, Around, Parts, Turn
    from mavibot_mock.request.body import Sent
    from mavibot_mock.request.replies import Reply

_WEBHOOK: Final = "How to use a universal webhook"
_EITHER: Final = "callback, whatsapp_callback, message, whatsapp_message can be executed as either POST or GET"


@defect(_WEBHOOK, _EITHER)
def callback_by_get_does_nothing(parts: Parts) -> None:
    """Callback by GET is answered as if it had been done, and nothing happens."""

    def answered(handler: Any, call: Call) -> Any:
        if "by_get" not in call.parameters:
            return handler(call)
        client_by_contact(call)
        return done(call)

    by_get(parts, lambda call: given(call, by_get=True), actions={"callback"})
    parts.action("callback", answered)


@defect(_WEBHOOK, _EITHER)
def message_by_get_without_its_file(parts: Parts) -> None:
    """Message by GET sends the text without the file."""
    by_get(parts, lambda call: without(call, "attachment_url", "attachment_type"), actions={"message"})


@defect("Starting the bot using a WhatsApp number", "resume_bot - True: if the bot is paused, use this to resume it")
def resume_bot_unread_by_get(parts: Parts) -> None:
    """whatsapp_callback by GET does not resume a paused bot."""
    by_get(parts, lambda call: without(call, "resume_bot"), actions={"whatsapp_callback"})


@defect(_WEBHOOK, "value_client_id: provide the name of the parameter holding this value")
def names_in_the_address_unread_by_get(parts: Parts) -> None:
    """Message by GET does not know the parameters that begin with `value_`."""

    def read(old: Around, reader: Reader, sent: Sent, *, strict: bool) -> Any:
        if reader.operation.action == "message" and sent.method == "GET":
            pairs = (pair for pair in sent.query.split(b"&") if not pair.startswith(b"value_"))
            return old(reader, replace(sent, query=b"&".join(pairs)), strict=strict)
        return old(reader, sent, strict=strict)

    parts.function(Reader, "read", read)


@defect(_WEBHOOK, _EITHER)
def whatsapp_message_refuses_get(parts: Parts) -> None:
    """whatsapp_message is refused by GET."""

    async def answered(answer: Answer, turn: Turn) -> Reply:
        if turn.entry.action == "whatsapp_message" and turn.entry.sent.method == "GET":
            raise RefusedError(wrong_method("GET", ["POST"]))
        return await answer(turn)

    parts.answer(answered)
