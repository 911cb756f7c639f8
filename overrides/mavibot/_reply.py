"""Decides what a raw reply means: a result, or one of the errors.

A failure can come with HTTP 200, and a success as plain text. So what the body says counts before it is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from mavibot._parse import parser
from mavibot._wire import RawReply, Request
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

_SUCCESS: Final = {"success", "ok", "true", "1"}
# A `status` or a bare reply that reports a failure, as the document and integrations show them.
_FAILURE: Final = re.compile(
    r"(fail|failed|failure|error|denied|forbidden|invalid)\b([:.,;-].*)?|.*not[ _]found", re.IGNORECASE
)
# Keys of a failure where the reply is a flat object of variables: a variable may be called `status`.
_FAILURE_KEYS: Final = {"status", "message", "error", "success", "code"}
_BARE_WORD: Final = re.compile(r"[^<>{}\[\]\"\x00-\x1f\ufffd]{1,100}")
_NOT_JSON: Final = object()
#: Seconds that stand for every longer pause.
_LONG: Final = 365 * 24 * 3600.0


class Reply(NamedTuple):
    """The answer to a call, raw and parsed.

    Attributes:
        action: action that was called.
        http_status: HTTP status of the answer.
        headers: headers of the answer, by lower-case name; what came several times is joined by commas.
        text: raw body of the answer.
        result: what the method of this action returns.
    """

    action: str
    http_status: int
    headers: Mapping[str, str]
    text: str
    result: Any


def interpret(request: Request, raw: RawReply) -> Reply:
    """Return the reply to a successful call.

    Args:
        request: what was sent. Without parsing, the result is the decoded body, or its text if it is not JSON.
        raw: what the server answered.

    Raises:
        ApiError: the call failed, or the reply to a read cannot be understood.
    """
    operation, data = request.operation, _decoded(raw)
    if raw.http_status // 100 != 2:
        raise _refusal(operation, raw, data)
    if _says_failure(operation, raw, data):
        raise _failure(operation, raw, data)
    result = _result(operation, raw, data) if request.parsed else _plain_result(raw, data)
    return Reply(operation.action, raw.http_status, raw.headers, raw.text, result)


def _decoded(raw: RawReply) -> Any:
    # Of bytes the encoding is looked for, which takes longer than the rest; ASCII without NUL can be UTF-8 alone.
    body = raw.text if raw.content.isascii() and "\0" not in raw.text else raw.content
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
    """Return the error for a body that reports a failure, whatever the HTTP status."""
    said = data if isinstance(data, dict) else {"status": _bare_word(raw, data) or ""}
    words = [str(said[name]) for name in ("message", "error", "status") if said.get(name)]
    known: list[tuple[str, type[ApiError]]] = [
        (r"client[ _]not[ _]found", ClientNotFound),
        (r"order( \d+)?[ _]not[ _]found", OrderNotFound),
        (r"not[ _]found", NotFound),
    ]
    kinds = (error for pattern, error in known if any(re.search(pattern, word, re.IGNORECASE) for word in words))
    return next(kinds, otherwise)(operation.action, raw.http_status, raw.text, words[0] if words else None)


def _refusal(operation: Operation, raw: RawReply, data: Any) -> ApiError:
    """Return the error for an HTTP status other than success."""
    action, status, text = operation.action, raw.http_status, raw.text
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return RefusedKey(action, status, text, "the API key is unknown or revoked")
        case HTTPStatus.FORBIDDEN:
            return RefusedPermission(action, status, text, operation.permission or None)
        case HTTPStatus.NOT_FOUND:
            is_said = not raw.content.strip() and _has_only_clients_to_find(operation)
            return _failure(operation, raw, data, otherwise=ClientNotFound if is_said else NotFound)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(action, status, text, _retry_after(raw))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reason = data.get("message") if isinstance(data, dict) else None
        return ServerError(action, status, text, _retry_after(raw), reason or "the server failed")
    if status >= HTTPStatus.BAD_REQUEST:
        return _failure(operation, raw, data)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return UnexpectedReply(action, status, text, "the server sends elsewhere, where we do not go; check base_url")
    return UnexpectedReply(action, status, text, "the answer is neither success nor failure")


def _has_only_clients_to_find(operation: Operation) -> bool:
    """Return True if a source says that a 404 of this action means an unknown client, and nothing else does."""
    known = operation.responses.get("404")
    if known is None or known["x-evidence"] == "assumed":
        return False
    schema = known["content"]["application/json"]["schema"]
    return bool(schema.get("$ref", "").endswith("/ClientNotFound"))


def _retry_after(raw: RawReply) -> float | None:
    """Return the seconds that the header `Retry-After` asks for, as a number or as a date; at most a year.

    What cannot be read is taken for that long: the server asked for something, and coming back at once is no answer.
    """
    value = raw.headers.get("retry-after", "").strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]+([.][0-9]*)?", value):
        return min(float(value), _LONG)
    try:
        moment = parsedate_to_datetime(value)
        return min(max(0.0, (moment - datetime.now(moment.tzinfo)).total_seconds()), _LONG)
    except (ValueError, OverflowError):
        return _LONG


def _plain_result(raw: RawReply, data: Any) -> Any:
    return raw.text if data is _NOT_JSON else data


def _result(operation: Operation, raw: RawReply, data: Any) -> Any:
    """Return the parsed body; a write that needs no data of its answer is a success whatever the body is."""
    parse = parser(operation.action).parse
    try:
        return parse(_envelope(operation, raw, data))
    except ValueError:
        pass
    if operation.effect == "read":
        raise UnexpectedReply(operation.action, raw.http_status, raw.text, "the reply is not of the expected shape")
    if _needed_data(operation):
        raise UnreadableReply(
            operation.action, raw.http_status, raw.text, "the call was accepted, but its reply cannot be read"
        )
    return parse({"status": "success"})


def _envelope(operation: Operation, raw: RawReply, data: Any) -> Any:
    """Return the object or list that was answered; a plain text becomes the status of an object.

    Raises:
        ValueError: the contract has a list where an object came, or the reverse; the action answers in JSON; or the
            reply to a read is not a bare word.
    """
    if isinstance(data, (dict, list)):
        if isinstance(data, list) != (operation.success["type"] == "array"):
            raise ValueError("a list in place of an object, or the reverse")
        return data
    if "text/plain" not in operation.responses["200"]["content"]:
        raise ValueError("not JSON")
    if operation.effect == "read" and _bare_word(raw, data) is None:
        raise ValueError("neither JSON nor a word")
    return {"status": data if isinstance(data, str) else raw.text.strip()}


def _needed_data(operation: Operation) -> set[str]:
    return set(operation.success.get("required", ())) - {"status"}
