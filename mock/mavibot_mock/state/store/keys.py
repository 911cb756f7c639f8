"""Queries on the project's keys and its own facts, such as its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import Database, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Row


class Keys(Database):
    """Keys and facts."""

    def fact(self, name: str, default: Any = None) -> Any:
        """Return one of the project's own facts."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return default if row is None else from_json(row["value"])

    def set_fact(self, name: str, value: Any) -> None:
        """Keep one of the project's own facts."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, to_json(value)))

    def facts(self) -> dict[str, Any]:
        """Return all of the project's own facts."""
        return {row["name"]: from_json(row["value"]) for row in self._all("SELECT * FROM facts ORDER BY name")}

    def put_key(
        self, name: str, value: str, permissions: Iterable[str] | None, *, is_primary: bool, revoked: bool
    ) -> None:
        """Add an API key, or change the one with this name.

        Args:
            name: its name in the control interface.
            value: the key itself.
            permissions: what it may do; `None` of a legacy key, which may do everything.
            is_primary: whether it is the project's primary key, in the place of that which was.
            revoked: whether it is refused.
        """
        if is_primary:
            self._db.execute("UPDATE keys SET is_primary = 0")
        held = None if permissions is None else to_json(sorted(permissions))
        query = """
            INSERT INTO keys (name, value, permissions, is_primary, revoked) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET
                value = excluded.value, permissions = excluded.permissions,
                is_primary = excluded.is_primary, revoked = excluded.revoked"""
        self._db.execute(query, (name, value, held, is_primary, revoked))

    def delete_key(self, name: str) -> None:
        """Delete an API key."""
        self._db.execute("DELETE FROM keys WHERE name = ?", (name,))

    def api_keys(self) -> list[Row]:
        """Return all keys in the order in which they were added."""
        return self._all("SELECT * FROM keys ORDER BY rowid")
