"""Where effects show late, rules go on side by side while one waits: nothing else is judged, and nothing is left."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from mavibot_conformance.lanes import LaneClock, is_alone
from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Outcome, Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.session import Session
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import MockClock, mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Mock, defects

from .stage import Clock
from .test_stand_in import KEY, URL, StandIn
from .test_time_of_a_run import Late


def test_a_rule_in_a_lane_hands_over_where_it_waits() -> None:
    clock, seen = LaneClock(Clock()), []

    def steps(name: str) -> Generator[float]:
        seen.append(f"{name} begins")
        clock.sleep(2)
        seen.append(f"{name} goes on")
        yield 3

    lanes = [clock.in_a_lane(steps(name)) for name in ("one", "two")]
    assert [next(lane) for lane in lanes] == [2, 2]
    assert [next(lane) for lane in lanes] == [3, 3]
    assert seen == ["one begins", "two begins", "one goes on", "two goes on"]
    assert [next(lane, None) for lane in lanes] == [None, None]
    assert clock.monotonic() == 100  # nobody has slept


def test_what_a_rule_in_a_lane_raises_comes_out_of_it() -> None:
    clock = LaneClock(Clock())

    def steps() -> Generator[float]:
        yield 1
        raise ValueError("here")

    lane = clock.in_a_lane(steps())
    assert next(lane) == 1
    with pytest.raises(ValueError, match="here"):
        next(lane)


def test_a_rule_that_is_ended_in_its_lane_gives_back_what_it_holds() -> None:
    clock, given_back = LaneClock(Clock()), []

    def steps() -> Generator[float]:
        try:
            clock.sleep(5)
            yield 1
        finally:
            given_back.append(True)

    before = threading.active_count()
    lane = clock.in_a_lane(steps())
    assert next(lane) == 5
    lane.close()
    assert given_back == [True]
    assert threading.active_count() == before


def _late(server: StandIn, clock: Clock, **known: Any) -> Results:
    profile = Profile(keys={"full": KEY}, clients=(1, 2), **known)
    return run(Plan(URL, profile, consent="send", transport=httpx2.MockTransport(server), clock=clock))


def test_rules_side_by_side_stand_in_the_results_in_their_order() -> None:
    clock = Clock()
    results = _late(Late(clock), clock)
    plan = Plan(URL, Profile(keys={"full": KEY}, clients=(1, 2)))
    assert [(each.rule, each.action) for each in results.outcomes] == [
        (rule.id, action) for rule, action in plan.cases()
    ]


#: Rules of several kinds: by one client and by several, of each action, with parts, and with clients in other channels.
_RULES = "EQ-1,EQ-4,RYW-1,RYW-4,RYW-62,EACH-5,AGAIN-2,AGAIN-3,PRI-8,PRI-15,TOL-1,ROB-2,FIND-4,TEN-1"


def _run_all(mock: Mock, *, lateness: float) -> tuple[list[Outcome], float]:
    """Run rules as on a server whose effects show so many seconds late; return the outcomes, and the seconds waited."""
    transport = mock.transport()
    known = mock_profile(mock.url, transport=transport)
    clock = MockClock(str(known.control), transport=transport)
    profile = replace(known, control=None, made=(), webhook=None)
    plan = Plan(mock.url, profile, consent="send", selection=_RULES, transport=transport, clock=clock)
    with Session(plan) as session:
        session.wire.waits.lateness = lateness
        outcomes = list(session.run_all())
    waited: float = clock.waited
    return outcomes, waited


@pytest.mark.heavy
def test_waits_for_what_shows_late_overlap() -> None:
    with Mock() as mock:
        outcomes, waited = _run_all(mock, lateness=3)
    assert {each.name: each.verdict for each in outcomes if each.verdict is not Verdict.PASS} == {}
    assert len(outcomes) > 60
    assert waited < 3 * len(outcomes)  # most of them wait several times


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("defect", "rule"), [("value-message-ignored-by-whatsapp-message", "EQ-4"), ("same-text-is-sent-once", "AGAIN-2")]
)
def test_side_by_side_the_same_is_found_as_one_by_one(defect: str, rule: str) -> None:
    found = []
    for lateness in (0, 3):
        with defects.applied(defect), Mock() as mock:
            outcomes, _ = _run_all(mock, lateness=lateness)
        found.append({each.name for each in outcomes if each.verdict is not Verdict.PASS})
    assert found[0] == found[1]
    assert any(name.startswith(rule) for name in found[1])


def test_an_interrupted_run_leaves_no_lane_behind() -> None:
    class Interrupted(Clock):
        """A clock on which the wait after all lanes have begun is Ctrl-C."""

        def sleep(self, seconds: float) -> None:
            if threading.active_count() > before:
                raise KeyboardInterrupt
            super().sleep(seconds)

    clock, before = Interrupted(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        _late(Late(clock), clock)
    assert threading.active_count() == before


def test_a_rule_about_what_all_share_runs_alone() -> None:
    alone = {
        (rule.id, action)
        for rule in all_rules()
        for action in (rule.actions if rule.each else [None])
        if is_alone(rule, action)
    }
    assert alone >= {("HOOK-1", None), ("LIM-6", None), ("PRI-5", None), ("RYW-20", None), ("AGAIN-1", "get_clients")}
    assert alone.isdisjoint({("EQ-3", None), ("AGAIN-2", "message"), ("ROB-1", "callback")})
