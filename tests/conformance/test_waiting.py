"""What is delayed, on a server whose clock cannot be moved: the waits overlap and are bounded."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from tests.cli.support import run as run_command

from mavibot_conformance.plan import Plan, Target, UsageError, make_plan
from mavibot_conformance.rehearsal import rehearse
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import MockClock, mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Mock, Server, defects

from .stage import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAITING = [rule.id for rule in all_rules() if rule.waits]


class Waited:
    """A run against a mock that is not known to be one: its clock moves by the waits of the run.

    Its webhook leads to the address of the profile, as that of a staging server does, and each call takes a while.
    """

    def __init__(
        self,
        mock: Mock,
        selection: str,
        patience: float,
        *,
        zone: str = "+03:00",
        moment: float | None = None,
        seconds_a_call: float = 0.0,
        altered: Callable[[httpx2.Request], httpx2.Request] = lambda request: request,
        **options: Any,
    ) -> None:
        transport = mock.transport()
        profile = mock_profile(mock.url, transport=transport)
        with httpx2.Client(transport=transport) as client, reserved_address() as webhook:
            settings = {"time_zone": zone, "webhook_url": f"http://{webhook}/"}
            client.patch(f"{profile.control}/settings", json=settings).raise_for_status()
            if moment is not None:
                client.post(f"{profile.control}/clock/set", json={"to": moment}).raise_for_status()
            clock = MockClock(str(profile.control), transport=transport)
            known = {"control": None, "made": (), "patience": patience, "webhook": webhook, **options.pop("known", {})}

            def answer(request: httpx2.Request) -> httpx2.Response:
                if seconds_a_call:
                    clock.sleep(seconds_a_call)
                return transport.handle_request(altered(request))

            plan = Plan(
                mock.url,
                replace(profile, **known),
                consent="send",
                selection=selection,
                transport=httpx2.MockTransport(answer),
                clock=clock,
                **options,
            )
            self.results: Results = run(plan)
            self.seconds = clock.waited

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {each.name: each.verdict for each in self.results.outcomes}


@contextmanager
def reserved_address() -> Iterator[str]:
    """Yield host and port on which nothing listens, and which no other program is given meanwhile."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock() as mock:
        yield mock


@pytest.mark.heavy
def test_without_a_clock_the_rules_wait_and_their_waits_overlap(mock: Mock) -> None:
    waited = Waited(mock, ",".join(WAITING), patience=30)
    assert {name: each for name, each in waited.verdicts.items() if each is not Verdict.PASS} == {}
    assert len(waited.results.outcomes) >= 10
    assert 3 < waited.seconds < 30


def test_what_a_delayed_callback_has_not_saved_yet_is_told_as_json_has_it(mock: Mock) -> None:
    transport = mock.transport()
    plan = Plan(mock.url, mock_profile(mock.url, transport=transport), consent="send", transport=transport)
    [outcome] = run(replace(plan, selection="TIME-7")).outcomes
    assert (outcome.verdict, outcome.notes) == (Verdict.PASS, ["before it runs: null"])


def test_without_patience_nothing_is_waited_for(mock: Mock) -> None:
    waited = Waited(mock, ",".join(WAITING), patience=0)
    assert set(waited.verdicts.values()) == {Verdict.NOT_RUN}
    assert {each.reason for each in waited.results.outcomes} == {
        "the profile lacks control of a clock, and there is no --patience to wait"
    }
    assert (waited.seconds, waited.results.actions["message"]["calls"]) == (0, 0)


def test_patience_bounds_the_waits(mock: Mock) -> None:
    waited = Waited(mock, "TIME-1,TIME-8", patience=5)
    assert waited.verdicts == {"TIME-1": Verdict.PASS, "TIME-8": Verdict.NOT_RUN}
    [reason] = [each.reason for each in waited.results.outcomes if each.name == "TIME-8"]
    assert reason == "needs more patience than 5 s"
    assert waited.seconds <= 5


