"""An upstream that answers otherwise than the mock: every difference comes out as a fact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jsonschema_rs import Draft202012Validator
from tests.proxy.caller import KEY, exchange, get, post
from tests.proxy.test_records import reply
from tests.proxy.upstream import OK, ScriptedUpstream

import mavibot_proxy
from mavibot_conformance.target.judgements import (
    FAILED_SEARCH,
    INVALID,
    NO_DEAL,
    NOT_FOUND,
    NOT_FOUND_ASSUMED,
    OVER_LIMIT,
    REFUSED_KEY,
    REFUSED_PERMISSION,
)
from mavibot_proxy import Proxy
from mavibot_proxy.facts.report import merge

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA: Final = json.loads((Path(mavibot_proxy.__file__).parent / "facts/facts.schema.json").read_text())


def text(body: str, status: int = 200, *fields: str) -> bytes:
    head = [f"HTTP/1.1 {status} x", "Content-Type: text/html", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(head).encode() + body.encode()


def call(action: str, **parameters: Any) -> bytes:
    return post(json.dumps(parameters).encode(), action=action)


def facts(*dialogue: tuple[bytes, bytes]) -> dict[str, Any]:
    """Return the report on calls, each with the reply of the upstream."""
    replies = iter([reply for _, reply in dialogue])
    with ScriptedUpstream(lambda _: next(replies)) as upstream, Proxy(upstream.url) as proxy:
        for request, _ in dialogue:
            exchange(proxy, request)
        report = proxy.facts.as_json()
    Draft202012Validator(_SCHEMA).validate(report)
    return report


def verdicts(report: Mapping[str, Any]) -> dict[str, str]:
    return {each["pointer"]: each["verdict"] for each in report["assumptions"] if each["verdict"] != "not observed"}


def answers(report: Mapping[str, Any], question: str) -> dict[str, int]:
    [found] = [each for each in report["questions"] if each["id"] == question]
    return {each["answer"]: each["count"] for each in found["answers"]}


#: What the field shows or could, in ten places otherwise than our mock.
DIFFERENCES: Final = [
    (get("get_history?client_id=1"), reply({"status": "client_not_found"}), {NOT_FOUND_ASSUMED: "refuted"}),
    (call("message", client_id=1, message="x"), text("client not found", 404), {NOT_FOUND: "refuted"}),
    (get("get_clients"), text("Invalid api key", 403), {REFUSED_KEY: "refuted"}),
    (get("get_clients"), reply({"error": "no permission"}), {REFUSED_PERMISSION: "refuted"}),
    (call("message", client_id=1), reply({"status": "error", "message": "x"}, status=422), {INVALID: "refuted"}),
    (get("get_clients"), text("Too many requests", 429), {OVER_LIMIT: "refuted"}),
    (get("get_current_order_id?client_id=1"), reply({"status": "no deal"}), {NO_DEAL: "refuted"}),
    (call("find_clients"), reply({"status": "fail", "message": "q"}, status=400), {FAILED_SEARCH: "refuted"}),
    (
        call("message", client_id=1, message="x", time_shift=-1),
        reply({"status": "success"}),
        {
            "/components/schemas/TimeShift": "refuted",
            "/components/schemas/Acknowledgement": "confirmed",
            "/components/responses/AcceptedAssumed": "confirmed",
        },
    ),
    (
        call("set_order_state", client_id=1, state_id=36),
        text("ok"),
        {"/paths/~1set_order_state/post/responses/200": "refuted"},
    ),
]


@pytest.mark.parametrize(("request_", "answer", "expected"), DIFFERENCES)
def test_a_difference_is_a_fact(request_: bytes, answer: bytes, expected: dict[str, str]) -> None:
    report = facts((request_, answer))
    assert verdicts(report) == expected
    for pointer in expected:
        [found] = [each for each in report["assumptions"] if each["pointer"] == pointer]
        assert found["seen"]
        assert report["proofs"][pointer]["request"]["url"].count("/api/API_KEY/") == 1


@pytest.mark.parametrize(("answer", "verdict"), [(OK, "refuted"), (text("wrong", 400), "confirmed")])
def test_a_long_delimiter(answer: bytes, verdict: str) -> None:
    parameters = {"a": {"b": 1}, "message": "x"}
    request = post(json.dumps(parameters).encode(), action="callback?delimiter=--&delimiter_value_client_id=a--b")
    assert verdicts(facts((request, answer)))["/components/parameters/delimiter"] == verdict


def test_a_refusal_for_another_reason_says_nothing_of_a_parameter() -> None:
    report = facts((call("get_order_state", client_id=1, state_id=""), reply({"status": "client_not_found"})))
    assert INVALID not in verdicts(report)


def test_all_differences_come_out_together() -> None:
    report = facts(*((request, answer) for request, answer, _ in DIFFERENCES))
    wanted = {pointer: verdict for _, _, expected in DIFFERENCES for pointer, verdict in expected.items()}
    assert {pointer: verdicts(report)[pointer] for pointer in wanted} == wanted


@pytest.mark.parametrize(
    ("request_", "answer", "question", "expected"),
    [
        (
            get("get_clients"),
            reply({"status": "success", "clients": [{"created_at": "01.02.2024"}]}),
            "created_at",
            "text",
        ),
        (get("get_clients"), reply({"status": "success", "clients": [{"created_at": 5}]}), "created_at", "number"),
        (get("get_orders?client_id=1"), reply({"status": "success", "result": [1]}), "orders", "result"),
        (call("message", client_id=1, message="x"), OK, "acknowledgement", "text"),
        (call("message", client_id=1, message="x"), reply({"status": "success"}), "acknowledgement", "JSON"),
        (get("get_clients"), text('{"status": "success", "clients": []}'), "json", "text/html"),
        (get("get_orders?client_id=1"), reply({"status": "client_not_found"}, status=404), "unknown_client", "404"),
        (get("get_clients"), reply({"status": "fail"}, "Retry-After: Mon", status=429), "retry_after", "date"),
        (get("get_variables?client_id=1"), reply({"a": None, "b": "x"}), "empty_values", "null"),
        (call("message", client_id=1), OK, "wrong_call", "accepted"),
        (call("message", client_id=1), text("wrong", 400), "refusal", "text"),
    ],
)
def test_an_open_question_is_answered(request_: bytes, answer: bytes, question: str, expected: str) -> None:
    assert answers(facts((request_, answer)), question) == {expected: 1}


def test_what_agrees_is_confirmed_and_one_difference_outweighs_it() -> None:
    agrees = (get("get_history?client_id=1"), reply({"status": "client_not_found"}, status=404))
    differs = (get("get_variables?client_id=1"), text("client_not_found", 404))
    assert verdicts(facts(agrees)) == {NOT_FOUND_ASSUMED: "confirmed"}
    assert verdicts(facts(agrees, differs, agrees)) == {NOT_FOUND_ASSUMED: "refuted"}


def test_a_report_holds_nothing_personal() -> None:
    said = {"status": "fail", "message": "79875146788 is unknown to anna@example.org", "name": "Анна"}
    request = call("message", client_id=1, message="Dear Anna", phone="79875146788", key=KEY)
    shown = json.dumps(facts((request, reply(said, status=422)), (get("get_variables?client_id=1"), reply(said))))
    for secret in ("Dear", "anna", "79875146788", "Анна", KEY):
        assert secret not in shown


def test_reports_of_several_people_together() -> None:
    agrees = facts((get("get_history?client_id=1"), reply({"status": "client_not_found"}, status=404)))
    differs = facts((get("get_history?client_id=1"), reply({"status": "client_not_found"})), (call("message"), OK))
    both = merge([agrees, differs])
    Draft202012Validator(_SCHEMA).validate(both)
    assert both["reports"] == 2
    assert both["calls"] == {"get_history": 2, "message": 1}
    assert verdicts(both)[NOT_FOUND_ASSUMED] == verdicts(merge([differs, agrees]))[NOT_FOUND_ASSUMED] == "refuted"
    assert len(both["targets"]) == 2
    with pytest.raises(ValueError, match="contract"):
        merge([agrees, {**differs, "contract": "x"}])
    broken: list[dict[str, Any]] = [
        {},
        {"version": 1},
        {**agrees, "version": 2},
        {**agrees, "questions": 5},
    ]
    for wrong in broken:
        with pytest.raises(ValueError, match=r"report|version"):
            merge([agrees, wrong])


def test_a_call_that_the_proxy_answers_is_no_fact() -> None:
    with Proxy("http://127.0.0.1:9") as proxy:
        exchange(proxy, get("get_clients"))
    assert not proxy.facts.as_json()["calls"]
