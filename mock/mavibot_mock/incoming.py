"""Reads the parameters of a call however they were sent, and notes where that departs from the contract."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from mavibot_mock.replies import invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable

    from starlette.requests import Request

    from mavibot_api.contract import Operation

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that a form or a URL holds under one name; only the schema tells which type is meant."""

    values: tuple[str, ...]
    #: Written as `name[]`, so a list even with one value.
    bracketed: bool = False

    @property
    def last(self) -> str:
        """The value that counts where only one is wanted."""
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class Incoming:
    """The parameters of one call, and what was unusual about the way they came.

    Attributes:
        parameters: by name; `Texts` from a URL or a form, JSON values from a JSON body.
        deviations: departures from the contract, in words.
    """

    parameters: dict[str, Any]
    deviations: list[str]


async def read(request: Request, operation: Operation, methods: Collection[str]) -> Incoming:
    """Read URL and body of a call; where both hold a name, the body wins.

    Args:
        request: the call.
        operation: what the contract says of the action.
        methods: methods by which the contract offers the action.

    Raises:
        RefusedError: the URL or the body cannot be read.
    """
    raw = await request.body()
    url = _texts(_pairs(request.scope["query_string"], "query"))
    label = request.headers.get("content-type", "")
    body, deviations = await _read_body(raw.removeprefix(BOM_UTF8), label, operation)
    if raw.startswith(BOM_UTF8):
        deviations.append("body: begins with a byte order mark")
    if request.method not in methods:
        documented = " and ".join(methods)
        deviations.append(f"{request.method}: {operation.action} is documented for {documented}")
    elif request.method == "GET" and raw:
        deviations.append("body: sent with GET, where parameters belong in the URL")
    elif request.method == "POST":
        misplaced = [name for name in url if name not in operation.aliases and name not in body]
        deviations.extend(f"{name}: sent in the URL instead of the body" for name in misplaced)
    deviations.extend(f"{name}: sent in the URL and in the body; the body counts" for name in url if name in body)
    deviations.extend(f"{name}: sent in the body instead of the URL" for name in body if name in operation.aliases)
    return Incoming({**url, **body}, deviations)


async def _read_body(raw: bytes, label: str, operation: Operation) -> tuple[dict[str, Any], list[str]]:
    if not raw:
        return {}, []
    kind = label.split(";", maxsplit=1)[0].strip().lower()
    labelled = f"labelled {label[:80]}" if label else "without a content type"
    if kind == _MULTIPART:
        return await _read_multipart(raw, label), [f"body: a {_MULTIPART} form instead of {_JSON}"]
    # Integrators send JSON under every label, so the first character tells more than the label.
    if kind == _JSON or raw.lstrip()[:1] in (b"{", b"["):
        return _read_json(raw, operation), [] if kind == _JSON else [f"body: JSON {labelled} instead of {_JSON}"]
    if b"=" not in raw:
        raise invalid("body: is neither a JSON object nor a form")
    described = f"a form {labelled}" if kind != _FORM else f"an {_FORM} form"
    return dict(_texts(_pairs(raw, "body"))), [f"body: {described} instead of {_JSON}"]


def _read_json(raw: bytes, operation: Operation) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
        orjson.dumps(document)  # the writer goes less deep than the reader, and replies may hold what was sent
    except orjson.JSONDecodeError as error:
        raise invalid(f"body: is not valid JSON: {error}") from error
    except TypeError as error:
        raise invalid("body: is nested too deeply") from error
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


async def _read_multipart(raw: bytes, label: str) -> dict[str, Any]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(Headers({"content-type": label}), stream()).parse()
    except (MultiPartException, FormParserError, UnicodeError) as error:
        raise invalid(f"body: is not a valid multipart form: {error}") from error
    texts = _texts((name, value) for name, value in form.multi_items() if isinstance(value, str))
    await form.close()
    # A form may name an odd encoding; what it yields must be writable in ours.
    if any(not _is_writable(name, *held.values) for name, held in texts.items()):
        raise invalid("body: is not valid text")
    return dict(texts)


def _pairs(raw: bytes, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise invalid(f"{place}: is not valid UTF-8") from error


def _texts(pairs: Iterable[tuple[str, str]]) -> dict[str, Texts]:
    found: dict[str, Texts] = {}
    for written, value in pairs:
        name = written.removesuffix("[]")
        before = found.get(name, Texts(()))
        found[name] = Texts((*before.values, value), before.bracketed or name != written)
    return found


def _is_writable(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