@pytest.mark.parametrize(
    ("defect", "rule"),
    [
        ("time-shift-ignored", "TIME-1"),
        ("time-shift-in-milliseconds", "TIME-1"),
        ("send-time-in-utc", "TIME-3"),
        ("shift-ignored", "TIME-5"),
        ("send-callback-ignores-time-shift", "TIME-9"),
        ("time-shift-lost-by-get", "TIME-10"),
        ("whatsapp-message-ignores-send-time", "TIME-11"),
        ("later-broadcast-all-at-once", "TIME-15"),
        ("later-file-lost", "TIME-16"),
        ("later-message-an-hour-old", "TIME-17"),
        ("later-message-told-at-once", "HOOK-16"),
        ("broadcast-told-at-once", "HOOK-16"),
        ("later-callback-told-at-once", "HOOK-16"),
    ],
)
def test_wrong_delays_are_found_by_waiting(defect: str, rule: str) -> None:
    with defects.applied(defect), Mock() as mock:
        verdicts = Waited(mock, rule, patience=30).verdicts.values()
    assert {Verdict.FAIL, Verdict.NON_STRICT} & {*verdicts}
    assert Verdict.ERROR not in verdicts


def test_a_delay_that_is_two_seconds_short_is_found_by_waiting(mock: Mock) -> None:
    def shortened(request: httpx2.Request) -> httpx2.Request:
        said = json.loads(request.content or b"{}")
        if "time_shift" not in said:
            return request
        return httpx2.Request("POST", request.url, json={**said, "time_shift": said["time_shift"] - 2})

    assert Waited(mock, "TIME-1", patience=5, altered=shortened).verdicts == {"TIME-1": Verdict.FAIL}
    assert Waited(mock, "TIME-1", patience=5).verdicts == {"TIME-1": Verdict.PASS}


@pytest.mark.heavy
def test_what_is_due_goes_on_while_others_have_yet_to_begin() -> None:
    with defects.applied("later-message-told-at-once"), Mock() as mock:
        waited = Waited(mock, ",".join(WAITING), patience=30, seconds_a_call=0.2)
    wrong = {name for name, verdict in waited.verdicts.items() if verdict is Verdict.FAIL}
    assert wrong == {"HOOK-16 message"}


def test_a_server_that_posts_nothing_is_one_finding(mock: Mock) -> None:
    waited = Waited(mock, "HOOK-1,HOOK-2,HOOK-5", patience=0, known={"webhook": "127.0.0.1:0"})
    [finding] = waited.results.findings
    assert finding.cause == "no event comes to the webhook address"
    assert finding.outcomes == ["HOOK-1", "HOOK-2", "HOOK-5"]


def test_an_address_that_is_taken_is_told(mock: Mock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        [outcome] = Waited(mock, "HOOK-1", patience=0, known={"webhook": address}).results.outcomes
    assert (outcome.verdict, outcome.in_scope) == (Verdict.NOT_RUN, False)
    assert outcome.reason == f"cannot listen on {address}: Address already in use"


@pytest.mark.heavy
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "-09:30"])
def test_send_time_is_in_the_zone_of_the_profile(zone: str, mock: Mock) -> None:
    right = Waited(mock, "TIME-3,TIME-11", patience=30, zone=zone, known={"time_zone": zone})
    assert right.verdicts == {"TIME-3": Verdict.PASS, "TIME-11": Verdict.PASS}
    wrong = Waited(mock, "TIME-3,TIME-11", patience=30, zone=zone, known={"time_zone": "Europe/Moscow"})
    # The document does not name the zone.
    assert wrong.verdicts == {"TIME-3": Verdict.NON_STRICT, "TIME-11": Verdict.NON_STRICT}


def test_a_send_time_that_is_ignored_altogether_is_a_matter_of_no_zone(mock: Mock) -> None:
    class WithoutIt(httpx2.BaseTransport):
        def __init__(self) -> None:
            self._inner = mock.transport()

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            url, content = request.url.copy_remove_param("send_time"), request.content.replace(b"send_time", b"unknown")
            headers = {name: value for name, value in request.headers.items() if name != "content-length"}
            return self._inner.handle_request(httpx2.Request(request.method, url, headers=headers, content=content))

    profile = replace(mock_profile(mock.url, transport=mock.transport()), control=None, patience=30)
    plan = Plan(mock.url, profile, consent="send", selection="TIME-11", transport=WithoutIt(), clock=Clock())
    [outcome] = run(plan).outcomes
    assert (outcome.verdict, outcome.expected) == (Verdict.FAIL, "what came at once, years before its time to be {}")


