"""Long work in steps, between which the event loop does other things.

A function whose work grows with what it gets is a generator that yields after each item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Final, TypeVar

_Result = TypeVar("_Result")

#: Work that yields after each item, and what comes of it.
Steps = Generator[None, None, _Result]

#: Items in a row before others have their turn: some milliseconds.
AT_ONCE: Final = 500


async def in_steps(steps: Steps[_Result]) -> _Result:
    """Do the work, let others have their turn every `AT_ONCE` items, and return what comes of it."""
    while True:
        try:
            for _ in range(AT_ONCE):
                next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
        await asyncio.sleep(0)


def at_once(steps: Steps[_Result]) -> _Result:
    """Do the work without a break, and return what comes of it."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
