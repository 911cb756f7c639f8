"""Queries on clients and the lists that they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.identity import EMAIL, TELEPHONY, WHATSAPP, platform_identity, search_text
from mavibot_mock.store.database import Database

if TYPE_CHECKING:
    from sqlite3 import Row


class Clients(Database):
    """Clients and lists."""

    def add_client(self, *, client_type: int, group_id: str, platform_id: str, now: float, **others: Any) -> int:
        """Add a client and return its number.

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
        """Return a client by its number."""
        return self._one("SELECT * FROM clients WHERE id = ?", client_id)

    def update_client(self, client_id: int, *, now: float, **columns: Any) -> None:
        """Change columns of a client."""
        self._update("clients", client_id, {**columns, "updated_at": int(now)})

    def client_of_channel(self, client_type: int, group_id: str, platform_id: str) -> int | None:
        """Return the number of the client with this id in a channel."""
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
            SELECT clients.* FROM list_members JOIN clients ON clients.id = list_members.client_id
            WHERE list_id = ? ORDER BY client_id DESC LIMIT ? OFFSET ?"""
        return self._all(query, list_id, limit, offset)

    def add_list(self, list_id: int, name: str | None) -> None:
        """Add an empty list."""
        self._db.execute("INSERT OR IGNORE INTO lists VALUES (?, ?)", (list_id, name))

    def add_to_list(self, list_id: int, client_id: int) -> None:
        """Put a client on a list."""
        self._db.execute("INSERT OR IGNORE INTO list_members VALUES (?, ?)", (list_id, client_id))

    def move_to_block(self, client_id: int, block_id: int, *, now: float) -> None:
        """Move a client into a block of the flow."""
        self.update_client(client_id, block_id=block_id, now=now)

    def set_paused(self, client_id: int, *, paused: bool, now: float) -> None:
        """Pause or resume the bot for a client."""
        self.update_client(client_id, paused=paused, now=now)
