"""Keeps a client below a number of calls a second; the counting is done by pyrate-limiter (extra `[ratelimit]`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mavibot.errors import ConfigurationError

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

_FORM = re.compile(r"(?P<calls>[1-9][0-9]*)/(?P<unit>s|min|h)")
_MILLISECONDS = {"s": 1_000, "min": 60_000, "h": 3_600_000}
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
        self._own = isinstance(rate, str)
        self._limiter: Limiter = _limiter(rate) if isinstance(rate, str) else rate

    def wait(self) -> None:
        """Wait until a call may be made."""
        self._limiter.try_acquire(_NAME)

    async def wait_async(self) -> None:
        """Wait until a call may be made, without blocking the event loop."""
        await self._limiter.try_acquire_async(_NAME)

    def close(self) -> None:
        """Stop the limiter, unless it was given and may be shared."""
        if self._own:
            self._limiter.close()


def _limiter(rate: str) -> Limiter:
    match = _FORM.fullmatch(rate.replace(" ", ""))
    if match is None:
        raise ConfigurationError(f"rate: {rate!r} cannot be read; write calls and unit, such as 5/s, 100/min or 6000/h")
    try:
        from pyrate_limiter import Limiter, Rate  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise ConfigurationError("rate: needs an extra; install it with: pip install 'mavibot[ratelimit]'") from None
    return Limiter(Rate(int(match["calls"]), _MILLISECONDS[match["unit"]]))
