"""Reads the parameters of a call however they were sent, and notes where that deviates from the contract.

Whatever a body holds, reading it costs time and memory in proportion to its bytes: what would cost more, such as
nothing but braces, is refused before it is read.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

import orjson
from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from mavibot_mock.request.deviations import shortened
from mavibot_mock.request.replies import RefusedError, fail, invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Mapping

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
#: `a[b][]` as programs in PHP write and read it.
_NESTED_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_DEEPEST_NAME: Final = 20
#: Journal and export show what was sent some levels deeper; and an export must be importable.
_LEVELS_AROUND: Final = 8
#: A list or object takes 60 to 260 bytes of memory, a text 60, a field of a form 300, however short it is in a body. So
#: many are taken of any body, and beyond that one for so many of its bytes.
_ANY: Final = 2_500
_BYTES_OF_A_CONTAINER: Final = 20
_BYTES_OF_A_TEXT: Final = 5
_BYTES_OF_A_FIELD: Final = 16
_JSON_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
#: A long text is decoded in pieces: the library takes some 30 bytes for each %XX.
_PIECE: Final = 4_096
#: How deep the library writes.
_DEEPEST: Final = 254
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
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


@dataclass(slots=True)
class Texts:
    """Everything that a form or a URL holds under one name; only the schema tells which type is meant."""

    #: The value that counts where only one is wanted.
    last: str
    #: Written as `name[]`, so a list even with one value.
    bracketed: bool = False
    earlier: list[str] | None = None

    @property
    def values(self) -> list[str]:
        """All values, in the order in which they were sent."""
        return [*(self.earlier or ()), self.last]

    def add(self, value: str, *, bracketed: bool) -> None:
        """Add a value."""
        if self.earlier is None:
            self.earlier = []
        self.earlier.append(self.last)
        self.last = value
        self.bracketed = self.bracketed or bracketed


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
    url = _named(_pairs(sent.query, "query"), deviations, size=len(sent.query)) if sent.query else {}
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
        return _named(await _multipart_pairs(raw, sent.content_type), deviations, size=len(raw))
    if b"=" not in raw:
        raise invalid("body: is neither a JSON object nor a form")
    described = f"a form {sent_as}" if kind != _FORM else f"an {_FORM} form"
    deviations.note("body", f"{described} instead of {JSON}")
    return _named(_pairs(raw, "body"), deviations, size=len(raw))


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


def load_json(
    text: str | bytes, *, levels: int = _LEVELS_AROUND, bytes_of_a_container: int = _BYTES_OF_A_CONTAINER
) -> Any:
    """Return the document of a JSON text.

    Args:
        text: the text.
        levels: how many levels a reply may put around the document.
        bytes_of_a_container: how long a list or object is on average, at least, in a long text.

    Raises:
        ValueError: it is not JSON, has too many parts for its length, or is too deep for such a reply: the writer goes
            less deep than the reader.
    """
    raw = text.encode() if isinstance(text, str) else text
    containers = raw.count(b"{") + raw.count(b"[")
    if containers > _ANY or len(raw) > _ANY * _BYTES_OF_A_TEXT:
        _check_density(raw, containers, bytes_of_a_container)
    document = orjson.loads(raw)
    if containers > _DEEPEST - levels and _depth(raw) > _DEEPEST - levels:
        raise ValueError("is nested too deeply")
    return document


def _check_density(raw: bytes, containers: int, bytes_of_a_container: int) -> None:
    most_containers, most_texts = most_parts(len(raw), bytes_of_a_container), most_parts(len(raw), _BYTES_OF_A_TEXT)
    if containers <= most_containers and raw.count(b'"') <= 2 * most_texts:
        return
    # It takes longer to tell brackets inside texts from others than to count all of them.
    texts = 0
    for found in _JSON_TEXT.finditer(raw):
        texts += 1
        begin, end = found.span()
        if end - begin > 2:
            containers -= raw.count(b"{", begin, end) + raw.count(b"[", begin, end)
    if containers > most_containers:
        raise ValueError(f"more than {most_containers} lists and objects are too many for its length")
    if texts > most_texts:
        raise ValueError(f"more than {most_texts} texts are too many for its length")


def most_parts(size: int, bytes_of_a_part: int) -> int:
    """Return how many parts of a kind a body or URL may have.

    Args:
        size: its bytes.
        bytes_of_a_part: how long such a part is on average, at least, in a long one.
    """
    return _ANY + size // bytes_of_a_part


def _depth(raw: bytes) -> int:
    """Return how deep a JSON text is nested, up to a bound."""
    brackets = bytearray()
    end = 0
    for found in _JSON_TEXT.finditer(raw):
        brackets += raw[end : found.start()].translate(_ONE_KIND, _NO_BRACKETS)
        end = found.end()
    brackets += raw[end:].translate(_ONE_KIND, _NO_BRACKETS)
    depth = 0
    while brackets and depth <= _DEEPEST:
        brackets = brackets.replace(b"[]", b"")
        depth += 1
    return depth


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


def _pairs(raw: bytes, place: str) -> Iterator[tuple[str, str]]:
    """Return the names and values of a form or query string.

    Raises:
        RefusedError: there are too many for its length, or one is not UTF-8.
    """
    most = most_parts(len(raw), _BYTES_OF_A_FIELD)
    if raw.count(b"&") > most:
        raise invalid(f"{place}: more than {most} fields are too many for its length")
    begin = 0
    while begin < len(raw):
        end = raw.find(b"&", begin)
        if end < 0:
            end = len(raw)
        if end > begin:
            name, _, value = raw[begin:end].partition(b"=")
            try:
                yield _text(name), _text(value)
            except UnicodeDecodeError as error:
                raise invalid(f"{place}: is not valid UTF-8") from error
        begin = end + 1


def _text(quoted: bytes) -> str:
    spaced = quoted.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced.decode()
    if len(spaced) <= _PIECE:
        return unquote_to_bytes(spaced).decode()
    pieces = bytearray()
    begin = 0
    while begin < len(spaced):
        end = begin + _PIECE
        # No escape is cut in two.
        cut = spaced.rfind(b"%", end - 2, end)
        end = end if cut < 0 else cut
        pieces += unquote_to_bytes(spaced[begin:end])
        begin = end
    return pieces.decode()


def _named(pairs: Iterable[tuple[str, str]], deviations: Deviations, *, size: int) -> dict[str, Any]:
    """Return the values of a form or URL by name; `a[b]` and `a[0]` are read as PHP reads them.

    Args:
        pairs: names and values.
        deviations: what is unusual about the names is added here.
        size: bytes of the form or URL.
    """
    steps, most_steps = 0, most_parts(size, _BYTES_OF_A_CONTAINER)
    found: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for written, value in pairs:
        match = _NESTED_NAME.fullmatch(written) if written.endswith("]") else None
        if match is None or match[2] == "[]":
            name = written if match is None else match[1]
            before = found.get(name)
            if before is None:
                found[name] = Texts(value, match is not None)
            else:
                before.add(value, bracketed=match is not None)
            continue
        name, path = match[1], match[2][1:-1].split("][", _DEEPEST_NAME)
        if len(path) > _DEEPEST_NAME:
            raise invalid(f"{shortened(name)}: is nested too deeply")
        steps += len(path)
        if steps > most_steps:
            raise invalid(f"{shortened(name)}: more than {most_steps} brackets are too many for the length")
        _put(nested.setdefault(name, {}), path, value)
    # Of a name with and without brackets those with brackets count (assumed).
    for name, each in nested.items():
        found[name] = _with_lists(each)
        deviations.note(name, "written with brackets", "; read as an object or a list", fix="send it as JSON")
    return found


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


def _too_large(largest: int) -> RefusedError:
    return RefusedError(fail(413, f"body: at most {largest} bytes"))
