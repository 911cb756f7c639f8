"""Time as a run sees it, and how it waits for what a server does after its reply."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: Pauses between two looks, in seconds; about two seconds in all.
_PAUSES_S: Final = (0.01, 0.02, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)


class Clock(Protocol):
    """A clock; the module `time` is one."""

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Return the time in seconds."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


def comes_true(condition: Callable[[], object], clock: Clock = time) -> bool:
    """Return True as soon as a condition holds, and False if it does not after about two seconds.

    The looks are counted and not the time, so that a slow machine looks as often as a fast one.

    Args:
        condition: looked at ten times at most.
        clock: for the pauses.
    """
    for pause in _PAUSES_S:
        if condition():
            return True
        clock.sleep(pause)
    return bool(condition())
