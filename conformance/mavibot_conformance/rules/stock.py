"""Test clients in stock: several are made in one call and handed out one by one, and several are deleted in one."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.target.guard import GuardRefusedError
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.wire import SilentError

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from mavibot_conformance.target.exchange import Exchange
    from mavibot_conformance.target.wire import Wire

#: So many clients are made one by one before any are made ahead of need: a run of one rule takes no more.
_SINGLY: Final = 4
#: Fewest and most clients that are made in one call; as many as were asked for so far lie between them.
_LEAST: Final = 4
_MOST: Final = 20
#: So many that are done with are deleted, since what lists all clients should not have many more to show; and the most
#: that one call deletes.
_MANY: Final = 50
_MOST_DELETED: Final = 500
#: What shows whether the server knows a client.
_LOOKS: Final = ("get_variables", "get_history")


@dataclass(frozen=True, slots=True)
class Made:
    """A client that was made ahead of need.

    Attributes:
        id: its id.
        platform_id: its id in the messenger.
        made_by: the call that made it.
    """

    id: int
    platform_id: str
    made_by: Exchange


class Stock:
    """The test clients of a run in the profile's channel, made and deleted in as few calls as the server allows.

    Whether it makes several clients of one call is seen at the first such call: the reply has as many different ids,
    and the server knows each of them. If not, nothing is made ahead, and each rule makes its clients itself.
    """

    def __init__(self, wire: Wire, channel: Mapping[str, Any] | None, randomness: random.Random) -> None:
        """Make nothing yet.

        Args:
            wire: the connection.
            channel: `client_type` and `group_id` of the clients; without any nothing is made.
            randomness: chooses ids in the messenger.
        """
        self._wire: Final = wire
        self._channel: Final = channel
        self._random: Final = randomness
        self._asked = 0
        self._ready: Final[deque[Made]] = deque()
        self._made: Final[set[int]] = set()
        self._done_with: Final[list[int]] = []
        self._makes_several: bool | None = None if channel else False

    def take(self, count: int) -> list[Made]:
        """Return clients whom no rule has had, in the order in which they were made, or none if none are in stock.

        Raises:
            UnreachableError: the server does not answer.
        """
        self._asked += count
        if count > _MOST:
            self.renew()  # those that lie ready would not be among the newest any more
            return []
        if self._asked <= _SINGLY:
            return []
        while len(self._ready) < count and self._makes_several is not False:
            self._make(max(_LEAST, min(_MOST, self._asked)))
        return [self._ready.popleft() for _ in range(count)] if len(self._ready) >= count else []

    def renew(self) -> None:
        """Hand out none of those that lie ready: a call that may reach everybody could have reached them."""
        self._done_with.extend(each.id for each in self._ready)
        self._ready.clear()

    def discard(self, client_ids: Sequence[int]) -> None:
        """Delete clients, a while later.

        Raises:
            UnreachableError: the server does not answer.
            GuardRefusedError: the run may not delete them.
        """
        self._done_with.extend(client_ids)
        if len(self._done_with) >= _MANY:
            self._delete()

    def clear(self) -> None:
        """Delete all clients that are done with or lie ready.

        Raises:
            UnreachableError: the server does not answer.
            GuardRefusedError: the run may not delete them.
        """
        self.renew()
        self._delete()

    def _delete(self) -> None:
        while self._done_with:
            together = self._done_with[:_MOST_DELETED]
            del self._done_with[:_MOST_DELETED]
            with self._wire.waits.apart(matters=False), suppress(NotOfferedError):
                self._wire.call("delete_clients", body={"client_ids": together})

    def _make(self, count: int) -> None:
        """Make clients in one call, and keep them ready if the server does so; else make no more."""
        channel = self._channel or {}
        items = [{"platform_id": str(self._random.randrange(10**11, 10**12)), **channel} for _ in range(count)]
        is_first, self._makes_several = self._makes_several is None, False
        with self._wire.waits.apart(), suppress(NotOfferedError, GuardRefusedError, SilentError):
            exchange = self._wire.call("load_clients", body=items)
            found = _ids(exchange)
            if len({*found} - self._made) == len(found) == count:
                self._made.update(found)
                self._makes_several = all(map(self._is_known, found if is_first else found[-1:]))
            if self._makes_several:
                platform_ids = (each["platform_id"] for each in items)
                self._ready.extend(map(Made, found, platform_ids, [exchange] * count))
            else:
                self._done_with.extend(found)

    def _is_known(self, client_id: int) -> bool:
        """Return True if the server shows something of a client."""
        for action in _LOOKS:
            with suppress(NotOfferedError):
                return self._wire.call(action, query={"client_id": client_id}).succeeded
        return False


def _ids(exchange: Exchange) -> list[int]:
    """Return the ids in the reply of an import."""
    rows = exchange.data.get("items") if isinstance(exchange.data, dict) else None
    if not exchange.succeeded or not isinstance(rows, list):
        return []
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)]
