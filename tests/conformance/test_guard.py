"""On a server that is not on this machine only the test clients are ever reached, whatever a rule tries."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mavibot_contract
from mavibot_conformance.rules.trial import said
from mavibot_conformance.target.guard import REACHING, GuardRefusedError
from mavibot_conformance.target.wire import UnreachableError

from .stage import KEY, REMOTE, Remote

CHANNEL = {"client_type": 1, "group_id": "test_bot"}
#: Parameters of writing and sending actions that say what happens, not to whom.
HARMLESS = {
    *("message", "message_id", "attachment_type", "attachment_url", "buttons", "callback_text", "variables", "tag"),
    *("time_shift", "send_time", "shift", "resume_bot", "tg_business", "name", "description", "budget", "state_id"),
    *("group_id", "bot_id", "whatsapp_bot_id", "email_id_bot", "project_id"),
}

#: Calls that would reach a stranger, client 999, or could: action and how it is called.
BYPASSES: list[tuple[str, dict[str, Any]]] = [
    ("message", {"body": {"client_id": 999, "message": "x"}}),
    ("message", {"body": {"client_id": "999", "message": "x"}}),
    ("message", {"query": {"client_id": 999, "message": "x"}}),
    ("message", {"method": "GET", "query": {"client_id": 1}, "body": {"client_id": 999}}),
    ("message", {"query": {"client_id": [1, 999]}}),
    ("message", {"query": {"client_id": 1}, "body": {"client_id": 999}}),
    ("message", {"body": '{"client_id": 1, "client_id": 999}'}),
    ("message", {"body": '{"client_id": 999, "client_id": 1}'}),
    ("message", {"body": '{"client_id": 999}', "content_type": "text/plain"}),
    ("message", {"body": '{"client_id": 999}', "content_type": None}),
    ("message", {"body": '{"client_id": 999}'.encode("utf-16"), "content_type": "application/json; charset=utf-16"}),
    ("message", {"body": '{"client_id": 999,}'}),
    ("message", {"body": "client_id=999&message=x", "content_type": "application/x-www-form-urlencoded"}),
    ("message", {"body": "client_id=1&client_id=999", "content_type": "application/x-www-form-urlencoded"}),
    ("message", {"body": "client_id[]=999", "content_type": "application/x-www-form-urlencoded"}),
    ("message", {"body": "client_id=1;client_id=999", "content_type": "application/x-www-form-urlencoded"}),
    (
        "message",
        {"body": '{"client_id": 1, "x": "&client_id=999"}', "content_type": "application/x-www-form-urlencoded"},
    ),
    ("message", {"body": '--b\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n999\r\n--b--\r\n'}),
    ("message", {"body": "<client_id>999</client_id>", "content_type": "application/xml"}),
    ("message", {"body": '"client_id=999"'}),
    ("message", {"body": [{"client_id": 999}]}),
    ("message", {"body": {"client_id": [999]}}),
    ("message", {"body": {"client_id": {"id": 999}}}),
    ("message", {"body": {"client_id": {}}}),
    ("message", {"body": {"client_id": True}}),
    ("message", {"body": {"client_id": 1.0}}),
    ("message", {"body": {"Client_Id": 999}}),
    ("message", {"body": {"message": "x"}}),
    ("message", {"body": {"client_id": "", "message": "x"}}),
    ("message", {"query": {"value_client_id": "my_client"}, "body": {"my_client": 999}}),
    ("message", {"query": {"value_client_id": "my_client"}, "body": {"my_client": 999, "client_id": 1}}),
    ("message", {"query": {"value_client_id": "my_client", "my_client": 999}}),
    ("message", {"query": {"value_client_id": "elsewhere"}, "body": {"client_id": 1}}),
    ("message", {"query": {"delimiter": ".", "delimiter_value_client_id": "a.b"}, "body": {"a": {"b": 999}}}),
    ("message", {"query": {"delimiter": "1", "delimiter_value_client_id": "a1b"}, "body": {"a": {"b": 999}}}),
    (
        "message",
        {"query": {"delimiter": ".", "delimiter_value_client_id": "a.0"}, "body": {"a": [999], "client_id": 1}},
    ),
    ("callback", {"query": {"value_phone": "p"}, "body": {"p": "79990000000", "client_id": 1, "message": "x"}}),
    ("callback", {"body": {"client_id": 1, "client_phone": "79990000000", "message": "x"}}),
    ("callback", {"body": {"client_email": "a@example.com", "message": "x"}}),
    ("whatsapp_message", {"body": {"phone": "79990000000", "message": "x"}}),
    ("email_callback", {"body": {"email": "a@example.com", "message": "x"}}),
    ("tg_callback", {"body": {"user_id": 5, "group_id": "bot", "message": "x"}}),
    ("max_callback", {"body": {"platform_id": 5, "group_id": "bot", "message": "x"}}),
    ("send_callback_by_platform_id", {"body": {"platform_ids": ["5"], "group_id": "bot", "callback_text": "x"}}),
    ("online_chat_client_id", {"query": {"recipient": "5"}}),
    ("broadcast", {"body": {"list": 7, "message": "x"}}),
    ("broadcast", {"body": {"clients": [1, 999], "message": "x"}}),
    ("broadcast", {"body": {"clients": [1], "list": 7, "message": "x"}}),
    ("broadcast", {"body": {"clients": "1,999", "message": "x"}}),
    ("broadcast", {"body": "clients[0]=1&clients[1]=999", "content_type": "application/x-www-form-urlencoded"}),
    ("clear_history", {"query": {"client_id": 999}}),
    ("delete_clients", {"body": {"client_ids": [1, 999]}}),
    ("save_variables", {"body": {"clients": [999], "variables": {"client.a": "b"}}}),
    ("add_to_list", {"body": {"list_id": 8, "clients": [1]}}),
    ("set_order_vars", {"body": {"client_id": 1, "order_id": 55, "variables": {"a": "b"}}}),
    ("create_order", {"body": {"phone": "79990000000"}}),
    ("load_clients", {"body": [{"platform_id": "5", "client_type": 6, "group_id": "34810"}]}),
    ("load_clients", {"body": [{"platform_id": "5", **CHANNEL}, {"platform_id": "6", "client_type": 1}]}),
    ("load_clients", {"body": {"clients": "5"}}),
    ("send_to_all", {"body": {"client_id": 1}}),
    ("%6dessage", {"body": {"client_id": 999}}),
    ("message/", {"body": {"client_id": 999}}),
    ("x/../message", {"body": {"client_id": 999}}),
    ("get_variables/../message", {"query": {"client_id": 999}}),
]


@pytest.mark.parametrize(("action", "call"), BYPASSES, ids=lambda value: str(value)[:60])
def test_a_stranger_is_never_reached(action: str, call: dict[str, Any]) -> None:
    remote = Remote(list_id=7, channel=CHANNEL)
    with pytest.raises(GuardRefusedError):
        remote.wire.call(action, **call)
    assert remote.requests == []
    assert remote.guard.refused == 1


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("message", {"body": {"client_id": 1, "message": "x"}}),
        ("message", {"body": {"client_id": "2", "message": "x"}}),
        ("message", {"query": {"client_id": 1, "message": "x"}}),
        ("message", {"body": "client_id=1&message=x%3By", "content_type": "application/x-www-form-urlencoded"}),
        ("message", {"query": {"value_client_id": "my"}, "body": {"my": 1, "message": "x"}}),
        ("message", {"query": {"delimiter": ".", "delimiter_value_client_id": "a.b"}, "body": {"a": {"b": 2}}}),
        ("broadcast", {"body": {"clients": [1, 2], "message": "x"}}),
        ("add_to_list", {"body": {"list_id": 7, "clients": [1]}}),
        ("load_clients", {"body": [{"platform_id": "5", **CHANNEL}]}),
        ("callback", {"body": {"client_id": 1, "message": "x", "client.phone": "79990000000"}}),
        ("get_variables", {"query": {"client_id": 999}}),
        ("find_client_id_by_phone", {"query": {"phone": "79990000000"}}),
    ],
)
def test_test_clients_are_reached_and_everybody_is_read(action: str, call: dict[str, Any]) -> None:
    remote = Remote(list_id=7, channel=CHANNEL)
    assert remote.wire.call(action, **call).succeeded
    assert remote.guard.refused == 0


@pytest.mark.parametrize("name", sorted(REACHING))
def test_a_parameter_that_reaches_others_needs_the_profile(name: str) -> None:
    body = {"client_id": 1, name: "5"}
    with pytest.raises(GuardRefusedError, match=f"'{name}'"):
        Remote().wire.call("callback", body=body)
    assert Remote(reach=[name]).wire.call("callback", body=body).succeeded


def test_every_parameter_that_could_reach_somebody_is_known() -> None:
    judged = {"client_id", "clients", "client_ids", "order_id", "list_id", *REACHING}
    for action, operations in mavibot_contract.load().actions.items():
        for operation in operations.values():
            if operation.effect != "read":
                assert not operation.schema["properties"].keys() - judged - HARMLESS, action


@pytest.mark.parametrize("action", sorted(mavibot_contract.load().actions))
@pytest.mark.parametrize("consent", ["read", "write"])
def test_consent_goes_by_the_effect_and_never_by_the_method(action: str, consent: Any) -> None:
    effect = mavibot_contract.load().operation(action).effect
    methods: tuple[Any, ...] = ("GET", "POST", "PUT")
    for method in methods:
        remote = Remote(consent=consent, channel=CHANNEL, reach=REACHING)
        try:
            remote.wire.call(action, method=method, query={"client_id": 1})
        except GuardRefusedError:
            assert effect == "send" or consent == "read"
        else:
            assert effect == "read" or (effect, consent) == ("write", "write")


def test_what_the_run_has_made_is_its_own() -> None:
    loaded = {"items": [{"platform_id": "5", "id": 70}, {"platform_id": "stranger", "id": 999}]}
    remote = Remote(httpx2.Response(200, json=loaded), httpx2.Response(200, json={"order_id": 8}), channel=CHANNEL)
    remote.wire.call("load_clients", body=[{"platform_id": "5", **CHANNEL}])
    remote.wire.call("create_order", body={"client_id": 70})
    assert remote.wire.call("set_order_vars", body={"order_id": 8, "variables": {"a": "b"}}).succeeded
    # The reply names a client whom the run has not asked for.
    with pytest.raises(GuardRefusedError):
        remote.wire.call("message", body={"client_id": 999})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    remote = Remote(httpx2.Response(status, headers={"Location": "https://elsewhere.example/api/x/message"}))
    exchange = remote.wire.call("connected_channels")
    assert exchange.status == status
    assert said(exchange) == f"{status} to https://elsewhere.example/api/x/message"
    assert {str(request.url.copy_with(path="/")) for request in remote.requests} == {f"{REMOTE}/"}


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example",
        "http://staging.example",
        "https://staging.example:444",
        "https://staging.example@evil.example",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    remote = Remote()
    with pytest.raises(GuardRefusedError, match="not the server under test"):
        remote.guard.check(f"{url}/api/API_KEY/connected_channels", b"")


# A list of clients, any of them a stranger, in any of the forms that a body has.
@given(st.lists(st.sampled_from([1, 2, 999]), min_size=1, max_size=5), st.sampled_from(["json", "form", "query"]))
def test_one_stranger_among_test_clients_is_enough(clients: list[int], form: str) -> None:
    remote = Remote()
    calls: dict[str, dict[str, Any]] = {
        "json": {"body": {"clients": clients}},
        "form": {"body": "&".join(f"clients[]={each}" for each in clients), "content_type": None},
        "query": {"query": {"clients": clients}},
    }
    call = calls[form]
    if 999 in clients:
        with pytest.raises(GuardRefusedError):
            remote.wire.call("broadcast", **call)
        assert not remote.requests
    else:
        assert remote.wire.call("broadcast", **call).succeeded


# Pace and patience


def test_calls_keep_the_rate() -> None:
    remote = Remote(calls_per_second=5)
    for _ in range(11):
        remote.wire.call("connected_channels")
    assert remote.clock.now == pytest.approx(102.0)


def test_a_call_that_is_one_too_many_is_sent_again_when_the_server_allows_it() -> None:
    later = httpx2.Response(429, headers={"Retry-After": "7"})
    remote = Remote(later, httpx2.Response(429), httpx2.Response(200, json={"status": "success"}))
    exchange = remote.wire.call("message", body={"client_id": 1, "message": "cnf"})
    assert exchange.status == 200
    assert remote.clock.now == pytest.approx(108.0)
    assert [each.content for each in remote.requests] == [remote.requests[0].content] * 3
    assert [each.status for each in remote.wire.exchanges] == [200]


def test_a_server_that_wants_a_long_pause_is_not_waited_for() -> None:
    remote = Remote(httpx2.Response(429, headers={"Retry-After": "3600"}))
    assert remote.wire.call("connected_channels").status == 429
    assert remote.clock.now == pytest.approx(100.0)


def test_a_rule_that_looks_for_the_limit_gets_its_reply() -> None:
    remote = Remote(httpx2.Response(429))
    remote.wire.waits_for_its_turn = False
    assert remote.wire.call("connected_channels").status == 429
    assert len(remote.requests) == 1


def test_too_many_calls_end_the_run_after_a_streak() -> None:
    remote = Remote(*[httpx2.Response(429)] * 4, httpx2.Response(200, json={}), *[httpx2.Response(429)] * 9)
    assert remote.wire.call("connected_channels").status == 200
    says = r"staging\.example answers that there are too many calls; --rate N sends N a second at most"
    with pytest.raises(UnreachableError, match=says):
        remote.wire.call("connected_channels")
    assert len(remote.requests) == 10


def test_the_key_is_in_the_address_on_the_wire_alone() -> None:
    remote = Remote(*(httpx2.Response(302, headers={"Location": f"/{key}"}, text=key) for key in (KEY, KEY[:-1])))
    for key in ("full", f"={KEY[:-1]}"):
        exchange = remote.wire.call("connected_channels", key=key)
        assert KEY[:-1] not in json.dumps(exchange.as_record()) + repr(exchange) + exchange.as_curl("$KEY")
    assert str(remote.requests[0].url) == f"{REMOTE}/api/{KEY}/connected_channels"


@pytest.mark.parametrize(
    ("statuses", "succeeded"), [(["fail"], False), (["fail", "success"], True), (["success"], True), ([], True)]
)
def test_an_import_of_which_every_item_failed_is_refused(statuses: list[str], succeeded: bool) -> None:
    items = [{"platform_id": "5", "status": status} for status in statuses]
    remote = Remote(httpx2.Response(200, json={"status": "success", "items": items}), channel=CHANNEL)
    exchange = remote.wire.call("load_clients", body=[{"platform_id": "5", **CHANNEL}])
    assert exchange.succeeded is succeeded
