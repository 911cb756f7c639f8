"""One fault costs its time once: silent actions, effects that never show, replies whose body follows late."""

from __future__ import annotations

import gzip
import json
import socket
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from mavibot_conformance.lateness import measured
from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.rules.trial import Trial
from mavibot_conformance.session import Session
from mavibot_conformance.suite import run
from mavibot_conformance.target.clock import Waits
from mavibot_conformance.target.exchange import GREATEST_REPLY
from mavibot_conformance.target.guard import UNKNOWN
from mavibot_conformance.target.mock import MockClock, mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.silence import MOST_IN_VAIN
from mavibot_conformance.target.wire import SilentError, UnreachableError
from mavibot_mock import Mock

from .stage import Clock, Remote
from .test_stand_in import KEY, URL, StandIn


class Silent(StandIn):
    """Some of its actions never answer.

    Attributes:
        timeouts: read timeouts of the calls of these actions, in seconds, by action.
        order: these actions in the order of their first calls.
    """

    def __init__(self, *actions: str) -> None:
        super().__init__()
        self.timeouts: dict[str, list[float]] = {action: [] for action in actions}
        self.order: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        action = request.url.path.rsplit("/", 1)[-1]
        if action in self.timeouts:
            if action not in self.order:
                self.order.append(action)
            self.timeouts[action].append(request.extensions["timeout"]["read"])
            raise httpx2.ReadTimeout("timed out", request=request)
        return super().__call__(request)


def _run(server: StandIn, selection: str | None = None, clock: Clock | None = None) -> Results:
    known = Profile(keys={"full": KEY}, clients=(1, 2))
    plan = Plan(URL, known, consent="send", selection=selection, transport=httpx2.MockTransport(server))
    return run(plan if clock is None else replace(plan, clock=clock))


@pytest.mark.parametrize("actions", [("get_history",), ("message", "save_variables")])
def test_a_silent_action_is_waited_for_three_times(actions: tuple[str, ...]) -> None:
    server = Silent(*actions)
    results = _run(server)
    # The first silence is waited for in full, and says how silence sounds here.
    assert server.timeouts == {action: [2 if place else 10, 2, 2] for place, action in enumerate(server.order)}
    for action in actions:
        [finding] = [each for each in results.findings if each.cause == f"{action} breaks: no reply in time"]
        assert finding.kind == "fail"
        assert len(finding.blocked) > 5
        # A rule that comes when the action is called no more shows the call that was in vain.
        about = [each for each in results.outcomes if each.action == action and each.verdict is Verdict.FAIL]
        assert all(each.got == "no reply in time" and f"/{action}" in str(each.curl) for each in about)
        assert f"{action} to reply" in {each.expected for each in about}
    # The other actions are judged as ever.
    passed = {each.action for each in results.outcomes if each.verdict is Verdict.PASS}
    assert {"get_variables", *({"get_history"} - set(actions))} <= passed


class Endless(StandIn):
    """One of its actions answers with a body that has no end that matters, and is small on the wire."""

    BOMB = gzip.compress(b" " * (GREATEST_REPLY + 1))

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/get_history"):
            self.calls.append("get_history")
            return httpx2.Response(200, content=self.BOMB, headers={"Content-Encoding": "gzip"})
        return super().__call__(request)


def test_a_body_without_an_end_is_read_three_times() -> None:
    server = Endless()
    results = _run(server)
    assert server.calls.count("get_history") == MOST_IN_VAIN
    cause = "get_history breaks: no reply that can be read: the body has more than 16,000,000 bytes"
    [finding] = [each for each in results.findings if each.cause == cause]
    assert len(finding.blocked) > 5
    assert "get_variables" in {each.action for each in results.outcomes if each.verdict is Verdict.PASS}


def test_an_action_whose_replies_do_not_end_is_left_out_of_what_follows() -> None:
    bomb = httpx2.Response(200, content=Endless.BOMB, headers={"Content-Encoding": "gzip"})
    wire = Remote(*[bomb] * MOST_IN_VAIN, consent="read").wire
    for _ in range(MOST_IN_VAIN):
        assert not wire.gives_up("get_history")
        assert wire.call("get_history").is_lost
    assert wire.gives_up("get_history")
    assert not wire.gives_up("get_variables")
    with pytest.raises(SilentError, match=r"get_history: 3 calls in a row had no reply that can be read"):
        wire.call("get_history")


