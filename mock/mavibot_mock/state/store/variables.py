"""Queries on the variables of clients, deals and the project."""

from __future__ import annotations

from typing import Any

from mavibot_mock.state.identity import search_text
from mavibot_mock.state.store.database import Database, from_json, to_json


class Variables(Database):
    """Variables; null or an empty text clears one."""

    def set_client_variable(self, client_id: int, name: str, value: Any) -> None:
        """Save or clear a variable of a client."""
        self._set_variable("client_variables", client_id, name, value)

    def set_order_variable(self, order_id: int, name: str, value: Any) -> None:
        """Save or clear a variable of a deal."""
        self._set_variable("order_variables", order_id, name, value)

    def set_project_variable(self, name: str, value: Any) -> None:
        """Save or clear a variable of the project."""
        if _is_cleared(value):
            self._db.execute("DELETE FROM project_variables WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO project_variables VALUES (?, ?)", (name, to_json(value)))

    def client_variables(self, client_id: int) -> dict[str, Any]:
        """Return the variables of a client."""
        return self._values("SELECT name, value FROM client_variables WHERE owner = ?", client_id)

    def order_variables(self, order_id: int) -> dict[str, Any]:
        """Return the variables of a deal."""
        return self._values("SELECT name, value FROM order_variables WHERE owner = ?", order_id)

    def project_variables(self) -> dict[str, Any]:
        """Return the variables of the project."""
        return self._values("SELECT name, value FROM project_variables")

    def _set_variable(self, table: str, owner: int, name: str, value: Any) -> None:
        if _is_cleared(value):
            self._db.execute(f"DELETE FROM {table} WHERE owner = ? AND name = ?", (owner, name))  # noqa: S608
        else:
            self._db.execute(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)",  # noqa: S608
                (owner, name, to_json(value), search_text(name, value)),
            )

    def _values(self, query: str, *arguments: Any) -> dict[str, Any]:
        return {row["name"]: from_json(row["value"]) for row in self._all(query, *arguments)}


def _is_cleared(value: Any) -> bool:
    return value is None or value == ""
