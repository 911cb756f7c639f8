"""Seeds: what a project can begin with, and that a wrong one changes nothing."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mock.caller import CONTRACT, Caller
from tests.mock.console import Console, Minted, state

from mavibot_mock import Server, seeds
from mavibot_mock.state.settings import Settings
from mavibot_mock.state.store.schema import SCHEMA, SEQUENCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock.driver import Driver

_SEED: dict[str, Any] = {
    "settings": {"time_zone": "Europe/Moscow", "created_at": "text"},
    "keys": {"mine": {"value": "seeded", "primary": True}},
    "variables": {"shop": "Main"},
    "channels": [
        {"id": 1, "messenger": "telegram", "group_id": "bot", "name": "Bot", "enabled": True},
        {"id": 2, "messenger": "whatsapp", "group_id": 34810, "status": 1, "blocked": "no money"},
    ],
    "without_whatsapp": ["79000000000"],
    "managers": [{"id": 4, "email": "m@example.com", "name": "M"}],
    "blocks": [
        {
            "id": 390,
            "condition": "hi",
            "answer": "Hello",
            "buttons": [{"type": "reply", "text": "prices"}],
            "attachments": ["https://files.example.com/a.jpg"],
            "paused": True,
        }
    ],
    "lists": [{"id": 7, "name": "Spring"}, {"id": 8}],
    "stages": [
        {"id": 36, "pipeline": "Sales", "name": "New", "position": 1},
        {"id": 38, "pipeline": "Sales", "name": "Paid", "position": 2, "order_status": 1},
    ],
    "clients": [
        {
            "id": 10,
            "messenger": "telegram",
            "group_id": "bot",
            "platform_id": 200,
            "name": "Анна",
            "tag": "spring",
            "paused": True,
            "blocked": "left",
            "block_id": 390,
            "manager_id": 4,
            "lists": [7],
            "variables": {"phone": "+7 900 000-00-01", "age": 30, "vip": True},
        },
        {"id": 11, "messenger": "telephony", "platform_id": "79000000002"},
    ],
    "deals": [
        {"id": 3, "client_id": 10, "state_id": 36, "name": "Order", "budget": 4900.5, "variables": {"sum": 1}},
        {"id": 4, "client_id": 10, "state_id": 38},
        {"id": 5, "client_id": 10, "archived": True},
    ],
    "messages": [{"id": 9, "client_id": 10, "text": "hi", "client_replica": True, "created_at": 1700000000.5}],
    "jobs": [{"id": 1, "due": 4e9, "kind": "message", "parameters": {"client_id": 10, "message": "later"}}],
}


def test_a_seed_is_what_the_project_begins_with(console: Console) -> None:
    minted = console.create(seed=_SEED)
    assert minted.keys == {"mine": "seeded"}
    channels = minted.api("connected_channels").json()
    assert channels["telegram"] == [{"id": 1, "group_id": "bot", "name": "Bot", "enabled": True}]
    assert channels["whatsapp"] == [{"id": 2, "group_id": 34810, "status": 1}]
    assert minted.api("get_messages").json()["messages"][0]["answer"] == "Hello"
    [client] = minted.api("get_clients", list=7).json()["clients"]
    assert (client["id"], client["platform_id"], client["name"], client["tag"]) == (10, "200", "Анна", "spring")
    variables = minted.api("get_variables", client_id=10).json()
    assert (variables["shop"], variables["age"], variables["vip"], variables["sum"]) == ("Main", 30, True, 1)
    assert minted.api("find_client_id_by_phone", phone="79000000001").json()["client_id"] == 10
    assert minted.api("get_orders", client_id=10, order_status=0).json()["order_id"] == [3]
    assert minted.api("get_orders", client_id=10, order_status=1).json()["order_id"] == [4]
    assert minted.texts(10) == ["hi"]
    assert not minted.api("check_whatsapp", phone="79000000000").json()["exists"]
    assert [job["kind"] for job in minted.control("GET", "/jobs")["jobs"]] == ["message"]
    client = minted.project.store.client(10)
    assert client is not None
    assert client["paused"]
    assert minted.project.store.why_undelivered(10) == "left"


def _changed(section: str, place: int, **fields: Any) -> dict[str, Any]:
    rows = [dict(row) for row in _SEED[section]]
    rows[place] |= fields
    return {**_SEED, section: rows}


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ({"client": []}, "`client`"),
        ({"clients": {}}, "clients: must be a list"),
        ({"clients": [{"id": "x", "messenger": "telegram", "platform_id": 1}]}, "clients[0].id: must be"),
        ({"clients": [{"id": 0, "messenger": "telegram", "platform_id": 1}]}, "clients[0].id: at least 1"),
        ({"clients": [{"messenger": "telegram", "platform_id": 1}]}, "clients[0]: `id` is required"),
        ({"variables": {"a": {"nested": 1}}}, "variables.a"),
        (_changed("clients", 0, messenger="telegramm"), "clients[0].messenger: must be one of"),
        (_changed("clients", 0, nmae="x"), "clients[0]: has no field `nmae`"),
        (_changed("clients", 1, id=10), "clients[1].id: 10 is that of clients[0] already"),
        (_changed("clients", 0, group_id="other"), "clients[0].group_id: channels has no telegram 'other'"),
        (_changed("clients", 0, lists=[7, 9]), "clients[0].lists[1]: lists has no 9"),
        (_changed("clients", 0, block_id=391), "clients[0].block_id: blocks has no 391"),
        (_changed("clients", 0, manager_id=5), "clients[0].manager_id: managers has no 5"),
        (_changed("channels", 1, messenger="telegram", group_id="bot"), "channels[1].group_id: bot is that of"),
        (_changed("channels", 1, id=1), "channels[1].id: 1 is that of channels[0] already"),
        (_changed("deals", 1, state_id=40), "deals[1].state_id: stages has no 40"),
        (_changed("deals", 1, client_id=12), "deals[1].client_id: clients has no 12"),
        (_changed("deals", 1, order_status=3), "deals[1].order_status: must be one of 0, 1, 2"),
        (_changed("messages", 0, client_id=12), "messages[0].client_id: clients has no 12"),
        (_changed("messages", 0, message_from_outside=2**63), "seed:"),
        ({"managers": [{"id": 1, "email": "a"}, {"id": 2, "email": "a"}]}, "managers[1].email: a is that of"),
        (_changed("jobs", 0, kind="massage"), "jobs[0].kind: must be one of"),
        (_changed("jobs", 0, due=1e300), "jobs[0].due: at most"),
        (_changed("jobs", 0, parameters={"message": "x"}), "jobs[0].parameters: `client_id` is required"),
        (_changed("jobs", 0, parameters={"client_id": 12}), "jobs[0].parameters.client_id: clients has no 12"),
        (_changed("jobs", 0, kind="callback", parameters={"client_id": 10}), "jobs[0].parameters: `message` is"),
        (_changed("messages", 0, created_at=-1e20), "messages[0].created_at: at least 0"),
        (_changed("messages", 0, attachments=5), "messages[0].attachments: must be"),
        (_changed("clients", 0, created_at=10**17), "clients[0].created_at: at most"),
        (_changed("blocks", 0, attachments=[5]), "blocks[0].attachments: must be"),
        (_changed("blocks", 0, buttons=5), "blocks[0].buttons: must be"),
        ({"variables": {"": 1}}, "variables: name '': must not be empty"),
        ({"last_numbers": {"clients": 2**53}}, "last_numbers.clients: at most"),
        ({"last_numbers": {"client": 5}}, "last_numbers: name 'client': must be one of"),
        ({"facts": {"clock": {"stopped_at": 1e300, "ahead": 0}}}, "facts.clock.stopped_at: at most"),
        ({"facts": {"clock": {}}}, "facts.clock: `"),
        ({"facts": {"settings": {}}}, "facts: name 'settings'"),
        ({"settings": {"time_zone": "Mars"}}, "settings.time_zone"),
        ({"settings": {"webhook_url": "http://example.com"}}, "webhook_url"),
    ],
)
@pytest.mark.parametrize("place", ["/seed", "/state"])
def test_a_wrong_seed_is_refused_before_anything_is_wiped(
    console: Console, seed: dict[str, Any], message: str, place: str
) -> None:
    assert message in console.create().refusal("PUT", place, seed)


def test_two_notations_of_one_client_are_refused(console: Console) -> None:
    clients = [
        {"id": 1, "messenger": "whatsapp", "platform_id": "+7 900 000-00-00"},
        {"id": 2, "messenger": "whatsapp", "platform_id": "79000000000@s.whatsapp.net"},
    ]
    assert "clients[1].platform_id" in console.create().refusal("PUT", "/seed", {"clients": clients})


def test_a_seed_without_keys_leaves_the_project_its_own(console: Console) -> None:
    minted = console.create()
    minted.control("PUT", "/seed", "empty")
    assert console.call("GET", f"/projects/{minted.id}")["keys"] == minted.keys
    assert minted.api("get_clients").json()["clients"] == []
    minted.control("PUT", "/seed", _SEED)
    assert console.call("GET", f"/projects/{minted.id}")["keys"] == {"mine": "seeded"}
    assert console.send("GET", f"/api/{minted.api_key}/get_clients").status_code == 401


def test_a_seed_may_be_yaml(console: Console) -> None:
    minted = console.create(seed="empty")
    text = "lists:\n  - {id: 7, name: 2026-03-10}\nvariables: {1: a}\n"
    path = f"/_mock/v1/projects/{minted.id}/seed"
    response = console.send("PUT", path, content=text.encode(), headers={"Content-Type": "application/yaml"})
    assert response.status_code == 400
    assert "quotation marks" in response.json()["message"]
    text = text.replace("{1: a}", '{"1": a}')
    assert console.send("PUT", path, content=text.encode(), headers={"Content-Type": "application/yaml"}).is_success
    exported = minted.control("GET", "/state")
    assert (exported["lists"], exported["variables"]) == ([{"id": 7, "name": "2026-03-10"}], {"1": "a"})


@pytest.mark.parametrize(
    "text",
    [b"{", b"a: [", b"\xff", b"a: !!python/object:os.system {}", b"a: 2026-99-99", b"[" * 100_000, b'a: "\\ud800"'],
)
def test_what_is_no_document_is_refused(console: Console, text: bytes) -> None:
    path = f"/_mock/v1/projects/{console.create().id}/seed"
    for label in ("application/yaml", "application/json"):
        response = console.send("PUT", path, content=text, headers={"Content-Type": label})
        assert response.status_code == 400
        assert "body" in response.json()["message"]


@pytest.mark.parametrize("name", ["demo", "empty"])
def test_what_comes_with_the_mock_is_a_seed_like_any_other(name: str) -> None:
    path = Path(seeds.__file__).parent / f"{name}.yaml"
    document = seeds.read(path.read_bytes()) if name == "demo" else {}
    with closing(seeds.build(document)) as checked, closing(seeds.build(name)) as built_in:
        assert sorted(checked._db.iterdump()) == sorted(built_in._db.iterdump())


def test_every_setting_is_in_the_schema() -> None:
    assert seeds.schemas()["Settings"]["properties"].keys() == {field.name for field in fields(Settings)}


def test_every_column_is_in_the_schema_or_follows_from_it() -> None:
    """Whoever adds a column must let seeds and exports carry it."""
    sections = {"orders": "SeedDeal", **{name: f"Seed{name[:-1].capitalize()}" for name in ("blocks", "managers")}}
    sections |= {name: f"Seed{name[:-1].capitalize()}" for name in ("lists", "stages", "clients", "messages", "jobs")}
    derived = {
        "clients": {"client_type", "identity", "last_message", "hidden_fields"},
        "managers": {"found"},
        "jobs": {"client_id"},
    }
    others = {"channels", "facts", "keys", "list_members", "project_variables", "without_whatsapp", "sqlite_sequence"}
    others |= {"client_variables", "order_variables", *(each.runs for each in SEQUENCES)}
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {table: {row[1] for row in database.execute(f"PRAGMA table_info({table})")} for table in sections}
    assert tables == {*sections, *others}
    for table, schema in sections.items():
        assert columns[table] <= {*seeds.schemas()[schema]["properties"], *derived.get(table, ())}


def _round_trip(minted: Minted) -> None:
    exported = minted.control("GET", "/state")
    before = state(minted.project)
    minted.control("PUT", "/state", {"variables": {"other": "world"}})
    assert state(minted.project) != before
    minted.control("PUT", "/state", exported)
    assert state(minted.project) == before
    assert minted.control("GET", "/state") == exported


def test_an_export_brings_everything_back(console: Console) -> None:
    minted = console.create(seed=_SEED)
    _round_trip(minted)


def test_an_export_of_a_lived_in_project_brings_everything_back(console: Console) -> None:
    minted = console.create()
    minted.control("POST", "/clock/freeze")
    minted.control("PATCH", "/settings", {"success_reply": "json"})
    minted.control("PATCH", "/keys/none", {"revoked": True})
    minted.api("load_clients", [{"platform_id": "79876543210", "group_id": 34810, "client_type": 6}])
    minted.api("callback", {"client_id": 5, "message": "prices", "client.city": "Paris", "sum": 4900, "big": 1e300})
    minted.api("message", {"client_id": 5, "message": "later", "time_shift": 60, "buttons": []})
    minted.api("message", {"client_id": 58, "message_id": 6})
    minted.api("broadcast", {"message": "news", "clients": [5, 58, 110]})
    minted.api("create_order", {"phone": "79001112233", "name": "Order", "state_id": 37})
    minted.api("create_order", {"email": "new@example.com"})
    minted.api("move_order_to_next_state", {"client_id": 25554, "order_id": 40632})
    minted.api("add_to_list", {"list_id": 1170283, "clients": [5]})
    minted.api("assign_to_user", {"client_id": 5})
    minted.api("online_chat_client_id", recipient="new-visitor", tag="t")
    minted.api("whatsapp_message", {"phone": "79995556677", "message": "hi"})
    minted.api("save_variables", {"client_id": 85856, "variables": {"project.rate": 1.5, "x": "y"}})
    minted.api("delete_clients", {"client_ids": [646410963, 5]})
    _round_trip(minted)


def _number(row: Any) -> Any:
    return row["id"]


def _platform_id(row: Any) -> Any:
    return row["platform_id"].lower()


_names = st.text("abcé🦊 .\"'", min_size=1, max_size=5)
_values = st.one_of(st.text(max_size=5).filter(bool), st.integers(-(2**53), 2**53), st.booleans(), st.floats(-1e9, 1e9))
_documents = st.fixed_dictionaries(
    {},
    optional={
        "variables": st.dictionaries(_names, _values, max_size=3),
        "without_whatsapp": st.lists(st.from_regex(r"\A[0-9]{1,12}\Z"), unique=True, max_size=3),
        "lists": st.lists(
            st.fixed_dictionaries({"id": st.integers(1, 2**53 - 1)}, optional={"name": _names}),
            unique_by=_number,
            max_size=3,
        ),
        "blocks": st.lists(
            st.fixed_dictionaries(
                {"id": st.integers(1, 99), "answer": st.text(max_size=5)},
                optional={"attachments": st.lists(_names, max_size=2), "paused": st.booleans(), "condition": _names},
            ),
            unique_by=_number,
            max_size=3,
        ),
        "clients": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.integers(1, 99),
                    "messenger": st.sampled_from(["telegram", "telephony", "email"]),
                    "platform_id": _names,
                },
                optional={
                    "name": _names,
                    "paused": st.booleans(),
                    "variables": st.dictionaries(_names, _values, max_size=3),
                },
            ),
            unique_by=(_number, _platform_id),
            max_size=3,
        ),
    },
)


@pytest.mark.heavy
@settings(deadline=None)
@given(_documents)
def test_export_and_build_undo_each_other(document: dict[str, Any]) -> None:
    with closing(seeds.build(document)) as built:
        exported = json.loads(json.dumps(seeds.export(built)))
        with closing(seeds.build(exported)) as again:
            assert sorted(again._db.iterdump()) == sorted(built._db.iterdump())
    for section, rows in document.items():
        if section in ("lists", "blocks", "clients"):
            shown = {row["id"]: row for row in exported[section]}
            assert all(row.items() <= shown[row["id"]].items() for row in rows if row.get("variables", True))
        elif section == "variables":
            assert exported[section] == rows


def _random_calls(chance: random.Random, count: int) -> Iterator[tuple[str, Any]]:
    """Return calls of all actions that change something: the contract's examples, with other values in places."""
    others: dict[str, list[Any]] = {
        "client_id": [5, 58, 110, 25554, "5"],
        "message": ["x", "menu", "\0", "\u202e", "😀" * 50],
        "email": ["new@example.com", "READER@example.com"],
        "email_id_bot": ["bot@example.com", "nobody@example.com"],
        "phone": ["79000000001", "+7 953 111-22-33", 79000000002],
        "name": ["", "Zoe", "x" * 500],
        "time_shift": [0, 60, 10**9],
        "group_id": ["", "nowhere", "example_bot"],
        "client_type": [1, 6, 13, 99],
    }
    actions = [action for action in CONTRACT.actions if "POST" in CONTRACT.actions[action]]
    for _ in range(count):
        operation = CONTRACT.actions[action := chance.choice(actions)]["POST"]
        examples = {
            name: CONTRACT.resolve(schema).get("examples", [None])[0]
            for name, schema in operation.schema["properties"].items()
        }
        given = {name: value for name, value in examples.items() if value is not None and chance.random() < 0.7}
        given |= {name: chance.choice(others[name]) for name in given if name in others and chance.random() < 0.7}
        if chance.random() < 0.3:
            given[chance.choice(["utm", "client.city", "budget", "x" * 100])] = chance.choice(
                ["a", 5, None, [1], 1e300]
            )
        yield action, given.get(operation.body_argument, given)


@pytest.mark.parametrize("seed", range(4))
def test_every_export_can_be_imported(mock: Caller, driver: Driver, seed: int) -> None:
    chance = random.Random(seed)
    succeeded = Counter[str]()
    for action, body in _random_calls(chance, 150):
        response = mock.call(action, json.dumps(body).encode())
        assert response.status_code < 500
        succeeded[action] += response.status_code == 200
    assert sum(succeeded.values()) > 40
    assert len(+succeeded) > 10
    exported = driver.get("/state")
    driver.put("/state", **exported)
    assert driver.get("/state") == exported


def test_a_server_begins_with_a_seed(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(json.dumps(_SEED))
    with Server(seed=file) as server:
        assert server.api_key == "seeded"
        assert server.project.store.client(10)
    file.write_text("lists: [{id: 7}]")
    with Server(seed=file, strict=True) as server:
        assert server.api_key == "demo-full"
        assert server.project.settings.strict


@pytest.mark.parametrize("text", ["clients: [{}]", "a: [", "settings: {time_zone: Mars}"])
def test_a_server_does_not_begin_with_a_wrong_seed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"seed\.yaml"):
        Server(seed=file).__enter__()
