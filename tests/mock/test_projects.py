"""Projects, keys and settings: many on one server, each with its own of everything."""

from __future__ import annotations

import time

import pytest
from tests.mock.caller import CONTRACT
from tests.mock.console import Console, Minted

from mavibot_mock import Platform, demo_project

_PERMISSIONS = sorted({CONTRACT.operation(action).permission for action in CONTRACT.actions})
#: Seconds of CPU, many times what it takes. A project takes some 2 ms.
_SOON = 0.05


def test_a_new_project_is_the_demo_with_keys_of_its_own(console: Console) -> None:
    one, other = console.create(), console.create()
    assert one.id != other.id
    assert one.keys.keys() == other.keys.keys() == {"full", *_PERMISSIONS, "none", "revoked"}
    values = [*one.keys.values(), *other.keys.values()]
    assert len(set(values)) == len(values)
    assert all(len(value) == 32 and int(value, 16) for value in values)
    assert one.texts(25554) == ["meow", "Meow meow", "Чем помочь?"]


def test_an_empty_project_holds_nothing(console: Console) -> None:
    empty = console.create(seed="empty")
    assert empty.api("get_clients").json()["clients"] == []
    assert empty.control("GET", "/state")["channels"] == []


def test_keys_do_what_their_names_say(console: Console) -> None:
    minted = console.create()
    assert minted.api("get_clients", key=minted.keys["clients:read"]).status_code == 200
    assert minted.api("get_clients", key=minted.keys["crm:read"]).status_code == 403
    assert minted.api("get_clients", key=minted.keys["none"]).status_code == 403
    assert minted.api("get_clients", key=minted.keys["revoked"]).status_code == 401


def test_projects_share_nothing(console: Console) -> None:
    one, other = console.create(), console.create()
    one.api("message", {"client_id": 5, "message": "only here"})
    one.control("POST", "/clock/freeze")
    one.control("PATCH", "/settings", {"success_reply": "json"})
    one.control("PUT", "/snapshots/s")
    assert other.texts() == []
    assert not other.control("GET", "/clock")["stopped"]
    assert other.control("GET", "/settings")["success_reply"] == "text"
    assert other.control("GET", "/snapshots") == []
    other.control("POST", "/reset")
    assert one.texts() == ["only here"]


def test_settings_and_keys_can_be_given(console: Console) -> None:
    minted = console.create(settings={"time_zone": "Europe/Moscow"}, keys={"shop": {"value": "my-own-key"}, "x": {}})
    assert minted.control("GET", "/settings")["time_zone"] == "Europe/Moscow"
    assert minted.keys == {"shop": "my-own-key", "x": minted.keys["x"]}
    assert minted.api_key == "my-own-key"
    assert minted.api("delete_clients", {"client_ids": [5]}).status_code == 200  # without permissions: a legacy key


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"seed": "dmeo"}, "seed"),
        ({"sede": "demo"}, "sede"),
        ({"settings": {"time_zone": "Mars"}}, "settings.time_zone: 'Mars'"),
        ({"settings": {"webhook_url": "http://example.com/"}}, "webhook_url"),
        ({"keys": {"a b": {}}}, "keys"),
        ({"keys": {"a": {"permissions": ["clients:raed"]}}}, "keys.a.permissions"),
        ({"keys": {"a": {"value": "one two"}}}, "keys.a.value"),
        ({"keys": {"a": {"value": "same"}, "b": {"value": "same"}}}, "same value"),
        ({"keys": {"a": {"primary": True}, "b": {"primary": True}}}, "primary"),
        ({"keys": {"a": {"primary": True, "revoked": True}}}, "keys.a.primary"),
        ({"seed": {"clients": [{"id": 1}]}}, "platform_id"),
    ],
)
def test_a_wrong_wish_makes_no_project(console: Console, wanted: object, message: str) -> None:
    assert message in console.refusal("POST", "/projects", wanted)
    assert console.call("GET", "/projects") == []


def test_a_key_belongs_to_one_project(console: Console) -> None:
    one = console.create(keys={"a": {"value": "taken"}})
    assert "another project" in console.refusal("POST", "/projects", {"keys": {"b": {"value": "taken"}}}, status=409)
    other = console.create()
    assert "another project" in other.refusal("POST", "/keys", {"name": "b", "value": "taken"}, status=409)
    seed = {"keys": {"b": {"value": "taken"}}}
    assert "another project" in other.refusal("PUT", "/seed", seed, status=409)
    one.control("DELETE", "")
    other.control("POST", "/keys", {"name": "b", "value": "taken"}, status=201)


