"""Calls the server under test: the guard checks each call, and each call is kept with its reply."""

from __future__ import annotations

import json
import re
import shlex
import socket
import ssl
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2

import mavibot_contract
from mavibot_conformance.target import judgements, network, notation
from mavibot_conformance.target.clock import Waits
from mavibot_conformance.target.guard import UNKNOWN
from mavibot_conformance.target.offer import Offer
from mavibot_conformance.target.profile import FULL
from mavibot_contract.keys import PLACEHOLDER, Finder, hide_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_conformance.target.clock import Clock
    from mavibot_conformance.target.guard import Guard
    from mavibot_conformance.target.profile import Profile
    from mavibot_contract import Method, Operation

#: Consecutive calls without an answer that end a run.
_MOST_NETWORK_ERRORS: Final = 3
#: Consecutive replies of "too many calls" that end a run.
_MOST_REFUSALS: Final = 5
#: Seconds before a call that was one too many is sent again where the reply names none, and most that are waited for.
_REFUSED_FOR: Final = 1.0
_LONGEST_REFUSAL: Final = 30.0
#: After how many calls in a row without a reply an action is called no more.
_MOST_SILENCES: Final = 3
#: Once the server has left a call without a reply: the least timeout, or so many times its slowest reply so far.
_SHORT_TIMEOUT: Final = 2.0
_SLOWER: Final = 3
#: Errors of a server that says nothing at all.
_SILENCE: Final = (httpx2.ConnectError, httpx2.TimeoutException)
_LONGEST_SHOWN: Final = 2000
#: What a body repeats, how much of it makes a command unreadable, and how far into a body it is looked for.
_REPEATED: Final = re.compile(r"(.{1,12}?)\1{9,}", re.DOTALL)
_LONG_REPETITION: Final = 500
_LONGEST_SEARCHED: Final = 200_000
#: Bound of one reply, in bytes: more is no answer.
_GREATEST_REPLY: Final = 16_000_000
#: Stands for the HTTP status where the reply cannot be read, and for its text where it did not come in time.
NO_REPLY: Final = 599
_NOT_IN_TIME: Final = "no reply in time"
#: What Python adds to the text of an error: the error's number, and how it writes bytes.
_NUMBER: Final = re.compile(r"\[Errno -?\d+\] ")
_BYTES: Final = re.compile(r"""(?:bytearray\()?b(["'])(?P<bytes>.*?)\1\)?""")
#: Linux alone has it.
_QUICK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class UnreachableError(Exception):
    """The server does not answer, or answers only that there are too many calls."""


