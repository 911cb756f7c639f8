"""Defects of one of the two methods: wrong by GET alone, or by POST alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote_to_bytes

from mavibot_mock.defects.parts import EVERY, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request import body
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import RefusedError, fail, wrong_method

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.request.body import Sent

_BOTH: Final = "The listed methods can now be executed as either POST or GET requests"
_WEBHOOK: Final = "How to use a universal webhook"


@defect(_WEBHOOK, _BOTH)
def whatsapp_callback_refuses_get(parts: Parts) -> None:
    """whatsapp_callback answers GET with 405."""
    _refuse(parts, "whatsapp_callback", "GET")


@defect("Check if a phone number has WhatsApp", "Can be called using either GET or POST")
def check_whatsapp_refuses_post(parts: Parts) -> None:
    """check_whatsapp answers POST with 405."""
    _refuse(parts, "check_whatsapp", "POST")


@defect("Start the bot", "any parameters you additionally pass will be saved in variable")
def extra_lost_by_get(parts: Parts) -> None:
    """A callback saves further parameters only where it comes by POST."""
    by_get(parts, lambda call: replace(call, variables={}))


@defect("Start the bot", "time_shift - the message will be sent after the given number of seconds")
def time_shift_lost_by_get(parts: Parts) -> None:
    """time_shift counts only where the call comes by POST."""
    by_get(parts, lambda call: without(call, "time_shift"))


@defect(_WEBHOOK, "Make sure you understand the correct format for GET requests")
def plus_stays_plus_by_get(parts: Parts) -> None:
    """In a URL + is not read as a space."""
    _queries(parts, lambda query: query.replace(b"+", b"%2B"))


@defect(_WEBHOOK, "Make sure you understand the correct format for GET requests")
def url_read_as_latin(parts: Parts) -> None:
    """In a URL letters beyond ASCII are read as Latin-1, so that Cyrillic is garbled."""

    def garbled(query: bytes) -> bytes:
        if b"%" not in query:
            return query
        escaped = query.replace(b"%26", b"%2526").replace(b"%3D", b"%253D").replace(b"%2B", b"%252B")
        return quote(unquote_to_bytes(escaped).decode("latin-1"), safe="&=+%[]").encode()

    _queries(parts, garbled)


@defect("How to create a JSON request", "Requests are sent via the POST method; This usually includes the data format")
def json_label_with_charset_refused(parts: Parts) -> None:
    """A body with the content type `application/json; charset=utf-8` is refused as not JSON."""

    async def read(old: Around, reader: Reader, sent: Sent, *, strict: bool) -> Any:
        if "charset" in sent.content_type:
            raise RefusedError(fail(415, "Content-Type: must be application/json"))
        return await old(reader, sent, strict=strict)

    parts.function(Reader, "read", read)


def _refuse(parts: Parts, action: str, method: str) -> None:
    """Refuse one method of an action."""

    async def read(old: Around, reader: Reader, sent: Sent, *, strict: bool) -> Any:
        if reader.operation.action == action and sent.method == method:
            raise RefusedError(wrong_method(method, ["POST" if method == "GET" else "GET"]))
        return await old(reader, sent, strict=strict)

    parts.function(Reader, "read", read)


def by_get(parts: Parts, change: Callable[[Call], Call], *, actions: Container[str] = EVERY) -> None:
    """Change calls of some actions that come by GET."""
    parts.read(actions, lambda call, sent: change(call) if sent.method == "GET" else call)


def _queries(parts: Parts, change: Callable[[bytes], bytes]) -> None:
    """Read another query string than the one that was sent."""

    def read(old: Around, sent: Sent, *rest: Any, **others: Any) -> Any:
        return old(replace(sent, query=change(sent.query)), *rest, **others)

    parts.function(body, "read", read)
