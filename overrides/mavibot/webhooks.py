"""Parses what the platform posts: to the webhook address of the project settings, and from a block of the flow.

>>> event = parse_event(b'{"client": {"id": 25554}, "message": "Hello", "is_input": 1}')
>>> event.kind, event.client.id, event.message
(<EventKind.TEXT: 'text'>, 25554, 'Hello')
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl

import mavibot_contract
from mavibot.errors import MavibotError

__all__ = ["Attachment", "Event", "EventClient", "EventKind", "InvalidEvent", "parse_block_request", "parse_event"]

#: Of more attachments only the first are read: a body of a megabyte could hold half a million.
_MOST_ATTACHMENTS: Final = 1000
#: Maximum characters of a text that is read as a list of attachments; a longer one is kept unchanged.
_LONGEST_LIST: Final = 100_000
_FORM: Final = "application/x-www-form-urlencoded"
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
# Everything that Python prints for nested lists and dictionaries of texts, numbers and None. Only this is parsed.
_PYTHON_LIST: Final = re.compile(
    r"""(?:[\s0-9.,:\[\]{}]|None|True|False|'(?:[^'\\\n]|\\[\\'"nrtxuU])*+'|"(?:[^"\\\n]|\\[\\'"nrtxuU])*+")*+"""
)


class InvalidEvent(MavibotError, ValueError):
    """The body is not an event, or not what a block sends. Answer such a request with HTTP 400."""


