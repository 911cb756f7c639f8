"""The profile of a server: what a run knows of it."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import mavibot_contract
from mavibot_conformance.target.guard import REACHING, is_loopback

if TYPE_CHECKING:
    from pathlib import Path

#: Environment variable with the key, unless a profile names another.
KEY_VARIABLE: Final = "MAVIBOT_API_KEY"
#: The zone of a project that has set no other one.
TIME_ZONE: Final = "+03:00"
#: Name of the key that may do everything.
FULL: Final = "full"
#: Name of a key from before there were permissions, which may do everything, and suffices without a full one.
LEGACY: Final = "legacy"
#: Name of a key that a rule has made up, and how it stands in a command.
OTHER: Final = "other"
UNKNOWN_KEY: Final = "unknown-key"
#: Names of keys that are not permissions.
_OTHER_KEYS: Final = (FULL, LEGACY, "none", "revoked")
_LAST_PORT: Final = 65535

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
    """The inputs of rules; a rule that lacks an input is not run.

    Attributes:
        keys: API keys by what they may do: `full`, a permission such as `clients:read`, `none`, `revoked` or `legacy`.
        variables: names of the environment variables that hold the keys, by the same names.
        second: a second project: `key` (full) and `client_id` of one of its clients.
        clients: test clients; on a server that is not on this machine no other client is ever written to.
        reach: parameters that may be used although they could reach others than the test clients, such as `phone`.
        actions: the only actions that are called, on a server that has no others; empty for all.
        list_id: a list that may be filled and emptied.
        block_id: a block of the bot's flow that may be run.
        stage_ids: stages of one pipeline in their order.
        channel: `client_type` and `group_id` of the channel in which test clients are created.
        groups: `group_id` of a channel by messenger, such as `{"whatsapp": "34810"}`.
        webhook: `host:port` on which the run receives what the project posts to its webhook address.
        phone_without_whatsapp: a number that has no WhatsApp account.
        control: address of the project in the mock's control interface, which moves its clock and sets its webhook.
        made: addresses of the projects that were made for the run alone, in the mock's control interface.
        patience: how many seconds the run may wait where it cannot move the clock.
        time_zone: the project's zone, in which it reads times and days: an IANA name or an offset such as `+03:00`.
    """

    keys: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)
    second: Mapping[str, Any] | None = field(default=None, repr=False)
    clients: tuple[int, ...] = ()
    reach: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    list_id: int | None = None
    block_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    channel: Mapping[str, Any] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    webhook: str | None = None
    phone_without_whatsapp: str | None = None
    control: str | None = None
    made: tuple[str, ...] = ()
    patience: float = 0.0
    time_zone: str = TIME_ZONE

    @property
    def zone(self) -> tzinfo:
        """The project's time zone.

        Raises:
            ValueError: there is none with this name.
        """
        return _zone("time_zone", self.time_zone)

    @property
    def time(self) -> object:
        """What lets time pass: the clock of a mock, or the seconds that the run may wait."""
        return self.control or self.patience or None

    @property
    def limited_keys(self) -> Sequence[str]:
        """Names of the keys that lack some permission, the one without any first."""
        return tuple(
            sorted((name for name in self.keys if name == "none" or ":" in name), key=lambda name: ":" in name)
        )

    @property
    def test_clients(self) -> Sequence[int] | Mapping[str, Any]:
        """Where a rule gets test clients from: the channel in which it can make some, else those that exist."""
        return self.channel or self.clients

    @property
    def options(self) -> dict[str, str]:
        """Test clients, actions and patience, as the options of a run take them; those of a mock's own project not."""
        given = {
            "clients": ",".join(map(str, () if self.made else self.clients)),
            "actions": ",".join(self.actions),
            "patience": f"{math.ceil(self.patience)}s" if self.patience else "",
        }
        return {name: text for name, text in given.items() if text}

    def lacks(self, need: str) -> bool:
        """Return True if an input is missing; `key:NAME` is a key, anything else an attribute."""
        if need.startswith("key:"):
            return need.removeprefix("key:") not in self.keys
        return getattr(self, need) in (None, (), {})

    def shown_key(self, name: str) -> str:
        """Return how a key stands in a command that a person can copy: as a variable, if it is one of the run."""
        return UNKNOWN_KEY if name == OTHER else "$" + self.variables.get(name, variable_of(name))


