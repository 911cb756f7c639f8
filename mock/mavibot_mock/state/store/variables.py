"""Queries on the variables of clients, deals and the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.identity import search_text
from mavibot_mock.state.store import own_fields
from mavibot_mock.state.store.database import Database, from_json, to_hex, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable


#: What a search asks of a client stands beside each variable; it never changes.
_OF_CLIENT: Final = """
    INSERT OR REPLACE INTO client_variables
    SELECT id, ?, ?, ?, group_id, created_at FROM clients WHERE id = ?"""
_OF_ORDER: Final = """
    INSERT OR REPLACE INTO order_variables
    SELECT orders.id, ?, ?, ?, clients.id, group_id, clients.created_at
    FROM orders CROSS JOIN clients ON clients.id = client_id WHERE orders.id = ?"""


class Variables(Database):
    """Variables; null or an empty text clears one."""

    def set_client_variable(self, client_id: int, name: str, value: Any) -> None:
        """Save or clear a variable of a client."""
        is_cleared = _is_cleared(value)
        if is_cleared:
            self._db.execute("DELETE FROM client_variables WHERE owner = ? AND name = ?", (client_id, name))
        else:
            self._db.execute(_OF_CLIENT, (name, to_json(value), search_text(name, value), client_id))
        if name in own_fields.OWN_FIELDS:
            self._db.execute(own_fields.show(name) if is_cleared else own_fields.hide(name), (client_id,))

    def set_order_variable(self, order_id: int, name: str, value: Any) -> None:
        """Save or clear a variable of a deal."""
        if _is_cleared(value):
            self._db.execute("DELETE FROM order_variables WHERE owner = ? AND name = ?", (order_id, name))
        else:
            self._db.execute(_OF_ORDER, (name, to_json(value), search_text(name, value), order_id))

    def set_project_variable(self, name: str, value: Any) -> None:
        """Save or clear a variable of the project."""
        if _is_cleared(value):
            self._db.execute("DELETE FROM project_variables WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO project_variables VALUES (?, ?)", (name, to_json(value)))

    def client_variables(self, client_id: int) -> dict[str, Any]:
        """Return the variables of a client."""
        return self._values("SELECT name, value FROM client_variables WHERE owner = ?", client_id)

    def order_variables(self, order_id: int, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return variables of a deal.

        Args:
            order_id: the deal.
            names: which of them, as far as they are set; `None` for all.
        """
        if names is None:
            return self._values("SELECT name, value FROM order_variables WHERE owner = ?", order_id)
        query = """
            SELECT name, order_variables.value FROM json_each(?) AS wanted
            CROSS JOIN order_variables ON owner = ? AND name = from_hex(wanted.value)"""
        return self._values(query, to_hex(names), order_id)

    def project_variables(self) -> dict[str, Any]:
        """Return the variables of the project."""
        return self._values("SELECT name, value FROM project_variables")

    def _values(self, query: str, *arguments: Any) -> dict[str, Any]:
        return {row["name"]: from_json(row["value"]) for row in self._all(query, *arguments)}


def _is_cleared(value: Any) -> bool:
    return value is None or value == ""
