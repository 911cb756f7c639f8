"""Replies that lack what a rule looks for: a finding of the server, never an error of the suite."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, Final

import httpx2
import pytest

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Conclusion, Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.rules.trial import FailedError, Trial
from mavibot_conformance.suite import run
from mavibot_conformance.target.exchange import MissingError
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.shape import reply_problem
from mavibot_mock import Mock

from .stage import Altering, Clock, Remote

#: The rules that create clients by themselves.
_IMPORTS: Final = ",".join(rule.id for rule in all_rules() if "load_clients" in rule.actions)


def _without_items(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _without_items(value) for name, value in data.items()}
    return [] if isinstance(data, list) else data


def _without_keys(data: Any) -> Any:
    return [_without_keys(each) for each in data] if isinstance(data, list) else {} if isinstance(data, dict) else data


def _bare(_: Any) -> Any:
    return {"status": "success"}


def _poorer(response: httpx2.Response, change: Callable[[Any], Any]) -> httpx2.Response:
    """Return a reply of which, if it is one of success, only a part is left."""
    if response.headers.get("content-type") != "application/json" or not response.is_success:
        return response
    return httpx2.Response(response.status_code, json=change(response.json()))


def _run(change: Callable[[Any], Any], is_poor: Callable[[str], bool], selection: str | None = None) -> Results:
    with Mock() as mock:
        profile = mock_profile(mock.url, transport=mock.transport())
        transport = Altering(mock.transport(), is_poor, lambda response: _poorer(response, change))
        return run(Plan(mock.url, profile, consent="send", selection=selection, transport=transport, clock=Clock()))


def _errors(results: Results) -> list[tuple[str, str | None]]:
    return [(each.name, each.reason) for each in results.outcomes if each.verdict is Verdict.ERROR]


@pytest.mark.heavy
@pytest.mark.parametrize("change", [_without_items, _without_keys, _bare])
def test_no_rule_breaks_on_poor_replies(change: Callable[[Any], Any]) -> None:
    # Without clients most rules end before they look at anything.
    results = _run(change, lambda action: action != "load_clients")
    assert _errors(results) == []
    assert {each.rule for each in results.outcomes} == {rule.id for rule in all_rules()}
    assert results.conclusion is Conclusion.DEVIATES


@pytest.mark.heavy
@pytest.mark.parametrize("change", [_without_items, _without_keys, _bare])
def test_no_rule_breaks_on_a_poor_import(change: Callable[[Any], Any]) -> None:
    results = _run(change, lambda action: action == "load_clients", _IMPORTS)
    assert _errors(results) == []
    assert results.conclusion is Conclusion.DEVIATES


def test_a_missing_item_is_named() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        is_history = request.url.path.endswith("/get_history")
        return httpx2.Response(200, json={"status": "success", **({"result": []} if is_history else {})})

    profile = Profile(keys={"full": "k"}, clients=(1,))
    transport = httpx2.MockTransport(answer)
    selection = "RYW-11,TOL-1,TOL-2"
    plan = Plan("http://127.0.0.1:9", profile, consent="send", selection=selection, transport=transport, clock=Clock())
    results = run(plan)
    assert [(each.rule, each.verdict, each.expected) for each in results.outcomes] == [
        (rule_id, verdict, "the reply of get_history to hold item 1 of 'result'")
        for rule_id, verdict in (
            ("RYW-11", Verdict.FAIL),
            ("TOL-1", Verdict.NON_STRICT),
            ("TOL-2", Verdict.NON_STRICT),
        )
    ]
    assert {each.cause for each in results.findings} == {"get_history lacks item 1 of 'result'"}


def test_a_reply_of_another_shape_that_many_rules_need_is_one_finding() -> None:
    results = _run(lambda data: [data], lambda action: action == "get_history", "EQ-1,AGAIN-2,RYW-11")
    [finding] = results.findings
    assert finding.cause == "get_history does not return a list under 'result'"
    assert {"EQ-1 message", "EQ-1 callback", "AGAIN-2 message"} <= {*finding.blocked}
    assert finding.outcomes == ["RYW-11"]
    assert results.conclusion is Conclusion.DEVIATES


def test_of_two_long_values_the_difference_is_told() -> None:
    trial = Trial(Remote().wire, Profile(keys={"full": "k"}), random.Random(1))
    wanted = [str(number) for number in range(1000)]
    found = [*wanted[:600], "odd", *wanted[600:]]
    with pytest.raises(FailedError) as failed:
        trial.equal(found, wanted, "the list")
    assert "odd" in failed.value.got
    assert '"599", "600"' in failed.value.expected
    assert len(failed.value.got) < 310
    with pytest.raises(FailedError, match=re.escape("expected who is there to be [1, 2], got [2]")):
        trial.equal({2}, {1, 2}, "who is there")


def test_the_reason_why_a_reply_is_wrong_stands_before_the_reply() -> None:
    row = {"id": "1"}
    problem = str(reply_problem("get_clients", "GET", {"status": "success", "clients": [row] * 6000, "x": "y" * 9999}))
    assert problem.startswith("clients: the value has more than 500 items: [{")
    assert len(problem) < 400


@pytest.mark.parametrize(("index", "says"), [(0, "item 1 of 'clients'"), (2, "item 3 of 'clients'"), (-1, "the last")])
def test_a_rule_that_takes_an_item_that_is_not_there(index: int, says: str) -> None:
    with Mock() as mock:
        profile = mock_profile(mock.url, transport=mock.transport())
        transport = Altering(mock.transport(), bool, lambda response: _poorer(response, _without_items))
        plan = Plan(mock.url, profile, consent="send", transport=transport)
        wire = plan.wire(plan.guard())
        data = wire.call("get_clients").data
        with pytest.raises(MissingError, match=says) as missing:
            data["clients"][index]
    assert missing.value.exchange.action == "get_clients"
    assert data["clients"][:1] == []


@pytest.mark.heavy
@pytest.mark.parametrize("reply", [[[]], "<p>not here</p>", None])
def test_what_a_reply_of_another_shape_breaks_is_few_findings(reply: Any) -> None:
    results = _run(lambda _: reply, lambda action: action == "get_history", "RYW,EQ,TOL")
    assert _errors(results) == []
    failed = [each for each in results.findings if each.kind == "fail"]
    assert {each.cause for each in failed} <= {
        "get_history does not return a list under 'result'",
        'get_history has another shape: the reply: the value is not of type "object"',
    }
    assert sum(len(each.outcomes) + len(each.blocked) for each in failed) > 30


@pytest.mark.heavy
@pytest.mark.parametrize("wrap", [lambda data: {"client": {"id": 5, "variables": data}}, lambda data: [data]])
def test_what_wraps_the_variables_decides_nothing_that_only_integrators_show(wrap: Callable[[Any], Any]) -> None:
    results = _run(wrap, lambda action: action == "get_variables", "RYW,EQ,EACH,AGAIN,SHAPE-1")
    assert [each for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.ERROR)] == []
    undecided = [each for each in results.outcomes if "get_variables answers in a form of its own" in str(each.reason)]
    assert len(undecided) > 10
    assert [each.action for each in results.outcomes if each.verdict is Verdict.NON_STRICT] == ["get_variables"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: {"status": "success", "variables": data},
        lambda data: {"success": True, "result": data},
        lambda data: {"variables": {**data, "cnf_object": {"a": 1}}},
    ],
)
def test_variables_are_read_from_an_object_around_them(wrap: Callable[[Any], Any]) -> None:
    selection = "RYW-6,RYW-13,EACH-1,AGAIN-3,EQ-5,TEN-1,SHAPE-1"
    results = _run(wrap, lambda action: action == "get_variables", selection)
    assert [each.name for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.ERROR)] == []
    assert [each.name for each in results.outcomes if each.verdict is Verdict.NON_STRICT] == ["SHAPE-1 get_variables"]
    assert not any("form of its own" in str(each.reason) for each in results.outcomes)
