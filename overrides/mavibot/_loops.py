"""What belongs to one event loop: a client may be used in several, one after another or in several threads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from mavibot.errors import ConfigurationError

_T = TypeVar("_T")
_UNLIMITED: Final[AbstractAsyncContextManager[object]] = nullcontext()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop.

    Raises:
        ConfigurationError: it is not one of asyncio, or runs as the guest of one.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop of asyncio runs
        task = None
    if task is None:
        raise ConfigurationError("", "AsyncMavibot needs asyncio; under trio use Mavibot in a thread")
    return task.get_loop()


def time_limit(seconds: float | None) -> AbstractAsyncContextManager[object]:
    """Return what `asyncio.timeout` does, which takes much longer where there is no limit."""
    return _UNLIMITED if seconds is None else asyncio.timeout(seconds)


class PerLoop(Generic[_T]):
    """One value for each event loop and process, made when it is first asked for and closed when the loop ends.

    Args:
        make: makes the value.
        close: closes it, where that is needed.
    """

    def __init__(self, make: Callable[[], _T], close: Callable[[_T], Awaitable[None]] | None = None) -> None:
        self._make: Final = make
        self._close: Final = close
        self._values: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[int, _T, AsyncGenerator[None]]]] = (
            WeakKeyDictionary()
        )

    def made(self) -> _T | None:
        """Return the value of the running event loop, or `None` if it was not asked for yet.

        Raises:
            ConfigurationError: it is not one of asyncio.
        """
        process, value, _ = self._values.get(running_loop(), (None, None, None))
        return value if process == os.getpid() else None

    async def get(self) -> _T:
        """Return the value of the running event loop.

        Raises:
            ConfigurationError: it is not one of asyncio.
        """
        if (value := self.made()) is not None:
            return value
        value = self._make()
        # Before a loop is closed, asyncio closes its asynchronous generators: the one moment to close what is in it.
        end = self._wait_for_end(value)
        self._values[running_loop()] = (os.getpid(), value, end)
        await anext(end)
        return value

    async def close(self) -> None:
        """Close the value of the running event loop; those of others end with their loop."""
        process, _, end = self._values.pop(running_loop(), (None, None, None))
        if process == os.getpid() and end is not None:
            await end.aclose()

    async def _wait_for_end(self, value: _T) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            if self._close is not None:
                await self._close(value)