def test_an_action_that_answers_in_between_is_called_on() -> None:
    class Moody(Silent):
        """Every third call of an action has no reply."""

        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/get_variables"):
                self.calls.append("get_variables")
                if self.calls.count("get_variables") % 3 == 1:
                    raise httpx2.ReadTimeout("timed out", request=request)
            return super().__call__(request)

    server = Moody()
    results = _run(server, "ROB-4,SHAPE,ERR,TOL-17")
    assert server.calls.count("get_variables") > 6
    about = [each for each in results.outcomes if each.action == "get_variables"]
    # What had no reply may fail for it, but nothing goes without its calls.
    assert [each.name for each in about if each.cause and not each.is_decided] == []
    assert {each.cause for each in about} == {None, "get_variables breaks: no reply in time"}


def test_a_server_that_answers_nothing_at_all_ends_the_run() -> None:
    asked: list[str] = []

    def silent(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path.rsplit("/", 1)[-1])
        raise httpx2.ReadTimeout("timed out", request=request)

    plan = Plan(URL, Profile(keys={"full": KEY}), consent="read", transport=httpx2.MockTransport(silent))
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 does not answer: ReadTimeout"):
        run(plan)
    assert len(asked) <= 4
    assert asked[-1] == UNKNOWN


class Losing(StandIn):
    """Its sends are accepted, and never in the history."""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        response = super().__call__(request)
        if request.url.path.endswith("/message"):
            for rows in self._history.values():
                rows.clear()
        return response


def test_what_never_shows_is_waited_for_less_each_time() -> None:
    clock = Clock()
    results = _run(Losing(), clock=clock)
    lost = [each.name for each in results.outcomes if each.verdict is Verdict.FAIL and "AGAIN-2" in each.name]
    assert lost == ["AGAIN-2 message"]
    assert clock.now - 100 < 8  # two seconds at the first rule, and four to measure whether it shows later


def test_the_command_of_a_missed_effect_is_the_call_that_should_have_had_it() -> None:
    results = _run(Losing(), "AGAIN-2", clock=Clock())
    [lost] = (each for each in results.outcomes if each.verdict is Verdict.FAIL)
    assert lost.action == "message"
    assert lost.dialogue[-1]["action"] == "get_history"
    assert "/message" in str(lost.curl)


def _slept(waits: Waits, action: str, *, after: int) -> tuple[bool, float]:
    """Wait for something that shows at a look; return whether it was seen, and after how many seconds."""
    clock, looks = Clock(), iter(range(100))
    return waits.comes_true(lambda: next(looks) >= after, action, clock), clock.now - 100


@pytest.mark.heavy
def test_broadcasts_cost_a_run_without_patience_little() -> None:
    with Mock() as mock:
        transport = mock.transport()
        known = mock_profile(mock.url, transport=transport)
        clock = MockClock(str(known.control), transport=transport)
        profile = replace(known, control=None, made=(), webhook=None)
        selection = ",".join(rule.id for rule in all_rules() if "broadcast" in rule.actions)
        results = run(Plan(mock.url, profile, consent="send", selection=selection, transport=transport, clock=clock))
        waited = clock.waited
    assert [each.name for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.NON_STRICT)] == []
    assert sum(each.verdict is Verdict.PASS for each in results.outcomes) > 15
    assert waited < 10


def test_each_action_has_waits_of_its_own() -> None:
    waits = Waits()
    vain = [_slept(waits, "message", after=99) for _ in range(4)]
    assert [(seen, round(seconds, 1)) for seen, seconds in vain] == [
        (False, 2),
        (False, 0.7),
        (False, 0.2),
        (False, 0.2),
    ]
    assert _slept(waits, "callback", after=9)[0]


def test_what_was_once_seen_late_is_waited_for_as_long_again() -> None:
    waits = Waits()
    assert _slept(waits, "message", after=7)[0]
    for _ in range(5):
        assert not _slept(waits, "message", after=99)[0]
    assert _slept(waits, "message", after=9)[0]


