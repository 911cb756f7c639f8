"""The protocol rules: silent on the clean mock, the same for the same seed, and each defect is found by its rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

import mavibot_contract
from mavibot import Mavibot
from mavibot_conformance.assumptions import texts
from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Conclusion, Results, Verdict
from mavibot_conformance.rules.rule import FAMILIES, Level, Rule, all_rules, chosen
from mavibot_conformance.session import Session
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Mock, Server, defects

_PROJECT = Path(__file__).parents[2]
_DATA = _PROJECT / "tests" / "data"
_KILLERS: dict[str, list[str]] = json.loads((_DATA / "defect-killers.json").read_text(encoding="utf-8"))
#: Which of the foreign defects the rules found that there were when these were written; it never changes.
_FIRST_SIGHT: dict[str, Any] = json.loads((_DATA / "first-sight.json").read_text(encoding="utf-8"))
_KINDS_OF_SOURCE = (
    "document",
    "vendor's Russian document",
    "public integration",
    "recorded reply",
    "assumption",
    "every HTTP server",
)


@pytest.fixture(scope="module")
def clean() -> Results:
    """One run of all rules over the mock as it is."""
    with Server() as server:
        return run(Plan(server.url, mock_profile(server.url), consent="send"))


@pytest.mark.heavy
def test_the_clean_mock_is_silent(clean: Results) -> None:
    noisy = [
        (each.rule, each.action, each.expected, each.got)
        for each in clean.outcomes
        if each.verdict in (Verdict.FAIL, Verdict.NON_STRICT)
    ]
    assert noisy == []


@pytest.mark.heavy
def test_every_rule_is_decided_on_the_mock(clean: Results) -> None:
    assert [(each.rule, each.reason) for each in clean.outcomes if each.verdict is Verdict.NOT_RUN] == []
    assert {each.rule for each in clean.outcomes} == {rule.id for rule in all_rules()}


@pytest.mark.heavy
def test_every_action_succeeds_on_the_mock(clean: Results) -> None:
    assert clean.conclusion is Conclusion.CONFORMS
    assert [action for action, seen in clean.actions.items() if not seen["successes"]] == []


@pytest.mark.heavy
def test_the_mock_keeps_every_assumption_that_a_rule_settles(clean: Results) -> None:
    settled = {pointer for rule in all_rules() for pointer in rule.assumptions}
    found = {each.pointer: each.verdict for each in clean.assumptions}
    assert {pointer: found[pointer] for pointer in settled} == dict.fromkeys(settled, "confirmed")


@pytest.mark.heavy
def test_the_matrix_of_permissions_holds_every_action_and_key(clean: Results) -> None:
    keys = {"clients:read", "clients:write", "clients:delete", "crm:read", "crm:write", "none"}
    seen = {(each["action"], each["key"]) for each in clean.permissions}
    assert seen == {(action, key) for action in mavibot_contract.load().actions for key in keys}


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    assert rule.family in FAMILIES
    assert rule.title.endswith(".")
    assert rule.source.startswith(_KINDS_OF_SOURCE)
    assert set(rule.assumptions) <= texts().keys()
    # What no source states cannot be binding.
    assert not (rule.source.startswith("assumption") and rule.level is Level.MUST)


@pytest.mark.parametrize("name", ["openapi/DISCREPANCIES.md", "docs/reference/live-server.md"])
def test_the_rules_that_the_docs_name_exist(name: str) -> None:
    text = (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
    named = set(re.findall(rf"\b(?:{'|'.join(FAMILIES)})-\d+\b", text))
    assert named
    assert named <= {rule.id for rule in all_rules()}


def test_each_discrepancy_says_what_settles_it() -> None:
    text = (Path(__file__).parents[2] / "openapi" / "DISCREPANCIES.md").read_text(encoding="utf-8")
    rows = [line.rstrip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| D-\d+ \|", line)]
    form = r"nothing: .+|(no rule yet|[A-Z]+-\d+(, [A-Z]+-\d+)*); traffic: (yes|no)"
    assert [row[0] for row in rows if not re.fullmatch(form, row[-1])] == []


def test_there_are_rules_of_every_family() -> None:
    assert {rule.family for rule in all_rules()} == set(FAMILIES)
    assert len(all_rules()) >= 70


@pytest.mark.parametrize("selection", ["EQ-999", "NOPE", "RYW-1,NOPE"])
def test_an_unknown_rule_is_named(selection: str) -> None:
    with pytest.raises(ValueError, match=selection.rsplit(",", maxsplit=1)[-1]):
        chosen(selection)


@pytest.mark.heavy
def test_the_same_seed_makes_the_same_requests() -> None:
    def requests(seed: int) -> list[Any]:
        with Server() as server:
            plan = Plan(
                server.url, mock_profile(server.url), consent="send", seed=seed, selection="RYW,PRI,FIND-1,LIM-3"
            )
            sent: list[Any] = []
            with Session(plan) as session:
                for rule, action in plan.cases():
                    session.run(rule, action)
                    sent += [(each.method, *urlsplit(each.url)[2:4], each.sent) for each in session.exchanges]
            return sent

    first = requests(1)
    assert len(first) > 200
    assert requests(1) == first
    assert requests(2) != first


@pytest.mark.heavy
def test_clients_with_a_past_stand_in_where_none_can_be_made() -> None:
    with Mock() as mock:
        transport = mock.transport()
        profile = mock_profile(mock.url, transport=transport)
        with Mavibot(profile.keys["full"], base_url=mock.url, transport=transport) as bot:
            made = bot.load_clients(clients=[{**(profile.channel or {}), "platform_id": f"77{n}"} for n in range(12)])
            clients = tuple(item.id for item in made.items if isinstance(item.id, int))
            for client_id in clients:
                bot.message(client_id=client_id, message="before")
                bot.save_variables(client_id=client_id, variables={"client.city": "Oslo", "size": "L"})
                bot.create_order(client_id=client_id, name="old")
        known = replace(profile, channel=None, clients=clients)
        results = run(Plan(mock.url, known, consent="send", transport=transport))
    assert [each.name for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.NON_STRICT)] == []
    assert [each.name for each in results.outcomes if each.verdict is Verdict.ERROR] == []
    assert results.conclusion is Conclusion.CONFORMS


def test_a_rule_is_not_run_for_those_actions_alone_whose_input_is_lacking() -> None:
    with Mock() as mock:
        transport = mock.transport()
        whole = mock_profile(mock.url, transport=transport)
        known = Profile(keys={"full": whole.keys["full"]}, clients=whole.clients)
        plan = Plan(mock.url, known, consent="send", selection="ERR-5,RYW-16,TIME-2,TIME-4,LIM-6")
        for _ in range(2):  # the second time the client has a past
            results = run(replace(plan, transport=transport))
            passed = {each.name for each in results.outcomes if each.verdict is Verdict.PASS}
            lacking = {each.name: each.reason for each in results.outcomes if each.verdict is Verdict.NOT_RUN}
            assert passed | lacking.keys() == {each.name for each in results.outcomes}
            assert passed >= {"TIME-2", "TIME-4", "LIM-6", "ERR-5 message", "RYW-16 message"}
            assert lacking["ERR-5 add_to_list"] == "the profile lacks list_id"
            assert lacking["RYW-16 whatsapp_message"] == "the profile names no channel in groups.whatsapp"


def _without_alias(url: httpx2.URL, _: dict[str, Any]) -> httpx2.URL | None:
    return url.copy_remove_param("value_client_id")


def _a_day_less(url: httpx2.URL, _: dict[str, Any]) -> httpx2.URL | None:
    first, last = url.params.get("start_date"), url.params.get("stop_date")
    if last is None or last == first:
        return url
    return url.copy_set_param("stop_date", (datetime.strptime(last, "%d.%m.%Y") - timedelta(1)).strftime("%d.%m.%Y"))


def _numbers_only(url: httpx2.URL, body: dict[str, Any]) -> httpx2.URL | None:
    return None if isinstance(body.get("client_id"), str) else url


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda url, _: url, {}),
        (_without_alias, {"EQ-4 callback": Verdict.FAIL, "EQ-4 message": Verdict.FAIL}),
        (_a_day_less, {"LIM-23": Verdict.NON_STRICT}),
        (_numbers_only, {"TOL-4": Verdict.FAIL}),
    ],
    ids=["none", "an alias in the address is lost", "the last day is lost", "ids as text are refused"],
)
def test_faults_that_show_with_any_client_are_found_by_test_clients_alone(
    fault: Callable[[httpx2.URL, dict[str, Any]], httpx2.URL | None], found: dict[str, Verdict]
) -> None:
    with Mock() as mock:
        whole = mock_profile(mock.url, transport=mock.transport())
        inner = mock.transport()

        def answer(request: httpx2.Request) -> httpx2.Response:
            content = request.read()
            url = fault(request.url, json.loads(content) if content[:1] == b"{" else {})
            if url is None:
                return httpx2.Response(400, json={"status": "fail", "message": "client_id: not a number"})
            sent = httpx2.Request(request.method, url, headers=request.headers, content=content)
            return inner.handle_request(sent)

        known = Profile(keys={"full": whole.keys["full"]}, clients=whole.clients)
        plan = Plan(
            mock.url,
            known,
            consent="send",
            selection="EQ-4,LIM-23,TOL-4",
            transport=httpx2.MockTransport(answer),
        )
        results = run(plan)
    missed = {each.name: each.verdict for each in results.outcomes if each.in_scope and each.verdict != Verdict.PASS}
    assert missed == found


def test_every_defect_has_its_killers() -> None:
    assert list(_KILLERS) == defects.names()
    # No source says which of two equal keys counts, so that no rule may call one of them wrong.
    assert [name for name, rules in _KILLERS.items() if not rules] == ["duplicate-keys-take-the-first"]


def test_the_figure_of_the_first_sight_is_that_of_its_data() -> None:
    killed, survived = _FIRST_SIGHT["killed"], _FIRST_SIGHT["survived"]
    assert sorted([*killed, *survived]) == sorted(defects.names("foreign"))
    shoulds = sum("MUST" not in rules.values() for rules in killed.values())
    all_of_them = len(killed) + len(survived)
    said = f"{len(killed)} of {all_of_them} were found at first sight, {shoulds} of them by a SHOULD alone"
    assert said in " ".join((_PROJECT / "docs/guides/conformance.md").read_text(encoding="utf-8").split())


@pytest.mark.heavy
@pytest.mark.parametrize("name", [name for name, rules in _KILLERS.items() if rules])
def test_a_defect_is_found(name: str) -> None:
    rules = _KILLERS[name]
    with defects.applied(name), Mock() as mock:
        transport = mock.transport()
        profile = mock_profile(mock.url, transport=transport)
        results = run(Plan(mock.url, profile, consent="send", transport=transport, selection=",".join(rules)))
    found = {each.rule for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.NON_STRICT)}
    assert [(each.name, each.reason) for each in results.outcomes if each.verdict is Verdict.ERROR] == []
    assert found == set(rules)
