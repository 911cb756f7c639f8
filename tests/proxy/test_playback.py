"""A record played on a mock: it knows what the record speaks of, and what the platform answered otherwise shows."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.support import refused, run
from tests.proxy.caller import exchange, get, post
from tests.proxy.test_records import recording, reply
from tests.proxy.upstream import ScriptedUpstream

from mavibot import Mavibot
from mavibot_mock import Mock, Server
from mavibot_proxy import Proxy
from mavibot_proxy.playback.replay import play
from mavibot_proxy.playback.seeding import seed_of
from mavibot_proxy.records.reader import read

if TYPE_CHECKING:
    from pathlib import Path


def call(action: str, **parameters: Any) -> bytes:
    return post(json.dumps(parameters).encode(), action=action)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the record of an integration's day on a mock in place of the platform."""
    path: Path = tmp_path_factory.mktemp("record") / "calls.har"
    with Server() as platform, Proxy(platform.url, record=path) as proxy:
        with Mavibot(platform.api_key, base_url=proxy.url) as bot:
            bot.message(client_id=25554, message="Hello")
            bot.get_variables(client_id=201)
            bot.get_clients(limit=5)
            order = bot.create_order(client_id=58, name="Order", state_id=36).order_id
            bot.set_order_vars(client_id=58, order_id=order, variables={"a": "1"})
            bot.get_order_vars(client_id=25554, order_id=40632)
            bot.get_orders(client_id=25554)
            bot.add_to_list(clients=[201], list_id=1170283)
            bot.message(client_id=5, message_id=390)
            bot.call("load_clients", clients=[{"platform_id": "777", "group_id": "example_bot", "client_type": 1}])
        exchange(proxy, get("get_history?client_id=1").replace(b"5ec4e7" * 6 + b"cafe", platform.api_key.encode()))
    return path


def test_the_mock_knows_what_a_record_speaks_of(record: Path) -> None:
    calls = read(record)
    with Mock(seed=seed_of(calls)) as mock:
        found = play(calls, mock.url, mock.api_key, transport=mock.transport())
        state = mock.export_state()
    assert found.played == len(calls) == 11
    assert [str(each) for each in found.differences] == []
    assert {25554, 201, 58, 5} <= {client["id"] for client in state["clients"]}
    assert 1 not in {client["id"] for client in state["clients"]}
    assert {deal["id"] for deal in state["deals"]} >= {40632}
    assert 1170283 in {each["id"] for each in state["lists"]}


def test_the_fixture_plays_a_record(record: Path, mavibot_recording: Any) -> None:
    assert not mavibot_recording(record).differences


def test_where_the_mock_answers_otherwise_shows(tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    with ScriptedUpstream() as upstream, recording(path, upstream) as proxy:
        for request, answer in (
            (call("message", client_id=5, message="x"), reply({"status": "success"})),
            (get("get_history?client_id=1"), reply({"status": "client_not_found"})),
            (get("get_orders?client_id=5"), reply({"status": "success", "result": ["1"]})),
            (get("get_variables?client_id=5"), reply({"status": "vip"})),
        ):
            upstream.answer = lambda _, answer=answer: answer  # type: ignore[misc]
            exchange(proxy, request)
    calls = read(path)
    with Mock() as mock:
        found = play(calls, mock.url, mock.api_key, transport=mock.transport())
    assert [str(each) for each in found.differences] == [
        "1 message: content type: application/json in the record, text/plain here",
        "1 message: form: an object in the record, a text here",
        "2 get_history: status: 200 in the record, 404 here",
        "3 get_orders: result[]: str in the record, absent here",
    ]


def test_what_the_platform_did_not_answer_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    with Proxy("http://127.0.0.1:9", record=path) as proxy:
        exchange(proxy, get("get_clients"))
    with Mock() as mock:
        found = play(read(path), mock.url, mock.api_key, transport=mock.transport())
    assert (found.played, dict(found.left_out)) == (0, {"without a reply": 1})


def test_the_commands(record: Path) -> None:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json", "--seed-from", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            result = run("replay", str(record), "--to", ready["url"])
            assert (result.exit_code, result.stdout) == (0, "11 calls played; 0 differences\n")
        finally:
            process.terminate()
    with Server() as empty:
        result = run("replay", str(record), "--to", empty.url)
        assert result.exit_code == 1
        assert "load_clients: items[].id: number in the record, absent here" in result.stdout
    assert "on a mock alone" in refused("replay", str(record), "--to", "https://chatter.mavibot.ai")
    assert "no mock answers" in refused("replay", str(record), "--to", "http://127.0.0.1:9", code=4)
    seed = str(record)
    assert "give one of them" in refused("mock", "--seed", seed, "--seed-from", seed)


def test_reports_are_merged_by_a_command(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        with ScriptedUpstream() as upstream, Proxy(upstream.url) as proxy:
            exchange(proxy, get("get_history?client_id=1"))
            (tmp_path / name).write_text(json.dumps(proxy.facts.as_json()))
    both = json.loads(run("facts", "merge", str(tmp_path / "a.json"), str(tmp_path / "b.json")).stdout)
    assert (both["reports"], both["calls"]) == (2, {"get_history": 2})
    run("facts", "merge", str(tmp_path / "a.json"), "--output", str(tmp_path / "c.json"))
    assert json.loads((tmp_path / "c.json").read_text())["reports"] == 1
    (tmp_path / "b.json").write_text("{}")
    message = refused("facts", "merge", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert "no report" in message
    assert "b.json: " in message


@pytest.mark.parametrize(
    ("content", "words"), [(b"[" * 100_000, "nested too deeply"), (b"\xff\xfe{\x00", "b.json: "), (b"", "b.json: ")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "b.json").write_bytes(content)
    assert words in refused("facts", "merge", str(tmp_path / "b.json"))
    if content:
        message = refused("replay", str(tmp_path / "b.json"), "--to", "http://127.0.0.1:9")
        assert words in message
        assert "b.json: " in message


def test_a_byte_order_mark_is_left_out(record: Path, tmp_path: Path) -> None:
    (tmp_path / "b.har").write_bytes(b"\xef\xbb\xbf" + record.read_bytes())
    assert read(tmp_path / "b.har") == read(record)
