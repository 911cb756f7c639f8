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


def schema() -> str:
    """Return the statements that make `client_values`: variables and fields of clients as rows of one form."""
    fields = "".join(
        f"""
    UNION ALL SELECT id, '{name}', json_quote({field}), CAST({field} AS TEXT), group_id, created_at FROM clients
        WHERE {field} IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM client_variables WHERE owner = clients.id AND client_variables.name = '{name}')"""  # noqa: S608 - names from above
        for name, field in OWN_FIELDS.items()
    )
    return f"""
CREATE INDEX clients_by_name ON clients (name, id) WHERE name IS NOT NULL;
CREATE VIEW client_values AS SELECT owner, name, value, found, group_id, created_at FROM client_variables{fields};
"""  # noqa: S608 - names from above
