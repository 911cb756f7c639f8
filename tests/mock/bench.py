"""Two demo projects on one platform, for tests of what one sees of the other and of defects."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any, Final

from tests.mock.caller import NOON
from tests.mock.in_process import InProcess

from mavibot_mock import Platform, Project, demo_project, seeds

FOREIGN_PHONE: Final = "79990001122"


class Bench(InProcess):
    """Two demo projects on one platform, called in process; the clock stands until it is moved."""

    def __init__(self) -> None:
        self._now = NOON
        with closing(seeds.build("demo", keys=seeds.default_keys("other-"))) as state:
            other = Project(2, clock=lambda: self._now, like=state)
        self.project: Final = demo_project(clock=lambda: self._now)
        super().__init__(Platform([self.project, other]))

    def raw(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Make any request and return status and body."""
        response = self.send(method, path, **request)
        return response.status_code, response.text

    def get(self, action: str, *, key: str = "demo-full", **query: Any) -> tuple[int, str]:
        """Call an action by GET."""
        return self.raw("GET", f"/api/{key}/{action}", params=query)

    def call(self, action: str, body: Any, *, key: str = "demo-full", **query: Any) -> tuple[int, str]:
        """Call an action with a body, and with parameters in the URL."""
        return self.raw("POST", f"/api/{key}/{action}", params=query, json=body)

    def post(self, action: str, *, key: str = "demo-full", **body: Any) -> tuple[int, str]:
        """Call an action by POST."""
        return self.call(action, body, key=key)

    def advance(self, seconds: float) -> object:
        """Move the clock and return what it shows; what is due runs with the next call."""
        self._now += seconds
        return self._now

    def settle(self) -> None:
        """Wait until all webhooks went out."""
        self.run(self.project.outbox.settle())

    def history(self, client_id: int, **query: Any) -> Any:
        return self.get("get_history", client_id=client_id, **query)

    def variables(self, client_id: int) -> Any:
        return self.get("get_variables", client_id=client_id)

    def save(self, client_id: int, **variables: Any) -> Any:
        return self.post("save_variables", client_id=client_id, variables=variables)

    def save_in_client(self, client_id: int, **variables: Any) -> Any:
        return self.save(client_id, **{f"client.{name}": value for name, value in variables.items()})

    def on_list(self) -> Any:
        return self.get("get_clients", list=1170282)

    def foreign(self) -> int:
        """Add a client to the other project and return the number."""
        item = {"platform_id": FOREIGN_PHONE, "group_id": 34810, "client_type": 6}
        _, text = self.call("load_clients", [item], key="other-full")
        client_id: int = json.loads(text)["items"][0]["id"]
        self.post("save_variables", key="other-full", client_id=client_id, variables={"client.city": "Oslo"})
        return client_id

    def key_of_new_project(self) -> str:
        """Make a project without any channel and return its key."""
        self.raw("POST", "/_mock/v1/projects", json={"seed": {}, "keys": {"full": {"value": "bare", "primary": True}}})
        return "bare"
