"""Reads the parameters of a call however they were sent, and notes where that deviates from the contract."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from mavibot_mock.request.deviations import Deviation, shortened
from mavibot_mock.request.replies import RefusedError, fail, invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable

    from starlette.types import Receive, Scope

    from mavibot_contract import Operation

    #: Parameters by name, and the deviations of the way in which they were sent.
    _Named = tuple[dict[str, Any], list[Deviation]]

#: What is longer is refused before it is read to the end.
LARGEST_BODY: Final = 10_000_000

JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
#: `a[b][]` as programs in PHP write and read it.
_NESTED_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_DEEPEST_NAME: Final = 20
#: Journal and export show what was sent some levels deeper; and an export must be importable.
_LEVELS_AROUND: Final = 8


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


@dataclass(slots=True)
class Incoming:
    """The parameters of one call, and what was unusual about the way they came.

    Attributes:
        parameters: by name; `Texts` from a URL or a form, JSON values from a JSON body or from names with brackets.
        deviations: deviations from the contract.
    """

    parameters: dict[str, Any]
    deviations: list[Deviation]


async def receive_body(scope: Scope, receive: Receive) -> bytes:
    """Return the body of a call; what is left of a refused one is for the server to pass over.

    Raises:
        RefusedError: it is too large.
        CutOffError: the caller has gone away.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > LARGEST_BODY:
            raise _too_large()
    event = await receive()
    if not event.get("more_body") and event["type"] == "http.request":
        body: bytes = event.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise _too_large()
        return body
    chunks, size = [], 0
    while True:
        if event["type"] == "http.disconnect":
            raise CutOffError
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise _too_large()
        if not event.get("more_body"):
            return b"".join(chunks)
        event = await receive()


async def read(sent: Sent, operation: Operation, *, methods: Collection[str], aliases: frozenset[str]) -> Incoming:
    """Read URL and body of a call; where both hold a name, the body wins.

    Args:
        sent: the call.
        operation: what the contract says of the action.
        methods: methods by which the contract offers the action.
        aliases: names that belong in the URL by any method.

    Raises:
        RefusedError: the URL or the body cannot be read.
    """
    url, unusual_url = _named(_pairs(sent.query, "query")) if sent.query else ({}, [])
    body, unusual_body = await _read_body(sent, operation) if sent.body else ({}, [])
    deviations = [*unusual_url, *unusual_body]
    if sent.method not in methods:
        documented = " and ".join(methods)
        deviations.append(Deviation(sent.method, f"{operation.action} is documented for {documented}"))
    elif sent.method == "GET" and sent.body:
        deviations.append(Deviation("body", "sent with GET, where parameters belong in the URL"))
    elif sent.method == "POST":
        misplaced = [name for name in url if name not in aliases and name not in body]
        deviations.extend(Deviation(name, "sent in the URL instead of the body") for name in misplaced)
    if url and body:
        deviations.extend(
            Deviation(name, "sent in the URL and in the body", "; the body counts", fix="send it once")
            for name in url
            if name in body
        )
    if not aliases.isdisjoint(body):
        misplaced = [name for name in body if name in aliases]
        deviations.extend(Deviation(name, "sent in the body instead of the URL") for name in misplaced)
    return Incoming({**url, **body}, deviations)


async def _read_body(sent: Sent, operation: Operation) -> _Named:
    raw = sent.body.removeprefix(BOM_UTF8)
    deviations = []
    if len(raw) < len(sent.body):
        deviations.append(Deviation("body", "begins with a byte order mark", fix="leave it out"))
    if not raw:
        return {}, deviations
    kind = content_kind(sent.content_type)
    sent_as = f"sent as {sent.content_type[:80]}" if sent.content_type else "without a content type"
    # Integrators send JSON as any content type, so the first character tells more than that.
    if kind == JSON or raw.lstrip()[:1] in (b"{", b"["):
        if kind != JSON:
            deviations.append(Deviation("body", f"JSON {sent_as} instead of {JSON}"))
        return _read_json(raw, operation), deviations
    if kind == _MULTIPART:
        deviations.append(Deviation("body", f"a {_MULTIPART} form instead of {JSON}"))
        found, unusual = _named(await _multipart_pairs(raw, sent.content_type))
    elif b"=" in raw:
        described = f"a form {sent_as}" if kind != _FORM else f"an {_FORM} form"
        deviations.append(Deviation("body", f"{described} instead of {JSON}"))
        found, unusual = _named(_pairs(raw, "body"))
    else:
        raise invalid("body: is neither a JSON object nor a form")
    return found, [*deviations, *unusual]


def content_kind(content_type: str) -> str:
    """Return the bare content type of one such as `application/json; charset=utf-8`."""
    return content_type if content_type == JSON else content_type.split(";", maxsplit=1)[0].strip().lower()


def load_json(text: str | bytes, *, levels: int = _LEVELS_AROUND) -> Any:
    """Return the document of a JSON text.

    Args:
        text: the text.
        levels: how many levels a reply may put around the document.

    Raises:
        ValueError: it is no JSON, or too deep for such a reply: the writer goes less deep than the reader.
    """
    document = around = orjson.loads(text)
    for _ in range(levels):
        around = [around]
    try:
        orjson.dumps(around)
    except TypeError as error:
        raise ValueError("it is nested too deeply") from error
    return document


def _read_json(raw: bytes, operation: Operation) -> dict[str, Any]:
    try:
        document = load_json(raw)
    except ValueError as error:
        raise invalid(f"body: is not valid JSON: {error}") from error
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


async def _multipart_pairs(raw: bytes, content_type: str) -> list[tuple[str, str]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(Headers({"content-type": content_type}), stream()).parse()
    except (MultiPartException, FormParserError, UnicodeError) as error:
        raise invalid(f"body: is not a valid multipart form: {error}") from error
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    await form.close()
    # A form may name an odd encoding; what it yields must be writable in ours.
    if any(not _is_writable(name, value) for name, value in pairs):
        raise invalid("body: is not valid text")
    return pairs


def _pairs(raw: bytes, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise invalid(f"{place}: is not valid UTF-8") from error


def _named(pairs: Iterable[tuple[str, str]]) -> _Named:
    """Return the values of a form or URL by name; `a[b]` and `a[0]` are read as PHP reads them."""
    found: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for written, value in pairs:
        match = _NESTED_NAME.fullmatch(written) if written.endswith("]") else None
        if match is None or match[2] == "[]":
            name = written if match is None else match[1]
            before = found.get(name) or Texts(())
            found[name] = Texts((*before.values, value), before.bracketed or match is not None)
            continue
        name, path = match[1], match[2][1:-1].split("][")
        if len(path) > _DEEPEST_NAME:
            raise invalid(f"{shortened(name)}: is nested too deeply")
        _put(nested.setdefault(name, {}), path, value)
    # Of a name with and without brackets those with brackets count (assumed).
    return {**found, **{name: _with_lists(each) for name, each in nested.items()}}, [
        Deviation(name, "written with brackets", "; read as an object or a list", fix="send it as JSON")
        for name in nested
    ]


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    """Put a value where its name says; an empty step is the next place of a list."""
    *steps, last = path
    for step in steps:
        key = step or str(len(tree))
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    tree[last or str(len(tree))] = value


def _with_lists(value: Any) -> Any:
    """Return a tree in which what has the keys 0, 1, 2… is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(each) for key, each in value.items()}
    return list(inner.values()) if list(inner) == [str(place) for place in range(len(inner))] else inner


def _is_writable(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_large() -> RefusedError:
    return RefusedError(fail(413, f"body: at most {LARGEST_BODY} bytes"))
