"""Watches what goes through: checks, counts and records it, and prints a line per call."""

from __future__ import annotations

import asyncio
import time
import traceback
from typing import TYPE_CHECKING, Final

from mavibot_mock.request.body import LONG_BODY
from mavibot_proxy.checks import check_reply, check_webhook, refusal
from mavibot_proxy.records import notes
from mavibot_proxy.records.entry import entry
from mavibot_proxy.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mavibot_proxy.exchange import Exchange
    from mavibot_proxy.facts.report import Facts
    from mavibot_proxy.records.redaction import Redaction
    from mavibot_proxy.records.writer import Record

_LONGEST_LINE: Final = 500


class Watch:
    """Sees every call once its reply has gone back; what goes wrong here never reaches a caller.

    Attributes:
        summary: what went through so far.
    """

    def __init__(
        self,
        redaction: Redaction,
        facts: Facts,
        *,
        record: Record | None = None,
        tell: Callable[[str], object] | None = None,
    ) -> None:
        """Prepare.

        Args:
            redaction: makes exchanges fit to be seen.
            facts: look for what the contract only assumes.
            record: keeps the calls.
            tell: called with a line for each call, and for what goes wrong here.
        """
        self.summary: Final = Summary(facts.url)
        self._redaction: Final = redaction
        self._facts: Final = facts
        self._record: Final = record
        self._tell: Final = tell or (lambda _: None)

    async def take(self, exchange: Exchange) -> None:
        """See a call."""
        try:
            self._redaction.hiding.remember(exchange.key)
            examining = self._examine(exchange)
            is_long = len(exchange.body) + len(exchange.reply) > LONG_BODY
            # A thread has an event loop of its own; examining touches nothing but the exchange.
            shown, data = await (asyncio.to_thread(asyncio.run, examining) if is_long else examining)
            self.summary.add(exchange, self._redaction)
            self._facts.see(exchange, data)
            if shown is not None and self._record is not None:
                self._keep(self._record, shown)
            self._tell(self._line(exchange))
        except Exception as error:  # a bug in a check must not look like one of the platform
            place = traceback.extract_tb(error.__traceback__)[-1]
            self._tell(
                f"mavibot proxy: a bug of the proxy: {type(error).__name__} at {place.name}, line {place.lineno}"
            )

    def refused(self, status: int, reason: str) -> None:
        """See a request that could not be read; nothing of it is shown."""
        self.summary.add_refused(reason)
        self._tell(f"{time.strftime('%H:%M:%S')} not passed on {status}  {reason}")

    async def _examine(self, exchange: Exchange) -> tuple[dict[str, Any] | None, Any]:
        data = None
        if exchange.is_webhook:
            check_webhook(exchange)
        elif exchange.kept_back is None:
            await refusal(exchange)
            data = check_reply(exchange)
        return (None if self._record is None else entry(exchange, self._redaction)), data

    def _keep(self, record: Record, shown: dict[str, Any]) -> None:
        """Record a call; where nothing is recorded any more, one line says so, and each call is counted."""
        was_recorded = record.problem is None
        record.add(shown)
        if record.problem is not None:
            self.summary.add_trouble(record.problem)
            if was_recorded:
                self._tell(f"mavibot proxy: {record.problem}")

    def _line(self, exchange: Exchange) -> str:
        status = "dry" if exchange.is_dry else exchange.status or "no reply"
        moment = time.strftime("%H:%M:%S", time.localtime(exchange.began))
        shown = self._redaction
        on_the_way = notes.on_the_way(
            kept_back=exchange.kept_back, trouble=exchange.trouble, abandoned=exchange.is_abandoned
        )
        departures = notes.departures(
            refusal=exchange.refusal, deviations=exchange.deviations, unknown_reply=exchange.unknown_reply
        )
        said = "; ".join(
            [*map(shown.line, [*on_the_way, *departures]), *map(shown.told, notes.failed(exchange.failure))]
        )
        line = f"{moment} {exchange.method} {shown.action(exchange)} {status} {exchange.seconds * 1000:.0f} ms"
        return shown.hiding.text(f"{line}  {said}" if said else line)[:_LONGEST_LINE]
