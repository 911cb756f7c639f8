"""The mock's application called in the test's own thread: no port, and nothing happens between two calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import httpx2

from mavibot_mock import create_app

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mavibot_mock import Platform

_Result = TypeVar("_Result")


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead

    def put_forward(self, seconds: float) -> None:
        self.ahead += seconds


class InProcess:
    """A platform behind the mock's HTTP interface.

    Attributes:
        platform: the projects.
        app: the ASGI application.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform: Final = platform
        self.app: Final = create_app(platform)
        self._runner: Final = asyncio.Runner(loop_factory=_Loop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._runner.close()
        self.platform.close()

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine in the event loop of the application."""
        return self._runner.run(work)

    def put_forward(self, seconds: float) -> None:
        """Let the application's timeouts end so many seconds earlier; any thread may ask for it."""
        loop = self._runner.get_loop()
        assert isinstance(loop, _Loop)
        loop.call_soon_threadsafe(loop.put_forward, seconds)

    def client(self) -> httpx2.AsyncClient:
        """Return a client of the application."""
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://mock", trust_env=False)

    def send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send any request."""

        async def send() -> httpx2.Response:
            async with self.client() as client:
                return await client.request(method, path, **request)

        return self.run(send())
