"""Keeps calls from the platform: the guard of the conformance suite, a pace, and the mock's strictness."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

import mavibot_contract
from mavibot_conformance.target.guard import Guard, GuardRefusedError, allows
from mavibot_contract.keys import PLACEHOLDER
from mavibot_proxy.checks import refusal
from mavibot_proxy.records.redaction import operation_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from mavibot_contract import Effect
    from mavibot_proxy.exchange import Exchange

_CONTRACT: Final = mavibot_contract.load()
#: The suite's guard lets calls to this machine through; what a user forbids here is forbidden wherever they go.
_ELSEWHERE: Final = "https://upstream.invalid"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered that is not passed on.

    Attributes:
        status: HTTP status.
        body: the body.
        content_type: its content type.
        reason: why, in words.
        is_dry: whether it is the contract's example of success.
    """

    status: int
    body: bytes
    content_type: str
    reason: str
    is_dry: bool = False


class Guards:
    """What a proxy lets through; without arguments everything."""

    def __init__(
        self,
        *,
        read_only: bool = False,
        only_clients: Collection[int] = (),
        strict: bool = False,
        dry_sends: bool = False,
        rate: float | None = None,
    ) -> None:
        """Prepare.

        Args:
            read_only: keep back what changes something or reaches somebody.
            only_clients: the only clients that may be written to; empty for all.
            strict: keep back what deviates from the contract, and answer as a strict mock does.
            dry_sends: check what reaches somebody, and answer with the contract's example of success.
            rate: most calls a second; further ones wait.
        """
        self._clients: Final = tuple(only_clients)
        self._is_strict: Final = strict
        self._is_dry: Final = dry_sends
        self._consent: Final[Effect] = "read" if read_only else "send"
        self._guard: Final = (
            Guard(_ELSEWHERE, consent=self._consent, clients=self._clients) if read_only or self._clients else None
        )
        self._pause: Final = 1 / rate if rate else 0.0
        self._next = 0.0

    @property
    def need_whole_bodies(self) -> bool:
        """Whether a call is only judged by all of it."""
        return self._guard is not None or self._is_strict or self._is_dry

    async def judge(self, exchange: Exchange) -> Answer | None:
        """Return the answer to a call that must not be passed on, or `None` for one that may."""
        if self.need_whole_bodies and sum(name.lower() == b"content-type" for name, _ in exchange.headers) > 1:
            reason = "a body with more than one Content-Type cannot be judged"
            return _refused(400, f"mavibot proxy: {reason}", reason)
        operation = operation_of(exchange)
        if self._guard is not None:
            query = f"?{exchange.query.decode('latin-1')}" if exchange.query else ""
            try:
                self._guard.check(f"{_address(exchange)}{query}", exchange.body)
            except GuardRefusedError as error:
                return _refused(403, f"mavibot proxy: {error}", str(error))
        is_send = operation is None or not allows("write", operation.effect)
        if self._is_strict or (self._is_dry and is_send):
            reply = await refusal(exchange, strict=self._is_strict)
            if reply is not None:
                body = reply.body.encode() if isinstance(reply.body, str) else orjson.dumps(reply.body)
                return Answer(reply.status, body, "application/json", "not passed on")
        if self._is_dry and is_send:
            if operation is None:
                reason = "the contract does not know the action, so it could send"
                return _refused(403, f"mavibot proxy: {reason}", reason)
            return _example(operation.responses["200"]["content"])
        return None

    def learn(self, exchange: Exchange) -> None:
        """Remember what the upstream has created: the caller may write to it."""
        if self._guard is not None and exchange.reply_is_whole:
            self._guard.learn(_address(exchange), bytes(exchange.reply))

    async def turn(self) -> None:
        """Wait until the pace allows a call."""
        if self._pause:
            now = time.monotonic()
            moment = max(now, self._next)
            self._next = moment + self._pause
            await asyncio.sleep(moment - now)


def _address(exchange: Exchange) -> str:
    """Return the address of a call without its query, for the guard: an escaped `?` begins none."""
    return f"{_ELSEWHERE}/api/{PLACEHOLDER}/{quote(exchange.action)}"


def _refused(status: int, message: str, reason: str) -> Answer:
    return Answer(status, orjson.dumps({"status": "fail", "message": message}), "application/json", reason)


def _example(contents: Any) -> Answer:
    """Return the contract's example of success: the plain text where it has one."""
    kind = "text/plain" if "text/plain" in contents else "application/json"
    content = contents[kind]
    example = content["example"] if "example" in content else next(iter(content["examples"].values()))["value"]
    body = example.encode() if isinstance(example, str) else orjson.dumps(example)
    return Answer(200, body, kind, "checked, and not sent", is_dry=True)
