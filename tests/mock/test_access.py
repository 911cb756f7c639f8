"""What is no call of an action: unknown keys, actions, addresses and methods."""

from __future__ import annotations

import pytest
from tests.mock.caller import Caller

from mavibot_mock import ApiKey, Project, create_app


@pytest.mark.parametrize("key", ["unknown", "demo-revoked", "demo-ful", "DEMO-FULL", "%20demo-full"])
def test_unknown_or_revoked_key_is_refused(mock: Caller, key: str) -> None:
    assert mock.refusal("connected_channels", key=key, status=401) == "the API key is unknown or revoked"


@pytest.mark.parametrize(
    ("action", "meant"), [("mesage", "message"), ("vk_subscribers", "subscribers"), ("get_clients ", "get_clients")]
)
def test_unknown_action_hints_at_the_nearest(mock: Caller, action: str, meant: str) -> None:
    assert mock.refusal(action, status=404) == f"WRONG_ACTION: unknown action '{action}': did you mean '{meant}'?"


def test_unlike_action_gets_no_hint(mock: Caller) -> None:
    assert mock.refusal("x" * 5000, status=404) == f"WRONG_ACTION: unknown action '{'x' * 60}…'"


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/message", "/api/demo-full/message/", "/api//message"])
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