def test_what_may_still_happen_is_given_twice_as_long_as_it_ever_took() -> None:
    waits, clock = Waits(), Clock()
    waits.rest("broadcast", clock)
    assert clock.now - 100 == pytest.approx(1)  # nothing is known yet
    assert _slept(waits, "broadcast", after=0)[0]
    waits.rest("broadcast", clock)
    assert clock.now - 100 == pytest.approx(1.3)  # more than the 0.2 s between two messages
    seen, seconds = _slept(waits, "broadcast", after=6)
    assert seen
    waits.rest("broadcast", clock)
    assert clock.now - 100 == pytest.approx(1.3 + 2 * seconds)
    assert _slept(waits, "broadcast", after=9)[0]
    waits.rest("broadcast", clock)
    assert clock.now - 100 == pytest.approx(1.3 + 2 * seconds + 2)


def _waited(waits: Waits, clock: Clock, action: str, *, reads: bool) -> float:
    before = clock.now
    waits.before(action, clock, reads=reads)
    return clock.now - before


def test_a_call_waits_for_what_it_may_read_or_build_on_alone() -> None:
    waits, clock = Waits(), Clock()
    waits.lateness, waits.prompt = 2.0, frozenset({"load_clients"})
    waits.change("save_variables", clock)
    assert _waited(waits, clock, "save_variables", reads=False) == 0
    assert _waited(waits, clock, "message", reads=False) == pytest.approx(2.5)
    assert _waited(waits, clock, "get_variables", reads=True) == 0  # it shows by now
    waits.change("load_clients", clock)
    assert _waited(waits, clock, "message", reads=False) == 0
    waits.change("message", clock, is_refused=True)
    assert _waited(waits, clock, "callback", reads=False) == 0
    assert _waited(waits, clock, "get_history", reads=True) == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("action", "refused_only", "seconds"),
    [("message", False, 0), ("message", True, 2.5), ("remove_from_list", False, 2.5)],
)
def test_a_rule_with_clients_of_its_own_waits_for_no_other_rule_but_for_the_list(
    action: str, refused_only: bool, seconds: float
) -> None:
    waits, clock = Waits(), Clock()
    waits.lateness = 2.0
    waits.change(action, clock)
    waits.pending.forget(refused_only=refused_only)
    assert _waited(waits, clock, "get_clients", reads=True) == pytest.approx(seconds)


def test_what_shows_at_once_is_known_where_something_else_is_late() -> None:
    clock = Clock()
    server = LateLists(clock)
    profile = Profile(keys={"full": KEY}, clients=(1, 2), list_id=5)
    plan = Plan(URL, profile, consent="send", transport=httpx2.MockTransport(server), clock=clock)
    with Session(plan) as session:
        trial = Trial(session.wire, profile, plan.randomness("lateness"), clock)
        lateness, prompt = measured(trial, clock)
    assert lateness == pytest.approx(1, abs=0.5)
    assert prompt == {"message", "save_variables"}


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux can be asked to")
def test_the_headers_of_each_reply_are_acknowledged_at_once() -> None:
    options: Counter[tuple[int, ...]] = Counter()

    class Socket:
        def setsockopt(self, *option: int) -> None:
            options[option] += 1

    class Stream:
        def get_extra_info(self, name: str) -> Any:
            return Socket() if name == "socket" else None

    extensions = {"network_stream": Stream()}
    remote = Remote(*[httpx2.Response(200, content=json.dumps({}), extensions=extensions) for _ in range(3)])
    for _ in range(3):
        assert remote.wire.call("connected_channels").status == 200
    assert options == {(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1): 3}


