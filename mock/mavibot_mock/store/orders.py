"""Queries on deals and on the stages that they pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.store.database import Database

if TYPE_CHECKING:
    from sqlite3 import Row


class Orders(Database):
    """Deals and stages."""

    def add_stage(self, stage_id: int, *, pipeline: str, name: str, position: int, closes: bool) -> None:
        """Add a stage of a pipeline."""
        columns = {"id": stage_id, "pipeline": pipeline, "name": name, "position": position, "closes": closes}
        self._insert("stages", columns)

    def add_order(self, client_id: int, *, now: float, **columns: Any) -> int:
        """Create a deal and return its number."""
        return self._insert("orders", {"client_id": client_id, "created_at": int(now), **columns})

    def order(self, order_id: int) -> Row | None:
        """Return a deal by its number."""
        return self._one("SELECT * FROM orders WHERE id = ?", order_id)

    def current_order(self, client_id: int) -> int | None:
        """Return the number of a client's current deal: the newest that is neither closed nor archived."""
        query = "SELECT max(id) FROM orders WHERE client_id = ? AND NOT closed AND NOT archived"
        return self._number(query, client_id)
