"""A whole platform driven through the control interface, every reply of which is checked against its document."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import httpx2
from jsonschema_rs import Draft202012Validator
from tests.mock.caller import assert_in_contract
from tests.mock.in_process import InProcess

from mavibot_mock import Platform
from mavibot_mock.control.document import document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PATTERNS: Final = {
    path: re.compile(
        re.sub(r"{(project_id|number)}", r"\\d+", path).replace("{name}", "[^/]+").replace("{action}", "[^/]+")
    )
    for path in document()["paths"]
}


class Console(InProcess):
    """The projects of one platform, which begins without any."""

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__(Platform(directory=directory))

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **request: Any) -> Any:
        """Call an operation of the control interface."""
        content = {} if body is None else {"json": body}
        response = self.send(method, f"/_mock/v1{path}", **content, **request)
        assert response.status_code == status, response.text
        assert_documented(method, path, response)
        return response.json()

    def refusal(self, method: str, path: str, body: Any = None, *, status: int = 400) -> str:
        """Make a call that must be refused and change no project; return the message."""
        before = [state(project) for project in self.platform.projects.values()]
        message: str = self.call(method, path, body, status=status)["message"]
        assert [state(project) for project in self.platform.projects.values()] == before
        return message

    def create(self, **wanted: Any) -> Minted:
        """Make a project."""
        return Minted(self, self.call("POST", "/projects", wanted, status=201))


class Minted:
    """One project of a console."""

    def __init__(self, console: Console, shown: Mapping[str, Any]) -> None:
        self.console: Final = console
        self.id: Final[int] = shown["id"]
        self.keys: Final[Mapping[str, str]] = shown["keys"]
        self.api_key: Final[str] = shown["api_key"]
        self.project: Final = console.platform.projects[self.id]

    def api(self, action: str, body: Any = None, *, key: str | None = None, **query: Any) -> httpx2.Response:
        """Call an action with the key that may do everything, or with another."""
        method = "GET" if body is None else "POST"
        content = {} if body is None else {"json": body}
        path = f"/api/{key or self.api_key}/{action}"
        response = self.console.send(method, path, params=query or None, **content)
        assert_in_contract(action, method, response)
        return response

    def control(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Call an operation on this project."""
        return self.console.call(method, f"/projects/{self.id}{path}", body, status=status)

    def refusal(self, method: str, path: str, body: Any = None, *, status: int = 400) -> str:
        """Make a call on this project that must be refused and change nothing; return the message."""
        return self.console.refusal(method, f"/projects/{self.id}{path}", body, status=status)

    def texts(self, client_id: int = 5) -> list[str]:
        """Return what a client's history holds, oldest first."""
        found = self.api("get_history", client_id=client_id).json()["result"]
        return [row["text"] for row in reversed(found)]


def state(project: Any) -> list[str]:
    """Return everything that a project keeps, whichever of the newest messages were noted before."""
    with project.store.transaction():
        project.store.note_newest_messages()
    return sorted(project.store._db.iterdump())


def assert_documented(method: str, path: str, response: httpx2.Response) -> None:
    """Check a reply against the document of the control interface."""
    _schema(_template(method, path), method, response.status_code).validate(response.json())


def documented_statuses(method: str, path: str) -> set[str]:
    """Return the statuses with which an operation may answer by its document; `default` is one."""
    template = _template(method, path)
    return set() if template is None else set(document()["paths"][template][method.lower()]["responses"])


def _template(method: str, path: str) -> str | None:
    """Return the documented path to which a path belongs, if any."""
    paths = (template for template, pattern in _PATTERNS.items() if pattern.fullmatch(path))
    return next((template for template in paths if method.lower() in document()["paths"][template]), None)


@cache
def _schema(template: str | None, method: str, status: int) -> Draft202012Validator:
    """Return what a reply must fit; a path that is not documented has refusals alone."""
    whole = document()
    reply = whole["components"]["responses"]["Refusal"]
    if template is not None and status < 400:
        reply = whole["paths"][template][method.lower()]["responses"].get(str(status), reply)
    return Draft202012Validator({**reply["content"]["application/json"]["schema"], "components": whole["components"]})
