"""Calls the mock in process and checks every reply against the contract."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import httpx2
from jsonschema_rs import Draft202012Validator
from tests.mock.in_process import InProcess

import mavibot_contract
from mavibot_mock import DEVIATIONS_HEADER, Platform, demo_project
from mavibot_mock.server.project import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT: Final = mavibot_contract.load()

#: 2026-03-10 12:00:00 in the demo project's zone.
NOON: Final = 1773133200.0


class Caller(InProcess):
    """One demo project behind the mock's HTTP interface, with a clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON
        self.project: Final = demo_project(clock=lambda: self.now)
        super().__init__(Platform([self.project]))

    def call(
        self,
        action: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        method: str | None = None,
        key: str = "demo-full",
        content_type: str | None = "application/json",
    ) -> httpx2.Response:
        """Call an action; the body is JSON unless it is bytes already."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if body is None or content_type is None else {"Content-Type": content_type}
        chosen = method or ("GET" if body is None else "POST")
        response = self.send(chosen, f"/api/{key}/{action}", params=query or None, content=content, headers=headers)
        assert_in_contract(action, chosen, response)
        return response

    def refusal(self, *args: Any, status: int = 400, **kwargs: Any) -> str:
        """Make a call that must be refused and change nothing; return the message."""
        before = self.state()
        response = self.call(*args, **kwargs)
        assert response.status_code == status, response.text
        assert self.state() == before
        document = response.json()
        assert document["status"] != "success"
        return str(document.get("message", document["status"]))

    def restore(self) -> None:
        """Go back to the seed, inside a call as well."""
        self.project.images.restore(SEED, self.project.store)
        self.project.begin_anew()

    def variables(self, client_id: int) -> dict[str, Any]:
        found: dict[str, Any] = self.call("get_variables", query={"client_id": client_id}).json()
        return found

    def history(self, client_id: int, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("get_history", query={"client_id": client_id, **query}).json()["result"]
        return found

    def state(self) -> str:
        """Return everything that the project keeps, as text."""
        return "\n".join(self.project.store._db.iterdump())


def deviations(response: httpx2.Response) -> list[str]:
    """Return what the mock says of a call's departures from the contract."""
    header = response.headers.get(DEVIATIONS_HEADER)
    if header is None:
        return []
    assert header.isascii()
    found: list[str] = json.loads(header)
    assert found
    return found


def assert_in_contract(action: str, method: str, response: httpx2.Response) -> None:
    """Check status, content type and body of a reply against the contract."""
    content_type = response.headers["content-type"].split(";")[0]
    validator = _replies(action, "POST" if method == "POST" else "GET", str(response.status_code), content_type)
    if method != "HEAD":
        validator.validate(response.json() if content_type == "application/json" else response.text)


@cache
def _replies(action: str, method: str, status: str, content_type: str) -> Draft202012Validator:
    """Return what a reply must fit."""
    # What holds for every action holds for an unknown one too.
    known = CONTRACT.actions.get(action, CONTRACT.actions["connected_channels"])
    responses = next((each for each in known.values() if each.method == method), next(iter(known.values()))).responses
    described = responses.get(status, responses["default"])
    return Draft202012Validator(CONTRACT.standalone(described["content"][content_type]["schema"]))
