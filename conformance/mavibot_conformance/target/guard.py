"""Stands at the socket and lets only those calls through that the user agreed to."""

from __future__ import annotations

import ipaddress
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import mavibot_contract
from mavibot_contract.keys import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mavibot_contract import Effect

#: From the least effect to the greatest.
EFFECTS: Final[tuple[Effect, ...]] = ("read", "write", "send")
#: Stands for the API key in every address that can be seen; the key itself is put in after the guard.
#: Parameters that name clients by their id.
_CLIENTS: Final = frozenset({"client_id", "clients", "client_ids"})
#: Parameters that name clients in another way, or many at once: on another server they could reach real people.
REACHING: Final = frozenset(
    {
        *("list", "phone", "client_phone", "email", "client_email"),
        *("platform_id", "platform_ids", "user_id", "recipient"),
    }
)
_JUDGED: Final = _CLIENTS | REACHING | {"order_id", "list_id"}
#: The characters of a form; what is neither a form nor JSON cannot be judged.
_FORM: Final = re.compile(r"[\w.~%+*&=!'()/:@$,?\[\]-]*", re.ASCII)


#: Calls per second to a server that is not on this machine.
_POLITE: Final = 5.0


#: An action that no server has, called to see how one answers that.
UNKNOWN: Final = "cnf_no_such_action"


class GuardRefusedError(Exception):
    """The run may not make this call; nothing was sent."""


class _UnclearError(Exception):
    """It is unclear which clients a call would reach."""


class Guard:
    """What a run may do to its server.

    Attributes:
        refused: how many calls were refused.
    """

    def __init__(
        self,
        url: str,
        *,
        consent: Effect,
        clients: Iterable[int] = (),
        reach: Iterable[str] = (),
        list_id: int | None = None,
        channel: Mapping[str, Any] | None = None,
        is_here: bool = False,
    ) -> None:
        """Prepare a guard.

        The limits on clients, parameters, list and channel hold for a server that is not on this machine.

        Args:
            url: base URL of the server; calls to any other address are refused.
            consent: greatest effect that is allowed.
            clients: the only clients that may be written to, beside those that the run creates.
            reach: those of `REACHING` that may be used nevertheless.
            list_id: the only list that may be filled and emptied.
            channel: `client_type` and `group_id` of the only channel in which clients may be created.
            is_here: whether the server is in this process, whatever its address.
        """
        self.refused = 0
        parts = urlsplit(url)
        self._origin: Final = (parts.scheme, parts.netloc)
        self._path: Final = f"{parts.path.rstrip('/')}/api/{PLACEHOLDER}/"
        self._consent: Final = consent
        self._local: Final = is_here or is_loopback(url)
        self._clients: Final = {str(each) for each in clients}
        self._reach: Final = frozenset(reach)
        self._lists: Final = {str(list_id)} - {"None"}
        self._orders: Final[set[str]] = set()
        self._channel: Final = {name: str(value) for name, value in (channel or {}).items()}
        self._loading: Final[set[str]] = set()

    def check(self, url: str, body: bytes) -> None:
        """Let a call through, whatever its HTTP method: the effect is that of the action.

        Raises:
            GuardRefusedError: the run may not make it.
        """
        reason = self._reason(url, body)
        if reason is not None:
            self.refused += 1
            raise GuardRefusedError(reason)

    def learn(self, url: str, reply: bytes) -> None:
        """Remember the clients and deals that the run itself has created: they are test data too."""
        action = urlsplit(url).path.rsplit("/", 1)[-1]
        if self._local or action not in {"load_clients", "create_order"}:
            return
        try:
            data = json.loads(reply)
        except (ValueError, RecursionError):
            return
        if not isinstance(data, dict):
            return
        if action == "create_order" and "order_id" in data:
            self._orders.add(str(data["order_id"]))
        items = data.get("items")
        for item in items if isinstance(items, list) else ():
            # A reply could name any client: only those that the run has asked for are its own.
            if isinstance(item, dict) and str(item.get("platform_id")) in self._loading and "id" in item:
                self._clients.add(str(item["id"]))

    def _reason(self, url: str, body: bytes) -> str | None:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != self._origin:
            return f"{parts.netloc} is not the server under test"
        action = unquote(parts.path.removeprefix(self._path))
        if action == UNKNOWN and not parts.query and not body:
            return None
        known = mavibot_contract.load().actions.get(action)
        # An unknown action could do anything.
        effect: Effect = next(iter(known.values())).effect if known else "send"
        if not allows(self._consent, effect):
            return f"{action} has the effect '{effect}', and only '{self._consent}' is allowed"
        if self._local or effect == "read":
            return None
        if known is None:
            return f"the contract does not know {action}, so it could reach any client"
        try:
            return self._stranger(action, _named(parts.query, body))
        except _UnclearError as error:
            return f"{action}: {error}"

    def _stranger(self, action: str, named: list[tuple[str, Any]]) -> str | None:
        """Return why a call would reach other clients than the test clients, or `None`."""
        reached = False
        for name, value in named:
            reached = True
            if name == "clients" and action == "load_clients":
                allowed = self._may_load(value)
            elif name in REACHING:
                allowed = name in self._reach
            else:
                own = self._orders if name == "order_id" else self._lists if name == "list_id" else self._clients
                values = list(_scalars(value))
                allowed = bool(values) and own.issuperset(values)
            if not allowed:
                return f"{action} would reach others than the test clients, by '{name}'"
        return None if reached else f"{action} names no test client"

    def _may_load(self, items: Any) -> bool:
        for item in items if isinstance(items, list) else [items]:
            channel = {name: str(item.get(name)) for name in self._channel} if isinstance(item, dict) else {}
            if "platform_id" not in self._reach and (not channel or channel != self._channel):
                return False
            if isinstance(item, dict):
                self._loading.add(str(item.get("platform_id")))
        return True


