"""Keeps a client below a number of calls a second; the counting is done by pyrate-limiter (extra `[ratelimit]`)."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from mavibot.errors import ConfigurationError

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

_FORM = re.compile(r"(?P<calls>[1-9][0-9]*)/(?P<unit>s|min|h)")
_MILLISECONDS = {"s": 1_000, "min": 60_000, "h": 3_600_000}
# Seconds after which a blocking wait asks anew. pyrate-limiter takes the moment at which a wait began plus its pauses
# for now, so a long wait over Redis overlooks what others did meanwhile: 15 calls a second were made where 10 may be.
_PATIENCE = 0.2
# The name under which all calls of a client are counted.
_NAME = "mavibot"


class RateLimit:
    """A limit that all threads and coroutines of a client share.

    Args:
        rate: calls and unit, such as `5/s`, `100/min` or `6000/h`; or a `pyrate_limiter.Limiter`, whose bucket can
            be in Redis or Postgres, so that many workers of one key share it.

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
        """Wait until a call may be made, and return whether it may be made in time.

        Args:
            time_left: seconds that it may take, or `None` for any time.

        Raises:
            ConfigurationError: the limiter's bucket is for asynchronous clients.
        """
        ends = math.inf if time_left is None else time.monotonic() + time_left
        while True:
            patience = min(_PATIENCE, max(0.0, ends - time.monotonic()))
            granted = self._limiter.try_acquire(_NAME, timeout=patience)
            if not isinstance(granted, bool):
                raise ConfigurationError("rate", "this bucket is asynchronous; use it with AsyncMavibot")
            if granted or time.monotonic() >= ends:
                return granted

    async def wait_async(self, time_left: float | None = None) -> bool:
        """Do the same without blocking the event loop."""
        return await self._limiter.try_acquire_async(_NAME, timeout=-1 if time_left is None else time_left)

    def close(self) -> None:
        """Stop the limiter, unless it was given and may be shared."""
        if self._own:
            self._limiter.close()


def _limiter(rate: str) -> Limiter:
    match = _FORM.fullmatch(rate.replace(" ", ""))
    if match is None:
        raise ConfigurationError("rate", f"{rate!r} is no rate; write calls and unit, such as 5/s, 100/min or 6000/h")
    try:
        from pyrate_limiter import Limiter, Rate  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise ConfigurationError("rate", "needs an extra; install it with: pip install 'mavibot[ratelimit]'") from None
    return Limiter(Rate(int(match["calls"]), _MILLISECONDS[match["unit"]]))
