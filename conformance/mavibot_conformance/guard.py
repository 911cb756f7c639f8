"""Stands at the socket and lets only those calls through that the user agreed to."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from mavibot_api import contract
from mavibot_conformance.rule import allows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mavibot_api.contract import Effect

#: Parameters that name whom a call reaches.
_CLIENT_PARAMETERS: Final = ("client_id", "clients", "client_ids")
#: On a foreign server these could reach anybody, whatever the test clients are.
_REACH_OTHERS: Final = ("list",)


class GuardRefusedError(Exception):
    """The run may not make this call; nothing was sent."""


class Guard:
    """What a run may do to its server.

    Attributes:
        refused: how many calls were refused.
    """

    def __init__(self, url: str, *, consent: Effect, clients: Iterable[int] = ()) -> None:
        """Prepare a guard.

        Args:
            url: base URL of the server; calls to any other host are refused.
            consent: greatest effect that is allowed.
            clients: the only clients that may be written to on a server that is not on this machine.
        """
        self.refused = 0
        self._host: Final = urlsplit(url).netloc
        self._consent: Final = consent
        self._local: Final = is_loopback(url)
        self._clients: Final = {str(each) for each in clients}

    def check(self, url: str, body: bytes) -> None:
        """Let a call through.

        Raises:
            GuardRefusedError: the run may not make it.
        """
        reason = self._reason(url, body)
        if reason is not None:
            self.refused += 1
            raise GuardRefusedError(reason)

    def learn(self, url: str, reply: bytes) -> None:
        """Remember the clients that the run itself has made: they are test clients too."""
        if urlsplit(url).path.endswith("/load_clients"):
            try:
                items = json.loads(reply).get("items", [])
            except (ValueError, AttributeError):
                return
            self._clients.update(str(item["id"]) for item in items if isinstance(item, dict) and "id" in item)

    def _reason(self, url: str, body: bytes) -> str | None:
        parts = urlsplit(url)
        if parts.netloc != self._host:
            return f"{parts.netloc} is not the server under test"
        action = parts.path.rsplit("/", 1)[-1]
        known = contract.load().actions.get(action)
        # What the contract does not know could do anything.
        effect: Effect = next(iter(known.values())).effect if known else "read" if self._local else "send"
        if not allows(self._consent, effect):
            return f"{action} has the effect '{effect}', and the run may only '{self._consent}'"
        if effect == "read" or self._local:
            return None
        named = list(_named(_CLIENT_PARAMETERS, parts.query, body))
        others = [each for each in named if each not in self._clients]
        if others or any(True for _ in _named(_REACH_OTHERS, parts.query, body)):
            return f"{action} would reach clients that are no test clients"
        if not named and action != "load_clients":
            return f"{action} names no test client"
        return None


def _named(names: Iterable[str], query: str, body: bytes) -> Iterator[str]:
    """Yield the values of parameters in URL and body, as text."""
    found: dict[str, Any] = dict(parse_qs(query))
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        document = {}
    for source in (found, document if isinstance(document, dict) else {}):
        for name in names:
            value = source.get(name)
            for each in value if isinstance(value, list) else [value]:
                if each not in (None, ""):
                    yield str(each)


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
