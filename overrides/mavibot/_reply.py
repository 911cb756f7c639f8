"""Decides what a raw reply means: a result, or one of the errors.

A failure can come with HTTP 200, and a success as plain text. What the body says therefore counts before what the
generated parser makes of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from mavibot._codec import Codec
from mavibot._transport import RawReply
from mavibot.errors import (
    ApiError,
    ClientNotFound,
    NotFound,
    OrderNotFound,
    RateLimited,
    RefusedKey,
    RefusedPermission,
    RejectedRequest,
    ServerError,
    UnexpectedReply,
    UnreadableReply,
)
from mavibot_contract import Operation

_SUCCESS = {"success", "ok", "true", "1"}
# A `status` or a bare reply that tells of a failure, as the document and integrations show them.
_FAILURE = re.compile(
    r"(fail|failed|failure|error|denied|forbidden|invalid)\b([:.,;-].*)?|.*not[ _]found", re.IGNORECASE
)
# Keys of a failure where the reply is a flat object of variables: a variable may be called `status`.
_FAILURE_KEYS = {"status", "message", "error", "success", "code"}
_BARE_WORD = re.compile(r"[^<>{}\[\]\"\x00-\x1f\ufffd]{1,100}")
_NOT_JSON = object()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call, raw and parsed.

    Attributes:
        action: action that was called.
        http_status: HTTP status of the answer.
        headers: headers of the answer, by lower-case name.
        text: raw body of the answer.
        result: what the method of this action returns.
    """

    action: str
    http_status: int
    headers: Mapping[str, str]
    text: str
    result: Any


def interpret(operation: Operation, codec: Codec | None, raw: RawReply) -> Reply:
    """Return the reply of a successful call.

    Args:
        operation: operation that was called.
        codec: its codec; without one, the result is the decoded body, or its text where it is not JSON.
        raw: what the server answered.

    Raises:
        ApiError: the call failed, or the reply of a read cannot be understood.
    """
    data = _decoded(raw.content)
    if not HTTPStatus.OK <= raw.http_status < HTTPStatus.MULTIPLE_CHOICES:
        raise _refusal(operation, raw, data)
    if _says_failure(operation, raw, data):
        raise _failure(operation, raw, data)
    return Reply(operation.action, raw.http_status, raw.headers, raw.text, _result(operation, codec, raw, data))


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _says_failure(operation: Operation, raw: RawReply, data: Any) -> bool:
    if isinstance(data, str) or data is _NOT_JSON:
        word = _bare_word(raw, data)
        return word is not None and bool(_FAILURE.fullmatch(word))
    if data is False and operation.effect != "read":
        return True
    if not isinstance(data, dict):
        return False

    # Where the reply is nothing but variables, only what cannot be variables of a client is a failure.
    properties = operation.success.get("properties", {})
    if not properties and not data.keys() <= _FAILURE_KEYS:
        return False

    # The plain word for success counts more than anything beside it.
    status = data.get("status")
    if data.get("success") is True or str(status).lower() in _SUCCESS:
        return False
    if data.get("success") is False:
        return True
    if not isinstance(status, str):
        return bool(data.get("error"))

    # Where a read has one word for success, any other word is a failure. A write or send was accepted unless the word
    # says otherwise: an error would invite the caller to do it again.
    one_word = operation.effect == "read" and "const" in properties.get("status", {})
    return one_word or bool(_FAILURE.fullmatch(status.strip()))


def _bare_word(raw: RawReply, data: Any) -> str | None:
    """Return a reply that is one short line of plain words, as opposed to a page or broken JSON."""
    text = (data if isinstance(data, str) else raw.text).strip()
    return text if _BARE_WORD.fullmatch(text) else None


def _failure(operation: Operation, raw: RawReply, data: Any, otherwise: type[ApiError] = RejectedRequest) -> ApiError:
    """Return the error for a body that tells of a failure, whatever the HTTP status."""
    told = data if isinstance(data, dict) else {"status": _bare_word(raw, data) or ""}
    words = [str(told[name]) for name in ("message", "error", "status") if told.get(name)]
    known: list[tuple[str, type[ApiError]]] = [
        (r"client[ _]not[ _]found", ClientNotFound),
        (r"order( \d+)?[ _]not[ _]found", OrderNotFound),
        (r"not[ _]found", NotFound),
    ]
    kinds = (error for pattern, error in known if any(re.search(pattern, word, re.IGNORECASE) for word in words))
    return next(kinds, otherwise)(operation.action, raw.http_status, raw.text, words[0] if words else None)


def _refusal(operation: Operation, raw: RawReply, data: Any) -> ApiError:
    """Return the error for an HTTP status that is none of success."""
    action, status, text = operation.action, raw.http_status, raw.text
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return RefusedKey(action, status, text, "the API key is unknown or revoked")
        case HTTPStatus.FORBIDDEN:
            return RefusedPermission(action, status, text, operation.permission or None)
        case HTTPStatus.NOT_FOUND:
            return _failure(operation, raw, data, otherwise=NotFound)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(action, status, text, _retry_after(raw))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        told = data.get("message") if isinstance(data, dict) else None
        return ServerError(action, status, text, _retry_after(raw), told or "the server failed")
    if status >= HTTPStatus.BAD_REQUEST:
        return _failure(operation, raw, data)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return UnexpectedReply(action, status, text, "the server sends elsewhere, where we do not go; check base_url")
    return UnexpectedReply(action, status, text, "the answer is neither success nor failure")


def _retry_after(raw: RawReply) -> float | None:
    """Return the seconds that the header `Retry-After` asks for, as a number or as a moment."""
    value = raw.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}([.][0-9]+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment - datetime.now(moment.tzinfo)).total_seconds())


def _result(operation: Operation, codec: Codec | None, raw: RawReply, data: Any) -> Any:
    if codec is None:
        return raw.text if data is _NOT_JSON else data
    with suppress(Exception):  # the generated parser raises whatever the wrong shape makes Python raise
        whole = data if isinstance(data, dict | list) else _envelope(operation, raw, data)
        if isinstance(whole, list) == (operation.success.get("type") == "array"):
            return codec.parse(whole)
    if operation.effect == "read":
        raise UnexpectedReply(operation.action, raw.http_status, raw.text, "the reply is not of the expected shape")
    if _needed_data(operation):
        raise UnreadableReply(
            operation.action, raw.http_status, raw.text, "the call was accepted, but its reply cannot be read"
        )
    return codec.parse({"status": "success"})


def _envelope(operation: Operation, raw: RawReply, data: Any) -> Any:
    """Return what stands for a plain-text reply: the text as the status of the envelope.

    Raises:
        ValueError: the action answers in JSON, or the reply of a read is no bare word.
    """
    if "text/plain" not in operation.responses["200"]["content"]:
        raise ValueError("not JSON")
    if operation.effect == "read" and _bare_word(raw, data) is None:
        raise ValueError("neither JSON nor a word")
    return {"status": data if isinstance(data, str) else raw.text.strip()}


def _needed_data(operation: Operation) -> set[str]:
    return set(operation.success.get("required", ())) - {"status"}
