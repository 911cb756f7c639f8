"""Queries on the project's own facts and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.store.database import Database, from_json, to_json

if TYPE_CHECKING:
    from sqlite3 import Row


class Settings(Database):
    """What the project is told, beside its clients and their deals."""

    def fact(self, name: str, default: Any = None) -> Any:
        """Return one of the project's own facts."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return default if row is None else from_json(row["value"])

    def set_fact(self, name: str, value: Any) -> None:
        """Keep one of the project's own facts."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, to_json(value)))

    def add_key(self, value: str, permissions: list[str], *, is_primary: bool, revoked: bool) -> None:
        """Add an API key, or change the one with this value."""
        self._db.execute(
            "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)", (value, to_json(permissions), is_primary, revoked)
        )

    def api_keys(self) -> list[Row]:
        """Return all keys; `permissions` is a JSON list."""
        return self._all("SELECT * FROM keys ORDER BY rowid")
