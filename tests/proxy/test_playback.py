"""A record played on a mock: it knows what the record speaks of, and what the platform answered otherwise shows."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.cli.support import refused, run
from tests.proxy.caller import KEY, exchange, get, post
from tests.proxy.test_records import recording, reply
from tests.proxy.upstream import ScriptedUpstream

from mavibot import Mavibot
from mavibot_cli.mock_record import read_record
from mavibot_mock import Mock, Server
from mavibot_mock.server.journal import MOST_CALLS
from mavibot_proxy import Guards, Proxy
from mavibot_proxy.playback.replay import play
from mavibot_proxy.playback.seeding import seed_of
from mavibot_proxy.records.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def call(action: str, **parameters: Any) -> bytes:
    return post(json.dumps(parameters).encode(), action=action)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the record of an integration's day on a mock in place of the platform."""
    path: Path = tmp_path_factory.mktemp("record") / "calls.har"
    with Server() as platform, Proxy(platform.url, record=path) as proxy:
        with Mavibot(platform.api_key, base_url=proxy.url) as bot:
            bot.message(client_id=25554, message="Until tomorrow")
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


@pytest.fixture
def page(record: Path, tmp_path: Path) -> Iterator[tuple[Mock, httpx2.Client]]:
    """Return a mock that began with the record, and what asks for its pages."""
    seed, recorded = read_record(record, str(tmp_path))
    with (
        Server(seed=seed, recorded=recorded) as server,
        Mock(server.url, project_id=server.project.id) as mock,
        httpx2.Client(base_url=server.url, timeout=60) as pages,
    ):
        yield mock, pages


def shown(pages: httpx2.Client, view: str = "calls", **query: str) -> str:
    response = pages.get(f"/projects/1/{view}", params=query)
    assert response.status_code == 200
    return html.unescape(response.text)


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="call-(\d+)"', page)]


def test_the_page_of_a_mock_shows_the_calls_of_a_record(page: tuple[Mock, httpx2.Client], record: Path) -> None:
    mock, pages = page
    first = json.loads(record.read_text())["log"]["entries"][0]
    text = json.loads(first["request"]["postData"]["text"])["message"]
    everything = shown(pages)
    assert listed(everything) == [*range(11, 0, -1)]
    assert everything.count(">recorded</span>") == 11
    assert text in everything
    assert "tomorrow" not in everything
    assert "demo-full" not in everything
    assert listed(shown(pages, action="message")) == [9, 1]
    assert listed(shown(pages, client="58")) == [5, 4]
    assert listed(shown(pages, outcome="404")) == [11]
    assert listed(shown(pages, text=text)) == [1]
    for part in ("bot.message(", "client_id=25554", f"message={text!r}", "curl -X POST", "from the record"):
        assert part in shown(pages, "calls/1"), part
    assert "25554" in shown(pages, "conversations/25554")
    call = mock.journal.call(1)
    assert (call["status"], call["reply"], call["recorded"]) == (200, "ok", [])
    assert call["parameters"]["message"] == text
    assert abs(call["time"] - call["milliseconds"] / 1000 - _unix(first["startedDateTime"])) < 0.01
    assert call["milliseconds"] == pytest.approx(first["time"], abs=0.01)


