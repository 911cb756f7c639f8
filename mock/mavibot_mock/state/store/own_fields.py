"""The fields of a client that are read and found like its variables; a variable of the same name hides the field."""

from __future__ import annotations

from typing import Final

from mavibot_mock.state.facts import SHOWN_MESSENGERS

#: Name of the variable -> the field in the table of clients. Of a column that has other indexes it is an expression, so
#: that searches use the indexes below.
OWN_FIELDS: Final = {
    "name": "name",
    "tag": "tag || ''",
    "avatar": "avatar",
    "platform_id": "platform_id",
    "group": "group_id || ''",
    "client_type": "client_type",
    "message_id": "block_id",
    "messenger": "CASE client_type"
    + "".join(f" WHEN {number} THEN '{shown}'" for number, shown in SHOWN_MESSENGERS.items())
    + " END",
}
#: Those that are numbers; the others are texts.
NUMBERS: Final = frozenset({"client_type", "message_id"})

#: Those that a client has only where someone has set them. Searches of these go by channel and moment too without
#: passing over others with the same value; of what each client has, such indexes would take too much memory in a seed.
OPTIONAL: Final = frozenset({"name", "tag", "avatar", "message_id"})

#: What a search goes by beside the value.
_ORDERS: Final = {"value": "id", "group": "group_id, id", "moment": "created_at, id"}
_BITS: Final = {name: 1 << place for place, name in enumerate(OWN_FIELDS)}


def rows(name: str) -> str:
    """Return the query of a field of all clients, as rows that have the form of variables."""
    return f"""(
        SELECT id AS owner, '{name}' AS name, {_found(name)} AS found, group_id, created_at
        FROM clients WHERE {_is_seen(name)}
    )"""  # noqa: S608 - names from above


def schema() -> str:
    """Return the statements that make the indexes of the fields."""
    return "".join(map(_indexes, OWN_FIELDS))


def hide(name: str) -> str:
    """Return the statement that hides a field of a client, by its id, once a variable of this name is set."""
    return f"UPDATE clients SET hidden_fields = hidden_fields | {_BITS[name]} WHERE id = ?"  # noqa: S608 - a number


def show(name: str) -> str:
    """Return the statement that shows a field of a client, by its id, once no variable of this name is set."""
    return f"UPDATE clients SET hidden_fields = hidden_fields & ~{_BITS[name]} WHERE id = ?"  # noqa: S608 - a number


def _indexes(name: str) -> str:
    return "".join(
        f"CREATE INDEX clients_by_own_{name}_and_{order} ON clients ({_found(name)}, {columns})"
        f" WHERE {_is_seen(name)};\n"
        for order, columns in _ORDERS.items()
        if order == "value" or name in OPTIONAL
    )


def _is_seen(name: str) -> str:
    return f"{_found(name)} IS NOT NULL AND hidden_fields & {_BITS[name]} = 0"


def _found(name: str) -> str:
    """Return the text by which a field is found."""
    return f"CAST({OWN_FIELDS[name]} AS TEXT)" if name in NUMBERS else OWN_FIELDS[name]