class SilentError(UnreachableError):
    """The server answers, but the last calls of this action had no reply in time; nothing was sent.

    Attributes:
        exchange: the last of these calls.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange: Final = exchange
        super().__init__(f"{exchange.action}: {_MOST_SILENCES} calls in a row had {_NOT_IN_TIME}")


class MissingError(LookupError):
    """A rule needs a key or an item that the reply does not hold; the text names it.

    Attributes:
        exchange: the call and its reply.
    """

    def __init__(self, missing: str, exchange: Exchange) -> None:
        self.exchange: Final = exchange
        super().__init__(missing)


class _Object(dict[str, Any]):
    """A JSON object of a reply."""

    def __init__(self, exchange: Exchange, values: dict[str, Any]) -> None:
        super().__init__({name: _parsed(exchange, value, repr(name)) for name, value in values.items()})
        self._exchange: Final = exchange

    def __missing__(self, key: str) -> Any:
        raise MissingError(repr(key), self._exchange)


class _Array(list[Any]):
    """A JSON array of a reply."""

    def __init__(self, exchange: Exchange, items: list[Any], name: str) -> None:
        super().__init__(items)
        self._exchange: Final = exchange
        self._name: Final = name

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            place = "the last item" if index < 0 else f"item {index + 1}"
            raise MissingError(f"{place} of {self._name}", self._exchange) from None


def _parsed(exchange: Exchange, value: Any, name: str) -> Any:
    """Return a value of a reply as one that says what it lacks."""
    return _Array(exchange, value, name) if type(value) is list else value


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its reply; a placeholder stands for the key in both.

    Attributes:
        action: the action.
        method: HTTP method.
        url: address with the query.
        key: name of the key in the profile.
        content_type: content type of the body.
        sent: body as text.
        status: HTTP status; `NO_REPLY` if no reply came, or none that can be read, which `text` then describes.
        headers: of the reply.
        text: body of the reply.
        seconds: how long it took.
        started: when it began, in Unix seconds.
        is_utf8: whether the bytes of the body are UTF-8.
    """

    action: str
    method: Method
    url: str
    key: str
    content_type: str | None
    sent: str | None
    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float
    started: float = 0.0
    is_utf8: bool = True

    @property
    def data(self) -> Any:
        """The body as JSON, or as text if it is not JSON.

        A key that an object of it lacks raises `MissingError`, as does an item that an array lacks.
        """
        try:
            return _parsed(self, json.loads(self.text, object_hook=partial(_Object, self)), "the list")
        except (ValueError, RecursionError):
            return self.text

    @property
    def read(self) -> Any:
        """The data, with numbers for their digits where the document does not show how the server writes them."""
        return notation.reply_as_read(self)

    @property
    def body_status(self) -> str | None:
        """The status that the body states, such as `success`, `fail` or `client_not_found`."""
        return judgements.body_status(self.data)

    @property
    def succeeded(self) -> bool:
        """Whether HTTP status and body both say success; of an import, that of one item at least."""
        return judgements.succeeded(self)

    @property
    def is_page(self) -> bool:
        """Whether the reply is HTML, where the API answers JSON or a word."""
        return self.text.lstrip()[:1] == "<"

    @property
    def is_broken(self) -> bool:
        """Whether the action failed whatever was asked of it: a crash, a page, or nothing that can be read."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.is_page

    @property
    def leads_to(self) -> str | None:
        """Where the reply redirects to, or `None` if it does not."""
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST
        return self.headers.get("location") if is_redirect else None

    @property
    def is_lost(self) -> bool:
        """Whether no reply came, or none that can be read."""
        return self.status == NO_REPLY

    @property
    def is_silent(self) -> bool:
        """Whether no reply came in time."""
        return self.is_lost and self.text == _NOT_IN_TIME

    def as_curl(self, shown_key: str) -> str:
        """Return a command that repeats the call; `shown_key` is a shell variable with the key."""
        parts = ["curl", "-sS"]
        if self.method != ("GET" if self.sent is None else "POST"):
            parts += ["-X", self.method]
        if self.content_type:
            parts += ["-H", shlex.quote(f"Content-Type: {self.content_type}")]
        if self.sent is not None:
            parts += ["--data-binary", _quoted(self.sent)]
        before, after = self.url.split(PLACEHOLDER, 1)
        # The shell must put the key in, and must leave everything else unchanged.
        return " ".join([*parts, f'"{before}{shown_key}"{shlex.quote(after)}'])

    def as_record(self) -> dict[str, Any]:
        """Return the call as JSON data, with long bodies cut."""
        return {
            "action": self.action,
            "method": self.method,
            "url": self.url,
            "key": self.key,
            "content_type": self.content_type,
            "sent": None if self.sent is None else self.sent[:_LONGEST_SHOWN],
            "status": self.status,
            "reply": self.text[:_LONGEST_SHOWN],
            "seconds": round(self.seconds, 4),
            "started": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="milliseconds"),
        }


@dataclass(slots=True)
class Seen:
    """What a run has seen of an action, over all its layers."""

    calls: int = 0
    successes: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    parameters: set[str] = field(default_factory=set)


class Wire:
    """The connection of a run to its server."""

    def __init__(
        self,
        url: str,
        profile: Profile,
        guard: Guard,
        *,
        transport: httpx2.BaseTransport | None = None,
        calls_per_second: float | None = None,
        timeout: float = network.TIMEOUT,
        clock: Clock = time,
    ) -> None:
        """Prepare a connection.

        Args:
            url: base URL of the server, without `/api`.
            profile: holds the keys.
            guard: refuses what the run may not do.
            transport: instead of the network, for a server in this process.
            calls_per_second: maximum number of calls per second.
            timeout: how many seconds a call has, from the connection to the end of the reply.
            clock: for the pace, and for waits before what is late is read.
        """
        self.url: Final = url.rstrip("/")
        self.seen: Final[dict[str, Seen]] = {action: Seen() for action in mavibot_contract.load().actions}
        self.exchanges: list[Exchange] = []
        self._profile: Final = profile
        self._pause: Final = 1 / calls_per_second if calls_per_second else 0.0
        self._next = 0.0
        self._errors = 0
        self._longest: Final = timeout
        self._silent: Final[dict[str, list[Exchange]]] = {}
        self._slowest: Final[dict[str, float]] = {}
        self.waits: Final = Waits()
        #: How many histories began with the oldest message (True), and how many with the newest.
        self.orders: Final[Counter[bool]] = Counter()
        self._refusals = 0
        #: Whether a call that is one too many is sent again; not where a rule looks for just that reply.
        self.waits_for_its_turn = True
        self._clock: Final = clock
        self._guard: Final = guard
        self.offer: Final = Offer(profile.actions)
        self._secrets: Final = {**profile.keys, **({"second": profile.second["key"]} if profile.second else {})}
        self._finders: Final = tuple(Finder(key, encoded=True) for key in self._secrets.values())
        socket = transport or network.transport()
        self._client: Final = httpx2.Client(transport=_KeyTransport(socket, self._secrets, guard), trust_env=False)
        self._control: Final = httpx2.Client(transport=socket, timeout=network.CONTROL_TIMEOUT, trust_env=False)

    def close(self) -> None:
        """Close the connection; the projects that were made for the run alone go with it."""
        with suppress(httpx2.TransportError):
            for project in self._profile.made:
                self._control.delete(project)
        self._client.close()

    def call(
        self,
        action: str,
        *,
        method: Method | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content_type: str | None = "application/json",
        key: str = FULL,
    ) -> Exchange:
        """Make one call.

        Args:
            action: the action.
            method: HTTP method; by default POST with a body and GET without.
            query: parameters in the URL; a list repeats its name.
            body: bytes as they are; a text as UTF-8; anything else as JSON.
            content_type: content type of the body.
            key: name of a key in the profile, `second` for that of the second project, or a literal key as `=KEY`.

        Raises:
            UnreachableError: the server does not answer, or has answered too many calls several times.
            GuardRefusedError: the run may not make this call.
            NotOfferedError: the server does not have the action.
            SilentError: the last calls of the action had no reply in time.
        """
        self.offer.check(action)
        silent = self._silent.get(action, [])
        if len(silent) >= _MOST_SILENCES:
            raise SilentError(silent[-1])
        self.waits.before(action, self._clock)
        used: Method = method or ("GET" if body is None else "POST")
        raw = body if isinstance(body, bytes) else None if body is None else _encoded(body)
        address = f"{self.url}/api/{PLACEHOLDER}/{action}"
        if query:
            address += "?" + urlencode(list(_pairs(query)))
        headers = {"Content-Type": content_type} if raw is not None and content_type else {}
        began, started = time.time(), time.perf_counter()
        extensions = {"key": key, "timeout": httpx2.Timeout(self._timeout(action)).as_dict()}
        response, content = self._send(
            httpx2.Request(used, address, content=raw, headers=headers, extensions=extensions)
        )
        exchange = Exchange(
            action=action,
            method=used,
            url=address,
            key=key if not key.startswith("=") else "other",
            content_type=headers.get("Content-Type"),
            sent=None if raw is None else raw.decode(errors="replace"),
            status=response.status_code,
            headers={self.masked(name, key): self.masked(value, key) for name, value in response.headers.items()},
            text=self.masked(_as_text(content, response.charset_encoding), key),
            seconds=time.perf_counter() - started,
            started=began,
            is_utf8=_is_utf8(content),
        )
        if changes(action):
            self.waits.change(action, self._clock)
        self._silent[action] = [*silent, exchange] if exchange.is_silent else []
        if not exchange.is_silent:
            self._slowest[action] = max(exchange.seconds, self._slowest.get(action, 0.0))
        if action in self.seen and not self.seen[action].successes:
            self.offer.learn(exchange, self.call)
            self.offer.check(action)
        self._note(exchange, query, body)
        return exchange

    def control(self, method: str, url: str, body: Any = None) -> httpx2.Response:
        """Call the control interface of a mock; no key is in it, and it is no call of the API."""
        return self._control.request(method, url, json=body)

    def _send(self, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
        """Return the reply to a request and its body; a stand-in where it cannot be read."""
        self._wait()
        try:
            response = self._client.send(request, stream=True)
            with closing(response):
                _acknowledge(response)
                body = read_reply(response)
        except _SILENCE as error:
            self._errors += 1
            if self._errors >= _MOST_NETWORK_ERRORS:
                self._expect_an_answer(error)
            return self._send(request) if isinstance(error, httpx2.ConnectError) else _no_reply(error)
        except httpx2.RequestError as error:
            self._errors = 0  # something answers there
            return _no_reply(error)
        self._errors = 0
        if self._is_to_wait(response):
            return self._send(request)
        self._guard.learn(str(request.url), body)
        return response, body

    def _is_to_wait(self, response: httpx2.Response) -> bool:
        """Wait if a call was one too many and may be sent again soon, and return True then: it was not carried out.

        Raises:
            UnreachableError: the last calls were all too many.
        """
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            self._refusals = 0
            return False
        self._refusals += 1
        if self._refusals >= _MOST_REFUSALS:
            host = urlsplit(self.url).netloc
            raise UnreachableError(f"{host} answers that there are too many calls; --rate N sends N a second at most")
        named = response.headers.get("Retry-After", "").strip()
        seconds = float(named) if re.fullmatch(r"[0-9]{1,9}", named) else _REFUSED_FOR
        if seconds > _LONGEST_REFUSAL or not self.waits_for_its_turn:
            return False
        self._clock.sleep(seconds)
        return True

    def _expect_an_answer(self, error: httpx2.RequestError) -> None:
        """Ask for an action that no server has: one that is silent for it too does not answer at all.

        Raises:
            UnreachableError: it is.
        """
        address = f"{self.url}/api/{PLACEHOLDER}/{UNKNOWN}"
        extensions = {"key": FULL, "timeout": httpx2.Timeout(min(self._longest, _SHORT_TIMEOUT)).as_dict()}
        self._wait()
        try:
            if isinstance(error, httpx2.ConnectError):
                raise error
            self._client.send(httpx2.Request("GET", address, extensions=extensions), stream=True).close()
        except _SILENCE:
            why = tls_problem(error, self.url) or f"does not answer: {type(error).__name__}"
            raise UnreachableError(f"{urlsplit(self.url).netloc} {why}") from None
        except httpx2.RequestError:
            pass  # something answers there
        self._errors = 0

    def _timeout(self, action: str) -> float:
        """Return how many seconds a call has for its reply.

        The first silence of a server is waited for in full. Then an action that is silent, or that has not answered
        yet, has as much time as the server is slow.
        """
        is_known = action in self._slowest and not self._silent[action]
        if is_known or not any(self._silent.values()):
            return self._longest
        return min(self._longest, max(_SHORT_TIMEOUT, _SLOWER * max(self._slowest.values(), default=0.0)))

    def _wait(self) -> None:
        if self._pause:
            now = self._clock.monotonic()
            self._clock.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + self._pause

    def _note(self, exchange: Exchange, query: Mapping[str, Any] | None, body: Any) -> None:
        self.exchanges.append(exchange)
        seen = self.seen.get(exchange.action)
        if seen is None:
            return
        seen.calls += 1
        seen.successes += exchange.succeeded
        seen.statuses[str(exchange.status)] += 1
        seen.parameters.update(query or ())
        if isinstance(body, dict):
            seen.parameters.update(body)

    def masked(self, text: str, key: str = FULL) -> str:
        """Return a text of the server without the keys of the run, however it spells or encodes them.

        Args:
            text: the text.
            key: name of the key of the call, or what a rule has made of one.
        """
        # A key that a rule has damaged on purpose still holds most of the real one.
        damaged = (Finder(key[1:], encoded=True),) if key.startswith("=") and len(key) > 1 else ()
        return hide_all((*self._finders, *damaged), text)


class _KeyTransport(httpx2.BaseTransport):
    """Asks the guard, then puts the key into the copy of a request that goes to the socket."""

    def __init__(self, inner: httpx2.BaseTransport, secrets: Mapping[str, str], guard: Guard) -> None:
        self._inner: Final = inner
        self._secrets: Final = secrets
        self._guard: Final = guard

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._guard.check(str(request.url), request.content)
        name = request.extensions["key"]
        value = name[1:] if name.startswith("=") else self._secrets[name]
        url = httpx2.URL(str(request.url).replace(f"/api/{PLACEHOLDER}/", f"/api/{value}/", 1))
        outgoing = httpx2.Request(
            request.method, url, headers=request.headers, content=request.content, extensions=request.extensions
        )
        return self._inner.handle_request(outgoing)

    def close(self) -> None:
        self._inner.close()


def read_reply(response: httpx2.Response) -> bytes:
    """Return the body of a reply that is read as a stream.

    Raises:
        httpx2.ReadError: it is too long.
        httpx2.ReadTimeout: the call takes too long.
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _GREATEST_REPLY:
            raise httpx2.ReadError(f"the body has more than {_GREATEST_REPLY:,} bytes")
    return bytes(body)


