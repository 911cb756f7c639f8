"""Queries on the history of clients and on what is scheduled for later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.facts import ORIGINS
from mavibot_mock.store.database import Database, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row


class Messages(Database):
    """Messages and jobs."""

    def add_message(self, client_id: int, *, text: str, now: float, attachments: Any = None, **others: Any) -> int:
        """Add a row to a client's history and return its number.

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
            "answered": True,
            "client_replica": False,
            "message_from_outside": ORIGINS["DIALOGUE"],
            "delivered": True,
            **others,
        }
        return self._insert("messages", columns)

    def history(self, client_id: int, *, limit: int, period: tuple[float, float] | None) -> list[Row]:
        """Return the newest messages of a client, newest first, of a period from its begin to before its end."""
        begin, end = period or (float("-inf"), float("inf"))
        query = """
            SELECT * FROM messages WHERE client_id = ? AND created_at >= ? AND created_at < ?
            ORDER BY id DESC LIMIT ?"""
        return self._all(query, client_id, begin, end, limit)

    def add_job(self, kind: str, parameters: Mapping[str, Any], *, due: float) -> None:
        """Remember something to be done later."""
        self._insert("jobs", {"due": due, "kind": kind, "parameters": to_json(parameters)})

    def take_due_job(self, now: float) -> Row | None:
        """Remove and return the job that is due first, if any is due."""
        job = self._one("SELECT * FROM jobs WHERE due <= ? ORDER BY due, id LIMIT 1", now)
        if job is not None:
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job["id"],))
        return job

    def next_due(self) -> float | None:
        """Return when the next job is due, Unix seconds."""
        row = self._one("SELECT min(due) AS due FROM jobs")
        due: float | None = row["due"] if row is not None else None
        return due
