"""Makes the state of a project from a seed."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_mock.seeds.document import BUILT_IN, NUMBERS, built_in, check, check_keys, check_settings
from mavibot_mock.state.store import Store
from mavibot_mock.state.store.database import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

#: When rows without a moment were created, Unix seconds: the moment of the vendor's examples.
_CREATED: Final = 1588248599
#: More than the statements that add rows. Those that make indexes and triggers run once: kept, they would take half a
#: megabyte.
_STATEMENTS_OF_FILLING: Final = 16
#: All keys ever seen are hexadecimal.
_BYTES_OF_A_KEY: Final = 16

Keys = dict[str, dict[str, Any]]


def build(seed: Any, *, keys: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> Store:
    """Return a state in memory; the caller closes it.

    Args:
        seed: a document, or the name of one that comes with the mock.
        keys: keys by name as a seed has them, instead of its own.
        settings: settings that win over those of the seed.

    Raises:
        ValueError: the seed is wrong; the message names the place and the fix.
    """
    document: Any = {}
    if isinstance(seed, str):
        if seed not in BUILT_IN:
            raise ValueError(f"seed: there is no seed '{seed}'; {' and '.join(BUILT_IN)} come with the mock")
    else:
        check(seed)
        document = seed
    chosen = {**document.get("settings", {}), **(settings or {})}
    wanted = document.get("keys", {}) if keys is None else keys
    check_settings(chosen)
    check_keys(wanted)
    store = Store(like=_template(seed)) if isinstance(seed, str) else _filled(seed)
    with store.transaction():
        _put_keys(store, wanted)
        if chosen:
            store.set_fact("settings", chosen)
    return store


def default_keys(prefix: str | None = None) -> Keys:
    """Return one key that may do everything, one for each permission, one without any, and a revoked one.

    Args:
        prefix: what the keys begin with, before their names; without one they cannot be guessed.
    """
    every = [*mavibot_contract.load().document["x-permissions"]]
    keys: Keys = {
        "full": {"permissions": every, "primary": True},
        **{permission: {"permissions": [permission]} for permission in every},
        "none": {"permissions": []},
        "revoked": {"permissions": every, "revoked": True},
    }
    if prefix is not None:
        for name, key in keys.items():
            key["value"] = prefix + name.replace(":", "-")
    return keys


def new_key() -> str:
    """Return an API key that cannot be guessed."""
    return secrets.token_hex(_BYTES_OF_A_KEY)


def _put_keys(store: Store, keys: Mapping[str, Mapping[str, Any]]) -> None:
    """Add keys as a seed has them; one without a value gets one that cannot be guessed."""
    primary = _primary(keys)
    for name, key in keys.items():
        store.put_key(
            name,
            key.get("value") or new_key(),
            key.get("permissions"),
            is_primary=name == primary,
            revoked=key.get("revoked", False),
        )


def _primary(keys: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the name of the primary key: the one that is said to be, else the first of the old kind."""
    stated = next((name for name, key in keys.items() if key.get("primary")), None)
    old = (name for name, key in keys.items() if key.keys().isdisjoint(("permissions", "primary")))
    return stated or next((name for name in old if not keys[name].get("revoked")), None)


@cache
def _template(name: str) -> Store:
    """Return the state of a seed that comes with the mock; it is made once and copied.

    It is a copy itself: what is never queried has pages alone, without the parsed schema and the statements that it
    took to make it.
    """
    with closing(_filled(built_in(name))) as filled:
        return Store(like=filled)


def _filled(document: Mapping[str, Any]) -> Store:
    store = Store(statements=_STATEMENTS_OF_FILLING)
    try:
        with store.filling():
            _fill(store, document)
    except (sqlite3.Error, OverflowError) as error:  # such as a number that no database holds
        store.close()
        raise ValueError(f"seed: {error}") from error
    return store


def _fill(store: Store, document: Mapping[str, Any]) -> None:
    for name, value in document.get("facts", {}).items():
        store.set_fact(name, value)
    for name, value in document.get("variables", {}).items():
        store.set_project_variable(name, value)
    for phone in document.get("without_whatsapp", ()):
        store.insert("without_whatsapp", {"phone": phone})
    for channel in document.get("channels", ()):
        _add_channel(store, dict(channel))
    for block in document.get("blocks", ()):
        files = {name: to_json(block[name]) for name in ("attachments", "buttons") if name in block}
        store.insert("blocks", {"message_type": 0, **block, **files})
    for manager in document.get("managers", ()):
        row = dict(manager)
        store.add_manager(row.pop("id"), **row)
    for section in ("lists", "stages"):
        for row in document.get(section, ()):
            store.insert(section, row)
    for client in document.get("clients", ()):
        _add_client(store, dict(client))
    for deal in document.get("deals", ()):
        _add_deal(store, dict(deal))
    for message in document.get("messages", ()):
        _add_message(store, dict(message))
    for job in document.get("jobs", ()):
        store.add_job(job["kind"], job["parameters"], due=job["due"], id=job["id"])
    for table, number in document.get("last_numbers", {}).items():
        store.set_last_number(table, number)


def _add_channel(store: Store, channel: dict[str, Any]) -> None:
    messenger, blocked = channel.pop("messenger"), channel.pop("blocked", None)
    store.add_channel(messenger, NUMBERS[messenger], channel, blocked=blocked)


def _add_client(store: Store, client: dict[str, Any]) -> None:
    variables, lists = client.pop("variables", {}), client.pop("lists", ())
    number = store.add_client(
        client_type=NUMBERS[client.pop("messenger")],
        group_id=str(client.pop("group_id", "")),
        platform_id=str(client.pop("platform_id")),
        now=client.pop("created_at", _CREATED),
        **client,
    )
    for name, value in variables.items():
        store.set_client_variable(number, name, value)
    for list_id in lists:
        store.add_to_list(list_id, number)


def _add_deal(store: Store, deal: dict[str, Any]) -> None:
    variables = deal.pop("variables", {})
    columns = {"state_id": None, **deal}
    number = store.add_order(columns.pop("client_id"), now=columns.pop("created_at", _CREATED), **columns)
    for name, value in variables.items():
        store.set_order_variable(number, name, value)


def _add_message(store: Store, message: dict[str, Any]) -> None:
    if "buttons" in message:
        message["buttons"] = to_json(message["buttons"])
    store.add_message(message.pop("client_id"), now=message.pop("created_at", _CREATED), **message)
