"""Creates projects on a mock through its control interface, and describes them as profiles."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx2

from mavibot_conformance.target import network
from mavibot_conformance.target.profile import FULL, LEGACY, Profile, messenger_names
from mavibot_conformance.target.reply import read_reply, tls_problem
from mavibot_conformance.target.wire import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTROL: Final = "/_mock/v1"

#: What a new project contains: a channel of each messenger that rules need, a pipeline with both ends, blocks, a list.
_SEED: Final[dict[str, Any]] = {
    "channels": [
        {
            "id": 1,
            "messenger": "telegram",
            "group_id": "cnf_bot",
            "short_name": "cnf_bot",
            "name": "cnf",
            "enabled": True,
        },
        {"id": 2, "messenger": "whatsapp", "group_id": "34810", "name": "cnf", "enabled": True, "status": 1},
        {"id": 10, "messenger": "whatsapp", "group_id": "cnf_whatsapp", "name": "cnf", "enabled": True, "status": 1},
        {"id": 3, "messenger": "vkontakte", "group_id": "143414131", "group": "143414131"},
        {"id": 4, "messenger": "ok", "group_id": "61000000000001", "name": "cnf", "enabled": True},
        {"id": 5, "messenger": "max", "group_id": "cnf_max", "name": "cnf", "enabled": True},
        {"id": 6, "messenger": "facebook", "group_id": "100000000000002", "name": "cnf", "enabled": True},
        {"id": 7, "messenger": "email", "group_id": "cnf@example.com", "name": "cnf", "enabled": True},
        {"id": 8, "messenger": "online_chat", "group_id": "cnf.example.com", "name": "cnf", "enabled": True},
        {
            "id": 9,
            "messenger": "telegram",
            "group_id": "cnf_other_bot",
            "short_name": "cnf_other_bot",
            "name": "cnf",
            "enabled": True,
        },
    ],
    "managers": [{"id": 1, "email": "manager@example.com"}, {"id": 2, "email": "second@example.com"}],
    "blocks": [
        {"id": 390, "condition": "cnf block", "answer": "cnf answer", "description": "cnf"},
        {"id": 391, "condition": "cnf pause", "answer": "cnf paused", "description": "cnf pauses", "paused": True},
        {"id": 392, "answer": "cnf without condition", "description": "cnf"},
    ],
    "lists": [{"id": 1170282, "name": "cnf"}],
    "stages": [
        {"id": 36, "pipeline": "cnf", "name": "New", "position": 1},
        {"id": 37, "pipeline": "cnf", "name": "In work", "position": 2},
        {"id": 38, "pipeline": "cnf", "name": "Paid", "position": 3, "order_status": 1},
        {"id": 39, "pipeline": "cnf", "name": "Refused", "position": 4, "order_status": 2},
    ],
    "clients": [
        {"id": 25554, "messenger": "telegram", "group_id": "cnf_bot", "platform_id": "700025554", "name": "cnf"}
    ],
    "without_whatsapp": ["79000000404"],
}


def is_mock(url: str, *, proxy: str | None = None) -> bool:
    """Return True if a server has the mock's control interface.

    Args:
        url: base URL of the server.
        proxy: address of a proxy that leads to it.

    Raises:
        UnreachableError: there is no server.
    """
    paths = _document(url, f"{_CONTROL}/openapi.json", proxy).get("paths")
    return isinstance(paths, dict) and "/projects" in paths


def upstream_of(url: str) -> str | None:
    """Return the base URL of the server that a `mavibot proxy` stands before, or `None` where there is no such proxy.

    Args:
        url: base URL on this machine.

    Raises:
        UnreachableError: there is no server.
    """
    summary = _document(url, "/_proxy")
    upstream = summary.get("upstream")
    return upstream if isinstance(upstream, str) and "calls" in summary else None


def _document(url: str, path: str, proxy: str | None = None) -> dict[str, Any]:
    """Return the JSON object that a server shows, an empty one where it shows none."""
    try:
        with (
            httpx2.Client(transport=network.transport(proxy), trust_env=False, timeout=network.TIMEOUT) as client,
            client.stream("GET", f"{url}{path}") as response,
        ):
            document = json.loads(read_reply(response))
    except httpx2.ConnectError as error:
        raise UnreachableError(f"{url} {tls_problem(error, url) or 'does not answer'}") from None
    except (httpx2.RequestError, ValueError, RecursionError):
        return {}  # another server's page, in whatever charset
    return document if response.is_success and isinstance(document, dict) else {}


class MockClock:
    """The clock of a project of a mock, on which waiting takes no time.

    Attributes:
        waited: how many seconds were waited.
    """

    def __init__(self, project: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        """Know the project.

        Args:
            project: its address in the control interface.
            transport: instead of the network, for a mock in this process.
        """
        self.waited = 0.0
        self._project: Final = project
        self._client: Final = httpx2.Client(
            transport=transport or network.transport(), trust_env=False, timeout=network.CONTROL_TIMEOUT
        )

    def time(self) -> float:
        """Return the project's time in seconds since 1970."""
        return float(self._client.get(f"{self._project}/clock").json()["now"])

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """Move the project's clock, and let arrive what is posted meanwhile."""
        self._client.post(f"{self._project}/clock/advance", json={"by": seconds}).raise_for_status()
        self._client.post(f"{self._project}/webhooks/settle").raise_for_status()
        self.waited += seconds

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def mock_profile(url: str, *, transport: httpx2.BaseTransport | None = None) -> Profile:
    """Create two projects on a mock and return the profile of the first.

    Args:
        url: base URL of the mock.
        transport: instead of the network, for a mock in this process.

    Raises:
        ValueError: the mock refuses.
    """
    with httpx2.Client(
        transport=transport or network.transport(), trust_env=False, timeout=network.CONTROL_TIMEOUT
    ) as client:
        first, second = (_new_project(client, url) for _ in range(2))
    return Profile(
        keys=first["keys"],
        second={"key": second["keys"][FULL], "client_id": 25554},
        clients=(25554,),
        list_id=1170282,
        block_id=390,
        stage_ids=(36, 37, 38, 39),
        channel={"client_type": 1, "group_id": "cnf_bot"},
        groups={each["messenger"]: each["group_id"] for each in reversed(_SEED["channels"])},
        webhook="127.0.0.1:0",
        phone_without_whatsapp="79000000404",
        control=f"{url}{_CONTROL}/projects/{first['id']}",
        made=tuple(f"{url}{_CONTROL}/projects/{each['id']}" for each in (first, second)),
    )


