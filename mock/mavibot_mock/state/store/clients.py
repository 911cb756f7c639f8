"""Queries on clients and the lists that they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.identity import platform_identity
from mavibot_mock.state.store.database import to_json
from mavibot_mock.state.store.pages import Pages
from mavibot_mock.state.store.schema import CLIENTS, FILTERS, LIST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Row

#: What is deleted with a client, in an order in which each can still be found.
_OWNED: Final = (
    "order_variables WHERE owner IN (SELECT id FROM orders WHERE client_id IN them)",
    "orders WHERE client_id IN them",
    "client_variables WHERE owner IN them",
    "list_members WHERE client_id IN them",
    "messages WHERE client_id IN them",
    "jobs WHERE client_id IN them",
    "clients WHERE id IN them",
)


class Clients(Pages):
    """Clients and lists."""

    def add_client(self, *, client_type: int, group_id: str, platform_id: str, now: float, **others: Any) -> int:
        """Add a client and return its id.

        Args:
            client_type: number of the messenger.
            group_id: channel in the messenger.
            platform_id: the client's id in the messenger.
            now: moment of creation.
            others: further columns.
        """
        columns: dict[str, Any] = {
            "client_type": client_type,
            "group_id": group_id,
            "platform_id": platform_id,
            "identity": platform_identity(client_type, platform_id),
            "created_at": int(now),
            "updated_at": int(now),
            **others,
        }
        return self._insert("clients", columns)

    def client(self, client_id: int) -> Row | None:
        """Return a client by its id."""
        return self._one("SELECT * FROM clients WHERE id = ?", client_id)

    def has_client(self, client_id: int) -> bool:
        """Return True if there is a client with this id."""
        return self._one("SELECT id FROM clients WHERE id = ?", client_id) is not None

    def update_client(self, client_id: int, *, now: float, **columns: Any) -> None:
        """Change columns of a client."""
        self._update("clients", client_id, {**columns, "updated_at": int(now)})

    def client_of_channel(self, client_type: int, group_id: str, platform_id: str) -> int | None:
        """Return the id of the client with this id in a channel."""
        query = "SELECT id FROM clients WHERE client_type = ? AND group_id = ? AND identity = ?"
        return self._number(query, client_type, group_id, platform_identity(client_type, platform_id))

    def clients(self, *, offset: int, limit: int, reverse: bool) -> list[Row]:
        """Return a page of all clients, newest first or, in reverse, oldest first."""
        return self._rows("clients", self._page(CLIENTS[()], offset=offset, limit=limit, descending=not reverse))

    def clients_of_list(self, list_id: int, *, offset: int, limit: int) -> list[Row]:
        """Return a page of the clients of a list, newest first."""
        return self._rows("clients", self._page(LIST_MEMBERS, list_id, offset=offset, limit=limit, descending=True))

    def subscribers(
        self,
        *,
        offset: int,
        limit: int,
        tag: str | None = None,
        group_id: str | None = None,
        client_type: int | None = None,
        after: float | None = None,
        before: float | None = None,
    ) -> list[Row]:
        """Return a page of clients, oldest first.

        Args:
            offset: how many to pass over.
            limit: most clients on the page.
            tag: only those with this tag; here and below `None` for all.
            group_id: only those of this channel.
            client_type: only those of this messenger.
            after: only those created after this moment, Unix seconds.
            before: only those created before this moment, Unix seconds.
        """
        given = {"tag": tag, "group_id": group_id, "client_type": client_type}
        filters = tuple(name for name in FILTERS if given[name] is not None)
        values = [given[name] for name in filters]
        found = self._page(CLIENTS[filters], *values, offset=offset, limit=limit, after=after, before=before)
        return self._rows("clients", found)

    def delete_clients(self, client_ids: Iterable[int]) -> None:
        """Delete clients with all that belongs to them; unknown ids are ignored."""
        numbers = to_json(list(client_ids))
        for owned in _OWNED:
            query = f"WITH them AS (SELECT value FROM json_each(?)) DELETE FROM {owned}"  # noqa: S608
            self._db.execute(query, (numbers,))

    def add_list(self, list_id: int, name: str | None) -> None:
        """Add an empty list."""
        self._db.execute("INSERT OR IGNORE INTO lists VALUES (?, ?)", (list_id, name))

    def add_to_list(self, list_id: int, client_id: int) -> None:
        """Put a client on a list."""
        query = "INSERT OR IGNORE INTO list_members SELECT ?, created_at, id FROM clients WHERE id = ?"
        self._db.execute(query, (list_id, client_id))

    def remove_from_list(self, list_id: int, client_id: int) -> None:
        """Take a client off a list."""
        self._db.execute("DELETE FROM list_members WHERE client_id = ? AND list_id = ?", (client_id, list_id))

    def move_to_block(self, client_id: int, block_id: int, *, now: float) -> None:
        """Move a client into a block of the flow."""
        self.update_client(client_id, block_id=block_id, now=now)

    def set_paused(self, client_id: int, *, paused: bool, now: float) -> None:
        """Pause or resume the bot for a client."""
        self.update_client(client_id, paused=paused, now=now)
