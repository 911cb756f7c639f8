"""Finds out what a run would send to a server, by sending it to a mock instead."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx2

from mavibot_conformance.session import Session
from mavibot_conformance.target.guard import is_loopback
from mavibot_conformance.target.mock import MockClock, mock_profile, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.results import Outcome
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one rule would send.

    Attributes:
        rule: the rule.
        outcome: what became of it on the mock.
        calls: its calls; the numbers of what it creates are the mock's.
        waited: how many seconds the run has waited until its end.
    """

    rule: Rule
    outcome: Outcome
    calls: list[Exchange]
    waited: float


def rehearse(plan: Plan, mock_url: str) -> Iterator[Rehearsed]:
    """Yield what each rule of a plan would send; the plan's server gets nothing.

    Args:
        plan: the run; without keys in its profile it is one against a mock.
        mock_url: base URL of a mock that stands in for the plan's server.

    Raises:
        ValueError: the selection names an unknown rule.
    """
    on_mock = is_loopback(plan.url) and not plan.profile.keys
    profile = mock_profile(mock_url) if on_mock else stand_in(mock_url, plan.profile)
    clock = MockClock(profile.control or "")
    if not on_mock:
        plan, profile = replace(plan, clock=clock), replace(profile, control=None)
    # The guard judges the real address; only then a call turns off to the mock.
    transport = _Elsewhere(mock_url, urlsplit(plan.url).path)
    rules = {rule.id: rule for rule in plan.rules()}
    run = replace(plan, profile=profile, transport=transport, calls_per_second=math.inf)
    with closing(clock), Session(run) as session:
        for outcome in session.run_all():
            yield Rehearsed(rules[outcome.rule], outcome, session.exchanges, clock.waited)


class _Elsewhere(httpx2.HTTPTransport):
    """Sends every request to another server, at the same path below the prefix."""

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        self._server: Final = httpx2.URL(url)
        self._prefix: Final = prefix.encode()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        server, path = self._server, request.url.raw_path.removeprefix(self._prefix)
        request.url = request.url.copy_with(scheme=server.scheme, host=server.host, port=server.port, raw_path=path)
        return super().handle_request(request)
