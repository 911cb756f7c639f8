"""Decides whether and when a failed call is repeated.

The contract's `x-idempotent` decides, never the HTTP method: some actions that work by GET send messages, and the
client must never cause a message to go out twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from mavibot._config import seconds
from mavibot.errors import (
    ApiError,
    ConfigurationError,
    ConnectionFailed,
    RateLimited,
    ServerError,
    TimedOut,
    UntrustedCertificate,
    shown,
)

if TYPE_CHECKING:
    from mavibot_contract import Operation

# More would make no difference, and in the end no number.
_DOUBLINGS: Final = 60

# Waits between two attempts; tests replace it.
sleep = time.sleep


async def async_sleep(seconds: float) -> None:
    """Wait without blocking the event loop."""
    from asyncio import sleep as pause  # noqa: PLC0415 - slow to import, and blocking clients do not need it

    await pause(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long a failed call is repeated.

    Attributes:
        attempts: maximum number of attempts, the first one included.
        first_delay: maximum pause before the second attempt, in seconds; it doubles with each further one. The actual
            pause is a random part of it, so that many clients do not return at once.
        max_delay: maximum pause, in seconds.
        max_retry_after: maximum pause that a server may ask for, in seconds; if it asks for more, the call fails.

    Raises:
        ConfigurationError: a number is of a wrong type or out of bounds.
    """

    attempts: int = 3
    first_delay: float = 0.5
    max_delay: float = 8.0
    max_retry_after: float = 60.0

    def __post_init__(self) -> None:
        if type(self.attempts) is not int or self.attempts < 1:
            raise ConfigurationError("attempts", f"must be a whole number from 1, got {shown(self.attempts)}")
        for name in ("first_delay", "max_delay", "max_retry_after"):
            value = getattr(self, name)
            if value != 0 or isinstance(value, bool):
                seconds(name, value)


@dataclass(frozen=True, slots=True)
class Retry:
    """A call is about to be repeated.

    Attributes:
        action: action that is called.
        attempt: which attempt failed, counted from 1.
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
        policy: how many attempts, and how long between them.
        operation: operation that is called.
        deadline: seconds that all attempts and pauses may take together, or `None`.
        on_retry: called before each pause.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        operation: Operation,
        deadline: float | None,
        on_retry: Callable[[Retry], object] | None,
    ) -> None:
        self._policy = policy
        self._operation = operation
        self._ends = None if deadline is None else time.monotonic() + deadline
        self._on_retry = on_retry
        self._sent = False
        self.number = 1

    def time_left(self) -> float | None:
        """Return the seconds until the deadline, or `None` if there is none."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())

    def pause_after(self, error: ConnectionFailed | ApiError) -> float:
        """Return the seconds to wait before the next attempt.

        Raises:
            ConnectionFailed, ApiError: the given error, if no further attempt follows.
        """
        delay = self._delay(error)
        self.note(error)
        if delay is None:
            raise error
        if self._on_retry is not None:
            self._on_retry(Retry(self._operation.action, self.number, delay, error))
        self.number += 1
        return delay

    def no_turn(self) -> TimedOut:
        """Return the error of a call that the rate limit holds back beyond its deadline."""
        error = TimedOut(self._operation.action, "the rate limit leaves no time for it", sent=False)
        self.number -= 1
        self.note(error)
        return error

    def note(self, error: ConnectionFailed | ApiError) -> None:
        """Let an error speak of all attempts: a refusal says nothing of an earlier one whose answer was lost."""
        error.attempts = self.number
        self._sent = error.sent = self._sent or error.sent or _is_request_timeout(error)

    def _delay(self, error: ConnectionFailed | ApiError) -> float | None:
        if self.number >= self._policy.attempts or not self._may_be_repeated(error):
            return None

        # The server knows best when to come back; if that is too late, waiting is pointless.
        asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
        if asked is not None and asked > self._policy.max_retry_after:
            return None

        longest = min(self._policy.max_delay, self._policy.first_delay * 2.0 ** min(self.number - 1, _DOUBLINGS))
        delay = random.uniform(0, longest) if asked is None else asked  # noqa: S311 - not a secret
        left = self.time_left()
        return None if left is not None and delay >= left else delay

    def _may_be_repeated(self, error: ConnectionFailed | ApiError) -> bool:
        # A certificate stays what it is.
        if isinstance(error, UntrustedCertificate):
            return False

        # Nothing has left this machine: the action cannot have happened.
        if isinstance(error, ConnectionFailed) and not error.sent:
            return True

        # The server refused to process the call.
        if isinstance(error, RateLimited):
            return True

        # From here on the server may have carried it out already.
        if not self._operation.idempotent:
            return False

        # The answer got lost on the way.
        if isinstance(error, ConnectionFailed):
            return True

        # The server failed; 501 is permanent.
        if isinstance(error, ServerError):
            return error.http_status != HTTPStatus.NOT_IMPLEMENTED

        return _is_request_timeout(error)


def _is_request_timeout(error: ConnectionFailed | ApiError) -> bool:
    return isinstance(error, ApiError) and error.http_status == HTTPStatus.REQUEST_TIMEOUT
