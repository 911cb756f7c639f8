"""Limits the calls of a client by time; pyrate-limiter (extra `[ratelimit]`) does the counting."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Final

from mavibot.errors import ConfigurationError

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

_FORM: Final = re.compile(r"(?P<calls>[1-9][0-9]{0,8})/(?P<unit>s|min|h)")
_MILLISECONDS: Final = {"s": 1_000, "min": 60_000, "h": 3_600_000}
# Seconds after which a blocking wait asks again. pyrate-limiter takes the start of a wait plus its pauses as the
# current time, so a long wait over Redis misses what others do meanwhile: 15 calls a second were made instead of 10.
_WAIT: Final = 0.2
# The name under which all calls of a client are counted.
_NAME: Final = "mavibot"


class RateLimit:
    """A rate limit that all threads and coroutines of a client share.

    Args:
        rate: calls and unit, such as `5/s`, `100/min` or `6000/h`; or a `pyrate_limiter.Limiter`, whose bucket can
            live in Redis or Postgres, so that many workers of one key share it.

    Raises:
        ConfigurationError: the rate cannot be read, or the extra is missing.
    """

    def __init__(self, rate: str | Limiter) -> None:
        if not isinstance(rate, str) and not hasattr(rate, "try_acquire"):
            raise ConfigurationError(
                "rate", "must be text such as 5/s, or a pyrate_limiter.Limiter; a bucket goes into one: Limiter(bucket)"
            )
        self._own = isinstance(rate, str)
        self._limiter: Limiter = _limiter(rate) if isinstance(rate, str) else rate

    def wait(self, time_left: float | None = None) -> bool:
        """Wait until a call may be made, and return False if time runs out before.

        Args:
            time_left: seconds that it may take, or `None` for no bound.

        Raises:
            ConfigurationError: the limiter's bucket is for asynchronous clients.
        """
        ends = math.inf if time_left is None else time.monotonic() + time_left
        while True:
            timeout = min(_WAIT, max(0.0, ends - time.monotonic()))
            try:
                granted = self._limiter.try_acquire(_NAME, timeout=timeout)
            except Exception as error:
                raise _failed(error) from error
            if not isinstance(granted, bool):
                raise ConfigurationError("rate", "this bucket is asynchronous; use it with AsyncMavibot")
            if granted or time.monotonic() >= ends:
                return granted

    async def wait_async(self, time_left: float | None = None) -> bool:
        """Wait without blocking the event loop; see `wait`."""
        from mavibot._loops import running_loop  # noqa: PLC0415 - asyncio is slow to import

        running_loop()  # the limiter would fail without words under another one
        try:
            return await self._limiter.try_acquire_async(_NAME, timeout=-1 if time_left is None else time_left)
        except Exception as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Stop the limiter, unless the caller made it and may share it."""
        if self._own:
            self._limiter.close()


def _failed(error: Exception) -> ConfigurationError:
    """Return our own error for one of the limiter, whose bucket may be on another machine."""
    return ConfigurationError("rate", f"the limiter failed, so nothing was sent: {type(error).__name__}: {error}")


def _limiter(rate: str) -> Limiter:
    match = _FORM.fullmatch(rate.replace(" ", ""))
    if match is None:
        raise ConfigurationError("rate", f"{rate!r} is no rate; write calls and unit, such as 5/s, 100/min or 6000/h")
    try:
        from pyrate_limiter import Limiter, Rate  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ConfigurationError("rate", "needs an extra; install it with: pip install 'mavibot[ratelimit]'") from None
    return Limiter(Rate(int(match["calls"]), _MILLISECONDS[match["unit"]]))
