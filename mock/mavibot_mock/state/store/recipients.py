"""Queries that find the clients a call means: by id, list, id in a messenger, or channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.state.identity import EMAIL, phone_identity, platform_identity
from mavibot_mock.state.store.database import Database, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable


class Recipients(Database):
    """Recipients."""

    def existing_clients(self, client_ids: Iterable[int]) -> list[int]:
        """Return those numbers that are a client's, each once, in the order given."""
        wanted = list(dict.fromkeys(client_ids))
        rows = self._all("SELECT id FROM clients WHERE id IN (SELECT value FROM json_each(?))", to_json(wanted))
        found = {row["id"] for row in rows}
        return [client_id for client_id in wanted if client_id in found]

    def clients_on_list(self, list_id: int) -> list[int]:
        """Return the numbers of all clients of a list, oldest first."""
        query = "SELECT client_id FROM list_members WHERE list_id = ? ORDER BY created_at, client_id"
        rows = self._all(query, list_id)
        return [row["client_id"] for row in rows]

    def clients_with_platform_id(self, platform_id: str, group_id: str | None = None) -> list[int]:
        """Return the clients with this id in any messenger, oldest first.

        Args:
            platform_id: the id, in any notation that its messenger has for it.
            group_id: only clients of this channel; `None` for all.
        """
        query = """
            SELECT id, client_type, identity FROM clients
            WHERE identity IN (?, ?, ?) AND (? IS NULL OR group_id = ?) ORDER BY id"""
        identities = (platform_id, phone_identity(platform_id), platform_id.lower())
        rows = self._all(query, *identities, group_id, group_id)
        return [row["id"] for row in rows if row["identity"] == platform_identity(row["client_type"], platform_id)]

    def email_client(self, address: str) -> int | None:
        """Return the first e-mail client with this address, whatever the channel."""
        query = "SELECT min(id) FROM clients WHERE identity = ? AND client_type = ?"
        return self._number(query, platform_identity(EMAIL, address), EMAIL)

    def group_of_bot(self, client_type: int, bot_id: str | None) -> str | None:
        """Return the `group_id` of a messenger's channel, or `None` where the project has no such channel.

        Args:
            client_type: number of the messenger.
            bot_id: its `group_id` or its id in the builder; `None` for the first channel.
        """
        query = """
            SELECT group_id FROM channels WHERE client_type = ? AND (? IS NULL OR ? IN (group_id, CAST(id AS TEXT)))
            ORDER BY group_id = ? DESC, id LIMIT 1"""
        row = self._one(query, client_type, bot_id, bot_id, bot_id)
        return None if row is None else str(row["group_id"])
