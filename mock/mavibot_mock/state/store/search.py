"""Queries that find clients by variables, phone numbers and e-mail addresses.

What a search costs follows from what it finds: where several conditions must be met, the one that the fewest meet is
looked up, and the others are checked one by one; a negated condition looks up all other values.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.identity import (
    EMAIL,
    ONLINE_CHAT,
    TELEPHONY,
    WHATSAPP,
    digits,
    phone_identity,
    search_text,
)
from mavibot_mock.state.store import own_fields
from mavibot_mock.state.store.database import Database, to_hex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mavibot_mock.state.steps import Steps

    #: A part of the index of values: a condition on `found`, and what it compares with.
    _Range = tuple[str, tuple[str, ...]]

#: How many matches are counted at first to learn which condition the fewest meet, and how much further each time.
_COUNTED_FIRST: Final = 16
_COUNTED_FURTHER: Final = 8


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
        """Whether it compares with a number; true and false are not numbers."""
        return any(not isinstance(value, str | bool) for value in self.values)

    @property
    def texts(self) -> list[str]:
        """The texts by which its values are found, in the order of the index."""
        return sorted({search_text(self.name, value) for value in self.values}, key=str.encode)

    def ranges(self) -> Iterator[_Range]:
        """Go through the parts of the index of values that meet it."""
        texts = self.texts
        if not self.negated:
            yield from (("AND found = ?", (text,)) for text in texts)
        elif not texts:
            yield "", ()
        else:
            yield "AND found < ?", (texts[0],)
            yield from (("AND found > ? AND found < ?", between) for between in pairwise(texts))
            yield "AND found > ?", (texts[-1],)


def _sources(name: str, *, in_orders: bool = False) -> list[str]:
    """Return where the values of a name are found: among the fields of clients only where one has this name."""
    if in_orders:
        return ["order_variables"]
    return ["client_variables", own_fields.rows(name)] if name in own_fields.OWN_FIELDS else ["client_variables"]


class Search(Database):
    """Searches; of several clients that fit, the one with the lowest number is the first."""

    def first_client_with(self, name: str, value: Any, group_id: str | None = None) -> int | None:
        """Return the first client that has a variable with this value.

        Args:
            name: the variable.
            value: its value.
            group_id: only clients of this channel; `None` for all.
        """
        return self._least(*(self._first(each, "owner", name, value, group_id) for each in _sources(name)))

    def first_client_with_order(self, name: str, value: Any, group_id: str | None = None) -> int | None:
        """Return the client of the first deal that has a variable with this value; arguments as for the client's."""
        return self._first("order_variables", "client_id", name, value, group_id)

    def _first(self, source: str, client: str, name: str, value: Any, group_id: str | None) -> int | None:
        # For `=` SQLite would put the value in the place of the column in the expression of an index too.
        in_group, group = ("", ()) if group_id is None else (" AND group_id IS ?", (group_id,))
        query = f"SELECT {client} FROM {source} WHERE name = ? AND found = ?{in_group} ORDER BY owner LIMIT 1"  # noqa: S608
        return self._number(query, name, search_text(name, value), *group)

    def latest_client_with(self, name: str, value: Any) -> int | None:
        """Return the newest client that has a variable with this value itself or in one of its deals."""
        newest = "WHERE name = ? AND found = ? ORDER BY created_at DESC, client_id DESC LIMIT 1"
        sources = [*((each, "owner") for each in _sources(name)), ("order_variables", "client_id")]
        queries = (f"SELECT created_at, {client} AS client_id FROM {source} {newest}" for source, client in sources)  # noqa: S608
        found = [self._one(query, name, search_text(name, value)) for query in queries]
        latest = max((tuple(row) for row in found if row is not None), default=None)
        return None if latest is None else latest[1]

    def client_by_phone(self, phone: str) -> int | None:
        """Return the first client whose variable `phone`, WhatsApp or telephony id has these digits."""
        identity = search_text("phone", phone)
        return self._least(
            self.first_client_with("phone", phone),
            self._with_identity(identity, WHATSAPP),
            self._with_identity(identity, TELEPHONY),
        )

    def client_by_email(self, email: str) -> int | None:
        """Return the first client whose variable `email` or e-mail id is this address, in any case of letters."""
        return self._least(
            self.first_client_with("email", email), self._with_identity(search_text("email", email), EMAIL)
        )

    def client_on_whatsapp(self, phone: str, group_id: str | None = None) -> int | None:
        """Return the first WhatsApp client with this number.

        Args:
            phone: the number in any notation.
            group_id: only clients of this channel; `None` for all.
        """
        return self._with_identity(phone_identity(phone), WHATSAPP, group_id)

    def client_in_online_chat(self, recipient: str) -> int | None:
        """Return the client of a dialogue on the website."""
        return self._with_identity(recipient, ONLINE_CHAT)

    def _with_identity(self, identity: str, client_type: int, group_id: str | None = None) -> int | None:
        in_group, group = ("", ()) if group_id is None else (" AND group_id = ?", (group_id,))
        query = f"SELECT min(id) FROM clients WHERE identity = ? AND client_type = ?{in_group}"  # noqa: S608
        return self._number(query, identity, client_type, *group)

    @staticmethod
    def _least(*client_ids: int | None) -> int | None:
        return min((each for each in client_ids if each is not None), default=None)

    def find_clients(
        self, conditions: Sequence[Condition], *, in_orders: bool = False, every: bool = True
    ) -> Steps[list[int]]:
        """Return the numbers of the clients that meet conditions, lowest first; a step for each value.

        A client or deal without the variable meets no condition on it, not even a negated one (assumed).

        Args:
            conditions: at least one.
            in_orders: look at the variables of deals instead of those of clients; a deal of any status counts, and
                one deal must meet all conditions (assumed).
            every: whether all conditions must be met, or one is enough.
        """
        client = "client_id" if in_orders else "owner"
        looked_up = [(yield from self._rarest(conditions, in_orders=in_orders))] if every else conditions
        checks, checked = "", []
        for other in (each for each in conditions if each not in looked_up):
            is_met = f"""other.owner = met.owner AND other.name = ?
                AND other.found {"NOT " if other.negated else ""}IN (SELECT from_hex(value) FROM json_each(?))"""  # noqa: S608
            sources = _sources(other.name, in_orders=in_orders)
            either = " OR ".join(f"EXISTS (SELECT 1 FROM {source} AS other WHERE {is_met})" for source in sources)  # noqa: S608
            checks += f" AND ({either})"
            checked += [other.name, to_hex(other.texts)] * len(sources)
        found: set[int] = set()
        for condition in looked_up:
            for source in _sources(condition.name, in_orders=in_orders):
                for within, bounds in condition.ranges():
                    query = f"SELECT {client} FROM {source} AS met WHERE name = ? {within}{checks}"  # noqa: S608
                    found.update(row[0] for row in self._db.execute(query, (condition.name, *bounds, *checked)))
                    yield
        return sorted(found)

    def _rarest(self, conditions: Sequence[Condition], *, in_orders: bool) -> Steps[Condition]:
        """Return the condition that the fewest meet, without counting much further than there."""
        most = _COUNTED_FIRST
        while len(conditions) > 1:
            for condition in conditions:
                if (yield from self._count(condition, most, in_orders=in_orders)) < most:
                    return condition
            most *= _COUNTED_FURTHER
        return conditions[0]

    def _count(self, condition: Condition, most: int, *, in_orders: bool) -> Steps[int]:
        """Return how many clients or deals meet a condition, or `most` where there are more."""
        count = 0
        for source in _sources(condition.name, in_orders=in_orders):
            for within, bounds in condition.ranges():
                some = f"SELECT 1 FROM {source} WHERE name = ? {within} LIMIT ?"  # noqa: S608
                count += self._number(f"SELECT count(*) FROM ({some})", condition.name, *bounds, most - count) or 0  # noqa: S608
                if count >= most:
                    return most
                yield
        return count

    def is_numeric(self, name: str, *, in_orders: bool = False) -> bool:
        """Return True if all clients or deals that have a variable have a number in it."""
        table = "order_variables" if in_orders else "client_variables"
        query = f"SELECT 1 FROM {table} WHERE name = ? AND value NOT BETWEEN '-' AND ':' LIMIT 1"  # noqa: S608
        if self._one(query, name) is not None:
            return False
        if in_orders or name not in own_fields.OWN_FIELDS or name in own_fields.NUMBERS:
            return True
        return self._one(f"SELECT 1 FROM {own_fields.rows(name)} WHERE found >= '' LIMIT 1") is None  # noqa: S608

    def has_whatsapp(self, phone: str) -> bool:
        """Return True if a number, in any notation, has WhatsApp."""
        return self._one("SELECT 1 FROM without_whatsapp WHERE phone = ?", digits(phone)) is None
