"""Who may call what: keys, permissions, addresses, methods, and what is not there yet."""

from __future__ import annotations

import pytest
from tests.mock.caller import CONTRACT, Caller

from mavibot_mock import ApiKey, Project, create_app, demo_keys
from mavibot_mock.actions import ACTIONS
from mavibot_mock.journal import mask

_IMPLEMENTED = {
    "callback",
    "connected_channels",
    "get_clients",
    "get_history",
    "get_variables",
    "load_clients",
    "message",
    "save_variables",
}


@pytest.mark.parametrize("key", ["unknown", "demo-revoked", "demo-ful", "DEMO-FULL", "%20demo-full"])
def test_unknown_or_revoked_key_is_refused(mock: Caller, key: str) -> None:
    assert mock.refusal("connected_channels", key=key, status=401) == "the API key is unknown or revoked"


@pytest.mark.parametrize("action", CONTRACT.actions)
@pytest.mark.parametrize("key", demo_keys().items(), ids=lambda key: key[1])
def test_an_action_needs_its_permission(mock: Caller, action: str, key: tuple[str, str]) -> None:
    may, value = key
    permission = CONTRACT.operation(action).permission
    response = mock.call(action, key=value)
    if may == "revoked":
        assert response.status_code == 401
    elif may in ("full", permission):
        assert response.status_code not in (401, 403)
    else:
        assert response.status_code == 403
        assert permission in response.json()["message"]


@pytest.mark.parametrize("action", sorted(CONTRACT.actions.keys() - ACTIONS.keys()))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_implemented_says_so(mock: Caller, action: str, method: str) -> None:
    assert mock.refusal(action, method=method, status=501) == f"{action} is not implemented in this mock yet"


def test_the_first_actions_are_implemented() -> None:
    assert ACTIONS.keys() == _IMPLEMENTED


@pytest.mark.parametrize(
    ("action", "meant"), [("mesage", "message"), ("vk_subscribers", "subscribers"), ("get_clients ", "get_clients")]
)
def test_unknown_action_hints_at_the_nearest(mock: Caller, action: str, meant: str) -> None:
    assert mock.refusal(action, status=404) == f"unknown action '{action}': did you mean '{meant}'?"


def test_unlike_action_gets_no_hint(mock: Caller) -> None:
    assert mock.refusal("x" * 5000, status=404) == f"unknown action '{'x' * 60}'"


@pytest.mark.parametrize("path", ["/", "/api", "/api/message", "/api/demo-full/message/", "/api//message"])
def test_unknown_address_says_what_one_looks_like(mock: Caller, path: str) -> None:
    response = mock.send("GET", path)
    assert response.status_code == 404
    assert "/api/{api_key}/{action}" in response.json()["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(mock: Caller, method: str) -> None:
    before = mock.state()
    response = mock.call("message", query={"client_id": 5, "message": "x"}, method=method)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST, GET"
    assert mock.call("get_clients", method=method).headers["allow"] == "GET"
    assert mock.state() == before


def test_journal_holds_every_call_without_the_key(mock: Caller) -> None:
    mock.call("callback", {"client_id": 5, "message": "x"}, content_type="text/plain")
    mock.call("mesage")
    mock.call("message", {"client_id": 5}, key="demo-none")
    mock.call("message", {}, key="demo-revoked")
    mock.call("message", {}, key="nobody's key")
    response = mock.send("GET", "/_mock/v1/projects/1/journal")
    entries = response.json()
    assert [(each["number"], each["method"], each["action"], each["status"]) for each in entries] == [
        (1, "POST", "callback", 200),
        (2, "GET", "mesage", 404),
        (3, "POST", "message", 403),
        (4, "POST", "message", 401),
    ]
    assert entries[0]["deviations"] == ["body: JSON labelled text/plain instead of application/json"]
    assert entries[0]["time"] == mock.now
    assert {each["key"] for each in entries} == {"demo…"}
    assert not any(key in response.text for key in demo_keys().values())


def test_journal_is_bounded(mock: Caller) -> None:
    for _ in range(1100):
        mock.project.journal.record(time=0, key="k", method="GET", action="a", status=200, deviations=[])
    entries = mock.project.journal.entries()
    assert (len(entries), entries[-1]["number"]) == (1000, 1100)


@pytest.mark.parametrize(("key", "shown"), [("", "…"), ("a", "…"), ("ab", "a…"), ("demo-full", "demo…")])
def test_a_mask_never_shows_the_whole_key(key: str, shown: str) -> None:
    assert mask(key) == shown


def test_journal_of_another_project_or_by_another_method(mock: Caller) -> None:
    assert mock.send("GET", "/_mock/v1/projects/2/journal").status_code == 404
    refused = mock.send("POST", "/_mock/v1/projects/1/journal")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


def test_projects_share_no_key_and_no_number() -> None:
    one, same_key, same_number = (
        Project(1, [ApiKey("a", frozenset())]),
        Project(2, [ApiKey("a", frozenset())]),
        Project(1, [ApiKey("b", frozenset())]),
    )
    with pytest.raises(ValueError, match="key"):
        create_app([one, same_key])
    with pytest.raises(ValueError, match="number"):
        create_app([one, same_number])
    for project in (one, same_key, same_number):
        project.close()