def tls_problem(error: BaseException, url: str) -> str | None:
    """Return what is wrong with the TLS of a server that could not be connected to, or `None` if it is something else.

    Args:
        error: what was raised.
        url: base URL of the server.
    """
    each: BaseException | None = error
    while each is not None and not isinstance(each, ssl.SSLError):
        each = each.__cause__ or each.__context__
    if each is None:
        return None
    if isinstance(each, ssl.SSLCertVerificationError):
        return f"has a certificate that is not trusted: {each.verify_message}"
    return f"answers, but not by TLS; if it speaks plain HTTP, give http://{urlsplit(url).netloc}"


def _acknowledge(response: httpx2.Response) -> None:
    """Acknowledge the headers of a reply at once: many a small server sends no body before, which takes 40 ms else."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None and _QUICK is not None else None
    if connection is not None and _QUICK is not None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)


def changes(action: str) -> bool:
    """Return True if an action may change something; one that the contract does not know changes nothing."""
    operations = mavibot_contract.load().actions.get(action, {})
    return any(each.effect != "read" for each in operations.values())


def arguments(operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return where parameters belong in a call of `Wire.call`: in the URL or in the body."""
    if operation.method == "GET":
        return {"method": "GET", "query": parameters}
    query = {name: value for name, value in parameters.items() if name in operation.aliases}
    body = {name: value for name, value in parameters.items() if name not in operation.aliases}
    return {
        "method": "POST",
        "query": query,
        "body": body[operation.body_argument] if operation.body_argument else body,
    }


