"""A server with some of the actions: a rule is run for what there is, and finds what it finds elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Final

import httpx2
import pytest

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Outcome, Verdict
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Mock, defects

from .stage import Altering, Clock

_TALK: Final = (
    "message",
    "callback",
    "email_callback",
    "get_history",
    "clear_history",
    "save_variables",
    "get_variables",
)
_BULK: Final = ("load_clients", "broadcast", "get_history")
_DEALS: Final = ("load_clients", "create_order")
_FIND: Final = ("load_clients", "get_clients", "save_variables", "get_variables")


def _outcomes(actions: tuple[str, ...], selection: str, *, is_listed: bool = True) -> dict[str, Outcome]:
    """Return the outcomes of rules on a mock of which only some actions are called."""
    with Mock() as mock:
        transport = mock.transport()
        profile = mock_profile(mock.url, transport=transport)
        known = replace(profile, actions=actions, list_id=profile.list_id if is_listed else None)
        results = run(Plan(mock.url, known, consent="send", transport=transport, selection=selection))
    return {each.name: each for each in results.outcomes}


def test_a_broadcast_to_everybody_fails_though_it_need_not_be_refused() -> None:
    with defects.applied("broadcast-without-target-goes-to-all"):
        outcome = _outcomes(("load_clients", "broadcast", "get_history"), "PRI-6")["PRI-6"]
    assert outcome.verdict is Verdict.FAIL
    assert outcome.expected == "how often a broadcast without a target reaches a client to be 0"


@pytest.mark.parametrize(
    ("defect", "actions", "name"),
    [
        ("latest-client-without-deals", (*_FIND, "find_latest_client_id_by_var"), "FIND-26"),
        ("latest-client-is-the-first", (*_FIND, "find_latest_client_id_by_var"), "FIND-10"),
        ("part-of-a-value-found", (*_FIND, "find_all_client_id_by_var"), "FIND-24"),
        ("search-in-ignored", (*_FIND, "find_clients"), "FIND-5"),
        ("search-in-ignored-by-var", (*_FIND, "find_client_id_by_var"), "FIND-11"),
        ("clearing-takes-the-variables", _TALK, "RYW-55"),
        ("history-cleared-once-only", _TALK, "AGAIN-5"),
        ("webhook-message-id-is-the-messages", ("load_clients", "message"), "HOOK-12"),
        ("two-extra-parameters-are-saved", (*_FIND, "email_callback"), "EACH-10 email_callback"),
        ("nothing-saved-for-a-client-id-as-text", ("load_clients", "save_variables", "get_variables"), "TOL-4"),
        # A message is written by a broadcast.
        ("history-one-too-many", _BULK, "LIM-5"),
        ("limit-ignored-in-a-period", _BULK, "OPT-7"),
        ("history-of-everybody-cleared", (*_BULK, "clear_history"), "RYW-14"),
        ("history-cleared-once-only", (*_BULK, "clear_history"), "AGAIN-5"),
        # Test clients of the profile stand in for people who are imported.
        ("extra-of-tg-callback-lost", ("tg_callback", "get_variables"), "EACH-10 tg_callback"),
        ("find-clients-in-all-projects", ("callback", "find_clients"), "TEN-2 find_clients"),
        # A variable is seen by a search, and saved by a callback.
        ("search-in-ignored", ("load_clients", "save_variables", "find_clients"), "FIND-5"),
        ("search-in-ignored-by-var", ("load_clients", "save_variables", "find_client_id_by_var"), "FIND-11"),
        (
            "latest-client-without-deals",
            ("load_clients", "save_variables", "find_client_id_by_var", "find_latest_client_id_by_var"),
            "FIND-26",
        ),
        ("extra-of-whatsapp-callback-lost", ("load_clients", "whatsapp_callback", "find_clients"), "RYW-18"),
        ("second-save-of-a-variable-lost", ("load_clients", "save_variables", "find_clients"), "RYW-4"),
        ("part-of-a-value-found", ("load_clients", "callback", "find_all_client_id_by_var"), "FIND-24"),
        ("deal-variable-set-once-only", (*_DEALS, "set_order_vars", "get_variables"), "RYW-31"),
        # A callback is seen by the variable that it saves, a deal as the current one, a list by who is written to.
        ("delimiter-of-two-keys-only", ("load_clients", "callback", "get_variables"), "EQ-8"),
        ("callback-by-get-does-nothing", ("load_clients", "callback", "get_variables"), "EQ-1 callback"),
        ("create-order-by-phone-before-client-id", (*_DEALS, "get_orders"), "PRI-1"),
        ("create-order-by-email-before-phone", (*_DEALS, "save_variables", "get_current_order_id"), "PRI-1"),
    ],
)
def test_a_defect_is_found_without_the_actions_that_have_no_part_in_it(
    defect: str, actions: tuple[str, ...], name: str
) -> None:
    rule = name.split(maxsplit=1)[0]
    with defects.applied(defect):
        outcome = _outcomes(actions, rule, is_listed=False)[name]
    assert (outcome.verdict, outcome.reason) == (Verdict.FAIL, None)
    passed = _outcomes(actions, rule, is_listed=False)[name]
    assert (passed.verdict, passed.expected, passed.got) == (Verdict.PASS, None, None)


@pytest.mark.parametrize(
    ("defect", "name"), [("one-client-is-taken-off-a-list", "EACH-4"), ("remove-from-list-empties-it", "RYW-21")]
)
def test_who_is_on_a_list_is_seen_by_whom_a_broadcast_reaches(defect: str, name: str) -> None:
    actions = (*_BULK, "add_to_list", "remove_from_list")
    with defects.applied(defect):
        outcome = _outcomes(actions, name)[name]
    assert outcome.verdict is Verdict.FAIL
    assert _outcomes(actions, name)[name].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("defect", "verdict"), [(None, Verdict.PASS), ("check-whatsapp-wants-bare-digits", Verdict.FAIL)]
)
def test_notations_of_a_number_are_compared_without_one_of_the_profile(defect: str | None, verdict: Verdict) -> None:
    with defects.applied(defect) if defect else nullcontext(), Mock() as mock:
        transport = mock.transport()
        profile = replace(mock_profile(mock.url, transport=transport), phone_without_whatsapp=None)
        results = run(Plan(mock.url, profile, consent="send", transport=transport, selection="FIND-22"))
    assert [each.verdict for each in results.outcomes] == [verdict]


def test_what_is_left_out_of_a_rule_is_told() -> None:
    outcome = _outcomes(_TALK, "RYW-55", is_listed=False)["RYW-55"]
    assert outcome.verdict is Verdict.PASS
    assert outcome.notes == [
        "left out in part: --actions leaves out create_order",
        "left out in part: the profile lacks list_id",
        "left out in part: --actions leaves out get_orders",
        "left out in part: --actions leaves out get_current_order_id",
        "left out in part: --actions leaves out get_order_state",
    ]


def test_a_rule_of_which_no_part_can_be_done_is_not_run() -> None:
    outcome = _outcomes(("clear_history", "message"), "RYW-55", is_listed=False)["RYW-55"]
    assert (outcome.verdict, outcome.in_scope) == (Verdict.NOT_RUN, False)


def test_a_rule_of_several_actions_is_not_run_without_any_of_them() -> None:
    outcome = _outcomes(("load_clients", "save_variables"), "FIND-10")["FIND-10"]
    assert (outcome.verdict, outcome.reason) == (Verdict.NOT_RUN, "--actions leaves out find_client_id_by_var")


def test_the_shape_of_a_reply_needs_no_more_than_its_action() -> None:
    with Mock() as mock:
        transport = mock.transport()
        profile = replace(mock_profile(mock.url, transport=transport), channel=None, groups={}, list_id=None)
        results = run(Plan(mock.url, profile, consent="send", transport=transport, selection="SHAPE-1"))
    passed = {str(each.action) for each in results.outcomes if each.verdict is Verdict.PASS}
    lacking = {str(each.action): each.reason for each in results.outcomes if each.verdict is Verdict.NOT_RUN}
    assert passed >= {"connected_channels", "get_messages", "get_clients", "callback", "create_order"}
    assert lacking["get_history"] == "needs the input 'channel', and load_clients, to create clients"
    assert lacking["load_clients"] == "the profile lacks channel"


def test_a_server_whose_histories_show_no_callbacks_is_not_accused() -> None:
    with Mock() as mock:
        inner = mock.transport()

        def answer(request: httpx2.Request) -> httpx2.Response:
            response = inner.handle_request(request)
            if not request.url.path.endswith("/get_history"):
                return response
            data = json.loads(response.read())
            if isinstance(data.get("result"), list):
                data["result"] = [row for row in data["result"] if row["message_from_outside"] != 3]
            return httpx2.Response(response.status_code, json=data)

        profile = replace(mock_profile(mock.url, transport=inner), control=None, webhook=None)
        selection = "EQ-1,EQ-8,RYW-10,RYW-12,RYW-13,RYW-62,AGAIN-2,AGAIN-3,OPT-3"
        transport = httpx2.MockTransport(answer)
        plan = Plan(mock.url, profile, consent="send", transport=transport, selection=selection, clock=Clock())
        results = run(plan)
    verdicts = {each.name: each.verdict for each in results.outcomes}
    assert Verdict.FAIL not in verdicts.values()
    assert [verdicts[name] for name in ("RYW-10", "RYW-13", "AGAIN-3 callback", "AGAIN-2 message")] == [
        Verdict.PASS
    ] * 4
    assert {each.reason for each in results.outcomes if each.verdict is Verdict.NOT_RUN} == {
        "get_history does not show callbacks here, and the document does not say that it does"
    }


@pytest.mark.parametrize("name", ["AGAIN-2 email_callback", "AGAIN-3 email_callback"])
def test_a_search_that_breaks_now_and_then_is_not_taken_for_one_in_vain(name: str) -> None:
    with Mock() as mock:
        calls = iter(range(1000))

        def answer(response: httpx2.Response) -> httpx2.Response:
            return httpx2.Response(502, text="Bad Gateway") if next(calls) % 2 == 0 else response

        inner = mock.transport()
        transport = Altering(inner, "find_client_id_by_email".__eq__, answer)
        profile = mock_profile(mock.url, transport=inner)
        results = run(Plan(mock.url, profile, consent="send", transport=transport, selection=name.split(maxsplit=1)[0]))
    [outcome] = [each for each in results.outcomes if each.name == name]
    assert (outcome.verdict, outcome.cause) == (
        Verdict.NOT_RUN,
        "find_client_id_by_email breaks: 502 Bad Gateway",
    )


def _in_the_first_bot(request: httpx2.Request) -> httpx2.Request:
    """Return an import in which each client is of the first bot of its messenger."""
    if not request.url.path.endswith("/load_clients"):
        return request
    items = json.loads(request.read())
    first = {each["client_type"]: each["group_id"] for each in reversed(items)}
    changed = json.dumps([{**each, "group_id": first[each["client_type"]]} for each in items])
    return httpx2.Request(request.method, request.url, headers=_plain(request), content=changed)


def _texts_alone(request: httpx2.Request) -> httpx2.Request:
    """Return a callback to a list of ids without those that are numbers."""
    if not request.url.path.endswith("/send_callback_by_platform_id"):
        return request
    body = json.loads(request.read())
    body["platform_ids"] = [each for each in body["platform_ids"] if isinstance(each, str)]
    return httpx2.Request(request.method, request.url, headers=_plain(request), content=json.dumps(body))


def _plain(request: httpx2.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name != "content-length"}


@pytest.mark.parametrize(
    ("change", "actions", "rule", "expected"),
    [
        (_in_the_first_bot, ("load_clients", "connected_channels"), "RYW-66", "another client in the second bot of"),
        (_texts_alone, ("load_clients", "send_callback_by_platform_id", "get_history"), "TOL-10", "the histories to"),
    ],
)
def test_what_the_samples_of_the_document_show_is_a_must(
    change: Callable[[httpx2.Request], httpx2.Request], actions: tuple[str, ...], rule: str, expected: str
) -> None:
    with Mock() as mock:
        inner = mock.transport()
        transport = httpx2.MockTransport(lambda request: inner.handle_request(change(request)))
        profile = replace(mock_profile(mock.url, transport=inner), actions=actions)
        [wrong] = run(Plan(mock.url, profile, consent="send", selection=rule, transport=transport)).outcomes
    assert wrong.verdict is Verdict.FAIL
    assert str(wrong.expected).startswith(expected)
    assert _outcomes(actions, rule)[rule].verdict is Verdict.PASS


def test_deals_of_a_test_client_with_a_past_show_who_was_won_and_lost() -> None:
    def verdict() -> Verdict:
        with Mock() as mock:
            transport = mock.transport()
            whole = mock_profile(mock.url, transport=transport)
            known = replace(whole, channel=None, actions=("create_order", "set_order_state", "get_orders"))
            plan = Plan(mock.url, known, consent="send", transport=transport, selection="FIND-20,RYW-34")
            return {each.rule: each.verdict for each in run(plan).outcomes}["RYW-34"]

    assert verdict() is Verdict.PASS
    with defects.applied("won-and-lost-deals-swapped"):
        assert verdict() is Verdict.NON_STRICT


def test_a_filter_by_status_that_is_ignored_is_a_must() -> None:
    actions = ("load_clients", "create_order", "get_orders")
    with defects.applied("order-status-ignored"):
        outcome = _outcomes(actions, "FIND-20")["FIND-20"]
    assert (outcome.verdict, outcome.expected) == (Verdict.FAIL, "no deal with two values of order_status")
    assert _outcomes(actions, "FIND-20")["FIND-20"].verdict is Verdict.PASS
