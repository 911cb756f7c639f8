"""A receiver of webhooks without a port: an ASGI or WSGI application."""

from __future__ import annotations

import asyncio
import atexit
import threading
from functools import cache
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, cast

import httpx2

from mavibot_mock.webhook.poster import KEPT_OF_REPLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias
    from wsgiref.types import WSGIApplication

    from starlette.types import ASGIApp

    from mavibot_mock.webhook.outbox import Deliver
    from mavibot_mock.webhook.poster import Answer

    #: An application of FastAPI, Starlette, Django, Flask or any other framework.
    Application: TypeAlias = ASGIApp | WSGIApplication | Callable[[dict[str, Any], Any], Iterable[bytes]]

#: The address that the application believes to have.
URL: Final = "http://receiver.localhost"

_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "mavibot-mock"}


def deliver_to(application: Application, url: str) -> Deliver:
    """Return what hands an event to an application and returns its answer.

    Args:
        application: the application; one whose call is a coroutine is ASGI, any other WSGI.
        url: the address that it sees.
    """
    if iscoroutinefunction(application) or iscoroutinefunction(type(application).__call__):
        asgi = httpx2.ASGITransport(app=cast("Any", application))

        async def post_here(event: bytes) -> Answer:
            async with httpx2.AsyncClient(transport=asgi, headers=_HEADERS) as client:
                return _answer(await client.post(url, content=event, timeout=None))

        async def deliver(event: bytes) -> Answer:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(post_here(event), _loop()))

        return deliver

    wsgi = httpx2.WSGITransport(app=cast("Any", application))

    def post(event: bytes) -> Answer:
        with httpx2.Client(transport=wsgi, headers=_HEADERS) as client:
            return _answer(client.post(url, content=event, timeout=None))

    async def deliver_in_thread(event: bytes) -> Answer:
        return await asyncio.to_thread(post, event)

    return deliver_in_thread


def _answer(response: httpx2.Response) -> Answer:
    return response.status_code, response.content[:KEPT_OF_REPLY]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of ASGI receivers; in the mock's, one that calls back and blocks would wait for itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mavibot-mock-receiver", daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(end)
    return loop
