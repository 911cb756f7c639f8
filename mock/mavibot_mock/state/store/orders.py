"""Queries on deals and on the stages that they pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.facts import ORDER_STATUSES
from mavibot_mock.state.store.database import Database

if TYPE_CHECKING:
    from sqlite3 import Row


class Orders(Database):
    """Deals and stages."""

    def stage(self, stage_id: int) -> Row | None:
        """Return a stage by its id."""
        return self._one("SELECT * FROM stages WHERE id = ?", stage_id)

    def first_stage(self) -> Row | None:
        """Return the stage in which a deal begins, or `None` where the project has no stages."""
        return self._one("SELECT * FROM stages ORDER BY position, id LIMIT 1")

    def next_stage(self, stage: Row) -> Row | None:
        """Return the stage that follows in the pipeline, failure left out; `None` after the last."""
        query = """
            SELECT * FROM stages WHERE pipeline = ? AND (position, id) > (?, ?) AND order_status != ?
            ORDER BY position, id LIMIT 1"""
        return self._one(query, stage["pipeline"], stage["position"], stage["id"], ORDER_STATUSES["UNSUCCESSFUL"])

    def add_order(self, client_id: int, *, now: float, **columns: Any) -> int:
        """Create a deal and return its id; where no `state_id` is given, it begins in the first stage."""
        stage = self.stage(columns["state_id"]) if "state_id" in columns else self.first_stage()
        begin = {} if stage is None else {"state_id": stage["id"], "order_status": stage["order_status"]}
        return self._insert("orders", {"client_id": client_id, "created_at": int(now), **begin, **columns})

    def order(self, order_id: int) -> Row | None:
        """Return a deal by its id."""
        return self._one("SELECT * FROM orders WHERE id = ?", order_id)

    def current_order(self, client_id: int) -> int | None:
        """Return the id of a client's current deal: the newest that is neither closed nor archived."""
        query = """
            SELECT id FROM orders WHERE client_id = ? AND order_status = ? AND archived = 0
            ORDER BY id DESC LIMIT 1"""
        return self._number(query, client_id, ORDER_STATUSES["ACTIVE"])

    def orders(self, client_id: int, order_status: int | None) -> list[int]:
        """Return the ids of a client's deals, oldest first.

        Args:
            client_id: the client.
            order_status: 0 active, 1 successful, 2 unsuccessful; an archived deal has none of them. `None` for all.
        """
        if order_status is None:
            rows = self._all("SELECT id FROM orders WHERE client_id = ? ORDER BY id", client_id)
        else:
            query = "SELECT id FROM orders WHERE client_id = ? AND order_status = ? AND archived = 0 ORDER BY id"
            rows = self._all(query, client_id, order_status)
        return [row["id"] for row in rows]

    def move_order(self, order_id: int, stage: Row) -> None:
        """Put a deal into a stage, which opens or closes it."""
        self._update("orders", order_id, {"state_id": stage["id"], "order_status": stage["order_status"]})
