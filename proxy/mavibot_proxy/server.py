"""Runs a proxy on a port: in a thread for tests, or in the foreground."""

from __future__ import annotations

import secrets
import socket
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from mavibot_mock.hosts import is_local
from mavibot_mock.serving import ThreadedServer, base_url, listen
from mavibot_proxy.app import App, Webhook
from mavibot_proxy.facts.report import Facts
from mavibot_proxy.guards import Guards
from mavibot_proxy.passing.forwarder import Forwarder
from mavibot_proxy.passing.protocol import CallerProtocol
from mavibot_proxy.passing.upstream import Upstream
from mavibot_proxy.records.redaction import Redaction
from mavibot_proxy.records.writer import LARGEST, Record
from mavibot_proxy.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path
    from types import TracebackType

    from mavibot_proxy.summary import Summary

#: Longest silence of the upstream, seconds; callers give up sooner.
TIMEOUT: Final = 120.0
#: How long calls that are on their way may hold up the end, seconds; then they are cut off.
_GRACE: Final = 5.0
#: How long a caller's unused connection is kept, seconds: longer than most callers keep theirs.
_KEPT_FOR: Final = 75
_BYTES_OF_A_TOKEN: Final = 24


class Proxy:
    """A proxy on a port of this machine, as a context manager.

    Attributes:
        host: address that it listens on.
        token: what the path of every address begins with, or `None` where only this machine reaches it.
        facts: what the calls so far say of the contract's assumptions.
    """

    def __init__(
        self,
        upstream: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        record: Path | None = None,
        record_limit: int = LARGEST,
        redact: bool = True,
        keep: Collection[str] = (),
        guards: Guards | None = None,
        webhook: str | None = None,
        tell: Callable[[str], object] | None = None,
    ) -> None:
        """Prepare a proxy.

        Args:
            upstream: base URL of the only server that calls are passed on to.
            host: address to listen on.
            port: port to listen on; 0 takes a free one.
            token: what the path of every address begins with; there is a new one where none is given and other machines
                reach the proxy.
            timeout: longest silence of the upstream, seconds.
            record: file that the calls are recorded in, HAR if it ends in `.har` and NDJSON otherwise.
            record_limit: most bytes of the record.
            redact: whether what is personal gets pseudonyms in records and reports.
            keep: names of fields that are recorded as they are.
            guards: keep calls back; without them all are passed on.
            webhook: address that what the platform posts is passed on to.
            tell: called with a line for each call.

        Raises:
            ConfigurationError: the certificates that the environment names cannot be read.
            ValueError: the base URL is none, or not https although it is not on this machine.
        """
        self.host: Final = host
        self.token: Final = token if token or is_local(host) else secrets.token_urlsafe(_BYTES_OF_A_TOKEN)
        self._port: Final = port
        self._upstream: Final = Upstream(upstream)
        self._timeout: Final = timeout
        self._record_path: Final = record
        self._record_limit: Final = record_limit
        self._redaction: Final = Redaction(self._upstream.url, is_on=redact, keep=keep)
        self._tell: Final = tell
        self._guards: Final = guards or Guards()
        self._hook: Final = None if webhook is None else _Hook(webhook)
        self.facts: Final = Facts(self._upstream.url)

    @property
    def url(self) -> str:
        """Base URL for the callers, once the proxy is entered."""
        return base_url(self.host, self._socket) + self._prefix

    @property
    def webhook_url(self) -> str | None:
        """Where the platform posts to, once the proxy is entered; `None` without a receiver."""
        if self._hook is None:
            return None
        return f"{self.url.removesuffix(self._prefix)}{self._hook.path}"

    @property
    def summary(self) -> Summary:
        """What went through so far, once the proxy is entered."""
        return self._watch.summary

    @property
    def _prefix(self) -> str:
        return "" if self.token is None else f"/{self.token}"

    def __enter__(self) -> Self:
        """Start listening, and return once calls are answered.

        Raises:
            OSError: the address is not free, or the record cannot be written.
            RuntimeError: the proxy ended before it answered.
        """
        self._socket = listen(self.host, self._port)
        try:
            self._record = self._open_record()
        except OSError:
            self._socket.close()
            raise
        self._watch = Watch(self._redaction, self.facts, record=self._record, tell=self._tell)
        app = App(
            Forwarder(self._upstream, seconds=self._timeout),
            self._watch,
            self._guards,
            webhook=None if self._hook is None else self._hook.opened(self._timeout),
            prefix=self._prefix,
        )
        self._server = _Server(app, [self._upstream, *([] if self._hook is None else [self._hook.upstream])])
        try:
            self._server.start(self._socket)
        except RuntimeError:
            self._close()
            raise
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening, let the calls on their way end, and complete the record."""
        self._server.stop()
        self._close()

    def _close(self) -> None:
        self._socket.close()
        if self._record is not None:
            self._record.close()

    def _open_record(self) -> Record | None:
        if self._record_path is None:
            return None
        return Record(self._record_path, largest=self._record_limit, version=version("mavibot"))


class _Hook:
    """The way of what the platform posts: a path that nobody can guess, and the receiver."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.path: Final = f"/hook/{secrets.token_urlsafe(_BYTES_OF_A_TOKEN)}"
        self.upstream: Final = Upstream(f"{parts.scheme}://{parts.netloc}")
        self._target: Final = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def opened(self, seconds: float) -> Webhook:
        """Return where events come in and go on."""
        return Webhook(self.path.encode(), Forwarder(self.upstream, seconds=seconds), self._target.encode("ascii"))


class _Server(ThreadedServer):
    """Ends its connections to the upstreams with it."""

    def __init__(self, app: App, upstreams: Iterable[Upstream]) -> None:
        super().__init__(
            app,
            CallerProtocol,
            name="proxy",
            grace=_GRACE,
            log_level="critical",
            date_header=False,
            timeout_keep_alive=_KEPT_FOR,
        )
        self._upstreams: Final = tuple(upstreams)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        for upstream in self._upstreams:
            upstream.close()
