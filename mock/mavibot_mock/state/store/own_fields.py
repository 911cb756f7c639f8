"""The fields of a client that are read and found like its variables; a variable of the same name hides the field."""

from __future__ import annotations

from typing import Final

from mavibot_mock.state.facts import SHOWN_MESSENGERS

#: Name of the variable -> the field in the table of clients.
OWN_FIELDS: Final = {
    "name": "clients.name",
    "tag": "tag",
    "avatar": "avatar",
    "platform_id": "platform_id",
    "group": "group_id",
    "client_type": "client_type",
    "message_id": "block_id",
    "messenger": "CASE client_type"
    + "".join(f" WHEN {number} THEN '{shown}'" for number, shown in SHOWN_MESSENGERS.items())
    + " END",
}
#: Those that are numbers; the others are texts.
NUMBERS: Final = frozenset({"client_type", "message_id"})


def rows(name: str) -> str:
    """Return the query of a field of all clients, as rows that have the form of variables."""
    found = _found(name)
    return f"""(
        SELECT id AS owner, '{name}' AS name, {found} AS found, group_id, created_at
        FROM clients WHERE {found} IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM client_variables WHERE owner = clients.id AND client_variables.name = '{name}')
    )"""  # noqa: S608 - names from above


def schema() -> str:
    """Return the statements that make the indexes of the fields by the text that is found."""
    return "".join(
        f"CREATE INDEX clients_by_own_{name} ON clients ({_found(name).removeprefix('clients.')}, id)"
        f" WHERE {_found(name).removeprefix('clients.')} IS NOT NULL;\n"
        for name in OWN_FIELDS
    )


def _found(name: str) -> str:
    """Return the text by which a field is found."""
    return f"CAST({OWN_FIELDS[name]} AS TEXT)" if name in NUMBERS else OWN_FIELDS[name]
