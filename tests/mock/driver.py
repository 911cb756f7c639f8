"""Drives the demo project through the control interface and checks every reply against its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.mock.console import assert_documented, documented_statuses

if TYPE_CHECKING:
    from tests.mock.caller import Caller


class Driver:
    """The control interface of the demo project behind a caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller: Final = caller

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
        whole_path = f"/projects/{self._caller.project.id}{path}"
        response = self._caller.send(method, f"/_mock/v1{whole_path}", json=body or None, params=query or None)
        assert response.status_code == status, response.text
        assert str(status) in documented_statuses(method, whole_path) or status == 400
        assert_documented(method, whole_path, response)
        return response.json()
