"""Queries on clients and the lists that they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.identity import EMAIL, TELEPHONY, WHATSAPP, platform_identity, search_text
from mavibot_mock.state.store.database import Database, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Row

#: The greatest number that SQLite takes.
_GREATEST: Final = 2**63 - 1

#: What goes with a client, in an order in which each can still be found.
_OWNED: Final = (
    "order_variables WHERE owner IN (SELECT id FROM orders WHERE client_id IN them)",
    "orders WHERE client_id IN them",
    "client_variables WHERE owner IN them",
    "list_members WHERE client_id IN them",
    "messages WHERE client_id IN them",
    "jobs WHERE CAST(json_extract(parameters, '$.client_id') AS INTEGER) IN them",
    "clients WHERE id IN them",
)


class Clients(Database):
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

    def client_by_phone(self, phone: str) -> int | None:
        """Return the first client whose variable `phone`, WhatsApp or telephony id has these digits."""
        query = """
            SELECT min(id) FROM (
                SELECT owner AS id FROM client_variables WHERE name = 'phone' AND found = ?1
                UNION ALL SELECT id FROM clients WHERE identity = ?1 AND client_type IN (?2, ?3)
            )"""
        return self._number(query, search_text("phone", phone), WHATSAPP, TELEPHONY)

    def client_by_email(self, email: str) -> int | None:
        """Return the first client whose variable `email` or e-mail id is this address, in any case of letters."""
        query = """
            SELECT min(id) FROM (
                SELECT owner AS id FROM client_variables WHERE name = 'email' AND found = ?1
                UNION ALL SELECT id FROM clients WHERE identity = ?1 AND client_type = ?2
            )"""
        return self._number(query, search_text("email", email), EMAIL)

    def clients(self, *, offset: int, limit: int, reverse: bool) -> list[Row]:
        """Return a page of all clients, newest first or, in reverse, oldest first."""
        order = "ASC" if reverse else "DESC"
        return self._all(
            f"SELECT * FROM clients ORDER BY id {order} LIMIT ? OFFSET ?",  # noqa: S608 - one of two words
            limit,
            offset,
        )

    def clients_of_list(self, list_id: int, *, offset: int, limit: int) -> list[Row]:
        """Return a page of the clients of a list, newest first."""
        query = """
            SELECT clients.* FROM (
                SELECT client_id FROM list_members WHERE list_id = ? ORDER BY client_id DESC LIMIT ? OFFSET ?
            ) CROSS JOIN clients ON clients.id = client_id ORDER BY id DESC"""
        return self._all(query, list_id, limit, offset)

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
        filters = {
            "tag = ?": tag,
            "group_id = ?": group_id,
            "client_type = ?": client_type,
            "created_at > ?": after,
            "created_at < ?": before,
        }
        given = {condition: value for condition, value in filters.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        query = f"SELECT * FROM clients {where} ORDER BY created_at, id LIMIT ? OFFSET ?"  # noqa: S608 - conditions from above
        return self._all(query, *given.values(), limit, min(offset, _GREATEST))

    def delete_clients(self, client_ids: Iterable[int]) -> None:
        """Delete clients with all that belongs to them; numbers that are no client's are passed over."""
        numbers = to_json(list(client_ids))
        for owned in _OWNED:
            query = f"WITH them AS (SELECT value FROM json_each(?)) DELETE FROM {owned}"  # noqa: S608
            self._db.execute(query, (numbers,))

    def add_list(self, list_id: int, name: str | None) -> None:
        """Add an empty list."""
        self._db.execute("INSERT OR IGNORE INTO lists VALUES (?, ?)", (list_id, name))

    def add_to_list(self, list_id: int, client_id: int) -> None:
        """Put a client on a list."""
        self._db.execute("INSERT OR IGNORE INTO list_members VALUES (?, ?)", (list_id, client_id))

    def remove_from_list(self, list_id: int, client_id: int) -> None:
        """Take a client off a list."""
        self._db.execute("DELETE FROM list_members WHERE list_id = ? AND client_id = ?", (list_id, client_id))

    def move_to_block(self, client_id: int, block_id: int, *, now: float) -> None:
        """Move a client into a block of the flow."""
        self.update_client(client_id, block_id=block_id, now=now)

    def set_paused(self, client_id: int, *, paused: bool, now: float) -> None:
        """Pause or resume the bot for a client."""
        self.update_client(client_id, paused=paused, now=now)