def _named(query: str, body: bytes) -> list[tuple[str, Any]]:
    """Return what a call names, in every way in which a server could read it: parameter and value.

    Raises:
        _UnclearError: it cannot be determined.
    """
    if ";" in query:
        raise _UnclearError("a ';' in the query separates parameters for some servers")
    document, form = _readings(body)
    sent = [*parse_qsl(query, keep_blank_values=True), *form, *document.items()]
    found = [(_plain(name), value) for name, value in sent if _plain(name) in _JUDGED]
    delimiters = [value for name, value in sent if _plain(name) == "delimiter"]
    for alias, place in sent:
        for target in _aliases().get(_plain(alias), frozenset()) & _JUDGED:
            values = list(_led_to(sent, str(place), delimiters))
            if not values:
                raise _UnclearError(f"{alias} leads nowhere, and a server may read it in another way")
            found += [(target, value) for value in values]
    return [(name, value) for name, value in found if value not in (None, "", [])]


def _readings(body: bytes) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return a body as JSON and as a form: servers do not always go by its content type."""
    if not body:
        return {}, []
    try:
        document = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        text = body.decode("latin-1")
        if not _FORM.fullmatch(text):
            raise _UnclearError("its body is neither JSON nor a form") from None
        return {}, parse_qsl(text, keep_blank_values=True)
    if isinstance(document, list):
        document = {"clients": document}
    if not isinstance(document, dict):
        raise _UnclearError("its body is neither an object nor a list")
    return document, parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise _UnclearError("its body has a key twice")
    return document


def _plain(name: str) -> str:
    """Return a name as lenient servers read it: `clients[0]`, `clients[]` and `Clients` are `clients`."""
    return name.partition("[")[0].strip().lower()


def _led_to(sent: Iterable[tuple[str, Any]], place: str, delimiters: Iterable[str]) -> Iterator[Any]:
    """Yield the values that an alias leads to: at a key, or at a path of keys."""
    for path in [[place], *(place.split(str(each)) for each in delimiters if each)]:
        for name, value in sent:
            if name == path[0]:
                for key in path[1:]:
                    value = _child(value, key)  # noqa: PLW2901 - one step deeper each time
                if value is not None:
                    yield value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def _scalars(value: Any) -> Iterator[str]:
    """Yield every value inside a value, as text."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _scalars(each)
    else:
        yield str(value)


@cache
def _aliases() -> dict[str, frozenset[str]]:
    """Return every alias of any action, with all parameters that it stands for anywhere."""
    found: dict[str, set[str]] = {}
    for operations in mavibot_contract.load().actions.values():
        for operation in operations.values():
            for alias, target in {**operation.value_parameters, **operation.delimiter}.items():
                found.setdefault(alias, set()).add(target)
    return {alias: frozenset(targets) for alias, targets in found.items()}


def allows(consent: Effect, effect: Effect) -> bool:
    """Return True if a consent covers an effect: consent to sends covers writes and reads too."""
    return EFFECTS.index(effect) <= EFFECTS.index(consent)


def pace(url: str) -> float | None:
    """Return the default maximum of calls per second to a server: `None`, no limit, on this machine."""
    return None if is_loopback(url) else _POLITE


def is_loopback(url: str) -> bool:
    """Return True if an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
