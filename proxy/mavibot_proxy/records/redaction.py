"""Shows an exchange without keys, and without what is personal."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson

import mavibot_contract
from mavibot_proxy.records.hiding import PLACEHOLDER, Hiding
from mavibot_proxy.records.pseudonyms import EMAIL_INSIDE, Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mavibot_contract import Method, Operation, Schema
    from mavibot_proxy.exchange import Exchange, Headers

_CONTRACT: Final = mavibot_contract.load()
#: Components of the contract that name no person, and those whose numbers do.
_IDS: Final = frozenset({"ClientId", "OrderId", "StateId", "ListId", "BlockId", "ClientType", "CreatedAt"})
_PERSONAL: Final = frozenset({"Phone", "PlatformId"})
_PLAIN_TYPES: Final = frozenset({"integer", "number", "boolean", "null"})
#: Fields of a reply whose object holds variables by name.
_VARIABLES: Final = frozenset({"variables", "order_variables", "q"})
#: Fields of a client that are listed among its variables.
_BESIDE_VARIABLES: Final = frozenset({"client_type", "message_id", "messenger"})
#: Names of headers whose values could grant access, or identify the caller.
_SECRET_HEADER: Final = re.compile(r"auth|cookie|token|secret|key|password|session|forwarded|real-ip", re.IGNORECASE)
_REDACTED: Final = "REDACTED"
#: A header with a longer value is recorded without it.
_LONGEST_HEADER: Final = 8_192
#: Headers that describe only the program or the reply. Others get pseudonyms.
_PLAIN_HEADERS: Final = frozenset(
    {
        *("accept", "accept-encoding", "accept-ranges", "age", "allow", "alt-svc", "cache-control", "connection"),
        *("content-encoding", "content-length", "content-type", "date", "expect", "expires", "host", "keep-alive"),
        *("last-modified", "pragma", "retry-after", "server", "strict-transport-security", "te", "trailer"),
        *("transfer-encoding", "upgrade", "user-agent", "vary", "x-content-type-options", "x-frame-options"),
        *("mavibot-proxy-outcome", "mavibot-mock-deviations"),
    }
)
_LIKE_AN_ACTION: Final = re.compile(r"(?:[a-z0-9_]|API_KEY){1,64}")
#: A reply that is one short line of plain words.
_WORDS: Final = re.compile(r"[^<>{}\[\]\"\x00-\x1f\ufffd]{1,100}")
#: Stands for the secret address that the platform posts to.
WEBHOOK: Final = "https://proxy.invalid/webhook"
_LONGEST_UNPACKED: Final = 4_000_000
#: Levels of JSON data that are looked at and recorded: orjson writes 254, and Python's stack holds few more.
_DEEPEST: Final = 200
#: Stands for what is nested deeper; the pseudonym of it is the same.
_TOO_DEEP: Final = "…"
#: Texts of a note that repeat what was sent.
_QUOTED: Final = re.compile(r"'[^']*'|(?<=got )\S+")
#: What a note can repeat of a person in its last part, the numbers of which are those of the contract.
_REPEATED: Final = re.compile(rf"{_QUOTED.pattern}|{EMAIL_INSIDE.pattern}")
#: An id, a number or a moment, which no pseudonym may make another.
_ID_OR_MOMENT: Final = re.compile(r"-?\d+(?:\.\d+)?|(?:\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4})[\d\s:.TZ+-]{0,30}")


@dataclass(slots=True)
class Shown:
    """An exchange as others may see it.

    Attributes:
        url: address with the query, the placeholder in place of the key.
        headers: headers of the call; so it is for the reply.
        sent: body of the call as text, or `None` without one.
        reply_headers: headers of the reply.
        reply: body of the reply as text.
    """

    url: str
    headers: list[tuple[str, str]]
    sent: str | None
    reply_headers: list[tuple[str, str]]
    reply: str


class Redaction:
    """Makes exchanges fit to be shown: always replaces keys, and what is personal unless told otherwise."""

    def __init__(self, url: str, *, is_on: bool = True, keep: Collection[str] = ()) -> None:
        """Prepare.

        Args:
            url: base URL of the upstream.
            is_on: whether names, phone numbers, e-mail addresses, texts and values of variables get pseudonyms.
            keep: names of fields that are kept nevertheless.
        """
        self.hiding: Final = Hiding()
        self._url: Final = url
        self._is_on: Final = is_on
        self._keep: Final = frozenset(keep)
        self._pseudonyms: Final = Pseudonyms()

    def shown(self, exchange: Exchange) -> Shown:
        """Return an exchange as others may see it."""
        self.hiding.remember(exchange.key)
        if exchange.is_webhook:
            return self._shown_webhook(exchange)
        operation = operation_of(exchange)
        query = self._query(exchange.query, operation)
        url = f"{self._url}/api/{PLACEHOLDER}/{self.action(exchange)}" + (f"?{query}" if query else "")
        sent = self._sent(exchange, operation) if exchange.body else None
        return Shown(
            url,
            self._headers(exchange.headers),
            sent,
            self._headers(exchange.reply_headers),
            self._reply(exchange, operation),
        )

    def _shown_webhook(self, exchange: Exchange) -> Shown:
        data = self._hidden(exchange.body)[0] if exchange.is_whole else None
        sent = f"[{len(exchange.body)} bytes]" if data is None else _json(data)
        if self._is_on and data is not None:
            sent = _json(self._redacted(data, _plain_names()))
        headers, reply_headers = self._headers(exchange.headers), self._headers(exchange.reply_headers)
        reply = self._reply(exchange, None)
        return Shown(WEBHOOK, headers, self.hiding.text(sent), reply_headers, reply)

    def action(self, exchange: Exchange) -> str:
        """Return the action of a call; of one that the contract does not know, what further parts could tell is not."""
        action = self.hiding.text(exchange.action)
        if not self._is_on or operation_of(exchange) is not None or exchange.is_webhook:
            return action
        first, *others = action.split("/")
        shown = self._pseudonyms.in_text if _LIKE_AN_ACTION.fullmatch(first) else self._pseudonyms.of
        return "/".join([shown(first), *map(self._pseudonyms.of, others)])

    def line(self, text: str) -> str:
        """Return a note about a call for the terminal, with pseudonyms for addresses and phone numbers."""
        text = self.hiding.text(text)
        if not self._is_on:
            return text
        *names, words = text.split(": ")
        words = _REPEATED.sub(lambda found: self._pseudonyms.in_text(found[0]), words)
        return ": ".join([*map(self._pseudonyms.in_text, names), words])

    def note(self, text: str) -> str:
        """Return a note about a call, without what it repeats of the call."""
        return _QUOTED.sub(_unquoted, self.line(text)) if self._is_on else self.hiding.text(text)

    def told(self, text: str) -> str:
        """Return what a reply says of a failure, with pseudonyms for addresses, phone numbers and names."""
        text = self.hiding.text(text)
        return self._pseudonyms.in_words(text) if self._is_on else text

    def content_type(self, text: str) -> str:
        """Return a content type as it is recorded among the headers."""
        return self._header("content-type", text)[1]

    def _headers(self, headers: Headers) -> list[tuple[str, str]]:
        return [self._header(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if len(value) > _LONGEST_HEADER or _SECRET_HEADER.search(name):
            return self._name(self.hiding.text(name)), _REDACTED
        value = self.hiding.text(value)
        if self._is_on and name not in self._keep:
            of_value = self._pseudonyms.in_emails if name.lower() in _PLAIN_HEADERS else self._pseudonyms.of
            value = of_value(value)
        return self._name(self.hiding.text(name)), value

    def _name(self, name: str) -> str:
        """Return a name of a field or header, with pseudonyms for the addresses and numbers in it."""
        return self._pseudonyms.in_text(name) if self._is_on and name not in self._keep else name

    def _query(self, query: bytes, operation: Operation | None) -> str:
        text = self.hiding.text(query.decode("latin-1"))
        return self._form(text, operation) if self._is_on and text else text

    def _form(self, text: str, operation: Operation | None) -> str:
        pairs = self._pairs(parse_qsl(text, keep_blank_values=True, errors="replace"), operation)
        return self.hiding.text(urlencode(pairs))

    def _pairs(self, pairs: list[tuple[str, str]], operation: Operation | None) -> list[tuple[str, str]]:
        declared = _declared(operation)
        return [
            (self._name(name), self._value(value, name.partition("[")[0], declared))
            for name, value in ((self.hiding.text(name), self.hiding.text(value)) for name, value in pairs)
        ]

    def _sent(self, exchange: Exchange, operation: Operation | None) -> str:
        if not exchange.is_whole:
            return f"[more than {len(exchange.body)} bytes]"
        data, text = self._hidden(exchange.body)
        if not self._is_on:
            return text
        if isinstance(data, dict | list):
            return self.hiding.text(_json(self._redacted(data, _declared(operation))))
        if "=" in text and "\n" not in text:
            return self._form(text, operation)
        return f"[{len(exchange.body)} bytes]"

    def _reply(self, exchange: Exchange, operation: Operation | None) -> str:
        if not exchange.reply_is_whole:
            return f"[more than {len(exchange.reply)} bytes]"
        content = unpacked(exchange)
        if content is None:
            return f"[{len(exchange.reply)} bytes]"
        data, text = self._hidden(content)
        if not self._is_on:
            return text
        if isinstance(data, dict | list):
            failed = exchange.failure is not None or (exchange.status or 0) >= 400
            return self.hiding.text(_json(self._answered(data, operation, failed=failed)))
        if _WORDS.fullmatch(text.strip()) or (exchange.status or 0) >= 400:
            return self.hiding.text(self._pseudonyms.in_words(text))
        return self.hiding.text(self._pseudonyms.of(text))

    def _hidden(self, content: bytes) -> tuple[Any, str]:
        """Return JSON data, `None` if it is none, and the text of a body, both without keys.

        Keys go first: a pseudonym for a text with a key in it would hold a part of the key.
        """
        data, text = bounded(decoded(content)), content.decode("utf-8", "replace")
        hidden = self.hiding.text(text)
        if data is None or (hidden == text and "\\" not in text):
            return data, hidden
        data = self.hiding.data(data)
        # What stood in a number would be no JSON any more.
        return data, hidden if decoded(hidden.encode()) == data else _json(data)

    def _answered(self, data: Any, operation: Operation | None, *, failed: bool) -> Any:
        if failed and isinstance(data, dict):
            return {self._name(name): self._told(value) for name, value in data.items()}
        if operation is not None and _is_variables(operation.success):
            return self._redacted(data, _BESIDE_VARIABLES)
        holders = _VARIABLES | ({"result"} if operation is not None and operation.action == "get_order_vars" else set())
        return self._redacted(data, _plain_names(), holders)

    def _told(self, value: Any) -> Any:
        return self._pseudonyms.in_words(value) if isinstance(value, str) else self._redacted(value, _plain_names())

    def _redacted(
        self, data: Any, plain: Collection[str], holders: Collection[str] = _VARIABLES, name: str = ""
    ) -> Any:
        """Return data with pseudonyms for all values but those below a name that is kept."""
        if isinstance(data, dict):
            plain = () if name in holders else plain
            return {self._name(each): self._redacted(value, plain, holders, each) for each, value in data.items()}
        if isinstance(data, list):
            return [self._redacted(value, plain, holders, name) for value in data]
        return self._value(data, name, plain)

    def _value(self, value: Any, name: str, plain: Collection[str]) -> Any:
        if name in self._keep:
            return value
        return self._kept(value) if name in plain else self._pseudonyms.of(value)

    def _kept(self, value: Any) -> Any:
        """Return a value that says nothing of a person, unless an address or a phone number stands there by mistake."""
        if not isinstance(value, str) or _ID_OR_MOMENT.fullmatch(value):
            return value
        return self._pseudonyms.in_text(value)


def operation_of(exchange: Exchange) -> Operation | None:
    """Return the operation that a call is, or is nearest to; `None` where the contract does not know the action."""
    operations = _CONTRACT.actions.get(exchange.action)
    if operations is None or exchange.is_webhook:
        return None
    by_method: Mapping[str, Operation] = {str(method): each for method, each in operations.items()}
    return by_method.get(exchange.method) or next(iter(by_method.values()))


def decoded(content: bytes | bytearray) -> Any:
    """Return the data of a JSON text, or `None`."""
    try:
        return orjson.loads(content)
    except ValueError:
        return None


def bounded(data: Any, levels: int = _DEEPEST) -> Any:
    """Return JSON data with a placeholder for each list and object that is nested too deeply."""
    if not isinstance(data, dict | list):
        return data
    if not levels:
        return _TOO_DEEP
    if isinstance(data, dict):
        return {name: bounded(each, levels - 1) for name, each in data.items()}
    return [bounded(each, levels - 1) for each in data]


def unpacked(exchange: Exchange) -> bytes | None:
    """Return the body of a reply without its content encoding, or `None` where that cannot be undone within bounds."""
    encoding = exchange.reply_header(b"content-encoding").strip().lower()
    if encoding in ("", "identity"):
        return bytes(exchange.reply)
    if encoding not in ("gzip", "deflate"):
        return None
    stream = zlib.decompressobj(47)  # either, by its header
    try:
        content = stream.decompress(bytes(exchange.reply), _LONGEST_UNPACKED)
    except zlib.error:
        return None
    return None if stream.unconsumed_tail else content


def _json(data: Any) -> str:
    return orjson.dumps(data).decode()


@cache
def _declared_by(action: str, method: Method) -> frozenset[str]:
    operation = _CONTRACT.operation(action, method)
    own = {name for name, schema in operation.schema["properties"].items() if _is_plain(schema)}
    return frozenset(own | operation.aliases | {"line", "index_in_line", "type", "one_time", *_IMPORTED})


#: Fields inside the items of a call.
_IMPORTED: Final = frozenset({"client_type", "resume_bot"})


def _declared(operation: Operation | None) -> frozenset[str]:
    """Return the parameters of a call whose values say nothing of a person."""
    return frozenset() if operation is None else _declared_by(operation.action, operation.method)


def _unquoted(found: re.Match[str]) -> str:
    """Return a quoted text of a note: a parameter's name as it is, and in place of a value that was sent `…`."""
    return found[0] if found[0][1:-1] in _parameter_names() else "'…'"


