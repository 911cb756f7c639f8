"""Queries on the history of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.store.database import from_json, to_json
from mavibot_mock.state.store.newest import Newest

if TYPE_CHECKING:
    from sqlite3 import Row


#: Messages are counted again after at most so many new ones, since others than `add_message` change their number too;
#: and at most so many are not yet noted as the newest of their clients.
_MOST_UNCOUNTED: Final = 1_000
#: Part of the messages kept that may come on top before the oldest go: going in one go is cheap.
_SLACK: Final = 0.01


class Messages(Newest):
    """Messages."""

    _kept: int | None = None
    _uncounted = 0

    def add_message(self, client_id: int, *, text: str, now: float, attachments: Any = None, **others: Any) -> int:
        """Add a row to a client's history and return its id.

        Args:
            client_id: the client.
            text: text of the message.
            now: when it went out or came in.
            attachments: files, as the history shows them.
            others: further columns.
        """
        columns = {
            "client_id": client_id,
            "text": text,
            "attachments": to_json(attachments or {}),
            "created_at": now,
            "answered": 1,
            "client_replica": 0,
            "message_from_outside": ORIGINS["DIALOGUE"],
            "delivered": 1,
            **others,
        }
        return self._insert("messages", columns)

    def history(self, client_id: int, *, limit: int, period: tuple[float, float] | None) -> list[Row]:
        """Return the newest messages of a client, newest first, of a period from its begin to before its end."""
        begin, end = period or (float("-inf"), float("inf"))
        query = """
            SELECT * FROM messages WHERE client_id = ? AND created_at >= ? AND created_at < ?
            ORDER BY created_at DESC, id DESC LIMIT ?"""
        return self._all(query, client_id, begin, end, limit)

    def clear_history(self, client_id: int) -> None:
        """Delete all messages of a client."""
        self._db.execute("DELETE FROM messages WHERE client_id = ?", (client_id,))

    def message(self, message_id: int) -> Row | None:
        """Return a message by its id."""
        return self._one("SELECT * FROM messages WHERE id = ?", message_id)

    def last_buttons(self, client_id: int) -> Any:
        """Return the buttons that a client was sent last, or `None`."""
        row = self.last_message_with_buttons(client_id)
        return None if row is None else from_json(row["buttons"])

    def last_message_with_buttons(self, client_id: int) -> Row | None:
        """Return `id` and `buttons` of the message that brought a client the buttons that it may press."""
        query = """
            SELECT id, buttons FROM messages WHERE client_id = ? AND buttons IS NOT NULL
            ORDER BY created_at DESC, id DESC LIMIT 1"""
        return self._one(query, client_id)

    def why_undelivered(self, client_id: int) -> str | None:
        """Return why nothing reaches a client, or `None` if deliverable."""
        query = """
            SELECT coalesce(
                clients.blocked, channels.blocked,
                CASE WHEN clients.client_type = ? AND identity IN (SELECT phone FROM without_whatsapp)
                THEN 'the number has no WhatsApp' END
            ) AS reason
            FROM clients LEFT JOIN channels USING (client_type, group_id) WHERE clients.id = ?"""
        row = self._one(query, WHATSAPP, client_id)
        return None if row is None else row["reason"]

    def block_client(self, client_id: int, reason: str | None) -> None:
        """Block a client for a reason, or unblock it."""
        self._db.execute("UPDATE clients SET blocked = ? WHERE id = ?", (reason, client_id))

    def block_channel(self, channel_id: int, reason: str | None) -> bool:
        """Block a channel for a reason, or unblock it; return True if there is such a channel."""
        return self._db.execute("UPDATE channels SET blocked = ? WHERE id = ?", (reason, channel_id)).rowcount > 0

    def prune_messages(self, kept: int) -> None:
        """Drop the oldest messages of the project beyond the number to be kept; to be called after each new one.

        Of more than a hundred, up to a hundredth more may stay for a while.

        Args:
            kept: how many messages stay.
        """
        if kept != self._kept:
            self._kept, self._uncounted = kept, 0
        if self._uncounted > 0:
            self._uncounted -= 1
            return
        self.note_newest_messages()
        slack = int(kept * _SLACK)
        # No number is given twice, so there are at most this many; mostly that is enough to know.
        count = self._number("SELECT 1 + (SELECT max(id) FROM messages) - (SELECT min(id) FROM messages)") or 0
        if count > kept + slack:
            count = self._number("SELECT count(*) FROM messages") or 0
        if count > kept + slack:
            query = "DELETE FROM messages WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT ?)"
            self._db.execute(query, (count - kept,))
            count = kept
        self._uncounted = min(kept + slack - count, _MOST_UNCOUNTED)
