"""Decides whether a failed call is made again, and when.

What decides is the contract's `x-idempotent`, never the HTTP method: of the actions that work by GET some send
messages, and a message must never go out twice because of us.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from mavibot.errors import ApiError, ConnectionFailed, RateLimited, ServerError

# What waits between two attempts; tests put something faster here.
sleep = time.sleep


async def async_sleep(seconds: float) -> None:
    """Wait without blocking the event loop."""
    from asyncio import sleep as pause  # noqa: PLC0415  (slow to import, and blocking clients need none of it)

    await pause(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long a failed call is tried again.

    Attributes:
        attempts: greatest number of attempts, the first one included.
        first_delay: longest pause before the second attempt, in seconds; it doubles with each further one. The real
            pause is a random part of it, so that many clients do not come back at once.
        max_delay: longest pause, in seconds.
        max_retry_after: longest pause that a server may ask for, in seconds; if it asks for more, the call fails.
    """

    attempts: int = 3
    first_delay: float = 0.5
    max_delay: float = 8.0
    max_retry_after: float = 60.0


@dataclass(frozen=True, slots=True)
class Retry:
    """A call is about to be made again.

    Attributes:
        action: action that is called.
        attempt: number of the attempt that failed, from 1.
        delay: seconds until the next one.
        error: why it failed.
    """

    action: str
    attempt: int
    delay: float
    error: ConnectionFailed | ApiError


class Attempts:
    """The attempts of one call.

    Args:
        policy: how often and how long.
        action: action that is called.
        idempotent: whether doing it twice is doing it once.
        deadline: seconds that all attempts and pauses may take together, or `None`.
        on_retry: called before each pause.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        action: str,
        idempotent: bool,
        deadline: float | None,
        on_retry: Callable[[Retry], object] | None,
    ) -> None:
        self._policy = policy
        self._action = action
        self._idempotent = idempotent
        self._ends = None if deadline is None else time.monotonic() + deadline
        self._on_retry = on_retry
        self.number = 1

    def time_left(self) -> float | None:
        """Return the seconds until the deadline, or `None` where there is none."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())

    def pause_after(self, error: ConnectionFailed | ApiError) -> float:
        """Return the seconds to wait before the next attempt.

        Raises:
            ConnectionFailed, ApiError: the given error, where no further attempt follows.
        """
        error.attempts = self.number
        delay = self._delay(error)
        if delay is None:
            raise error
        if self._on_retry is not None:
            self._on_retry(Retry(self._action, self.number, delay, error))
        self.number += 1
        return delay

    def _delay(self, error: ConnectionFailed | ApiError) -> float | None:
        if self.number >= self._policy.attempts or not self._may_be_repeated(error):
            return None

        # The server knows best when it wants to see us again; if that is too late for us, waiting is pointless.
        asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
        if asked is not None and asked > self._policy.max_retry_after:
            return None

        longest = min(self._policy.max_delay, self._policy.first_delay * 2 ** (self.number - 1))
        delay = random.uniform(0, longest) if asked is None else asked  # noqa: S311  (no secret)
        left = self.time_left()
        return None if left is not None and delay >= left else delay

    def _may_be_repeated(self, error: ConnectionFailed | ApiError) -> bool:
        # Nothing has left this machine: the action cannot have happened.
        if isinstance(error, ConnectionFailed) and not error.sent:
            return True

        # The server refused to look at the call.
        if isinstance(error, RateLimited):
            return True

        # From here on the server may have done it already.
        if not self._idempotent:
            return False

        # The answer got lost on the way.
        if isinstance(error, ConnectionFailed):
            return True

        # The server had trouble of its own; 501 is none that passes.
        if isinstance(error, ServerError):
            return error.http_status != HTTPStatus.NOT_IMPLEMENTED

        return error.http_status == HTTPStatus.REQUEST_TIMEOUT
