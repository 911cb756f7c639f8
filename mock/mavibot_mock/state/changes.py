"""Lets coroutines sleep until something has changed, so that nothing has to poll."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that this code runs in, if any."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Changes:
    """The changes of one thing; any event loop may wait for them."""

    def __init__(self, *, also: Callable[[], object] | None = None) -> None:
        """Prepare to tell.

        Args:
            also: called at every change.
        """
        self._also: Final = also
        self._waiting: Final[set[asyncio.Future[None]]] = set()

    def tell(self) -> None:
        """Wake up all who wait."""
        if self._also is not None:
            self._also()
        for waiting in self._waiting:
            if not waiting.done() and not waiting.get_loop().is_closed():
                waiting.set_result(None)

    async def until(self, condition: Callable[[], bool], *, timeout: float | None = None) -> bool:  # noqa: ASYNC109
        """Wait until a condition holds, and return whether it does.

        Args:
            condition: checked at the start and after every change.
            timeout: longest wait in seconds, or `None` for any.
        """
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    await self._next()
        except TimeoutError:
            return condition()
        return True

    async def _next(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
