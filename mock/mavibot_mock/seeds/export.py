"""Writes the state of a project as a seed that brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.seeds.document import NUMBERS, schemas
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row

    from mavibot_mock.state.store import Store

_MESSENGERS: Final = {number: name for name, number in NUMBERS.items()}

#: Section, its table, the schema of its rows.
_SECTIONS: Final = (
    ("managers", "managers", "SeedManager"),
    ("blocks", "blocks", "SeedBlock"),
    ("lists", "lists", "SeedList"),
    ("stages", "stages", "SeedStage"),
    ("clients", "clients", "SeedClient"),
    ("deals", "orders", "SeedDeal"),
    ("messages", "messages", "SeedMessage"),
    ("jobs", "jobs", "SeedJob"),
)
#: Columns that hold JSON.
_JSON: Final = frozenset({"attachments", "buttons", "parameters"})


def export(store: Store) -> dict[str, Any]:
    """Return the whole state as a seed; rows stand in the order of their numbers, unset fields are left out."""
    facts = store.facts()
    document: dict[str, Any] = {
        "settings": facts.pop("settings", {}),
        "keys": export_keys(store),
        "variables": store.project_variables(),
        "channels": [_channel(row) for row in store.rows("channels")],
        "without_whatsapp": [row["phone"] for row in store.rows("without_whatsapp")],
        **{section: [_shown(row, schema) for row in store.rows(table)] for section, table, schema in _SECTIONS},
        "facts": facts,
        "last_numbers": store.last_numbers(),
    }
    lists = store.lists_by_client()
    variables = store.all_client_variables()
    for client, row in zip(document["clients"], store.rows("clients"), strict=True):
        client["messenger"] = _MESSENGERS[row["client_type"]]
        _add(client, "lists", lists.get(row["id"]))
        _add(client, "variables", variables.get(row["id"]))
    variables = store.all_order_variables()
    for deal in document["deals"]:
        _add(deal, "variables", variables.get(deal["id"]))
    return document


def export_keys(store: Store) -> dict[str, Any]:
    """Return the keys as a seed has them."""
    return {row["name"]: _key(row) for row in store.api_keys()}


def _add(row: dict[str, Any], name: str, value: Any) -> None:
    if value:
        row[name] = value


def _key(row: Row) -> dict[str, Any]:
    permissions = {} if row["permissions"] is None else {"permissions": from_json(row["permissions"])}
    return {
        "value": row["value"],
        **permissions,
        "primary": bool(row["is_primary"]),
        "revoked": bool(row["revoked"]),
    }


def _channel(row: Row) -> dict[str, Any]:
    blocked = {} if row["blocked"] is None else {"blocked": row["blocked"]}
    return {"messenger": row["messenger"], **from_json(row["shown"]), **blocked}


def _shown(row: Row, schema: str) -> dict[str, Any]:
    properties: Mapping[str, Any] = schemas()[schema]["properties"]
    return {
        name: _value(row[name], name, properties[name])
        for name in row.keys()  # noqa: SIM118 - a row goes through its values
        if name in properties and row[name] is not None
    }


def _value(value: Any, name: str, schema: Mapping[str, Any]) -> Any:
    if name in _JSON:
        return from_json(value)
    return bool(value) if schema.get("type") == "boolean" else value