def test_a_conversation_holds_the_messages_before_the_record(tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    old: dict[str, Any] = {
        "id": 104500,
        "answered": True,
        "client_replica": True,
        "message_id": 390,
        "message_from_outside": 0,
        "created_at": 1587895014,
        "text": "Meow meow",
        "attachments": {},
        "delivered": True,
        "error_message": "true",
        "manager_id": 12486,
        "manager_email": "example@mail.com",
    }
    rows = [{**old, "id": 104502, "created_at": 4_000_000_000}, {**old, "id": 104501, "created_at": "soon"}, old]
    with (
        ScriptedUpstream(lambda _: reply({"status": "success", "result": rows})) as upstream,
        recording(path, upstream) as proxy,
    ):
        exchange(proxy, get("get_history?client_id=5"))
    [_, _, recorded] = json.loads(read(path)[0].reply)["result"]
    with Mock(seed=seed_of(read(path))) as mock:
        [message] = mock.export_state()["messages"]
        played = play(read(path), mock.url, mock.api_key, transport=mock.transport())
    assert (message["id"], message["client_id"], message["block_id"]) == (104500, 5, 390)
    assert message["text"] == recorded["text"] != "Meow meow"
    assert {name: message[name] for name in ("created_at", "client_replica", "manager_id")} == {
        name: old[name] for name in ("created_at", "client_replica", "manager_id")
    }
    assert [str(each) for each in played.differences] == []


@pytest.fixture
def both_ways(tmp_path: Path) -> Iterator[tuple[Mock, httpx2.Client, list[Any]]]:
    """Return a mock that began with calls and webhooks, what asks for its pages, and the entries of the record."""
    path = tmp_path / "both.ndjson"
    with (
        ScriptedUpstream() as upstream,
        recording(path, upstream, webhook=f"{upstream.url}/hook") as proxy,
    ):
        target = (proxy.webhook_url or "").removeprefix(proxy.url).encode()

        def posted(**event: Any) -> None:
            whole = {"attachments": None, "delivered": 1, **event}
            exchange(proxy, post(json.dumps(whole).encode()).replace(post(b"").split()[1], target))

        anna = {"id": 5, "name": "Anna", "recepient": "500", "client_type": 1, "variables": {"city": "Paris"}}
        posted(id=1, client=anna, message="What does it cost?", is_input=1)
        exchange(proxy, call("message", client_id=5, message="Ten euros", buttons=[{"type": "reply", "text": "Buy"}]))
        posted(id=2, client=anna, message="Ten euros", is_input=0)
        posted(id=3, client=anna, message="Anything else?", is_input=0, message_id=7)
        exchange(proxy, call("broadcast", clients=[5, 6], message_id=390))
        exchange(proxy, call("callback", client_id=5, message="paid"))
        upstream.answer = lambda _: reply({"status": "client_not_found"}, status=404)
        exchange(proxy, call("message", client_id=6, message="To nobody"))
        upstream.answer = lambda _: b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"
        posted(id=4, client={**anna, "id": "x"}, message="", is_input="no")
        exchange(proxy, post(b"{" * 9).replace(post(b"").split()[1], target))
    seed, recorded = read_record(path, str(tmp_path))
    with (
        Server(seed=seed, recorded=recorded) as server,
        Mock(server.url, project_id=server.project.id) as mock,
        httpx2.Client(base_url=server.url, timeout=60) as pages,
    ):
        yield mock, pages, [json.loads(line) for line in path.read_text().splitlines()]


def sent_texts(entries: list[Any]) -> list[Any]:
    """Return the text of each entry as the record has it: a pseudonym."""
    bodies = [each["request"]["postData"]["text"] for each in entries]
    return [json.loads(body).get("message") if body.endswith("}") else None for body in bodies]


def test_a_conversation_holds_what_recorded_calls_sent_and_webhooks_told(
    both_ways: tuple[Mock, httpx2.Client, list[Any]],
) -> None:
    mock, pages, entries = both_ways
    asked, answer, again, more, _, paid, to_nobody, *_ = sent_texts(entries)
    assert answer == again
    talk = shown(pages, "conversations/5")
    talk = talk[talk.index('id="messages"') : talk.index('class="composer"')]
    shown_ids = re.findall(r'id="message-([a-z]+-\d+)"', talk)
    assert shown_ids == ["webhook-1", "call-1", "webhook-3", "call-2", "call-3"]
    assert [talk.count(text) for text in (asked, answer, more, paid, "Block 390")] == [1] * 5
    assert 'class="bubble mine" id="message-webhook-1"' in talk
    assert talk.count('href="/projects/1/calls/1">recorded</a>') == 1
    other = shown(pages, "conversations/6")
    assert 'id="message-call-2"' in other
    assert to_nobody not in other
    assert paid in shown(pages, "conversations")
    # None of it is the project's own, so that a replay finds the state before the record.
    assert mock.export_state()["messages"] == []
    mock.user(5).says("Hello")
    assert re.findall(r'id="message-([a-z0-9-]+)"', shown(pages, "conversations/5"))[:5] == shown_ids
    mock.reset()
    assert "webhook-1" not in shown(pages, "conversations/5")


def test_the_page_shows_the_webhooks_of_a_record(both_ways: tuple[Mock, httpx2.Client, list[Any]]) -> None:
    mock, pages, entries = both_ways
    view = shown(pages, "webhooks")
    assert re.findall(r'id="attempt-(\d+)"', view) == ["5", "4", "3", "2", "1"]
    assert view.count(">recorded</span>") == 5
    assert view.count(">delivered</span>") == 3
    assert view.count('href="/projects/1/conversations/5"') == 3
    first = shown(pages, "webhooks/1")
    for part in ("from the record", sent_texts(entries)[0], ">5</a>", "200", "ok"):
        assert part in first, part
    assert "breaks the contract: " in shown(pages, "webhooks/4")
    [client] = [each for each in mock.export_state()["clients"] if each["id"] == 5]
    assert client["variables"].keys() == {"city"}
    assert client["platform_id"] == json.loads(entries[0]["request"]["postData"]["text"])["client"]["recepient"]


def test_recorded_webhooks_are_none_of_those_that_the_mock_posts(
    both_ways: tuple[Mock, httpx2.Client, list[Any]],
) -> None:
    mock, pages, entries = both_ways
    assert mock.webhooks.attempts() == []
    with ScriptedUpstream() as receiver:
        mock.settings(webhook_url=receiver.url)
        again = mock.webhooks.redeliver(1)
        assert (again["number"], again["message_id"], again["redelivery_of"]) == (6, None, 1)
        assert receiver.requests[0].body.decode() == entries[0]["request"]["postData"]["text"]
    assert [each["number"] for each in mock.webhooks.attempts()] == [6]
    assert 'href="/projects/1/conversations/5"' in shown(pages, "webhooks/6")
    refused_one = pages.post("/_mock/v1/projects/1/webhooks/5/redeliver")
    assert (refused_one.status_code, refused_one.json()["message"]) == (
        409,
        "attempt 5: the record does not hold the event",
    )
    assert "/webhooks/5/redeliver" not in shown(pages, "webhooks/5")


def test_webhooks_are_not_played(both_ways: tuple[Mock, httpx2.Client, list[Any]], tmp_path: Path) -> None:
    mock, _, _ = both_ways
    found = play(read(tmp_path / "both.ndjson"), mock.url, mock.api_key, transport=mock.transport())
    assert (found.played, found.left_out) == (4, {"posted by the platform": 5})


def _unix(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def test_recorded_calls_are_none_of_those_made_on_the_mock(page: tuple[Mock, httpx2.Client]) -> None:
    mock, pages = page
    assert mock.journal.calls() == []
    assert mock.journal.count() == 0
    with pytest.raises(AssertionError, match="got 0; nearest calls: none at all"):
        mock.journal.wait_for("message", timeout=0)
    mock.expect("message").never()
    again = mock.journal.repeat(1)
    assert (again["number"], again["status"], again["recorded"], again["key"]) == (12, 200, None, "demo…")
    assert [each["number"] for each in mock.journal.wait_for("message", timeout=0)] == [12]
    mock.expect("message", client_id=25554).once()
    assert listed(shown(pages, outcome="recorded")) == [*range(11, 0, -1)]
    mock.reset()
    assert listed(shown(pages)) == []


def test_a_recorded_call_needs_a_key_of_the_project_to_be_repeated(page: tuple[Mock, httpx2.Client]) -> None:
    mock, pages = page
    for name in mock.keys:
        assert pages.delete(f"/_mock/v1/projects/1/keys/{name}").status_code == 200
    response = pages.post("/_mock/v1/projects/1/journal/1/repeat")
    assert (response.status_code, response.json()["message"]) == (
        409,
        "call 1: the project has no key for a recorded call",
    )


def test_what_a_record_says_beside_a_call_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    with (
        ScriptedUpstream(lambda _: reply({"status": "client_not_found", "x": [1] * 10})) as upstream,
        recording(path, upstream, guards=Guards(read_only=True)) as proxy,
    ):
        exchange(proxy, call("message", client_id=5, message="x"))
        exchange(proxy, get("get_history?client_id=1&utm=1"))
        exchange(proxy, get("reports/ivan?a=1"))
        exchange(proxy, post(b"\x00\xff", action="get_clients"))
    seed, recorded = read_record(path, str(tmp_path))
    with Server(seed=seed, recorded=recorded) as server, Mock(server.url, project_id=server.project.id) as mock:
        kept, found, *others = (mock.journal.call(each.number) for each in recorded.calls)
    assert (kept["status"], len(kept["recorded"])) == (403, 1)
    assert kept["recorded"][0].startswith("message has the effect ")
    assert found["recorded"] == ["failed: client_not_found"]
    assert [each for each in found["deviations"] if each.startswith("utm: ")]
    assert [each["curl"] is None for each in others] == [True] * len(others)


def test_the_key_in_the_record_of_another_program_is_hidden(tmp_path: Path) -> None:
    entry = {
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": None,
        "request": {"method": "GET", "url": f"https://chatter.mavibot.ai/api/{KEY}/get_clients?limit=1&x={KEY}"},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": f'{{"a": "{KEY}"}}'}},
    }
    path = tmp_path / "browser.har"
    path.write_text(json.dumps({"log": {"entries": [entry, {**entry, "startedDateTime": "none"}]}}))
    seed, recorded = read_record(path, str(tmp_path))
    with Server(seed=seed, recorded=recorded) as server, Mock(server.url, project_id=server.project.id) as mock:
        calls = [mock.journal.call(number) for number in (1, 2)]
        page = httpx2.get(f"{server.url}/projects/1/calls/2", timeout=60).text
    assert [each["time"] for each in calls] == [_unix("2026-01-01T00:00:00Z"), 0]
    assert KEY not in json.dumps(calls) + page
    assert KEY not in repr(read(path))


def test_a_journal_begins_with_the_last_calls_of_a_record(tmp_path: Path) -> None:
    response = {"status": 200, "content": {"text": "[]"}}
    path = tmp_path / "x.ndjson"
    with path.open("w") as file:
        for number in range(MOST_CALLS + 5):
            url = f"https://chatter.mavibot.ai/api/API_KEY/get_clients?limit={number}"
            file.write(json.dumps({"request": {"method": "GET", "url": url}, "response": response}) + "\n")
    _, recorded = read_record(path, str(tmp_path))
    assert len(recorded.calls) == MOST_CALLS
    assert recorded.calls[-1].sent.query == f"limit={MOST_CALLS + 4}".encode()


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


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"calls": {"x": -1}}, "no report of facts: calls/x: "),
        ({"calls": {"x": "1"}}, "no report of facts: calls/x: "),
        ({"assumptions": [{"pointer": 1}]}, "no report of facts: assumptions/0: "),
        ({"targets": "x"}, "no report of facts: targets: "),
        ({"proofs": [1]}, "no report of facts: proofs: "),
        ({"from": 5}, "no report of facts: from: "),
        ({"reports": float("nan")}, "cannot be read: "),
        ({"targets": ["\ud800"]}, "cannot be read: "),
        ({"version": 2}, "version 2 instead of 1"),
    ],
)
def test_a_report_of_another_form_is_refused_by_name(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with Proxy("http://127.0.0.1:9") as proxy:
        report = proxy.facts.as_json()
    (tmp_path / "a.json").write_text(json.dumps(report))
    (tmp_path / "b.json").write_text(json.dumps({**report, **changed}))
    message = refused("facts", "merge", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert "b.json: " in message
    assert words in message


def test_a_record_may_be_cut_in_the_middle_of_a_character(record: Path, tmp_path: Path) -> None:
    content = record.read_bytes()
    last = content.rindex(b'{"startedDateTime"')
    (tmp_path / "b.har").write_bytes(content[:last] + b'{"request": "\xd0')
    assert [each.action for each in read(tmp_path / "b.har")] == [each.action for each in read(record)[:-1]]
    (tmp_path / "b.har").write_bytes(b'{"log": {"entries": [{"request": "\xd0\xd0"}]}}')
    with pytest.raises(ValueError, match="is not UTF-8"):
        read(tmp_path / "b.har")


def test_a_byte_order_mark_is_left_out(record: Path, tmp_path: Path) -> None:
    (tmp_path / "b.har").write_bytes(b"\xef\xbb\xbf" + record.read_bytes())
    assert read(tmp_path / "b.har") == read(record)
