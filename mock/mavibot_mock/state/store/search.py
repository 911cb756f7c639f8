"""Queries that find clients by variables, phone numbers and e-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.identity import ONLINE_CHAT, WHATSAPP, digits, phone_identity, search_text
from mavibot_mock.state.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The variables of one name, with the client that each belongs to.
_OF_CLIENTS: Final = "SELECT owner, owner AS client_id, found FROM client_variables AS variables WHERE name = ?"
_OF_ORDERS: Final = """
    SELECT owner, client_id, found FROM order_variables AS variables CROSS JOIN orders ON orders.id = owner
    WHERE variables.name = ?"""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a search asks of one variable.

    Attributes:
        name: the variable.
        values: what it is compared with.
        negated: whether it must have none of the values instead of one of them.
    """

    name: str
    values: Sequence[str | float]
    negated: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether it compares with a number; true and false are none."""
        return any(not isinstance(value, str | bool) for value in self.values)


class Search(Database):
    """Searches; of several clients that fit, the one with the lowest number is the first."""

    def first_client_with(self, name: str, value: Any, group_id: str | None = None) -> int | None:
        """Return the first client that has a variable with this value.

        Args:
            name: the variable.
            value: its value.
            group_id: only clients of this channel; `None` for all.
        """
        query = """
            SELECT owner FROM client_variables WHERE name = ?1 AND found = ?2
            AND (?3 IS NULL OR ?3 = (SELECT group_id FROM clients WHERE id = owner)) ORDER BY owner LIMIT 1"""
        return self._number(query, name, search_text(name, value), group_id)

    def first_client_with_order(self, name: str, value: Any, group_id: str | None = None) -> int | None:
        """Return the client of the first deal that has a variable with this value; arguments as for the client's."""
        query = """
            SELECT client_id FROM order_variables CROSS JOIN orders ON orders.id = owner
            WHERE order_variables.name = ?1 AND found = ?2
            AND (?3 IS NULL OR ?3 = (SELECT group_id FROM clients WHERE id = client_id)) ORDER BY owner LIMIT 1"""
        return self._number(query, name, search_text(name, value), group_id)

    def latest_client_with(self, name: str, value: Any) -> int | None:
        """Return the newest client that has a variable with this value itself or in one of its deals."""
        query = """
            SELECT max(client_id) FROM (
                SELECT max(owner) AS client_id FROM client_variables WHERE name = ?1 AND found = ?2
                UNION ALL SELECT max(client_id) FROM order_variables CROSS JOIN orders ON orders.id = owner
                WHERE order_variables.name = ?1 AND found = ?2
            )"""
        return self._number(query, name, search_text(name, value))

    def find_clients(
        self, conditions: Sequence[Condition], *, in_orders: bool = False, every: bool = True
    ) -> list[int]:
        """Return the numbers of the clients that meet conditions, lowest first.

        A client or deal without the variable meets no condition on it, not even a negated one (assumed).

        Args:
            conditions: at least one.
            in_orders: look at the variables of deals instead of those of clients; a deal of any status counts, and
                one deal must meet all conditions (assumed).
            every: whether all conditions must be met, or one is enough.
        """
        found = [self._owners(condition, in_orders=in_orders) for condition in conditions]
        owners = [set(each) for each in found]
        clients = {owner: client_id for each in found for owner, client_id in each.items()}
        return sorted({clients[owner] for owner in (set.intersection if every else set.union)(*owners)})

    def _owners(self, condition: Condition, *, in_orders: bool) -> dict[int, int]:
        """Return the clients or deals that meet a condition, each with its client."""
        query = _OF_ORDERS if in_orders else _OF_CLIENTS
        texts = {search_text(condition.name, value) for value in condition.values}
        if condition.negated:
            rows = self._all(query, condition.name)
            return {row["owner"]: row["client_id"] for row in rows if row["found"] not in texts}
        return {
            row["owner"]: row["client_id"]
            for text in texts
            for row in self._all(f"{query} AND found = ?", condition.name, text)
        }

    def is_numeric(self, name: str, *, in_orders: bool = False) -> bool:
        """Return True if all clients or deals that have a variable have a number in it."""
        table = "order_variables" if in_orders else "client_variables"
        query = f"SELECT 1 FROM {table} WHERE name = ? AND value NOT BETWEEN '-' AND ':' LIMIT 1"  # noqa: S608
        return self._one(query, name) is None

    def client_on_whatsapp(self, phone: str, group_id: str | None = None) -> int | None:
        """Return the first WhatsApp client with this number.

        Args:
            phone: the number in any notation.
            group_id: only clients of this channel; `None` for all.
        """
        query = """
            SELECT min(id) FROM clients
            WHERE identity = ?1 AND client_type = ?2 AND (?3 IS NULL OR group_id = ?3)"""
        return self._number(query, phone_identity(phone), WHATSAPP, group_id)

    def client_in_online_chat(self, recipient: str) -> int | None:
        """Return the client of a dialogue on the website."""
        query = "SELECT min(id) FROM clients WHERE identity = ? AND client_type = ?"
        return self._number(query, recipient, ONLINE_CHAT)

    def has_whatsapp(self, phone: str) -> bool:
        """Return True if a number, in any notation, has WhatsApp."""
        return self._one("SELECT 1 FROM without_whatsapp WHERE phone = ?", digits(phone)) is None
