"""What failed for one cause is one finding."""

from __future__ import annotations

import httpx2
import pytest

import mavibot_contract
from mavibot_conformance.findings import find
from mavibot_conformance.plan import Plan
from mavibot_conformance.reports.html import page
from mavibot_conformance.results import Conclusion, Outcome, Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.suite import run
from mavibot_conformance.target.profile import Profile

_ACTIONS = tuple(mavibot_contract.load().actions)[:9]


def _failed(action: str, got: str = "200 {}") -> Outcome:
    return Outcome("AUTH-1", action, Verdict.FAIL, expected=f"{action} to be refused", got=got)


def test_a_rule_that_fails_alike_for_many_actions_is_one_finding() -> None:
    [finding] = find([_failed(action, f'200 {{"of": "{action}"}}') for action in _ACTIONS])
    assert (finding.cause, finding.kind) == ("AUTH-1 for 9 actions", "fail")
    assert finding.outcomes == [f"AUTH-1 {action}" for action in _ACTIONS]


def test_copies_are_one_finding_that_names_the_actions() -> None:
    copies = [_failed(each, f'200 {{"{each}": "cnf{each[:3]}", "id": {len(each)}}}') for each in _ACTIONS[:2]]
    [finding] = find(copies)
    assert (finding.cause, finding.outcomes) == (
        f"AUTH-1 for {', '.join(_ACTIONS[:2])}",
        [each.name for each in copies],
    )


@pytest.mark.parametrize("count", [1, 8])
def test_a_few_that_merely_begin_alike_stand_alone(count: int) -> None:
    alike = [_failed(action, f"200 {'x' * place}") for place, action in enumerate(_ACTIONS[:count])]
    assert [each.cause for each in find(alike)] == [f"AUTH-1 {action}" for action in _ACTIONS[:count]]


def test_a_number_that_is_all_that_was_got_tells_failures_apart() -> None:
    assert len(find([_failed(action, str(place)) for place, action in enumerate(_ACTIONS[:3])])) == 3


def test_a_valid_call_is_the_example_of_what_several_rules_met() -> None:
    cause = "message breaks: 500"
    odd = Outcome("AUTH-1", "message", Verdict.FAIL, expected="message to be refused", got="500", cause=cause)
    plain = Outcome("RYW-10", None, Verdict.FAIL, expected="message to succeed", got="500", cause=cause)
    [finding] = find([odd, plain])
    assert finding.outcomes == ["RYW-10", "AUTH-1 message"]


def test_what_fails_otherwise_stands_alone() -> None:
    different = [_failed(action, f"{500 + place} {{}}") for place, action in enumerate(_ACTIONS)]
    assert len(find(different)) == len(_ACTIONS)
    known = [Outcome("AUTH-1", "message", Verdict.FAIL, known="a ticket", expected="x", got="y")]
    assert sorted(each.kind for each in find([*different, *known])) == ["fail"] * 9 + ["known"]


def test_a_run_in_which_nothing_succeeds_proves_nothing() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        is_known = "/known-key-of-the-run/" in request.url.path
        status, text = (404, "client_not_found") if is_known else (401, "fail")
        return httpx2.Response(status, json={"status": text, "of": request.url.path.rpartition("/")[2]})

    profile = Profile(keys={"full": "known-key-of-the-run"}, clients=(1,), actions=("message", "callback"))
    transport = httpx2.MockTransport(answer)
    results = run(Plan("http://127.0.0.1:9", profile, consent="send", selection="AUTH-1", transport=transport))
    assert {each.verdict for each in results.outcomes if each.in_scope} == {Verdict.PASS}
    assert results.conclusion is Conclusion.INCONCLUSIVE
    assert "no action ever succeeded" in results.reasons


def test_the_page_folds_what_is_one_finding() -> None:
    outcomes = [_failed(action) for action in _ACTIONS]
    rules = [rule.as_record() for rule in all_rules() if rule.id == "AUTH-1"]
    html = page(Results(rules=rules, outcomes=outcomes, findings=find(outcomes)))
    assert html.count("AUTH-1 for 9 actions: 8 more, 0 blocked") == 1
    assert all(f'id="AUTH-1-{action}"' in html for action in _ACTIONS)