class Late(StandIn):
    """What its calls do shows half a second after their replies.

    Attributes:
        looks: how often something was read.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.looks = 0
        self._clock = clock
        self._later: list[tuple[float, str, int, dict[str, Any]]] = []

    def _show(self) -> None:
        due = [each for each in self._later if each[0] <= self._clock.now]
        self._later = [each for each in self._later if each not in due]
        for _, name, client_id, said in due:
            getattr(StandIn, name)(self, client_id, said)

    def _message(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        if not said.get("message"):
            return super()._message(client_id, said)
        self._later.append((self._clock.now + 0.5, "_message", client_id, said))
        return 200, {"status": "success"}

    def _save_variables(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        self._later.append((self._clock.now + 0.5, "_save_variables", client_id, {"variables": {**said["variables"]}}))
        return 200, {"status": "success"}

    def _get_history(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        self.looks += 1
        self._show()
        return super()._get_history(client_id, said)

    def _get_variables(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        self.looks += 1
        self._show()
        return super()._get_variables(client_id, said)


def test_a_server_whose_effects_show_late_is_judged_like_one_that_shows_them_at_once() -> None:
    prompt, clock = _run(StandIn(), clock=Clock()), Clock()
    late = _run(Late(clock), clock=clock)
    assert {each.name: each.verdict for each in late.outcomes} == {each.name: each.verdict for each in prompt.outcomes}


class LateLists(StandIn):
    """A server of lists alone; who is added or removed shows as such a second after the reply."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._later: list[tuple[float, str, list[int]]] = []
        self._members: set[int] = set()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        action = request.url.path.rpartition("/")[2]
        said = json.loads(request.content or b"{}")
        if action in ("add_to_list", "remove_from_list"):
            self._later.append((self._clock.now + 1, action, said["clients"]))
            return httpx2.Response(200, json={"status": "success"})
        if action != "get_clients":
            return super().__call__(request)
        while self._later and self._later[0][0] <= self._clock.now:
            _, change, client_ids = self._later.pop(0)
            self._members = (set.union if change == "add_to_list" else set.difference)(self._members, client_ids)
        return httpx2.Response(200, json={"status": "success", "clients": [{"id": each} for each in self._members]})


def test_a_list_whose_members_show_late_is_waited_for() -> None:
    clock = Clock()
    profile = Profile(keys={"full": KEY}, clients=(1, 2), list_id=5)
    transport = httpx2.MockTransport(LateLists(clock))
    plan = Plan(URL, profile, consent="send", selection="RYW-20,RYW-21", transport=transport, clock=clock)
    assert {each.name: each.verdict for each in run(plan).outcomes} == {"RYW-20": Verdict.PASS, "RYW-21": Verdict.PASS}


class LateLooks(httpx2.BaseTransport):
    """A mock whose histories and variables show what a call did a second after its reply; each call takes 0.3 s."""

    def __init__(self, inner: httpx2.BaseTransport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._sent: list[tuple[float, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        response.read()
        self._clock.now += 0.3
        action = request.url.path.rpartition("/")[2]
        self._sent = [each for each in self._sent if each[0] > self._clock.now]
        client_id = request.url.params.get("client_id", "")
        hidden = " ".join(sent for _due, sent in self._sent if client_id in sent)
        if not response.is_success or not request.url.path.startswith("/api/"):
            return response
        data: dict[str, Any] = response.json() if action in ("get_history", "get_variables") else {}
        if action == "get_history":
            return httpx2.Response(
                200, json={**data, "result": [row for row in data["result"] if row["text"] not in hidden]}
            )
        if action == "get_variables":
            return httpx2.Response(200, json={name: value for name, value in data.items() if name not in hidden})
        self._sent.append((self._clock.now + 1, f"{request.url.params} {request.content.decode(errors='replace')}"))
        return response


@pytest.mark.parametrize("rule", ["TEN-1", "TEN-7"])
def test_a_project_is_no_less_isolated_where_effects_show_late(rule: str) -> None:
    clock = Clock()
    with Mock() as mock:
        profile = replace(mock_profile(mock.url, transport=mock.transport()), control=None, webhook=None)
        transport = LateLooks(mock.transport(), clock)
        plan = Plan(mock.url, profile, consent="send", selection=rule, transport=transport, clock=clock)
        with Session(plan) as session:
            outcomes = list(session.run_all())
            # Each was run anew, or after one that was, once it was known how late effects show.
            assert session.wire.waits.lateness > 0.5
    assert [(each.name, each.expected, each.got) for each in outcomes if each.verdict is not Verdict.PASS] == []


def test_whether_effects_show_late_is_measured_at_the_first_failure_alone() -> None:
    server, clock = Losing(), Clock()
    profile = Profile(keys={"full": KEY}, clients=(1, 2))
    plan = Plan(URL, profile, consent="send", transport=httpx2.MockTransport(server), clock=clock)
    [rule] = [each for each in all_rules() if each.id == "EQ-3"]
    called = []
    with Session(plan) as session:
        for _ in range(3):
            before = len(server.calls)
            assert session.run(rule, None).verdict is Verdict.FAIL
            called.append(len(server.calls) - before)
    assert called[0] > called[1] == called[2]