def test_a_deleted_project_is_gone(console: Console) -> None:
    gone, kept = console.create(), console.create()
    gone.control("DELETE", "")
    response = console.send("GET", f"/api/{gone.api_key}/connected_channels")
    assert response.status_code == 401
    assert "no project" in console.call("GET", f"/projects/{gone.id}", status=404)["message"]
    assert [each["id"] for each in console.call("GET", "/projects")] == [kept.id]
    assert console.create().id not in (gone.id, kept.id)


def test_a_project_tells_its_keys_and_time(console: Console) -> None:
    minted = console.create()
    shown = console.call("GET", f"/projects/{minted.id}")
    assert (shown["id"], shown["api_key"], shown["keys"]) == (minted.id, minted.keys["full"], minted.keys)
    assert abs(shown["now"] - time.time()) < 60


def test_a_key_is_added_and_changed(console: Console) -> None:
    minted = console.create()
    added = minted.control("POST", "/keys", {"name": "shop", "permissions": ["crm:read"]}, status=201)
    assert added["permissions"] == ["crm:read"]
    assert minted.api("get_clients", key=added["value"]).status_code == 403
    changed = minted.control("PATCH", "/keys/shop", {"permissions": ["clients:read"]})
    assert changed == {**added, "permissions": ["clients:read"]}
    assert minted.api("get_clients", key=added["value"]).status_code == 200
    minted.control("PATCH", "/keys/shop", {"revoked": True})
    assert minted.api("get_clients", key=added["value"]).status_code == 401
    minted.control("PATCH", "/keys/shop", {"revoked": False})
    assert minted.api("get_clients", key=added["value"]).status_code == 200


@pytest.mark.parametrize("wanted", [{}, {"legacy": True}])
def test_a_legacy_key_may_do_everything(console: Console, wanted: dict[str, bool]) -> None:
    minted = console.create()
    key = minted.control("POST", "/keys", {"name": "old", **wanted}, status=201)
    assert key["legacy"]
    assert key["permissions"] == _PERMISSIONS
    restricted = minted.control("PATCH", "/keys/old", {"permissions": []})
    assert (restricted["legacy"], restricted["permissions"]) == (False, [])
    assert minted.api("get_clients", key=key["value"]).status_code == 403


def _primary(minted: Minted) -> list[str]:
    return [key["name"] for key in minted.control("GET", "/keys") if key["primary"]]


def test_the_primary_key_may_do_what_was_chosen_for_it(console: Console) -> None:
    minted = console.create()
    assert _primary(minted) == ["full"]
    changed = minted.control("PATCH", "/keys/clients:read", {"primary": True})
    assert changed["permissions"] == ["clients:read"]
    assert _primary(minted) == ["clients:read"]
    reader = minted.keys["clients:read"]
    assert minted.api("get_clients", key=reader).status_code == 200
    assert minted.api("message", {"client_id": 5, "message": "x"}, key=reader).status_code == 403
    shown = console.call("GET", f"/projects/{minted.id}")
    assert (shown["primary_key"], shown["api_key"]) == (reader, minted.keys["full"])


def test_the_key_to_call_with_is_the_one_that_may_do_most(console: Console) -> None:
    minted = console.create()
    minted.control("DELETE", "/keys/full")
    assert console.call("GET", f"/projects/{minted.id}")["api_key"] == minted.keys["clients:read"]
    new = minted.control("POST", "/keys", {"name": "new", "permissions": _PERMISSIONS[:2]}, status=201)
    assert console.call("GET", f"/projects/{minted.id}")["api_key"] == new["value"]
    minted.control("PATCH", "/keys/new", {"revoked": True})
    assert console.call("GET", f"/projects/{minted.id}")["api_key"] == minted.keys["clients:read"]


