"""Test clients are made and deleted several in one call, where the server shows that it makes each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.session import Session
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Mock

#: Rules that take some thirty clients in all.
_RULES = "EACH-1,EACH-5,FIND-4,RYW-1,RYW-2,RYW-3,RYW-4,RYW-5,RYW-6,PRI-1,PRI-3,PRI-8,OPT-5,TOL-1,TOL-5"


class Watched(httpx2.BaseTransport):
    """Passes calls on to a mock in this process, and answers imports in another way.

    Args:
        mock: the mock.
        answer: makes another reply of the ids that were asked for and made.

    Attributes:
        sizes: how many clients each import asked for.
        deletions: how many clients each call deleted.
        made: ids of all clients that were made.
        deleted: those that were deleted.
    """

    def __init__(self, mock: Mock, answer: Callable[[list[Any]], None] = lambda _items: None) -> None:
        self._inner = mock.transport()
        self._answer = answer
        self.sizes: list[int] = []
        self.deletions: list[int] = []
        self.made: set[int] = set()
        self.deleted: set[int] = set()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        action, body = request.url.path.rpartition("/")[2], request.read()
        response = self._inner.handle_request(request)
        if action == "load_clients":
            reply = json.loads(response.read())
            self.sizes.append(len(reply["items"]))
            self.made |= {each["id"] for each in reply["items"]}
            self._answer(reply["items"])
            return httpx2.Response(200, json=reply)
        if action == "delete_clients":
            gone = json.loads(body)["client_ids"]
            self.deletions.append(len(gone))
            self.deleted |= {*gone}
        return response


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock() as mock:
        yield mock


def _plan(mock: Mock, transport: httpx2.BaseTransport, selection: str = _RULES) -> Plan:
    # Not a project of the run's own, which would be deleted as a whole.
    profile = replace(mock_profile(mock.url, transport=mock.transport()), made=())
    return Plan(mock.url, profile, consent="send", selection=selection, transport=transport)


def _missed(results: Results) -> list[str]:
    return [each.name for each in results.outcomes if each.verdict is not Verdict.PASS]


def test_clients_are_made_and_deleted_several_in_one_call(mock: Mock) -> None:
    server = Watched(mock)
    assert _missed(run(_plan(mock, server))) == []
    assert len(server.made) > 30
    assert len(server.sizes) < len(server.made) / 3
    assert len(server.deletions) <= 2
    assert server.deleted == server.made


def test_a_single_rule_makes_no_more_clients_than_it_needs(mock: Mock) -> None:
    server = Watched(mock)
    run(_plan(mock, server, "RYW-2"))
    assert len(server.made) == sum(server.sizes) <= 3
    assert server.deleted == server.made


def _one_for_all(items: list[Any]) -> None:
    for item in items:
        item["id"] = items[0]["id"]


def _unknown_ones(items: list[Any]) -> None:
    for item in items[1:]:
        item["id"] += 10**6


def _fewer(items: list[Any]) -> None:
    del items[4:]


@pytest.mark.parametrize("answer", [_one_for_all, _unknown_ones, _fewer])
def test_where_not_each_of_several_is_made_each_rule_makes_its_own(
    answer: Callable[[list[Any]], None], mock: Mock
) -> None:
    few = 3  # no rule of these asks for more

    def answer_for_many(items: list[Any]) -> None:
        if len(items) > few:
            answer(items)

    server = Watched(mock, answer_for_many)
    selection = _RULES.removeprefix("EACH-1,EACH-5,FIND-4,")
    assert _missed(run(_plan(mock, server, selection))) == []
    assert sum(each > few for each in server.sizes) == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_nobody_is_left_behind_by_a_run_that_is_cut_short(end: type[BaseException], mock: Mock) -> None:
    server, outcomes = Watched(mock), []

    def cut(outcome: Any) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 12:
            raise end

    with pytest.raises(end):
        run(_plan(mock, server), on_outcome=cut)
    assert len(server.made) > 20
    assert server.deleted == server.made


def test_whoever_was_ready_during_a_broadcast_is_handed_to_no_rule(mock: Mock) -> None:
    server = Watched(mock)
    plan = _plan(mock, server, "RYW-1,RYW-2,RYW-3,RYW-4,RYW-5,RYW-6,PRI-5,TOL-1")
    with Session(plan) as session:
        for rule, action in plan.cases():
            assert session.run(rule, action).verdict is Verdict.PASS
            named = {
                int(each) for call in session.exchanges for each in re.findall(r'"client_id": (\d+)', call.sent or "")
            }
            if rule.id == "PRI-5":
                before = {*server.made}
    assert named
    assert named.isdisjoint(before)