def variable_of(key: str) -> str:
    """Return the environment variable in which a key is looked for unless a profile names another."""
    return KEY_VARIABLE if key == FULL else f"{KEY_VARIABLE}_{key.upper().replace(':', '_')}"


def messenger_names() -> dict[int, str]:
    """Return how `groups` names the messengers, by their numbers in the contract."""
    numbers = mavibot_contract.load().enum("Messenger")
    return {number: "ok" if name == "ODNOKLASSNIKI" else name.lower() for name, number in numbers.items()}


def read_profile(path: Path, environment: Mapping[str, str] = os.environ) -> Profile:
    """Read a profile from a TOML file; the keys themselves are in environment variables that it names.

    Raises:
        ValueError: the file is no profile, or a variable that it names is not set; the message names the field.
        OSError: the file cannot be read.
    """
    try:
        document = read_toml(path)
        return _profile(document, environment)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ValueError: it is not valid TOML; the message names the place.
        OSError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"is not valid TOML: {error}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _profile(document: Mapping[str, Any], environment: Mapping[str, str]) -> Profile:
    tables = {name: _table(name, document) for name in ("keys", "second", "test", "control")}
    _known_only("", document, tables)
    variables: dict[str, str] = _known_only("keys.", tables["keys"], key_names())
    if LEGACY in variables:
        variables = {**variables, FULL: variables.get(FULL, variables[LEGACY])}
    keys = {name: _key(f"keys.{name}", variable, environment) for name, variable in variables.items()}
    if FULL not in keys:
        raise ValueError(f"keys.{FULL}: must name the environment variable of a key with all permissions")
    second = _known_only("second.", tables["second"], ("key", "client_id"))
    if second:
        variables = {**variables, "second": second.get("key", "")}
        second = {
            "key": _key("second.key", second.get("key"), environment),
            "client_id": client_id("second.client_id", second.get("client_id")),
        }
    test = _known_only("test.", tables["test"], _INPUTS)
    control = _known_only("control.", tables["control"], ("url",))
    return Profile(
        keys=keys,
        variables=variables,
        second=second or None,
        control=_control("control.url", control["url"]) if control else None,
        **{name: _INPUTS[name](f"test.{name}", value) for name, value in test.items()},
    )