@pytest.mark.parametrize(("hour", "wrong"), [(1, "-09:30"), (23, "+13:00")])
def test_today_is_that_of_the_zone_of_the_profile(hour: int, wrong: str, mock: Mock) -> None:
    zone = "Asia/Tokyo"
    moment = datetime(2030, 3, 10, hour, tzinfo=ZoneInfo(zone)).timestamp()
    right = Waited(mock, "LIM-23", patience=0, zone=zone, moment=moment, known={"time_zone": zone})
    assert right.verdicts == {"LIM-23": Verdict.PASS}
    other = Waited(mock, "LIM-23", patience=0, zone=zone, moment=moment, known={"time_zone": wrong})
    assert other.verdicts == {"LIM-23": Verdict.NON_STRICT}


def test_what_no_waiting_shows_says_why(mock: Mock) -> None:
    clocked = [rule for rule in all_rules() if rule.family == "TIME" and "control" in rule.needs]
    assert [rule.id for rule in clocked] == ["TIME-6", "TIME-13", "TIME-14"]
    assert all(rule.no_waiting for rule in clocked)
    waited = Waited(mock, "TIME-13,TIME-14", patience=60)
    assert {each.reason for each in waited.results.outcomes} == {
        "the profile lacks control; waiting does not show half a second, which a call and its reply may take",
        "the profile lacks control; nobody waits for midnight",
    }


def test_a_plan_says_how_long_it_waits() -> None:
    profile = Profile(
        keys={"full": "k"}, clients=(25554,), channel={"client_type": 1, "group_id": "cnf_bot"}, patience=30
    )
    plan = Plan("https://staging.example", profile, consent="send", selection="TIME-1,TIME-7")
    with Server() as server:
        rehearsed = list(rehearse(plan, server.url))
    assert [each.outcome.verdict for each in rehearsed] == [Verdict.PASS, Verdict.PASS]
    assert 3 < rehearsed[-1].waited < 10


def test_a_real_second_passes_where_no_clock_is_given() -> None:
    with Server() as server:
        profile = replace(mock_profile(server.url), control=None, made=(), patience=20)
        begun = time.monotonic()
        results = run(Plan(server.url, profile, consent="send", selection="TIME-7"))
    assert [each.verdict for each in results.outcomes] == [Verdict.PASS]
    assert time.monotonic() - begun > 3


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("45", 45), ("2m", 120), ("60m", 3600)])
def test_patience_is_a_time(text: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", "k")
    assert make_plan(Target(url="https://staging.example", patience=text)).profile.patience == seconds


@pytest.mark.parametrize("text", ["long", "61m", "3601", "-5", "1.5s"])
def test_another_patience_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", "k")
    with pytest.raises(UsageError, match="patience: give a time such as 30s or 2m, an hour at most"):
        make_plan(Target(url="https://staging.example", patience=text))


def test_the_command_says_what_its_plan_waits_for() -> None:
    done = run_command(
        *("conformance", "https://staging.example", "--plan", "--rules", "TIME-7", "--patience", "30s"),
        *("--clients", "25554", "--allow-effects", "send", "--confirm-host", "staging.example"),
        key="k",
    )
    assert "s of waiting for what is delayed" in done.stdout


def test_an_interrupted_run_leaves_no_thread_behind(mock: Mock) -> None:
    class Interrupted:
        """A clock on which the first wait is Ctrl-C."""

        def time(self) -> float:
            return time.time()

        def monotonic(self) -> float:
            return time.monotonic()

        def sleep(self, seconds: float, /) -> None:
            raise KeyboardInterrupt

    transport = mock.transport()
    profile = mock_profile(mock.url, transport=transport)
    with httpx2.Client(transport=transport) as client, reserved_address() as webhook:
        settings = {"webhook_url": f"http://{webhook}/"}
        client.patch(f"{profile.control}/settings", json=settings).raise_for_status()
        profile = replace(profile, control=None, made=(), patience=60, webhook=webhook)
        plan = Plan(mock.url, profile, consent="send", selection="HOOK-16", transport=transport, clock=Interrupted())
        before = threading.active_count()
        with pytest.raises(KeyboardInterrupt):
            run(plan)
        # A suspended rule would keep its receiver and thread, and at the end the process would wait for them for ever.
        assert threading.active_count() == before
