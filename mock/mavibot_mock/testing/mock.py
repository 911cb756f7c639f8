"""A project of its own on a mock, and everything that a test does with it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self, Unpack
from urllib.parse import quote

import httpx2

from mavibot_mock import seeds
from mavibot_mock.testing.connection import Connection, MockError
from mavibot_mock.testing.controls import ClockControl, FaultsControl, InboundControl, JournalControl, WebhooksControl
from mavibot_mock.testing.expectation import Expectation
from mavibot_mock.testing.in_process import URL, AsyncTransport, Transport, shared
from mavibot_mock.testing.user import AsyncUser, Looks, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from mavibot_mock.testing.user import Person
    from mavibot_mock.webhook.outbox import Outbox

    #: A state to begin with: `demo`, `empty`, a document, or a file with one in YAML or JSON.
    Seed = str | Mapping[str, Any] | Path


class Mock:
    """A project on a mock, as a context manager; by default a fresh one on a server that the process shares.

    Attributes:
        url: what a client takes as its base URL.
        project_id: id of the project.
        clock: its clock and jobs.
        faults: calls that go wrong on purpose.
        inbound: what messengers and blocks send; what a person does is said by `user`.
        journal: what was called.
        webhooks: what it posts to its webhook address.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        seed: Seed = "demo",
        settings: Mapping[str, Any] | None = None,
        project_id: int | None = None,
        token: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """Make a project, or drive one that is there.

        Args:
            url: where a running mock answers, such as `Server.url`; without it the mock runs in this process, shared
                by all its tests and without a port.
            seed: what the project begins with.
            settings: settings that win over those of the seed, such as `{"created_at": "text"}`.
            project_id: id of a project that is there already; it stays when this ends.
            token: what the control interface demands, where other machines reach the mock.
            proxy: address of a proxy that leads to the mock.

        Raises:
            MockError: the seed or a setting is wrong, and the message names the place and the fix; or no mock answers.
            ValueError: the file is neither YAML nor JSON.
        """
        self._in_process: Final = shared() if url is None else None
        self._is_own: Final = project_id is None
        self._proxy: Final = proxy
        self.url: Final = URL if url is None else url.rstrip("/")
        self._looks: Final = Looks()
        self._connection: Final = Connection(self.url, transport=self.transport(), token=token)
        try:
            self.project_id: Final = self._create(seed, settings) if project_id is None else project_id
            self._begin()
        except BaseException:
            self._connection.close()
            raise
        self.clock: Final = ClockControl(self._call)
        self.faults: Final = FaultsControl(self._call)
        self.inbound: Final = InboundControl(self._call)
        self.journal: Final = JournalControl(self._call)
        self.webhooks: Final = WebhooksControl(self._call, self._outbox)

    def __enter__(self) -> Self:
        """Return the mock."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End as `close` does."""
        self.close()

    def close(self) -> None:
        """Delete the project, unless it was there before."""
        try:
            if self._is_own:
                self._call("DELETE", "")
        finally:
            self._connection.close()

    @property
    def api_key(self) -> str:
        """Of the project's keys that are not revoked the first that may do most; empty without one."""
        return self._api_key

    @property
    def keys(self) -> Mapping[str, str]:
        """The project's keys by name; the default ones are `full`, each permission, `none` and `revoked`."""
        return self._keys

    def transport(self) -> httpx2.BaseTransport:
        """Return a transport for a blocking client; in process it needs no port."""
        return httpx2.HTTPTransport(proxy=self._proxy) if self._in_process is None else Transport(self._in_process)

    def async_transport(self) -> httpx2.AsyncBaseTransport:
        """Return a transport for an asyncio client; in process it needs no port."""
        return (
            httpx2.AsyncHTTPTransport(proxy=self._proxy)
            if self._in_process is None
            else AsyncTransport(self._in_process)
        )

    def user(self, client_id: int | None = None, **person: Unpack[Person]) -> User:
        """Return a person who talks to the bot.

        Args:
            client_id: id of the client; or else:
            person: `client_type`, `group_id` and `platform_id` of a client who may be new, then also with a name.

        Raises:
            MockError: there is no such client.
        """
        return User(self._call, self._looks, client_id, **person)

    def async_user(self, client_id: int | None = None, **person: Unpack[Person]) -> AsyncUser:
        """Return a person who talks to the bot, for asyncio; as `user`."""
        return AsyncUser(self.user(client_id, **person))

    def expect(
        self,
        action: str,
        variables: Mapping[str, Any] | None = None,
        /,
        *,
        status: int | None = None,
        **parameters: Any,
    ) -> Expectation:
        """Expect calls of an action; `.once()`, `.times(n)` and `.never()` say how many.

        Args:
            action: what was called.
            variables: what cannot be a keyword, such as `{"client.city": "Paris"}`.
            status: HTTP status with which they were answered; without it those count that succeeded.
            parameters: parameters and variables that the calls have, among others; `client_id` also finds a call that
                names the client in another parameter or in the reply.
        """
        return Expectation(self.journal.calls, action, {**parameters, **(variables or {})}, status=status)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change some settings of the project, and return all.

        Args:
            changes: settings by name, such as `webhook_url="http://127.0.0.1:9000/"`.

        Raises:
            MockError: one of them is wrong.
        """
        found: dict[str, Any] = self._call("PATCH", "/settings", changes)
        return found

    def add_key(self, name: str, permissions: Iterable[str] | None = None) -> str:
        """Add a key to the project, and return it.

        Args:
            name: name of the key.
            permissions: what it may do, such as `clients:read`; without them everything.
        """
        wanted = {"name": name} if permissions is None else {"name": name, "permissions": list(permissions)}
        value: str = self._call("POST", "/keys", wanted)["value"]
        self._read()
        return value

    def revoke_key(self, name: str) -> None:
        """Revoke a key of the project."""
        self._call("PATCH", f"/keys/{quote(name, safe='', errors='surrogatepass')}", {"revoked": True})
        self._read()

    def block_channel(self, channel_id: int, reason: str) -> None:
        """Block a channel: nothing goes out through it; its id is that in connected_channels."""
        self._call("PUT", f"/channels/{channel_id}/block", {"reason": reason})

    def unblock_channel(self, channel_id: int) -> None:
        """Unblock a channel."""
        self._call("DELETE", f"/channels/{channel_id}/block")

    def reset(self) -> None:
        """Go back to what the project began with; clock, jobs, faults, journal and webhooks begin anew."""
        self._call("POST", "/reset")
        self._begin()

    def seed(self, seed: Seed) -> None:
        """Begin anew with another seed, to which a reset goes back from now on.

        Raises:
            MockError: the seed is wrong; the message names the place and the fix, and nothing has changed.
        """
        self._call("PUT", "/seed", _document(seed))
        self._begin()

    def snapshot(self, name: str) -> None:
        """Keep a copy of the state under a name."""
        self._call("PUT", f"/snapshots/{quote(name, safe='', errors='surrogatepass')}")

    def restore(self, name: str) -> None:
        """Go back to a snapshot.

        Raises:
            MockError: there is none with this name.
        """
        self._call("POST", f"/snapshots/{quote(name, safe='', errors='surrogatepass')}/restore")
        self._begin()

    def export_state(self) -> dict[str, Any]:
        """Return the whole state as a seed that brings it back."""
        found: dict[str, Any] = self._call("GET", "/state")
        return found

    def import_state(self, state: Mapping[str, Any]) -> None:
        """Put another state in the place of this one; a reset still goes back to the seed.

        Raises:
            MockError: it is wrong, and nothing has changed.
        """
        self._call("PUT", "/state", state)
        self._begin()

    def _create(self, seed: Seed, settings: Mapping[str, Any] | None) -> int:
        wanted = {"seed": _document(seed), "settings": settings or {}}
        number: int = self._connection.call("POST", "/projects", wanted)["id"]
        return number

    def _begin(self) -> None:
        """Begin with the state that there is now: what users have got already is not new to them."""
        self._looks.begin(self._read()["last_message_id"])

    def _read(self) -> dict[str, Any]:
        project: dict[str, Any] = self._call("GET", "")
        self._api_key: str = project["api_key"] or ""
        self._keys: Mapping[str, str] = MappingProxyType(project["keys"])
        return project

    def _outbox(self) -> Outbox:
        if self._in_process is None:
            raise MockError("deliver_to: the mock runs in another process; give it the address of a receiver instead")
        return self._in_process.platform.projects[self.project_id].outbox

    def _call(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        __tracebackhide__ = True
        return self._connection.call(method, f"/projects/{self.project_id}{path}", body, query=query)


def _document(seed: Seed) -> str | Mapping[str, Any]:
    if not isinstance(seed, Path):
        return seed
    try:
        document: Mapping[str, Any] = seeds.read(seed.read_bytes())
    except ValueError as error:
        raise ValueError(f"{seed}: {error}") from None
    return document
