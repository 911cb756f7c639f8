"""Tells pages what has changed in a project, so that they need not ask."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, get_args

from mavibot_mock.state.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a page may show: the database, the journal, the log of webhooks, the clock, the faults.
Topic = Literal["state", "calls", "webhooks", "clock", "faults"]
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)


class Feed:
    """The changes of one project: a number that grows with each, and the topics that changed since a number.

    A place in the feed is a text, which another server, or this one after a restart, does not know; then all topics
    count as changed.
    """

    def __init__(self) -> None:
        self._run: Final = secrets.token_hex(4)
        self._count = 0
        self._changed: Final[dict[Topic, int]] = {}
        self._changes: Final = Changes()

    def tell(self, topic: Topic) -> None:
        """Note that something has changed."""
        self._count += 1
        self._changed[topic] = self._count
        self._changes.tell()

    def tell_all(self) -> None:
        """Note that everything has changed."""
        for topic in TOPICS:
            self.tell(topic)

    def teller(self, topic: Topic) -> Callable[[], None]:
        """Return what notes a change of one topic."""
        return partial(self.tell, topic)

    @property
    def place(self) -> str:
        """The place that the feed has come to."""
        return f"{self._run}-{self._count}"

    def topics_since(self, place: str) -> list[Topic]:
        """Return what has changed since a place."""
        run, _, count = place.partition("-")
        if run != self._run or not count.isdecimal():
            return list(TOPICS)
        return [topic for topic in TOPICS if self._changed.get(topic, 0) > int(count)]

    async def wait(self, place: str, *, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until something has changed since a place, and return True if it has.

        Args:
            place: the place.
            timeout: longest wait, real seconds.
        """
        return await self._changes.until(lambda: self.place != place, timeout=timeout)