@pytest.mark.parametrize("wanted", [{}, {"legacy": True}])
def test_a_legacy_key_is_the_primary_one_by_default(console: Console, wanted: dict[str, bool]) -> None:
    minted = console.create()
    minted.control("POST", "/keys", {"name": "old", **wanted}, status=201)
    assert _primary(minted) == ["old"]
    minted.control("POST", "/keys", {"name": "older", "primary": False}, status=201)
    minted.control("POST", "/keys", {"name": "new", "permissions": _PERMISSIONS}, status=201)
    assert _primary(minted) == ["old"]
    assert _primary(console.create(keys={"new": {"permissions": []}, "old": {}, "older": {}})) == ["old"]
    assert _primary(console.create(keys={"new": {"permissions": [], "primary": True}, "old": {}})) == ["new"]
    assert _primary(console.create(keys={"old": {"primary": False}})) == []


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PATCH", {"revoked": True})])
def test_without_its_primary_key_a_project_has_none(console: Console, method: str, body: object) -> None:
    minted = console.create()
    minted.control("POST", "/keys", {"name": "other", "permissions": _PERMISSIONS}, status=201)
    minted.control(method, "/keys/full", body)
    assert minted.api("get_clients", key=minted.keys["full"]).status_code == 401
    assert _primary(minted) == []
    assert console.call("GET", f"/projects/{minted.id}")["primary_key"] is None
    minted.control("PATCH", "/keys/other", {"primary": True})
    assert _primary(minted) == ["other"]


def test_a_deleted_key_is_gone_and_comes_back_with_a_snapshot(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/snapshots/before")
    minted.control("DELETE", "/keys/none")
    assert "none" not in console.call("GET", f"/projects/{minted.id}")["keys"]
    assert "'none'" in minted.refusal("DELETE", "/keys/none", status=404)
    minted.control("POST", "/snapshots/before/restore")
    assert minted.api("get_clients", key=minted.keys["none"]).status_code == 403


@pytest.mark.parametrize(
    ("call", "body", "status", "message"),
    [
        ("POST /keys", {}, 400, "name: is required"),
        ("POST /keys", {"name": "full"}, 409, "name"),
        ("POST /keys", {"name": "a/b"}, 400, "name"),
        ("POST /keys", {"name": "a", "permissions": [], "legacy": True}, 400, "permissions"),
        ("PATCH /keys/nobody", {"revoked": True}, 404, "nobody"),
        ("PATCH /keys/full", {"revoked": "yes"}, 400, "revoked"),
        ("PATCH /keys/revoked", {"primary": True}, 400, "primary"),
        ("POST /keys", {"name": "a", "revoked": True, "primary": True}, 400, "primary"),
        ("PATCH /settings", {"time_zone": "Mars"}, 400, "time_zone"),
        ("PATCH /settings", {"time_zone": 3}, 400, "time_zone"),
        ("PATCH /settings", {"success_reply": "xml"}, 400, "success_reply"),
        ("PATCH /settings", {"webhook_timeout": -1}, 400, "webhook_timeout"),
        ("PATCH /settings", {"webhook_url": "http://example.com/hook"}, 400, "webhook_url"),
        ("PATCH /settings", {"stricct": True}, 400, "stricct"),
        ("PATCH /settings", [], 400, "object"),
    ],
)
def test_refusals_name_the_field(console: Console, call: str, body: object, status: int, message: str) -> None:
    method, path = call.split()
    assert message in console.create().refusal(method, path, body, status=status)


def test_a_key_of_the_same_project_is_not_taken_twice(console: Console) -> None:
    minted = console.create()
    body = {"name": "again", "value": minted.api_key}
    refusal = minted.refusal("POST", "/keys", body, status=409)
    assert "value" in refusal
    assert minted.api_key not in refusal


def test_some_settings_change_and_the_others_stay(console: Console) -> None:
    minted = console.create()
    before = minted.control("GET", "/settings")
    after = minted.control("PATCH", "/settings", {"success_reply": "json", "calls_per_second": 100})
    assert after == {**before, "success_reply": "json", "calls_per_second": 100}
    assert minted.control("GET", "/settings") == after
    assert minted.api("message", {"client_id": 5, "message": "x"}).json() == {"status": "success"}


def test_the_first_project_can_be_given() -> None:
    project = demo_project()
    platform = Platform([project])
    assert platform.find("demo-full") == (project, project.keys["demo-full"])
    assert platform.find("unknown") is None
    platform.close()


def test_a_project_is_made_in_milliseconds(console: Console) -> None:
    console.create()
    durations = []
    for _ in range(5):
        begin = time.thread_time()
        console.create()
        durations.append(time.thread_time() - begin)
    assert min(durations) < _SOON


def test_no_repr_shows_a_key(console: Console) -> None:
    minted = console.create()
    shown = repr(minted.project.keys[minted.api_key])
    assert minted.api_key not in shown
    assert "full" in shown
