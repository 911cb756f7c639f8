"""Checks a seed: its form against `schema.yaml`, and that what it refers to is there."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from mavibot_contract import Contract
from mavibot_mock.actions.jobs import JOBS
from mavibot_mock.request.validation import Validator
from mavibot_mock.seeds.text import read
from mavibot_mock.state.facts import MESSENGERS, PERMISSIONS, fits
from mavibot_mock.state.identity import platform_identity
from mavibot_mock.state.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

_FOLDER: Final = files("mavibot_mock.seeds")
#: The seeds that can be asked for by name.
BUILT_IN: Final = ("demo", "empty")

#: Number of a messenger by its name in a seed; connected_channels has a name of its own for one.
NUMBERS: Final[Mapping[str, int]] = {
    "ok" if name == "ODNOKLASSNIKI" else name.lower(): number for name, number in MESSENGERS.items()
}

#: Section, field and the section whose numbers it holds.
_REFERENCES: Final = (
    ("clients", "block_id", "blocks"),
    ("clients", "manager_id", "managers"),
    ("deals", "client_id", "clients"),
    ("deals", "state_id", "stages"),
    ("messages", "client_id", "clients"),
    ("messages", "block_id", "blocks"),
)
#: Field of a block or message -> the contract's schema of it.
_SHAPES: Final = {"attachments": "Attachments", "buttons": "Buttons"}


def built_in(name: str) -> Any:
    """Return the document of a seed that comes with the mock."""
    return {} if name == "empty" else read((_FOLDER / f"{name}.yaml").read_bytes())


@cache
def schemas() -> dict[str, Any]:
    """Return the JSON Schemas of a seed and its parts by name."""
    found: dict[str, Any] = read((_FOLDER / "schema.yaml").read_bytes())
    found["Messenger"]["enum"] = list(NUMBERS)
    found["Permission"]["enum"] = sorted(PERMISSIONS)
    return found


@cache
def _validator() -> Validator:
    # The contract's way to check parameters and to name what is wrong serves here as well.
    return Validator(schemas()["Seed"], Contract({"paths": {}, "components": {"schemas": schemas()}}))


def check(document: Any) -> None:
    """Check a seed, but for its settings and keys beyond their form.

    Raises:
        ValueError: it is wrong; the message names the place and the fix.
    """
    problem = _validator().problem(document)
    if problem is not None:
        raise ValueError(problem)
    _check_unique(document)
    _check_references(document)
    _check_shapes(document)


def has_keys(seed: Any) -> bool:
    """Return True if a seed, or what may be one, brings keys."""
    return isinstance(seed, dict) and bool(seed.get("keys"))


def check_settings(chosen: Mapping[str, Any]) -> None:
    """Check settings that fit their schema for what that cannot say.

    Raises:
        ValueError: one of them is wrong.
    """
    try:
        _ = Settings(**chosen).zone
    except ValueError as error:
        raise ValueError(f"settings.{error}") from None


def check_keys(keys: Mapping[str, Mapping[str, Any]]) -> None:
    """Check keys that fit their schema for what that cannot say.

    Raises:
        ValueError: they cannot stand beside each other.
    """
    if sum(key.get("primary", False) for key in keys.values()) > 1:
        raise ValueError("keys: only one can be primary")
    for name, key in keys.items():
        if key.get("primary") and key.get("revoked"):
            raise ValueError(f"keys.{name}.primary: a revoked key cannot be the primary one")
    values = [key["value"] for key in keys.values() if "value" in key]
    if len(set(values)) < len(values):
        raise ValueError("keys: two have the same value")


def _check_unique(document: Mapping[str, Any]) -> None:
    for section, rows in document.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            _refuse_repeated(section, "id", ((row["id"], row["id"]) for row in rows))
    managers = document.get("managers", [])
    _refuse_repeated("managers", "email", ((row["email"], row["email"]) for row in managers))
    channels = document.get("channels", [])
    _refuse_repeated("channels", "group_id", ((_channel(row), row["group_id"]) for row in channels))
    clients = document.get("clients", [])
    _refuse_repeated("clients", "platform_id", ((_identity(row), row["platform_id"]) for row in clients))


def _refuse_repeated(section: str, field: str, found: Iterable[tuple[Hashable, Any]]) -> None:
    seen: dict[Hashable, int] = {}
    for place, (value, shown) in enumerate(found):
        first = seen.setdefault(value, place)
        if first != place:
            raise ValueError(f"{section}[{place}].{field}: {shown} is that of {section}[{first}] already")


def _check_references(document: Mapping[str, Any]) -> None:
    numbers = {
        section: {row["id"] for row in document.get(section, ())}
        for section in ("blocks", "clients", "lists", "managers", "stages")
    }
    for section, field, target in _REFERENCES:
        for place, row in enumerate(document.get(section, ())):
            if field in row and row[field] not in numbers[target]:
                raise ValueError(f"{section}[{place}].{field}: {target} has no {row[field]}")
    for place, job in enumerate(document.get("jobs", ())):
        if job["kind"] not in JOBS:
            raise ValueError(f"jobs[{place}].kind: must be one of {', '.join(sorted(JOBS))}; got '{job['kind']}'")
        client_id = job["parameters"]["client_id"]
        if client_id not in numbers["clients"]:
            raise ValueError(f"jobs[{place}].parameters.client_id: clients has no {client_id}")
    channels = {_channel(row) for row in document.get("channels", ())}
    for place, client in enumerate(document.get("clients", ())):
        for position, number in enumerate(client.get("lists", ())):
            if number not in numbers["lists"]:
                raise ValueError(f"clients[{place}].lists[{position}]: lists has no {number}")
        if client.get("group_id", "") != "" and _channel(client) not in channels:
            raise ValueError(
                f"clients[{place}].group_id: channels has no {client['messenger']} '{client['group_id']}'; "
                "leave it out for a client without a channel"
            )


def _check_shapes(document: Mapping[str, Any]) -> None:
    for section in ("blocks", "messages"):
        for place, row in enumerate(document.get(section, ())):
            for field, schema in _SHAPES.items():
                if field in row and not fits(row[field], schema):
                    raise ValueError(f"{section}[{place}].{field}: must be as in the contract's `{schema}`")


def _channel(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["messenger"], str(row.get("group_id", ""))


def _identity(client: Mapping[str, Any]) -> Hashable:
    identity = platform_identity(NUMBERS[client["messenger"]], str(client["platform_id"]))
    return _channel(client), identity