def _table(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{name}: must be a table, [{name}]")  # noqa: TRY004
    return table


def _known_only(place: str, table: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> dict[str, Any]:
    for name in table:
        if name not in known:
            raise ValueError(f"{place}{name}: unknown; there are {', '.join(known)}")
    return dict(table)


def _key(place: str, variable: Any, environment: Mapping[str, str]) -> str:
    named = _text(place, variable)
    value = environment.get(named, "")
    if not value:
        # A key that was put here by mistake must not be repeated.
        shown = f" {named}" if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", named) else ""
        raise ValueError(f"{place}: the environment variable{shown} is not set; the field holds its name, not the key")
    return value


def _number(place: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{place}: must be a number, such as 25554")  # noqa: TRY004 - one kind of error for a file
    return value


def _id(schema: str) -> Callable[[str, Any], int]:
    """Return what reads an id of the contract's schema."""

    def read(place: str, value: Any) -> int:
        number = _number(place, value)
        rule = mavibot_contract.load().resolve({"$ref": f"#/components/schemas/{schema}"})
        bounds = next(each for each in rule["anyOf"] if each["type"] == "integer")
        if not bounds["minimum"] <= number <= bounds["maximum"]:
            raise ValueError(f"{place}: must be a number from {bounds['minimum']} to {bounds['maximum']}")
        return number

    return read


def _ids(read: Callable[[str, Any], int]) -> Callable[[str, Any], tuple[int, ...]]:
    """Return what reads a list of ids that differ."""

    def read_all(place: str, value: Any) -> tuple[int, ...]:
        if not isinstance(value, list):
            raise ValueError(f"{place}: must be a list of numbers, such as [25554]")  # noqa: TRY004
        ids = tuple(read(f"{place}[{index}]", each) for index, each in enumerate(value))
        for index, each in enumerate(ids):
            if each in ids[:index]:
                raise ValueError(f"{place}[{index}]: {each} stands there twice")
        return ids

    return read_all


client_id = _id("ClientId")
client_ids = _ids(client_id)


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{place}: must be a text in quotes")
    return value


def _channel(place: str, value: Any) -> dict[str, Any]:
    table = _known_only(f"{place}.", _table(place, {place: value}), ("client_type", "group_id"))
    return {
        "client_type": _messenger(f"{place}.client_type", table.get("client_type")),
        "group_id": _text(f"{place}.group_id", table.get("group_id")),
    }


def _messenger(place: str, value: Any) -> int:
    number = _number(place, value)
    if number not in messenger_names():
        raise ValueError(f"{place}: must be one of {', '.join(map(str, messenger_names()))}")
    return number


def _groups(place: str, value: Any) -> dict[str, str]:
    table = _known_only(f"{place}.", _table(place, {place: value}), tuple(messenger_names().values()))
    return {name: _text(f"{place}.{name}", group_id) for name, group_id in table.items()}


def webhook_address(place: str, value: Any) -> str:
    """Return the address on which a run receives webhooks.

    Raises:
        ValueError: it is not host and port.
    """
    text = _text(place, value)
    if not (parts := re.fullmatch(r"[^\s/]+:([0-9]+)", text)):
        raise ValueError(f"{place}: must be host and port, such as '127.0.0.1:9000'; port 0 takes a free one")
    port = parts[1].lstrip("0")
    if len(port) > len(str(_LAST_PORT)) or int(port or 0) > _LAST_PORT:  # Python refuses to read very many digits
        raise ValueError(f"{place}: a port is a number up to {_LAST_PORT}, not {parts[1]}")
    return text


def _zone(place: str, name: str) -> tzinfo:
    try:
        if name.startswith(("+", "-")):
            return datetime.strptime(name, "%z").tzinfo or UTC
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(
            f"{place}: no time zone is called {name!r}; use one such as 'Europe/Moscow' or '+03:00'"
        ) from None


def _time_zone(place: str, value: Any) -> str:
    _zone(place, name := _text(place, value))
    return name


def _reach(place: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not REACHING.issuperset(value):
        raise ValueError(f"{place}: must be a list of parameters among {', '.join(sorted(REACHING))}")
    return tuple(value)


def action_names(place: str, names: Any) -> tuple[str, ...]:
    """Return names of actions of the contract.

    Raises:
        ValueError: there is none of such a name.
    """
    if not isinstance(names, list) or not names:
        raise ValueError(f"{place}: must be a list of actions, such as ['message', 'callback']")
    contract = mavibot_contract.load()
    for name in names:
        if name not in contract.actions:
            hint = contract.similar(str(name))
            raise ValueError(f"{place}: there is no action {name!r}{f'; did you mean {hint!r}?' if hint else ''}")
    return tuple(names)


def _control(place: str, value: Any) -> str:
    text = _text(place, value).rstrip("/")
    if urlsplit(text).scheme != "http" or not is_loopback(text):
        raise ValueError(f"{place}: must be the address of a project of a mock on this machine")
    return text


def key_names() -> tuple[str, ...]:
    """Return the names that a key can have in a profile: what it may do."""
    contract = mavibot_contract.load()
    return (*_OTHER_KEYS, *sorted({contract.operation(action).permission for action in contract.actions}))


#: How each input of the table `test` is read.
_INPUTS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "clients": client_ids,
    "reach": _reach,
    "actions": action_names,
    "list_id": _id("ListId"),
    "block_id": _id("BlockId"),
    "stage_ids": _ids(_id("StateId")),
    "channel": _channel,
    "groups": _groups,
    "webhook": webhook_address,
    "phone_without_whatsapp": _text,
    "time_zone": _time_zone,
}