def stand_in(url: str, profile: Profile) -> Profile:
    """Create a project on a mock that has what a profile names; return the profile with that project's keys.

    The returned profile lacks what only a real server does: it posts no webhooks. Its `control` is the new project's.

    Args:
        url: base URL of the mock.
        profile: what is known of another server.

    Raises:
        ValueError: the mock refuses.
    """
    groups = dict(profile.groups)
    if profile.channel:
        groups[messenger_names().get(profile.channel["client_type"], "telegram")] = profile.channel["group_id"]
    taken = {channel["group_id"] for channel in _SEED["channels"]}
    channels = [
        {"messenger": messenger, "group_id": group_id, "id": 100 + place}
        for place, (messenger, group_id) in enumerate(groups.items())
        if group_id not in taken
    ]
    seed = {**_SEED, "channels": [*_SEED["channels"], *channels]}
    if profile.clients:
        seed["clients"] = [
            {**_SEED["clients"][0], "id": client_id, "platform_id": f"7000{client_id}"} for client_id in profile.clients
        ]
    if profile.list_id is not None:
        seed["lists"] = [{"id": profile.list_id, "name": "cnf"}]
    if profile.block_id is not None:
        seed["blocks"] = [{**_SEED["blocks"][0], "id": profile.block_id}]
    if profile.stage_ids:
        seed["stages"] = [
            {"id": stage_id, "pipeline": "cnf", "name": str(stage_id), "position": place}
            for place, stage_id in enumerate(profile.stage_ids, 1)
        ]
    with httpx2.Client(transport=network.transport(), trust_env=False, timeout=network.CONTROL_TIMEOUT) as client:
        first = _new_project(client, url, seed, {"time_zone": profile.time_zone})
        second = _new_project(client, url) if profile.second else None
    return replace(
        profile,
        keys={name: first["keys"][name] for name in profile.keys},
        second={"key": second["keys"][FULL], "client_id": 25554} if second else None,
        webhook=None,
        control=f"{url}{_CONTROL}/projects/{first['id']}",
    )


def _new_project(
    client: httpx2.Client, url: str, seed: Mapping[str, Any] = _SEED, settings: Mapping[str, Any] | None = None
) -> Any:
    reply = client.post(f"{url}{_CONTROL}/projects", json={"seed": seed, "settings": settings or {}})
    if not reply.is_success:
        raise ValueError(f"the mock created no project: {reply.text}")
    project = reply.json()
    key = client.post(f"{url}{_CONTROL}/projects/{project['id']}/keys", json={"name": LEGACY, "primary": False})
    project["keys"][LEGACY] = key.raise_for_status().json()["value"]
    return project
