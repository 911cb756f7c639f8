"""Actions whose replies do not end, in time or within bounds: such a fault costs its time a few times, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mavibot_conformance.target.exchange import Exchange

#: After how many such calls in a row an action is called no more.
MOST_IN_VAIN: Final = 3
#: Once the server has left a call without a reply: the least timeout, or so many times its slowest reply so far.
SHORT_TIMEOUT: Final = 2.0
_SLOWER: Final = 3


class Silences:
    """The calls of a run that were in vain, and how long it waits for the next."""

    def __init__(self, timeout: float) -> None:
        """Know nothing yet.

        Args:
            timeout: how many seconds a call has, from the connection to the end of the reply.
        """
        self._longest: Final = timeout
        self._in_vain: Final[dict[str, list[Exchange]]] = {}
        self._slowest: Final[dict[str, float]] = {}

    def last(self, action: str) -> Exchange | None:
        """Return the last call of an action that is to be called no more, `None` if it may be called."""
        calls = self._in_vain.get(action, [])
        return calls[-1] if len(calls) >= MOST_IN_VAIN else None

    def note(self, exchange: Exchange) -> None:
        """Remember how long a call took, or that it was in vain."""
        action = exchange.action
        if exchange.is_endless:
            self._in_vain.setdefault(action, []).append(exchange)
        else:
            self._in_vain[action] = []
            self._slowest[action] = max(exchange.seconds, self._slowest.get(action, 0.0))

    def timeout(self, action: str) -> float:
        """Return how many seconds a call has for its reply.

        The first silence of a server is waited for in full. Then an action that is silent, or that has not answered
        yet, has as much time as the server is slow.
        """
        is_known = action in self._slowest and not self._in_vain.get(action)
        if is_known or not any(self._in_vain.values()):
            return self._longest
        return min(self._longest, max(SHORT_TIMEOUT, _SLOWER * max(self._slowest.values(), default=0.0)))
