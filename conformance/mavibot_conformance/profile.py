"""The target profile: what a run knows of the server under test."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Name of the key that may do everything.
FULL: Final = "full"

#: Attributes of a profile without which some rules cannot run.
INPUTS: Final = (
    "second",
    "clients",
    "list_id",
    "block_id",
    "stage_ids",
    "channel",
    "groups",
    "webhook",
    "phone_without_whatsapp",
    "control",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What rules need; one that lacks an input is not run.

    Attributes:
        keys: API keys by what they may do: `full`, a permission such as `clients:read`, `none` or `revoked`.
        variables: names of the environment variables that hold the keys, by the same names.
        second: a second project: `key` (full) and `client_id` of one of its clients.
        clients: test clients; on a server that is not on this machine nobody else is ever written to.
        list_id: a list that may be filled and emptied.
        block_id: a block of the bot's flow that may be run.
        stage_ids: stages of one pipeline in their order.
        channel: `client_type` and `group_id` of the channel in which test clients are created.
        groups: `group_id` of a channel by messenger, such as `{"whatsapp": "34810"}`.
        webhook: `host:port` on which the run receives what the project posts to its webhook address.
        phone_without_whatsapp: a number that has no WhatsApp account.
        control: address of the project in the mock's control interface, which moves its clock and sets its webhook.
    """

    keys: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)
    second: Mapping[str, Any] | None = field(default=None, repr=False)
    clients: tuple[int, ...] = ()
    list_id: int | None = None
    block_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    channel: Mapping[str, Any] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    webhook: str | None = None
    phone_without_whatsapp: str | None = None
    control: str | None = None

    def lacks(self, need: str) -> bool:
        """Tell whether an input is missing; `key:NAME` is a key, anything else an attribute."""
        if need.startswith("key:"):
            return need.removeprefix("key:") not in self.keys
        return getattr(self, need) in (None, (), {})

    def shown_key(self, name: str) -> str:
        """Return how a key stands in a command that a person can copy."""
        return "$" + self.variables.get(name, "MAVIBOT_API_KEY")


def read_profile(path: Path, environment: Mapping[str, str] = os.environ) -> Profile:
    """Read a profile from a TOML file; the keys themselves are in environment variables that it names.

    Raises:
        ValueError: the file is no profile, or a variable that it names is not set.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: is not valid TOML: {error}") from error
    unknown = document.keys() - {"keys", "second", "test", "control"}
    if unknown:
        raise ValueError(f"{path.name}: unknown table {sorted(unknown)[0]!r}; there are keys, second, test, control")
    variables: dict[str, str] = document.get("keys", {})
    keys = {name: _from_environment(f"keys.{name}", variable, environment) for name, variable in variables.items()}
    if FULL not in keys:
        raise ValueError(f"{path.name}: keys.{FULL} must name the environment variable of a key with all permissions")
    second = document.get("second")
    if second is not None:
        second = {**second, "key": _from_environment("second.key", second.get("key", ""), environment)}
    test: dict[str, Any] = document.get("test", {})
    known = {"clients", "list_id", "block_id", "stage_ids", "channel", "groups", "webhook", "phone_without_whatsapp"}
    if test.keys() - known:
        raise ValueError(
            f"{path.name}: test.{sorted(test.keys() - known)[0]}: unknown; there are {', '.join(sorted(known))}"
        )
    inputs: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in test.items()}
    return Profile(
        keys=keys,
        variables=variables,
        second=second,
        control=document.get("control", {}).get("url"),
        **inputs,
    )


def _from_environment(place: str, variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable, "")
    if not value:
        raise ValueError(f"{place}: the environment variable {variable!r} is not set")
    return value
