"""Calls the server under test: the guard checks each call, and each call is kept with its reply."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2

import mavibot_contract
from mavibot_conformance.target import network
from mavibot_conformance.target.clock import Waits
from mavibot_conformance.target.exchange import Exchange
from mavibot_conformance.target.guard import UNKNOWN
from mavibot_conformance.target.keyed import KeyTransport
from mavibot_conformance.target.offer import Offer
from mavibot_conformance.target.profile import FULL, OTHER
from mavibot_conformance.target.reply import acknowledge, as_text, is_utf8, no_reply, read_reply, tls_problem
from mavibot_conformance.target.request import changes, encoded, pairs
from mavibot_conformance.target.silence import MOST_IN_VAIN, SHORT_TIMEOUT, Silences
from mavibot_contract.keys import PLACEHOLDER, Finder, hide_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_conformance.target.clock import Clock
    from mavibot_conformance.target.guard import Guard
    from mavibot_conformance.target.profile import Profile
    from mavibot_contract import Method

#: Consecutive calls without an answer that end a run.
_MOST_NETWORK_ERRORS: Final = 3
#: Consecutive replies of "too many calls" that end a run.
_MOST_REFUSALS: Final = 5
#: Seconds before a call that was one too many is sent again where the reply names none, and most that are waited for.
_REFUSED_FOR: Final = 1.0
_LONGEST_REFUSAL: Final = 30.0
#: Errors of a server that says nothing at all.
_SILENCE: Final = (httpx2.ConnectError, httpx2.TimeoutException)


class UnreachableError(Exception):
    """The server does not answer, or answers only that there are too many calls."""


class SilentError(UnreachableError):
    """The server answers, but the replies to the last calls of this action did not end; nothing was sent.

    Attributes:
        exchange: the last of these calls.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange: Final = exchange
        super().__init__(f"{exchange.action}: {MOST_IN_VAIN} calls in a row had {exchange.text}")


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
        self._silences: Final = Silences(timeout)
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
        self._client: Final = httpx2.Client(transport=KeyTransport(socket, self._secrets, guard), trust_env=False)
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
            SilentError: the replies to the last calls of the action did not end.
        """
        self.offer.check(action)
        in_vain = self._silences.last(action)
        if in_vain is not None:
            raise SilentError(in_vain)
        self.waits.before(action, self._clock, reads=not changes(action))
        used: Method = method or ("GET" if body is None else "POST")
        raw = body if isinstance(body, bytes) else None if body is None else encoded(body)
        address = f"{self.url}/api/{PLACEHOLDER}/{action}"
        if query:
            address += "?" + urlencode(list(pairs(query)))
        headers = {"Content-Type": content_type} if raw is not None and content_type else {}
        began, started = time.time(), time.perf_counter()
        extensions = {"key": key, "timeout": httpx2.Timeout(self._silences.timeout(action)).as_dict()}
        response, content = self._send(
            httpx2.Request(used, address, content=raw, headers=headers, extensions=extensions)
        )
        exchange = Exchange(
            action=action,
            method=used,
            url=address,
            key=OTHER if key.startswith("=") else key,
            content_type=headers.get("Content-Type"),
            sent=None if raw is None else raw.decode(errors="replace"),
            status=response.status_code,
            headers={self.masked(name, key): self.masked(value, key) for name, value in response.headers.items()},
            text=self.masked(as_text(content, response.charset_encoding), key),
            seconds=time.perf_counter() - started,
            started=began,
            is_utf8=is_utf8(content),
        )
        if changes(action):
            is_refused = not exchange.succeeded and not exchange.is_lost
            self.waits.change(action, self._clock, is_refused=is_refused)
        self._silences.note(exchange)
        if action in self.seen and not self.seen[action].successes:
            self.offer.learn(exchange, self.call)
            self.offer.check(action)
        self._note(exchange, query, body)
        return exchange

    def gives_up(self, action: str) -> bool:
        """Return True if an action is called no more, since its replies do not end."""
        return self._silences.last(action) is not None

    def control(self, method: str, url: str, body: Any = None) -> httpx2.Response:
        """Call the control interface of a mock; no key is in it, and it is no call of the API."""
        return self._control.request(method, url, json=body)

    def _send(self, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
        """Return the reply to a request and its body; a stand-in where it cannot be read."""
        self._wait()
        try:
            response = self._client.send(request, stream=True)
            with closing(response):
                acknowledge(response)
                body = read_reply(response)
        except _SILENCE as error:
            self._errors += 1
            if self._errors >= _MOST_NETWORK_ERRORS:
                self._expect_an_answer(error)
            return self._send(request) if isinstance(error, httpx2.ConnectError) else no_reply(error)
        except httpx2.RequestError as error:
            self._errors = 0  # something answers there
            return no_reply(error)
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
        extensions = {"key": FULL, "timeout": httpx2.Timeout(min(self._longest, SHORT_TIMEOUT)).as_dict()}
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