def _quoted(text: str) -> str:
    """Return a text for a shell; one that repeats itself at length as a command of Python that writes it."""
    pieces, place = [], 0
    for found in _REPEATED.finditer(text[:_LONGEST_SEARCHED]):
        if len(found[0]) >= _LONG_REPETITION:
            pieces += [repr(text[place : found.start()]), f"{found[1]!r} * {len(found[0]) // len(found[1])}"]
            place = found.end()
    if not place:
        return shlex.quote(text)
    pieces.append(repr(text[place:]))
    program = f"import sys; sys.stdout.write({' + '.join(each for each in pieces if each != repr(''))})"
    return f'"$(python3 -c {shlex.quote(program)})"'


def _encoded(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        if isinstance(value, dict):
            yield from _pairs(value)  # an exploded object, as the contract has it
        elif isinstance(value, list | tuple):
            yield from ((name, _text(each)) for each in value)
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _as_text(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode(errors="replace")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _no_reply(error: httpx2.RequestError) -> tuple[httpx2.Response, bytes]:
    """Return a stand-in for the reply of a call whose connection broke, or whose reply cannot be read."""
    if isinstance(error, httpx2.TimeoutException):
        return httpx2.Response(NO_REPLY), _NOT_IN_TIME.encode()
    if isinstance(error, httpx2.DecodingError):
        return httpx2.Response(NO_REPLY), b"no reply that can be read: its body is not of its Content-Encoding"
    why = _BYTES.sub(r"\g<bytes>", _NUMBER.sub("", str(error))).rstrip(".")
    return httpx2.Response(NO_REPLY), f"no reply that can be read{why and f': {why}'}".encode()
