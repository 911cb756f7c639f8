"""Queries on channels, blocks and managers: what belongs to the project rather than to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import Database, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row


class Channels(Database):
    """Channels, blocks and managers."""

    def add_channel(
        self, messenger: str, client_type: int, shown: Mapping[str, Any], *, blocked: str | None = None
    ) -> None:
        """Add a channel.

        Args:
            messenger: its messenger, as connected_channels names it.
            client_type: number of the messenger.
            shown: the channel as connected_channels shows it.
            blocked: why nothing is delivered through it; `None` if nothing is wrong.
        """
        columns = {
            "id": shown["id"],
            "messenger": messenger,
            "client_type": client_type,
            "group_id": str(shown["group_id"]),
            "shown": to_json(shown),
            "blocked": blocked,
        }
        self._insert("channels", columns)

    def channels(self) -> list[tuple[str, Any]]:
        """Return messenger and shown form of each channel."""
        rows = self._all("SELECT messenger, shown FROM channels ORDER BY id")
        return [(row["messenger"], from_json(row["shown"])) for row in rows]

    def has_channel(self, client_type: int, group_id: str) -> bool:
        """Return True if a messenger has a channel with this `group_id`."""
        return self.channel(client_type, group_id) is not None

    def channel(self, client_type: int, group_id: str) -> Row | None:
        """Return the channel of a messenger with this `group_id`."""
        return self._one("SELECT * FROM channels WHERE client_type = ? AND group_id = ?", client_type, group_id)

    def block(self, block_id: int) -> Row | None:
        """Return a block."""
        return self._one("SELECT * FROM blocks WHERE id = ?", block_id)

    def blocks(self) -> list[Row]:
        """Return all blocks."""
        return self._all("SELECT * FROM blocks ORDER BY id")

    def block_for(self, text: str) -> Row | None:
        """Return the block into which a text leads."""
        return self._one("SELECT * FROM blocks WHERE condition = ? ORDER BY id LIMIT 1", text)

    def add_manager(self, manager_id: int, *, email: str, **others: Any) -> None:
        """Add an employee."""
        self._insert("managers", {"id": manager_id, "email": email, "found": email.lower(), **others})

    def managers(self) -> list[Row]:
        """Return all employees."""
        return self._all("SELECT * FROM managers ORDER BY id")

    def manager_with_email(self, email: str) -> Row | None:
        """Return the employee with this e-mail address, in any case of letters."""
        return self._one("SELECT * FROM managers WHERE found = ? ORDER BY id LIMIT 1", email.lower())

    def manager_after(self, manager_id: int) -> Row | None:
        """Return the employee with the next higher id, or the first after the last; `None` if there are none."""
        following = self._one("SELECT * FROM managers WHERE id > ? ORDER BY id LIMIT 1", manager_id)
        return following or self._one("SELECT * FROM managers ORDER BY id LIMIT 1")
