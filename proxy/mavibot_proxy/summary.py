"""Counts what went through the proxy."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract

if TYPE_CHECKING:
    from mavibot_proxy.exchange import Exchange
    from mavibot_proxy.records.redaction import Redaction

#: Kinds that are counted apart; callers can make up any number of them.
_MOST_KINDS: Final = 500
_OTHERS: Final = "others"
_LONGEST_KIND: Final = 300
#: Slow calls that are listed.
_MOST_SLOW: Final = 20
#: Seconds from which on a call is slow.
SLOW: Final = 2.0

_KNOWN: Final = mavibot_contract.load().actions


@dataclass(slots=True)
class Summary:
    """What went through the proxy so far.

    Attributes:
        upstream: base URL of the server behind it.
        started: when it began, Unix seconds.
        calls: number of calls.
        statuses: by action, how often each status came.
        deviations: how often calls deviated from the contract in each way.
        unknown_replies: how often replies came that the contract does not know, by action and kind.
        failures: how often a reply with a status 2xx reported a failure, by action and its words.
        refused: calls that a guard kept back, by action and reason.
        troubles: what went wrong on the way.
        abandoned: calls that their caller gave up.
        slow: the slowest calls: action and seconds.
        webhooks: what the platform posted, by outcome.
    """

    upstream: str
    started: float = field(default_factory=time.time)
    calls: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    deviations: Counter[str] = field(default_factory=Counter)
    unknown_replies: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    abandoned: int = 0
    slow: list[tuple[str, float]] = field(default_factory=list)
    webhooks: Counter[str] = field(default_factory=Counter)

    def add(self, exchange: Exchange, redaction: Redaction) -> None:
        """Count a call, or what the platform posted."""
        if exchange.is_webhook:
            self.webhooks[_status(exchange)] += 1
            if exchange.refusal is not None:
                _count(self.webhooks, f"deviates: {redaction.note(exchange.refusal)}")
            return
        self.calls += 1
        action = exchange.action if exchange.action in _KNOWN else "unknown action"
        self.statuses.setdefault(action, Counter())[_status(exchange)] += 1
        for text in exchange.deviations:
            _count(self.deviations, f"{action}: {redaction.note(text)}")
        if exchange.refusal is not None:
            _count(self.deviations, f"{action}: {redaction.note(exchange.refusal)}")
        if exchange.unknown_reply is not None:
            _count(self.unknown_replies, f"{action}: {redaction.note(exchange.unknown_reply)}")
        if exchange.failure is not None:
            _count(self.failures, f"{action}: {redaction.told(exchange.failure)}")
        if exchange.kept_back is not None:
            _count(self.refused, f"{action}: {redaction.note(exchange.kept_back)}")
        elif exchange.trouble is not None:
            _count(self.troubles, f"{action}: {redaction.note(exchange.trouble)}")
        self.abandoned += exchange.is_abandoned
        if exchange.seconds >= SLOW:
            self.slow = sorted([*self.slow, (action, round(exchange.seconds, 3))], key=lambda each: -each[1])
            del self.slow[_MOST_SLOW:]

    def add_refused(self, reason: str) -> None:
        """Count a request that could not be read; it is no call."""
        _count(self.troubles, f"no call: {reason}")

    def add_trouble(self, text: str) -> None:
        """Count what went wrong after the reply, in words."""
        _count(self.troubles, text)

    def as_json(self) -> dict[str, Any]:
        """Return the summary as JSON data, the most frequent first."""
        return {
            "upstream": self.upstream,
            "seconds": round(time.time() - self.started, 3),
            "calls": self.calls,
            "statuses": {action: dict(counts.most_common()) for action, counts in sorted(self.statuses.items())},
            "deviations": dict(self.deviations.most_common()),
            "unknown_replies": dict(self.unknown_replies.most_common()),
            "failures": dict(self.failures.most_common()),
            "refused": dict(self.refused.most_common()),
            "troubles": dict(self.troubles.most_common()),
            "abandoned": self.abandoned,
            "slow": [{"action": action, "seconds": seconds} for action, seconds in self.slow],
            "webhooks": dict(self.webhooks.most_common()),
        }

    def as_lines(self) -> list[str]:
        """Return the summary as lines for people."""
        data = self.as_json()
        lines = [f"{self.calls} calls in {data['seconds']:.0f} s, {self.abandoned} given up by their caller"]
        for action, counts in data["statuses"].items():
            lines.append(f"  {action}: " + ", ".join(f"{status} ({count})" for status, count in counts.items()))
        for title, name in _TITLES.items():
            if data[name]:
                lines.append(f"{title}:")
                lines += [f"  {count} × {kind}" for kind, count in data[name].items()]
        if self.slow:
            lines.append(f"slow calls, from {SLOW:g} s:")
            lines += [f"  {action}: {seconds:.1f} s" for action, seconds in self.slow]
        return lines


_TITLES: Final = {
    "calls that deviate from the contract": "deviations",
    "replies that the contract does not know": "unknown_replies",
    "failures with a status of success": "failures",
    "calls that were kept back": "refused",
    "trouble on the way": "troubles",
    "webhooks": "webhooks",
}


def _status(exchange: Exchange) -> str:
    if exchange.is_dry:
        return "dry"
    return "no reply" if exchange.status is None else str(exchange.status)


def _count(counts: Counter[str], kind: str) -> None:
    kind = kind[:_LONGEST_KIND]
    counts[kind if kind in counts or len(counts) < _MOST_KINDS else _OTHERS] += 1
