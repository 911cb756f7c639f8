"""The proxy as an ASGI application."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import orjson

from mavibot_proxy.exchange import Exchange
from mavibot_proxy.guards import Answer
from mavibot_proxy.passing.forwarder import HAS_QUERY
from mavibot_proxy.passing.messages import (
    KEPT,
    NOT_PASSED_ON,
    OUTCOME,
    LeftError,
    answer,
    beginning,
    fields_of,
    framing_problem,
    pass_over,
    send_whole,
)

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from mavibot_proxy.guards import Guards
    from mavibot_proxy.passing.forwarder import Forwarder
    from mavibot_proxy.watch import Watch

_SUMMARY: Final = b"/_proxy"
_STOPPED: Final = "the proxy was stopped before the reply; the call may have been carried out"
_UNKNOWN_ADDRESS: Final = "mavibot proxy: calls go to /api/{api_key}/{action}; a summary is at /_proxy"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where what the platform posts comes in and goes on.

    Attributes:
        path: path that the platform posts to; nobody can guess it.
        forwarder: passes on to the receiver.
        target: path and query of the receiver.
    """

    path: bytes
    forwarder: Forwarder
    target: bytes


@dataclass(frozen=True, slots=True)
class _Way:
    """Where an exchange goes: to whom, and the path and query there."""

    forwarder: Forwarder
    target: bytes


class App:
    """Passes calls on, and shows what became of them."""

    def __init__(
        self, forwarder: Forwarder, watch: Watch, guards: Guards, *, webhook: Webhook | None = None, prefix: str = ""
    ) -> None:
        """Prepare.

        Args:
            forwarder: passes calls on.
            watch: checks and records them.
            guards: keep calls back.
            webhook: where what the platform posts goes.
            prefix: what every path must begin with, where other machines reach the proxy.
        """
        self._forwarder: Final = forwarder
        self._watch: Final = watch
        self._guards: Final = guards
        self._webhook: Final = webhook
        self._prefix: Final = prefix.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        path: bytes = scope["raw_path"]
        if self._webhook is not None and path == self._webhook.path:
            if scope["method"] == "POST":
                event = Exchange("POST", "", "webhook", b"", scope["headers"], is_webhook=True)
                await self._pass(event, _Way(self._webhook.forwarder, self._webhook.target), scope, receive, send)
            else:
                await answer(send, 405, "mavibot proxy: the platform posts here", NOT_PASSED_ON, [(b"allow", b"POST")])
            return
        if not path.startswith(self._prefix):
            await answer(send, 404, _UNKNOWN_ADDRESS, NOT_PASSED_ON)
            return
        path = path.removeprefix(self._prefix)
        match path.split(b"/", 3):
            case [b"", b"api", key, action] if key and action:
                query: bytes = scope["query_string"]
                name = unquote(action, errors="replace")
                call = Exchange(scope["method"], unquote(key), name, query, scope["headers"])
                target = path + b"?" + query if scope["extensions"][HAS_QUERY] else path
                await self._pass(call, _Way(self._forwarder, target), scope, receive, send)
            case _ if path == _SUMMARY:
                await self._show_summary(send)
            case _:
                await answer(send, 404, _UNKNOWN_ADDRESS, NOT_PASSED_ON)

    def refused(self, status: int, reason: str) -> None:
        """Note a request that could not be read, so that it never became a call."""
        self._watch.refused(status, reason)

    async def _pass(self, exchange: Exchange, way: _Way, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a call, or what the platform posts; or refuse it."""
        started = time.perf_counter()
        try:
            await self._tried(exchange, way, scope, receive, send)
        except LeftError:
            exchange.is_abandoned, exchange.answered_by = True, "proxy"
            exchange.trouble = "the caller left before all of the call had come; it was not passed on"
        except BaseException as error:
            is_stopped = isinstance(error, asyncio.CancelledError)
            trouble = _STOPPED if is_stopped else f"a bug of the proxy: {type(error).__name__}"
            exchange.trouble = exchange.trouble or trouble
            raise
        finally:
            exchange.seconds = time.perf_counter() - started
            await self._watch.take(exchange)

    async def _tried(self, exchange: Exchange, way: _Way, scope: Scope, receive: Receive, send: Send) -> None:
        problem = framing_problem(scope)
        if problem is not None:
            exchange.trouble, exchange.answered_by = problem, "proxy"
            await answer(send, 400, f"mavibot proxy: {exchange.trouble}", NOT_PASSED_ON)
            return
        exchange.body, exchange.is_whole = await beginning(receive)
        if not exchange.is_webhook:
            kept = await self._kept_back(exchange)
            if kept is not None:
                if not exchange.is_whole:
                    await pass_over(receive)
                await self._keep_back(exchange, kept, send)
                return
            await self._guards.turn()
        await way.forwarder.pass_on(exchange, way.target, scope, receive, send)
        self._guards.learn(exchange)

    async def _kept_back(self, exchange: Exchange) -> Answer | None:
        if not exchange.is_whole and self._guards.need_whole_bodies:
            return Answer(413, b"", "text/plain", f"a body of more than {KEPT} bytes cannot be judged")
        return await self._guards.judge(exchange)

    async def _keep_back(self, exchange: Exchange, kept: Answer, send: Send) -> None:
        """Answer a call that a guard does not let through."""
        exchange.answered_by, exchange.kept_back, exchange.is_dry = "proxy", kept.reason, kept.is_dry
        exchange.status, exchange.size = kept.status, len(kept.body)
        exchange.reply += kept.body
        exchange.reply_headers = [*fields_of(kept.body, kept.content_type), (OUTCOME, NOT_PASSED_ON)]
        await send_whole(send, kept.status, exchange.reply_headers, kept.body)

    async def _show_summary(self, send: Send) -> None:
        body = orjson.dumps(self._watch.summary.as_json(), option=orjson.OPT_INDENT_2)
        await send_whole(send, 200, fields_of(body), body)
