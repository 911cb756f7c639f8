"""Checks each call as the mock's room of requests does, and each reply against the contract's responses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator, ValidationErrorKind

import mavibot_contract
from mavibot_conformance.target import judgements
from mavibot_conformance.target.shape import event_validator, first_error, media_type, success_validator
from mavibot_contract.words import type_names
from mavibot_mock.request.body import Sent
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import RefusedError
from mavibot_proxy.records.redaction import bounded, decoded, operation_of, unpacked

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from mavibot_contract import Operation
    from mavibot_mock.request.replies import Reply
    from mavibot_proxy.exchange import Exchange

_CONTRACT: Final = mavibot_contract.load()


@cache
def reader_of(action: str) -> Reader:
    """Return what reads the calls of an action."""
    return Reader(action, _CONTRACT)


async def refusal(exchange: Exchange, *, strict: bool = False) -> Reply | None:
    """Return how the mock refuses a call, or `None`; how it deviates from the contract is noted in the exchange.

    Args:
        exchange: the call.
        strict: refuse what deviates from the contract instead of noting it.
    """
    operation = operation_of(exchange)
    if operation is None or not exchange.is_whole:
        return None
    sent = Sent(exchange.method, exchange.query, exchange.header(b"content-type"), exchange.body)
    try:
        reading = await reader_of(operation.action).read(sent, strict=strict)
    except RefusedError as error:
        content = error.reply.body
        exchange.deviations = error.deviations
        exchange.refusal = str(content["message"] if isinstance(content, dict) else content)
        return error.reply
    exchange.deviations = reading.advice
    return None


def check_reply(exchange: Exchange) -> Any:
    """Check a reply; what the contract does not know of it, and a failure inside a 200, are noted in the exchange.

    Returns:
        Its data: decoded JSON within bounds, or a text; `None` where there is no reply, or none that can be read.
    """
    if exchange.status is None or not exchange.reply_is_whole or exchange.method == "HEAD":
        return None
    content = unpacked(exchange)
    if content is None:
        return None
    data = decoded(content)
    if data is None:
        data = content.decode("utf-8", "replace")
    operation = operation_of(exchange)
    if operation is not None:
        exchange.unknown_reply = _unknown(operation, exchange.status, data)
        data = bounded(data)
        if 200 <= exchange.status < 300:
            exchange.failure = judgements.failure(operation, data)
    return data


def check_webhook(exchange: Exchange) -> None:
    """Check what the platform has posted; what the contract does not know of it is noted in the exchange."""
    event = decoded(exchange.body) if exchange.is_whole else None
    if event is None:
        exchange.refusal = "the body is no JSON"
        return
    wrong = first_error(event_validator(), event)
    if wrong is not None:
        exchange.refusal = _problem(wrong, "the event")


def _unknown(operation: Operation, status: int, data: Any) -> str | None:
    """Return what of a reply the contract does not know, or `None`."""
    response = operation.responses.get(str(status))
    if response is None:
        return f"status {status}"
    contents = response.get("content", {})
    kind = media_type(data)
    if kind not in contents:
        return f"status {status}: {kind} instead of {' or '.join(contents)}"
    validator = _validator(operation.action, operation.method, status, kind)
    # Of a 200 the successful shape alone explains, so that the problem names a field.
    explaining = success_validator(operation.action, operation.method, kind) if status == 200 else validator
    wrong = None if first_error(validator, data) is None else first_error(explaining, data)
    return None if wrong is None else f"status {status}: {_problem(wrong, 'the reply')}"


def _problem(error: ValidationError | str, whole: str) -> str:
    """Return what is wrong and where, without the value that is."""
    if isinstance(error, str):
        return f"{whole}: {error}"
    place = "/".join("*" if isinstance(step, int) else step for step in error.instance_path)
    return f"{place or whole}: {_wrong(error)}"


def _wrong(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Type(types):
            return f"must be {type_names(types)}"
        case ValidationErrorKind.Required(name):
            return f"`{name}` is missing"
        case ValidationErrorKind.AnyOf([[first], *_]) if isinstance(first.kind, ValidationErrorKind.Required):
            return _wrong(first)
        case ValidationErrorKind.Constant(value):
            return f"must be {value!r}"
        case _:
            return f"breaks `{error.schema_path[-1]}`"


@cache
def _validator(action: str, method: Any, status: int, kind: str) -> Draft202012Validator:
    """Return what checks all replies with a status."""
    schema = _CONTRACT.operation(action, method).responses[str(status)]["content"][kind]["schema"]
    return Draft202012Validator(_CONTRACT.standalone(schema))