@cache
def _parameter_names() -> frozenset[str]:
    operations = (_CONTRACT.operation(action) for action in _CONTRACT.actions)
    return frozenset(name for operation in operations for name in operation.schema.get("properties", {}))


@cache
def _plain_names() -> frozenset[str]:
    """Return the fields of replies whose values say nothing of a person, wherever the contract has them."""
    found: dict[str, bool] = {"status": True}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, schema in node.get("properties", {}).items():
                if isinstance(schema, dict) and name != "status":
                    found[name] = found.get(name, True) and _is_plain(schema)
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(_CONTRACT.document)
    return frozenset(name for name, is_plain in found.items() if is_plain)


def _is_plain(schema: Schema) -> bool:
    """Return True if the values of a schema say nothing of a person."""
    component = schema.get("$ref", "").rpartition("/")[2]
    if component in _IDS:
        return True
    if component in _PERSONAL:
        return False
    schema = _CONTRACT.resolve(schema)
    if "const" in schema or "enum" in schema or "x-time" in schema or schema.get("x-names") == "variable":
        return True
    if "anyOf" in schema:
        return all(map(_is_plain, schema["anyOf"]))
    if "items" in schema:
        return _is_plain(schema["items"])
    types = schema.get("type", "object")
    return _PLAIN_TYPES.issuperset([types] if isinstance(types, str) else types)


def _is_variables(schema: Schema) -> bool:
    """Return True if a successful reply is nothing but variables by name."""
    return not _CONTRACT.resolve(schema).get("properties") and _CONTRACT.resolve(schema).get("type") == "object"
