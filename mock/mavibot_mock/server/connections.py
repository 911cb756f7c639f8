"""Connections whose calls are answered together.

To parse a call, to answer it and to write the reply each fill the caches of a processor. So all calls that have come
are parsed, then all are answered, then all replies are written; call by call it takes half as long again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mavibot_mock.request.body import LONG_BODY
from mavibot_mock.request.protocol import Protocol
from mavibot_mock.server.api import METHODS, address

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Message, Scope
    from uvicorn import Config
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

    from mavibot_mock.server.api import Api

#: How long replies wait for further calls to be answered before they are written, seconds.
_LONGEST_TURN: Final = 0.001


class Connection(Protocol):
    """One connection; a call that comes whole, in one piece, is answered together with those of others."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        together: Together,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._together: Final = together
        self._is_reading = False
        self._begun: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        self._is_reading = True
        super().data_received(data)
        self._is_reading = False
        if self._begun is not None:
            cycle, self._begun = self._begun, None
            if cycle.more_body or cycle.waiting_for_100_continue or not self._together.take(self, cycle):
                self.start(cycle)

    def start(self, cycle: RequestResponseCycle) -> None:
        """Answer a call by itself."""
        self._start_asgi_task(cycle, cast("ASGI3Application", self.app))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # Versions of uvicorn that have no such function begin each call by itself.
        if self._is_reading:
            self._begun = cycle  # at the end of this piece it is known whether it is whole
        else:
            super()._start_asgi_task(cycle, app)


class Together:
    """Answers whole calls of the API one after another, and then writes the replies."""

    def __init__(self, api: Api) -> None:
        """Prepare to answer.

        Args:
            api: answers each of them.
        """
        self._api: Final = api
        self._waiting: Final[deque[_Exchange]] = deque()

    def take(self, connection: Connection, cycle: RequestResponseCycle) -> bool:
        """Take a call that has come whole, and return whether it is one that can be answered with others."""
        called = address(cycle.scope["path"])
        if called is None or cycle.scope["method"] not in METHODS or len(cycle.body) > LONG_BODY:
            return False
        if not self._waiting:
            connection.loop.call_soon(self._answer_all)
        self._waiting.append(_Exchange(connection, cycle, *called))
        return True

    def _answer_all(self) -> None:
        answered: list[_Exchange] = []
        try:
            self._answer_some(answered)
        finally:
            for exchange in answered:
                exchange.write()
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._answer_all)

    def _answer_some(self, answered: list[_Exchange]) -> None:
        end = perf_counter() + _LONGEST_TURN
        while self._waiting:
            exchange = self._waiting.popleft()
            cycle, connection = exchange.cycle, exchange.connection
            if cycle.disconnected or connection.flow.write_paused or not self._api.is_free(exchange.key):
                connection.start(cycle)
            elif self._is_answered(exchange):
                answered.append(exchange)
            if perf_counter() > end:
                break

    def _is_answered(self, exchange: _Exchange) -> bool:
        """Answer a call and return True; one that comes to wait for something goes on by itself."""
        scope = cast("Scope", exchange.cycle.scope)
        answer = self._api.answer(scope, exchange.receive, exchange.send, key=exchange.key, action=exchange.action)
        try:
            awaited = answer.send(None)
        except StopIteration:
            return True
        except BaseException:
            exchange.connection.transport.abort()
            raise
        tasks = exchange.connection.tasks
        task = asyncio.get_running_loop().create_task(exchange.end(_Begun(answer, awaited)))
        task.add_done_callback(tasks.discard)
        tasks.add(task)
        return False


class _Exchange:
    """A whole call and its reply, as the application sees them."""

    __slots__ = ("_body", "_start", "action", "connection", "cycle", "key")

    def __init__(self, connection: Connection, cycle: RequestResponseCycle, key: str, action: str) -> None:
        self.connection: Final = connection
        self.cycle: Final = cycle
        self.key: Final = key
        self.action: Final = action

    async def receive(self) -> Message:
        return {"type": "http.request", "body": bytes(self.cycle.body), "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body = message["body"]

    async def end(self, begun: _Begun) -> None:
        await begun
        self.write()

    def write(self) -> None:
        """Write the reply, as the base class would in two pieces."""
        cycle, connection = self.cycle, self.connection
        if cycle.disconnected:
            return
        reply = [STATUS_LINE[self._start["status"]]]
        for name, value in chain(cycle.default_headers, self._start["headers"]):
            reply += (name, b": ", value, b"\r\n")
        reply += (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n", self._body)
        connection.transport.write(b"".join(reply))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            connection.transport.close()
        connection.on_response_complete()


class _Begun(Generator[Any, None, None]):
    """What is left of a coroutine that began without a task and has come to something that it waits for."""

    def __init__(self, coroutine: Coroutine[Any, None, None], awaited: Any) -> None:
        self._coroutine: Final = coroutine
        self._awaited: Final = [awaited]

    def __await__(self) -> Generator[Any, None, None]:
        return self

    def send(self, value: None) -> Any:
        return self._awaited.pop() if self._awaited else self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        return self._coroutine.throw(*error)
