"""Drives the demo project through the control interface and checks every reply against its document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

from mavibot_mock.control.document import document

if TYPE_CHECKING:
    from tests.mock.caller import Caller

_PROJECT: Final = "/projects/{project_id}"


class Driver:
    """The control interface of the demo project behind a caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller: Final = caller
        self._document: Final = document()

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, query=query)

    def post(self, path: str, **body: Any) -> Any:
        return self.call("POST", path, body=body)

    def put(self, path: str, **body: Any) -> Any:
        return self.call("PUT", path, body=body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def refusal(self, method: str, path: str, status: int = 400, **body: Any) -> str:
        """Make a call that must be refused and change nothing; return the message."""
        before = self._caller.state()
        message: str = self.call(method, path, body=body, status=status)["message"]
        assert self._caller.state() == before
        return message

    def advance(self, by: float | str) -> Any:
        return self.post("/clock/advance", by=by)

    def call(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None, status: int = 200
    ) -> Any:
        """Call an operation; `path` is what follows the project in the address."""
        number = self._caller.project.id
        response = self._caller.send(
            method, f"/_mock/v1/projects/{number}{path}", json=body or None, params=query or None
        )
        assert response.status_code == status, response.text
        described = self._document["paths"][_PROJECT + re.sub(r"/\d+", "/{number}", path)][method.lower()]["responses"]
        assert str(status) in described or status == 400
        if status == 200:
            schema = described["200"]["content"]["application/json"]["schema"]
            shared = {"components": self._document["components"]}
            Draft202012Validator({**schema, **shared}).validate(response.json())
        return response.json()
