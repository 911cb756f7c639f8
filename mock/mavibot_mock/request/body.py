"""Reads the parameters of a call however they were sent, and notes where that deviates from the contract.

Whatever a body holds, reading it costs time and memory in proportion to its bytes: what would cost more, such as
nothing but braces, is refused before it is read (`json_text`, `forms`).
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.request.deviations import shortened
from mavibot_mock.request.forms import fields, multipart_fields
from mavibot_mock.request.json_text import load_json
from mavibot_mock.request.replies import RefusedError, fail, invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.types import Receive

    from mavibot_contract import Operation
    from mavibot_mock.request.deviations import Deviations

#: What is longer is refused before it is read to the end.
LARGEST_BODY: Final = 10_000_000
#: What is longer is read in a thread of its own, so that other calls go on meanwhile.
LONG_BODY: Final = 65_536

JSON: Final = "application/json"
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_UTF_8: Final = frozenset({"utf-8", "utf8"})
#: Part of a character outside of ASCII in a form.
_ESCAPED: Final = re.compile(rb"%[89A-Fa-f]")
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_FIRST: Final = re.compile(rb"\s*+(.)", re.DOTALL)


class CutOffError(Exception):
    """The connection ended before all of the call had come."""


@dataclass(slots=True)
class Sent:
    """A call as it came, before anything in it is understood.

    Attributes:
        method: HTTP method.
        query: query string, without `?`.
        content_type: as it was sent, or empty.
        body: the whole body.
    """

    method: str
    query: bytes
    content_type: str
    body: bytes = b""


async def receive_body(headers: Mapping[bytes, bytes], receive: Receive, *, largest: int = LARGEST_BODY) -> bytes:
    """Return the body of a call; what is left of a refused one is for the server to pass over.

    Args:
        headers: those of the call, by lower-case name.
        receive: as ASGI has it.
        largest: longest body that is taken, bytes.

    Raises:
        RefusedError: it is too large.
        CutOffError: the caller has gone away.
    """
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > largest:
        raise _too_large(largest)
    event = await receive()
    if not event.get("more_body") and event["type"] == "http.request":
        body: bytes = event.get("body", b"")
        if len(body) > largest:
            raise _too_large(largest)
        return body
    chunks, size = [], 0
    while True:
        if event["type"] == "http.disconnect":
            raise CutOffError
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > largest:
            raise _too_large(largest)
        if not event.get("more_body"):
            return b"".join(chunks)
        event = await receive()


async def read(
    sent: Sent,
    operation: Operation,
    deviations: Deviations,
    *,
    methods: Collection[str],
    aliases: frozenset[str],
) -> dict[str, Any]:
    """Return the parameters in URL and body of a call by name; where both hold a name, the body wins.

    Values are `Texts` from a URL or a form, JSON values from a JSON body or from names with brackets.

    Args:
        sent: the call.
        operation: what the contract says of the action.
        deviations: what is unusual about the way in which they were sent is added here.
        methods: methods by which the contract offers the action.
        aliases: names that belong in the URL by any method.

    Raises:
        RefusedError: the URL or the body cannot be read.
    """
    url = fields(sent.query, "query", deviations) if sent.query else {}
    body = await _read_body(sent, operation, deviations) if sent.body else {}
    if sent.method not in methods:
        documented = " and ".join(methods)
        deviations.note(sent.method, f"{operation.action} is documented for {documented}")
    elif sent.method == "GET" and sent.body:
        deviations.note("body", "sent with GET, where parameters belong in the URL")
    elif sent.method == "POST":
        for name in url:
            if name not in aliases and name not in body:
                deviations.note(name, "sent in the URL instead of the body")
    if url and body:
        for name in url:
            if name in body:
                deviations.note(name, "sent in the URL and in the body", "; the body counts", fix="send it once")
    if not aliases.isdisjoint(body):
        for name in body:
            if name in aliases:
                deviations.note(name, "sent in the body instead of the URL")
    return {**url, **body} if url and body else url or body


async def _read_body(sent: Sent, operation: Operation, deviations: Deviations) -> dict[str, Any]:
    raw = sent.body.removeprefix(BOM_UTF8)
    if len(raw) < len(sent.body):
        deviations.note("body", "begins with a byte order mark", fix="leave it out")
    if not raw:
        return {}
    kind = content_kind(sent.content_type)
    is_json = kind == JSON or _first_byte(raw) in (b"{", b"[")
    if sent.content_type != JSON:
        _check_charset(sent.content_type, raw, deviations, is_form=not is_json)
    sent_as = f"sent as {sent.content_type[:80]}" if sent.content_type else "without a content type"
    # Integrators send JSON as any content type, so the first character tells more than that.
    if is_json:
        if kind != JSON:
            deviations.note("body", f"JSON {sent_as} instead of {JSON}")
        return _read_json(raw, operation)
    if kind == _MULTIPART:
        deviations.note("body", f"a {_MULTIPART} form instead of {JSON}")
        return await multipart_fields(raw, sent.content_type, deviations)
    if b"=" not in raw:
        raise invalid("body: is neither a JSON object nor a form")
    described = f"a form {sent_as}" if kind != _FORM else f"an {_FORM} form"
    deviations.note("body", f"{described} instead of {JSON}")
    return fields(raw, "body", deviations)


def _check_charset(content_type: str, raw: bytes, deviations: Deviations, *, is_form: bool) -> None:
    """Refuse a body in another charset than UTF-8, unless its text is the same in both."""
    found = _CHARSET.search(content_type)
    if found is None or found[1].lower() in _UTF_8:
        return
    charset = f"the charset '{shortened(found[1])}'"
    if not raw.isascii() or b"\0" in raw or (is_form and _ESCAPED.search(raw)):
        raise RefusedError(fail(415, f"Content-Type: {charset} is not supported; send UTF-8"))
    deviations.note("Content-Type", f"{charset} instead of UTF-8")


def content_kind(content_type: str) -> str:
    """Return the bare content type of one such as `application/json; charset=utf-8`."""
    return content_type if content_type == JSON else content_type.split(";", maxsplit=1)[0].strip().lower()


def _first_byte(raw: bytes) -> bytes:
    """Return the first byte after white space."""
    found = _FIRST.match(raw)
    return found[1] if found else b""


def _read_json(raw: bytes, operation: Operation) -> dict[str, Any]:
    try:
        document = load_json(raw)
    except orjson.JSONDecodeError as error:
        raise invalid(f"body: is not valid JSON: {error}") from error
    except ValueError as error:
        raise invalid(f"body: {error}") from error
    wanted = operation.body_argument
    if wanted is None:
        if not isinstance(document, dict):
            raise invalid("body: must be a JSON object with the parameters by name")
        return document
    if isinstance(document, dict) and wanted in document:
        raise invalid(f"body: must be the list itself, without the wrapping `{wanted}`")
    if not isinstance(document, list):
        raise invalid(f"body: must be a JSON list, the {wanted}")
    return {wanted: document}


def _too_large(largest: int) -> RefusedError:
    return RefusedError(fail(413, f"body: at most {largest} bytes"))