class EventKind(StrEnum):
    """What an event is about.

    Attributes:
        TEXT: a message with text; it can have attachments as well.
        ATTACHMENT: files or a shared contact without text.
        SYSTEM: the platform reports an occurrence; `Event.system_event` names it.
        EMPTY: neither text nor attachments.
    """

    TEXT = "text"
    ATTACHMENT = "attachment"
    SYSTEM = "system"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, or a shared contact.

    Attributes:
        url: address of the file.
        type: kind of the file, as the platform names it.
        name: name of the file.
        phone_number: phone number of a shared contact.
        raw: the attachment as received.
    """

    url: str | None = None
    type: str | None = None
    name: str | None = None
    phone_number: str | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EventClient:
    """The client of an event. A field that was not sent or cannot be read is `None`; see `raw`.

    Attributes:
        id: id of the client in the builder, which the API calls `client_id`.
        recepient: id of the client in the messenger, as the platform spells it; `recipient` is the same.
        client_type: number of the messenger; `messenger` is its name as text.
        name: the client's name.
        avatar: address of the client's picture.
        created_at: when the client was created, as sent; `created` is the same as a `datetime`.
        tag: tag with which the client subscribed; carries the start parameter of a deep link.
        group: bot or group to which the client belongs.
        variables: variables of the client; empty if none were sent.
        order_variables: variables of the current deal; empty if none were sent.
        unread_count: messages that no employee has read.
        custom_answer: reply to the last request that the flow made.
        operator_start_dialog: when an operator took over the dialogue, as sent.
        extra: fields that the contract does not name.
        raw: the client as received.
    """

    id: int | None
    recepient: str | None
    client_type: int | None
    name: str | None
    avatar: str | None
    created_at: int | float | str | None
    tag: str | None
    group: str | None
    variables: Mapping[str, Any]
    order_variables: Mapping[str, Any]
    unread_count: int | None
    custom_answer: str | None
    operator_start_dialog: Any
    extra: Mapping[str, Any]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def recipient(self) -> str | None:
        """The id of the client in the messenger."""
        return self.recepient

    @property
    def messenger(self) -> str | None:
        """The name of the messenger as text, such as `"TELEGRAM"`: that of a member of `mavibot.models.Messenger`.

        `None` where no number was sent, or one that the contract does not name; `client_type` is the number itself.
        """
        return None if self.client_type is None else _messengers().get(self.client_type)

    @property
    def created(self) -> datetime | None:
        """When the client was created: in UTC from Unix seconds; naive if the text names no time zone."""
        return _moment(self.created_at)


@dataclass(frozen=True, slots=True)
class Event:
    """A message in or out, or a system event. A field that was not sent or cannot be read is `None`; see `raw`.

    Attributes:
        id: id of the message.
        kind: what the event is about.
        client: the client; some events have none.
        message: text of the message, or the name of a system event.
        attachments: files and shared contacts, whichever shape they were sent in; the first 1,000 of them.
        message_id: id of the block that sent the message; `None` if an employee or the API sent it.
        project_id: id of the project.
        is_input: whether the client sent it; `None` if the event does not say.
        delivered: whether it was delivered.
        error_message: why it was not delivered.
        internal_id: the messenger's own id of the message.
        system_event: name of the system event, without its details; of a payment `<prefix>_success`. The platform
            marks these by their text alone, so a client who types exactly such a text cannot be distinguished from one.
        extra: fields that the contract does not name.
        raw: the event as received.
    """

    id: int | None
    kind: EventKind
    client: EventClient | None
    message: str | None
    attachments: tuple[Attachment, ...]
    message_id: int | None
    project_id: int | None
    is_input: bool | None
    delivered: bool | None
    error_message: str | None
    internal_id: str | None
    system_event: str | None
    extra: Mapping[str, Any]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_incoming(self) -> bool:
        """Whether the client sent it, as far as the event says."""
        return self.is_input is True

    @property
    def details(self) -> str | None:
        """What follows the name of a system event, such as `Pipeline:Stage` or a sum; `None` if nothing does."""
        if self.system_event is None or self.message is None:
            return None
        return self.message.strip().removeprefix(self.system_event).strip() or None


def parse_event(body: bytes | str | Mapping[str, Any]) -> Event:
    """Return the event of a webhook request.

    Unknown fields are kept in `extra`, missing ones are `None`, and neither raises an error.

    Args:
        body: body of the request, raw or decoded.

    Raises:
        InvalidEvent: the body is empty, not JSON, or not an object, or its client is not one.

    Source: document section 'How to receive messages at the Webhook URL specified in the project settings'.
    """
    sent = _object(body)
    message = _text(sent.get("message"))
    attachments = tuple(islice(_attachments(sent.get("attachments")), _MOST_ATTACHMENTS))
    system_event = _system_event(message)
    return Event(
        id=_integer(sent.get("id")),
        kind=_kind(message, attachments, system_event),
        client=_client(sent.get("client")),
        message=message,
        attachments=attachments,
        message_id=_integer(sent.get("message_id")),
        project_id=_integer(sent.get("project_id")),
        is_input=_boolean(sent.get("is_input")),
        delivered=_boolean(sent.get("delivered")),
        error_message=_text(sent.get("error_message")),
        internal_id=_text(sent.get("internal_id")),
        system_event=system_event,
        extra=_unknown(sent, "ProjectMessage"),
        raw=sent,
    )


def parse_block_request(body: bytes | str | Mapping[str, Any], content_type: str | None = None) -> dict[str, Any]:
    """Return what a block of the flow has sent to your server, by name.

    Its shape is the one that the author of the block gave it; it may be empty. JSON and forms are read under any
    content type, since both come under wrong ones. All values of a form are text; of a name that stands twice the last
    counts.
    Whether the request is genuine is for you to check: such a block has no secret but the one that its author puts into
    a header, the address or the body.

    Args:
        body: body of the request, raw or decoded.
        content_type: the request's `Content-Type`, if it is known; decides where a body could be JSON or a form.

    Raises:
        InvalidEvent: the body is neither a JSON object nor a form.

    Source: public integration: servers that blocks call.
    """
    if isinstance(body, Mapping):
        return dict(body)
    try:
        text = (body.decode("utf-8-sig") if isinstance(body, bytes) else body).strip()
    except UnicodeDecodeError as error:
        raise InvalidEvent(f"body: is not UTF-8 text ({error.reason})") from error
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        raise InvalidEvent("body: is a multipart form; let your web framework read it and pass its fields as a mapping")
    if not text or text == "null":
        return {}
    if text.startswith("{") or (kind != _FORM and "=" not in text):
        return _object(text)
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise InvalidEvent(f"body: is not a form ({error})") from error


def _object(body: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(body, Mapping):
        return dict(body)
    if not body.strip():
        raise InvalidEvent("body: is empty; a request that a block of the flow makes can be, an event never is")
    try:
        sent = json.loads(body.removeprefix("\ufeff") if isinstance(body, str) else body)
    except (ValueError, RecursionError) as error:
        raise InvalidEvent(f"body: is not JSON ({error}); pass the raw body of the request") from error
    if not isinstance(sent, dict):
        raise InvalidEvent(f"body: must be a JSON object, got {type(sent).__name__}")
    return sent


def _client(sent: Any) -> EventClient | None:
    if sent is None:
        return None
    if not isinstance(sent, Mapping):
        raise InvalidEvent(f"client: must be an object, got {type(sent).__name__}")
    created_at = sent.get("created_at")
    return EventClient(
        id=_integer(sent.get("id")),
        recepient=_text(sent.get("recepient")),
        client_type=_integer(sent.get("client_type")),
        name=_text(sent.get("name")),
        avatar=_text(sent.get("avatar")),
        created_at=None if _text(created_at) is None else created_at,
        tag=_text(sent.get("tag")),
        group=_text(sent.get("group")),
        variables=_mapping(sent.get("variables")),
        order_variables=_mapping(sent.get("order_variables")),
        unread_count=_integer(sent.get("unread_count")),
        custom_answer=_text(sent.get("custom_answer")),
        operator_start_dialog=sent.get("operator_start_dialog"),
        extra=_unknown(sent, "ProjectMessageClient"),
        raw=dict(sent),
    )


def _kind(message: str | None, attachments: tuple[Attachment, ...], system_event: str | None) -> EventKind:
    if system_event is not None:
        return EventKind.SYSTEM
    if message is not None and message.strip():
        return EventKind.TEXT
    return EventKind.ATTACHMENT if attachments else EventKind.EMPTY


def _system_event(message: str | None) -> str | None:
    """Return the name of the system event that a text is: the whole text, or its first word if details follow."""
    name, *details = (message or "").split(maxsplit=1) or [""]
    if name in _system_events():
        return name if not details or "details" in _system_events()[name] else None
    return name if details and re.search(_payment_event(), f"{name} {details[0].strip()}") else None


def _attachments(sent: Any) -> Iterator[Attachment]:
    match sent:
        case None | "":
            return
        case str():
            yield from _attachments_in_text(sent.strip())
        case Mapping():
            # One attachment, or attachments by some key.
            if sent.keys() & _fields("Attachment"):
                yield _attachment(sent)
            else:
                yield from _attachments(list(sent.values()))
        case list():
            yield from (_attachment(item) for item in sent if item not in (None, ""))
        case _:
            yield Attachment(raw=sent)


def _attachments_in_text(text: str) -> Iterator[Attachment]:
    """Yield the attachments of a text: a list as JSON or as printed by Python, or one address."""
    listed = _list(text) if text.startswith("[") else None
    if listed is not None:
        yield from _attachments(listed)
    elif text:
        yield Attachment(raw=text) if text.startswith("[") else _attachment(text)


def _list(text: str) -> list[Any] | None:
    if len(text) > _LONGEST_LIST:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = _python_list(text)
    return found if isinstance(found, list) else None


def _python_list(text: str) -> Any:
    if not _PYTHON_LIST.fullmatch(text):
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _attachment(sent: Any) -> Attachment:
    if isinstance(sent, str):
        return Attachment(url=sent or None, raw=sent)
    if not isinstance(sent, Mapping):
        return Attachment(raw=sent)
    return Attachment(
        url=_first(sent, "url", "attachment_url", "file"),
        type=_first(sent, "type", "attachment_type"),
        name=_first(sent, "name", "filename"),
        phone_number=_first(sent, "phone_number"),
        raw=sent,
    )


def _first(sent: Mapping[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := _text(sent.get(name)))), None)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _integer(value: Any) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if _INTEGER.fullmatch(value):
            return int(value)
        case _:
            return None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    number = _integer(value)
    return None if number not in (0, 1) else number == 1


def _mapping(value: Any) -> Mapping[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _moment(value: int | float | str | None) -> datetime | None:
    seconds = _integer(value) if isinstance(value, int | str) else value
    try:
        if isinstance(seconds, int | float) and math.isfinite(seconds):
            return datetime.fromtimestamp(seconds, UTC)
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _unknown(sent: Mapping[str, Any], component: str) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in _fields(component)}


@cache
def _fields(component: str) -> frozenset[str]:
    return frozenset(mavibot_contract.load().document["components"]["schemas"][component]["properties"])


@cache
def _messengers() -> dict[int, str]:
    return {number: name for name, number in mavibot_contract.load().enum("Messenger").items()}


@cache
def _system_events() -> dict[str, Mapping[str, Any]]:
    return {event["name"]: event for event in _webhook()["x-system-events"]}


@cache
def _payment_event() -> str:
    pattern: str = _webhook()["x-payment-event"]["pattern"]
    return pattern


def _webhook() -> Mapping[str, Any]:
    found: Mapping[str, Any] = mavibot_contract.load().document["webhooks"]["project_message"]["post"]
    return found
